import type { OriginId } from '../../../kernel/origin.ts';
import { action, type FelixRule, match } from './felix-rule.ts';
import type { MarkBits } from './version.ts';

/**
 * Rules in front of a rule, for alternatives that one iptables rule cannot say (felix/rules/policy.go: matchBlockBuilder).
 * Scratch bit 0 says that all blocks so far matched, scratch bit 1 that the block at hand did.
 */
export class MatchBlocks {
  readonly rules: FelixRule[] = [];
  readonly #marks: MarkBits;
  readonly #origin: OriginId;
  #positive = 0;

  constructor(marks: MarkBits, origin: OriginId) {
    this.#marks = marks;
    this.#origin = origin;
  }

  /** What the rule behind the blocks has to match. */
  get passed(): readonly string[] {
    return this.rules.length === 0 ? [] : match.markSet(this.#marks.scratch0);
  }

  /** One of the matches must hold. All of these come before the negative ones: the first writes the result itself. */
  positive(alternatives: readonly (readonly string[])[]): void {
    const { scratch0, scratch1 } = this.#marks;
    this.#start(0);
    const bit = this.#positive === 0 ? scratch0 : scratch1;
    for (const words of alternatives) this.#add(words, action.setMark(bit));
    if (this.#positive > 0) this.#add(match.markClear(scratch1), action.clearMark(scratch0));
    this.#positive++;
  }

  /** None of the matches may hold. */
  negative(exceptions: readonly (readonly string[])[]): void {
    this.#start(this.#marks.scratch0);
    for (const words of exceptions) this.#add(words, action.clearMark(this.#marks.scratch0));
  }

  #start(mark: number): void {
    const { scratch0, scratch1 } = this.#marks;
    if (this.rules.length === 0) this.#add([], action.setMaskedMark(mark, scratch0 | scratch1));
  }

  #add(words: readonly string[], target: readonly string[]): void {
    this.rules.push({ match: words, action: target, origin: this.#origin });
  }
}
