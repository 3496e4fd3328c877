/** Chains of policies and of groups of policies, with the sets they look addresses up in. */
import type { NetworkPolicy } from '../../../cluster/objects.ts';
import { memoize } from '../../../lib/lazy.ts';
import type { Family } from '../../../net/address.ts';
import { action, type FelixRule, match } from './felix-rule.ts';
import { NAMESPACE_LABEL, podSelectorText } from './kubernetes-selector.ts';
import { chainName, policyGroupChain } from './names.ts';
import type { Origins } from './origins.ts';
import { calicoRules, type Direction } from './policy.ts';
import { type RenderedRule, renderRule, type SetRequest } from './policy-rules.ts';
import type { CalicoVersion, MarkBits } from './version.ts';

type PolicyChain = {
  readonly name: string;
  readonly rules: readonly FelixRule[];
  readonly sets: readonly SetRequest[];
};

/** Renders each policy once, however many nodes ask for it. */
export type PolicyRenderer = (policy: NetworkPolicy, direction: Direction) => PolicyChain;

export function policyRenderer(version: CalicoVersion, origins: Origins, family: Family = 4): PolicyRenderer {
  const ingress = memoize((policy: NetworkPolicy) => renderPolicy(policy, 'ingress', version, origins, family));
  const egress = memoize((policy: NetworkPolicy) => renderPolicy(policy, 'egress', version, origins, family));
  return (policy, direction) => (direction === 'ingress' ? ingress(policy) : egress(policy));
}

function renderPolicy(
  policy: NetworkPolicy,
  direction: Direction,
  version: CalicoVersion,
  origins: Origins,
  family: Family,
): PolicyChain {
  const { namespace, name } = policy;
  const originOf = memoize((index: number) => origins.policyRule(policy, direction, index));
  const rendered: readonly RenderedRule[] = calicoRules(policy, direction).map((rule) =>
    renderRule(rule, direction, version.marks, originOf(rule.index), family),
  );
  const [first, ...others] = withoutFinalReturns(rendered.flatMap(({ rules }) => rules));
  const comments = [`${version.policyLabel(namespace, name)} ${direction}`];
  return {
    name: policyChainName(policy, direction, version),
    // A policy without rules keeps a rule that says whose chain it is and does nothing.
    rules: first === undefined ? [{ comments, origin: origins.plumbing() }] : [{ ...first, comments }, ...others],
    sets: rendered.flatMap(({ sets }) => sets),
  };
}

function policyChainName({ namespace, name }: NetworkPolicy, direction: Direction, version: CalicoVersion): string {
  return chainName(direction === 'ingress' ? 'cali-pi-' : 'cali-po-', version.policyId(namespace, name));
}

/** The chain's end returns anyway. */
function withoutFinalReturns(rules: readonly FelixRule[]): readonly FelixRule[] {
  let length = rules.length;
  while (length > 0 && rules[length - 1]?.action === action.return) length--;
  return rules.slice(0, length);
}

/** Policies of one direction that stand together and have the same selector share a chain. */
export type PolicyGroup = { readonly chain: string; readonly policies: readonly NetworkPolicy[] };

/** felix/dataplane/linux/endpoint_mgr.go: groupPolicies. A group of one is jumped to directly. */
export function groupPolicies(
  policies: readonly NetworkPolicy[],
  direction: Direction,
  version: CalicoVersion,
): readonly PolicyGroup[] {
  const groups: { selector: string; policies: NetworkPolicy[] }[] = [];
  for (const policy of policies) {
    const selector = groupSelector(policy);
    const before = groups.at(-1);
    if (before?.selector === selector) before.policies.push(policy);
    else groups.push({ selector, policies: [policy] });
  }
  return groups.map((group) => ({ chain: groupChainName(group, direction, version), policies: group.policies }));
}

function groupChainName(
  { selector, policies }: { readonly selector: string; readonly policies: readonly NetworkPolicy[] },
  direction: Direction,
  version: CalicoVersion,
): string {
  const [only, ...others] = policies;
  if (only !== undefined && others.length === 0) return policyChainName(only, direction, version);
  const flow = direction === 'ingress' ? 'inbound' : 'outbound';
  const names = policies.map(({ namespace, name }) => `${namespace}/knp.default.${name}`);
  return policyGroupChain(flow, ['default', selector, flow, String(policies.length), ...names]);
}

/** The selector as Felix has it from the datastore: the Pods', then the namespace. */
function groupSelector({ podSelector: pods, namespace }: NetworkPolicy): string {
  return `(${podSelectorText(pods)}) && ${NAMESPACE_LABEL} == '${namespace}'`;
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
