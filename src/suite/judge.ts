/** An answer against an expectation: nothing where it is as expected, else every difference in words. */
import type { PathView, Trace } from '../query/trace.ts';
import type { Expectation, ExpectedVerdict } from './suite.ts';

export function judge({ result, paths, stats }: Trace, expect: Expectation): readonly string[] {
  const wrong: string[] = [];
  const say = (what: string, expected: string, found: string): void => {
    wrong.push(`${what}: expected ${expected}, found ${found}`);
  };
  if (expect.verdict !== undefined && !isVerdict(result.verdict, expect.verdict)) {
    const code = result.code === null ? '' : ` (${result.code})`;
    say('verdict', expect.verdict, `${result.verdict}${code}`);
  }
  if (expect.code !== undefined && result.code !== expect.code) say('code', expect.code, result.code ?? 'none');
  if (expect.symptom !== undefined && result.symptom !== expect.symptom) {
    say('symptom', expect.symptom, result.symptom);
  }
  if (expect.backends !== undefined) {
    const found = namesOfBackends(paths, expect.backends);
    const wanted = [...expect.backends].sort();
    if (found.join(' ') !== wanted.join(' ')) say('backends', list(wanted), list(found));
  }
  if (expect.sourceSeen !== undefined) {
    const found = distinct(paths.map(({ sourceSeen }) => sourceSeen ?? 'nothing'));
    if (found.join(' ') !== expect.sourceSeen) say('source seen', expect.sourceSeen, list(found));
  }
  if (expect.reply !== undefined) {
    const found = distinct(paths.map(({ reply }) => reply?.verdict ?? 'no reply'));
    if (found.join(' ') !== expect.reply) say('reply', expect.reply, list(found));
  }
  if (expect.ttl !== undefined) {
    const found = distinct(paths.map(({ ttl }) => String(ttl ?? 'no reply')));
    if (found.join(' ') !== String(expect.ttl)) say('ttl', String(expect.ttl), list(found));
  }
  const most = expect.rulesExaminedAtMost;
  if (most !== undefined && stats.rulesExamined > most)
    say('rules examined', `at most ${most}`, String(stats.rulesExamined));
  for (const place of expect.via ?? []) {
    const missing = paths.filter((path) => !passes(path, place));
    if (missing.length > 0 || paths.length === 0) {
      const share = paths.length === 0 ? 'there is no path' : `${missing.length} of ${paths.length} paths do not`;
      say('via', place, share);
    }
  }
  for (const place of expect.notVia ?? []) {
    const through = paths.filter((path) => passes(path, place));
    if (through.length > 0) say('not via', place, `${through.length} of ${paths.length} paths go there`);
  }
  return wrong;
}

/** Whether the answer's hops are needed to judge. */
export function needsSteps({ via, notVia }: Expectation): boolean {
  return (via?.length ?? 0) + (notVia?.length ?? 0) > 0;
}

function isVerdict(found: Trace['result']['verdict'], expected: ExpectedVerdict): boolean {
  return expected === 'blocked' ? found === 'dropped' || found === 'rejected' : found === expected;
}

/** In the words of the expectation: a Pod by its namespace and name, by its name, or by its address. */
function namesOfBackends(paths: readonly PathView[], wanted: readonly string[]): readonly string[] {
  return distinct(
    paths.flatMap(({ backend }) => {
      if (backend === null) return [];
      const names = [
        ...(backend.pod === null ? [] : [backend.pod, backend.pod.split('/')[1] ?? backend.pod]),
        backend.ip,
        `${backend.ip}:${backend.port ?? ''}`,
      ];
      return names.find((name) => wanted.includes(name)) ?? names[0] ?? [];
    }),
  );
}

/** A node, a device, a chain, or words of a rule on the way of the request. */
function passes({ hops }: PathView, place: string): boolean {
  return hops.some(
    ({ node, inside, steps }) =>
      node === place ||
      inside === place ||
      steps.some(
        ({ device, chain, rule }) =>
          device === place || chain === place || (place.length > 2 && rule?.includes(place) === true),
      ),
  );
}

function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)].sort();
}

function list(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(', ');
}
