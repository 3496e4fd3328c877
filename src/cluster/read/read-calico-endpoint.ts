/** Calico's Tier, NetworkSet, GlobalNetworkSet, HostEndpoint and Profile. */
import { network } from '../../net/prefix.ts';
import type { FieldReader } from '../field-reader.ts';
import { type FieldType, hostBitsMessage, IP, oneOf, PORT, STRING, withoutHostBits } from '../field-type.ts';
import { DNS_SUBDOMAIN, readLabels } from '../names.ts';
import type { HostEndpoint, NetworkSet, Profile, Tier } from '../policy/calico-policy.ts';
import { CALICO_PROTOCOL, ORDER, PREFIX_OR_IP } from './calico-field-type.ts';
import { openCalicoResource } from './calico-resource.ts';
import { type Metadata, readMetadata, readNamespace } from './metadata.ts';
import { readCalicoRule } from './read-calico-rule.ts';
import type { ReadOptions } from './read-options.ts';

/** Tiers that Calico makes by itself have fixed orders (api/pkg/apis/projectcalico/v3/tier.go). */
const FIXED_ORDERS: ReadonlyMap<string, number> = new Map([
  ['default', 1_000_000],
  ['adminnetworkpolicy', 1_000],
  ['kube-admin', 1_000],
  ['baselineadminnetworkpolicy', 10_000_000],
  ['kube-baseline', 10_000_000],
]);

export function readTier(reader: FieldReader): Tier | undefined {
  const opened = openCalicoResource(reader);
  if (opened === undefined) return undefined;
  const { metadata, spec } = opened;
  const order = spec.optional('order', ORDER);
  const fixed = FIXED_ORDERS.get(metadata.name);
  const byDefault = fixed === undefined || metadata.name === 'default' ? 'Deny' : 'Pass';
  const defaultAction = spec.optional('defaultAction', oneOf('Deny', 'Pass')) ?? byDefault;
  spec.done();
  if (fixed !== undefined && order !== undefined && order !== fixed) {
    spec.error('wrong-value', `${metadata.name} tier order must be ${fixed}`, ['order']);
  }
  const shown = order ?? fixed;
  return { kind: 'Tier', ...metadata, ...(shown === undefined ? {} : { order: shown }), defaultAction };
}

export function readNetworkSet(reader: FieldReader, options: ReadOptions): NetworkSet | undefined {
  const namespace = readNamespace(reader, options.defaultNamespace);
  const read = readNets(reader);
  return read === undefined ? undefined : { kind: 'NetworkSet', namespace, ...read };
}

export function readGlobalNetworkSet(reader: FieldReader): NetworkSet | undefined {
  const read = readNets(reader);
  return read === undefined ? undefined : { kind: 'GlobalNetworkSet', ...read };
}

function readNets(reader: FieldReader): (Metadata & Pick<NetworkSet, 'nets'>) | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  // A set without spec is an empty one.
  const spec = reader.object('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  const nets = spec?.entries('nets', PREFIX_OR_IP) ?? [];
  spec?.done();
  for (const [index, net] of nets) {
    if (withoutHostBits(net).changed) spec?.warn('host-bits', hostBitsMessage(net), ['nets', index]);
  }
  if (metadata !== undefined && Object.hasOwn(metadata.labels, NAMESPACE_LABEL)) {
    reader.error(
      'wrong-value',
      `${NAMESPACE_LABEL} is not a valid label name`,
      ['metadata', 'labels', NAMESPACE_LABEL],
      {
        what: 'key',
      },
    );
  }
  return metadata === undefined ? undefined : { ...metadata, nets: nets.map(([, net]) => network(net)) };
}

const NAMESPACE_LABEL = 'projectcalico.org/namespace';

const INTERFACE: FieldType<string> = {
  expected: "the name of a network device, at most 15 characters, or '*' for all of the host's",
  parse: (value) =>
    typeof value === 'string' && (value === '*' || /^[A-Za-z0-9_.-]{1,15}$/.test(value)) ? value : undefined,
};

export function readHostEndpoint(reader: FieldReader): HostEndpoint | undefined {
  const opened = openCalicoResource(reader);
  if (opened === undefined) return undefined;
  const { metadata, spec } = opened;
  const node = spec.required('node', STRING);
  const interfaceName = spec.optional('interfaceName', INTERFACE);
  const expectedIps = spec.list('expectedIPs', IP);
  const profiles = spec.list('profiles', STRING);
  const ports = spec.objects('ports').flatMap((port) => readPort(port) ?? []);
  spec.done();
  if (!spec.has('interfaceName') && expectedIps.length === 0) {
    spec.error('missing-field', 'no interface or expected IPs have been specified');
  }
  if (node === undefined) return undefined;
  return {
    kind: 'HostEndpoint',
    ...metadata,
    node,
    ...(interfaceName === undefined ? {} : { interfaceName }),
    expectedIps,
    profiles,
    ports,
  };
}

function readPort(reader: FieldReader): HostEndpoint['ports'][number] | undefined {
  const name = reader.required('name', STRING);
  const protocol = reader.required('protocol', CALICO_PROTOCOL);
  const port = reader.required('port', PORT);
  reader.done();
  if (protocol !== undefined && ![6, 17, 132].includes(protocol.number)) {
    reader.error('wrong-value', 'EndpointPort protocol does not support ports.', ['protocol']);
  }
  return name === undefined || protocol === undefined || port === undefined ? undefined : { name, protocol, port };
}

export function readProfile(reader: FieldReader): Profile | undefined {
  const opened = openCalicoResource(reader);
  if (opened === undefined) return undefined;
  const { metadata, spec } = opened;
  const rules = (direction: 'ingress' | 'egress'): Profile['ingress'] =>
    spec
      .objects(direction)
      .flatMap((rule) => readCalicoRule(rule, { direction, namespace: undefined, pass: false }) ?? []);
  const ingress = rules('ingress');
  const egress = rules('egress');
  const labelsToApply = readLabels(spec, 'labelsToApply');
  spec.done();
  return { kind: 'Profile', ...metadata, ingress, egress, labelsToApply };
}
