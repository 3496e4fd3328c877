/** A selector that fits nothing in the input: of Services and NetworkPolicies as the loader has it, and of the other APIs. */
import { checkSelectors } from '../../cluster/check-selectors.ts';
import { positionOf } from '../../cluster/source.ts';
import { text } from '../../explain/language.ts';
import { isEmptyBits } from '../../policy/classes/bit-set.ts';
import type { EndTerm } from '../../policy/rule-set.ts';
import type { LintContext } from '../context.ts';
import { pathOfPeer, rulesOf } from '../policy-facts.ts';
import { type Found, found, type LintRule } from '../rule.ts';
import { passOn } from './from-warning.ts';

export const selectorMatchesNothing: LintRule = {
  id: 'selector-matches-nothing',
  severity: 'warning',
  title: text('A selector matches nothing in the input', '选择器在输入中没有匹配任何对象'),
  why: text(
    'A Service without endpoints, a policy that protects nobody, a rule that allows nobody: most often a typing mistake in a label.',
    '没有端点的 Service、不保护任何 Pod 的策略、不放行任何人的规则：多半是标签写错了。',
  ),
  source: 'kor #279, kube-linter #194 (dangling-service, dangling-networkpolicy); policy.md section 4',
  *check(context) {
    const { cluster, warnings, endpointsGiven } = context;
    const empty = new Set(
      cluster.policies
        .filter(({ namespace }) => cluster.podsInNamespace(namespace).length === 0)
        .map(({ source }) => (source === undefined ? '' : placeOf(positionOf(source, 'spec', 'podSelector')))),
    );
    // policy-namespace-empty says it of the namespace.
    for (const issue of checkSelectors(cluster, endpointsGiven(), Number.POSITIVE_INFINITY)) {
      if (issue.at === undefined || !empty.has(placeOf(issue.at))) yield passOn(issue);
    }
    // Services that a Calico policy names.
    for (const issue of warnings('selector-matches-nothing'))
      if (/there is no Service/.test(issue.message)) yield passOn(issue);
    yield* otherApis(context);
  },
};

function placeOf({
  file,
  line,
  column,
}: {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}): string {
  return `${file}:${line}:${column}`;
}

/** A GlobalNetworkPolicy may be for host endpoints; addresses of network sets satisfy selectors, too. */
function* otherApis({ cluster, policies }: LintContext): Iterable<Found> {
  const facts = policies();
  for (const entry of facts.entries) {
    const { policy, slots } = entry;
    if (policy.api === 'NetworkPolicy') continue;
    if (slots.length === 0) {
      if (policy.namespace === undefined && policy.api === 'calico' && cluster.hostEndpoints.length > 0) continue;
      yield found(policy, policy.api === 'calico' ? ['spec', 'selector'] : ['spec', 'subject'], SUBJECT);
      continue;
    }
    for (const rule of rulesOf(entry)) {
      for (const [index, term] of (rule.rule.peers ?? []).entries()) {
        if (!isSelecting(term) || cluster.networkSets.length > 0) continue;
        if (isEmptyBits(facts.meantBy(entry, rule.direction, term))) yield found(policy, pathOfPeer(rule, index), PEER);
      }
    }
  }
}

function isSelecting(term: EndTerm): boolean {
  return term.kind === 'pods' || (term.kind === 'entity' && term.selector !== undefined && term.nets.length === 0);
}

const SUBJECT = text('selects no Pod: the policy does nothing', '没有选中任何 Pod：策略不起作用');
const PEER = text('matches no Pod: the rule is for nobody', '没有匹配任何 Pod：规则不作用于任何对端');
