import type { FieldReader } from '../field-reader.ts';
import { IP, oneOf, PORT, STRING } from '../field-type.ts';
import { DNS_LABEL, DNS_SUBDOMAIN } from '../names.ts';
import type { Ingress, IngressBackend, IngressClass, IngressPath } from '../objects.ts';
import { labelOf } from '../selector.ts';
import { readMetadata, readNamespace } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';

const PATH_TYPE = oneOf('Exact', 'Prefix', 'ImplementationSpecific');

/** Ingress of networking.k8s.io/v1, strictly. */
export function readIngress(reader: FieldReader, options: ReadOptions): Ingress | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const spec = reader.requiredObject('spec');
  const addresses = (reader.object('status')?.object('loadBalancer')?.objects('ingress') ?? []).flatMap(
    (each) => each.optional('ip', IP) ?? [],
  );
  reader.ignore('apiVersion', 'kind');
  reader.done();
  if (metadata === undefined || spec === undefined) return undefined;
  const defaultBackend = readBackend(spec, 'defaultBackend');
  const rules = spec.objects('rules').map(readRule);
  const tlsHosts = spec.objects('tls').flatMap((tls) => {
    const hosts = tls.list('hosts', STRING);
    tls.ignore('secretName');
    tls.done();
    return hosts;
  });
  const className =
    spec.optional('ingressClassName', DNS_SUBDOMAIN) ?? labelOf(metadata.annotations, 'kubernetes.io/ingress.class');
  spec.done();
  return { kind: 'Ingress', ...metadata, namespace, className, defaultBackend, rules, tlsHosts, addresses };
}

function readRule(rule: FieldReader): Ingress['rules'][number] {
  const host = rule.optional('host', STRING);
  const http = rule.object('http');
  const paths = http?.objects('paths').flatMap((path) => readPath(path) ?? []) ?? [];
  http?.done();
  rule.done();
  return { host: host === '' ? undefined : host, paths };
}

function readPath(reader: FieldReader): IngressPath | undefined {
  const pathType = reader.required('pathType', PATH_TYPE);
  const path = reader.optional('path', STRING) ?? '/';
  const backend = readBackend(reader, 'backend');
  if (!reader.has('backend')) reader.error('missing-field', 'required field backend is missing: expected a mapping');
  reader.done();
  if (pathType !== undefined && pathType !== 'ImplementationSpecific' && !path.startsWith('/')) {
    reader.error('wrong-value', 'Invalid value: must be an absolute path', ['path']);
  }
  return pathType === undefined ? undefined : { path, pathType, backend };
}

/** undefined also for a `resource` backend, which leads to no Service. */
function readBackend(parent: FieldReader, field: string): IngressBackend | undefined {
  const backend = parent.object(field);
  const service = backend?.object('service');
  const name = service?.required('name', DNS_LABEL);
  const port = service?.requiredObject('port');
  const number = port?.optional('number', PORT);
  const portName = port?.optional('name', STRING);
  if (port !== undefined && (number === undefined) === (portName === undefined)) {
    port.error('wrong-value', 'expected either name or number');
  }
  port?.done();
  service?.done();
  backend?.ignore('resource');
  backend?.done();
  const target = number ?? portName;
  return name === undefined || target === undefined ? undefined : { service: name, port: target };
}

export function readIngressClass(reader: FieldReader): IngressClass | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const spec = reader.object('spec');
  reader.ignore('apiVersion', 'kind');
  reader.done();
  const controller = spec?.optional('controller', STRING) ?? '';
  spec?.ignore('parameters');
  spec?.done();
  if (metadata === undefined) return undefined;
  const isDefault = labelOf(metadata.annotations, 'ingressclass.kubernetes.io/is-default-class') === 'true';
  return { kind: 'IngressClass', ...metadata, controller, isDefault };
}
