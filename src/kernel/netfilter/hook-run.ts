/** One packet at one hook: net/netfilter/core.c nf_hook_slow() over the functions that stand there. */
import { familyOf, type IpAddr, isIp6 } from '../../net/address.ts';
import { passIpvs } from '../ipvs/pass-ipvs.ts';
import type { Netns } from '../netns.ts';
import { type HookChains, hookChains } from '../nftables/hook-chains.ts';
import type { NftChain, NftTable } from '../nftables/ruleset.ts';
import { runChain } from '../nftables/run-chain.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import type { Cursor, Next } from '../walk/stage.ts';
import type { NetfilterStep } from '../walk/step.ts';
import { needsConntrack, type TableVerdict } from './evaluate.ts';
import type { Hook } from './hook.ts';
import { Passage } from './passage.ts';
import type { Table } from './ruleset.ts';
import type { RejectWith } from './target.ts';

/** Where the packet is: devices as rules see them, and the next hop for MASQUERADE. */
export type HookPlace = {
  readonly inDevice?: string | undefined;
  readonly outDevice?: string | undefined;
  readonly nexthop?: IpAddr | undefined;
  /** ip_route_me_harder(), asked at OUTPUT (and by IPVS at FORWARD) when something changed that the route depends on; false: there is none. */
  readonly reroute?: (skb: Skb) => boolean;
};

/**
 * What a hook made of the packet. `step` is the rule, or the end of a chain, that decided last; undefined where none
 * did.
 */
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
    let end: HookResult | undefined;
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
      case 'nftables':
        end = askChain(step.table, step.chain, passage, place);
        break;
      case 'table':
        if (step.table !== 'nat') end = askTable(ruleset.get(step.table), hook, passage, place);
        else if (tracking) end = bind(ruleset.get('nat'), nft, passage, place);
        break;
    }
    if (end !== undefined) return end;
  }
  return { kind: 'accept', skb: passage.skb };
}

/** nf_route_table_hook4(): chains of type route alone look whether the route still holds. */
function askChain(table: NftTable, chain: NftChain, passage: Passage, place: HookPlace): HookResult | undefined {
  const before = passage.skb;
  const end = endBy(runChain(table, chain, passage), passage);
  if (end !== undefined || chain.base?.type !== 'route') return end;
  return mayLeaveRoute(before, passage.skb) ? routedAgain(passage, place) : undefined;
}

/** ipt_mangle_out() compares before and after the mangle table, and only there. */
function askTable(table: Table | undefined, hook: Hook, passage: Passage, place: HookPlace): HookResult | undefined {
  if (table === undefined) return undefined;
  const before = passage.skb;
  const end = endBy(passage.evaluate(table), passage);
  if (end !== undefined || hook !== 'OUTPUT' || table.name !== 'mangle') return end;
  return mayLeaveRoute(before, passage.skb) ? routedAgain(passage, place) : undefined;
}

/** nf_nat_ipv4_local_fn(): a new destination wants a new route before the filter table sees the packet. */
function bind(table: Table | undefined, nft: HookChains, passage: Passage, place: HookPlace): HookResult | undefined {
  const { dst } = passage.skb.packet;
  if (!passage.translate(table, nft)) return passage.dropped();
  return passage.skb.packet.dst === dst ? undefined : routedAgain(passage, place);
}

function endBy(verdict: TableVerdict, passage: Passage): HookResult | undefined {
  switch (verdict.kind) {
    case 'accept':
      return undefined;
    case 'drop':
      return passage.dropped();
    case 'reject':
      return passage.rejected(verdict.with);
  }
}

/** Without another way the packet is dropped. */
function routedAgain(passage: Passage, place: HookPlace): HookResult | undefined {
  return place.reroute?.(passage.skb) === false ? passage.dropped() : undefined;
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
