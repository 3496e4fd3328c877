/** EndpointSlice (discovery.k8s.io/v1), and Endpoints turned into slices as the mirroring controller does. */
import { type Family, familyOf, type IpAddr, printIp } from '../../net/address.ts';
import { duplicate, invalid, required } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import { BOOLEAN, type FieldType, IP, ipOf, oneOf, PORT, STRING } from '../field-type.ts';
import { DNS_LABEL, DNS_SUBDOMAIN } from '../names.ts';
import type { Endpoint, EndpointSlice } from '../objects.ts';
import { ownField } from '../plain-object.ts';
import { labelOf } from '../selector.ts';
import { type Metadata, readMetadata, readNamespace } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';
import { specialIp } from './special-ip.ts';

// In alphabetical order, as the API server lists them (discovery/validation: supportedAddressTypes.List()).
const ADDRESS_TYPE = oneOf('FQDN', 'IPv4', 'IPv6');
const PROTOCOL = oneOf('SCTP', 'TCP', 'UDP');

/** A port may have no name. */
const PORT_NAME: FieldType<string> = { ...DNS_LABEL, parse: (value) => (value === '' ? '' : DNS_LABEL.parse(value)) };

export function readEndpointSlice(reader: FieldReader, options: ReadOptions): EndpointSlice | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const type = reader.required('addressType', ADDRESS_TYPE);
  const family = type === 'IPv6' ? 6 : 4;
  const endpoints = reader
    .objects('endpoints')
    .flatMap((item) => readEndpoint(item, type === 'FQDN' ? undefined : family) ?? []);
  const ports = reader.objects('ports').map(readPort);
  const names = ports.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) reader.error('duplicate', duplicate(name), ['ports', index, 'name']);
  }
  reader.ignore('apiVersion', 'kind');
  reader.done();
  if (metadata === undefined || type === undefined) return undefined;
  if (type === 'FQDN') {
    reader.warn('not-modelled', 'kube-proxy ignores slices of names (addressType FQDN)', ['addressType']);
    return undefined;
  }
  const service = labelOf(metadata.labels, 'kubernetes.io/service-name');
  if (service === undefined) {
    reader.warn('no-service', 'has no label kubernetes.io/service-name, so that no Service uses it', ['metadata']);
    return undefined;
  }
  return { kind: 'EndpointSlice', ...metadata, namespace, service, family, endpoints, ports };
}

function readEndpoint(reader: FieldReader, family: Family | undefined): Endpoint | undefined {
  // kube-proxy reads the first address only; the others are checked all the same.
  const addresses = family === undefined ? [] : reader.entries('addresses', ipOf(family));
  if (family === undefined) reader.list('addresses', STRING);
  for (const [index, address] of addresses) {
    const special = specialIp(address);
    if (special !== undefined) reader.error('wrong-value', invalid(printIp(address), special), ['addresses', index]);
  }
  const given = reader.raw('addresses');
  if (given === undefined || (Array.isArray(given) && given.length === 0)) {
    reader.error('missing-field', required('must contain at least 1 address'), ['addresses']);
  }
  const conditions = reader.object('conditions');
  // An absent condition counts as ready (EndpointConditions); serving follows ready.
  const ready = conditions?.optional('ready', BOOLEAN) ?? true;
  const serving = conditions?.optional('serving', BOOLEAN) ?? ready;
  const terminating = conditions?.optional('terminating', BOOLEAN) ?? false;
  conditions?.done();
  const hints = reader.object('hints');
  const zones = hints?.objects('forZones').flatMap((zone) => zone.required('name', STRING) ?? []);
  const hintNodes = hints?.objects('forNodes').flatMap((node) => node.required('name', STRING) ?? []);
  hints?.done();
  const node = reader.optional('nodeName', DNS_SUBDOMAIN);
  const hostname = reader.optional('hostname', DNS_LABEL);
  const pod = readTarget(reader);
  reader.ignore('zone', 'deprecatedTopology');
  reader.done();
  const ip = addresses[0]?.[1];
  return ip === undefined
    ? undefined
    : {
        ...{ ip, node, ready, serving, terminating },
        ...(hostname === undefined ? {} : { hostname }),
        ...(pod === undefined ? {} : { pod }),
        ...(zones === undefined || zones.length === 0 ? {} : { zones }),
        ...(hintNodes === undefined || hintNodes.length === 0 ? {} : { hintNodes }),
      };
}

function readTarget(reader: FieldReader): Endpoint['pod'] {
  const target = reader.object('targetRef');
  if (target === undefined || ownField(target.value, 'kind') !== 'Pod') return undefined;
  const namespace = target.optional('namespace', STRING);
  const name = target.required('name', STRING);
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

function readPort(reader: FieldReader): EndpointSlice['ports'][number] {
  const name = reader.optional('name', PORT_NAME) ?? '';
  const protocol = reader.optional('protocol', PROTOCOL) ?? 'TCP';
  const port = reader.optional('port', PORT);
  reader.ignore('appProtocol');
  reader.done();
  return { name, protocol, port };
}

/** One slice for each subset and family. Its name is that of its Service. */
export function readEndpoints(reader: FieldReader, options: ReadOptions): readonly EndpointSlice[] {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, false);
  const namespace = readNamespace(reader, options.defaultNamespace);
  if (metadata === undefined) return [];
  return reader.objects('subsets').flatMap((subset, index) => readSubset(subset, index, metadata, namespace));
}

function readSubset(
  subset: FieldReader,
  index: number,
  metadata: Metadata,
  namespace: string,
): readonly EndpointSlice[] {
  const ports = subset.objects('ports').map(readPort);
  const endpoints = [
    ...subset.objects('addresses').flatMap((item) => readAddress(item, true) ?? []),
    ...subset.objects('notReadyAddresses').flatMap((item) => readAddress(item, false) ?? []),
  ];
  return ([4, 6] as const).flatMap((family) => {
    const ofFamily = endpoints.filter(({ ip }) => familyOf(ip) === family);
    if (ofFamily.length === 0) return [];
    const { name } = metadata;
    return [
      {
        kind: 'EndpointSlice',
        ...metadata,
        name: `${name}-${index}-v${family}`,
        namespace,
        service: name,
        family,
        endpoints: ofFamily,
        ports,
      },
    ];
  });
}

function readAddress(reader: FieldReader, ready: boolean): Endpoint | undefined {
  const ip: IpAddr | undefined = reader.required('ip', IP);
  const node = reader.optional('nodeName', DNS_SUBDOMAIN);
  const hostname = reader.optional('hostname', STRING);
  const pod = readTarget(reader);
  if (ip === undefined) return undefined;
  const special = specialIp(ip);
  if (special !== undefined) reader.error('wrong-value', invalid(printIp(ip), special), ['ip']);
  return {
    ...{ ip, node, ready, serving: ready, terminating: false },
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod === undefined ? {} : { pod }),
  };
}
