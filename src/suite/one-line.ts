/** A test in one line: `frontend -> backend:8080: delivered`, `* -> db:5432 except api: dropped POLICY_INGRESS_NO_MATCH`. */
import type { Symptom } from '../explain/codes/entry.ts';
import { isReasonCode, REASON_CODES } from '../explain/codes.ts';
import { nearest } from '../lib/nearest.ts';
import { quote } from '../lib/quote.ts';
import { PROTOCOLS, type ProbeProtocol, protocolOf } from '../query/query.ts';
import type { Expectation, ExpectedVerdict } from './suite.ts';

export const VERDICTS: readonly ExpectedVerdict[] = [
  ...(['delivered', 'dropped', 'rejected', 'blocked', 'mixed', 'undetermined'] as const),
];
export const SYMPTOMS: readonly Symptom[] = [
  ...(['connected', 'refused', 'timeout', 'unreachable', 'name-error', 'hangs', 'permission-denied'] as const),
  ...(['http-403', 'http-404', 'http-500', 'http-502', 'http-503', 'http-504'] as const),
];

export type OneLine = {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly except: readonly string[];
  readonly protocol: ProbeProtocol;
  readonly expect: Expectation;
};

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

const FORM = 'SOURCE -> DESTINATION [PROTOCOL] [except SOURCE, …]: VERDICT [CODE] [SYMPTOM] [ttl=N]';

export function parseOneLine(text: string): Parsed<OneLine> {
  const arrow = text.indexOf(' -> ');
  // The last colon with a blank behind it: destinations have colons, too.
  const colon = text.lastIndexOf(': ');
  if (arrow < 0 || colon < arrow) return { ok: false, message: `expected ${FORM}` };
  const from = listOf(text.slice(0, arrow));
  const [ends = '', exceptions, ...more] = text.slice(arrow + 4, colon).split(/\s+except\s+/);
  if (more.length > 0) return { ok: false, message: '"except" may stand once' };
  const words = ends.trim().split(/\s+/);
  const last = protocolOf(words.at(-1) ?? '');
  const to = listOf((last === undefined ? words : words.slice(0, -1)).join(' '));
  if (from.length === 0 || to.length === 0) return { ok: false, message: `expected ${FORM}` };
  const stray = [...from, ...to].find((end) => /\s/.test(end));
  if (stray !== undefined) {
    return { ok: false, message: `${quote(stray)} is no end; protocols: ${PROTOCOLS.join(', ')}` };
  }
  const expect = parseOutcome(text.slice(colon + 2));
  if (!expect.ok) return expect;
  return {
    ok: true,
    value: { from, to, except: listOf(exceptions ?? ''), protocol: last ?? 'tcp', expect: expect.value },
  };
}

function listOf(text: string): readonly string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

/** `dropped timeout POLICY_INGRESS_NO_MATCH ttl=62`: the words behind the colon. */
export function parseOutcome(text: string): Parsed<Expectation> {
  let expect: Expectation = {};
  for (const word of text.trim().split(/\s+/)) {
    const next = readWord(word);
    if (next === undefined) return { ok: false, message: unknownWord(word) };
    const [key] = Object.keys(next);
    if (key !== undefined && Object.hasOwn(expect, key))
      return { ok: false, message: `${quote(word)}: ${key} is said twice` };
    expect = { ...expect, ...next };
  }
  if (Object.keys(expect).length === 0) return { ok: false, message: 'nothing is expected: name a verdict' };
  return { ok: true, value: expect };
}

function readWord(word: string): Expectation | undefined {
  const verdict = VERDICTS.find((each) => each === word.toLowerCase());
  if (verdict !== undefined) return { verdict };
  const symptom = SYMPTOMS.find((each) => each === word);
  if (symptom !== undefined) return { symptom };
  if (isReasonCode(word)) return { code: word };
  const ttl = /^ttl=(\d{1,3})$/.exec(word)?.[1];
  return ttl === undefined ? undefined : { ttl: Number(ttl) };
}

function unknownWord(word: string): string {
  const known = [...VERDICTS, ...SYMPTOMS, ...REASON_CODES.keys()];
  const [best] = nearest(word, known, 1);
  const hint = best === undefined ? `verdicts: ${VERDICTS.join(', ')}` : `did you mean ${best}?`;
  return `${quote(word)} is no verdict, code or symptom (${hint})`;
}
