/** Random numbers: every outcome that makes a difference is an option with its exact probability. */
import { type Fraction, fraction } from '../../lib/fraction.ts';
import type { OriginId } from '../origin.ts';
import { boundsOf } from './constant.ts';
import type { Comparison, Constant, Expression, MapData, SetSource } from './expression.ts';
import type { Hit } from './find-element.ts';
import type { NftHost } from './passage-host.ts';
import { printKey, printMapData } from './print-constant.ts';
import { printExpression } from './print-rule.ts';
import type { NftTable } from './ruleset.ts';

/** An expression whose value nobody can foretell. */
export type ChanceExpression = Extract<Expression, { kind: 'numgen' | 'hash' }>;

/** numgen inc counts, which is no chance: the count is remembered. */
export function isChance(expression: Expression): expression is ChanceExpression {
  return expression.kind === 'hash' || (expression.kind === 'numgen' && expression.mode === 'random');
}

type Entry = {
  readonly key: readonly Constant[];
  readonly data: MapData | undefined;
  readonly origin: OriginId | undefined;
};

function entriesOf(source: SetSource, table: NftTable): readonly Entry[] {
  if (source.kind === 'anonymous') return source.elements.map(({ key, data }) => ({ key, data, origin: undefined }));
  return (table.set(source.name)?.elements() ?? []).map(({ key, data, origin }) => ({ key, data: data?.(), origin }));
}

type ElementOption = { readonly label: string; readonly probability: Fraction; readonly hit: Hit | undefined };

/** One of the elements, each by the share of numbers that lead to it; undefined: the number leads to none. */
export function chooseElement(
  expression: ChanceExpression,
  source: SetSource,
  table: NftTable,
  host: NftHost,
): Hit | undefined {
  const options = elementOptions(expression, source, table);
  const taken = host.decide({ what: printExpression(expression), options });
  return options[taken]?.hit;
}

/** In the order in which they are offered. */
export function elementOptions(
  expression: ChanceExpression,
  source: SetSource,
  table: NftTable,
): readonly ElementOption[] {
  const options: ElementOption[] = [];
  let left = expression.modulus;
  let rest: Hit | undefined;
  for (const { key, data, origin } of entriesOf(source, table)) {
    const [constant] = key;
    const hit: Hit = { data, origin };
    if (constant?.kind === 'any') rest = hit;
    const count = constant === undefined ? 0 : countOf(expression, constant);
    if (count === 0) continue;
    left -= count;
    const types = source.kind === 'anonymous' ? (source.dataTypes ?? []) : typesOfMap(table, source.name);
    const label = data === undefined ? printKey(key, ['integer']) : printMapData(data, types);
    options.push({ label, probability: fraction(count, expression.modulus), hit });
  }
  if (left > 0)
    options.push({
      label: rest === undefined ? 'no element' : '*',
      probability: fraction(left, expression.modulus),
      hit: rest,
    });
  return options;
}

function typesOfMap(table: NftTable, name: string) {
  const types = table.set(name)?.dataTypes;
  return types === undefined || types === 'verdict' ? [] : types;
}

/** How many of the possible numbers the constant stands for. */
function countOf({ modulus, offset }: ChanceExpression, constant: Constant): number {
  const bounds = boundsOf(constant);
  if (bounds === undefined || typeof bounds.first !== 'number' || typeof bounds.last !== 'number') return 0;
  return Math.max(0, Math.min(bounds.last, offset + modulus - 1) - Math.max(bounds.first, offset) + 1);
}

const MOST = 2 ** 40;

/** Whether a comparison with a random number holds. */
export function compareByChance(
  comparison: Comparison,
  expression: ChanceExpression,
  table: NftTable,
  host: NftHost,
): boolean {
  const { operator, right } = comparison;
  let count: number;
  if (right.kind === 'named' || right.kind === 'anonymous') {
    count = entriesOf(right, table).reduce(
      (sum, { key: [first] }) => sum + (first === undefined ? 0 : countOf(expression, first)),
      0,
    );
    if (operator === '!=') count = expression.modulus - count;
  } else if (right.kind === 'constant') count = countComparison(expression, operator, right.value);
  else count = 0;
  const probability = fraction(Math.min(count, expression.modulus), expression.modulus);
  if (count <= 0) return false;
  if (count >= expression.modulus) return true;
  const options = [
    { label: 'match', probability },
    { label: 'no match', probability: fraction(expression.modulus - count, expression.modulus) },
  ];
  return host.decide({ what: printExpression(expression), options }) === 0;
}

function countComparison(expression: ChanceExpression, operator: Comparison['operator'], constant: Constant): number {
  const bounds = boundsOf(constant);
  if (bounds === undefined || typeof bounds.first !== 'number' || typeof bounds.last !== 'number') return 0;
  const within = (first: number, last: number) => countOf(expression, { kind: 'range', first, last });
  switch (operator) {
    case '<':
      return within(0, bounds.first - 1);
    case '<=':
      return within(0, bounds.first);
    case '>':
      return within(bounds.first + 1, MOST);
    case '>=':
      return within(bounds.first, MOST);
    case '!=':
      return expression.modulus - countOf(expression, constant);
    default:
      return countOf(expression, constant);
  }
}

/** Where the number itself is wanted (`meta mark set numgen random mod 4`): each is an option, unless they are too many. */
const MOST_NUMBERS = 256;

/** The number, offset included; of too many numbers only whether it is the first. */
export function pickNumber(expression: ChanceExpression, host: NftHost): number {
  const { modulus, offset } = expression;
  if (modulus > MOST_NUMBERS) {
    const what = `${printExpression(expression)}: one of ${modulus} numbers`;
    host.decide({
      what,
      options: [
        { label: String(offset), probability: undefined },
        { label: 'another', probability: undefined },
      ],
    });
    return offset;
  }
  const options = Array.from({ length: modulus }, (_, i) => ({
    label: String(offset + i),
    probability: fraction(1, modulus),
  }));
  return offset + host.decide({ what: printExpression(expression), options });
}
