/**
 * Rules that differ in their comments alone are read once: thousands of chains repeat the same matches and
 * targets, each with the hash of its own chain in a comment. Matches and targets hold no state of their own (state.ts
 * keeps it by what they are made of), but those that have any stay one to a rule.
 */

import type { OriginId } from '../origin.ts';
import type { Match } from './match.ts';
import { type ParseRuleOptions, parseRule } from './parse-rule.ts';
import { GOTO_WORDS, JUMP_WORDS } from './parse-target.ts';
import type { Rule, RuleSpec } from './ruleset.ts';
import type { Target } from './target.ts';
import { printSaveString } from './targets/save-string.ts';

/** Rules kept; beyond that all are forgotten, so that a long process does not grow. */
const MOST_KEPT = 20_000;
/** XT_MAX_COMMENT_LEN less its NUL: longer ones are cut where they are read. */
const LONGEST_COMMENT = 255;

/** What may stand in a rule depends on the chain's name in these alone. */
const HOOKS_OF_ONE_DEVICE: readonly string[] = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'];

/** `-m comment --comment TEXT` */
const WORDS_OF_COMMENT = 4;

type Kept = { readonly rule: Rule; readonly jumpsToChain: boolean | undefined };

const kept = new Map<string, Kept>();

/** parseRule() of the words; where only the comments in front are new, what was read before. */
export function parseAlike(spec: RuleSpec, options: ParseRuleOptions): Rule {
  const comments = leadingComments(spec.args);
  if (comments.length === 0) return parseRule(spec, options);
  const words = spec.args.slice(WORDS_OF_COMMENT * comments.length);
  const hook = HOOKS_OF_ONE_DEVICE.find((name) => name === options.chain) ?? '';
  const key = [options.family, hook, ...words].join('\0');
  const jumpsToChain = isJumpToChain(words, options);
  const known = kept.get(key);
  if (known !== undefined && known.jumpsToChain === jumpsToChain) return new AlikeRule(known.rule, comments, spec);
  // Read with its comments, so that errors count the words as they stand.
  const whole = parseRule(spec, options);
  if (whole.matches.some(({ volatile }) => volatile === true)) return whole;
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, { rule: parseRule({ args: words }, options), jumpsToChain });
  return whole;
}

/** `-m comment --comment TEXT` at the beginning, as often as it stands there. */
function leadingComments(words: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let at = 0; isComment(words, at); at += WORDS_OF_COMMENT) {
    const text = words[at + 3];
    if (text === undefined || /^[-!]/.test(text) || Buffer.byteLength(text) > LONGEST_COMMENT) break;
    found.push(text);
  }
  return found;
}

function isComment(words: readonly string[], at: number): boolean {
  return words[at] === '-m' && words[at + 1] === 'comment' && words[at + 2] === '--comment';
}

/** Whether the target's name is a chain of this table: the same word may be none of another. */
function isJumpToChain(words: readonly string[], { isChain }: ParseRuleOptions): boolean | undefined {
  const at = words.findIndex((word) => JUMP_WORDS.includes(word) || GOTO_WORDS.includes(word));
  const name = at < 0 ? undefined : words[at + 1];
  return name === undefined ? undefined : isChain?.(name);
}

/** matches/comment.ts without functions of its own for each of hundreds of thousands. */
class LeadingComment implements Match {
  readonly name = 'comment';
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  test(): boolean {
    return true;
  }

  print(): string {
    return `-m comment --comment ${printSaveString(this.#text)}`;
  }
}

/** A rule that has been read with other comments: its own are made into matches when somebody looks at all of them. */
class AlikeRule implements Rule {
  readonly tests: readonly Match[];
  readonly target: Target;
  readonly origin?: OriginId;
  readonly #comments: readonly string[];

  constructor({ matches, target }: Rule, comments: readonly string[], { origin }: RuleSpec) {
    this.tests = matches;
    this.target = target;
    this.#comments = comments;
    if (origin !== undefined) this.origin = origin;
  }

  /** The header match comes first; comments were loaded before all others. */
  get matches(): readonly Match[] {
    const [first, ...rest] = this.tests;
    const own = this.#comments.map((text) => new LeadingComment(text));
    return first?.name === 'header' ? [first, ...own, ...rest] : [...own, ...this.tests];
  }
}
