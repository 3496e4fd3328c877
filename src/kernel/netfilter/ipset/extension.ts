/** What may stand behind an element: `timeout 5 nomatch packets 0 bytes 0 comment "x"` (ip_set_extensions). */

import type { ArgumentReader } from '../arguments.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Element, SetShape } from './element.ts';
import { parseNumber } from './number.ts';
import { IPSET_TYPES } from './type.ts';

type Extensions = Pick<Element, 'nomatch' | 'wildcard' | 'timeout' | 'metadata'>;

/** Reads to the end of the words and fills in what the set gives every element. Throws ArgumentError. */
export function readExtensions(reader: ArgumentReader, { type, options }: SetShape): Extensions {
  const { nomatch, dimensions } = IPSET_TYPES[type];
  const known = [
    'timeout',
    ...(nomatch ? ['nomatch'] : []),
    ...(dimensions.includes('iface') ? ['wildcard'] : []),
    ...['packets', 'bytes', 'comment', 'skbmark', 'skbprio', 'skbqueue'],
  ];
  const values = new Map<string, string>();
  while (!reader.done) {
    const name = reader.next();
    if (!known.includes(name)) {
      const hint = didYouMean(name, known) ?? `one of ${known.join(', ')}`;
      throw reader.error(`unknown option "${name}" of an element of type ${type}`, hint);
    }
    const needs = supportOf(name);
    if (needs === 'timeout' ? options.timeout === undefined : needs !== undefined && options[needs] !== true) {
      throw reader.error(`the set was created without ${needs}`);
    }
    values.set(name, name === 'nomatch' || name === 'wildcard' ? '' : readValue(reader, name));
  }
  const timeout = values.get('timeout');
  return {
    nomatch: values.has('nomatch'),
    wildcard: values.has('wildcard'),
    timeout: timeout === undefined ? options.timeout : Number(timeout),
    metadata: [
      ...(options.counters === true ? [`packets ${values.get('packets') ?? 0} bytes ${values.get('bytes') ?? 0}`] : []),
      ...['comment', 'skbmark', 'skbprio', 'skbqueue'].flatMap((name) => {
        const value = values.get(name);
        return value === undefined ? [] : [`${name} ${value}`];
      }),
    ].join(' '),
  };
}

/** The option of `create` that allows it. */
function supportOf(name: string): 'timeout' | 'counters' | 'comment' | 'skbinfo' | undefined {
  switch (name) {
    case 'timeout':
    case 'comment':
      return name;
    case 'packets':
    case 'bytes':
      return 'counters';
    case 'skbmark':
    case 'skbprio':
    case 'skbqueue':
      return 'skbinfo';
    default:
      return undefined;
  }
}

function readValue(reader: ArgumentReader, name: string): string {
  const word = reader.next(`a value for ${name}`);
  const wrong = (form: string): Error => reader.error(`${name} takes ${form}, not "${word}"`);
  switch (name) {
    case 'timeout':
      if (parseNumber(word, 2147483) === undefined) throw wrong('seconds, at most 2147483');
      return String(parseNumber(word));
    case 'packets':
    case 'bytes':
      // 64-bit counters.
      if (!/^(0|[1-9]\d{0,19})$/.test(word) || BigInt(word) >= 2n ** 64n) throw wrong('a number of at most 64 bits');
      return word;
    case 'comment':
      // IPSET_MAX_COMMENT_SIZE; ipset has no way to write a quote inside one.
      if (word === '' || word.includes('"') || Buffer.byteLength(word) > 255) {
        throw wrong('1 to 255 bytes of text without double quotes');
      }
      return `"${word}"`;
    case 'skbmark':
      if (!/^0[xX][0-9a-fA-F]{1,8}(\/0[xX][0-9a-fA-F]{1,8})?$/.test(word)) throw wrong('0xMARK or 0xMARK/0xMASK');
      return printMark(word);
    case 'skbprio':
      if (!/^[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}$/.test(word)) throw wrong('MAJOR:MINOR in hexadecimal');
      return word
        .split(':')
        .map((half) => Number.parseInt(half, 16).toString(16))
        .join(':');
    default:
      if (parseNumber(word, 65535) === undefined) throw wrong('a number from 0 to 65535');
      return String(parseNumber(word));
  }
}

function printMark(word: string): string {
  const [mark = 0, mask = 0xffffffff] = word.split('/').map(Number);
  return mask === 0xffffffff ? `0x${mark.toString(16)}` : `0x${mark.toString(16)}/0x${mask.toString(16)}`;
}
