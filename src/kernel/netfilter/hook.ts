import type { NftChain, NftTable } from '../nftables/ruleset.ts';

/**
 * The hooks of IPv4 and IPv6 and the order in which tables stand at them.
 *
 *   in ──► PREROUTING ──► [route] ──► FORWARD ──► POSTROUTING ──► out
 *                            │                        ▲
 *                            ▼                        │
 *                          INPUT ──► [socket] ──► OUTPUT
 */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

/** What runs at a hook, in the order of enum nf_ip_hook_priorities (include/uapi/linux/netfilter_ipv4.h). */
export type HookFunction =
  | { readonly kind: 'table'; readonly table: TableName; readonly priority: number }
  | { readonly kind: 'conntrack' | 'confirm'; readonly priority: number }
  | { readonly kind: 'ipvs'; readonly part: 'reply' | 'request' | 'error'; readonly priority: number }
  /** A base chain of nftables, of type filter or route; they come in between by their priority (../nftables/hook-chains.ts). */
  | { readonly kind: 'nftables'; readonly table: NftTable; readonly chain: NftChain; readonly priority: number };

const raw: HookFunction = { kind: 'table', table: 'raw', priority: -300 };
const conntrack: HookFunction = { kind: 'conntrack', priority: -200 };
const mangle: HookFunction = { kind: 'table', table: 'mangle', priority: -150 };
const dstnat: HookFunction = { kind: 'table', table: 'nat', priority: -100 };
const filter: HookFunction = { kind: 'table', table: 'filter', priority: 0 };
const security: HookFunction = { kind: 'table', table: 'security', priority: 50 };
const srcnat: HookFunction = { kind: 'table', table: 'nat', priority: 100 };
/** ip_vs_ops4 (net/netfilter/ipvs/ip_vs_core.c), the same for both families. */
const ipvs = (part: 'reply' | 'request' | 'error', priority: number): HookFunction => ({
  kind: 'ipvs',
  part,
  priority,
});
const confirm: HookFunction = { kind: 'confirm', priority: 2147483647 };

/** Frozen order: it is the kernel's, and every verdict depends on it. */
export const HOOK_FUNCTIONS: Readonly<Record<Hook, readonly HookFunction[]>> = {
  PREROUTING: [raw, conntrack, mangle, dstnat],
  INPUT: [mangle, filter, security, ipvs('reply', 98), ipvs('request', 99), srcnat, confirm],
  FORWARD: [mangle, filter, security, ipvs('error', 99), ipvs('reply', 100)],
  OUTPUT: [raw, conntrack, mangle, dstnat, ipvs('reply', -99), ipvs('request', -98), filter, security],
  POSTROUTING: [mangle, srcnat, confirm],
};

/** The built-in chains of each table, in the order iptables-save lists them. */
export const BUILTIN_CHAINS: Readonly<Record<TableName, readonly Hook[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export const TABLE_NAMES: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter', 'security'];
