/** `nft list ruleset` (nft 1.0.6), byte for byte. */

import { printHook, printPriority } from './base-chain.ts';
import { datatype } from './datatype.ts';
import { printDuration } from './duration.ts';
import { printKey, printMapData } from './print-constant.ts';
import { printRule } from './print-rule.ts';
import type { NftChain, NftElement, NftFamily, NftRuleset, NftSet, NftTable } from './ruleset.ts';
import { sortElements } from './sort-elements.ts';

export function printNftables(ruleset: NftRuleset): string {
  return ruleset.map(printTable).join('');
}

function printTable(table: NftTable): string {
  const head = [
    ...(table.comment === undefined ? [] : [`\tcomment "${table.comment}"\n`]),
    ...(table.dormant === true ? ['\tflags dormant\n'] : []),
  ];
  const blocks = [
    ...table.objects.map(({ kind, name, lines }) => block(`${kind} ${name}`, lines)),
    ...table.sets().map(printSet),
    ...table.chains().map((chain) => printChain(chain, table.family)),
  ];
  return `table ${table.family} ${table.name} {\n${head.join('')}${blocks.join('\n')}}\n`;
}

function block(title: string, lines: readonly string[]): string {
  return `\t${title} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}

function printChain(chain: NftChain, family: NftFamily): string {
  const { base, comment } = chain;
  const device = base?.device === undefined ? '' : ` device "${base.device}"`;
  return block(`chain ${chain.name}`, [
    ...(comment === undefined ? [] : [`comment "${comment}"`]),
    ...(base === undefined
      ? []
      : [
          `type ${base.type} hook ${printHook(base.hook)}${device} priority ${printPriority(base, family)}; policy ${base.policy};`,
        ]),
    ...chain.rules().map(printRule),
  ]);
}

/** set_print_declaration() and, behind it, the elements. */
function printSet(set: NftSet): string {
  const { dataTypes } = set;
  const types = set.keyTypes.join(' . ');
  const data = dataTypes === undefined ? '' : ` : ${dataTypes === 'verdict' ? 'verdict' : dataTypes.join(' . ')}`;
  const flags = shownFlags(set);
  const elements = printElements(set);
  return block(`${set.kind} ${set.name}`, [
    set.typeOf === undefined ? `type ${types}${data}` : `typeof ${set.typeOf}`,
    ...(set.policy === 'memory' ? ['policy memory'] : []),
    ...(set.size === undefined ? [] : [`size ${set.size}`]),
    ...(flags.length === 0 ? [] : [`flags ${flags.join(',')}`]),
    ...(set.timeout === undefined ? [] : [`timeout ${printDuration(set.timeout)}`]),
    ...(set.gcInterval === undefined ? [] : [`gc-interval ${printDuration(set.gcInterval)}`]),
    ...(set.autoMerge === true ? ['auto-merge'] : []),
    ...(set.statements === undefined ? [] : [set.statements]),
    ...(set.comment === undefined ? [] : [`comment "${set.comment}"`]),
    ...(elements === undefined ? [] : [`elements = ${elements}`]),
  ]);
}

/** A timeout of its own says that the set has timeouts. */
function shownFlags(set: NftSet): readonly string[] {
  const order = ['constant', 'interval', 'timeout', 'dynamic'] as const;
  const shown =
    set.timeout !== undefined && !set.flags.includes('dynamic') && set.flags.length === 1
      ? set.flags.filter((f) => f !== 'timeout')
      : set.flags;
  const listed = shown.includes('dynamic') ? ['constant', 'interval', 'dynamic', 'timeout'] : order;
  return listed.filter((flag) => shown.some((one) => one === flag));
}

function printElements(set: NftSet): string | undefined {
  const all = sortElements(set.elements(), set.keyTypes);
  if (all.length === 0) return undefined;
  const [type] = set.keyTypes;
  const perLine = set.keyTypes.length > 1 || type === undefined ? 1 : datatype(type).perLine;
  const texts = all.map((element) => printElement(element, set));
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += perLine) lines.push(texts.slice(i, i + perLine).join(', '));
  return `{ ${lines.join(',\n\t\t\t     ')} }`;
}

function printElement(element: NftElement, set: NftSet): string {
  const { comment, timeout, expires, data, text } = element;
  const types = set.dataTypes === 'verdict' || set.dataTypes === undefined ? [] : set.dataTypes;
  return [
    printKey(element.key, set.keyTypes),
    ...(timeout === undefined ? [] : [`timeout ${printDuration(timeout)}`]),
    ...(expires === undefined ? [] : [`expires ${printDuration(expires)}`]),
    ...(text === undefined ? [] : [text]),
    ...(comment === undefined ? [] : [`comment "${comment}"`]),
    ...(data === undefined ? [] : [`: ${printMapData(data(), types)}`]),
  ].join(' ');
}
