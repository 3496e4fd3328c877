/** Rules that choose a destination by a random number, from a map to destinations or to chains that translate. */
import { ip4, ip6 } from '../../net/address.ts';
import { type Alternative, formOf, parseDestination } from '../walk/alternatives.ts';
import { type ChanceExpression, elementOptions, isChance } from './chance.ts';
import type { MapData, SetSource, Statement } from './expression.ts';
import { printRule } from './print-rule.ts';
import type { NftRule, NftTable } from './ruleset.ts';

const kept = new WeakMap<NftRule, { readonly found: readonly Alternative[] | undefined }>();

/** undefined where the rule chooses no destination, or more than that is done by it. */
export function numgenAlternatives(table: NftTable, rule: NftRule): readonly Alternative[] | undefined {
  let known = kept.get(rule);
  if (known === undefined) {
    known = { found: read(table, rule) };
    kept.set(rule, known);
  }
  return known.found;
}

type Choice = { readonly expression: ChanceExpression; readonly source: SetSource };

function read(table: NftTable, rule: NftRule): readonly Alternative[] | undefined {
  const [choice, ...more] = rule.statements.flatMap((statement) => choiceIn(statement) ?? []);
  if (choice === undefined || more.length > 0) return undefined;
  const found: Alternative[] = [];
  for (const [option, { probability, hit }] of elementOptions(choice.expression, choice.source, table).entries()) {
    const behind = hit?.data === undefined ? undefined : translationBy(table, hit.data);
    if (behind === undefined) return undefined;
    found.push({ ...behind, probability, misses: 0, option });
  }
  return found;
}

/** `numgen random mod 3 vmap { … }`, `dnat ip to numgen random mod 3 map { … }` */
function choiceIn(statement: Statement): Choice | undefined {
  if (statement.kind === 'vmap' && isChance(statement.key)) return { expression: statement.key, source: statement.map };
  if (statement.kind !== 'nat' || statement.nat !== 'dnat' || statement.port !== undefined) return undefined;
  const { address, prefix, flags } = statement;
  if (address?.kind !== 'map' || !isChance(address.key) || prefix === true || flags.length > 0) return undefined;
  return { expression: address.key, source: address.map };
}

function translationBy(table: NftTable, data: MapData): Pick<Alternative, 'destination' | 'port' | 'form'> | undefined {
  if (data.kind === 'values') {
    const [address, port, ...others] = data.values;
    if (address?.kind !== 'value' || port?.kind !== 'value' || others.length > 0) return undefined;
    if (typeof port.value !== 'number' || typeof address.value === 'string') return undefined;
    const destination = typeof address.value === 'number' ? ip4(address.value) : ip6(address.value);
    return { destination, port: port.value, form: `:${port.value}` };
  }
  const { verdict } = data;
  if (verdict.kind !== 'goto' && verdict.kind !== 'jump') return undefined;
  const chain = table.chain(verdict.chain);
  if (chain === undefined) return undefined;
  const rules = chain.rules().map(printRule);
  const [text, ...others] = rules.flatMap((words) => (words.includes('dnat ') ? [words] : []));
  const to = parseDestination(/(?:^| )dnat (?:ip6? )?to (\S+)$/.exec(text ?? '')?.[1] ?? '');
  if (to === undefined || others.length > 0) return undefined;
  return { ...to, form: formOf([verdict.kind, ...rules], chain.name, to.destination, to.port) };
}
