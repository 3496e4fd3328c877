/** What Felix lets every workload send to its host, so that the host can be its IPv6 router (felix/rules/static.go). */
import type { OriginId } from '../../../kernel/origin.ts';
import { action, type FelixRule, match } from './felix-rule.ts';

const PROTOCOL_ICMPV6 = 58;
/** Multicast listener query, report and done; router solicitation; neighbour solicitation and advertisement. */
const TYPES = [130, 131, 132, 133, 135, 136] as const;

/** They stand above the egress policy, which could otherwise cut a workload off from its gateway (ICMPv6Filter()). */
export function neighbourDiscoveryRules(origin: OriginId): readonly FelixRule[] {
  return TYPES.map((type) => ({
    match: [...match.protocol(PROTOCOL_ICMPV6), ...match.icmp6Type(type)],
    action: action.accept,
    origin,
  }));
}
