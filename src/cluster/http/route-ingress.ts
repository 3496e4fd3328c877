/**
 * A request at ingress-nginx: the server for its host, the location for its path, and what the location's annotations say
 * (internal/ingress/controller: createServers(), getBackendServers(), mergeAlternativeBackends()). Where two Ingresses
 * name one path the older one wins there; here, where nothing tells their age, the first by namespace and name does.
 */
import { contains } from '../../net/prefix.ts';
import type { Cluster } from '../cluster.ts';
import type { Ingress } from '../objects.ts';
import type { BackendChoice, DecidedBy, HttpDecision, HttpRequest } from './decision.ts';
import { matchesOneLabel } from './host-match.ts';
import { classAnswer } from './ingress-class.ts';
import {
  allowedSources,
  annotation,
  isOn,
  makesRegex,
  serverAliases,
  unmodelledAnnotations,
} from './nginx-annotations.ts';
import { type Location, pickLocation } from './nginx-location.ts';

type Rule = Ingress['rules'][number];
type HostRule = { readonly ingress: Ingress; readonly rule: Rule; readonly index: number };

export function routeIngress(cluster: Cluster, controller: string, request: HttpRequest): HttpDecision {
  const handled = cluster.ingresses.filter((each) => classAnswer(cluster, each, controller) === 'handled');
  const own = handled.filter((each) => !isOn(each, 'canary'));
  const server = serverRules(own, request.host);
  const rules = server.length > 0 ? server : hostRules(own).filter(({ rule }) => rule.host === undefined);
  const locations = rules.flatMap(locationsOf);
  const picked = pickLocation(
    locations,
    request.path,
    rules.some(({ ingress }) => makesRegex(ingress)),
  );
  if (picked.kind === 'unknown') {
    return {
      kind: 'unknown',
      rule: `path ${picked.pattern}`,
      missing: `the pattern ${picked.pattern}`,
      unmodelled: [],
    };
  }
  const location = picked.kind === 'location' ? picked.location : defaultLocation(own, server);
  if (location === undefined) return unmatched(cluster, controller, request, server.length > 0, rules);
  return atLocation(location, handled, request);
}

function hostRules(ingresses: readonly Ingress[]): readonly HostRule[] {
  return ingresses.flatMap((ingress) => ingress.rules.map((rule, index) => ({ ingress, rule, index })));
}

/** nginx takes a server with the exact name before one with a wildcard; an alias counts as a name. */
function serverRules(ingresses: readonly Ingress[], host: string): readonly HostRule[] {
  const all = hostRules(ingresses);
  const exact = all.filter(({ rule }) => rule.host?.toLowerCase() === host);
  if (exact.length > 0) return exact;
  const alias = all.filter(({ ingress, rule }) => rule.host !== undefined && serverAliases(ingress).includes(host));
  if (alias.length > 0) return alias;
  return all.filter(({ rule }) => rule.host !== undefined && matchesOneLabel(rule.host, host));
}

function locationsOf({ ingress, rule, index }: HostRule): readonly Location[] {
  return rule.paths.map(({ path, pathType, backend }, position) => ({
    path,
    pathType,
    backend,
    ingress,
    field: `spec.rules[${index}].http.paths[${position}]`,
  }));
}

/** What is left for a path of no rule: the default backend of the server's Ingress, else of an Ingress without rules. */
function defaultLocation(ingresses: readonly Ingress[], server: readonly HostRule[]): Location | undefined {
  const ofServer = server.map(({ ingress }) => ingress);
  const candidates = server.length > 0 ? ofServer : ingresses.filter(({ rules }) => rules.length === 0);
  const ingress = candidates.find(({ defaultBackend }) => defaultBackend !== undefined);
  if (ingress === undefined) return undefined;
  return { path: '/', pathType: 'Prefix', backend: ingress.defaultBackend, ingress, field: 'spec.defaultBackend' };
}

function by(ingress: Ingress, field: string): DecidedBy {
  const { namespace, name, source } = ingress;
  return { kind: 'Ingress', namespace, name, field, ...(source === undefined ? {} : { source }) };
}

function unmatched(
  cluster: Cluster,
  controller: string,
  { host, path }: HttpRequest,
  hasServer: boolean,
  rules: readonly HostRule[],
): HttpDecision {
  const [first] = rules;
  if (hasServer && first !== undefined) {
    const field = `spec.rules[${first.index}].http.paths`;
    return {
      kind: 'answer',
      status: 404,
      why: 'path-unmatched',
      rule: `host ${host}: no path fits ${path}`,
      by: by(first.ingress, field),
      unmodelled: [],
    };
  }
  const [foreign] = serverRules(
    cluster.ingresses.filter((each) => classAnswer(cluster, each, controller) !== 'handled'),
    host,
  );
  if (foreign !== undefined) {
    const { ingress } = foreign;
    const rule = `Ingress ${ingress.namespace}/${ingress.name} of class ${ingress.className ?? '(none)'} is not ${controller}'s`;
    return {
      kind: 'answer',
      status: 404,
      why: 'class-unhandled',
      rule,
      by: by(ingress, 'spec.ingressClassName'),
      unmodelled: [],
    };
  }
  return {
    kind: 'answer',
    status: 404,
    why: 'host-unmatched',
    rule: `no rule for host ${host}`,
    by: undefined,
    unmodelled: [],
  };
}

function atLocation(location: Location, handled: readonly Ingress[], request: HttpRequest): HttpDecision {
  const { ingress, backend, field, path, pathType } = location;
  const decidedBy = by(ingress, field);
  const rule = `host ${request.host} path ${path} (${pathType})`;
  const unmodelled = unmodelledAnnotations(ingress);
  const answer = (status: number, why: 'redirect' | 'source-denied' | 'no-backend', target?: string): HttpDecision => ({
    kind: 'answer',
    status,
    why,
    rule,
    by: decidedBy,
    unmodelled,
    ...(target === undefined ? {} : { location: target }),
  });
  const sources = allowedSources(ingress);
  if (sources !== undefined && !sources.some((range) => contains(range, request.client))) {
    return answer(403, 'source-denied');
  }
  const permanent = annotation(ingress, 'permanent-redirect') ?? annotation(ingress, 'temporal-redirect');
  if (permanent !== undefined) {
    return answer(annotation(ingress, 'permanent-redirect') === undefined ? 302 : 301, 'redirect', permanent);
  }
  if (request.scheme === 'http' && redirectsToTls(ingress, request.host)) {
    return answer(308, 'redirect', `https://${request.host}${request.path}`);
  }
  if (backend === undefined) return answer(503, 'no-backend');
  const choice: BackendChoice = {
    namespace: ingress.namespace,
    service: backend.service,
    port: backend.port,
    weight: 1,
    throughService: isOn(ingress, 'service-upstream'),
    permitted: true,
    by: decidedBy,
  };
  return { kind: 'backends', rule, unmodelled, choices: withCanary(choice, location, handled, request) };
}

/** ssl-redirect is on unless told otherwise, for hosts that have a certificate. */
function redirectsToTls(ingress: Ingress, host: string): boolean {
  if (isOn(ingress, 'force-ssl-redirect')) return true;
  const certified = ingress.tlsHosts.some((each) => matchesOneLabel(each, host));
  return certified && annotation(ingress, 'ssl-redirect') !== 'false';
}

/** A canary Ingress with the same host and path takes a share, or all requests that carry its header (annotations/canary). */
function withCanary(
  choice: BackendChoice,
  location: Location,
  handled: readonly Ingress[],
  request: HttpRequest,
): readonly BackendChoice[] {
  for (const { ingress, rule, index } of hostRules(handled.filter((each) => isOn(each, 'canary')))) {
    if (rule.host?.toLowerCase() !== request.host || ingress.namespace !== location.ingress.namespace) continue;
    const position = rule.paths.findIndex(({ path }) => path === location.path);
    const backend = rule.paths[position]?.backend;
    if (backend === undefined) continue;
    const canary: BackendChoice = {
      ...choice,
      service: backend.service,
      port: backend.port,
      by: by(ingress, `spec.rules[${index}].http.paths[${position}]`),
    };
    const header = annotation(ingress, 'canary-by-header')?.toLowerCase();
    const given = header === undefined ? undefined : request.headers.get(header);
    const wanted = annotation(ingress, 'canary-by-header-value');
    if (given !== undefined && (wanted === undefined ? given === 'always' : given === wanted)) return [canary];
    if (given === 'never' && wanted === undefined) return [choice];
    const weight = numberOf(annotation(ingress, 'canary-weight'), 0);
    const total = numberOf(annotation(ingress, 'canary-weight-total'), 100);
    if (weight <= 0) return [choice];
    if (weight >= total) return [canary];
    return [
      { ...choice, weight: total - weight },
      { ...canary, weight },
    ];
  }
  return [choice];
}

function numberOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : otherwise;
}
