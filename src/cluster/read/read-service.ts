/** Service, with the API server's defaults and its validation (pkg/apis/core/validation: ValidateService). */
import { type Family, type IpAddr, printIp } from '../../net/address.ts';
import { forbidden, invalid, mustBeBetween, NO_IP, wrongSubdomain } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import { BOOLEAN, type FieldType, IP, integer, oneOf, PORT, PORT_OR_NAME, PREFIX, STRING } from '../field-type.ts';
import { DNS_LABEL, readLabels, SERVICE_NAME } from '../names.ts';
import type { Service, ServicePort } from '../objects.ts';
import { readMetadata, readNamespace } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';
import { validateService } from './validate-service.ts';
import { validateServiceFamilies } from './validate-service-families.ts';

/** A Service and what it asks of those who give out its addresses and ports. */
export type ServiceDraft = {
  readonly service: Service;
  /** spec.ipFamilies and spec.ipFamilyPolicy as they are written. */
  readonly families: readonly Family[];
  readonly familyPolicy: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack' | undefined;
  readonly allocateNodePorts: boolean;
  /** spec.loadBalancerIP, or MetalLB's annotation. */
  readonly wantedLoadBalancerIps: readonly IpAddr[];
  readonly loadBalancerClass: string | undefined;
};

// Sets are listed in alphabetical order (sets.List()).
const TYPE = oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort');
const POLICY = oneOf('Cluster', 'Local');
const AFFINITY = oneOf('ClientIP', 'None');
const IP_FAMILY = oneOf('IPv4', 'IPv6');
const IP_FAMILY_POLICY = oneOf('PreferDualStack', 'RequireDualStack', 'SingleStack');
const IP_MODE = oneOf('Proxy', 'VIP');
const DISTRIBUTION = oneOf('PreferClose', 'PreferSameZone', 'PreferSameNode');
const PROTOCOL = oneOf('SCTP', 'TCP', 'UDP');
/** Any int32: what is out of the cluster's range is told when ports are given out. */
const NODE_PORT = integer(-(2 ** 31), 2 ** 31 - 1);
const AFFINITY_SECONDS: FieldType<number> = {
  ...integer(1, 86400),
  refuse: (value) => [invalid(value, 'must be greater than 0 and less than 86400')],
};
const CLUSTER_IP = {
  expected: 'an IP address, None, or nothing',
  refuse: (value: unknown) => [invalid(value, NO_IP)],
  parse: (value: unknown): IpAddr | 'None' | '' | undefined =>
    value === 'None' || value === '' ? value : IP.parse(value),
};
/** Three hours: seed S28 and SetDefaults_Service. */
const DEFAULT_AFFINITY_SECONDS = 10800;

export function readService(reader: FieldReader, options: ReadOptions): ServiceDraft | undefined {
  const metadata = readMetadata(reader, SERVICE_NAME, true);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const spec = reader.requiredObject('spec');
  const status = reader.object('status');
  reader.ignore('apiVersion', 'kind');
  reader.done();
  if (metadata === undefined || spec === undefined) return undefined;
  const type = spec.optional('type', TYPE) ?? 'ClusterIP';
  const { headless, clusterIps } = readClusterIps(spec);
  const externalName = readExternalName(spec, type);
  const trafficDistribution = spec.optional('trafficDistribution', DISTRIBUTION);
  const service: Service = {
    kind: 'Service',
    ...metadata,
    namespace,
    type,
    clusterIps,
    headless,
    selector: readServiceSelector(spec),
    ports: spec.objects('ports').flatMap((port) => readPort(port) ?? []),
    externalIps: spec.list('externalIPs', IP),
    ...(externalName === undefined ? {} : { externalName }),
    externalTrafficPolicy: spec.optional('externalTrafficPolicy', POLICY) ?? 'Cluster',
    internalTrafficPolicy: spec.optional('internalTrafficPolicy', POLICY) ?? 'Cluster',
    sessionAffinity: readAffinity(spec),
    loadBalancerIps: status === undefined ? [] : readLoadBalancer(status),
    loadBalancerSourceRanges: spec.list('loadBalancerSourceRanges', PREFIX),
    healthCheckNodePort: spec.optional('healthCheckNodePort', NODE_PORT) ?? 0,
    publishNotReadyAddresses: spec.optional('publishNotReadyAddresses', BOOLEAN) ?? false,
    ...(trafficDistribution === undefined ? {} : { trafficDistribution }),
  };
  const draft: ServiceDraft = {
    service,
    families: spec.list('ipFamilies', IP_FAMILY).map((family) => (family === 'IPv4' ? 4 : 6)),
    familyPolicy: spec.optional('ipFamilyPolicy', IP_FAMILY_POLICY),
    allocateNodePorts: spec.optional('allocateLoadBalancerNodePorts', BOOLEAN) ?? true,
    wantedLoadBalancerIps: readWantedIps(reader, spec, service),
    loadBalancerClass: spec.optional('loadBalancerClass', STRING),
  };
  spec.done();
  validateService(spec, service);
  validateServiceFamilies(spec, draft);
  return draft;
}

/** Only an ExternalName Service is asked for a name that is one; its last dot says that it is whole. */
function readExternalName(spec: FieldReader, type: Service['type']): string | undefined {
  const name = spec.optional('externalName', STRING)?.replace(/\.$/, '');
  if (name === undefined || name === '') return undefined;
  const wrong = type === 'ExternalName' ? wrongSubdomain(name) : [];
  for (const words of wrong) spec.error('wrong-value', invalid(name, words), ['externalName']);
  return wrong.length > 0 ? undefined : name;
}

/** An absent or empty selector selects nothing: such a Service has the endpoints that somebody writes for it. */
function readServiceSelector(spec: FieldReader): Service['selector'] {
  const selector = readLabels(spec, 'selector');
  return Object.keys(selector).length === 0 ? undefined : selector;
}

function readClusterIps(spec: FieldReader): { readonly headless: boolean; readonly clusterIps: readonly IpAddr[] } {
  const single = spec.optional('clusterIP', CLUSTER_IP);
  const many = spec.list('clusterIPs', CLUSTER_IP);
  const all = many.length > 0 ? many : single === undefined ? [] : [single];
  const texts = all.map((ip) => (typeof ip === 'string' ? ip : printIp(ip)));
  if (single !== undefined && single !== '' && many.length > 0 && many[0] !== single) {
    spec.error('wrong-value', invalid(texts, 'first value must match `clusterIP`'), ['clusterIPs']);
  }
  const headless = all[0] === 'None';
  if (headless && all.length > 1) {
    spec.error('wrong-value', invalid(texts, "'None' must be the first and only value"), ['clusterIPs']);
  }
  return { headless, clusterIps: all.flatMap((ip) => (ip === 'None' || ip === '' ? [] : [ip])) };
}

function readPort(reader: FieldReader): ServicePort | undefined {
  // Left out, it is 0.
  const port = reader.required('port', PORT, invalid(0, mustBeBetween(1, 65535)));
  const name = reader.optional('name', DNS_LABEL) ?? '';
  const protocol = reader.optional('protocol', PROTOCOL) ?? 'TCP';
  const target = reader.raw('targetPort') === 0 ? undefined : reader.optional('targetPort', PORT_OR_NAME);
  const nodePort = reader.optional('nodePort', NODE_PORT) ?? 0;
  reader.ignore('appProtocol');
  reader.done();
  return port === undefined ? undefined : { name, protocol, port, targetPort: target ?? port, nodePort };
}

function readAffinity(spec: FieldReader): Service['sessionAffinity'] {
  const kind = spec.optional('sessionAffinity', AFFINITY) ?? 'None';
  const config = spec.object('sessionAffinityConfig');
  const clientIp = config?.object('clientIP');
  const timeoutSeconds = clientIp?.optional('timeoutSeconds', AFFINITY_SECONDS) ?? DEFAULT_AFFINITY_SECONDS;
  clientIp?.done();
  config?.done();
  if (kind === 'ClientIP') return { kind, timeoutSeconds };
  if (config !== undefined) {
    const message = forbidden('must not be set when session affinity is None');
    spec.error('wrong-value', message, ['sessionAffinityConfig'], { what: 'key' });
  }
  return { kind };
}

function readLoadBalancer(status: FieldReader): Service['loadBalancerIps'] {
  const ingress = status.object('loadBalancer')?.objects('ingress') ?? [];
  return ingress.flatMap((item) => {
    const ip = item.optional('ip', IP);
    if (ip === undefined && item.has('ipMode')) {
      item.error('wrong-value', forbidden('may not be specified when `ip` is not set'), ['ipMode'], { what: 'key' });
    }
    return ip === undefined ? [] : [{ ip, mode: item.optional('ipMode', IP_MODE) ?? 'VIP' }];
  });
}

function readWantedIps(reader: FieldReader, spec: FieldReader, service: Service): readonly IpAddr[] {
  const wanted =
    spec.has('loadBalancerIP') && spec.raw('loadBalancerIP') !== '' ? spec.optional('loadBalancerIP', IP) : undefined;
  for (const key of ['metallb.io/loadBalancerIPs', 'metallb.universe.tf/loadBalancerIPs']) {
    if (!Object.hasOwn(service.annotations, key)) continue;
    const texts = (service.annotations[key] ?? '').split(',').map((text) => text.trim());
    return texts.flatMap((text) => {
      const ip = IP.parse(text);
      if (ip === undefined) reader.error('wrong-value', `expected ${IP.expected}`, ['metadata', 'annotations', key]);
      return ip === undefined ? [] : [ip];
    });
  }
  return wanted === undefined ? [] : [wanted];
}
