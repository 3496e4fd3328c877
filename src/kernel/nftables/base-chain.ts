/** `type filter hook input priority filter - 5; policy drop;`: names of hooks and priorities (src/rule.c prio2str()). */
import type { Hook } from '../netfilter/hook.ts';
import type { BaseChain, NftFamily } from './ruleset.ts';
import type { TokenReader } from './token-reader.ts';

const HOOKS: ReadonlyMap<string, Hook | 'ingress' | 'egress'> = new Map([
  ['prerouting', 'PREROUTING'],
  ['input', 'INPUT'],
  ['forward', 'FORWARD'],
  ['output', 'OUTPUT'],
  ['postrouting', 'POSTROUTING'],
  ['ingress', 'ingress'],
  ['egress', 'egress'],
]);

/** enum nf_ip_hook_priorities; dstnat and srcnat are names at their own hooks only. */
const PRIORITIES: readonly (readonly [name: string, value: number, hook: BaseChain['hook'] | undefined])[] = [
  ['raw', -300, undefined],
  ['mangle', -150, undefined],
  ['dstnat', -100, 'PREROUTING'],
  ['filter', 0, undefined],
  ['security', 50, undefined],
  ['srcnat', 100, 'POSTROUTING'],
];

/** From `type` on, with the policy where it follows. Throws NftSyntaxError. */
export function parseBaseChain(reader: TokenReader, family: NftFamily): BaseChain {
  reader.expect('type');
  const type = reader.word('filter, nat or route');
  if (type !== 'filter' && type !== 'nat' && type !== 'route') throw reader.wrong('filter, nat or route');
  reader.expect('hook');
  const hook = HOOKS.get(reader.word('the name of a hook'));
  if (hook === undefined) {
    reader.at--;
    throw reader.wrong('the name of a hook', [...HOOKS.keys()].join(', '));
  }
  const device = reader.take('device') ? reader.word('the name of a device') : undefined;
  reader.expect('priority');
  const priority = parsePriority(reader, family);
  let policy: BaseChain['policy'] = 'accept';
  while (reader.peek()?.kind === 'end') reader.at++;
  if (reader.take('policy')) {
    const word = reader.word('accept or drop');
    if (word !== 'accept' && word !== 'drop') throw reader.wrong('accept or drop');
    policy = word;
  }
  return { type, hook, ...(device === undefined ? {} : { device }), priority, policy };
}

/** `0`, `filter`, `dstnat - 10`, `dstnat-10`. */
function parsePriority(reader: TokenReader, family: NftFamily): number {
  let text = reader.word('a priority');
  if (/^[+-]$/.test(reader.peek()?.text ?? '') && reader.peek()?.kind === 'word') {
    text += reader.word('a sign');
    text += reader.word('a number');
  }
  const match = /^(?:([a-z]+)([+-]\d{1,9})?|(-?\d{1,10}))$/.exec(text);
  const [, name, offset, number] = match ?? [];
  if (number !== undefined) return Number(number);
  const named = PRIORITIES.find(([one]) => one === name)?.[1];
  // The bridge family counts otherwise (NF_BR_PRI_*); none of its chains run here.
  if (named !== undefined && family !== 'bridge') return named + Number(offset ?? 0);
  if (named !== undefined) return Number(offset ?? 0);
  reader.at--;
  throw reader.wrong('a priority', PRIORITIES.map(([one]) => one).join(', '));
}

/** Within 10 of a name the name is listed, exactly 0 away or with the difference. */
export function printPriority({ priority, hook }: BaseChain, family: NftFamily): string {
  if (family === 'bridge' || family === 'arp' || family === 'netdev') return String(priority);
  for (const [name, value, only] of PRIORITIES) {
    const offset = priority - value;
    if ((only !== undefined && only !== hook) || Math.abs(offset) > 10) continue;
    return offset === 0 ? name : `${name} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
  }
  return String(priority);
}

/** The word of nft: `prerouting`. */
export function printHook(hook: BaseChain['hook']): string {
  return hook.toLowerCase();
}
