/** Chains of policies and of groups of policies, with the sets they look addresses up in. */
import { REFUSED_WORDS } from '../../../cluster/policy/refused-rule.ts';
import { printSelector } from '../../../cluster/policy/selector.ts';
import { memoize } from '../../../lib/lazy.ts';
import { action, type FelixRule, match } from './felix-rule.ts';
import { chainName, policyGroupChain } from './names.ts';
import type { Origins } from './origins.ts';
import type { Direction, Policy, PolicyRule, PolicyStage } from './policy-model.ts';
import { type RenderContext, type RenderedRule, renderRule } from './policy-rules.ts';
import type { SetRequest } from './set-request.ts';
import type { CalicoVersion, MarkBits } from './version.ts';

export type PolicyChain = {
  readonly name: string;
  readonly rules: readonly FelixRule[];
  readonly sets: readonly SetRequest[];
};

/** Renders each policy once, however many nodes ask for it. */
export type PolicyRenderer = (policy: Policy, direction: Direction) => PolicyChain;

export function policyRenderer(version: CalicoVersion, origins: Origins, context: RenderContext): PolicyRenderer {
  const ingress = memoize((policy: Policy) => renderPolicy(policy, 'ingress', version, origins, context));
  const egress = memoize((policy: Policy) => renderPolicy(policy, 'egress', version, origins, context));
  return (policy, direction) => (direction === 'ingress' ? ingress(policy) : egress(policy));
}

function renderPolicy(
  policy: Policy,
  direction: Direction,
  version: CalicoVersion,
  origins: Origins,
  context: RenderContext,
): PolicyChain {
  const originOf = memoizedOrigin(origins, policy, direction);
  const rendered: readonly RenderedRule[] = policy
    .rules(direction)
    .map((rule) => renderRule(rule, context, originOf(rule)));
  const label = `${version.policyLabel(policy.id)} ${direction}`;
  return {
    name: policyChainName(policy, direction, version),
    rules: labelledRules(rendered, label, origins, context, policy.stage),
    sets: rendered.flatMap(({ sets }) => sets),
  };
}

/** One origin for all rules that one rule of the policy became, as long as they do the same. */
function memoizedOrigin(
  origins: Origins,
  policy: Policy,
  direction: Direction,
): (rule: PolicyRule) => ReturnType<Origins['policyRule']> {
  const known = new Map<string, ReturnType<Origins['policyRule']>>();
  return ({ action: what, index }) => {
    const key = `${what} ${index}`;
    const origin = known.get(key) ?? origins.policyRule(policy.object, direction, index, what);
    known.set(key, origin);
    return origin;
  };
}

/** The first rule says whose chain it is; a chain without rules keeps one that does nothing else. */
export function labelledRules(
  rendered: readonly RenderedRule[],
  label: string,
  origins: Origins,
  context: RenderContext,
  stage: PolicyStage = 'normal',
): readonly FelixRule[] {
  const refused = rendered.find(({ isRefused }) => isRefused)?.rules[0];
  if (refused !== undefined) return unprogrammedRules(refused, label, context, stage);
  const [first, ...others] = withoutFinalReturns(rendered.flatMap(({ rules }) => rules));
  if (first === undefined) return [{ comments: [label], origin: origins.plumbing() }];
  return [{ ...first, comments: [...(first.comments ?? []), label] }, ...others];
}

/**
 * Felix programs nothing of the chain. What stands there is what stood there before, and may do anything: accept or drop.
 * Untracked policies that accept also leave conntrack out, so that to do nothing is a third way.
 */
function unprogrammedRules(
  { origin }: FelixRule,
  label: string,
  { marks, deny }: RenderContext,
  stage: PolicyStage,
): readonly FelixRule[] {
  const unknown = ['-m', 'not-programmed', '--because', REFUSED_WORDS];
  return [
    { comments: [label], match: unknown, action: action.setMark(marks.accept), origin },
    { match: match.markSet(marks.accept), action: action.return, origin },
    { ...(stage === 'untracked' ? { match: unknown } : {}), action: deny.action, origin },
  ];
}

function policyChainName(policy: Policy, direction: Direction, version: CalicoVersion): string {
  return chainName(direction === 'ingress' ? 'cali-pi-' : 'cali-po-', version.policyChainId(policy.id, policy.tier));
}

/** The chain's end returns anyway. */
function withoutFinalReturns(rules: readonly FelixRule[]): readonly FelixRule[] {
  let length = rules.length;
  while (length > 0 && rules[length - 1]?.action === action.return) length--;
  return rules.slice(0, length);
}

/** Policies of one tier and direction that stand together and have the same selector share a chain. */
export type PolicyGroup = { readonly chain: string; readonly policies: readonly Policy[] };

/** felix/dataplane/linux/endpoint_mgr.go: groupPolicies. A group of one is jumped to directly. */
export function groupPolicies(
  policies: readonly Policy[],
  direction: Direction,
  version: CalicoVersion,
): readonly PolicyGroup[] {
  const groups: { selector: string; policies: Policy[] }[] = [];
  for (const policy of policies) {
    const selector = canonicalSelector(policy);
    const last = groups.at(-1);
    if (last?.selector === selector) last.policies.push(policy);
    else groups.push({ selector, policies: [policy] });
  }
  return groups.map((group) => ({ chain: groupChainName(group, direction, version), policies: group.policies }));
}

const selectorTexts = new WeakMap<Policy, string>();

/** The selector as felix/calc/rule_scanner.go keeps it: normalised. Every endpoint of every node asks for it. */
function canonicalSelector(policy: Policy): string {
  const text = selectorTexts.get(policy) ?? printSelector(policy.selector);
  selectorTexts.set(policy, text);
  return text;
}

function groupChainName(
  { selector, policies }: { readonly selector: string; readonly policies: readonly Policy[] },
  direction: Direction,
  version: CalicoVersion,
): string {
  const [only, ...others] = policies;
  if (only !== undefined && others.length === 0) return policyChainName(only, direction, version);
  const flow = direction === 'ingress' ? 'inbound' : 'outbound';
  return policyGroupChain(
    flow,
    version.groupLines(
      only?.tier ?? '',
      selector,
      flow,
      policies.map(({ id }) => id),
    ),
  );
}

/** To keep groups short, whether a verdict was reached is asked after every fifth policy only. */
const RETURN_STRIDE = 5;

export function groupRules(
  { policies }: PolicyGroup,
  direction: Direction,
  version: CalicoVersion,
  marks: MarkBits,
  origins: Origins,
): readonly FelixRule[] {
  const origin = origins.plumbing();
  const verdict = marks.accept | marks.pass;
  return policies.flatMap((policy, index): readonly FelixRule[] => {
    const jump = action.jump(policyChainName(policy, direction, version));
    if (index % RETURN_STRIDE > 0) return [{ match: match.markClear(verdict), action: jump, origin }];
    const returns = {
      comments: ['Return on verdict'],
      match: match.markNotClear(verdict),
      action: action.return,
      origin,
    };
    return [...(index > 0 ? [returns] : []), { action: jump, origin }];
  });
}
