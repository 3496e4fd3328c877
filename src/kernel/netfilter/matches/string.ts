import { quote } from '../../../lib/quote.ts';
import { ArgumentError } from '../arguments.ts';
import { badName, badValue, isNot, numberOf, printNot, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

type StringSpec = {
  readonly not: boolean;
  readonly pattern: Uint8Array;
  readonly algorithm: 'bm' | 'kmp';
  readonly from: number;
  readonly to: number;
  readonly ignoreCase: boolean;
};

const MOST_BYTES = 128;
const MOST = 65535;

/** `ab|00 ff|c`: hexadecimal between bars. */
function parseHexString(text: string): Uint8Array | undefined {
  const parts = text.split('|');
  if (parts.length % 2 === 0) return undefined;
  const bytes: number[] = [];
  for (const [index, part] of parts.entries()) {
    const digits = part.replaceAll(' ', '');
    if (index % 2 === 1 && !/^([0-9a-f]{2})*$/i.test(digits)) return undefined;
    bytes.push(...(index % 2 === 1 ? Buffer.from(digits, 'hex') : Buffer.from(part, 'utf8')));
  }
  return Uint8Array.from(bytes);
}

/** libxt_string: in hexadecimal as soon as one byte is not printable ASCII; `"` and `\` are escaped, `'` is not. */
function printPattern(pattern: Uint8Array, not: boolean): string {
  const hex = pattern.some((byte) => byte < 0x20 || byte > 0x7e);
  if (hex) return `${printNot(not)}--hex-string "|${Buffer.from(pattern).toString('hex')}|"`;
  return `${printNot(not)}--string "${Buffer.from(pattern).toString('latin1').replace(/["\\]/g, '\\$&')}"`;
}

/** string_mt(): payloads are not modelled. */
export const string = defineOptionMatch({
  name: 'string',
  kernel: 'net/netfilter/xt_string.c',
  options: [
    { name: '--string', not: true },
    { name: '--hex-string', not: true },
    { name: '--algo' },
    { name: '--from' },
    { name: '--to' },
    { name: '--icase', words: 0 },
  ],
  read: (given, _context, at): StringSpec => {
    const [plain, hex, algo, from, to] = [
      given.get('--string'),
      given.get('--hex-string'),
      given.get('--algo'),
      given.get('--from'),
      given.get('--to'),
    ];
    const use = plain ?? hex;
    if (use === undefined) throw new ArgumentError('the string match needs --string or --hex-string', at);
    if (plain !== undefined && hex !== undefined) throw badValue(hex, '--string and --hex-string exclude each other');
    if (algo === undefined) throw new ArgumentError('the string match needs --algo bm or --algo kmp', at);
    const algorithm = wordOf(algo);
    if (algorithm !== 'bm' && algorithm !== 'kmp') throw badName(algo, 'algorithm', algorithm, ['bm', 'kmp']);
    const pattern = plain !== undefined ? Buffer.from(wordOf(plain), 'utf8') : parseHexString(wordOf(use));
    if (pattern === undefined)
      throw badValue(use, `${quote(wordOf(use))} is not a string with hexadecimal parts`, 'such as "GET |0d0a|"');
    if (pattern.length === 0 || pattern.length > MOST_BYTES)
      throw badValue(use, `the string must have 1 to ${MOST_BYTES} bytes`);
    return {
      not: isNot(use),
      pattern,
      algorithm,
      from: from === undefined ? 0 : numberOf(from, 0, MOST),
      to: to === undefined ? MOST : numberOf(to, 0, MOST),
      ignoreCase: given.has('--icase'),
    };
  },
  print: ({ not, pattern, algorithm, from, to, ignoreCase }) =>
    [
      printPattern(pattern, not),
      `--algo ${algorithm}`,
      ...(from === 0 ? [] : [`--from ${from}`]),
      ...(to === MOST ? [] : [`--to ${to}`]),
      ...(ignoreCase ? ['--icase'] : []),
    ].join(' '),
  test: ({ pattern, not }, env) =>
    env.chance({ kind: 'unknown', what: `the payload ${not ? 'lacks' : 'holds'} ${printPattern(pattern, false)}` }),
});
