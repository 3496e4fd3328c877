/** -A -I -D -R -P -N -F -X -Z: what the commands of iptables do to one table (do_command4() of iptables). */

import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/quote.ts';
import { addChain, type EditedChain, type EditedTable, referrer } from './edited-table.ts';
import type { TableName } from './hook.ts';
import { printRuleSpec } from './print-rule.ts';
import type { Rule } from './ruleset.ts';

/** A command that cannot be carried out. `at` is the index of the word that is wrong. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: 'iptables-command' | 'iptables-chain';
  readonly at: number;
  readonly hint: string | undefined;

  constructor(message: string, at: number, hint?: string, code: CommandError['code'] = 'iptables-command') {
    super(message);
    this.code = code;
    this.at = at;
    this.hint = hint;
  }
}

type Command = '-A' | '-I' | '-D' | '-R' | '-P' | '-N' | '-F' | '-X' | '-Z';

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
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

/** The table that is changed, and how the words of a rule from an index on are read. */
type CommandContext = {
  readonly name: TableName;
  readonly table: EditedTable;
  readonly parse: (chain: string, words: readonly string[], start: number) => Rule;
};

/** The words behind the command and its chain, and the index of the first. */
type Arguments = { readonly words: readonly string[]; readonly start: number };

/** Throws CommandError, and what `parse` throws. */
export function runCommand(context: CommandContext, words: readonly string[]): void {
  const { name, table } = context;
  const word = words[0] ?? '';
  const command = COMMANDS.get(word);
  if (command === undefined) {
    throw new CommandError(`${quote(word)} is not a command`, 0, `one of ${[...new Set(COMMANDS.values())].join(' ')}`);
  }
  const chain = words[1];
  if (chain === undefined) {
    runOnAll(table, command);
  } else if (command === '-N') {
    const wrong = addChain(table, chain);
    if (wrong !== undefined) throw new CommandError(wrong, 1, undefined, 'iptables-chain');
  } else {
    const edited = table.get(chain);
    if (edited === undefined) {
      const near = nearest(chain, table.keys());
      const hint = near.length > 0 ? near.join(', ') : `-N ${chain}`;
      throw new CommandError(`table ${name} has no chain ${quote(chain)}`, 1, hint, 'iptables-chain');
    }
    runOnChain(context, command, chain, edited, { words: words.slice(2), start: 2 });
  }
}

function runOnAll(table: EditedTable, command: Command): void {
  if (command === '-F') for (const edited of table.values()) edited.rules = [];
  else if (command === '-X') deleteAllChains(table);
  else if (command !== '-Z') throw new CommandError(`${command} needs the name of a chain`, 1);
}

function runOnChain(
  context: CommandContext,
  command: Exclude<Command, '-N'>,
  chain: string,
  edited: EditedChain,
  args: Arguments,
): void {
  const { rules } = edited;
  const parse = ({ words, start }: Arguments): Rule => context.parse(chain, words, start);
  const numbered = /^\d+$/.test(args.words[0] ?? '');
  switch (command) {
    case '-A':
      rules.push(parse(args));
      return;
    case '-I': {
      const number = numbered ? ruleNumber(args, rules.length + 1) : 1;
      rules.splice(number - 1, 0, parse(numbered ? shift(args) : args));
      return;
    }
    case '-R':
      rules[ruleNumber(args, rules.length) - 1] = parse(shift(args));
      return;
    case '-D':
      if (numbered && args.words.length === 1) rules.splice(ruleNumber(args, rules.length) - 1, 1);
      else deleteRule(chain, rules, parse(args), args.start);
      return;
    case '-P':
      setPolicy(context.name, chain, edited, args);
      return;
    case '-F':
      edited.rules = [];
      return;
    case '-X':
      deleteChain(context.table, chain, edited);
      return;
    case '-Z': // counters are not kept
      return;
  }
}

function deleteRule(chain: string, rules: Rule[], rule: Rule, at: number): void {
  const text = printRuleSpec(rule);
  const index = rules.findIndex((other) => printRuleSpec(other) === text);
  if (index < 0) throw new CommandError(`chain ${chain} has no such rule: ${text}`, at);
  rules.splice(index, 1);
}

function setPolicy(table: TableName, chain: string, edited: EditedChain, { words, start }: Arguments): void {
  const policy = words[0];
  if (edited.policy === undefined) throw new CommandError(`${chain} is no built-in chain and has no policy`, 1);
  if (policy !== 'ACCEPT' && policy !== 'DROP')
    throw new CommandError(`${quote(policy ?? '')} is not a policy`, start, 'ACCEPT or DROP');
  if (policy === 'DROP' && table === 'nat')
    throw new CommandError('the nat table is not for filtering', start, 'ACCEPT');
  edited.policy = policy;
}

function deleteChain(table: EditedTable, chain: string, edited: EditedChain): void {
  if (edited.policy !== undefined) throw new CommandError(`${chain} is a built-in chain`, 1);
  if (edited.rules.length > 0) throw new CommandError(`chain ${chain} is not empty`, 1, `-F ${chain} before it`);
  const user = referrer(table, chain);
  if (user !== undefined) throw new CommandError(`chain ${chain} is still jumped to from chain ${user}`, 1);
  table.delete(chain);
}

function deleteAllChains(table: EditedTable): void {
  const own = [...table].filter(([, edited]) => edited.policy === undefined);
  for (const [chain, edited] of own) {
    if (edited.rules.length === 0 && referrer(table, chain) === undefined) continue;
    throw new CommandError(`chain ${chain} is not empty or is jumped to`, 0, '-F before it');
  }
  for (const [chain] of own) table.delete(chain);
}

function ruleNumber({ words, start }: Arguments, most: number): number {
  const text = words[0] ?? '';
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most)
    throw new CommandError(`${quote(text)} is not a rule number from 1 to ${most}`, start);
  return number;
}

function shift({ words, start }: Arguments): Arguments {
  return { words: words.slice(1), start: start + 1 };
}
