/** The words of a rule → its statements. */
import type { OriginId } from '../origin.ts';
import type { Statement } from './expression.ts';
import { mergeStatements } from './merge-statements.ts';
import { textBetween } from './parse-expression.ts';
import { parseStatement } from './parse-statement.ts';
import type { NftFamily, NftRule, NftRuleSpec } from './ruleset.ts';
import { NftSyntaxError, TokenReader } from './token-reader.ts';
import { tokenize } from './tokenize.ts';

/** Reads to the end of the rule: a line break, a semicolon, the end of the block. Never throws for what it does not know. */
export function readRule(reader: TokenReader, family: NftFamily, origin?: OriginId): NftRule {
  const { statements, comment } = readStatements(reader, family, true);
  return {
    statements: mergeStatements(statements, family),
    ...(comment === undefined ? {} : { comment }),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** A rule that a program wrote. */
export function parseRule({ text, comment, origin }: NftRuleSpec, family: NftFamily): NftRule {
  const rule = readRule(new TokenReader(text, tokenize(text)), family, origin);
  return comment === undefined ? rule : { ...rule, comment };
}

type Parsed = { readonly statements: readonly Statement[]; readonly comment: string | undefined };

/** @param tolerant what is not understood becomes a statement of its own; otherwise it is an error */
function readStatements(reader: TokenReader, family: NftFamily, tolerant: boolean): Parsed {
  const statements: Statement[] = [];
  let comment: string | undefined;
  while (!reader.atEnd()) {
    const start = reader.at;
    try {
      if (reader.take('comment')) comment = reader.word('a comment in quotes');
      else statements.push(parseStatement(reader, family));
    } catch (error) {
      if (!(error instanceof NftSyntaxError) || !tolerant) throw error;
      reader.at = start;
      const rest = readUnknown(reader, family);
      return { statements: [...statements, ...rest.statements], comment: rest.comment ?? comment };
    }
  }
  return { statements, comment };
}

/** Words that can only begin a statement: behind one of them the rule may be understood again. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  ...['accept', 'drop', 'return', 'continue', 'jump', 'goto', 'reject', 'queue'],
  ...['counter', 'log', 'limit', 'comment', 'masquerade', 'dnat', 'snat', 'redirect', 'notrack'],
  ...[
    'ip',
    'ip6',
    'tcp',
    'udp',
    'sctp',
    'icmp',
    'icmpv6',
    'meta',
    'ct',
    'iifname',
    'oifname',
    'iif',
    'oif',
    'fib',
    'mark',
  ],
]);

/** How many places are tried: rules of an attacker's length must not take the square of it. */
const TRIES = 16;

function readUnknown(reader: TokenReader, family: NftFamily): Parsed {
  const from = reader.peek()?.from ?? 0;
  const start = reader.at;
  const end = endOfRule(reader);
  let tries = 0;
  for (let at = start + 1; at < end && tries < TRIES; at++) {
    const token = reader.tokens[at];
    if (token?.kind !== 'word' || !BEGINNINGS.has(token.text)) continue;
    tries++;
    reader.at = at;
    try {
      const rest = readStatements(reader, family, false);
      const after = reader.at;
      reader.at = at;
      const text = textBetween(reader, from);
      reader.at = after;
      return { statements: [{ kind: 'unknown', text, ends: false }, ...rest.statements], comment: rest.comment };
    } catch (error) {
      if (!(error instanceof NftSyntaxError)) throw error;
    }
  }
  reader.at = end;
  return { statements: [{ kind: 'unknown', text: textBetween(reader, from), ends: true }], comment: undefined };
}

/** Braces inside the rule belong to it. */
function endOfRule(reader: TokenReader): number {
  let depth = 0;
  for (let at = reader.at; ; at++) {
    const token = reader.tokens[at];
    if (token === undefined) return at;
    if (token.kind === 'sign' && token.text === '{') depth++;
    else if (token.kind === 'sign' && token.text === '}') {
      if (depth === 0) return at;
      depth--;
    } else if (depth === 0 && (token.kind === 'line' || token.kind === 'end')) return at;
  }
}
