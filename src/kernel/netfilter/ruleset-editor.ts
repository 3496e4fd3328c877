/** Rule sets while commands change them, one command after another, as the iptables programs do. */
import { type Issue, issue, type Position } from '../../lib/result.ts';
import type { OriginAt } from '../origin.ts';
import { ArgumentError } from './arguments.ts';
import { addChain, type EditedTable, editTable, finishTable, newTable } from './edited-table.ts';
import { TABLE_NAMES, type TableName } from './hook.ts';
import { type ParseRuleOptions, parseRule } from './parse-rule.ts';
import type { Rule, Ruleset } from './ruleset.ts';
import { CommandError, runCommand } from './table-command.ts';
import type { Word } from './tokenize.ts';

/** Where a line stands: positions of its words are told from it. */
export type LinePlace = { readonly file: string; readonly line: number };

export class RulesetEditor {
  readonly #family: 4 | 6;
  readonly #tables: Map<TableName, EditedTable>;
  readonly #positions = new Map<Rule, Position>();

  readonly #originAt: OriginAt | undefined;

  constructor(family: 4 | 6, base?: Ruleset, originAt?: OriginAt) {
    this.#family = family;
    this.#originAt = originAt;
    this.#tables = new Map([...(base ?? [])].map(([name, table]) => [name, editTable(table)]));
  }

  hasTable(name: TableName): boolean {
    return this.#tables.has(name);
  }

  /** The table, with its built-in chains when it is new. */
  openTable(name: TableName): EditedTable {
    const table = this.#tables.get(name) ?? newTable(name);
    this.#tables.set(name, table);
    return table;
  }

  /** Carries out `-A CHAIN …` and the like on a table. Returns what was wrong with it. */
  command(name: TableName, words: readonly Word[], place: LinePlace): Issue | undefined {
    const table = this.openTable(name);
    const parse = (chain: string, ruleWords: readonly string[], start: number): Rule => {
      const rule = this.#parse(table, chain, ruleWords, start, place.line);
      this.#positions.set(rule, positionOf(words, 0, place));
      return rule;
    };
    try {
      runCommand(
        { name, table, parse },
        words.map((word) => word.text),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof CommandError) && !(error instanceof ArgumentError)) throw error;
      const at = positionOf(words, error.at, place);
      const code = error instanceof CommandError ? error.code : 'iptables-rule';
      return issue(code, error.message, error.hint === undefined ? { at } : { at, hint: error.hint });
    }
  }

  /** `:CHAIN POLICY` of iptables-restore. Returns what was wrong with it. */
  declare(name: TableName, chain: string, policy: string): string | undefined {
    const table = this.openTable(name);
    const existing = table.get(chain);
    if (existing?.policy !== undefined) {
      if (policy !== 'ACCEPT' && policy !== 'DROP' && policy !== '-') return `the policy of ${chain} is ACCEPT or DROP`;
      existing.policy = policy === '-' ? existing.policy : policy;
      return undefined;
    }
    if (policy !== '-') return `${chain} is no built-in chain of table ${name} and has no policy: "-" is expected`;
    return addChain(table, chain);
  }

  ruleset(): Ruleset {
    return new Map(
      TABLE_NAMES.flatMap((name) => {
        const table = this.#tables.get(name);
        return table === undefined ? [] : [[name, finishTable(name, table)] as const];
      }),
    );
  }

  /** Where the rule was written, for rules that came by commands. */
  positionOf(rule: Rule): Position | undefined {
    return this.#positions.get(rule);
  }

  #parse(table: EditedTable, chain: string, words: readonly string[], start: number, line: number): Rule {
    const options: ParseRuleOptions = {
      family: this.#family,
      isChain: (name) => table.has(name),
      chains: table.keys(),
      chain,
    };
    try {
      const origin = this.#originAt?.(line);
      return parseRule(origin === undefined ? { args: words } : { args: words, origin }, options);
    } catch (error) {
      if (error instanceof ArgumentError) throw new ArgumentError(error.message, error.at + start, error.hint);
      throw error;
    }
  }
}

/** The place of a word, or behind the last one. */
function positionOf(words: readonly Word[], at: number, { file, line }: LinePlace): Position {
  const last = words.at(-1);
  return { file, line, column: words[at]?.column ?? (last === undefined ? 1 : last.column + last.text.length) };
}
