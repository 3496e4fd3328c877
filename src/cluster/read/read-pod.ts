import { familyOf, type IpAddr, printIp } from '../../net/address.ts';
import { duplicate, invalid, required } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import { BOOLEAN, type FieldType, IP, integer, mismatch, oneOf, PORT, PORT_NAME, STRING } from '../field-type.ts';
import { LISTEN_LIST } from '../listen.ts';
import { DNS_LABEL, DNS_SUBDOMAIN, readLabels } from '../names.ts';
import type { ContainerPort, Labels, Pod } from '../objects.ts';
import { ownField } from '../plain-object.ts';
import { type OwnerReference, readMetadata, readNamespace, readOwner } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';

/** Where a Pod may go when the input does not say where it is. */
export type Placement = {
  readonly nodeSelector: Labels;
  readonly toleratesControlPlane: boolean;
};

/** The part of a Pod that its template holds. */
export type PodSpec = Pick<Pod, 'node' | 'hostNetwork' | 'serviceAccount' | 'ports' | 'dns'> & {
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly placement: Placement;
};

export type PodDraft = {
  readonly pod: Pod;
  readonly placement: Placement;
  readonly controller: OwnerReference | undefined;
};

const PROTOCOL = oneOf('SCTP', 'TCP', 'UDP');
/** 0 is none. */
const HOST_PORT: FieldType<number> = { ...integer(0, 65535), refuse: (value) => PORT.refuse?.(value) ?? [] };
const PHASE = oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown');
const DNS_POLICY = oneOf('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None');
const CONTROL_PLANE_TAINTS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** A Pod of a manifest (no status: it is taken to run and to be ready) or of a dump. */
export function readPod(reader: FieldReader, options: ReadOptions): PodDraft | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, false);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const specReader = reader.requiredObject('spec');
  if (metadata === undefined || specReader === undefined) return undefined;
  const { placement, ...spec } = readPodSpec(specReader);
  const status = reader.object('status');
  const phase = status?.optional('phase', PHASE) ?? 'Running';
  const meta = ownField(reader.value, 'metadata');
  const listen = readListen(reader, metadata.annotations);
  const controller = readOwner(reader);
  const pod: Pod = {
    kind: 'Pod',
    ...metadata,
    namespace,
    ...spec,
    ips: status === undefined ? [] : readPodIps(status),
    phase,
    ready: phase === 'Running' && isReady(status),
    terminating: typeof meta === 'object' && meta !== null && Object.hasOwn(meta, 'deletionTimestamp'),
    ...(listen === undefined ? {} : { listen }),
    ...(controller === undefined ? {} : { owner: controller }),
  };
  return { pod, placement, controller };
}

/** `nettrace/listen` (and its older spelling `nettrace.io/listen`). */
export function readListen(reader: FieldReader, annotations: Labels): Pod['listen'] {
  for (const key of ['nettrace/listen', 'nettrace.io/listen']) {
    if (!Object.hasOwn(annotations, key)) continue;
    const value = annotations[key];
    const listen = LISTEN_LIST.parse(value);
    if (listen === undefined) {
      reader.error('wrong-value', mismatch(LISTEN_LIST, value), ['metadata', 'annotations', key]);
    }
    return listen;
  }
  return undefined;
}

export function readPodSpec(spec: FieldReader): PodSpec {
  const hostNetwork = spec.optional('hostNetwork', BOOLEAN) ?? false;
  const hostname = spec.optional('hostname', DNS_LABEL);
  const subdomain = spec.optional('subdomain', DNS_LABEL);
  return {
    node: spec.optional('nodeName', DNS_SUBDOMAIN),
    hostNetwork,
    serviceAccount: spec.optional('serviceAccountName', STRING) ?? spec.optional('serviceAccount', STRING) ?? 'default',
    ports: readPorts(spec, hostNetwork),
    dns: readDns(spec),
    ...(hostname === undefined ? {} : { hostname }),
    ...(subdomain === undefined ? {} : { subdomain }),
    placement: { nodeSelector: readLabels(spec, 'nodeSelector'), toleratesControlPlane: toleratesControlPlane(spec) },
  };
}

/** Ports of all containers; those of init containers only when they go on running (sidecars). */
function readPorts(spec: FieldReader, hostNetwork: boolean): readonly ContainerPort[] {
  const sidecars = spec
    .objects('initContainers')
    .filter((container) => ownField(container.value, 'restartPolicy') === 'Always');
  return [...sidecars, ...spec.objects('containers')].flatMap((container) => readContainer(container, hostNetwork));
}

/** validateContainerPorts(): names are the container's own, two containers of a Pod may share one. */
function readContainer(container: FieldReader, hostNetwork: boolean): readonly ContainerPort[] {
  const names = new Set<string>();
  return container.objects('ports').flatMap((port) => {
    const read = readPort(port, hostNetwork);
    const name = read?.name;
    if (name !== undefined && names.has(name)) port.error('duplicate', duplicate(name), ['name']);
    if (name !== undefined) names.add(name);
    return read ?? [];
  });
}

function readPort(reader: FieldReader, hostNetwork: boolean): ContainerPort | undefined {
  const port = reader.required('containerPort', PORT);
  const name = ownField(reader.value, 'name') === '' ? undefined : reader.optional('name', PORT_NAME);
  const protocol = reader.optional('protocol', PROTOCOL) ?? 'TCP';
  // SetDefaults_PodSpec: on the host network every container port is a host port.
  const hostPort = reader.optional('hostPort', HOST_PORT) || (hostNetwork ? port : undefined);
  const hostIp = ownField(reader.value, 'hostIP') === '' ? undefined : reader.optional('hostIP', IP);
  if (port === undefined) return undefined;
  if (hostNetwork && hostPort !== port) {
    // validateHostNetwork()
    reader.error('wrong-value', invalid(port, 'must match `hostPort` when `hostNetwork` is true'), ['containerPort']);
  }
  return {
    ...(name === undefined ? {} : { name }),
    port,
    protocol,
    ...(hostPort === undefined ? {} : { hostPort }),
    ...(hostIp === undefined ? {} : { hostIp }),
  };
}

/** SetDefaults_PodSpec: ClusterFirst; kubelet's resolver: ndots 5 and three search names at most by default. */
function readDns(spec: FieldReader): Pod['dns'] {
  const policy = spec.optional('dnsPolicy', DNS_POLICY) ?? 'ClusterFirst';
  const config = spec.object('dnsConfig');
  if (config === undefined) return policy === 'ClusterFirst' ? CLUSTER_FIRST : { ...CLUSTER_FIRST, policy };
  const option = config.objects('options').find(({ value }) => ownField(value, 'name') === 'ndots');
  const ndots = Number(ownField(option?.value ?? {}, 'value') ?? 5);
  if (!Number.isInteger(ndots) || ndots < 0) option?.error('wrong-value', 'ndots must be a number', ['value']);
  const nameservers = config.list('nameservers', IP);
  if (policy === 'None' && nameservers.length === 0) {
    // validatePodDNSConfig()
    const message = required('must provide at least one DNS nameserver when `dnsPolicy` is None');
    config.error('missing-field', message, ['nameservers']);
  }
  // resolv.conf(5): the value is capped at 15.
  return { policy, nameservers, searches: config.list('searches', STRING), ndots: Math.min(ndots || 0, 15) };
}

const CLUSTER_FIRST: Pod['dns'] = { policy: 'ClusterFirst', nameservers: [], searches: [], ndots: 5 };

function toleratesControlPlane(spec: FieldReader): boolean {
  return spec.objects('tolerations').some(({ value }) => {
    const key = ownField(value, 'key') ?? '';
    const effect = ownField(value, 'effect') ?? '';
    if (effect !== '' && effect !== 'NoSchedule') return false;
    return key === '' ? ownField(value, 'operator') === 'Exists' : CONTROL_PLANE_TAINTS.some((taint) => taint === key);
  });
}

function readPodIps(status: FieldReader): readonly IpAddr[] {
  const many = status.objects('podIPs').flatMap((item) => item.required('ip', IP) ?? []);
  const one = many.length > 0 ? undefined : status.optional('podIP', IP);
  const ips = one === undefined ? many : [one];
  if (
    ips.length > 2 ||
    (ips.length === 2 && ips[0] !== undefined && ips[1] !== undefined && familyOf(ips[0]) === familyOf(ips[1]))
  ) {
    // validatePodIPs()
    const message = invalid(ips.map(printIp), 'may specify no more than one IP for each IP family');
    status.error('wrong-value', message, ['podIPs']);
  }
  return ips;
}

/** Without conditions (a manifest, or a status written by hand) a running Pod is ready. */
function isReady(status: FieldReader | undefined): boolean {
  const conditions = status?.objects('conditions') ?? [];
  const ready = conditions.find(({ value }) => ownField(value, 'type') === 'Ready');
  if (ready === undefined) return true;
  const value = ownField(ready.value, 'status');
  return value === 'True' || value === true;
}
