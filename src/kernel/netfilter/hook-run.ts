/** One packet at one hook: net/netfilter/core.c nf_hook_slow() over the functions that stand there. */
import { familyOf, type IpAddr, isIp6 } from '../../net/address.ts';
import { passIpvs } from '../ipvs/pass-ipvs.ts';
import type { Netns } from '../netns.ts';
import { hookChains } from '../nftables/hook-chains.ts';
import { runChain } from '../nftables/run-chain.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import type { Cursor, Next } from '../walk/stage.ts';
import type { NetfilterStep } from '../walk/step.ts';
import { needsConntrack } from './evaluate.ts';
import type { Hook } from './hook.ts';
import { Passage } from './passage.ts';
import type { RejectWith } from './target.ts';

/** Where the packet is: devices as rules see them, and the next hop for MASQUERADE. */
export type HookPlace = {
  readonly inDevice?: string | undefined;
  readonly outDevice?: string | undefined;
  readonly nexthop?: IpAddr | undefined;
  /** ip_route_me_harder(), asked at OUTPUT (and by IPVS at FORWARD) when something changed that the route depends on; false: there is none. */
  readonly reroute?: (skb: Skb) => boolean;
};

export type HookResult =
  | { readonly kind: 'accept'; readonly skb: Skb }
  | { readonly kind: 'drop'; readonly skb: Skb; readonly step: NetfilterStep | undefined }
  /** NF_STOLEN: something took the packet, and it goes on as `next` says. */
  | { readonly kind: 'stolen'; readonly skb: Skb; readonly next: (at: Cursor) => Next }
  | { readonly kind: 'reject'; readonly skb: Skb; readonly with: RejectWith; readonly step: NetfilterStep };

/** Runs all functions of the hook in order of priority, until one drops the packet. */
export function runHook(run: Run, netns: Netns, hook: Hook, skb: Skb, place: HookPlace): HookResult {
  const family = familyOf(skb.packet.src);
  const ruleset = family === 4 ? netns.iptables() : netns.ip6tables();
  const nft = hookChains(netns.nftables(), hook, family);
  const tracking = needsConntrack(ruleset) || nft.needsConntrack;
  const passage = new Passage(run, netns, hook, place, skb);
  for (const step of nft.functions) {
    switch (step.kind) {
      case 'conntrack':
        if (tracking) passage.track();
        break;
      case 'confirm':
        passage.confirm();
        break;
      case 'ipvs': {
        const outcome = passIpvs(run, netns, hook, step.part, passage.skb, place);
        if (outcome.kind === 'leave') return { kind: 'stolen', skb: outcome.skb, next: outcome.next };
        passage.become(outcome.skb);
        break;
      }
      case 'nftables': {
        const before = passage.skb;
        const verdict = runChain(step.table, step.chain, passage);
        if (verdict.kind === 'drop') return passage.dropped();
        if (verdict.kind === 'reject') return passage.rejected(verdict.with);
        // nf_route_table_hook4(): chains of type route alone look whether the route still holds.
        const rerouted = step.chain.base?.type === 'route' && mayLeaveRoute(before, passage.skb);
        if (rerouted && place.reroute?.(passage.skb) === false) return passage.dropped();
        break;
      }
      case 'table': {
        const table = ruleset.get(step.table);
        const before = passage.skb;
        if (step.table === 'nat') {
          if (tracking && !passage.translate(table, nft)) return passage.dropped();
          // nf_nat_ipv4_local_fn(): a new destination wants a new route before the filter table sees the packet.
          if (passage.skb.packet.dst !== before.packet.dst && place.reroute?.(passage.skb) === false)
            return passage.dropped();
          break;
        }
        if (table === undefined) break;
        const verdict = passage.evaluate(table);
        if (verdict.kind === 'drop') return passage.dropped();
        if (verdict.kind === 'reject') return passage.rejected(verdict.with);
        // ipt_mangle_out() compares before and after the mangle table, and only there.
        const rerouted = hook === 'OUTPUT' && step.table === 'mangle' && mayLeaveRoute(before, passage.skb);
        if (rerouted && place.reroute?.(passage.skb) === false) return passage.dropped();
        break;
      }
    }
  }
  return { kind: 'accept', skb: passage.skb };
}

/**
 * ipt_mangle_out() and nf_route_table_hook4() look at the mark and the type of service, ip6t_mangle_out() and
 * nf_route_table_hook6() at the hop limit as well. The new look-up may fail where the first did not ask by the source.
 */
function mayLeaveRoute({ mark, packet }: Skb, now: Skb): boolean {
  return (
    now.mark !== mark ||
    (now.packet.dscp ?? 0) !== (packet.dscp ?? 0) ||
    (isIp6(packet.dst) && now.packet.ttl !== packet.ttl)
  );
}
