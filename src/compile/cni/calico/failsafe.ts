/** Ports that host endpoint policy can never close (felix/rules/static.go: failsafeInChain, failsafeOutChain). */
import type { FailsafePort, FelixConfiguration } from '../../../cluster/objects.ts';
import { familyOf } from '../../../net/address.ts';
import { printPrefix } from '../../../net/prefix.ts';
import { action, type FelixChain, type FelixRule, match, type Side } from './felix-rule.ts';
import type { Static } from './static.ts';

export type Failsafes = { readonly inbound: readonly FailsafePort[]; readonly outbound: readonly FailsafePort[] };

const tcp = (port: number): FailsafePort => ({ protocol: 'tcp', port });
const udp = (port: number): FailsafePort => ({ protocol: 'udp', port });
const CONTROL_PLANE = [179, 2379, 2380, 5473, 6443, 6666, 6667].map(tcp);

/** felix/config: ssh and DHCP in, DNS and DHCP out, BGP, etcd, Typha and the API server both ways. */
export function failsafesOf(configuration: FelixConfiguration | undefined): Failsafes {
  return {
    inbound: configuration?.failsafeInbound ?? [tcp(22), udp(68), ...CONTROL_PLANE],
    outbound: configuration?.failsafeOutbound ?? [udp(53), udp(67), ...CONTROL_PLANE],
  };
}

export const FAILSAFE_CHAINS = { ingress: 'cali-failsafe-in', egress: 'cali-failsafe-out' } as const;

/** In raw, before connections are known, the answers have to pass as well. */
export function failsafeChains(
  table: 'raw' | 'mangle' | 'filter',
  { family, failsafes, origins }: Static,
): readonly FelixChain[] {
  const { inbound, outbound } = failsafes;
  const origin = origins.plumbing();
  const rules = (ports: readonly FailsafePort[], port: Side, net: Side): readonly FelixRule[] =>
    ports.flatMap((each) => {
      if (each.net !== undefined && familyOf(each.net.addr) !== family) return [];
      const words = [
        ...match.protocol(each.protocol),
        ...match.ports(port, [{ first: each.port, last: each.port }]),
        ...(each.net === undefined ? [] : match.net(net, printPrefix(each.net))),
      ];
      return [{ match: words, action: action.accept, origin }];
    });
  const raw = table === 'raw';
  return [
    {
      name: FAILSAFE_CHAINS.ingress,
      rules: [...rules(inbound, 'dst', 'src'), ...(raw ? rules(outbound, 'src', 'src') : [])],
    },
    {
      name: FAILSAFE_CHAINS.egress,
      rules: [...rules(outbound, 'dst', 'dst'), ...(raw ? rules(inbound, 'src', 'dst') : [])],
    },
  ];
}
