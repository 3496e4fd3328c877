/** What stands around the steps in every report for people: the verdict above, the evidence below. */
import type { Symptom } from '../explain/codes/entry.ts';
import { type Phrase, phrase, say, type Text } from '../explain/language.ts';
import { sayNote, sayPart } from '../explain/notes/say-note.ts';
import { type OriginView, printOrigin, printPolicyName } from '../explain/origin-view.ts';
import type { Verdict } from '../explain/verdict.ts';
import { printShare } from '../query/answer-probe.ts';
import { backendShares } from '../query/backend-shares.ts';
import type { BackendView, PathView, PolicyView, Trace } from '../query/trace.ts';
import type { PathGroup } from './group-paths.ts';
import type { ReportOptions } from './options.ts';
import { type Painter, pad, type Style, widthOf } from './terminal.ts';
import { DIRECTION_WORDS, SYMPTOM_WORDS, TOOL_WORDS, VERDICT_WORDS, WORDS } from './words.ts';

/** Where the verdict word stands in the first line, when the question is shorter. */
const VERDICT_COLUMN = 78;

export const VERDICT_STYLES: Readonly<Record<Verdict, Style>> = {
  delivered: 'good',
  dropped: 'bad',
  rejected: 'bad',
  mixed: 'doubt',
  undetermined: 'doubt',
};

export type Writer = {
  readonly paint: Painter;
  words(text: Text, values?: Phrase['values']): string;
  sentence(phrase: Phrase): string;
  /** An assumption, which whoever made it wrote in English. */
  note(code: string, message: string): string;
  /** What a verdict presumes, likewise. */
  part(words: string): string;
};

export function createWriter(options: ReportOptions, paint: Painter): Writer {
  return {
    paint,
    words: (text, values = {}) => say(phrase(text, values), options.language),
    sentence: (one) => say(one, options.language),
    note: (code, message) => sayNote(code, message, options.language),
    part: (words) => sayPart(words, options.language),
  };
}

/** `pod1 10.244.1.7 -> svc2:80 (ClusterIP 10.96.3.4) tcp` */
export function questionOf(query: Trace['query']): string {
  const source =
    query.sourceAddress === null || query.sourceAddress === query.source
      ? query.source
      : `${query.source} ${query.sourceAddress}`;
  const kind = [query.destinationKind, query.destinationAddress]
    .filter((word) => word !== null && word !== query.destination && !query.destination.startsWith(`${word}:`))
    .join(' ');
  const port = query.port === null || query.destination.includes(':') ? '' : `:${query.port}`;
  return `${source} -> ${query.destination}${port}${kind === '' ? '' : ` (${kind})`} ${query.protocol}`;
}

/** The question, and the verdict at the end of the line. */
export function verdictLine({ query, result }: Trace, writer: Writer): string {
  const question = questionOf(query);
  const word = writer.words(VERDICT_WORDS[result.verdict]);
  const gap = Math.max(2, VERDICT_COLUMN - widthOf(question));
  return `${writer.paint(question, 'heading')}${' '.repeat(gap)}${writer.paint(word, VERDICT_STYLES[result.verdict])}`;
}

/** What the client's program sees, and the words of the usual tool for it. */
export function symptomWords(symptom: Symptom, protocol: string): Phrase {
  const words = phrase(SYMPTOM_WORDS[symptom]);
  const tool = protocol === 'tcp' || protocol === 'icmp' ? TOOL_WORDS[protocol][symptom] : undefined;
  return tool === undefined ? words : phrase(WORDS.byTool, { symptom: words, tool });
}

/** The verdict line, the cause, and the client's view. */
export function header(trace: Trace, writer: Writer): readonly string[] {
  const { result } = trace;
  const symptom = writer.words(WORDS.clientSees, { symptom: symptomWords(result.symptom, trace.query.protocol) });
  const code = result.code === null ? '' : writer.words(WORDS.code, { code: result.code });
  const backends = backendShares(trace.paths);
  const good = backendShares(trace.paths.filter(({ outcome }) => outcome.verdict === 'delivered'));
  const counts =
    backends.length === 0
      ? ''
      : writer.words(WORDS.backends, { good: String(good.length), all: String(backends.length) });
  // Where the outcome is not known, nor is what the client sees.
  const facts = [result.verdict === 'undetermined' ? '' : symptom, code, counts].filter((fact) => fact !== '');
  return [
    verdictLine(trace, writer),
    `  ${writer.paint(writer.sentence(result.summary))}`,
    `  ${writer.paint(facts.join('   '))}`,
    ...(result.blame?.origin == null
      ? []
      : [`  ${writer.paint(writer.words(WORDS.blame, { origin: printOrigin(result.blame.origin) }))}`]),
    ...dnsLines(trace, writer),
  ];
}

function dnsLines({ dns }: Trace, writer: Writer): readonly string[] {
  if (dns === null) return [];
  const first =
    dns.verdict === 'delivered' && dns.addresses.length > 0
      ? writer.words(WORDS.dns, { name: dns.name, addresses: dns.addresses.join(', ') })
      : writer.words(WORDS.dnsFailed, { name: dns.name });
  // The type is told where it makes a difference.
  const bothTypes = new Set(dns.queries.map(({ type }) => type)).size > 1;
  const queries = dns.queries.map((query) => {
    const name = bothTypes ? `${query.name} ${query.type}` : query.name;
    const answer = query.answer === 'none' ? writer.words(WORDS.dnsLost) : [query.answer, ...query.addresses].join(' ');
    return `    ${writer.paint(writer.words(WORDS.dnsQuery, { server: query.server, name, answer }), 'faint')}`;
  });
  return [`  ${writer.paint(first)}`, ...queries];
}

/** Heading of one group of paths; nothing where there is only one path and no backend. */
export function groupHeading(group: PathGroup, many: boolean, writer: Writer): readonly string[] {
  const { shown, paths, share } = group;
  const lines: string[] = [];
  if (many) {
    const word = writer.words(VERDICT_WORDS[shown.outcome.verdict]);
    // What is not known has no share: the path says what it takes for granted.
    const presumed = [...new Set(shown.presumed)].map(writer.part).join('; ');
    const title =
      presumed === ''
        ? writer.words(WORDS.paths, { share: printShare(share) })
        : writer.words(WORDS.presumedPath, { what: presumed });
    const code = shown.outcome.code === null ? '' : `  ${shown.outcome.code}`;
    lines.push(
      `${writer.paint(title, 'heading')}  ${writer.paint(word, VERDICT_STYLES[shown.outcome.verdict])}${code}`,
    );
  }
  const backends = backendShares(paths);
  const width = Math.max(0, ...backends.map(({ backend }) => widthOf(printBackend(backend))));
  for (const { backend, share: own } of backends) {
    const line = `${writer.words(WORDS.backend)} ${pad(printBackend(backend), width)}  ${printShare(own)}`;
    lines.push(`  ${writer.paint(line)}`);
  }
  if (paths.length > 1) {
    const shownIs = shown.backend === null ? writer.words(WORDS.noBackend) : printBackend(shown.backend);
    lines.push(
      `  ${writer.paint(writer.words(WORDS.samePaths, { count: String(paths.length), backend: shownIs }), 'faint')}`,
    );
  }
  return lines;
}

export function printBackend(backend: BackendView | null): string {
  if (backend === null) return '-';
  const ip = backend.ip.includes(':') && backend.port !== null ? `[${backend.ip}]` : backend.ip;
  const address = backend.port === null ? ip : `${ip}:${backend.port}`;
  return backend.pod === null ? address : `${backend.pod} ${address}`;
}

/** What became of the answer, in one or two lines. */
export function replyLines(path: PathView, query: Trace['query'], writer: Writer): readonly string[] {
  const lines: string[] = [];
  if (path.sourceSeen !== null && path.verdict === 'delivered') {
    const translated = query.sourceAddress !== null && query.sourceAddress !== path.sourceSeen;
    const words = translated ? WORDS.sourceTranslated : WORDS.sourceSeen;
    lines.push(writer.words(words, { address: path.sourceSeen, own: query.sourceAddress ?? '' }));
  }
  const { policySaw } = path;
  if (policySaw !== null && (policySaw !== query.sourceAddress || policySaw !== path.sourceSeen)) {
    lines.push(writer.words(WORDS.policySaw, { address: policySaw }));
  }
  if (path.answer !== null)
    lines.push(writer.words(WORDS.refusal, { what: printRefusal(path.answer), from: path.answer.from }));
  else if (path.reply?.verdict === 'delivered' && path.ttl !== null) {
    const machines = [...new Set(path.reply.hops.map((hop) => hop.node))].join(', ');
    lines.push(writer.words(WORDS.replyArrives, { ttl: String(path.ttl), machines }));
  }
  return lines;
}

function printRefusal(answer: NonNullable<PathView['answer']>): string {
  return answer.kind === 'rst' ? 'TCP RST' : `ICMP type ${answer.type ?? '?'} code ${answer.code ?? '?'}`;
}

/** Policies, near misses, assumptions, cost, and where to read on. */
export function footer(trace: Trace, options: ReportOptions, writer: Writer): readonly string[] {
  const lines = [...policyLines(trace, options, writer)];
  // In an undetermined answer the heading of each path says so.
  const presumed = trace.result.verdict === 'undetermined' ? [] : trace.paths.flatMap((path) => path.presumed);
  for (const what of new Set(presumed)) lines.push(writer.words(WORDS.presumed, { what: writer.part(what) }));
  for (const { code: noted, message } of trace.assumptions)
    lines.push(writer.words(WORDS.assumed, { what: writer.note(noted, message) }));
  lines.push(
    writer.words(WORDS.stats, { rules: String(trace.stats.rulesExamined), chains: String(trace.stats.chainsEntered) }),
  );
  const code = trace.result.code;
  lines.push(code === null ? writer.words(WORDS.moreDelivered) : writer.words(WORDS.more, { code }));
  return lines.map((line) => writer.paint(line, 'faint'));
}

/** Ends that the same policies select share a line: the Pods of one workload are all alike here. */
function policyLines(trace: Trace, { verbosity }: ReportOptions, writer: Writer): readonly string[] {
  const ends = new Map<string, PolicyView[]>();
  for (const view of trace.policies) {
    if (view.selecting.length === 0 && verbosity === 0) continue;
    const key = JSON.stringify([view.direction, view.selecting]);
    ends.set(key, [...(ends.get(key) ?? []), view]);
  }
  return [...ends.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const values = {
      pod: alike.map(({ pod }) => pod).join(', '),
      direction: phrase(DIRECTION_WORDS[first.direction]),
      policies: first.selecting.map(printSelecting).join(', '),
    };
    const misses = alike.flatMap((view) => view.misses);
    return [
      writer.words(first.selecting.length === 0 ? WORDS.noPolicies : WORDS.policies, values),
      ...misses.map((miss) => `  ${writer.words(WORDS.nearMiss, { miss: writer.sentence(miss) })}`),
    ];
  });
}

/** `shop/web (shop.yaml:7)` */
function printSelecting(policy: OriginView): string {
  const name = printPolicyName(policy);
  return policy.file === null ? name : `${name} (${policy.file}:${policy.line})`;
}
