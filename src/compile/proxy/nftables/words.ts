/** Words that many of kube-proxy's rules share, by family. */
import type { NftRuleSpec } from '../../../kernel/nftables/ruleset.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import type { Family } from '../../../net/address.ts';
import type { LocalDetector } from '../local-detector.ts';

/** Bit 14, as a real kube-proxy writes it (nftables.masqueradeBit). */
export const MASQUERADE_MARK = '0x00004000';

export type FamilyWords = {
  readonly ip: 'ip' | 'ip6';
  readonly address: 'ipv4_addr' | 'ipv6_addr';
  /** NodePorts do not work on loopback addresses. */
  readonly noLocalhost: string;
};

export const FAMILY_WORDS: Readonly<Record<Family, FamilyWords>> = {
  4: { ip: 'ip', address: 'ipv4_addr', noLocalhost: 'ip daddr != 127.0.0.0/8' },
  6: { ip: 'ip6', address: 'ipv6_addr', noLocalhost: 'ip6 daddr != ::1' },
};

export type NftDetector = { readonly ifLocal: string; readonly ifNotLocal: string };

/**
 * The local detector in nft's words. kube-proxy writes `iif pfx*`, which nft refuses: a wildcard is of names, `iifname`.
 */
export function nftDetector(detector: LocalDetector | undefined, { ip }: FamilyWords): NftDetector | undefined {
  if (detector === undefined) return undefined;
  const [option, value = ''] = detector.ifLocal;
  if (option === '-s') return { ifLocal: `${ip} saddr ${value}`, ifNotLocal: `${ip} saddr != ${value}` };
  const device = value.endsWith('+') ? `iifname "${value.slice(0, -1)}*"` : `iif "${value}"`;
  return { ifLocal: device, ifNotLocal: device.replace(' ', ' != ') };
}

export function rule(text: string, origin: OriginId, comment?: string): NftRuleSpec {
  return { text, origin, ...(comment === undefined ? {} : { comment }) };
}
