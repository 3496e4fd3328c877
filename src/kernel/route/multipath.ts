/** Which next hop of several carries a flow: net/ipv4/fib_semantics.c fib_select_multipath(). */
import { fraction } from '../../lib/fraction.ts';
import { type IpAddr, printIp } from '../../net/address.ts';
import { type Packet, portsOf, protocolNumber } from '../../net/packet.ts';
import { printPrefix } from '../../net/prefix.ts';
import type { Netns } from '../netns.ts';
import type { Run } from '../walk/run.ts';
import type { Nexthop, Route } from './route.ts';
import { selectAddress } from './source-address.ts';

/**
 * The kernel hashes addresses (fib_multipath_hash_policy 0) or the five-tuple (1) with a secret of the boot, so from
 * outside every next hop is as likely as its weight; within one run a flow keeps its choice. Since Linux 6.16 a next hop
 * whose own source address is the flow's wins over the hash.
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
    (hop) => source !== undefined && selectAddress(netns, hop.device, hop.via, route.scope) === source,
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
  const addresses = `${packet.src} ${packet.dst}`;
  if (netns.sysctls.number('net.ipv4.fib_multipath_hash_policy') !== 1) return addresses;
  const ports = portsOf(packet);
  return `${addresses} ${protocolNumber(packet)} ${ports?.sport ?? ''} ${ports?.dport ?? ''}`;
}
