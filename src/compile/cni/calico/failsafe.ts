/** Ports that host endpoint policy can never close, as chains (felix/rules/static.go: failsafeInChain, failsafeOutChain). */
import type { FailsafePort } from '../../../cluster/objects.ts';
import { familyOf } from '../../../net/address.ts';
import { printPrefix } from '../../../net/prefix.ts';
import { action, type FelixChain, type FelixRule, match, type Side } from './felix-rule.ts';
import type { Static } from './static.ts';

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
