/** The questions of NDP are IPv6 packets: ip6tables sees them, as it never sees ARP. */
import type { Packet } from '../../net/packet.ts';
import { runHook } from '../netfilter/hook-run.ts';
import type { Netns } from '../netns.ts';
import type { DiscoveryFilter } from '../route/ipv6/neighbour.ts';
import type { Run } from './run.ts';

/**
 * ndisc_send_skb() goes through OUTPUT and POSTROUTING, ip6_rcv() and ip6_mc_input() through PREROUTING and INPUT. Of a
 * message that passes nothing is told; of one that does not, the rule. Bridges on the way are not asked (br_netfilter).
 */
export function discoveryFilter(run: Run): DiscoveryFilter {
  return (netns, way, device, message, source) => {
    if (netns.ip6tables().size === 0) return true;
    const skb = { packet: message, mark: 0, kernelMade: true, frame: source };
    const { result, steps } = run.aside(() => passes(run, netns, way, device, skb));
    const last = steps.at(-1);
    if (!result && last !== undefined) run.emit(last);
    return result;
  };
}

function passes(
  run: Run,
  netns: Netns,
  way: 'out' | 'in',
  device: string,
  skb: { readonly packet: Packet; readonly mark: number },
): boolean {
  if (way === 'out') {
    const sent = runHook(run, netns, 'OUTPUT', skb, { outDevice: device });
    return (
      sent.kind === 'accept' && runHook(run, netns, 'POSTROUTING', sent.skb, { outDevice: device }).kind === 'accept'
    );
  }
  const come = runHook(run, netns, 'PREROUTING', skb, { inDevice: device });
  return come.kind === 'accept' && runHook(run, netns, 'INPUT', come.skb, { inDevice: device }).kind === 'accept';
}
