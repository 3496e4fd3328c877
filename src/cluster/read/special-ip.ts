/** Addresses that no Service and no endpoint may have (pkg/apis/core/validation: ValidateNonSpecialIP()). */
import type { IpAddr } from '../../net/address.ts';
import { contains, parsePrefix } from '../../net/prefix.ts';

/** In its order, with what the API server says. */
const SPECIAL: readonly (readonly [readonly string[], string])[] = [
  [['0.0.0.0/32', '::/128'], 'may not be unspecified (0.0.0.0 or ::)'],
  [['127.0.0.0/8', '::1/128'], 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [['169.254.0.0/16', 'fe80::/10'], 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [['224.0.0.0/24', 'ff02::/16'], 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];
const RANGES = SPECIAL.map(([ranges, words]) => ({
  ranges: ranges.flatMap((range) => parsePrefix(range) ?? []),
  words,
}));

/** What is wrong with the address; undefined for all others. */
export function specialIp(ip: IpAddr): string | undefined {
  return RANGES.find(({ ranges }) => ranges.some((range) => contains(range, ip)))?.words;
}
