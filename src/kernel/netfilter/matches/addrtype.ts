import { type Ip6, type IpAddr, isIp6 } from '../../../net/address.ts';
import { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { badName, badValue, printNot, type Use, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

/** In the order of the kernel's RTN_ numbers; no look-up ever returns NAT or XRESOLVE. */
const TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
] as const;
/** What addrtype_mt_checkentry_v1() refuses for IPv6. */
const NOT_IPV6: readonly string[] = ['BLACKHOLE', 'PROHIBIT', 'THROW', 'NAT', 'XRESOLVE', 'BROADCAST'];

type TypeList = { readonly not: boolean; readonly types: readonly (typeof TYPES)[number][] };

type AddrtypeSpec = {
  readonly src?: TypeList | undefined;
  readonly dst?: TypeList | undefined;
  readonly limitInterface?: 'in' | 'out' | undefined;
};

function readTypes(use: Use | undefined, family: 4 | 6): TypeList | undefined {
  if (use === undefined) return undefined;
  const names = wordOf(use)
    .split(',')
    .map((name) => name.toUpperCase());
  for (const name of names) if (!TYPES.some((type) => type === name)) throw badName(use, 'address type', name, TYPES);
  const foreign = family === 6 ? NOT_IPV6.find((type) => names.includes(type)) : undefined;
  if (foreign !== undefined) throw badValue(use, `the kernel does not match ${foreign} of IPv6 addresses`);
  return { not: use.not, types: TYPES.filter((type) => names.includes(type)) };
}

function printTypes(option: string, list: TypeList | undefined): readonly string[] {
  return list === undefined ? [] : [`${printNot(list.not)}${option} ${list.types.join(',')}`];
}

/** match_type() */
function hasType(list: TypeList | undefined, address: IpAddr, device: string | undefined, env: MatchEnv): boolean {
  if (list === undefined) return true;
  if (isIp6(address)) return hasType6(list, address, device, env) !== list.not;
  const type = env.addressType(address, device);
  return list.types.includes(type) !== list.not;
}

/**
 * match_type6(): several names may hold at once. What the address is by its bits must not contradict the list; then
 * LOCAL, ANYCAST and UNREACHABLE are looked up, if the list has any of them.
 */
function hasType6({ types }: TypeList, address: Ip6, device: string | undefined, env: MatchEnv): boolean {
  const has = (type: TypeList['types'][number]): boolean => types.includes(type);
  const multicast = address >> 120n === 0xffn;
  if (has('MULTICAST') && !multicast) return false;
  if (has('UNICAST') && (multicast || address === 0n)) return false;
  if (has('UNSPEC') && address !== 0n) return false;
  if (!has('LOCAL') && !has('ANYCAST') && !has('UNREACHABLE')) return true;
  return has(env.addressType(address, device));
}

/** addrtype_mt_v1() */
export const addrtype = defineOptionMatch({
  name: 'addrtype',
  kernel: 'net/netfilter/xt_addrtype.c',
  options: [
    { name: '--src-type', not: true },
    { name: '--dst-type', not: true },
    { name: '--limit-iface-in', words: 0 },
    { name: '--limit-iface-out', words: 0 },
  ],
  read: (given, { family }, at): AddrtypeSpec => {
    const [src, dst] = [readTypes(given.get('--src-type'), family), readTypes(given.get('--dst-type'), family)];
    if (src === undefined && dst === undefined)
      throw new ArgumentError('the addrtype match needs --src-type or --dst-type', at);
    const [limitIn, limitOut] = [given.get('--limit-iface-in'), given.get('--limit-iface-out')];
    if (limitIn !== undefined && limitOut !== undefined)
      throw badValue(limitOut, '--limit-iface-in and --limit-iface-out exclude each other');
    return { src, dst, limitInterface: limitIn !== undefined ? 'in' : limitOut !== undefined ? 'out' : undefined };
  },
  print: ({ src, dst, limitInterface }) =>
    [
      ...printTypes('--src-type', src),
      ...printTypes('--dst-type', dst),
      ...(limitInterface === undefined ? [] : [`--limit-iface-${limitInterface}`]),
    ].join(' '),
  test: ({ src, dst, limitInterface }, env) => {
    const device = limitInterface === 'in' ? env.inDevice : limitInterface === 'out' ? env.outDevice : undefined;
    return hasType(src, env.packet.src, device, env) && hasType(dst, env.packet.dst, device, env);
  },
  /** addrtype_mt_checkentry_v1() */
  refusal: ({ limitInterface }, _table, hooks) => {
    if (limitInterface === 'out' && hooks.some((hook) => hook === 'PREROUTING' || hook === 'INPUT'))
      return '--limit-iface-out cannot stand in PREROUTING or INPUT';
    if (limitInterface === 'in' && hooks.some((hook) => hook === 'POSTROUTING' || hook === 'OUTPUT'))
      return '--limit-iface-in cannot stand in POSTROUTING or OUTPUT';
    return undefined;
  },
});
