/** Calico's NetworkPolicy and GlobalNetworkPolicy (libcalico-go lib/backend/syncersv1/updateprocessors: rules.go). */
import type {
  CalicoEntityRule,
  CalicoIcmp,
  CalicoPolicy,
  CalicoPort,
  CalicoProtocol,
  CalicoRule,
  CalicoSelector,
} from '../cluster/policy/calico-policy.ts';
import { refusedFamilies } from '../cluster/policy/refused-rule.ts';
import { allOf as allSelectors } from '../cluster/policy/selector.ts';
import { type Family, familyOf } from '../net/address.ts';
import { ALL_CONNECTIONS, allOfNumber, type ConnectionSet, intersect, only, subtract } from './connection-set.ts';
import { NAMESPACE_LABEL, SERVICE_ACCOUNT_LABEL, withPrefix } from './endpoint-labels.ts';
import type {
  Direction,
  EndTerm,
  LabelTerm,
  Policy,
  PolicyRule,
  PortTerm,
  RuleAction,
  TrafficTerm,
} from './rule-set.ts';

const ACTIONS: Readonly<Record<CalicoRule['action'], RuleAction>> = {
  Allow: 'allow',
  Deny: 'deny',
  Log: 'log',
  Pass: 'pass',
};

export function fromCalicoPolicy(policy: CalicoPolicy): Policy {
  const { name, source, types } = policy;
  const namespace = policy.kind === 'CalicoNetworkPolicy' ? policy.namespace : undefined;
  const rules = (direction: Direction) => fromCalicoRules(policy[direction], direction, namespace);
  const isGlobal = policy.kind === 'GlobalNetworkPolicy';
  return {
    api: 'calico',
    kind: policy.kind === 'CalicoNetworkPolicy' ? 'NetworkPolicy' : policy.kind,
    ...{ namespace, name, source },
    order: policy.order ?? Number.POSITIVE_INFINITY,
    stage: isGlobal && policy.doNotTrack ? 'untracked' : isGlobal && policy.preDnat ? 'pre-dnat' : 'normal',
    forward: isGlobal && policy.applyOnForward,
    subject: { kind: 'labels', namespace, selectors: subjectOf(policy) },
    rules: {
      ...(types.includes('Ingress') ? { ingress: rules('ingress') } : {}),
      ...(types.includes('Egress') ? { egress: rules('egress') } : {}),
    },
  };
}

function subjectOf(policy: CalicoPolicy): readonly LabelTerm[] {
  const { selector, serviceAccountSelector } = policy;
  const namespaces = policy.kind === 'GlobalNetworkPolicy' ? policy.namespaceSelector : undefined;
  return [
    selector,
    ...(serviceAccountSelector === undefined ? [] : [prefixed(serviceAccountSelector, 'pcsa.')]),
    ...(namespaces === undefined ? [] : [prefixed(namespaces, 'pcns.')]),
  ];
}

/** Rules of a policy or, without a namespace, of a profile. */
export function fromCalicoRules(
  rules: readonly CalicoRule[],
  direction: Direction,
  namespace: string | undefined,
): readonly PolicyRule[] {
  return rules.map((rule, index) => convertRule(rule, direction, index, namespace));
}

function convertRule(rule: CalicoRule, direction: Direction, index: number, namespace: string | undefined): PolicyRule {
  const source = entity(rule.from, namespace);
  const destination = entity(rule.to, namespace);
  const refusedIn = refusedFamilies(rule);
  const [peer, own] = direction === 'ingress' ? [source, destination] : [destination, source];
  return {
    field: `${direction}[${index}]`,
    name: undefined,
    action: ACTIONS[rule.action],
    family: rule.ipVersion ?? familyOfExceptions(rule),
    peers: peer === undefined ? undefined : [peer],
    own,
    traffic: [trafficOf(rule)],
    ...(refusedIn.length > 0 ? { refusedIn } : {}),
  };
}

/**
 * A rule is left out for the family of which a list of its networks has nothing, one of exceptions too
 * (felix/rules/policy.go: FilterRuleToIPVersion). What has no family in common with `nets` is outside them anyway.
 */
function familyOfExceptions({ from, to }: CalicoRule): Family | undefined {
  for (const { notNets } of [from, to]) {
    const [family, other] = new Set(notNets.map(({ addr }) => familyOf(addr)));
    if (family !== undefined && other === undefined) return family;
  }
  return undefined;
}

/** undefined where nothing is said about the end's address. */
function entity(rule: CalicoEntityRule, namespace: string | undefined): EndTerm | undefined {
  const { nets, notNets, notSelector, services: service } = rule;
  const selector = entitySelector(rule, namespace);
  if (
    nets.length + notNets.length === 0 &&
    selector === undefined &&
    notSelector === undefined &&
    service === undefined
  )
    return undefined;
  const term: EndTerm = { kind: 'entity', nets, notNets, selector, notSelector, service };
  // Beside a selector it is one part of what the same endpoint or set must satisfy, so that one address may be that of an
  // endpoint that does and of a network set that does not (felix/calc/rule_scanner.go: combineMatchesIfPossible).
  return selector === undefined || notSelector === undefined
    ? term
    : { ...term, selector: without(selector, notSelector), notSelector: undefined };
}

function without(all: LabelTerm, some: LabelTerm): LabelTerm {
  return {
    text: `${all.text} && !(${some.text})`,
    selector: allSelectors([all.selector, { kind: 'not', operand: some.selector }]),
  };
}

/** The policy's own namespace counts only where the rule selects something (getEndpointSelector). */
function entitySelector(rule: CalicoEntityRule, namespace: string | undefined): LabelTerm | undefined {
  const { selector, notSelector, namespaceSelector, serviceAccounts } = rule;
  const terms: LabelTerm[] = [];
  if (serviceAccounts !== undefined) {
    const { names } = serviceAccounts;
    if (names.length > 0)
      terms.push({
        text: `service account ${names.join(', ')}`,
        selector: { kind: 'in', label: SERVICE_ACCOUNT_LABEL, values: names },
      });
    if (serviceAccounts.selector !== undefined) terms.push(prefixed(serviceAccounts.selector, 'pcsa.'));
  }
  if (selector !== undefined) terms.push(selector);
  if (terms.length === 0 && notSelector === undefined && namespaceSelector === undefined) return undefined;
  if (namespaceSelector !== undefined) terms.unshift(prefixed(namespaceSelector, 'pcns.'));
  else if (namespace !== undefined)
    terms.unshift({
      text: `namespace ${namespace}`,
      selector: { kind: 'equal', label: NAMESPACE_LABEL, value: namespace },
    });
  if (terms.length === 0) return undefined;
  return {
    text: terms.map(({ text }) => text).join(' && '),
    selector: allSelectors(terms.map((term) => term.selector)),
  };
}

/** Labels of the namespace or the service account, as Pods inherit them; `all()` then means that there is one. */
function prefixed({ text, selector }: CalicoSelector, prefix: 'pcns.' | 'pcsa.'): LabelTerm {
  const what = prefix === 'pcns.' ? 'namespace' : 'service account';
  return { text: `${what} ${text}`, selector: withPrefix(selector, prefix) };
}

function trafficOf(rule: CalicoRule): TrafficTerm {
  return {
    connections: connectionsOf(rule),
    ports: rule.to.ports.map(portOf),
    notPorts: rule.to.notPorts.map(portOf),
    sourcePorts: rule.from.ports.map(portOf),
    notSourcePorts: rule.from.notPorts.map(portOf),
  };
}

function connectionsOf({ protocol, notProtocol, icmp, notIcmp }: CalicoRule): ConnectionSet {
  const wanted = protocol === undefined ? ALL_CONNECTIONS : allOfNumber(protocol.number);
  const left = notProtocol === undefined ? wanted : subtract(wanted, allOfNumber(notProtocol.number));
  const typed = icmp === undefined ? left : intersect(left, icmpOf(icmp, protocol));
  return notIcmp === undefined ? typed : subtract(typed, icmpOf(notIcmp, protocol));
}

function icmpOf({ type, code }: CalicoIcmp, protocol: CalicoProtocol | undefined): ConnectionSet {
  const first = type * 256 + (code ?? 0);
  return only(protocol?.number === 58 ? 'ICMPv6' : 'ICMP', [{ first, last: code === undefined ? first + 255 : first }]);
}

function portOf(port: CalicoPort): PortTerm {
  return port.kind === 'named' ? port : { kind: 'range', range: { first: port.first, last: port.last } };
}
