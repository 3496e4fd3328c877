/** The questions of NDP are IPv6 packets: ip6tables sees them, as it never sees ARP. */
import { isIp6 } from '../../net/address.ts';
import type { Hook } from '../netfilter/hook.ts';
import { type HookPlace, runHook } from '../netfilter/hook-run.ts';
import type { Netns } from '../netns.ts';
import type { DiscoveryFilter } from '../route/ipv6/neighbour.ts';
import { isOfLink } from '../route/ipv6/scope.ts';
import { routeOutput } from '../route/output.ts';
import type { Run } from './run.ts';
import type { Skb } from './skb.ts';
import type { Step } from './step.ts';

/**
 * ndisc_send_skb() goes through OUTPUT and POSTROUTING, ip6_rcv() and ip6_mc_input() through PREROUTING and INPUT; a bridge
 * with br_netfilter shows it to PREROUTING, FORWARD and POSTROUTING. Of a message that passes nothing is told; of one that
 * does not, the rule.
 */
export function discoveryFilter(run: Run): DiscoveryFilter {
  const passes = (netns: Netns, skb: Skb, hooks: readonly (readonly [Hook, HookPlace])[]): boolean => {
    if (netns.ip6tables().size === 0) return true;
    const { result, steps } = run.aside(() => goesThrough(run, netns, skb, hooks));
    const cause = result ? undefined : (steps.findLast(isCause) ?? steps.at(-1));
    if (cause !== undefined) run.emit(cause);
    return result;
  };
  const base = { mark: 0, kernelMade: true } as const;
  return {
    send: (netns, outDevice, packet) =>
      passes(netns, { ...base, packet, socket: NDISC_SOCKET }, [
        ['OUTPUT', { outDevice, reroute: (skb) => staysOn(run, netns, skb, outDevice) }],
        // ndisc_alloc_skb() sets skb->dev, which ip6_output() takes for the way in.
        ['POSTROUTING', { outDevice, inDevice: outDevice }],
      ]),
    receive: (netns, inDevice, packet, frame, physIn) => {
      // Tagged frames, of a device on top of the bridge, are not shown.
      const shown = physIn !== undefined && netns.devices.get(inDevice)?.kind === 'bridge' && showsBridged(netns);
      return passes(netns, { ...base, packet, frame, ...(shown ? { bridge: { physIn, bridged: true } } : {}) }, [
        ['PREROUTING', { inDevice }],
        ['INPUT', { inDevice }],
      ]);
    },
    cross: (netns, { bridge, inPort, outPort }, packet, frame) => {
      if (!showsBridged(netns)) return true;
      const ports = { physIn: inPort, physOut: outPort, bridged: true };
      return passes(netns, { ...base, packet, frame, bridge: ports }, [
        ['PREROUTING', { inDevice: bridge }],
        ['FORWARD', { inDevice: bridge, outDevice: bridge }],
        ['POSTROUTING', { outDevice: bridge }],
      ]);
    },
  };
}

function showsBridged(netns: Netns): boolean {
  return netns.sysctls.number('net.bridge.bridge-nf-call-ip6tables') !== 0;
}

/**
 * ip6_route_me_harder(), where a rule changed the mark: a message that the routing tables send another way (to a gateway,
 * say) does not arrive.
 */
function staysOn(run: Run, netns: Netns, { packet, mark }: Skb, device: string): boolean {
  if (!isIp6(packet.dst) || isOfLink(packet.dst)) return true;
  const { outcome } = routeOutput(run, netns, packet, { source: packet.src, mark, anySource: true });
  if (outcome.kind !== 'forward' || outcome.device !== device) return false;
  return outcome.via === undefined || outcome.via === packet.dst;
}

/** net->ipv6.ndisc_sk: a socket of the kernel's own, without an owner (xt_owner). */
const NDISC_SOCKET = { uid: undefined, gid: undefined };

/** What stopped a message: a verdict, or a hop limit that is not the one of NDP any more. */
function isCause(step: Step): boolean {
  return (
    step.kind === 'netfilter' && (step.verdict === 'drop' || step.verdict === 'reject' || /^HL /.test(step.action))
  );
}

/** ndisc_rcv(): a message whose hop limit is not 255 came over a router, and is not heard. */
const NEVER_FORWARDED = 255;

function goesThrough(run: Run, netns: Netns, skb: Skb, hooks: readonly (readonly [Hook, HookPlace])[]): boolean {
  let current = skb;
  for (const [hook, place] of hooks) {
    // br_pass_frame_up()
    if (hook === 'INPUT' && current.bridge !== undefined)
      current = { ...current, bridge: { physIn: current.bridge.physIn, bridged: false } };
    const result = runHook(run, netns, hook, current, place);
    if (result.kind !== 'accept') return false;
    current = result.skb;
  }
  return current.packet.ttl === NEVER_FORWARDED;
}
