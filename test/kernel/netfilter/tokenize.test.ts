import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printSaveWord } from '../../../src/kernel/netfilter/targets/save-string.ts';
import { tokenize } from '../../../src/kernel/netfilter/tokenize.ts';

const texts = (line: string, mode?: 'restore' | 'shell') => {
  const tokens = tokenize(line, mode);
  return tokens.ok
    ? tokens.words.map(({ text, column }) => `${column}:${text}`)
    : `${tokens.column}: ${tokens.message}`;
};

describe('tokenize', () => {
  it.each([
    ['', []],
    ['  -A  INPUT\t-j X ', ['3:-A', '7:INPUT', '13:-j', '16:X']],
    ['a "b c" d', ['1:a', '3:b c', '9:d']],
    ['"a\\"b\\\\c\\\'d"', ['1:a"b\\c\'d']],
    ['""', ['1:']],
    ["it's a\\b", ["1:it's", '6:a\\b']],
    ['"a"b', ['1:a', '4:b']],
  ])('splits %j as iptables-restore does', (line, words) => {
    expect(texts(line)).toEqual(words);
  });

  it('takes single quotes where a person types', () => {
    expect(texts(`--comment 'a "b"' "c'd"`, 'shell')).toEqual(['1:--comment', '11:a "b"', "19:c'd"]);
    expect(texts(`a'b c'd`, 'shell')).toEqual(['1:ab cd']);
  });

  it('says where a quote was opened', () => {
    expect(texts('a "b c')).toBe('3: a quote is opened and not closed');
    expect(texts('"a\\')).toBe('1: a quote is opened and not closed');
  });

  it('reads every word back that was printed for iptables-restore', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii' })), (words) => {
        const tokens = tokenize(words.map(printSaveWord).join(' '));
        expect(tokens.ok && tokens.words.map(({ text }) => text)).toEqual(words);
      }),
    );
  });
});
