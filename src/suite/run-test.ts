/** One test against a loaded topology: its questions, asked and judged. */
import type { NetnsId } from '../kernel/netns-id.ts';
import { memoize } from '../lib/lazy.ts';
import { answerQuery } from '../query/answer-query.ts';
import type { Query } from '../query/query.ts';
import type { Trace } from '../query/trace.ts';
import { type EndpointOptions, resolveDestination, resolveSources } from '../topology/endpoints.ts';
import type { Loaded } from '../topology/load.ts';
import { judge, needsSteps } from './judge.ts';
import type { Mismatch, TestResult } from './result.ts';
import { expandEnds, MOST_QUESTIONS } from './select-ends.ts';
import { shortenTrace } from './short-trace.ts';
import type { Suite, TestCase } from './suite.ts';

/** Mismatches that are kept of one test, with their traces. */
const MOST_MISMATCHES = 10;

export type RunPlace = {
  readonly suite: Suite;
  readonly variant: string;
  readonly loaded: Loaded;
  /** `-f FILE` words that load the same topology. */
  readonly inputWords: readonly string[];
  /** Sees every answer: what a run covers is counted there. */
  readonly observe?: (trace: Trace) => void;
};

type Question = { readonly source: string; readonly destination: string };

export function runTest(test: TestCase, place: RunPlace): TestResult {
  const questions = askInTurn(test, place);
  for (;;) {
    const step = questions.next();
    if (step.done === true) return step.value;
  }
}

/** The same with a look at the world now and then; undefined where it was stopped. */
export async function runTestUnless(
  stopped: () => Promise<boolean>,
  test: TestCase,
  place: RunPlace,
): Promise<TestResult | undefined> {
  const questions = askInTurn(test, place);
  for (;;) {
    const step = questions.next();
    if (step.done === true) return step.value;
    if (await stopped()) return undefined;
  }
}

/** Stops for breath after so many questions: one test may ask a hundred thousand. */
const BREATH = 250;

function* askInTurn(test: TestCase, place: RunPlace): Generator<undefined, TestResult> {
  const { suite, variant, loaded } = place;
  const name = variant === '' ? test.name : `${test.name} [${variant}]`;
  const base = { suite: suite.name, variant, test, name };
  if (test.skip !== undefined) {
    return { ...base, status: 'skipped', message: test.skip, mismatches: [], questions: 0 };
  }
  const namespace = test.namespace ?? loaded.cluster.settings.defaultNamespace;
  const asked = questionsOf(test, loaded, namespace);
  if (typeof asked === 'string') {
    return { ...base, status: 'failed', message: asked, mismatches: [], questions: 0 };
  }
  const mismatches: Mismatch[] = [];
  let failures = 0;
  let unasked: Mismatch | undefined;
  for (const [done, question] of asked.entries()) {
    if (done > 0 && done % BREATH === 0) yield undefined;
    const mismatch = ask(question, test, place, mismatches.length < MOST_MISMATCHES);
    if (mismatch === undefined) continue;
    failures++;
    if (mismatch.trace === undefined) unasked ??= mismatch;
    if (mismatches.length < MOST_MISMATCHES) mismatches.push(mismatch);
  }
  const failed = failures > 0;
  // A question that cannot be asked is a mistake in the test, and none of those that are known.
  if (test.expectFailure !== undefined && unasked === undefined) {
    const message = failed
      ? `fails as expected: ${test.expectFailure}`
      : `passes, though it is expected to fail: ${test.expectFailure}`;
    return { ...base, status: failed ? 'passed' : 'failed', message, mismatches: [], questions: asked.length };
  }
  const first = test.expectFailure === undefined ? mismatches[0] : unasked;
  const more = asked.length > 1 ? ` (${failures} of ${asked.length} questions)` : '';
  const message =
    first === undefined ? '' : `${first.source} -> ${first.destination}: ${first.wrong.join('; ')}${more}`;
  return { ...base, status: failed ? 'failed' : 'passed', message, mismatches, questions: asked.length };
}

/** Every pair but an end with itself; a message where a pattern stands for nothing. */
function questionsOf(test: TestCase, loaded: Loaded, namespace: string): readonly Question[] | string {
  const { cluster } = loaded;
  const expand = (patterns: readonly string[]): readonly string[] | string => {
    const ends: string[] = [];
    for (const pattern of patterns) {
      const found = expandEnds(cluster, pattern, namespace);
      if (found.length === 0) return `${pattern} stands for no running Pod`;
      ends.push(...found);
    }
    return ends;
  };
  const from = expand(test.from);
  const to = expand(test.to);
  const except = expand(test.except);
  if (typeof from === 'string') return from;
  if (typeof to === 'string') return to;
  if (typeof except === 'string') return except;
  const left = new Set(except.flatMap((end) => identify(end, loaded, { namespace, all: true })));
  const unknown = except.find((end) => identify(end, loaded, { namespace }).length === 0);
  if (unknown !== undefined) return `${unknown} behind "except" is nobody`;
  const sources = from.filter(
    (end) => left.size === 0 || !identify(end, loaded, { namespace }).some((id) => left.has(id)),
  );
  if (sources.length === 0) return '"except" leaves no source';
  if (sources.length * to.length > MOST_QUESTIONS) {
    return `asks ${sources.length * to.length} questions: more than ${MOST_QUESTIONS} are for nettrace matrix`;
  }
  const pairs = sources.flatMap((source) => to.map((destination) => ({ source, destination })));
  if (pairs.length === 1) return pairs;
  const own = (source: string): NetnsId | undefined => identify(source, loaded, { namespace })[0];
  const netnsOf = memoize(own);
  const targetOf = memoize((text: string) => identifyTarget(text, loaded, { namespace }));
  const others = pairs.filter(({ source, destination }) => {
    const target = targetOf(destination);
    return target === undefined || target !== netnsOf(source);
  });
  return others.length === 0 ? 'asks nobody but the source itself' : others;
}

/** The namespace that sends, so that two ways to write one Pod are the same; with `all`, those of all Pods of a workload. */
function identify(
  end: string,
  loaded: Loaded,
  options: EndpointOptions & { readonly all?: boolean },
): readonly NetnsId[] {
  const sources = resolveSources(end, loaded, options);
  return sources.ok ? sources.value.map(({ netns }) => netns) : [];
}

/** The namespace of a Pod or machine that is named itself; a Service is somebody else, also for its own Pods. */
function identifyTarget(end: string, loaded: Loaded, options: EndpointOptions): NetnsId | undefined {
  const target = resolveDestination(end, loaded, options);
  return target.ok && target.value.kind === 'machine' ? target.value.machine.netns : undefined;
}

function ask(question: Question, test: TestCase, place: RunPlace, withTrace: boolean): Mismatch | undefined {
  const query: Query = {
    ...question,
    protocol: test.protocol,
    ...(test.namespace === undefined ? {} : { namespace: test.namespace }),
  };
  const steps = needsSteps(test.expect);
  // Which machines a path comes by is to be seen of each.
  const answer = answerQuery(place.loaded, { ...query, steps, allBranches: steps });
  const command = commandOf(query, place);
  if (!answer.ok) {
    const wrong = answer.issues.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
    return { ...question, wrong, trace: undefined, command };
  }
  place.observe?.(answer.value);
  const wrong = judge(answer.value, test.expect);
  if (wrong.length === 0) return undefined;
  const full = withTrace ? answerQuery(place.loaded, query) : undefined;
  return { ...question, wrong, trace: full?.ok === true ? shortenTrace(full.value) : undefined, command };
}

function commandOf({ source, destination, protocol, namespace }: Query, { inputWords }: RunPlace): readonly string[] {
  return [
    'nettrace',
    source,
    destination,
    ...inputWords,
    ...(protocol === undefined || protocol === 'tcp' ? [] : ['-p', protocol]),
    ...(namespace === undefined ? [] : ['-n', namespace]),
  ];
}
