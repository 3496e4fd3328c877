/** What becomes of a request whose connection ends at an HTTP proxy: its decision, its own connections, one answer. */
import { type BackendEndpoint, backendEndpoints } from '../../cluster/http/backend-endpoints.ts';
import type { BackendChoice, DecidedBy, HttpDecision, HttpRequest } from '../../cluster/http/decision.ts';
import { routeGateway } from '../../cluster/http/route-gateway.ts';
import { routeIngress } from '../../cluster/http/route-ingress.ts';
import type { Cause } from '../../explain/classify.ts';
import { innermost } from '../../explain/classify.ts';
import { CODES, type ReasonCode } from '../../explain/codes.ts';
import type { Asked, ExplainContext } from '../../explain/context.ts';
import { type Phrase, phrase } from '../../explain/language.ts';
import { viewOrigin } from '../../explain/origin-view.ts';
import { SUMMARY_WORDS } from '../../explain/summary.ts';
import { explore } from '../../kernel/walk/explore.ts';
import type { Path } from '../../kernel/walk/step.ts';
import { type Fraction, fraction, multiply } from '../../lib/fraction.ts';
import { type IpAddr, printIp } from '../../net/address.ts';
import type { EndpointText } from '../../topology/endpoint-text.ts';
import { type AnswerOptions, answerProbe, type ProbeAnswer } from '../answer-probe.ts';
import type { Query } from '../query.ts';
import type { AssumptionView, HttpView, PathView, Trace } from '../trace.ts';
import { walkOptions } from '../walk-options.ts';
import { httpRequest } from './http-request.ts';
import { HTTP_WORDS } from './http-words.ts';
import { type HttpStep, joinPaths, type Outcome } from './join-paths.ts';
import { blameOf, delivered, httpResult, statusOf, symptomOf } from './outcome.ts';
import { type ProxyPod, proxyAt } from './proxy-at.ts';
import { attempts } from './upstream.ts';

/** nginx and its like connect from an ephemeral port. */
const PROXY_PORT = 41000;

export type HttpAnswer = {
  readonly result: Trace['result'];
  readonly paths: readonly PathView[];
  readonly stats: Trace['stats'];
  /** Of the proxies' connections, for the policies that a report lists. */
  readonly upstream: readonly Path[];
  readonly cause: Cause | undefined;
  readonly notes: readonly AssumptionView[];
};

export type HttpQuestion = {
  readonly asked: Asked;
  readonly text: EndpointText;
  readonly query: Query;
  readonly context: ExplainContext;
  readonly options: AnswerOptions;
};

/** undefined: the question is no URL, or no connection reached a proxy. */
export function answerHttp(first: ProbeAnswer, question: HttpQuestion): HttpAnswer | undefined {
  if (question.text.url === undefined) return undefined;
  const proxies = first.explanations.map(({ path, verdict }) =>
    verdict === 'delivered' ? proxyAt(path, question.context) : undefined,
  );
  return proxies.every((proxy) => proxy === undefined) ? undefined : new Journey(question).answer(first, proxies);
}

class Journey {
  readonly #question: HttpQuestion;
  readonly #upstream: Path[] = [];
  readonly #notes = new Map<string, AssumptionView>();
  /** Connections by proxy and address: every path of the client may need the same ones. */
  readonly #connections = new Map<string, ProbeAnswer>();
  #missing: string | undefined;
  #cause: Cause | undefined;

  constructor(question: HttpQuestion) {
    this.#question = question;
  }

  answer(first: ProbeAnswer, proxies: readonly (ProxyPod | undefined)[]): HttpAnswer {
    const paths = first.paths.flatMap((view, index) => {
      const proxy = proxies[index];
      const path = first.explanations[index]?.path;
      return proxy === undefined || path === undefined ? [view] : this.#behind(view, path, proxy);
    });
    return {
      result: httpResult(first.result, paths, this.#missing),
      paths,
      stats: {
        rulesExamined: Math.max(0, ...paths.map(({ stats }) => stats.rulesExamined)),
        chainsEntered: Math.max(0, ...paths.map(({ stats }) => stats.chainsEntered)),
      },
      upstream: this.#upstream,
      cause: this.#cause,
      notes: [...this.#notes.values()],
    };
  }

  #behind(view: PathView, path: Path, proxy: ProxyPod): readonly PathView[] {
    const { text, query, context, asked } = this.#question;
    const { cluster } = context;
    const client = innermost(path.request.packet).src;
    const request = httpRequest(text, query, client);
    if (request === undefined || cluster === undefined) return [view];
    const decision: HttpDecision =
      proxy.proxy.kind === 'ingress'
        ? routeIngress(cluster, proxy.proxy.controller, request)
        : routeGateway(cluster, proxy.proxy.gateway, asked.probe.dport, request);
    for (const what of decision.unmodelled) this.#note('HTTP_NOT_MODELLED', `${what} is not modelled`);
    switch (decision.kind) {
      case 'unknown':
        this.#missing ??= decision.missing;
        return [{ ...view, presumed: [...view.presumed, decision.missing] }];
      case 'answer':
        return [this.#ownAnswer(view, path, proxy, request, decision)];
      case 'backends': {
        const total = decision.choices.reduce((sum, { weight }) => sum + weight, 0);
        return decision.choices.flatMap((choice) =>
          this.#toBackend(view, path, proxy, request, decision.rule, choice, fraction(choice.weight, total)),
        );
      }
    }
  }

  #note(code: string, message: string): void {
    this.#notes.set(message, { code, message });
  }

  #step(
    path: Path,
    proxy: ProxyPod,
    by: DecidedBy | undefined,
    view: Partial<HttpView>,
    request: HttpRequest,
  ): HttpStep {
    const { netns } = path.request.disposition;
    const full: HttpView = {
      proxy: `${proxy.pod.namespace}/${proxy.pod.name}`,
      method: request.method,
      url: `${request.scheme}://${request.host}${request.path}`,
      rule: '',
      service: null,
      endpoint: null,
      status: null,
      location: null,
      tries: 0,
      ...view,
    };
    const origin = by === undefined ? null : viewOrigin({ ...by, role: 'http-route' });
    return { place: this.#question.context.place(netns), netns, view: full, origin };
  }

  #ownAnswer(
    view: PathView,
    path: Path,
    proxy: ProxyPod,
    request: HttpRequest,
    decision: Extract<HttpDecision, { readonly kind: 'answer' }>,
  ): PathView {
    const { status, rule, location, by, why } = decision;
    const step = this.#step(path, proxy, by, { status, rule, location: location ?? null }, request);
    if (why === 'redirect') {
      const { asked } = this.#question;
      const words = { source: asked.source, proxy: step.view.proxy, status: String(status), location: location ?? '' };
      const summary = phrase(HTTP_WORDS.redirected, words);
      return joinPaths(view, step, [], delivered(summary), view.probability);
    }
    const code = OWN_CODES[why];
    const inner = why === 'no-backend' ? phrase(HTTP_WORDS.noBackend) : undefined;
    return joinPaths(view, step, [], this.#refused(code, status, step, '', inner, request.client), view.probability);
  }

  /** The proxy's answer without a backend. */
  #refused(
    code: ReasonCode,
    status: number,
    step: HttpStep,
    service: string,
    inner: Phrase | undefined,
    client: IpAddr,
  ): Outcome {
    const outer = phrase(CODES[code].summary, {
      destination: this.#question.asked.destination,
      service,
      from: printIp(client),
    });
    return {
      verdict: 'rejected',
      code,
      symptom: symptomOf(status),
      summary: inner === undefined ? outer : phrase(HTTP_WORDS.unavailable, { outer, inner }),
      blame: blameOf(step),
    };
  }

  #toBackend(
    view: PathView,
    path: Path,
    proxy: ProxyPod,
    request: HttpRequest,
    rule: string,
    choice: BackendChoice,
    weight: Fraction,
  ): readonly PathView[] {
    const { cluster } = this.#question.context;
    const service = `${choice.namespace}/${choice.service}`;
    const share = multiply(view.probability, weight);
    const named = `${service}:${choice.port}`;
    const stepWith = (more: Partial<HttpView>): HttpStep =>
      this.#step(path, proxy, choice.by, { rule, service: named, ...more }, request);
    const refuse = (status: number, inner: Phrase): readonly PathView[] => {
      const step = stepWith({ status });
      const outcome = this.#refused('INGRESS_BACKEND_UNAVAILABLE', status, step, service, inner, request.client);
      return [joinPaths(view, step, [], outcome, share)];
    };
    if (!choice.permitted) return refuse(500, phrase(HTTP_WORDS.notPermitted, { service }));
    if (cluster === undefined) return [view];
    const found = backendEndpoints(cluster, choice.namespace, choice.service, choice.port);
    // A missing Service makes Gateway API's proxies answer 500, and ingress-nginx 503.
    const gone = proxy.proxy.kind === 'gateway' ? 500 : 503;
    if (found.kind === 'no-service') return refuse(gone, phrase(HTTP_WORDS.noService, { service }));
    if (found.kind === 'no-port')
      return refuse(gone, phrase(HTTP_WORDS.noPort, { service, port: String(choice.port) }));
    if (found.kind === 'external-name') {
      const missing = `the addresses behind Service ${service} of type ExternalName`;
      this.#missing ??= missing;
      return [{ ...view, probability: share, presumed: [...view.presumed, missing] }];
    }
    if (found.endpoints.length === 0) return refuse(503, phrase(HTTP_WORDS.noEndpoints, { service }));
    const [clusterIp] = found.service.clusterIps;
    const port = found.service.ports.find((each) => each.port === choice.port || each.name === choice.port)?.port;
    const targets: readonly BackendEndpoint[] =
      choice.throughService && clusterIp !== undefined && port !== undefined
        ? [{ ip: clusterIp, port, pod: undefined }]
        : found.endpoints;
    const each = multiply(share, fraction(1, targets.length));
    const { netns } = path.request.disposition;
    return targets.flatMap((_, start) =>
      attempts(targets, start, each, (target) => this.#connect(netns, proxy, target, service).paths).map((attempt) => {
        const { endpoint, tries, probability } = attempt;
        const pod = endpoint.pod === undefined ? null : `${endpoint.pod.namespace}/${endpoint.pod.name}`;
        const last = tries.at(-1);
        const status = attempt.delivered || last === undefined ? null : statusOf(last);
        const reached = { pod, ip: printIp(endpoint.ip), port: endpoint.port };
        const step = stepWith({ endpoint: reached, status, tries: tries.length });
        const outcome = attempt.delivered
          ? delivered(this.#deliveredWords(step, service))
          : this.#unavailable(step, service, last, status ?? 502);
        return joinPaths(view, step, tries, outcome, probability);
      }),
    );
  }

  #deliveredWords({ view }: HttpStep, service: string): Phrase {
    const { source, destination } = this.#question.asked;
    return phrase(HTTP_WORDS.delivered, { source, destination, proxy: view.proxy, service });
  }

  /** The last try failed: the proxy tells the client so, and the blame is that of the connection. */
  #unavailable(step: HttpStep, service: string, last: PathView | undefined, status: number): Outcome {
    const outer = phrase(CODES.INGRESS_BACKEND_UNAVAILABLE.summary, {
      destination: this.#question.asked.destination,
      service,
    });
    const inner = last?.outcome.summary ?? phrase(SUMMARY_WORDS.nothing);
    return {
      verdict: last?.outcome.verdict ?? 'dropped',
      code: 'INGRESS_BACKEND_UNAVAILABLE',
      symptom: symptomOf(status),
      summary: phrase(HTTP_WORDS.unavailable, { outer, inner }),
      blame: last?.outcome.blame ?? blameOf(step),
    };
  }

  #connect(
    netns: Path['request']['disposition']['netns'],
    proxy: ProxyPod,
    target: BackendEndpoint,
    service: string,
  ): ProbeAnswer {
    const key = `${netns} ${printIp(target.ip)} ${target.port}`;
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const { context, options, query } = this.#question;
    const probe = { netns, destination: target.ip, protocol: 'tcp', sport: PROXY_PORT, dport: target.port } as const;
    const { paths } = explore(context.world, probe, walkOptions(query, context));
    const asked = { source: `${proxy.pod.namespace}/${proxy.pod.name}`, destination: service, probe };
    const answer = answerProbe(paths, asked, context, options);
    if (answer.result.verdict === 'undetermined')
      this.#missing ??= paths.flatMap(({ presumed }) => presumed).at(0) ?? '';
    this.#upstream.push(...paths);
    this.#cause ??= answer.failing?.cause;
    this.#connections.set(key, answer);
    return answer;
  }
}

const OWN_CODES = {
  'host-unmatched': 'INGRESS_HOST_UNMATCHED',
  'path-unmatched': 'INGRESS_PATH_UNMATCHED',
  'class-unhandled': 'INGRESS_CLASS_UNHANDLED',
  'source-denied': 'INGRESS_SOURCE_DENIED',
  'no-backend': 'INGRESS_BACKEND_UNAVAILABLE',
  'not-permitted': 'INGRESS_BACKEND_UNAVAILABLE',
} as const satisfies Readonly<Record<string, ReasonCode>>;
