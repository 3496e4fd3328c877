/**
 * `ipset save` text: `create` and `add` lines. What is read may have been written by ipset itself or by hand; what is
 * printed is what ipset 7.17 prints, but for two things that a real machine decides by itself: the order of a hash's
 * elements (here that of adding) and `bucketsize` and `initval` (printed only when they were given: the kernel draws
 * initval at random).
 */

import { fail, type Issue, ok, type Result } from '../../../lib/result.ts';
import { ArgumentError, ArgumentReader } from '../arguments.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Ipset, type IpsetType, makeIpset } from '../ipset.ts';
import { parseCreateOptions, printCreateOptions } from './create-options.ts';
import { parseElements, printElement, printParts, type SetShape } from './element.ts';
import { IPSET_TYPE_NAMES, IPSET_TYPES, isIpsetType } from './type.ts';
import { issueAt, splitWords, type TextPlace, type Word } from './words.ts';

/** A set while its lines are read; elements by their text, so that a second one of the same kind is found. */
type Draft = {
  readonly name: string;
  readonly shape: SetShape;
  readonly elements: Map<string, string>;
};

/** Reads `create` and `add` lines (comments, blank lines and COMMIT are passed over). All issues are reported at once. */
export function parseIpsetSave(text: string, place: TextPlace): Result<readonly Ipset[]> {
  const drafts = new Map<string, Draft>();
  /** Sets whose create line was wrong: their elements are not reported as well. */
  const broken = new Set<string>();
  const issues: Issue[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = splitWords(line).filter(({ text: word }) => word !== '-exist' && word !== '-!');
    const [command, name] = words;
    if (command === undefined || command.text.startsWith('#') || command.text === 'COMMIT') continue;
    try {
      switch (command.text) {
        case 'create':
          createSet(words, drafts, broken);
          break;
        case 'add':
          addElements(words, line, drafts, broken);
          break;
        default:
          throw new ArgumentError(`unknown command "${command.text}"`, 0, 'only create and add lines are read');
      }
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      if (command.text === 'create' && name !== undefined && !drafts.has(name.text)) broken.add(name.text);
      issues.push(issueAt(words, error, 'ipset-syntax', { file: place.file, line: place.line + index }));
    }
  }
  return issues.length > 0 ? fail(...issues) : ok([...drafts.values()].map(finish));
}

function createSet(words: readonly Word[], drafts: Map<string, Draft>, broken: Set<string>): void {
  const reader = readerOf(words);
  reader.next();
  const name = reader.next('the name of a set');
  if (Buffer.byteLength(name) > 31) throw reader.error('the name of a set has at most 31 bytes');
  if (drafts.has(name) || broken.has(name)) throw reader.error(`set ${name} is created twice`);
  const type = reader.next('the type of the set');
  if (!isIpsetType(type)) {
    const hint = didYouMean(type, IPSET_TYPE_NAMES) ?? `one of ${IPSET_TYPE_NAMES.join(', ')}`;
    throw reader.error(`unknown set type "${type}"`, hint);
  }
  const family = readFamily(
    words.map(({ text }) => text),
    type,
  );
  const options = parseCreateOptions(reader, type, family);
  drafts.set(name, { name, shape: { type, family, options }, elements: new Map() });
}

/** `family inet6`, `-6` and their kin, wherever they stand; IPv4 where nothing does. */
function readFamily(words: readonly string[], type: IpsetType): 4 | 6 {
  if (!IPSET_TYPES[type].family) return 4;
  if (words.includes('-6')) return 6;
  const place = words.indexOf('family');
  const word = place < 0 ? 'inet' : (words[place + 1] ?? 'inet');
  if (word === 'inet' || word === 'ipv4') return 4;
  if (word === 'inet6' || word === 'ipv6') return 6;
  throw new ArgumentError(`unknown family "${word}"`, place + 1, 'inet or inet6');
}

function addElements(words: readonly Word[], line: string, drafts: Map<string, Draft>, broken: Set<string>): void {
  const reader = readerOf(words);
  reader.next();
  const name = reader.next('the name of a set');
  if (broken.has(name)) return;
  const draft = drafts.get(name);
  if (draft === undefined) throw unknownSet(reader, name, drafts);
  const { shape, elements } = draft;
  const exist = splitWords(line).some(({ text }) => text === '-exist' || text === '-!');
  const found = parseElements(reader, shape);
  for (const element of found) {
    const key = printParts(element.parts);
    const [part] = element.parts;
    if (part?.kind === 'set') checkMember(reader, part.name, drafts);
    if (elements.has(key) && !exist) throw reader.error(`${key} is already in set ${name}`, undefined, 2);
    elements.set(key, printElement(element));
  }
  const { maxelem } = shape.options;
  if (maxelem !== undefined && elements.size > maxelem)
    throw reader.error(`set ${name} holds at most ${maxelem} elements`, undefined, 1);
}

function checkMember(reader: ArgumentReader, name: string, drafts: ReadonlyMap<string, Draft>): void {
  const member = drafts.get(name);
  if (member === undefined) throw unknownSet(reader, name, drafts);
  if (member.shape.type === 'list:set')
    throw reader.error(`${name} is a list:set itself, and a list cannot hold lists`);
}

function unknownSet(reader: ArgumentReader, name: string, drafts: ReadonlyMap<string, Draft>): ArgumentError {
  return reader.error(`no set ${name} has been created`, didYouMean(name, drafts.keys()));
}

function readerOf(words: readonly Word[]): ArgumentReader {
  return new ArgumentReader(words.map(({ text }) => text));
}

function finish({ name, shape: { type, family, options }, elements }: Draft): Ipset {
  return makeIpset({ name, type, family, options: printCreateOptions(type, options), entries: [...elements.values()] });
}

/** The lists last, as the kernel dumps them (IPSET_DUMP_LAST): their members exist by then when the text is restored. */
export function printIpsetSave(sets: readonly Ipset[]): string {
  const ordered = [
    ...sets.filter(({ type }) => type !== 'list:set'),
    ...sets.filter(({ type }) => type === 'list:set'),
  ];
  return ordered.map(printSet).join('');
}

function printSet(set: Ipset): string {
  const family = IPSET_TYPES[set.type].family ? ['family', set.family === 4 ? 'inet' : 'inet6'] : [];
  const create = ['create', set.name, set.type, ...family, ...(set.options === '' ? [] : [set.options])].join(' ');
  const lines = [create, ...set.entries().map((entry) => `add ${set.name} ${entry}`)];
  return lines.map((line) => `${line}\n`).join('');
}
