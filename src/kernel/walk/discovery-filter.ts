/** The questions of NDP are IPv6 packets: ip6tables sees them, as it never sees ARP. */
import { runHook } from '../netfilter/hook-run.ts';
import type { Netns } from '../netns.ts';
import type { DiscoveryFilter } from '../route/ipv6/neighbour.ts';
import type { Run } from './run.ts';
import type { Skb } from './skb.ts';
import type { Step } from './step.ts';

/**
 * ndisc_send_skb() goes through OUTPUT and POSTROUTING, ip6_rcv() and ip6_mc_input() through PREROUTING and INPUT. Of a
 * message that passes nothing is told; of one that does not, the rule. Bridges on the way are not asked (br_netfilter).
 */
export function discoveryFilter(run: Run): DiscoveryFilter {
  return (netns, way, device, message, source) => {
    if (netns.ip6tables().size === 0) return true;
    const skb = { packet: message, mark: 0, kernelMade: true, frame: source };
    const { result, steps } = run.aside(() => passes(run, netns, way, device, skb));
    const cause = result ? undefined : (steps.findLast(isCause) ?? steps.at(-1));
    if (cause !== undefined) run.emit(cause);
    return result;
  };
}

/** What stopped a message: a verdict, or a hop limit that is not the one of NDP any more. */
function isCause(step: Step): boolean {
  return (
    step.kind === 'netfilter' && (step.verdict === 'drop' || step.verdict === 'reject' || /^HL /.test(step.action))
  );
}

/** ndisc_rcv(): a message whose hop limit is not 255 came over a router, and is not heard. */
const NEVER_FORWARDED = 255;

function passes(run: Run, netns: Netns, way: 'out' | 'in', device: string, skb: Skb): boolean {
  const [hooks, place] =
    way === 'out'
      ? ([['OUTPUT', 'POSTROUTING'], { outDevice: device }] as const)
      : ([['PREROUTING', 'INPUT'], { inDevice: device }] as const);
  let current = skb;
  for (const hook of hooks) {
    const result = runHook(run, netns, hook, current, place);
    if (result.kind !== 'accept') return false;
    current = result.skb;
  }
  return current.packet.ttl === NEVER_FORWARDED;
}
