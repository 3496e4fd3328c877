/** One command line of iptables, as a person types it: `-t nat -I PREROUTING 1 -p tcp --dport 80 -j ACCEPT`. */

import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/quote.ts';
import { fail, issue, ok, type Result } from '../../lib/result.ts';
import { checkRuleset } from './check-ruleset.ts';
import { TABLE_NAMES, type TableName } from './hook.ts';
import type { Ruleset } from './ruleset.ts';
import { type LinePlace, RulesetEditor } from './ruleset-editor.ts';
import { tokenize, type Word } from './tokenize.ts';

type CommandOptions = LinePlace & {
  readonly family: 4 | 6 /** Added to columns: where the line begins in its file; 0 by default. */;
  readonly column?: number;
};

/**
 * The rule set after the command: -A, -I [n], -D (n or the rule), -R n, -P, -N, -F, -X, -Z, with `-t TABLE` (filter by
 * default) before the command or behind its chain; `iptables` in front may stay. A new table comes with its built-in chains.
 */
export function applyIptablesCommand(ruleset: Ruleset, line: string, options: CommandOptions): Result<Ruleset> {
  const { family, column = 0, ...place } = options;
  const tokens = tokenize(line, 'shell');
  if (!tokens.ok)
    return fail(issue('iptables-quote', tokens.message, { at: { ...place, column: column + tokens.column } }));
  const words = tokens.words.map((word) => ({ ...word, column: word.column + column }));
  const command = takeTable(words.slice(/^(ip6?tables)(-legacy|-nft)?$/.test(words[0]?.text ?? '') ? 1 : 0));
  const name = TABLE_NAMES.find((table) => table === command.table.text);
  if (name === undefined) {
    const near = nearest(command.table.text, TABLE_NAMES);
    const hint = near.length > 0 ? near.join(', ') : `one of ${TABLE_NAMES.join(', ')}`;
    return fail(
      issue('iptables-table', `there is no table ${quote(command.table.text)}`, {
        at: { ...place, column: command.table.column },
        hint,
      }),
    );
  }
  return run(ruleset, name, command.words, { family, place });
}

function run(
  ruleset: Ruleset,
  table: TableName,
  words: readonly Word[],
  { family, place }: { family: 4 | 6; place: LinePlace },
): Result<Ruleset> {
  if (words.length === 0)
    return fail(issue('iptables-command', 'the command is empty', { at: { ...place, column: 1 } }));
  const editor = new RulesetEditor(family, ruleset);
  const wrong = editor.command(table, words, place);
  if (wrong !== undefined) return fail(wrong);
  const after = editor.ruleset();
  // What stood there before was accepted before; only the new rule can be refused (a jump may close a loop elsewhere).
  const known = new Set(checkRuleset(ruleset).map(({ message }) => message));
  const refused = checkRuleset(after, (rule) => editor.positionOf(rule)).filter(({ message }) => !known.has(message));
  return refused.length > 0 ? fail(...refused) : ok(after);
}

/** Takes `-t TABLE` and `-w` out of the places where they are usual. */
function takeTable(words: readonly Word[]): { readonly table: Word; readonly words: readonly Word[] } {
  let table: Word = { text: 'filter', column: words[0]?.column ?? 1 };
  const rest: Word[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const early = rest.length < 3;
    if (word === undefined) break;
    if (early && (word.text === '-t' || word.text === '--table'))
      table = words[++i] ?? { text: '', column: word.column };
    else if (!(early && (word.text === '-w' || word.text === '--wait'))) rest.push(word);
  }
  return { table, words: rest };
}
