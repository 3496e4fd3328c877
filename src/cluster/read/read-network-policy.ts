/** NetworkPolicy of networking.k8s.io/v1, strictly, with the API server's defaults and validation. */
import { isIp4 } from '../../net/address.ts';
import { covers, network, type Prefix, printPrefix } from '../../net/prefix.ts';
import { forbidden, invalid, required } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import { type FieldType, integer, oneOf, PORT_OR_NAME, PREFIX } from '../field-type.ts';
import { DNS_SUBDOMAIN } from '../names.ts';
import {
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  type NetworkPolicyRule,
  PROTOCOLS,
} from '../objects.ts';
import { readMetadata, readNamespace } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';
import { readSelector } from './read-selector.ts';

const TYPE = oneOf('Ingress', 'Egress');
const PROTOCOL = oneOf(...PROTOCOLS);

export function readNetworkPolicy(reader: FieldReader, options: ReadOptions): NetworkPolicy | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const spec = reader.object('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  if (!reader.has('spec')) warnOfNoSelector(reader, 'spec');
  else if (spec?.has('podSelector') === false) warnOfNoSelector(spec, 'podSelector');
  const read = spec === undefined ? WITHOUT_SPEC : readNetworkPolicySpec(spec);
  spec?.done();
  return metadata === undefined ? undefined : { kind: 'NetworkPolicy', ...metadata, namespace, ...read };
}

type Spec = Pick<NetworkPolicy, 'podSelector' | 'policyTypes' | 'ingress' | 'egress'>;

const EVERY_POD: Spec['podSelector'] = { matchLabels: {}, matchExpressions: [] };
const WITHOUT_SPEC: Spec = { podSelector: EVERY_POD, policyTypes: ['Ingress'], ingress: [], egress: [] };

/**
 * spec and podSelector are optional, and what is left out is empty (k8s.io/api networking/v1: NetworkPolicySpec). The API
 * server says nothing about it; here it is a warning, since a policy for every Pod is rarely what was meant.
 */
function warnOfNoSelector(reader: FieldReader, missing: 'spec' | 'podSelector'): void {
  const hint = missing === 'spec' ? 'write spec: {podSelector: {}}' : 'write podSelector: {}';
  const message = `${missing} is left out: the policy is for all Pods of the namespace`;
  reader.warn('missing-selector', message, [], { hint: `${hint}, or select some of them` });
}

/** What a StagedKubernetesNetworkPolicy has, too; the caller says done(). */
export function readNetworkPolicySpec(spec: FieldReader): Spec {
  const podSelector = readSelector(spec, 'podSelector') ?? EVERY_POD;
  const ingress = spec.objects('ingress').map((rule) => readRule(rule, 'from'));
  const egress = spec.objects('egress').map((rule) => readRule(rule, 'to'));
  const given = spec.list('policyTypes', TYPE);
  if (given.length > 2) {
    const message = invalid(given, 'may not specify more than two policyTypes');
    spec.error('wrong-value', message, ['policyTypes'], { what: 'key' });
  }
  // SetDefaults_NetworkPolicy: Ingress always, Egress when there are egress rules.
  const byDefault = egress.length > 0 ? (['Ingress', 'Egress'] as const) : (['Ingress'] as const);
  const policyTypes = given.length > 0 ? [...new Set(given)] : byDefault;
  return { podSelector, policyTypes, ingress, egress };
}

function readRule(rule: FieldReader, peers: 'from' | 'to'): NetworkPolicyRule {
  const read: NetworkPolicyRule = {
    peers: rule.objects(peers).flatMap((peer) => readPeer(peer) ?? []),
    ports: rule.objects('ports').map(readPort),
  };
  rule.done();
  return read;
}

/** ValidateNetworkPolicyPeer: either an ipBlock or selectors, and at least one of them. */
function readPeer(peer: FieldReader): NetworkPolicyPeer | undefined {
  const podSelector = readSelector(peer, 'podSelector');
  const namespaceSelector = readSelector(peer, 'namespaceSelector');
  const block = peer.object('ipBlock');
  const cidr = block === undefined ? undefined : readBlock(block);
  peer.done();
  const selects = peer.has('podSelector') || peer.has('namespaceSelector');
  if (peer.has('ipBlock') && selects) {
    const hint = 'write two items of the list';
    const message = forbidden('may not specify both ipBlock and another peer');
    peer.error('wrong-value', message, [], { hint, what: 'key', at: ['ipBlock'] });
  }
  if (!peer.has('ipBlock') && !selects) {
    peer.error('missing-field', required('must specify a peer'), [], {
      hint: 'write podSelector, namespaceSelector or ipBlock; an empty rule ({} in the list of rules) allows everybody',
    });
    return undefined;
  }
  return cidr ?? (selects ? { kind: 'pods', podSelector, namespaceSelector } : undefined);
}

function readBlock(block: FieldReader): NetworkPolicyPeer | undefined {
  const cidr = block.required('cidr', PREFIX);
  const except = block.entries('except', PREFIX);
  block.done();
  if (cidr === undefined) return undefined;
  warnOfHostBits(block, cidr, ['cidr']);
  for (const [index, inner] of except) {
    warnOfHostBits(block, inner, ['except', index]);
    // ValidateIPBlock: a strict subset.
    if (!covers(network(cidr), network(inner)) || inner.bits <= cidr.bits) {
      const message = invalid(printPrefix(inner), 'must be a strict subset of `cidr`');
      block.error('wrong-value', message, ['except', index], { hint: `cidr is ${printPrefix(cidr)}` });
    }
  }
  return { kind: 'ipBlock', cidr: network(cidr), except: except.map(([, inner]) => network(inner)) };
}

function warnOfHostBits(reader: FieldReader, prefix: Prefix, path: readonly (string | number)[]): void {
  const clean = network(prefix);
  if (clean.addr === prefix.addr) return;
  const message = `${printPrefix(prefix)} has host bits set; it is read as ${printPrefix(clean)}`;
  const hint = `write ${printPrefix(clean)}, or ${printPrefix({ addr: prefix.addr, bits: isIp4(prefix.addr) ? 32 : 128 })} for the one address`;
  reader.warn('host-bits', message, path, { hint });
}

/** As Calico and other tools write them, in one text. */
const RANGE = /^([1-9]\d{0,4})\s?[-:]\s?([1-9]\d{0,4})$/;

const POLICY_PORT: FieldType<number | string> = {
  ...PORT_OR_NAME,
  hint: (value) => {
    const [, first, last] = (typeof value === 'string' ? RANGE.exec(value) : null) ?? [];
    const isRange = Number(first) <= Number(last) && Number(last) <= 65535;
    return isRange ? `write a range as port: ${first} and endPort: ${last}` : PORT_OR_NAME.hint?.(value);
  },
};

/** ValidateNetworkPolicyPort: endPort needs a numeric port that is not above it. */
function readPort(reader: FieldReader): NetworkPolicyPort {
  const protocol = reader.optional('protocol', PROTOCOL) ?? 'TCP';
  const port = reader.optional('port', POLICY_PORT);
  const endPort = reader.optional('endPort', integer(1, 65535));
  reader.done();
  const refuse = (value: number, words: string, hint?: string): void =>
    reader.error('wrong-value', invalid(value, words), ['endPort'], { hint });
  if (endPort !== undefined) {
    if (!reader.has('port')) refuse(endPort, 'may not be specified when `port` is not specified');
    else if (typeof port === 'string') refuse(endPort, 'may not be specified when `port` is non-numeric');
    // ValidateNetworkPolicyPort() prints the first port here, not the last.
    else if (port !== undefined && endPort < port) {
      refuse(port, 'must be greater than or equal to `port`', `endPort is ${endPort}`);
    }
  }
  return { protocol, ...(port === undefined ? {} : { port }), ...(endPort === undefined ? {} : { endPort }) };
}
