/** Gateway API (gateway.networking.k8s.io/v1, v1beta1): GatewayClass, Gateway, HTTPRoute, ReferenceGrant. */
import { quote } from '../../lib/quote.ts';
import { required } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import { IP, integer, oneOf, PORT, STRING } from '../field-type.ts';
import { DNS_LABEL, DNS_SUBDOMAIN } from '../names.ts';
import type {
  Gateway,
  GatewayClass,
  GatewayListener,
  HeaderMatch,
  HttpRoute,
  HttpRouteBackend,
  HttpRouteMatch,
  HttpRouteRule,
  ReferenceGrant,
} from '../objects.ts';
import { ownField } from '../plain-object.ts';
import { readMetadata, readNamespace } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';
import { readSelector } from './read-selector.ts';

export const GATEWAY_VERSIONS = ['gateway.networking.k8s.io/v1', 'gateway.networking.k8s.io/v1beta1'];

export function readGatewayClass(reader: FieldReader): GatewayClass | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const spec = reader.requiredObject('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  const controllerName = spec?.required('controllerName', STRING);
  spec?.ignore('parametersRef', 'description');
  spec?.done();
  if (metadata === undefined || controllerName === undefined) return undefined;
  return { kind: 'GatewayClass', ...metadata, controllerName };
}

export function readGateway(reader: FieldReader, options: ReadOptions): Gateway | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const spec = reader.requiredObject('spec');
  const status = reader.object('status');
  reader.ignore('apiVersion', 'kind');
  reader.done();
  const className = spec?.required('gatewayClassName', STRING);
  const listeners = spec?.objects('listeners').flatMap((listener) => readListener(listener) ?? []) ?? [];
  if (spec !== undefined && !spec.has('listeners')) spec.error('missing-field', required(), ['listeners']);
  const wanted = addressesOf(spec);
  const given = addressesOf(status);
  spec?.ignore('infrastructure', 'backendTLS', 'allowedListeners');
  spec?.done();
  refuseTwins(spec);
  if (metadata === undefined || className === undefined) return undefined;
  return {
    kind: 'Gateway',
    ...metadata,
    namespace,
    className,
    listeners,
    addresses: given.length > 0 ? given : wanted,
  };
}

/** A list whose key is the name (x-kubernetes-list-type map): how the API server prints the key that stands twice. */
function refuseTwins(spec: FieldReader | undefined): void {
  const names = new Set<unknown>();
  for (const [index, { value }] of (spec?.objects('listeners') ?? []).entries()) {
    const name = ownField(value, 'name');
    if (typeof name === 'string' && names.has(name)) {
      const message = `Duplicate value: map[string]interface {}{"name":${quote(name)}}`;
      spec?.error('duplicate', message, ['listeners', index], { at: ['listeners', index, 'name'] });
    }
    names.add(name);
  }
}

/** Addresses that are no host names. */
function addressesOf(parent: FieldReader | undefined): Gateway['addresses'] {
  return (parent?.objects('addresses') ?? []).flatMap((address) => {
    const type = address.optional('type', STRING) ?? 'IPAddress';
    const value = type === 'IPAddress' ? address.optional('value', IP) : undefined;
    return value ?? [];
  });
}

function readListener(reader: FieldReader): GatewayListener | undefined {
  const name = reader.required('name', DNS_SUBDOMAIN);
  const port = reader.required('port', PORT);
  const protocol = reader.required('protocol', STRING);
  const hostname = reader.optional('hostname', STRING);
  const routes = reader.object('allowedRoutes');
  const namespaces = routes?.object('namespaces');
  const from = namespaces?.optional('from', oneOf('All', 'Selector', 'Same')) ?? 'Same';
  const selector = namespaces === undefined ? undefined : readSelector(namespaces, 'selector');
  namespaces?.done();
  routes?.ignore('kinds');
  routes?.done();
  reader.ignore('tls');
  reader.done();
  if (name === undefined || port === undefined || protocol === undefined) return undefined;
  const routesFrom = from === 'Selector' ? (selector ?? 'None') : from;
  return { name, port, protocol, hostname: hostname === '' ? undefined : hostname, routesFrom };
}

export function readHttpRoute(reader: FieldReader, options: ReadOptions): HttpRoute | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const spec = reader.requiredObject('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  if (metadata === undefined || spec === undefined) return undefined;
  const parents = spec.objects('parentRefs').flatMap((parent) => {
    const name = parent.required('name', DNS_SUBDOMAIN);
    const sectionName = parent.optional('sectionName', STRING);
    const own = parent.optional('namespace', DNS_LABEL) ?? namespace;
    const port = parent.optional('port', PORT);
    const kind = parent.optional('kind', STRING) ?? 'Gateway';
    parent.ignore('group');
    parent.done();
    return name === undefined || kind !== 'Gateway' ? [] : [{ name, namespace: own, sectionName, port }];
  });
  const hostnames = spec.list('hostnames', STRING);
  const rules = spec.has('rules')
    ? spec.objects('rules').map((rule) => readRule(rule, namespace))
    : [{ matches: [EVERYTHING], redirect: undefined, otherFilters: [], backends: [] }];
  spec.ignore('useDefaultGateways');
  spec.done();
  return { kind: 'HTTPRoute', ...metadata, namespace, parents, hostnames, rules };
}

const EVERYTHING: HttpRouteMatch = {
  path: { type: 'PathPrefix', value: '/' },
  method: undefined,
  headers: [],
  queryParams: [],
};

function readRule(rule: FieldReader, namespace: string): HttpRouteRule {
  const matches = rule.objects('matches').map(readMatch);
  const backends = rule.objects('backendRefs').flatMap((ref) => readBackend(ref, namespace) ?? []);
  let redirect: HttpRouteRule['redirect'];
  const otherFilters: string[] = [];
  for (const filter of rule.objects('filters')) {
    const type = filter.required('type', STRING);
    const request = filter.object('requestRedirect');
    if (type === 'RequestRedirect' && request !== undefined) {
      const scheme = request.optional('scheme', STRING);
      const hostname = request.optional('hostname', STRING);
      const status = request.optional('statusCode', integer(300, 399)) ?? 302;
      request.ignore('path', 'port');
      request.done();
      redirect = {
        status,
        ...(scheme === undefined ? {} : { scheme }),
        ...(hostname === undefined ? {} : { hostname }),
      };
    } else if (type === 'ExtensionRef' || type === 'ExternalAuth') otherFilters.push(type);
    filter.ignore('requestHeaderModifier', 'responseHeaderModifier', 'urlRewrite', 'requestMirror', 'extensionRef');
    filter.ignore('cors', 'externalAuth');
    filter.done();
  }
  rule.ignore('name', 'timeouts', 'retry', 'sessionPersistence');
  rule.done();
  return { matches: matches.length === 0 ? [EVERYTHING] : matches, redirect, otherFilters, backends };
}

function readMatch(match: FieldReader): HttpRouteMatch {
  const path = match.object('path');
  const type = path?.optional('type', oneOf('Exact', 'PathPrefix', 'RegularExpression')) ?? 'PathPrefix';
  const value = path?.optional('value', STRING) ?? '/';
  path?.done();
  if (type !== 'RegularExpression' && !value.startsWith('/')) {
    // The rule of the CRD's schema (CEL) stands at the path's mapping.
    const message = `Invalid value: "object": value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']`;
    path?.error('wrong-value', message, [], { at: ['value'] });
  }
  const method = match.optional('method', STRING);
  const headers = match.objects('headers').flatMap((header) => readHeader(header) ?? []);
  const queryParams = match.objects('queryParams').flatMap((parameter) => readHeader(parameter) ?? []);
  match.done();
  return { path: { type, value }, method, headers, queryParams };
}

function readHeader(reader: FieldReader): HeaderMatch | undefined {
  const name = reader.required('name', STRING);
  const value = reader.required('value', STRING);
  const type = reader.optional('type', oneOf('Exact', 'RegularExpression')) ?? 'Exact';
  reader.done();
  return name === undefined || value === undefined ? undefined : { name, type, value };
}

function readBackend(reader: FieldReader, own: string): HttpRouteBackend | undefined {
  const service = reader.required('name', DNS_SUBDOMAIN);
  const group = reader.optional('group', STRING) ?? '';
  const kind = reader.optional('kind', STRING) ?? 'Service';
  const namespace = reader.optional('namespace', DNS_LABEL) ?? own;
  const port = reader.optional('port', PORT);
  const weight = reader.optional('weight', integer(0, 1_000_000)) ?? 1;
  reader.ignore('filters');
  reader.done();
  const isService = group === '' && kind === 'Service';
  if (isService && port === undefined && !reader.has('port')) {
    reader.error('missing-field', 'Invalid value: "object": Must have port for Service reference');
  }
  if (service === undefined) return undefined;
  return { service, namespace, port, weight, foreignKind: isService ? undefined : kind };
}

export function readReferenceGrant(reader: FieldReader, options: ReadOptions): ReferenceGrant | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const spec = reader.requiredObject('spec');
  reader.ignore('apiVersion', 'kind');
  reader.done();
  if (metadata === undefined || spec === undefined) return undefined;
  const fromNamespaces = spec.objects('from').flatMap((from) => {
    const kind = from.required('kind', STRING);
    const name = from.required('namespace', DNS_LABEL);
    from.ignore('group');
    from.done();
    return kind === 'HTTPRoute' && name !== undefined ? [name] : [];
  });
  let everything = false;
  const services = spec.objects('to').flatMap((to) => {
    const kind = to.required('kind', STRING);
    const name = to.optional('name', STRING);
    to.ignore('group');
    to.done();
    if (kind !== 'Service') return [];
    if (name === undefined) everything = true;
    return name ?? [];
  });
  spec.done();
  const open = everything || services.length > 0;
  return {
    kind: 'ReferenceGrant',
    ...metadata,
    namespace,
    fromNamespaces: open ? fromNamespaces : [],
    services: everything ? [] : services,
  };
}
