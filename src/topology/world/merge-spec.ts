import type { Parts } from '../../compile/parts.ts';
import type { NetnsSpec } from '../../kernel/netns-spec.ts';

/** A namespace with more in it; lists are joined in order, sysctls of the later win, texts of rules replace. */
export function mergeSpec(base: NetnsSpec, more: Omit<NetnsSpec, 'id'>): NetnsSpec {
  return {
    ...base,
    devices: [...base.devices, ...more.devices],
    routes: [...(base.routes ?? []), ...(more.routes ?? [])],
    rules: [...(base.rules ?? []), ...(more.rules ?? [])],
    neighbours: [...(base.neighbours ?? []), ...(more.neighbours ?? [])],
    arpResponders: [...(base.arpResponders ?? []), ...(more.arpResponders ?? [])],
    fdb: [...(base.fdb ?? []), ...(more.fdb ?? [])],
    sysctls: { ...base.sysctls, ...more.sysctls },
    ipsets: [...(base.ipsets ?? []), ...(more.ipsets ?? [])],
    nftables: [...(base.nftables ?? []), ...(more.nftables ?? [])],
    ...(more.nftablesText === undefined ? {} : { nftablesText: more.nftablesText }),
    ipvs: () => [...(base.ipvs?.() ?? []), ...(more.ipvs?.() ?? [])],
    listeners: [...(base.listeners ?? []), ...(more.listeners ?? [])],
    iptables: [...(base.iptables ?? []), ...(more.iptables ?? [])],
    ip6tables: [...(base.ip6tables ?? []), ...(more.ip6tables ?? [])],
    ...(more.iptablesText === undefined ? {} : { iptablesText: more.iptablesText }),
    ...(more.ip6tablesText === undefined ? {} : { ip6tablesText: more.ip6tablesText }),
  };
}

/** A component's share as a part of a namespace. */
export function specOf({ iptables, ip6tables, devices, ...rest }: Parts): Omit<NetnsSpec, 'id'> {
  return {
    ...rest,
    devices: devices ?? [],
    ...(iptables === undefined ? {} : { iptables: [iptables] }),
    ...(ip6tables === undefined ? {} : { ip6tables: [ip6tables] }),
  };
}
