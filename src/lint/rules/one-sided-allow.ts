/** A rule that opens one half of a way whose other half is closed by the policies of the peer. */
import { text } from '../../explain/language.ts';
import { indexesOf } from '../../policy/classes/bit-set.ts';
import { nameOfRule, type PolicyFacts, pathOfPeer, type RuleEntry } from '../policy-facts.ts';
import { found, type LintRule, listNames } from '../rule.ts';

/** More pairs of classes than this are not looked at: a rule so wide is seldom blocked throughout. */
const MOST_PAIRS = 5000;

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
        const values = { rule: nameOfRule(entry), peers: listNames(facts.workloadsOf(peers)) };
        const message = entry.direction === 'egress' ? NO_INGRESS : NO_EGRESS;
        yield found(entry.policy, pathOfPeer(entry, index), message, values);
      }
    }
  },
};

/** Whether no pair of Pods that the rule opens a half for has anything of the other half. */
function isBlockedThere(facts: PolicyFacts, { slots, direction, rule }: RuleEntry, peers: readonly number[]): boolean {
  const { connectivity } = facts;
  const { table } = connectivity;
  const other = direction === 'egress' ? 'ingress' : 'egress';
  let pairs = 0;
  for (const peer of peers) {
    for (const slot of slots) {
      // A Pod reaches itself, and Pods of one class may be the same.
      if (slot === peer) return false;
      if (++pairs > MOST_PAIRS) return false;
      const open = table.intersect(connectivity.half(other, peer, slot), connectivity.half(direction, slot, peer));
      if (table.intersect(open, table.numberOf(facts.trafficOf(rule, direction, slot, peer))) !== table.none)
        return false;
    }
  }
  return true;
}

const NO_INGRESS = text(
  'allows the way to {peers}, whose policies admit none of it',
  '放行了到 {peers} 的流量，但对方的策略全部不接收',
);
const NO_EGRESS = text(
  'admits {peers}, whose policies let none of it out',
  '接收来自 {peers} 的流量，但对方的策略全部不放出',
);
