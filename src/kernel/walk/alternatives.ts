/** What a choice chooses from, as far as it can be read from what chooses, without a walk for each. */
import type { Fraction } from '../../lib/fraction.ts';
import { type IpAddr, isIp4, parseIp, printIp } from '../../net/address.ts';

/** One thing that a choice among destinations can come to. */
export type Alternative = {
  /** How often the second of two options is taken before it: a chain of `statistic` rules asks once for each rule. */
  readonly misses: number;
  /** The option taken then; undefined: nothing is asked any more. */
  readonly option: number | undefined;
  readonly probability: Fraction;
  readonly destination: IpAddr;
  readonly port: number;
  /**
   * What is done once it is chosen, in words that do not name the destination: where they are equal, so is what is done,
   * but for the destination.
   */
  readonly form: string;
};

/** `10.0.0.1:80`, `[2001:db8::1]:80`; a range, or an address alone, is none. */
export function parseDestination(text: string): { readonly destination: IpAddr; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const destination = parseIp(match?.[1] ?? match?.[2] ?? '');
  return destination === undefined ? undefined : { destination, port: Number(match?.[3]) };
}

/**
 * Rules as words, with other words for the destination and the chain: `rules` are what the real tool prints. Only whole
 * words are taken, so that an address inside a comment keeps rules apart rather than making them equal.
 */
export function formOf(rules: readonly string[], chain: string, destination: IpAddr, port: number): string {
  const ip = printIp(destination);
  const names = new Map([
    [chain, '<chain>'],
    [ip, '<address>'],
    [`${ip}/${isIp4(destination) ? 32 : 128}`, '<address>'],
    [isIp4(destination) ? `${ip}:${port}` : `[${ip}]:${port}`, `<address>:${port}`],
  ]);
  return rules
    .map((rule) =>
      rule
        .split(' ')
        .map((word) => names.get(word) ?? word)
        .join(' '),
    )
    .join('\n');
}
