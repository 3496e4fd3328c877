/**
 * What people do not want to be told. In YAML: `# nettrace-lint-disable-next-line RULE,…` for the finding of the next line
 * that is no comment, `# nettrace-lint-disable RULE,…` for the file. In any form the annotation `nettrace/lint-disable` for
 * one object.
 */
import type { Position } from '../lib/result.ts';
import type { InputFile } from '../topology/input-file.ts';

export const ANNOTATION = 'nettrace/lint-disable';

/** Without a rule's name a comment means every rule. */
const COMMENT = /^(.*?)#[ \t]*nettrace-lint-disable(-next-line)?(?![\w-])[ \t]*:?[ \t]*(.*)$/;

export type Comment = { readonly at: Position; readonly rules: readonly string[]; readonly line: number | undefined };

export class Suppressions {
  /** In the order of the input. */
  readonly comments: readonly Comment[];
  readonly #ofFile = new Map<string, Set<string>>();
  readonly #ofLine = new Map<string, Set<string>>();

  constructor(comments: readonly Comment[]) {
    this.comments = comments;
    for (const { at, rules, line } of comments) {
      const map = line === undefined ? this.#ofFile : this.#ofLine;
      const key = line === undefined ? at.file : `${at.file}:${line}`;
      const known = map.get(key) ?? new Set();
      for (const rule of rules.length === 0 ? [''] : rules) known.add(rule);
      map.set(key, known);
    }
  }

  covers(rule: string, { file, line }: Position): boolean {
    return [this.#ofFile.get(file), this.#ofLine.get(`${file}:${line}`)].some(
      (rules) => rules !== undefined && (rules.has(rule) || rules.has('')),
    );
  }
}

export function suppressionsIn(inputs: readonly InputFile[]): Suppressions {
  return new Suppressions(inputs.filter(({ text }) => text.includes('nettrace-lint-disable')).flatMap(commentsIn));
}

function commentsIn({ file, text }: InputFile): readonly Comment[] {
  const lines = text.split('\n');
  return lines.flatMap((content, index): readonly Comment[] => {
    if (content.length > 2000) return [];
    const match = COMMENT.exec(content);
    if (match === null || !isOutsideQuotes(match[1] ?? '')) return [];
    const rules = splitRules(match[3] ?? '');
    const at = { file, line: index + 1, column: (match[1]?.length ?? 0) + 1 };
    return [{ at, rules, line: match[2] === undefined ? undefined : nextLine(lines, index) }];
  });
}

/** A comment begins a line or follows a space, and `"# …"` is none. */
function isOutsideQuotes(before: string): boolean {
  if (before !== '' && !/\s$/.test(before)) return false;
  return [...before].filter((character) => character === '"').length % 2 === 0;
}

/** Comments and empty lines between belong to it; lines count from 1. */
function nextLine(lines: readonly string[], index: number): number {
  for (let next = index + 1; next < lines.length; next++) if (!/^\s*(#|$)/.test(lines[next] ?? '')) return next + 1;
  return index + 2;
}

/** Names with commas or spaces between; what stands behind `--` or `#` is a reason. */
export function splitRules(text: string): readonly string[] {
  return (text.split(/(?:^|\s)(?:--|#)(?:\s|$)/)[0] ?? '').split(/[\s,]+/).filter((name) => name !== '');
}
