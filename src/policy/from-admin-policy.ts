/** AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy: they isolate nobody, and the first rule decides. */
import type {
  AdminPolicy,
  AdminPolicyAction,
  AdminPolicyPeer,
  AdminPolicyPort,
  AdminPolicyRule,
} from '../cluster/policy/admin-policy.ts';
import { assertNever } from '../lib/assert.ts';
import { PORT_CONNECTIONS } from './connection-set.ts';
import { trafficOf } from './from-network-policy.ts';
import type { Direction, EndTerm, Policy, PolicyRule, RuleAction, TrafficTerm, Unsupported } from './rule-set.ts';

const ACTIONS: Readonly<Record<AdminPolicyAction, RuleAction>> = { Accept: 'allow', Deny: 'deny', Pass: 'pass' };

/** A direction without rules is not asked at all: the tier does not hold the policy there. */
export function fromAdminPolicy(policy: AdminPolicy): Policy {
  const { kind, name, source, priority, subject } = policy;
  const rules = (direction: Direction) =>
    policy[direction].map((rule, index) => convertRule(rule, `${direction}[${index}]`));
  return {
    ...{ api: kind, kind, namespace: undefined, name, source, order: priority, stage: 'normal', forward: false },
    subject: {
      kind: 'pods',
      namespaces: { kind: 'selector', selector: subject.namespaceSelector },
      pods: subject.podSelector,
    },
    rules: {
      ...(policy.ingress.length > 0 ? { ingress: rules('ingress') } : {}),
      ...(policy.egress.length > 0 ? { egress: rules('egress') } : {}),
    },
  };
}

function convertRule(rule: AdminPolicyRule, field: string): PolicyRule {
  const { name, action, peers, ports } = rule;
  const base = { field, name, action: ACTIONS[action], family: undefined, own: undefined };
  const what = unsupportedIn(rule);
  if (what === undefined) {
    const traffic = ports.length === 0 ? undefined : ports.map(convertPort);
    return { ...base, peers: peers.map(convertPeer), traffic };
  }
  // conversion.go: a rule that cannot be converted is left out if it allows, and denies everything otherwise.
  if (action === 'Accept') return { ...base, peers: [{ kind: 'unsupported', what }], traffic: undefined };
  return { ...base, action: 'deny', peers: undefined, traffic: undefined, failsClosed: what };
}

/** One part that Calico does not know makes the whole rule unknown. */
function unsupportedIn({ peers, ports }: AdminPolicyRule): Unsupported | undefined {
  for (const peer of peers) {
    if (peer.kind === 'nodes' || peer.kind === 'domain-names') return peer.kind;
    if (peer.kind === 'unknown') return 'unknown-peer';
  }
  return ports.some(({ kind }) => kind === 'named') ? 'named-port' : undefined;
}

function convertPeer(peer: AdminPolicyPeer): EndTerm {
  switch (peer.kind) {
    case 'pods': {
      const { namespaces, podSelector: pods } = peer;
      return { kind: 'pods', namespaces, pods, andNetworkSets: pods === undefined };
    }
    case 'networks':
      return { kind: 'nets', nets: peer.networks, except: [] };
    case 'nodes':
    case 'domain-names':
      return { kind: 'unsupported', what: peer.kind };
    case 'unknown':
      return { kind: 'unsupported', what: 'unknown-peer' };
    default:
      return assertNever(peer);
  }
}

function convertPort(port: AdminPolicyPort): TrafficTerm {
  switch (port.kind) {
    case 'protocol':
      return trafficOf(port.protocol, []);
    case 'range':
      return trafficOf(port.protocol, [{ kind: 'range', range: { first: port.first, last: port.last } }]);
    case 'named':
      return {
        ...{ connections: PORT_CONNECTIONS, notPorts: [], sourcePorts: [], notSourcePorts: [] },
        ports: [{ kind: 'named', name: port.name }],
      };
    default:
      return assertNever(port);
  }
}
