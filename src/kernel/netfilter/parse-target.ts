/** `-j NAME options` and `-g CHAIN` of a rule. */

import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/quote.ts';
import type { ArgumentError, ArgumentReader } from './arguments.ts';
import { CHAIN_NAME_FORM, isChainName } from './chain-name.ts';
import { OTHER_TARGETS } from './extension-names.ts';
import type { ParseContext } from './match.ts';
import { HEADER_OPTIONS } from './matches/header.ts';
import type { RegisteredTarget, Target } from './target.ts';
import { gotoTarget, jumpTarget, TARGETS, unknownTarget } from './targets/index.ts';

/** The spellings of iptables' own options. */
export const MATCH_WORDS: readonly string[] = ['-m', '--match'];
export const JUMP_WORDS: readonly string[] = ['-j', '--jump'];
export const GOTO_WORDS: readonly string[] = ['-g', '--goto'];
export const COUNTER_WORDS: readonly string[] = ['-c', '--set-counters'];
/** Options of a rule itself, beside those of its header. */
export const OWN_WORDS: readonly string[] = [...MATCH_WORDS, ...JUMP_WORDS, ...GOTO_WORDS, ...COUNTER_WORDS];

const TARGET_BY_NAME: ReadonlyMap<string, RegisteredTarget> = new Map(TARGETS.map((target) => [target.name, target]));

/** What is known of the table's user-defined chains: see ParseRuleOptions. */
type KnownChains = { readonly isChain?: (name: string) => boolean; readonly chains?: Iterable<string> };

/** Reads from `-j` or `-g` on. */
export function parseTarget(reader: ArgumentReader, context: ParseContext, known: KnownChains): Target {
  const word = reader.next();
  const name = reader.next(`a target behind ${word}`);
  return GOTO_WORDS.includes(word) ? parseGoto(reader, name, known) : parseJump(reader, name, context, known);
}

/** The options of an extension that is not known: all words up to an option that is. */
export function takeForeignWords(reader: ArgumentReader): string[] {
  const words: string[] = [];
  for (let word = reader.peek(); word !== undefined; word = reader.peek()) {
    const option = word === '!' ? (reader.peek(1) ?? '') : word;
    if (OWN_WORDS.includes(option) || HEADER_OPTIONS.has(option)) break;
    words.push(reader.next());
  }
  return words;
}

/** command_jump(): a target goes before a chain of the same name. */
function parseJump(
  reader: ArgumentReader,
  name: string,
  context: ParseContext,
  { isChain, chains }: KnownChains,
): Target {
  const target = TARGET_BY_NAME.get(name);
  if (target !== undefined) return target.parse(reader, context);
  if (OTHER_TARGETS.includes(name)) return unknownTarget(name, takeForeignWords(reader));
  if (isChain === undefined || isChain(name)) return jumpTarget(checkedName(reader, name));
  const option = reader.peek();
  // Options of its own: an extension that is not known. Without any it is more likely a chain that is not there.
  const foreign = option?.startsWith('--') && !HEADER_OPTIONS.has(option) && !OWN_WORDS.includes(option);
  if (foreign) return unknownTarget(checkedName(reader, name), takeForeignWords(reader));
  throw noSuchChain(reader, name, [...TARGET_BY_NAME.keys(), ...(chains ?? [])]);
}

function parseGoto(reader: ArgumentReader, name: string, { isChain, chains }: KnownChains): Target {
  if (isChain !== undefined && !isChain(name)) throw noSuchChain(reader, name, [...(chains ?? [])]);
  return gotoTarget(checkedName(reader, name));
}

function checkedName(reader: ArgumentReader, name: string): string {
  if (!isChainName(name)) throw reader.error(`${quote(name)} is not a chain name: ${CHAIN_NAME_FORM}`);
  return name;
}

function noSuchChain(reader: ArgumentReader, name: string, candidates: readonly string[]): ArgumentError {
  const near = nearest(name, candidates);
  return reader.error(`no chain or target is named ${quote(name)}`, near.length > 0 ? near.join(', ') : undefined);
}
