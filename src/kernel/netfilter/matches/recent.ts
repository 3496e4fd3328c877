import { quote } from '../../../lib/quote.ts';
import { type IpAddr, ip4, ip6, isIp4, isIp6, parseIp, printIp } from '../../../net/address.ts';
import { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { badValue, type Given, isNot, numberOf, printNot, type Use, wordOf } from '../options.ts';
import { StateSlot } from '../state.ts';
import { defineOptionMatch } from './option-match.ts';

type RecentSpec = {
  readonly not: boolean;
  readonly action: 'set' | 'rcheck' | 'update' | 'remove';
  readonly seconds?: number | undefined;
  readonly reap: boolean;
  readonly hitcount?: number | undefined;
  readonly rttl: boolean;
  readonly name: string;
  readonly mask: IpAddr;
  readonly side: 'rsource' | 'rdest';
};

/** One address on a list: when it was seen, oldest first (struct recent_entry). */
type Entry = { readonly stamps: number[]; ttl: number };

/** The lists of a namespace, by name; in a list the entry used longest ago comes first (recent_table.lru_list). */
const tables = new StateSlot<Map<string, Entry>>(() => new Map());

/** The module's parameters ip_list_tot and ip_pkt_list_tot, as a kernel loads it. */
const MOST_ENTRIES = 100;
const STAMPS_KEPT = 20;
const LONGEST_NAME = 199;
const MOST_HITS = 65535;

const ACTIONS = ['set', 'rcheck', 'update', 'remove'] as const;
type Name =
  | `--${(typeof ACTIONS)[number]}`
  | '--seconds'
  | '--reap'
  | '--hitcount'
  | '--rttl'
  | '--name'
  | '--mask'
  | '--rsource'
  | '--rdest';

function read(given: Given<Name>, family: 4 | 6, at: number): RecentSpec {
  const [action, second] = ACTIONS.filter((a) => given.has(`--${a}`));
  if (action === undefined) throw new ArgumentError('the recent match needs --set, --rcheck, --update or --remove', at);
  if (second !== undefined)
    throw new ArgumentError(`--${action} and --${second} exclude each other`, given.get(`--${second}`)?.at ?? at);
  const looksBack = action === 'rcheck' || action === 'update';
  for (const option of ['--seconds', '--hitcount', '--rttl'] as const) {
    const use = given.get(option);
    if (use !== undefined && !looksBack) throw badValue(use, `${option} needs --rcheck or --update`);
  }
  const [seconds, hitcount, reap, name] = [
    given.get('--seconds'),
    given.get('--hitcount'),
    given.get('--reap'),
    given.get('--name'),
  ];
  if (reap !== undefined && seconds === undefined) throw badValue(reap, '--reap needs --seconds');
  const both = given.has('--rsource') ? given.get('--rdest') : undefined;
  if (both !== undefined) throw badValue(both, '--rsource and --rdest exclude each other');
  return {
    not: isNot(given.get(`--${action}`)),
    action,
    seconds: seconds === undefined ? undefined : numberOf(seconds, 1, 4294967295),
    reap: reap !== undefined,
    hitcount: hitcount === undefined ? undefined : numberOf(hitcount, 1, MOST_HITS),
    rttl: given.has('--rttl'),
    name: name === undefined ? 'DEFAULT' : readName(name),
    mask: readMask(given.get('--mask'), family),
    side: given.has('--rdest') ? 'rdest' : 'rsource',
  };
}

/** The list is a file under /proc/net/xt_recent; iptables-save prints its name unquoted. */
function readName(use: Use): string {
  const name = wordOf(use);
  if (!/^[^\s/"'\\\p{C}]+$/u.test(name) || name.length > LONGEST_NAME)
    throw badValue(
      use,
      `${quote(name)} is not the name of a list (no "/", no space, at most ${LONGEST_NAME} characters)`,
    );
  return name;
}

function readMask(use: Use | undefined, family: 4 | 6): IpAddr {
  if (use === undefined) return family === 4 ? ip4(0xffffffff) : ip6(-1n);
  const mask = parseIp(wordOf(use));
  if (mask === undefined || isIp4(mask) !== (family === 4))
    throw badValue(use, `${quote(wordOf(use))} is not an IPv${family} mask`);
  return mask;
}

function print(spec: RecentSpec): string {
  return [
    `${printNot(spec.not)}--${spec.action}`,
    ...(spec.seconds === undefined ? [] : [`--seconds ${spec.seconds}`]),
    ...(spec.reap ? ['--reap'] : []),
    ...(spec.hitcount === undefined ? [] : [`--hitcount ${spec.hitcount}`]),
    ...(spec.rttl ? ['--rttl'] : []),
    `--name ${spec.name}`,
    `--mask ${printIp(spec.mask)}`,
    `--${spec.side}`,
  ].join(' ');
}

function masked(address: IpAddr, mask: IpAddr): IpAddr {
  if (isIp4(address) && isIp4(mask)) return ip4(address & mask);
  return isIp6(address) && isIp6(mask) ? ip6(address & mask) : address;
}

/** recent_mt() */
function test(spec: RecentSpec, env: MatchEnv): boolean {
  const table = env.state.get(tables, spec.name);
  const key = printIp(masked(spec.side === 'rdest' ? env.packet.dst : env.packet.src, spec.mask));
  // The TTL as it was before forwarding took one off.
  const ttl = env.outDevice !== undefined && env.socket === undefined ? env.packet.ttl + 1 : env.packet.ttl;
  const entry = table.get(key);
  if (entry === undefined || (spec.rttl && entry.ttl !== ttl)) {
    if (spec.action !== 'set') return spec.not;
    if (table.size >= MOST_ENTRIES) forgetOldest(table);
    table.set(key, { stamps: [env.now], ttl });
    return !spec.not;
  }
  const hit = fires(spec, entry, env.now) !== spec.not;
  if (spec.action === 'remove') table.delete(key);
  if (spec.action === 'set' || (spec.action === 'update' && hit)) {
    entry.stamps.push(env.now);
    if (entry.stamps.length > Math.max(STAMPS_KEPT, spec.hitcount ?? 0)) entry.stamps.shift();
    entry.ttl = ttl;
    table.delete(key);
    table.set(key, entry);
  } else if (spec.reap) reap(table, env.now - (spec.seconds ?? 0) * 1000);
  return hit;
}

function fires(spec: RecentSpec, entry: Entry, now: number): boolean {
  if (spec.action === 'set' || spec.action === 'remove') return true;
  const oldest = spec.seconds === undefined ? Number.NEGATIVE_INFINITY : now - spec.seconds * 1000;
  return entry.stamps.filter((stamp) => stamp >= oldest).length >= (spec.hitcount ?? 1);
}

function forgetOldest(table: Map<string, Entry>): void {
  for (const key of table.keys()) {
    table.delete(key);
    return;
  }
}

/** recent_entry_reap(): looks at the oldest entry only. */
function reap(table: Map<string, Entry>, oldest: number): void {
  for (const [key, entry] of table) {
    if ((entry.stamps.at(-1) ?? 0) < oldest) table.delete(key);
    return;
  }
}

export const recent = defineOptionMatch({
  name: 'recent',
  kernel: 'net/netfilter/xt_recent.c',
  volatile: true,
  options: [
    { name: '--set', words: 0, not: true },
    { name: '--rcheck', words: 0, not: true },
    { name: '--update', words: 0, not: true },
    { name: '--remove', words: 0, not: true },
    { name: '--seconds' },
    { name: '--reap', words: 0 },
    { name: '--hitcount' },
    { name: '--rttl', words: 0 },
    { name: '--name' },
    { name: '--mask' },
    { name: '--rsource', words: 0 },
    { name: '--rdest', words: 0 },
  ],
  read: (given, context, at): RecentSpec => read(given, context.family, at),
  print,
  test,
});
