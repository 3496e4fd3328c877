/** The text of iptables-save v1.8.9 ⇄ Ruleset. */

import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/quote.ts';
import { fail, type Issue, issue, ok, type Position, type Result } from '../../lib/result.ts';
import type { OriginAt } from '../origin.ts';
import { checkRuleset } from './check-ruleset.ts';
import { TABLE_NAMES, type TableName } from './hook.ts';
import { printRule } from './print-rule.ts';
import type { Ruleset, Table } from './ruleset.ts';
import { type LinePlace, RulesetEditor } from './ruleset-editor.ts';
import { tokenize, type Word } from './tokenize.ts';

type SaveTextOptions = {
  readonly family: 4 | 6;
  readonly file: string;
  /** The line of the file on which the text begins. */
  readonly line: number;
  readonly originAt?: OriginAt | undefined;
};

/**
 * Reads what iptables-restore reads; tables that the text does not name are absent from the result. All problems are
 * told at once, among them what the kernel would refuse. Counters (`[5:420]`) are read and dropped.
 */
export function parseIptablesSave(text: string, options: SaveTextOptions): Result<Ruleset> {
  const editor = new RulesetEditor(options.family, undefined, options.originAt);
  const issues: Issue[] = [];
  let table: { readonly name: TableName | undefined; readonly place: LinePlace } | undefined;
  const lines = text.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const place = { file: options.file, line: options.line + index };
    const read = readLine(line, place, table?.name !== undefined || table === undefined ? table?.name : 'skip', editor);
    issues.push(...read.issues);
    if (read.opens !== undefined) {
      if (table !== undefined) issues.push(missingCommit(table.place));
      table = { name: read.opens === 'unknown' ? undefined : read.opens, place };
    } else if (read.closes) {
      table = undefined;
    }
  }
  if (table !== undefined) issues.push(missingCommit(table.place));
  if (issues.length > 0) return fail(...issues);
  const ruleset = editor.ruleset();
  const refused = checkRuleset(ruleset, (rule) => editor.positionOf(rule));
  return refused.length > 0 ? fail(...refused) : ok(ruleset);
}

type Line = { readonly issues: readonly Issue[]; readonly opens?: TableName | 'unknown'; readonly closes?: boolean };

const NOTHING: Line = { issues: [] };

/** `table` is the open one; 'skip' stands for one whose name was wrong: its lines are not looked at. */
function readLine(line: string, place: LinePlace, table: TableName | 'skip' | undefined, editor: RulesetEditor): Line {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return NOTHING;
  const tokens = tokenize(line);
  if (!tokens.ok)
    return { issues: [issue('iptables-quote', tokens.message, { at: { ...place, column: tokens.column } })] };
  const [first, ...rest] = tokens.words;
  if (first === undefined) return NOTHING;
  const at: Position = { ...place, column: first.column };
  if (first.text.startsWith('*')) return openTable(first, at, editor);
  if (first.text === 'COMMIT') return closeTable(tokens.words, table, place);
  if (table === 'skip') return NOTHING;
  if (table === undefined)
    return { issues: [issue('iptables-line', `${quote(first.text)} before any table`, { at, hint: '*filter' })] };
  if (first.text.startsWith(':')) return declareChain(tokens.words, table, place, editor);
  const counted = /^\[\d+:\d+\]$/.test(first.text);
  const command = editor.command(table, counted ? rest : tokens.words, place);
  return { issues: command === undefined ? [] : [command] };
}

function openTable(word: Word, at: Position, editor: RulesetEditor): Line {
  const text = word.text.slice(1);
  const name = TABLE_NAMES.find((table) => table === text);
  if (name === undefined) {
    const near = nearest(text, TABLE_NAMES);
    return {
      issues: [
        issue('iptables-table', `there is no table ${quote(text)}`, {
          at,
          hint: near.length > 0 ? near.join(', ') : `one of ${TABLE_NAMES.join(', ')}`,
        }),
      ],
      opens: 'unknown',
    };
  }
  const twice = editor.hasTable(name);
  editor.openTable(name);
  return {
    issues: twice
      ? [
          issue('iptables-table', `table ${name} stands here a second time: iptables-restore would empty it first`, {
            at,
          }),
        ]
      : [],
    opens: name,
  };
}

function closeTable(words: readonly Word[], table: TableName | 'skip' | undefined, place: LinePlace): Line {
  const [first, extra] = words;
  const at = (word: Word | undefined): Position => ({ ...place, column: word?.column ?? 1 });
  if (table === undefined) return { issues: [issue('iptables-line', 'COMMIT without a table', { at: at(first) })] };
  if (extra === undefined) return { issues: [], closes: true };
  return {
    issues: [issue('iptables-line', `${quote(extra.text)} is one word too many`, { at: at(extra) })],
    closes: true,
  };
}

/** `:INPUT ACCEPT [0:0]` */
function declareChain(words: readonly Word[], table: TableName, place: LinePlace, editor: RulesetEditor): Line {
  const [first, policy, counters, extra] = words;
  const wrong = (word: Word | undefined, message: string): Line => ({
    issues: [issue('iptables-chain', message, { at: { ...place, column: (word ?? first)?.column ?? 1 } })],
  });
  if (policy === undefined) return wrong(first, 'expected ":CHAIN POLICY [packets:bytes]"');
  if (counters !== undefined && !/^\[\d+:\d+\]$/.test(counters.text))
    return wrong(counters, `${quote(counters.text)} are no counters: expected [packets:bytes]`);
  if (extra !== undefined) return wrong(extra, `${quote(extra.text)} is one word too many`);
  const message = editor.declare(table, first?.text.slice(1) ?? '', policy.text);
  return message === undefined ? NOTHING : wrong(first, message);
}

function missingCommit(place: LinePlace): Issue {
  return issue('iptables-commit', 'COMMIT is missing at the end of the table', { at: { ...place, column: 1 } });
}

/**
 * The order in which iptables-nft-save lists the tables. (iptables-legacy-save has none of its own: there the table
 * used last comes first.)
 */
const SAVE_ORDER: readonly TableName[] = ['mangle', 'security', 'raw', 'filter', 'nat'];

type PrintSaveOptions = {
  /** Only these tables. */
  readonly tables?: readonly TableName[];
};

/** Every chain and rule, so every lazy chain is built. The comments around a table bear no date: the text is always the same. */
export function printIptablesSave(ruleset: Ruleset, options: PrintSaveOptions = {}): string {
  return SAVE_ORDER.filter((name) => options.tables?.includes(name) ?? true)
    .flatMap((name) => ruleset.get(name) ?? [])
    .map(printTable)
    .join('');
}

function printTable(table: Table): string {
  const chains = [...table.chains.values()];
  const lines = [
    '# Generated by nettrace',
    `*${table.name}`,
    ...chains.map((chain) => `:${chain.name} ${chain.policy ?? '-'} [0:0]`),
    ...chains.flatMap((chain) => chain.rules().map((rule) => printRule(chain.name, rule))),
    'COMMIT',
    '# Completed',
  ];
  return `${lines.join('\n')}\n`;
}
