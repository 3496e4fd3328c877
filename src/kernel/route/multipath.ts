/** Which next hop of several carries a flow: net/ipv4/fib_semantics.c fib_select_multipath(). */
import { fraction } from '../../lib/fraction.ts';
import { type IpAddr, isIp4, isIp6, printIp } from '../../net/address.ts';
import { type Packet, portsOf, protocolNumber } from '../../net/packet.ts';
import { printPrefix } from '../../net/prefix.ts';
import type { Netns } from '../netns.ts';
import type { Run } from '../walk/run.ts';
import type { Nexthop, Route } from './route.ts';
import { selectAddress } from './source-address.ts';

/**
 * The kernel hashes addresses (fib_multipath_hash_policy 0) or the five-tuple (1) with a secret of the boot, so from
 * outside every next hop is as likely as its weight; within one run a flow keeps its choice. Since Linux 6.16 a next hop
 * whose own source address is the flow's wins over the hash (fib_select_multipath(); IPv6 has nothing like it).
 * @param source of the flow, where it is settled already.
 */
export function chooseNexthop(
  run: Run,
  netns: Netns,
  route: Extract<Route, { type: 'unicast' }>,
  hops: readonly Nexthop[],
  packet: Packet,
  source: IpAddr | undefined,
): Nexthop | undefined {
  if (hops.length <= 1) return hops[0];
  const own = hops.filter(
    (hop) => source !== undefined && isIp4(source) && selectAddress(netns, hop.device, hop.via, route.scope) === source,
  );
  if (own.length === 1) return own[0];
  const candidates = own.length > 0 ? own : hops;
  const flows = run.memory(netns.id).flows;
  const key = `${printPrefix(route.destination)} ${flowKey(netns, packet)}`;
  let index = flows.get(key);
  if (index === undefined) {
    const total = candidates.reduce((sum, hop) => sum + hop.weight, 0);
    index = run.decide({
      what: `ECMP of ${netns.id}: ${printPrefix(route.destination)}`,
      options: candidates.map((hop) => ({
        label: `${hop.via === undefined ? '' : `via ${printIp(hop.via)} `}dev ${hop.device}`,
        probability: fraction(hop.weight, total),
      })),
    });
    flows.set(key, index);
  }
  return candidates[index];
}

function flowKey(netns: Netns, packet: Packet): string {
  const six = isIp6(packet.dst);
  // rt6_multipath_hash() counts the protocol and the flow label as well, which here are those of the one flow there is.
  const addresses = `${packet.src} ${packet.dst}`;
  if (netns.sysctls.number(`net.ipv${six ? 6 : 4}.fib_multipath_hash_policy`) !== 1) return addresses;
  const ports = portsOf(packet);
  return `${addresses} ${protocolNumber(packet)} ${ports?.sport ?? ''} ${ports?.dport ?? ''}`;
}
