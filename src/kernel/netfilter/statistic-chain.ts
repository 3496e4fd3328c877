/** Chains that choose a destination by `statistic` rules, each of which leads to a chain that translates. */
import { complement, type Fraction, multiply, ONE } from '../../lib/fraction.ts';
import { type Alternative, formOf, parseDestination } from '../walk/alternatives.ts';
import { probabilityOf } from './matches/statistic.ts';
import { printRuleSpec } from './print-rule.ts';
import type { Rule, Table } from './ruleset.ts';

const kept = new WeakMap<readonly Rule[], Map<number, readonly Alternative[] | undefined>>();

/**
 * The alternatives of the `statistic` rule at `start`: its own chain, those of the rules behind it, and that of the last,
 * which asks for nothing. undefined where the chain is not just that.
 */
export function statisticAlternatives(
  table: Table,
  rules: readonly Rule[],
  start: number,
): readonly Alternative[] | undefined {
  let known = kept.get(rules);
  if (known === undefined) {
    known = new Map();
    kept.set(rules, known);
  }
  if (!known.has(start)) known.set(start, read(table, rules, start));
  return known.get(start);
}

function read(table: Table, rules: readonly Rule[], start: number): readonly Alternative[] | undefined {
  const found: Alternative[] = [];
  let left: Fraction = ONE;
  for (const [index, rule] of rules.slice(start).entries()) {
    const last = start + index === rules.length - 1;
    const fires = last ? ONE : chanceOf(rule);
    if (fires === undefined || (last && rule.matches.some(({ name }) => name !== 'comment'))) return undefined;
    const behind = translationBehind(table, rule);
    if (behind === undefined) return undefined;
    found.push({
      ...behind,
      misses: index,
      option: last ? undefined : 0,
      probability: multiply(left, fires),
    });
    left = multiply(left, complement(fires));
  }
  return found;
}

const RANDOM = /^-m statistic --mode random --probability (\d\.\d{11})$/;

/** The probability of a rule that asks for nothing else; a comment asks for nothing. */
function chanceOf({ matches }: Rule): Fraction | undefined {
  const asking = matches.filter(({ name }) => name !== 'comment');
  const [only] = asking;
  if (only?.name !== 'statistic' || asking.length > 1) return undefined;
  const [, printed] = RANDOM.exec(only.print()) ?? [];
  // Eleven digits tell every number that the kernel can store (times 2^31) apart.
  const stored = Math.round(Number(printed) * 2 ** 31);
  return printed === undefined || stored === 0 || stored === 2 ** 31 ? undefined : probabilityOf(stored);
}

const DNAT = '-j DNAT --to-destination ';

/** The one translation at the end of the chain that the rule jumps to. */
function translationBehind(
  table: Table,
  { target }: Rule,
): Pick<Alternative, 'destination' | 'port' | 'form'> | undefined {
  const chain = table.chains.get(target.name);
  if (chain === undefined) return undefined;
  const rules = chain.rules();
  const targets = rules.map((rule) => rule.target.print());
  const [text, ...others] = targets.filter((words) => words.startsWith(DNAT)).map((words) => words.slice(DNAT.length));
  const to = parseDestination(text ?? '');
  if (to === undefined || others.length > 0) return undefined;
  const words = [target.print(), ...rules.map(printRuleSpec)];
  return { ...to, form: formOf(words, chain.name, to.destination, to.port) };
}
