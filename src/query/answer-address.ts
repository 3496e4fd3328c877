/** A question about an address: every branch walked, the outcome explained, behind an HTTP proxy as well. */
import type { Service } from '../cluster/objects.ts';
import type { Asked, ExplainContext } from '../explain/context.ts';
import { partPhrase } from '../explain/notes/say-note.ts';
import { isMulticast } from '../kernel/route/address-type.ts';
import type { Probe } from '../kernel/walk/step.ts';
import { ok, type Result } from '../lib/result.ts';
import { familyOf, type IpAddr, printIp } from '../net/address.ts';
import { alikeBackends } from './alike/alike-backends.ts';
import { type AnswerOptions, answerProbe } from './answer-probe.ts';
import { takeBranches } from './branches.ts';
import { choosePort } from './choose-port.ts';
import { contextOf } from './context-of.ts';
import { answerHttp } from './http/http-answer.ts';
import { proxyAt } from './http/proxy-at.ts';
import type { LookUp } from './look-up.ts';
import { notesTouched } from './notes-touched.ts';
import { policiesIgnored, refinePolicyCause, selectingOf, viewPolicies } from './policy-view.ts';
import { queryHead } from './query-head.ts';
import type { Question } from './question.ts';
import type { AssumptionView, PolicyView, Trace } from './trace.ts';
import { bareNote, unsentTrace } from './unsent-trace.ts';

/** A port of the client that no Service uses; the same each time, so that answers are. */
const CLIENT_PORT = 40000;

/** Of fewer backends each is walked: where paths are told step by step, and where nobody asks for steps. */
const LEAST_TOLD = 12;
const LEAST_UNTOLD = 4;

/** Where the address comes from: the look-up that found it, the Service whose it is. */
type From = { readonly found?: LookUp; readonly service?: Service | undefined };

/** Walks to the address, by the port that the question names or its destination has. */
export function answerAddress(question: Question, address: IpAddr, { found, service }: From = {}): Result<Trace> {
  const { loaded, query, source, destination } = question;
  const context = contextOf(loaded);
  const port = choosePort(query, destination, service);
  if (!port.ok) return port;
  if (isMulticast(address)) return ok(multicastTrace(question, address, found));
  const asked: Asked = {
    source: query.source,
    destination: query.destination,
    probe: probeOf(question, address, port.value ?? 0),
    ...(destination.kind === 'machine' ? { wanted: destination.machine.netns } : {}),
  };
  const branches = branchesOf(question, asked.probe, context);
  if (!branches.ok) return branches;
  const { paths, notes } = branches.value;
  const options: AnswerOptions = {
    withReply: query.reply !== false,
    withSteps: query.steps !== false,
    selecting: (cause) => selectingOf(cause, context),
    refine: (cause) => refinePolicyCause(cause, context),
  };
  const answer = answerProbe(paths, asked, context, options);
  const http = answerHttp(answer, { asked, text: destination.text, query, context, options });
  const told = http ?? answer;
  const target = { address, port: port.value, service: service ?? context.serviceAt(address)?.service };
  return ok({
    query: queryHead(query, source, target),
    result: told.result,
    dns: found?.view ?? null,
    paths: told.paths,
    policies: policiesTold(question, [...paths, ...(http?.upstream ?? [])], answer.failing?.cause ?? http?.cause),
    assumptions: [
      ...notesTouched(loaded.notes, told.paths, source, destination),
      ...(found === undefined ? [] : [...found.notes, ...firstAddressNote(found)]),
      ...notes,
      ...(loaded.enforcesPolicies ? [] : policiesIgnored(paths, context)),
      ...(http?.notes ?? []),
    ].map(bareNote),
    stats: told.stats,
  });
}

/** Groups and their members (IGMP, MLD) and their routes are not modelled: neither is who gets the packet, nor whether. */
function multicastTrace(question: Question, address: IpAddr, found: LookUp | undefined): Trace {
  const missing = partPhrase(`multicast is not modelled, and ${printIp(address)} is an address of a multicast group`);
  const look = found === undefined ? {} : { found };
  return unsentTrace(question, { code: 'MODEL_UNSUPPORTED', values: { missing }, verdict: 'undetermined', ...look });
}

function probeOf({ query, source: sender }: Question, destination: IpAddr, dport: number): Probe {
  const { protocol = 'tcp', sourcePort, ttl, size } = query;
  const { netns, address, machine } = sender;
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

function branchesOf(
  { loaded, query, destination }: Question,
  probe: Probe,
  context: ExplainContext,
): ReturnType<typeof takeBranches> {
  const { allBranches, leastAlike, steps } = query;
  const least = leastAlike ?? (steps === false ? LEAST_UNTOLD : LEAST_TOLD);
  const alike = allBranches === true ? undefined : alikeBackends(loaded, least);
  const taken = takeBranches(context.world, probe, query, context, alike);
  const isUrl = destination.text.url !== undefined;
  // An HTTP proxy goes on from each path by itself.
  return isUrl && alike !== undefined && taken.ok && taken.value.paths.some((path) => proxyAt(path, context))
    ? takeBranches(context.world, probe, query, context)
    : taken;
}

function firstAddressNote({ addresses, view }: LookUp): readonly AssumptionView[] {
  if (addresses.length < 2) return [];
  const text = `of the ${addresses.length} addresses of ${view.name} the first is used`;
  const both = new Set(addresses.map(familyOf)).size > 1;
  const order = ': in the order of RFC 6724, as getaddrinfo() sorts them (-4 and -6 decide otherwise)';
  return [{ code: 'DNS_FIRST_ADDRESS', message: both ? `${text}${order}` : text }];
}

/** What is said of policies: nothing where nobody enforces them, or reads steps. */
export function policiesTold(
  { loaded, query }: Question,
  paths: Parameters<typeof viewPolicies>[0],
  cause: Parameters<typeof viewPolicies>[1],
): readonly PolicyView[] {
  if (query.steps === false || !loaded.enforcesPolicies) return [];
  return viewPolicies(paths, cause, contextOf(loaded));
}
