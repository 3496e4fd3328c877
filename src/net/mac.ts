import { hash } from 'node:crypto';
import { type Brand, brand } from '../lib/brand.ts';

/** An Ethernet address in its printed form, lower case: `ee:ee:ee:ee:ee:ee`. */
export type Mac = Brand<string, 'Mac'>;

export const BROADCAST_MAC: Mac = brand<Mac>('ff:ff:ff:ff:ff:ff');
export const ZERO_MAC: Mac = brand<Mac>('00:00:00:00:00:00');

export function parseMac(text: string): Mac | undefined {
  const lower = text.toLowerCase();
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(lower) ? brand<Mac>(lower) : undefined;
}

/** A stable, locally administered unicast address for a name: what is random on a real machine is derived here. */
export function deriveMac(name: string): Mac {
  const digits = hash('sha256', name, 'hex');
  const first = (Number.parseInt(digits.slice(0, 2), 16) & 0xfc) | 0x02;
  const others = [2, 4, 6, 8, 10].map((at) => digits.slice(at, at + 2));
  return brand<Mac>([first.toString(16).padStart(2, '0'), ...others].join(':'));
}

/** The address of six bytes. */
export function macFromBytes(bytes: Uint8Array): Mac {
  return brand<Mac>([...bytes].map((b) => b.toString(16).padStart(2, '0')).join(':'));
}
