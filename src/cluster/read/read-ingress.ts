import { invalid, required, wrongSubdomain, wrongWildcard } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import { IP, oneOf, PORT, PORT_NAME, STRING } from '../field-type.ts';
import { DNS_SUBDOMAIN, SERVICE_NAME } from '../names.ts';
import type { Ingress, IngressBackend, IngressClass, IngressPath } from '../objects.ts';
import { labelOf } from '../selector.ts';
import { readMetadata, readNamespace } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';

const PATH_TYPE = oneOf('Exact', 'ImplementationSpecific', 'Prefix');

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
  if (rules.length === 0 && !spec.has('rules') && !spec.has('defaultBackend')) {
    reader.error('missing-field', invalid([], 'either `defaultBackend` or `rules` must be specified'), ['spec']);
  }
  const tlsHosts = spec.objects('tls').flatMap((tls) => {
    const hosts = tls.entries('hosts', STRING).map(([index, host]) => {
      refuseHost(tls, host, ['hosts', index]);
      return host;
    });
    tls.ignore('secretName');
    tls.done();
    return hosts;
  });
  const annotated = labelOf(metadata.annotations, 'kubernetes.io/ingress.class');
  const named = spec.optional('ingressClassName', DNS_SUBDOMAIN);
  if (named !== undefined && annotated !== undefined && named !== annotated) {
    // ValidateIngressCreate() names the path without metadata.
    const message = invalid(annotated, 'must match `ingressClassName` when both are specified');
    const at = ['metadata', 'annotations', 'kubernetes.io/ingress.class'];
    reader.error('wrong-value', message, ['annotations', 'kubernetes.io/ingress.class'], { at });
  }
  const className = named ?? annotated;
  spec.done();
  return { kind: 'Ingress', ...metadata, namespace, className, defaultBackend, rules, tlsHosts, addresses };
}

function readRule(rule: FieldReader): Ingress['rules'][number] {
  const host = rule.optional('host', STRING);
  if (host !== undefined && host !== '') refuseHost(rule, host, ['host'], true);
  const http = rule.object('http');
  const paths = http?.objects('paths').flatMap((path) => readPath(path) ?? []) ?? [];
  if (http !== undefined && !http.has('paths')) http.error('missing-field', required(), ['paths']);
  http?.done();
  rule.done();
  return { host: host === '' ? undefined : host, paths };
}

/** validateIngressRules(), validateIngressTLS(): a name, or `*.` and a name. */
function refuseHost(reader: FieldReader, host: string, path: readonly (string | number)[], noAddress = false): void {
  if (noAddress && IP.parse(host) !== undefined) {
    reader.error('wrong-value', invalid(host, 'must be a DNS name, not an IP address'), path);
  }
  for (const words of host.includes('*') ? wrongWildcard(host) : wrongSubdomain(host)) {
    reader.error('wrong-value', invalid(host, words), path);
  }
}

function readPath(reader: FieldReader): IngressPath | undefined {
  const pathType = reader.required('pathType', PATH_TYPE, required('pathType must be specified'));
  const given = reader.optional('path', STRING);
  const path = given ?? '/';
  const backend = readBackend(reader, 'backend');
  if (!reader.has('backend')) {
    reader.error('missing-field', invalid('', 'resource or service backend is required'), ['backend']);
  }
  reader.done();
  if (pathType !== undefined) refusePath(reader, path, pathType);
  return pathType === undefined ? undefined : { path, pathType, backend };
}

const WRONG_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const WRONG_ENDS = ['/..', '/.'];

/** validateHTTPIngressPath(). */
function refusePath(reader: FieldReader, path: string, pathType: IngressPath['pathType']): void {
  const details = [
    ...(path.startsWith('/') ? [] : ['must be an absolute path']),
    ...(pathType === 'ImplementationSpecific'
      ? []
      : [
          ...WRONG_SEQUENCES.filter((text) => path.includes(text)).map((text) => `must not contain '${text}'`),
          ...WRONG_ENDS.filter((text) => path.endsWith(text)).map((text) => `cannot end with '${text}'`),
        ]),
  ];
  for (const detail of path === '' && pathType === 'ImplementationSpecific' ? [] : details) {
    reader.error('wrong-value', invalid(path, detail), ['path']);
  }
}

/** undefined also for a `resource` backend, which leads to no Service. */
function readBackend(parent: FieldReader, field: string): IngressBackend | undefined {
  const backend = parent.object(field);
  if (backend === undefined) return undefined;
  const service = backend.object('service');
  const name = service?.required('name', SERVICE_NAME);
  const port = service?.object('port');
  const number = port?.optional('number', PORT);
  const portName = port?.optional('name', PORT_NAME);
  const refuse = (message: string): void => backend.error('wrong-value', message, []);
  if (service !== undefined && backend.has('resource'))
    refuse(invalid('', 'cannot set both resource and service backends'));
  else if (service === undefined && !backend.has('resource') && !backend.has('service')) {
    refuse(invalid('', 'resource or service backend is required'));
  } else if (port?.has('number') === true && port.has('name'))
    refuse(invalid('', 'cannot set both port name & port number'));
  else if (service !== undefined && port?.has('number') !== true && port?.has('name') !== true) {
    backend.error(
      'missing-field',
      required('port name or number is required'),
      [],
      service.has('port') ? { at: ['service', 'port'] } : {},
    );
  }
  port?.done();
  service?.done();
  backend.ignore('resource');
  backend.done();
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
