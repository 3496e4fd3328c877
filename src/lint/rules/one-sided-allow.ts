/** A rule that opens one half of a way whose other half is closed by the policies of the peer. */
import { text } from '../../explain/language.ts';
import { andBits, hasBit, indexesOf, isEmptyBits } from '../../policy/classes/bit-set.ts';
import type { AllowedBlock } from '../../policy/classes/direction-rows.ts';
import { FAMILIES } from '../../policy/classes/pod-classes.ts';
import { bitsOfSlots, type PolicyFacts, pathOfPeer, type RuleEntry } from '../policy-facts.ts';
import { found, type LintRule, listNames } from '../rule.ts';

export const oneSidedAllow: LintRule = {
  id: 'one-sided-allow',
  severity: 'warning',
  title: text("A rule allows what the peer's policies block", '规则放行的流量被对端的策略阻断'),
  why: text(
    'A connection needs both halves: egress of the sender and ingress of the receiver. This rule opens one, and for no peer is the other one open.',
    '连接需要两半都放行：发送方的 egress 和接收方的 ingress。这条规则只打开了一半，而另一半对任何对端都没有打开。',
  ),
  source: 'kubernetes.io, Network Policies (the two sorts of Pod isolation); policy.md section 4',
  *check({ policies }) {
    const facts = policies();
    for (const entry of facts.rules()) {
      if (entry.rule.action !== 'allow' || facts.effects().get(entry.rule)?.decides !== true) continue;
      for (const [index, term] of (entry.rule.peers ?? []).entries()) {
        if (term.kind !== 'pods' && term.kind !== 'entity') continue;
        const peers = [...indexesOf(facts.meantBy(entry, entry.direction, term))].filter(
          (slot) => facts.connectivity.classes.slots[slot]?.kind === 'pods',
        );
        if (peers.length === 0 || !isBlockedThere(facts, entry, peers)) continue;
        const values = { peers: listNames(facts.workloadsOf(peers)) };
        const message = entry.direction === 'egress' ? NO_INGRESS : NO_EGRESS;
        yield found(entry.policy, pathOfPeer(entry, index), message, values);
      }
    }
  },
};

/** Whether no pair of Pods that the rule opens a half for has anything of the other half. */
function isBlockedThere(facts: PolicyFacts, entry: RuleEntry, peers: readonly number[]): boolean {
  const { connectivity } = facts;
  const { table, classes } = connectivity;
  const own = bitsOfSlots(entry.slots, classes.slots.length);
  // A Pod reaches itself, and Pods of one class may be the same.
  if (peers.some((peer) => hasBit(own, peer))) return false;
  const other = entry.direction === 'egress' ? 'ingress' : 'egress';
  const traffic = facts.trafficOf(entry) ?? table.all;
  const isOpen = ({ peers: others, allowed }: AllowedBlock): boolean =>
    table.intersect(allowed, traffic) !== table.none && !isEmptyBits(andBits(others, own));
  // Peers with the same policies have the same blocks.
  const seen = new Set<readonly AllowedBlock[]>();
  return peers.every((peer) =>
    FAMILIES.every((family) => {
      const blocks = connectivity.blocksOf(other, family, peer);
      if (seen.has(blocks)) return true;
      seen.add(blocks);
      return !blocks.some(isOpen);
    }),
  );
}

const NO_INGRESS = text(
  'allows the way to {peers}, whose policies admit none of it',
  '放行了到 {peers} 的流量，但对方的策略全部不接收',
);
const NO_EGRESS = text(
  'admits {peers}, whose policies let none of it out',
  '接收来自 {peers} 的流量，但对方的策略全部不放出',
);
