/** A request at a proxy of a Gateway (Gateway API v1: Gateway, HTTPRoute; the order of matches is HTTPRouteRule's). */
import type { Cluster } from '../cluster.ts';
import type { Gateway, GatewayListener, HeaderMatch, HttpRoute, HttpRouteBackend, HttpRouteMatch } from '../objects.ts';
import { matchesSelector } from '../selector.ts';
import type { DecidedBy, HttpDecision, HttpRequest } from './decision.ts';
import { hasPathPrefix, matchesLabels } from './host-match.ts';

type Candidate = {
  readonly route: HttpRoute;
  readonly match: HttpRouteMatch;
  readonly hostname: string;
  readonly rule: number;
  readonly position: number;
};

/** @param port of the listener that the client connected to */
export function routeGateway(cluster: Cluster, gateway: Gateway, port: number, request: HttpRequest): HttpDecision {
  const listener = listenerOf(gateway, port, request.host);
  if (listener === undefined) {
    return {
      kind: 'answer',
      status: 404,
      why: 'host-unmatched',
      rule: `no listener of Gateway ${gateway.namespace}/${gateway.name} on port ${port} takes host ${request.host}`,
      by: by('Gateway', gateway, 'spec.listeners'),
      unmodelled: [],
    };
  }
  const attached = cluster.httpRoutes.filter((route) => isAttached(cluster, gateway, listener, route));
  const ofHost = attached.flatMap((route) => {
    const hostname = hostnameFor(route, listener, request.host);
    return hostname === undefined ? [] : [{ route, hostname }];
  });
  const candidates: Candidate[] = [];
  for (const { route, hostname } of ofHost) {
    for (const [rule, { matches }] of route.rules.entries()) {
      for (const [position, match] of matches.entries()) {
        const fits = matchFits(match, request);
        if (fits === undefined) {
          const missing = `the regular expression in HTTPRoute ${route.namespace}/${route.name} rules[${rule}]`;
          return { kind: 'unknown', rule: `rules[${rule}]`, missing, unmodelled: [] };
        }
        if (fits) candidates.push({ route, match, hostname, rule, position });
      }
    }
  }
  const [best] = candidates.sort(compareCandidates);
  if (best !== undefined) return decide(cluster, best, request);
  const [some] = ofHost;
  return {
    kind: 'answer',
    status: 404,
    why: some === undefined ? 'host-unmatched' : 'path-unmatched',
    rule:
      some === undefined ? `no route for host ${request.host}` : `host ${request.host}: no match fits ${request.path}`,
    by: some === undefined ? by('Gateway', gateway, 'spec.listeners') : by('HTTPRoute', some.route, 'spec.rules'),
    unmodelled: [],
  };
}

/** The listener on the port with the most specific hostname. */
function listenerOf({ listeners }: Gateway, port: number, host: string): GatewayListener | undefined {
  return listeners
    .filter((each) => each.port === port && /^HTTPS?$/.test(each.protocol))
    .filter(({ hostname }) => hostname === undefined || matchesLabels(hostname, host))
    .sort((a, b) => compareHosts(a.hostname ?? '', b.hostname ?? ''))[0];
}

/** Without a wildcard before with one, then the longer. */
function compareHosts(a: string, b: string): number {
  const wild = (name: string): number => (name === '' ? 2 : name.startsWith('*.') ? 1 : 0);
  return wild(a) - wild(b) || b.length - a.length;
}

/** Whether the route names the listener and may attach to it. */
export function isAttached(cluster: Cluster, gateway: Gateway, listener: GatewayListener, route: HttpRoute): boolean {
  const named = route.parents.some(
    ({ name, namespace, sectionName, port }) =>
      name === gateway.name &&
      namespace === gateway.namespace &&
      (sectionName === undefined || sectionName === listener.name) &&
      (port === undefined || port === listener.port),
  );
  if (!named) return false;
  const { routesFrom } = listener;
  if (routesFrom === 'All') return true;
  if (routesFrom === 'None') return false;
  if (routesFrom === 'Same') return route.namespace === gateway.namespace;
  return matchesSelector(routesFrom, cluster.namespaceLabels(route.namespace));
}

/** The most specific hostname of the route that the listener admits and the request fits; '' where the route names none. */
function hostnameFor({ hostnames }: HttpRoute, { hostname }: GatewayListener, host: string): string | undefined {
  if (hostnames.length === 0) return '';
  return hostnames
    .filter((each) => matchesLabels(each, host) && (hostname === undefined || overlap(each, hostname)))
    .sort(compareHosts)[0];
}

/** Whether a host can fit both. */
export function overlap(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase() || matchesLabels(a, b.toLowerCase()) || matchesLabels(b, a.toLowerCase());
}

/** undefined: a regular expression would have to be run, which comes from strangers. */
function matchFits({ path, method, headers, queryParams }: HttpRouteMatch, request: HttpRequest): boolean | undefined {
  if (method !== undefined && method !== request.method) return false;
  if (path.type === 'Exact' && request.path !== path.value) return false;
  if (path.type === 'PathPrefix' && !hasPathPrefix(request.path, path.value)) return false;
  const ofHeaders = valuesFit(headers, (name) => request.headers.get(name.toLowerCase()));
  const ofQuery = valuesFit(queryParams, (name) => request.query.get(name));
  if (ofHeaders === false || ofQuery === false) return false;
  return path.type === 'RegularExpression' || ofHeaders === undefined || ofQuery === undefined ? undefined : true;
}

function valuesFit(matches: readonly HeaderMatch[], lookUp: (name: string) => string | undefined): boolean | undefined {
  let known: true | undefined = true;
  for (const { name, type, value } of matches) {
    const given = lookUp(name);
    if (given === undefined) return false;
    if (type === 'RegularExpression') known = undefined;
    else if (given !== value) return false;
  }
  return known;
}

/** Hostname, exact path, longest prefix, method, headers, query parameters; then the routes' names and the rules' places. */
function compareCandidates(a: Candidate, b: Candidate): number {
  const exact = ({ match }: Candidate): number => (match.path.type === 'Exact' ? 0 : 1);
  return (
    compareHosts(a.hostname, b.hostname) ||
    exact(a) - exact(b) ||
    b.match.path.value.length - a.match.path.value.length ||
    Number(a.match.method === undefined) - Number(b.match.method === undefined) ||
    b.match.headers.length - a.match.headers.length ||
    b.match.queryParams.length - a.match.queryParams.length ||
    compareText(`${a.route.namespace}/${a.route.name}`, `${b.route.namespace}/${b.route.name}`) ||
    a.rule - b.rule ||
    a.position - b.position
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function by(kind: DecidedBy['kind'], object: Gateway | HttpRoute, field: string): DecidedBy {
  const { namespace, name, source } = object;
  return { kind, namespace, name, field, ...(source === undefined ? {} : { source }) };
}

function decide(cluster: Cluster, { route, match, rule: index }: Candidate, request: HttpRequest): HttpDecision {
  const rule = route.rules[index];
  const words = `host ${request.host} path ${match.path.value} (${match.path.type})`;
  const unmodelled = (rule?.otherFilters ?? []).map(
    (name) => `filter ${name} of HTTPRoute ${route.namespace}/${route.name} rules[${index}]`,
  );
  const decidedBy = by('HTTPRoute', route, `spec.rules[${index}]`);
  if (rule?.redirect !== undefined) {
    const { status, scheme = request.scheme, hostname = request.host } = rule.redirect;
    const location = `${scheme}://${hostname}${request.path}`;
    return { kind: 'answer', status, why: 'redirect', rule: words, by: decidedBy, location, unmodelled };
  }
  const backends = (rule?.backends ?? []).filter(({ weight }) => weight > 0);
  const foreign = backends.find(({ foreignKind }) => foreignKind !== undefined);
  if (foreign !== undefined) {
    return { kind: 'unknown', rule: words, missing: `a backend of kind ${foreign.foreignKind ?? ''}`, unmodelled };
  }
  if (backends.length === 0) {
    return { kind: 'answer', status: 500, why: 'no-backend', rule: words, by: decidedBy, unmodelled };
  }
  return {
    kind: 'backends',
    rule: words,
    unmodelled,
    choices: backends.map((backend) => ({
      namespace: backend.namespace,
      service: backend.service,
      port: backend.port ?? 0,
      weight: backend.weight,
      throughService: false,
      permitted: mayRefer(cluster, route, backend),
      by: by('HTTPRoute', route, `spec.rules[${index}].backendRefs[${rule?.backends.indexOf(backend) ?? 0}]`),
    })),
  };
}

/** A Service of another namespace needs a ReferenceGrant there. */
export function mayRefer(
  { referenceGrants }: Cluster,
  route: HttpRoute,
  { namespace, service }: HttpRouteBackend,
): boolean {
  if (namespace === route.namespace) return true;
  return referenceGrants.some(
    (grant) =>
      grant.namespace === namespace &&
      grant.fromNamespaces.includes(route.namespace) &&
      (grant.services.length === 0 || grant.services.includes(service)),
  );
}
