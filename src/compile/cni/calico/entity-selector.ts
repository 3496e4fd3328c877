/**
 * Calico's selectors as the endpoints' labels answer them: keys of namespaces and service accounts get their prefix, all()
 * and global() become what they mean among namespaces (libcalico-go syncersv1/updateprocessors: rules.go, selectors.go).
 */
import type { CalicoEntityRule, CalicoPolicy } from '../../../cluster/policy/calico-policy.ts';
import { allOf, type Selector } from '../../../cluster/policy/selector.ts';
import { ofNamespace } from './kubernetes-selector.ts';
import { NAMESPACE_LABEL, NAMESPACE_PREFIX, SERVICE_ACCOUNT_LABEL, SERVICE_ACCOUNT_PREFIX } from './labels.ts';

/** Each label with the prefix in front of it. */
function withPrefix(selector: Selector, prefix: string): Selector {
  switch (selector.kind) {
    case 'all':
    case 'global':
      return selector;
    case 'not':
      return { kind: 'not', operand: withPrefix(selector.operand, prefix) };
    case 'and':
    case 'or':
      return { kind: selector.kind, operands: selector.operands.map((operand) => withPrefix(operand, prefix)) };
    default:
      return { ...selector, label: prefix + selector.label };
  }
}

/** all() as `has(label)`, global() as its opposite. */
function withoutAll(selector: Selector, label: string, global: boolean): Selector {
  const has: Selector = { kind: 'has', label };
  switch (selector.kind) {
    case 'all':
      return has;
    case 'global':
      return global ? { kind: 'not', operand: has } : selector;
    case 'not':
      return { kind: 'not', operand: withoutAll(selector.operand, label, global) };
    case 'and':
    case 'or':
      return {
        kind: selector.kind,
        operands: selector.operands.map((operand) => withoutAll(operand, label, global)),
      };
    default:
      return selector;
  }
}

/** Which namespaces: all of them, none (host endpoints and global network sets), or those with the labels. */
function namespacesTerm(selector: Selector): Selector {
  return withoutAll(withPrefix(selector, NAMESPACE_PREFIX), NAMESPACE_LABEL, true);
}

/** The endpoints that a policy is for. */
export function policySelector(policy: CalicoPolicy): Selector {
  const { selector, serviceAccountSelector: accounts } = policy;
  const own = selector.text === '' ? undefined : selector.selector;
  const inNamespaces = policy.kind === 'CalicoNetworkPolicy' ? both(own, ofNamespace(policy.namespace)) : own;
  const global = policy.kind === 'GlobalNetworkPolicy' ? policy : undefined;
  const chosen =
    global?.namespaceSelector === undefined
      ? inNamespaces
      : // The conversion replaces all() in the text of both selectors.
        withoutAll(
          both(inNamespaces, withPrefix(global.namespaceSelector.selector, NAMESPACE_PREFIX)),
          NAMESPACE_LABEL,
          true,
        );
  if (accounts === undefined) return chosen ?? { kind: 'all' };
  const all = both(chosen, withPrefix(accounts.selector, SERVICE_ACCOUNT_PREFIX));
  return global === undefined ? all : withoutAll(all, SERVICE_ACCOUNT_LABEL, false);
}

function both(first: Selector | undefined, second: Selector): Selector {
  return first === undefined ? second : { kind: 'and', operands: [first, second] };
}

type EntitySelectors = { readonly selector?: Selector; readonly notSelector?: Selector };

/**
 * What a rule's end means (GetEntityRuleSelector), its notSelector made part of it where there is anything to be part of
 * (felix/calc/rule_scanner.go: combineMatchesIfPossible). A rule of a namespaced policy is limited to the namespace as
 * soon as it selects anything by labels.
 *
 * @param namespace of the policy; undefined for a global one
 */
export function entitySelectors(entity: CalicoEntityRule, namespace: string | undefined): EntitySelectors {
  const { selector, notSelector, namespaceSelector, serviceAccounts } = entity;
  const parts = [...(serviceAccounts === undefined ? [] : [accountsTerm(serviceAccounts)]), ...selectorOf(selector)];
  const labels = parts.length === 0 ? undefined : allOf(parts);
  const namespaces = namespacesOf(entity, namespace);
  const limited =
    namespaces !== undefined && (labels !== undefined || notSelector !== undefined || namespaceSelector !== undefined);
  const positive = limited ? (labels === undefined ? namespaces : both(namespaces, labels)) : labels;
  if (notSelector === undefined) return positive === undefined ? {} : { selector: positive };
  if (positive === undefined) return { notSelector: notSelector.selector };
  return { selector: both(positive, { kind: 'not', operand: notSelector.selector }) };
}

function selectorOf(selector: CalicoEntityRule['selector']): readonly Selector[] {
  return selector === undefined ? [] : [selector.selector];
}

function namespacesOf({ namespaceSelector }: CalicoEntityRule, namespace: string | undefined): Selector | undefined {
  if (namespaceSelector !== undefined) return namespacesTerm(namespaceSelector.selector);
  return namespace === undefined ? undefined : ofNamespace(namespace);
}

/** Names and labels of service accounts, both to match. */
function accountsTerm({ names, selector }: NonNullable<CalicoEntityRule['serviceAccounts']>): Selector {
  const named: Selector = { kind: 'in', label: SERVICE_ACCOUNT_LABEL, values: names };
  if (selector === undefined) return named;
  const labelled = withPrefix(selector.selector, SERVICE_ACCOUNT_PREFIX);
  return names.length === 0 ? labelled : both(labelled, named);
}
