/** Calico's NetworkPolicy and GlobalNetworkPolicy, also staged (projectcalico.org/v3 and crd.projectcalico.org/v1). */
import type { FieldReader } from '../field-reader.ts';
import { BOOLEAN, oneOf, STRING } from '../field-type.ts';
import { DNS_SUBDOMAIN } from '../names.ts';
import { ownField } from '../plain-object.ts';
import type {
  CalicoNetworkPolicy,
  CalicoPolicy,
  CalicoSelector,
  GlobalNetworkPolicy,
  StagedPolicy,
} from '../policy/calico-policy.ts';
import { ORDER } from './calico-field-type.ts';
import { type CalicoResource, openCalicoResource } from './calico-resource.ts';
import { readNamespace } from './metadata.ts';
import { readCalicoRule } from './read-calico-rule.ts';
import { readCalicoSelector } from './read-calico-selector.ts';
import { readNetworkPolicySpec } from './read-network-policy.ts';
import type { ReadOptions } from './read-options.ts';

const TYPE = oneOf('Ingress', 'Egress');
const STAGED_ACTION = oneOf('Set', 'Delete', 'Learn', 'Ignore');
const ALL: CalicoSelector = { text: '', selector: { kind: 'all' } };

export function readCalicoNetworkPolicy(reader: FieldReader, options: ReadOptions): CalicoNetworkPolicy | undefined {
  const namespace = readNamespace(reader, options.defaultNamespace);
  const opened = openCalicoResource(reader);
  if (opened === undefined) return undefined;
  const policy = readNamespaced(reader, opened, namespace);
  opened.spec.done();
  return policy;
}

export function readGlobalNetworkPolicy(reader: FieldReader): GlobalNetworkPolicy | undefined {
  const opened = openCalicoResource(reader);
  if (opened === undefined) return undefined;
  const policy = readGlobal(reader, opened);
  opened.spec.done();
  return policy;
}

export function readStagedPolicy(
  kind: StagedPolicy['kind'],
  reader: FieldReader,
  options: ReadOptions,
): StagedPolicy | undefined {
  const global = kind === 'StagedGlobalNetworkPolicy';
  const namespace = global ? undefined : readNamespace(reader, options.defaultNamespace);
  const opened = openCalicoResource(reader);
  if (opened === undefined) return undefined;
  const stagedAction = opened.spec.optional('stagedAction', STAGED_ACTION) ?? 'Set';
  const policy = readWhatIsStaged(kind, reader, opened, namespace ?? options.defaultNamespace);
  opened.spec.done();
  if (stagedAction === 'Delete') refuseFieldsOfDeletion(opened.spec, kind);
  return { kind, ...opened.metadata, ...(namespace === undefined ? {} : { namespace }), stagedAction, policy };
}

function readWhatIsStaged(
  kind: StagedPolicy['kind'],
  reader: FieldReader,
  opened: CalicoResource,
  namespace: string,
): StagedPolicy['policy'] {
  if (kind === 'StagedGlobalNetworkPolicy') return readGlobal(reader, opened);
  if (kind === 'StagedNetworkPolicy') return readNamespaced(reader, opened, namespace);
  return { kind: 'NetworkPolicy', ...opened.metadata, namespace, ...readNetworkPolicySpec(opened.spec) };
}

/** validateStagedNetworkPolicy() and its like: what is to be deleted is named, and no more. */
function refuseFieldsOfDeletion(spec: FieldReader, kind: StagedPolicy['kind']): void {
  const tiered = kind !== 'StagedKubernetesNetworkPolicy';
  const allowed = tiered ? ['stagedAction', 'tier'] : ['stagedAction'];
  const field = Object.keys(spec.value).find((name) => !allowed.includes(name) && spec.has(name));
  if (field === undefined) return;
  const but = tiered ? ', except Tier,' : '';
  const message = `Spec fields${but} should all be zero-value if stagedAction is Delete`;
  spec.error('wrong-value', message, [field], { what: 'key' });
}

function readNamespaced(
  reader: FieldReader,
  { metadata, spec }: CalicoResource,
  namespace: string,
): CalicoNetworkPolicy {
  return { kind: 'CalicoNetworkPolicy', ...metadata, namespace, ...readSpec(reader, spec, namespace) };
}

function readGlobal(reader: FieldReader, { metadata, spec }: CalicoResource): GlobalNetworkPolicy {
  const read = readSpec(reader, spec, undefined);
  const namespaceSelector = readCalicoSelector(spec, 'namespaceSelector');
  const doNotTrack = spec.optional('doNotTrack', BOOLEAN) ?? false;
  const preDnat = spec.optional('preDNAT', BOOLEAN) ?? false;
  const applyOnForward = spec.optional('applyOnForward', BOOLEAN) ?? false;
  if (doNotTrack && preDnat) {
    const message = 'PreDNAT and DoNotTrack cannot both be true, for a given PolicySpec';
    spec.error('wrong-value', message, ['preDNAT']);
  }
  if (preDnat && read.egress.length > 0) {
    spec.error('wrong-value', 'PreDNAT PolicySpec cannot have any Egress rules', ['egress'], { what: 'key' });
  } else if (preDnat && read.types.includes('Egress')) {
    spec.error('wrong-value', "PreDNAT PolicySpec cannot have 'egress' Type", ['types'], { what: 'key' });
  }
  if ((doNotTrack || preDnat) && !applyOnForward) {
    const message = 'ApplyOnForward must be true if either PreDNAT or DoNotTrack is true, for a given PolicySpec';
    const hint = 'write applyOnForward: true';
    spec.error('wrong-value', message, [doNotTrack ? 'doNotTrack' : 'preDNAT'], { hint });
  }
  return {
    kind: 'GlobalNetworkPolicy',
    ...metadata,
    ...read,
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    doNotTrack,
    preDnat,
    applyOnForward,
  };
}

type Spec = Pick<
  CalicoPolicy,
  'tier' | 'order' | 'types' | 'selector' | 'serviceAccountSelector' | 'ingress' | 'egress'
>;

function readSpec(reader: FieldReader, spec: FieldReader, namespace: string | undefined): Spec {
  const tier = spec.optional('tier', DNS_SUBDOMAIN) ?? 'default';
  const order = spec.optional('order', ORDER);
  const selector = readCalicoSelector(spec, 'selector') ?? ALL;
  const serviceAccountSelector = readCalicoSelector(spec, 'serviceAccountSelector');
  const rules = (direction: 'ingress' | 'egress'): Spec['ingress'] =>
    spec.objects(direction).flatMap((rule) => readCalicoRule(rule, { direction, namespace, pass: true }) ?? []);
  const ingress = rules('ingress');
  const egress = rules('egress');
  const types = spec.entries('types', TYPE);
  const given = types.map(([, type]) => type);
  spec.list('performanceHints', STRING);
  const repeated = types.find(([, type], place) => given.indexOf(type) < place);
  if (repeated !== undefined) {
    const [index, type] = repeated;
    spec.error('wrong-value', `'${type}' type specified more than once`, ['types', index]);
  }
  const stored = ownField(reader.value, 'apiVersion') === 'crd.projectcalico.org/v1';
  return {
    tier,
    ...(order === undefined ? {} : { order }),
    types: given.length > 0 ? [...new Set(given)] : defaultTypes(ingress.length > 0, egress.length > 0, stored),
    selector,
    ...(serviceAccountSelector === undefined ? {} : { serviceAccountSelector }),
    ingress,
    egress,
  };
}

/**
 * libcalico-go clientv3 (defaultPolicyTypesField). Nobody fills the field in where the stored form is applied by hand, and
 * Felix takes a missing one for both (felix/calc/policy_sorter.go: ExtractPolicyMetadata).
 */
function defaultTypes(ingress: boolean, egress: boolean, stored: boolean): Spec['types'] {
  if (stored) return ['Ingress', 'Egress'];
  if (!egress) return ['Ingress'];
  return ingress ? ['Ingress', 'Egress'] : ['Egress'];
}
