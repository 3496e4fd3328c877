/** One question, answered: both ends found, the name looked up, every branch walked, the outcome explained. */
import type { Service } from '../cluster/objects.ts';
import type { ReasonCode } from '../explain/codes.ts';
import type { Asked, ExplainContext } from '../explain/context.ts';
import { type Phrase, phrase } from '../explain/language.ts';
import { partPhrase } from '../explain/notes/say-note.ts';
import { SUMMARY_WORDS } from '../explain/summary.ts';
import type { Probe } from '../kernel/walk/step.ts';
import { ok, type Result } from '../lib/result.ts';
import { familyOf, type IpAddr, printIp } from '../net/address.ts';
import { type DestinationEndpoint, resolveSource, type SourceEndpoint } from '../topology/endpoints.ts';
import type { Loaded } from '../topology/load.ts';
import { alikeBackends } from './alike/alike-backends.ts';
import { type AnswerOptions, answerProbe } from './answer-probe.ts';
import { takeBranches } from './branches.ts';
import { checkGivenAddress, chooseOwnAddress, chooseServiceAddress } from './choose-address.ts';
import { choosePort } from './choose-port.ts';
import { contextOf } from './context-of.ts';
import { findDestination } from './find-destination.ts';
import { answerHttp } from './http/http-answer.ts';
import { knownHost } from './http/known-host.ts';
import { proxyAt } from './http/proxy-at.ts';
import { type LookUp, lookUp } from './look-up.ts';
import { notesTouched } from './notes-touched.ts';
import { policiesIgnored, refinePolicyCause, selectingOf, viewPolicies } from './policy-view.ts';
import type { Query } from './query.ts';
import { queryHead } from './query-head.ts';
import type { PolicyView, Trace } from './trace.ts';
import { bareNote, unsentTrace } from './unsent-trace.ts';

/** A port of the client that no Service uses; the same each time, so that answers are. */
const CLIENT_PORT = 40000;

/** Of fewer backends each is walked: where paths are told step by step, and where nobody asks for steps. */
const LEAST_TOLD = 12;
const LEAST_UNTOLD = 4;

/** The issues are the question's: an unknown name, a missing port. Nothing is walked then. */
export function answerQuery(loaded: Loaded, query: Query): Result<Trace> {
  const namespace = query.namespace ?? loaded.cluster.settings.defaultNamespace;
  const source = resolveSource(query.source, loaded, { namespace });
  if (!source.ok) return source;
  const destination = findDestination(query, loaded, source.value.pod?.namespace ?? namespace);
  if (!destination.ok) return destination;
  return new Question(loaded, query, source.value, destination.value).answer();
}

function firstAddressNote({ addresses, view }: LookUp): string {
  const text = `of the ${addresses.length} addresses of ${view.name} the first is used`;
  const both = new Set(addresses.map(familyOf)).size > 1;
  return both ? `${text}: in the order of RFC 6724, as getaddrinfo() sorts them (-4 and -6 decide otherwise)` : text;
}

class Question {
  readonly #loaded: Loaded;
  readonly #query: Query;
  readonly #source: SourceEndpoint;
  readonly #destination: DestinationEndpoint;

  constructor(loaded: Loaded, query: Query, source: SourceEndpoint, destination: DestinationEndpoint) {
    this.#loaded = loaded;
    this.#query = query;
    this.#source = source;
    this.#destination = destination;
  }

  answer(): Result<Trace> {
    const destination = this.#destination;
    const { problem } = this.#source;
    if (problem !== undefined)
      return ok(this.#unsent('SOURCE_NOT_RUNNING', { source: problem.message.replace(/ is .*$/, '') }));
    const wanted = this.#wanted();
    if (destination.kind === 'address') {
      const address = checkGivenAddress(destination.address, wanted);
      return address.ok ? this.#walk(address.value, undefined, undefined) : address;
    }
    if (destination.kind === 'machine') {
      const address = chooseOwnAddress(destination.addresses, wanted);
      return address.ok ? this.#walk(address.value, undefined, undefined) : address;
    }
    const service = destination.service;
    if (
      destination.kind === 'service' &&
      service !== undefined &&
      this.#isOutside() &&
      service.type === 'LoadBalancer'
    ) {
      // Outside the cluster the external address stands for the Service, not the ClusterIP.
      const outside = [...service.loadBalancerIps.map(({ ip }) => ip), ...service.externalIps];
      if (outside.length > 0) {
        const address = chooseServiceAddress(outside, wanted);
        return address.ok ? this.#walk(address.value, undefined, service) : address;
      }
      return ok(this.#unsent('LOADBALANCER_PENDING', { service: `${service.namespace}/${service.name}` }));
    }
    if (service !== undefined && service.clusterIps.length > 0) {
      const address = chooseServiceAddress(service.clusterIps, wanted);
      // Whether DNS is asked or not: an address that the Service has not is nobody's answer.
      if (!address.ok) return address;
      if (this.#skipsDns()) return this.#walk(address.value, undefined, service);
    }
    return this.#walkByName(this.#nameToAsk());
  }

  #wanted() {
    const { netns, address } = this.#source;
    const { family } = this.#query;
    return {
      netns: this.#loaded.world.netns(netns),
      family: family ?? (address === undefined ? undefined : familyOf(address)),
      why: family === undefined ? 'the source is an address of the other family' : `-${family}`,
      name: this.#destination.displayName,
    };
  }

  /** Told not to; or the Service is named as an object by somebody whose resolver knows no Services. */
  #skipsDns(): boolean {
    const { text } = this.#destination;
    const asObject = text.kind === 'svc' || text.namespace !== undefined;
    return this.#query.dns === false || (asObject && this.#source.pod === undefined);
  }

  #isOutside(): boolean {
    const { kind } = this.#source.machine;
    return kind !== 'pod' && kind !== 'node';
  }

  #nameToAsk(): string {
    const destination = this.#destination;
    if (destination.kind === 'name') return destination.name;
    if (destination.kind !== 'service') return destination.displayName;
    const { name, namespace } = destination.service;
    return destination.text.namespace === undefined || namespace === this.#source.pod?.namespace
      ? name
      : `${name}.${namespace}`;
  }

  #walkByName(name: string): Result<Trace> {
    const given = this.#query.hosts?.get(name.toLowerCase());
    if (given !== undefined) return this.#walk(given, undefined, undefined);
    const { family } = this.#wanted();
    const found = lookUp(name, this.#source, this.#loaded.cluster, contextOf(this.#loaded), {
      ...this.#query,
      ...(family === undefined ? {} : { family }),
    });
    const [address] = found.addresses;
    if (address !== undefined) return this.#walk(address, found, found.service);
    if (found.outside !== undefined) {
      const known =
        this.#destination.text.url === undefined ? undefined : knownHost(this.#loaded.cluster, name.toLowerCase());
      if (known !== undefined) {
        const notes = [...found.notes, known.note];
        // The name does not come from the DNS that was asked: only its own walk is told, if there was one.
        return this.#walk(
          known.address,
          {
            ...found,
            notes,
            view: { ...found.view, addresses: [printIp(known.address)], verdict: 'delivered', code: null },
          },
          undefined,
        );
      }
      return ok(
        this.#unsent(
          'MODEL_DATA_MISSING',
          { missing: partPhrase(`the address of ${found.outside}`) },
          found,
          'undetermined',
        ),
      );
    }
    if (found.view.code === 'DNS_SERVER_UNREACHABLE' && found.walked !== undefined)
      return ok(this.#unanswered(found, found.walked));
    const values = { source: this.#query.source, destination: name, elsewhere: this.#elsewhere(name) };
    return ok(this.#unsent('DNS_NXDOMAIN', values, found));
  }

  /** The usual mistake: the Service is in another namespace, and the name does not say which. */
  #elsewhere(name: string): Phrase | string {
    const [first] = name.split('.');
    const { pod } = this.#source;
    const meant = this.#loaded.cluster.services.find((service) => service.name === first);
    if (pod === undefined || meant === undefined) return '';
    const { namespace, name: service } = meant;
    return phrase(SUMMARY_WORDS.elsewhere, { service: `${namespace}/${service}`, name: `${service}.${namespace}` });
  }

  /** The DNS server cannot be reached: the blame is that of the query. */
  #unanswered(found: LookUp, walked: NonNullable<LookUp['walked']>): Trace {
    const trace = this.#unsent(
      'DNS_SERVER_UNREACHABLE',
      { source: this.#query.source, destination: found.view.name },
      found,
    );
    const values = { ...trace.result.summary.values, inner: walked.result.summary };
    const verdict =
      walked.result.verdict === 'mixed' || walked.result.verdict === 'delivered' ? 'dropped' : walked.result.verdict;
    return {
      ...trace,
      result: { ...trace.result, verdict, blame: walked.result.blame, summary: { ...trace.result.summary, values } },
      policies: this.#policies(
        walked.explanations.map(({ path }) => path),
        walked.failing?.cause,
      ),
      stats: walked.stats,
    };
  }

  #walk(address: IpAddr, found: LookUp | undefined, service: Service | undefined): Result<Trace> {
    const context = contextOf(this.#loaded);
    const query = this.#query;
    const port = choosePort(query, this.#destination, service);
    if (!port.ok) return port;
    const asked: Asked = {
      source: query.source,
      destination: query.destination,
      probe: this.#probe(address, port.value ?? 0),
      ...(this.#destination.kind === 'machine' ? { wanted: this.#destination.machine.netns } : {}),
    };
    const branches = this.#branches(asked.probe, context);
    if (!branches.ok) return branches;
    const { paths, notes } = branches.value;
    const options: AnswerOptions = {
      withReply: query.reply !== false,
      withSteps: query.steps !== false,
      selecting: (cause) => selectingOf(cause, context),
      refine: (cause) => refinePolicyCause(cause, context),
    };
    const answer = answerProbe(paths, asked, context, options);
    const http = answerHttp(answer, {
      asked,
      text: this.#destination.text,
      query,
      context,
      options,
    });
    const told = http ?? answer;
    const policies = this.#policies([...paths, ...(http?.upstream ?? [])], answer.failing?.cause ?? http?.cause);
    const ignored = this.#loaded.enforcesPolicies ? [] : policiesIgnored(paths, context);
    const several =
      found !== undefined && found.addresses.length > 1
        ? [
            {
              code: 'DNS_FIRST_ADDRESS',
              message: firstAddressNote(found),
            },
          ]
        : [];
    const head = queryHead(query, this.#source, {
      address,
      port: port.value,
      service: service ?? context.serviceAt(address)?.service,
    });
    return ok({
      query: head,
      result: told.result,
      dns: found?.view ?? null,
      paths: told.paths,
      policies,
      assumptions: [
        ...notesTouched(this.#loaded.notes, told.paths, this.#source, this.#destination),
        ...(found?.notes ?? []),
        ...several,
        ...notes,
        ...ignored,
        ...(http?.notes ?? []),
      ].map(bareNote),
      stats: told.stats,
    });
  }

  #branches(probe: Probe, context: ExplainContext): ReturnType<typeof takeBranches> {
    const query = this.#query;
    const { allBranches, leastAlike, steps } = query;
    const least = leastAlike ?? (steps === false ? LEAST_UNTOLD : LEAST_TOLD);
    const alike = allBranches === true ? undefined : alikeBackends(this.#loaded, least);
    const taken = takeBranches(context.world, probe, query, context, alike);
    const isUrl = this.#destination.text.url !== undefined;
    // An HTTP proxy goes on from each path by itself.
    return isUrl && alike !== undefined && taken.ok && taken.value.paths.some((path) => proxyAt(path, context))
      ? takeBranches(context.world, probe, query, context)
      : taken;
  }

  #probe(destination: IpAddr, dport: number): Probe {
    const { protocol = 'tcp', sourcePort, ttl, size } = this.#query;
    const { netns, address, machine } = this.#source;
    // Of a Pod or machine the kernel chooses the address; one that was asked for by address sends from it.
    const source = address ?? (machine.kind === 'outside' ? machine.addresses[0] : undefined);
    return {
      netns,
      destination,
      protocol,
      sport: sourcePort ?? CLIENT_PORT,
      dport: protocol === 'icmp' ? 0 : dport,
      ...(source === undefined ? {} : { source }),
      ...(ttl === undefined ? {} : { ttl }),
      ...(size === undefined ? {} : { length: size }),
    };
  }

  #policies(
    paths: Parameters<typeof viewPolicies>[0],
    cause: Parameters<typeof viewPolicies>[1],
  ): readonly PolicyView[] {
    if (this.#query.steps === false || !this.#loaded.enforcesPolicies) return [];
    return viewPolicies(paths, cause, contextOf(this.#loaded));
  }

  #unsent(
    code: ReasonCode,
    values: Phrase['values'],
    found?: LookUp,
    verdict: 'dropped' | 'undetermined' = 'dropped',
  ): Trace {
    const ends = { source: this.#source, destination: this.#destination };
    return unsentTrace(this.#query, ends, this.#loaded.notes, { code, values, verdict, found });
  }
}
