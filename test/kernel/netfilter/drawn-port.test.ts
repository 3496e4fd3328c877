import { describe, expect, test } from 'vitest';
import { DrawnPort } from '../../../src/kernel/netfilter/drawn-port.ts';
import type { Chance } from '../../../src/kernel/netfilter/match.ts';

/** Asks for each range in turn; what chance says, and with which probability it was asked. */
function ask(ranges: readonly (readonly [number, number])[], says: boolean) {
  const port = new DrawnPort({ first: 1000, last: 1999 });
  const asked: string[] = [];
  const decide = (chance: Chance): boolean => {
    if (chance.kind === 'random') asked.push(`${chance.probability.numerator}/${chance.probability.denominator}`);
    return says;
  };
  return { hits: ranges.map(([first, last]) => port.isWithin({ first, last }, decide)), asked };
}

describe('a port drawn from 1000 to 1999', () => {
  test.each([
    ['is in a range around it', [[0, 65535]], true, [true], []],
    ['is not in one beside it', [[2000, 65535]], true, [false], []],
    ['may be in a part of it', [[1000, 1249]], true, [true], ['1/4']],
    [
      'stays in the part that it was in',
      [
        [1000, 1249],
        [1100, 1249],
        [1250, 1999],
      ],
      true,
      [true, true, false],
      ['1/4', '3/5'],
    ],
    [
      'is in the rest when it was not in the middle',
      [
        [1250, 1499],
        [1250, 1499],
        [1500, 1999],
      ],
      false,
      [false, false, false],
      ['1/4', '2/3'],
    ],
    [
      'is in what is left at the end',
      [
        [1000, 1499],
        [1500, 1999],
      ],
      false,
      [false, true],
      ['1/2'],
    ],
  ] as const)('%s', (_, ranges, says, hits, asked) => {
    expect(ask(ranges, says)).toEqual({ hits, asked });
  });
});
