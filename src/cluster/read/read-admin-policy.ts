/**
 * AdminNetworkPolicy, BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1) and ClusterNetworkPolicy (v1alpha2),
 * with the validation of their CRDs (network-policy-api: config/crd). v1alpha1 is read in the shape of v0.1.1, with
 * `namespaces: {namespaceSelector | sameLabels | notSameLabels}`, and in today's, with the selector itself.
 */
import type { FieldReader } from '../field-reader.ts';
import { type FieldType, integer, oneOf, STRING } from '../field-type.ts';
import { DNS_SUBDOMAIN } from '../names.ts';
import type {
  AdminPolicy,
  AdminPolicyAction,
  AdminPolicyPort,
  AdminPolicyRule,
  AdminPolicySubject,
} from '../policy/admin-policy.ts';
import { exactlyOne } from './exactly-one.ts';
import { readMetadata } from './metadata.ts';
import { readAdminPeer } from './read-admin-peer.ts';
import { readAdminPort, readClusterPort } from './read-admin-port.ts';
import { readSelector } from './read-selector.ts';

/** What differs between the three APIs. */
type Api = {
  readonly kind: AdminPolicy['kind'];
  readonly actions: FieldType<string>;
  /** The field of a rule that holds protocols and ports. */
  readonly ports: 'ports' | 'protocols';
  readonly readPort: (reader: FieldReader) => AdminPolicyPort | undefined;
  readonly most: { readonly rules: number; readonly items: number };
};

const ADMIN: Api = {
  kind: 'AdminNetworkPolicy',
  actions: oneOf('Allow', 'Deny', 'Pass'),
  ports: 'ports',
  readPort: readAdminPort,
  most: { rules: 100, items: 100 },
};
const BASELINE: Api = { ...ADMIN, kind: 'BaselineAdminNetworkPolicy', actions: oneOf('Allow', 'Deny') };
const CLUSTER: Api = {
  kind: 'ClusterNetworkPolicy',
  actions: oneOf('Accept', 'Deny', 'Pass'),
  ports: 'protocols',
  readPort: readClusterPort,
  most: { rules: 25, items: 25 },
};

const PRIORITY = integer(0, 1000);
const TIER = oneOf('Admin', 'Baseline');
const RULE_NAME: FieldType<string> = {
  expected: 'a string of at most 100 characters',
  parse: (value) => (typeof value === 'string' && value.length <= 100 ? value : undefined),
  hint: (value) => STRING.hint?.(value),
};

export function readAdminNetworkPolicy(reader: FieldReader): AdminPolicy | undefined {
  return readPolicy(reader, ADMIN, (spec) => priorityIn(spec, 'Admin'));
}

export function readBaselineAdminNetworkPolicy(reader: FieldReader): AdminPolicy | undefined {
  const policy = readPolicy(reader, BASELINE, () => ({ tier: 'Baseline', priority: 0 }));
  if (policy !== undefined && policy.name !== 'default') {
    const message = 'Only one baseline admin network policy with metadata.name="default" can be created in the cluster';
    reader.error('wrong-value', message, ['metadata', 'name'], { hint: 'write name: default' });
  }
  return policy;
}

export function readClusterNetworkPolicy(reader: FieldReader): AdminPolicy | undefined {
  return readPolicy(reader, CLUSTER, (spec) => {
    const tier = spec.required('tier', TIER);
    const read = priorityIn(spec, tier ?? 'Admin');
    return tier === undefined ? undefined : read;
  });
}

type Placed = Pick<AdminPolicy, 'tier' | 'priority'>;

function priorityIn(spec: FieldReader, tier: AdminPolicy['tier']): Placed | undefined {
  const priority = spec.required('priority', PRIORITY);
  return priority === undefined ? undefined : { tier, priority };
}

function readPolicy(
  reader: FieldReader,
  api: Api,
  place: (spec: FieldReader) => Placed | undefined,
): AdminPolicy | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const given = reader.object('metadata')?.raw('namespace');
  if (given !== undefined) {
    const hint = 'take the namespace away; spec.subject says whom the policy is for';
    reader.error('wrong-value', `${api.kind} is not namespaced`, ['metadata', 'namespace'], { hint, what: 'key' });
  }
  const spec = reader.requiredObject('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  if (spec === undefined) return undefined;
  const placed = place(spec);
  const subjectReader = spec.requiredObject('subject');
  const subject = subjectReader === undefined ? undefined : readSubject(subjectReader);
  const ingress = readRules(spec, 'ingress', api);
  const egress = readRules(spec, 'egress', api);
  spec.done();
  if (metadata === undefined || placed === undefined || subject === undefined) return undefined;
  return { kind: api.kind, ...metadata, ...placed, subject, ingress, egress };
}

/** Exactly one of the two forms. */
function readSubject(reader: FieldReader): AdminPolicySubject | undefined {
  const namespaces = readSelector(reader, 'namespaces');
  const pods = reader.object('pods');
  const namespaceSelector = pods === undefined ? undefined : readSelector(pods, 'namespaceSelector');
  const podSelector = pods === undefined ? undefined : readSelector(pods, 'podSelector');
  if (pods?.has('podSelector') === false) {
    pods.error('missing-field', 'required field podSelector is missing', [], {
      hint: 'podSelector: {} means all Pods',
    });
  }
  pods?.done();
  reader.done();
  if (!exactlyOne(reader, ['namespaces', 'pods'])) return undefined;
  if (namespaces !== undefined) return { namespaceSelector: namespaces, podSelector: undefined };
  if (podSelector === undefined) return undefined;
  // The type says that an absent namespaceSelector is an empty one.
  return { namespaceSelector: namespaceSelector ?? { matchLabels: {}, matchExpressions: [] }, podSelector };
}

function readRules(spec: FieldReader, direction: 'ingress' | 'egress', api: Api): readonly AdminPolicyRule[] {
  atMost(spec, direction, api.most.rules);
  return spec.objects(direction).flatMap((rule) => readRule(rule, direction, api) ?? []);
}

/** MaxItems of the CRD. */
function atMost(reader: FieldReader, name: string, most: number): void {
  const items = reader.raw(name);
  if (!Array.isArray(items) || items.length <= most) return;
  reader.error('wrong-value', `Too many: ${items.length}: must have at most ${most} items`, [name], { what: 'key' });
}

function readRule(rule: FieldReader, direction: 'ingress' | 'egress', api: Api): AdminPolicyRule | undefined {
  const peersField = direction === 'ingress' ? 'from' : 'to';
  const name = rule.optional('name', RULE_NAME);
  const action = actionOf(rule.required('action', api.actions));
  atMost(rule, peersField, api.most.items);
  atMost(rule, api.ports, api.most.items);
  const peers = rule.objects(peersField).flatMap((peer) => readAdminPeer(peer, direction) ?? []);
  const ports = rule.objects(api.ports).flatMap((port) => api.readPort(port) ?? []);
  rule.done();
  const given = rule.raw(peersField);
  if (given === undefined) {
    rule.error('missing-field', `required field ${peersField} is missing: expected at least one peer`);
  } else if (Array.isArray(given) && given.length === 0) {
    rule.error('wrong-value', 'Invalid value: 0: should have at least 1 items', [peersField], { what: 'key' });
  }
  if (api.ports === 'protocols' && rule.raw('protocols') !== undefined && ports.length === 0) {
    rule.error('wrong-value', 'Invalid value: 0: should have at least 1 items', ['protocols'], { what: 'key' });
  }
  checkEgressPeers(rule, peers, ports, action);
  if (action === undefined) return undefined;
  return { ...(name === undefined ? {} : { name }), action, peers, ports, source: rule.source };
}

/** The CEL rules of egress rules. */
function checkEgressPeers(
  rule: FieldReader,
  peers: AdminPolicyRule['peers'],
  ports: AdminPolicyRule['ports'],
  action: AdminPolicyAction | undefined,
): void {
  const outside = peers.some(({ kind }) => kind === 'networks' || kind === 'nodes' || kind === 'domain-names');
  if (outside && ports.some(({ kind }) => kind === 'named')) {
    const message =
      'networks/nodes/domainNames peer cannot be set with namedPorts since there are no namedPorts for networks/nodes/domainNames';
    rule.error('wrong-value', message);
  }
  if (action !== undefined && action !== 'Accept' && peers.some(({ kind }) => kind === 'domain-names')) {
    rule.error('wrong-value', 'domainNames may only be used with the actions Accept and Allow', ['to'], {
      what: 'key',
    });
  }
}

function actionOf(word: string | undefined): AdminPolicyAction | undefined {
  if (word === 'Allow' || word === 'Accept') return 'Accept';
  return word === 'Deny' || word === 'Pass' ? word : undefined;
}
