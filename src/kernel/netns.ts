/** One network namespace as data: all that decides about packets in it. */
import type { Lazy } from '../lib/lazy.ts';
import { isIp6 } from '../net/address.ts';
import type { VirtualServerTable } from './ipvs/virtual-server-table.ts';
import type { Device, FdbEntry } from './link/device.ts';
import type { Ipset } from './netfilter/ipset.ts';
import type { Ruleset } from './netfilter/ruleset.ts';
import type { NetnsId } from './netns-id.ts';
import type { NftRuleset } from './nftables/ruleset.ts';
import type { ArpResponder, PolicyRule, ProxyNeighbour, Route, StaticNeighbour } from './route/route.ts';
import type { Listener } from './socket.ts';
import type { Sysctls } from './sysctl.ts';

/** Whether IPv6 is on: see route/ipv6/README.md. */
export function hasIpv6(netns: Netns): boolean {
  return [...netns.devices.values()].some(({ addresses }) => addresses.some(({ ip }) => isIp6(ip)));
}

/** What buildNetns() makes of a NetnsSpec. */
export type Netns = {
  readonly id: NetnsId;
  /** In ifindex order; `lo` first. */
  readonly devices: ReadonlyMap<string, Device>;
  /** Every table by number, the local table and the connected routes included. */
  readonly routes: ReadonlyMap<number, readonly Route[]>;
  /** By priority: 0 local, 32766 main, 32767 default unless changed. */
  readonly rules: readonly PolicyRule[];
  /** Those of `ip -6 rule`, which has no rule 32767. */
  readonly rules6: readonly PolicyRule[];
  readonly neighbours: readonly StaticNeighbour[];
  readonly proxyNeighbours: readonly ProxyNeighbour[];
  readonly arpResponders: readonly ArpResponder[];
  readonly fdb: readonly FdbEntry[];
  readonly sysctls: Sysctls;
  readonly iptables: Lazy<Ruleset>;
  readonly ip6tables: Lazy<Ruleset>;
  readonly ipsets: ReadonlyMap<string, Ipset>;
  readonly nftables: Lazy<NftRuleset>;
  readonly ipvs: Lazy<VirtualServerTable>;
  readonly listeners: readonly Listener[];
};
