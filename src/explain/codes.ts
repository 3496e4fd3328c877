/** The closed list of reason codes. Codes are stable: none is renamed, dropped or used for something else. */
import { DNS_CODES } from './codes/dns.ts';
import { ENDPOINT_CODES } from './codes/endpoint.ts';
import type { CodeEntry } from './codes/entry.ts';
import { LINK_CODES } from './codes/link.ts';
import { NETFILTER_CODES } from './codes/netfilter.ts';
import { POLICY_CODES } from './codes/policy.ts';
import { ROUTE_CODES } from './codes/route.ts';
import { SERVICE_CODES } from './codes/service.ts';
import { TUNNEL_CODES } from './codes/tunnel.ts';

const ALL = {
  ...DNS_CODES,
  ...LINK_CODES,
  ...ROUTE_CODES,
  ...TUNNEL_CODES,
  ...NETFILTER_CODES,
  ...SERVICE_CODES,
  ...POLICY_CODES,
  ...ENDPOINT_CODES,
};

export type ReasonCode = keyof typeof ALL;

export const CODES: Readonly<Record<ReasonCode, CodeEntry>> = ALL;

/** In the order of the packet's way: names, links, routes, rules, Services, policies, sockets. */
export const REASON_CODES: ReadonlyMap<string, CodeEntry> = new Map(Object.entries(CODES));

export function isReasonCode(word: string): word is ReasonCode {
  return REASON_CODES.has(word);
}
