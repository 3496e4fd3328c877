/** The values of options of ipvsadm: addresses, numbers, schedulers and their flags, masks. */

import { type Family, type IpAddr, isIp4, parseIp } from '../../net/address.ts';
import { ArgumentError, type ArgumentReader } from '../netfilter/arguments.ts';
import { didYouMean } from '../netfilter/did-you-mean.ts';
import { flagName } from './print-ipvsadm.ts';
import { fullMask, SCHEDULER_NAMES, type SchedulerName } from './virtual-server.ts';

/** A word that is read once all options are known, and its place for an error. */
export type Later<T> = { readonly value: T; readonly at: number };

/** `10.0.0.1:80`; port 0 where none is named. */
export type Endpoint = { readonly address: IpAddr; readonly port: number };

/** 10.0.0.1:80, [2001:db8::1]:80; without a port 0. */
export function readEndpoint(reader: ArgumentReader): Endpoint {
  const text = reader.next('an address and a port');
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = parseIp(bracketed ?? plain ?? '');
  const number = Number(port ?? 0);
  if (address === undefined || number > 65535 || (bracketed === undefined && !isIp4(address) && port !== undefined))
    throw reader.error(`"${text}" is no address with a port`, '10.0.0.1:80 or [2001:db8::1]:80');
  return { address, port: number };
}

/** Both ends are accepted. */
export function readNumber(reader: ArgumentReader, least: number, most: number): number {
  const text = reader.next('a number');
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw reader.error(`"${text}" is no number from ${least} to ${most}`);
  return value;
}

/** One of those that the kernel has. */
export function readScheduler(reader: ArgumentReader): SchedulerName {
  const text = reader.next('a scheduler');
  const name = SCHEDULER_NAMES.find((known) => known === text);
  if (name !== undefined) return name;
  const hint = didYouMean(text, SCHEDULER_NAMES) ?? `one of ${SCHEDULER_NAMES.join(', ')}`;
  throw reader.error(`unknown scheduler "${text}"`, hint);
}

/** By the names of the scheduler, or `flag-1` and so on (parse_sched_flags() of ipvsadm). */
export function readFlags(
  { value: names, at }: Later<readonly string[]>,
  scheduler: SchedulerName,
): readonly (1 | 2 | 3)[] {
  const flags = [1, 2, 3] as const;
  const found = names.map((name) => {
    const flag = flags.find((each) => name === flagName(scheduler, each) || name === `flag-${each}`);
    if (flag === undefined)
      throw new ArgumentError(
        `scheduler ${scheduler} has no flag "${name}"`,
        at,
        flags.map((each) => flagName(scheduler, each)).join(', '),
      );
    return flag;
  });
  return flags.filter((flag) => found.includes(flag));
}

/** Bits of a mask: a prefix length for IPv6, four numbers for IPv4. */
export function readMask({ value: text, at }: Later<string>, family: Family): number {
  const bits = family === 6 ? Number(/^\d{1,3}$/.exec(text)?.[0] ?? Number.NaN) : dottedBits(text);
  if (bits !== undefined && bits >= 1 && bits <= fullMask(family)) return bits;
  throw new ArgumentError(`"${text}" is no netmask`, at, family === 6 ? '64' : '255.255.255.0');
}

function dottedBits(text: string): number | undefined {
  const address = parseIp(text);
  if (address === undefined || !isIp4(address)) return undefined;
  const bits = Math.clz32(~address >>> 0);
  return (address | 0) === (bits === 0 ? 0 : -1 << (32 - bits)) ? bits : undefined;
}
