/** The JSON of a trace, schema nettrace/trace/v1: keys in a fixed order, so that equal answers are equal bytes. */

import { type Language, type Phrase, say } from '../explain/language.ts';
import { toNumber } from '../lib/fraction.ts';
import type { BlameView, DnsView, HopView, HttpView, PathView, StepView, Trace } from '../query/trace.ts';
import { printSafeJson } from './safe-json.ts';

/** A plain value for JSON.stringify. */
function traceToJson(trace: Trace, language: Language = 'en'): object {
  const words = (phrase: Phrase): string => say(phrase, language);
  const { query, result } = trace;
  return {
    schema: 'nettrace/trace/v1',
    query: { source: query.source, destination: query.destination, protocol: query.protocol, port: query.port },
    result: {
      verdict: result.verdict,
      code: result.code,
      symptom: result.symptom,
      summary: words(result.summary),
      blame: blameToJson(result.blame),
      deliveredShare: toNumber(result.deliveredShare),
    },
    dns: trace.dns === null ? null : dnsToJson(trace.dns),
    paths: trace.paths.map(pathToJson),
    policies: trace.policies.map(({ direction, pod, selecting, misses }) => ({
      direction,
      pod,
      selecting,
      nearMisses: misses.map(words),
    })),
    fixes: [],
    assumptions: trace.assumptions.map(({ code, message }) => ({ code, message })),
    stats: { rulesExamined: trace.stats.rulesExamined, chainsEntered: trace.stats.chainsEntered },
  };
}

/** One line, for `--batch`. */
export function printTraceLine(trace: Trace, language: Language = 'en'): string {
  return printSafeJson(traceToJson(trace, language));
}

export function printTraceJson(trace: Trace, language: Language = 'en'): string {
  return `${printSafeJson(traceToJson(trace, language), 2)}\n`;
}

/** The line of a question that could not be answered. */
export function printErrorLine(message: string): string {
  return printSafeJson({ schema: 'nettrace/error/v1', message });
}

function blameToJson(blame: BlameView | null): object | null {
  if (blame === null) return null;
  const { node, device, hook, table, chain, rule, origin } = blame;
  return { node, device, hook, table, chain, rule, origin };
}

function pathToJson(path: PathView): object {
  const { verdict, code, symptom, backend, sourceSeen, policySaw, hops, answer, ttl, reply } = path;
  return {
    probability: toNumber(path.probability),
    verdict,
    code,
    symptom,
    backend,
    sourceSeen,
    hops: hops.map(hopToJson),
    answer,
    ttl,
    reply: reply === null ? null : { verdict: reply.verdict, code: reply.code, hops: reply.hops.map(hopToJson) },
    ...(policySaw === null ? {} : { policySaw }),
    ...(path.like === undefined ? {} : { like: path.like.path }),
    ...(path.presumed.length > 0 ? { presumed: path.presumed } : {}),
    ...(path.http === undefined ? {} : { http: httpToJson(path.http) }),
  };
}

function httpToJson({ proxy, method, url, rule, service, status, location, tries }: HttpView): object {
  return { proxy, method, url, rule, service, status, location, tries };
}

function hopToJson({ node, netns, device, steps }: HopView): object {
  return { node, netns, device, steps: steps.map(stepToJson) };
}

function stepToJson(step: StepView): object {
  const { phase, hook, table, chain, event, number, rule, action, before, after, origin, device } = step;
  const place = event === null ? {} : { event };
  const numbered = number === null ? {} : { number };
  return { phase, hook, table, chain, ...place, ...numbered, rule, action, device, before, after, origin };
}

function dnsToJson(dns: DnsView): object {
  const { name, nameserver, search, ndots, queries, addresses, verdict, code, paths } = dns;
  return { name, nameserver, search, ndots, verdict, code, addresses, queries, paths: paths.map(pathToJson) };
}
