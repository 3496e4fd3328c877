/** Rule sets while commands change them, one command after another, as the iptables programs do. */

import { eager } from '../../lib/lazy.ts';
import { nearest } from '../../lib/nearest.ts';
import { type Issue, issue, type Position } from '../../lib/result.ts';
import { ArgumentError } from './arguments.ts';
import { CHAIN_NAME_FORM, isChainName } from './chain-name.ts';
import { OTHER_TARGETS } from './extension-names.ts';
import { BUILTIN_CHAINS, type Hook, TABLE_NAMES, type TableName } from './hook.ts';
import { type ParseRuleOptions, parseRule } from './parse-rule.ts';
import { printRuleSpec } from './print-rule.ts';
import type { Chain, ChainPolicy, Rule, Ruleset } from './ruleset.ts';
import { TARGETS } from './targets/index.ts';
import type { Word } from './tokenize.ts';

type EditedChain = { policy: ChainPolicy | undefined; rules: Rule[] };
type EditedTable = Map<string, EditedChain>;

/** Where a line stands: positions of its words are told from it. */
export type LinePlace = { readonly file: string; readonly line: number };

type Handler = (table: EditedTable, chain: string, args: Arguments) => void;

/** A command that cannot be carried out; becomes an Issue at the word. */
class CommandError extends Error {
  readonly code: string;
  readonly at: number;
  readonly hint: string | undefined;

  constructor(code: string, message: string, at: number, hint?: string) {
    super(message);
    this.code = code;
    this.at = at;
    this.hint = hint;
  }
}

/** What stands behind the command and the chain. */
type Arguments = { readonly words: readonly string[]; readonly start: number };

const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['-A', '-A'],
  ['--append', '-A'],
  ['-I', '-I'],
  ['--insert', '-I'],
  ['-D', '-D'],
  ['--delete', '-D'],
  ['-R', '-R'],
  ['--replace', '-R'],
  ['-P', '-P'],
  ['--policy', '-P'],
  ['-N', '-N'],
  ['--new-chain', '-N'],
  ['--new', '-N'],
  ['-F', '-F'],
  ['--flush', '-F'],
  ['-X', '-X'],
  ['--delete-chain', '-X'],
  ['-Z', '-Z'],
  ['--zero', '-Z'],
]);
const TARGET_NAMES: readonly string[] = [...TARGETS.map((target) => target.name), ...OTHER_TARGETS];

export class RulesetEditor {
  readonly #family: 4 | 6;
  readonly #tables = new Map<TableName, EditedTable>();
  readonly #positions = new Map<Rule, Position>();

  constructor(family: 4 | 6, base?: Ruleset) {
    this.#family = family;
    for (const [name, table] of base ?? []) {
      this.#tables.set(
        name,
        new Map(
          [...table.chains.values()].map((chain) => [chain.name, { policy: chain.policy, rules: [...chain.rules()] }]),
        ),
      );
    }
  }

  hasTable(name: TableName): boolean {
    return this.#tables.has(name);
  }

  /** The table, with its built-in chains when it is new. */
  openTable(name: TableName): EditedTable {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Map(BUILTIN_CHAINS[name].map((hook) => [hook, { policy: 'ACCEPT', rules: [] }]));
      this.#tables.set(name, table);
    }
    return table;
  }

  /** Carries out `-A CHAIN …` and the like on a table. Returns what was wrong with it. */
  command(name: TableName, words: readonly Word[], place: LinePlace): Issue | undefined {
    try {
      this.#run(
        name,
        words.map((word) => word.text),
        (at) => positionOf(words, at, place),
      );
      return undefined;
    } catch (error) {
      if (error instanceof CommandError)
        return issueAt(error.code, error.message, positionOf(words, error.at, place), error.hint);
      if (error instanceof ArgumentError)
        return issueAt('iptables-rule', error.message, positionOf(words, error.at, place), error.hint);
      throw error;
    }
  }

  /** `:CHAIN POLICY` of iptables-restore. */
  declare(name: TableName, chain: string, policy: string): string | undefined {
    const table = this.openTable(name);
    const existing = table.get(chain);
    if (existing?.policy !== undefined) {
      if (policy !== 'ACCEPT' && policy !== 'DROP' && policy !== '-') return `the policy of ${chain} is ACCEPT or DROP`;
      existing.policy = policy === '-' ? existing.policy : policy;
      return undefined;
    }
    if (policy !== '-') return `${chain} is no built-in chain of table ${name} and has no policy: "-" is expected`;
    return newChain(table, chain);
  }

  ruleset(): Ruleset {
    const tables = TABLE_NAMES.flatMap((name) => {
      const table = this.#tables.get(name);
      return table === undefined
        ? []
        : [
            [
              name,
              {
                name,
                chains: sortChains(name, new Map([...table].map(([chain, edited]) => [chain, freeze(chain, edited)]))),
              },
            ] as const,
          ];
    });
    return new Map(tables);
  }

  /** Where the rule was written, for rules that came by commands. */
  positionOf(rule: Rule): Position | undefined {
    return this.#positions.get(rule);
  }

  #run(name: TableName, words: readonly string[], at: (word: number) => Position): void {
    const word = words[0] ?? '';
    const command = COMMANDS.get(word);
    if (command === undefined)
      throw new CommandError(
        'iptables-command',
        `"${word}" is not a command`,
        0,
        `one of ${[...new Set(COMMANDS.values())].join(' ')}`,
      );
    const table = this.openTable(name);
    const chain = words[1];
    if (chain === undefined) {
      if (command === '-F') for (const edited of table.values()) edited.rules = [];
      else if (command === '-X') this.#deleteAllChains(table);
      else if (command !== '-Z') throw new CommandError('iptables-command', `${command} needs the name of a chain`, 1);
      return;
    }
    if (command === '-N') {
      const wrong = newChain(table, chain);
      if (wrong !== undefined) throw new CommandError('iptables-chain', wrong, 1);
      return;
    }
    if (!table.has(chain)) {
      const near = nearest(chain, table.keys());
      throw new CommandError(
        'iptables-chain',
        `table ${name} has no chain "${chain}"`,
        1,
        near.length > 0 ? near.join(', ') : `-N ${chain}`,
      );
    }
    this.#handler(command, at)(table, chain, { words: words.slice(2), start: 2 });
  }

  #handler(command: string, at: (word: number) => Position): Handler {
    switch (command) {
      case '-A':
        return (table, chain, args) => chainOf(table, chain).rules.push(this.#parse(table, chain, args, at));
      case '-I':
        return (table, chain, args) => {
          const numbered = /^\d+$/.test(args.words[0] ?? '');
          const { rules } = chainOf(table, chain);
          const number = numbered ? ruleNumber(args, rules.length + 1) : 1;
          rules.splice(number - 1, 0, this.#parse(table, chain, numbered ? shift(args) : args, at));
        };
      case '-R':
        return (table, chain, args) => {
          const { rules } = chainOf(table, chain);
          const number = ruleNumber(args, rules.length);
          rules[number - 1] = this.#parse(table, chain, shift(args), at);
        };
      case '-D':
        return (table, chain, args) => {
          const { rules } = chainOf(table, chain);
          if (args.words.length === 1 && /^\d+$/.test(args.words[0] ?? ''))
            rules.splice(ruleNumber(args, rules.length) - 1, 1);
          else {
            const text = printRuleSpec(this.#parse(table, chain, args, at));
            const index = rules.findIndex((rule) => printRuleSpec(rule) === text);
            if (index < 0)
              throw new CommandError('iptables-command', `chain ${chain} has no such rule: ${text}`, args.start);
            rules.splice(index, 1);
          }
        };
      case '-P':
        return (table, chain, { words, start }) => {
          const edited = chainOf(table, chain);
          const policy = words[0];
          if (edited.policy === undefined)
            throw new CommandError('iptables-command', `${chain} is no built-in chain and has no policy`, 1);
          if (policy !== 'ACCEPT' && policy !== 'DROP')
            throw new CommandError('iptables-command', `"${policy ?? ''}" is not a policy`, start, 'ACCEPT or DROP');
          edited.policy = policy;
        };
      case '-F':
        return (table, chain) => {
          chainOf(table, chain).rules = [];
        };
      case '-X':
        return (table, chain) => {
          const edited = chainOf(table, chain);
          if (edited.policy !== undefined)
            throw new CommandError('iptables-command', `${chain} is a built-in chain`, 1);
          if (edited.rules.length > 0)
            throw new CommandError('iptables-command', `chain ${chain} is not empty`, 1, `-F ${chain} before it`);
          const user = referrer(table, chain);
          if (user !== undefined)
            throw new CommandError('iptables-command', `chain ${chain} is still jumped to from chain ${user}`, 1);
          table.delete(chain);
        };
      default: // -Z: counters are not kept
        return () => undefined;
    }
  }

  #parse(table: EditedTable, chain: string, args: Arguments, at: (word: number) => Position): Rule {
    const options: ParseRuleOptions = {
      family: this.#family,
      isChain: (name) => table.has(name),
      chains: table.keys(),
      chain,
    };
    try {
      const rule = parseRule({ args: args.words }, options);
      this.#positions.set(rule, at(0));
      return rule;
    } catch (error) {
      if (error instanceof ArgumentError) throw new ArgumentError(error.message, error.at + args.start, error.hint);
      throw error;
    }
  }

  #deleteAllChains(table: EditedTable): void {
    for (const [chain, edited] of table) {
      if (edited.policy !== undefined) continue;
      if (edited.rules.length > 0 || referrer(table, chain) !== undefined)
        throw new CommandError('iptables-command', `chain ${chain} is not empty or is jumped to`, 0, '-F before it');
    }
    for (const [chain, edited] of table) if (edited.policy === undefined) table.delete(chain);
  }
}

/** Built-in chains in the order of their hooks, the others by name. */
export function sortChains(table: TableName, chains: ReadonlyMap<string, Chain>): ReadonlyMap<string, Chain> {
  const hooks: readonly string[] = BUILTIN_CHAINS[table];
  const place = (name: string): number => (hooks.includes(name) ? hooks.indexOf(name) : hooks.length);
  return new Map([...chains].sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0)));
}

export function isBuiltin(table: TableName, chain: string): chain is Hook {
  return BUILTIN_CHAINS[table].some((hook) => hook === chain);
}

function newChain(table: EditedTable, chain: string): string | undefined {
  if (!isChainName(chain)) return `"${chain}" is not a chain name: ${CHAIN_NAME_FORM}`;
  if (TARGET_NAMES.includes(chain)) return `"${chain}" is the name of a target`;
  if (table.has(chain)) return `chain ${chain} exists already`;
  table.set(chain, { policy: undefined, rules: [] });
  return undefined;
}

function freeze(name: string, { policy, rules }: EditedChain): Chain {
  return { name, ...(policy === undefined ? {} : { policy }), rules: eager(rules) };
}

function chainOf(table: EditedTable, chain: string): EditedChain {
  return table.get(chain) ?? { policy: undefined, rules: [] };
}

function referrer(table: EditedTable, chain: string): string | undefined {
  return [...table].find(([, { rules }]) => rules.some((rule) => rule.target.name === chain))?.[0];
}

function ruleNumber(args: Arguments, most: number): number {
  const text = args.words[0] ?? '';
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most)
    throw new CommandError('iptables-command', `"${text}" is not a rule number from 1 to ${most}`, args.start);
  return number;
}

function shift({ words, start }: Arguments): Arguments {
  return { words: words.slice(1), start: start + 1 };
}

function positionOf(words: readonly Word[], at: number, { file, line }: LinePlace): Position {
  const last = words.at(-1);
  return { file, line, column: words[at]?.column ?? (last === undefined ? 1 : last.column + last.text.length) };
}

function issueAt(code: string, message: string, at: Position, hint: string | undefined): Issue {
  return issue(code, message, hint === undefined ? { at } : { at, hint });
}
