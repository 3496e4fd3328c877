import { isIp6 } from '../../../net/address.ts';
import { linkLocalOf } from '../../../net/link-local.ts';
import { defineOptionMatch } from './option-match.ts';

const LOW = (1n << 64n) - 1n;

/** eui64_mt6(): the last 64 bits of the source were made from the MAC address of the frame (RFC 4291 appendix A). */
export const eui64 = defineOptionMatch({
  name: 'eui64',
  kernel: 'net/ipv6/netfilter/ip6t_eui64.c',
  family: 6,
  options: [],
  read: () => undefined,
  print: () => '',
  test: (_spec, { packet, sourceMac }) =>
    sourceMac !== undefined && isIp6(packet.src) && (packet.src & LOW) === (linkLocalOf(sourceMac) & LOW),
  /** The hooks of its struct xt_match */
  refusal: (_spec, _table, hooks) =>
    hooks.some((hook) => hook === 'OUTPUT' || hook === 'POSTROUTING')
      ? 'eui64 may be reached from PREROUTING, INPUT and FORWARD only'
      : undefined,
});
