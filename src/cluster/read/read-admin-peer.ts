/** Peers of AdminNetworkPolicies and ClusterNetworkPolicies. */
import { network } from '../../net/prefix.ts';
import type { FieldReader } from '../field-reader.ts';
import { type FieldType, hostBitsMessage, PREFIX, withoutHostBits } from '../field-type.ts';
import { isLabelKey } from '../names.ts';
import type { AdminPolicyPeer, NamespaceChoice } from '../policy/admin-policy.ts';
import { exactlyOne } from './exactly-one.ts';
import { readSelector } from './read-selector.ts';

/** The pattern of the CRD. */
const DOMAIN_NAME: FieldType<string> = {
  expected: 'a domain name such as example.com or *.example.com',
  parse: (value) => (typeof value === 'string' && value.length <= 253 && isDomainName(value) ? value : undefined),
};

/** One label after the other, so that a long name costs no more than its length. */
function isDomainName(name: string): boolean {
  const labels = name.replace(/^\*\./, '').replace(/\.$/, '').split('.');
  return labels.length > 1 && labels.every((label) => /^[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?$/.test(label));
}

const LABEL_KEY: FieldType<string> = {
  expected: 'a label key',
  parse: (value) => (typeof value === 'string' && isLabelKey(value) ? value : undefined),
};

const IN_CLUSTER = ['namespaces', 'pods'];
const OUTSIDE = ['nodes', 'networks', 'domainNames'];

/**
 * A peer without any field that is known fails closed (`unknown`); strictly it is refused, as the CRD does. Undefined where
 * the peer itself is wrong.
 */
export function readAdminPeer(reader: FieldReader, direction: 'ingress' | 'egress'): AdminPolicyPeer | undefined {
  const known = direction === 'ingress' ? IN_CLUSTER : [...IN_CLUSTER, ...OUTSIDE];
  const peer = readPods(reader) ?? (direction === 'egress' ? readOutside(reader) : undefined);
  reader.done();
  if (Object.keys(reader.value).some((name) => known.includes(name))) {
    return exactlyOne(reader, known) && peer !== undefined ? { ...peer, source: reader.source } : undefined;
  }
  const hint = `write exactly one of ${known.join(', ')}`;
  if (Object.keys(reader.value).length === 0) exactlyOne(reader, known);
  else reader.warn('unknown-peer', 'a peer of an unknown kind: the whole rule fails closed', [], { hint });
  return { kind: 'unknown', source: reader.source };
}

function readPods(reader: FieldReader): AdminPolicyPeer | undefined {
  const namespaces = reader.object('namespaces');
  const pods = reader.object('pods');
  if (namespaces !== undefined) {
    const chosen = readNamespaces(namespaces, reader);
    return chosen === undefined ? undefined : { kind: 'pods', namespaces: chosen, podSelector: undefined };
  }
  if (pods === undefined) return undefined;
  const older = pods.object('namespaces');
  const selector = readSelector(pods, 'namespaceSelector');
  const podSelector = readSelector(pods, 'podSelector');
  if (!pods.has('podSelector')) {
    pods.error('missing-field', 'required field podSelector is missing', [], {
      hint: 'podSelector: {} means all Pods',
    });
  }
  pods.done();
  const chosen = older === undefined ? selectorChoice(selector) : readOlderChoice(older);
  return chosen === undefined || podSelector === undefined
    ? undefined
    : { kind: 'pods', namespaces: chosen, podSelector };
}

/** Today's form is a selector; that of v0.1.1 is known by its field names. */
function readNamespaces(reader: FieldReader, parent: FieldReader): NamespaceChoice | undefined {
  if (OLDER.some((name) => reader.has(name))) return readOlderChoice(reader);
  return selectorChoice(readSelector(parent, 'namespaces'));
}

const OLDER = ['namespaceSelector', 'sameLabels', 'notSameLabels'];

function readOlderChoice(reader: FieldReader): NamespaceChoice | undefined {
  const selector = readSelector(reader, 'namespaceSelector');
  const same = reader.list('sameLabels', LABEL_KEY);
  const notSame = reader.list('notSameLabels', LABEL_KEY);
  reader.done();
  if (!exactlyOne(reader, OLDER)) return undefined;
  if (selector !== undefined) return { kind: 'selector', selector };
  return reader.has('sameLabels') ? { kind: 'same-labels', keys: same } : { kind: 'not-same-labels', keys: notSame };
}

function selectorChoice(selector: ReturnType<typeof readSelector>): NamespaceChoice {
  return { kind: 'selector', selector: selector ?? { matchLabels: {}, matchExpressions: [] } };
}

function readOutside(reader: FieldReader): AdminPolicyPeer | undefined {
  const nodes = readSelector(reader, 'nodes');
  const networks = reader.entries('networks', PREFIX);
  const names = reader.list('domainNames', DOMAIN_NAME);
  for (const name of ['networks', 'domainNames']) {
    const items = reader.raw(name);
    if (!Array.isArray(items)) continue;
    if (items.length === 0) reader.error('wrong-value', 'Invalid value: 0: should have at least 1 items', [name]);
    if (items.length > 25) {
      reader.error('wrong-value', `Too many: ${items.length}: must have at most 25 items`, [name], { what: 'key' });
    }
    for (const [index, item] of items.entries()) {
      if (items.indexOf(item) < index) reader.error('wrong-value', 'Duplicate value', [name, index]);
    }
  }
  for (const [index, prefix] of networks) {
    if (withoutHostBits(prefix).changed) reader.warn('host-bits', hostBitsMessage(prefix), ['networks', index]);
  }
  if (nodes !== undefined) return { kind: 'nodes', selector: nodes };
  if (reader.has('networks')) return { kind: 'networks', networks: networks.map(([, prefix]) => network(prefix)) };
  return reader.has('domainNames') ? { kind: 'domain-names', names } : undefined;
}
