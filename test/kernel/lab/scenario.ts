/** A topology and the probes to send through it, as plain JSON: what the generator makes, what a fixture holds. */

export type DeviceText = {
  readonly name: string;
  readonly kind: 'loopback' | 'ethernet' | 'veth' | 'bridge' | 'dummy' | 'vlan' | 'macvlan' | 'ipip' | 'vxlan';
  /** Of an ethernet device. */
  readonly segment?: string;
  /** Of a veth device: `machine device`. */
  readonly peer?: readonly [machine: string, device: string];
  /** Of a bridge's port. */
  readonly bridge?: string;
  readonly hairpin?: boolean;
  readonly isolated?: boolean;
  readonly blocking?: boolean;
  /** Of vlan, macvlan and vxlan devices. */
  readonly parent?: string;
  readonly vlan?: number;
  readonly vni?: number;
  readonly local?: string;
  readonly remote?: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly down?: boolean;
  /** `10.0.0.1/24`, with `peer 10.0.0.2/32`, `noprefixroute`, `scope link` behind it. */
  readonly addresses?: readonly string[];
};

export type MachineText = {
  readonly name: string;
  readonly devices: readonly DeviceText[];
  /** Lines of `ip route`. */
  readonly routes?: readonly string[];
  /** Lines of `ip rule`. */
  readonly rules?: readonly string[];
  readonly neighbours?: readonly { readonly device: string; readonly ip: string; readonly mac: string }[];
  /** Addresses that the machine answers for where proxy_ndp is on. */
  readonly proxies?: readonly { readonly device: string; readonly ip: string }[];
  readonly fdb?: readonly { readonly device: string; readonly mac: string; readonly remote: string }[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Text of iptables-save. */
  readonly iptables?: string;
  /** Text of ip6tables-save. */
  readonly ip6tables?: string;
  /** Text of `nft list ruleset`, or for `nft -f`. */
  readonly nftables?: string;
  /** Text of ipset save. */
  readonly ipsets?: string;
  /** `8080/tcp`, `10.0.0.1:8080/udp`, `[fd00::1]:8080/tcp`. A machine without an address in it listens on both families. */
  readonly listen?: readonly string[];
};

export type ProbeText = {
  readonly machine: string;
  /** `icmp` to an address of IPv6 is an echo request of ICMPv6. */
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly destination: string;
  readonly dport: number;
  /** Different for each probe of a scenario, so that no connection meets another one's conntrack entry. */
  readonly sport: number;
  readonly source?: string;
  readonly ttl?: number;
  readonly length?: number;
  readonly dontFragment?: boolean;
  readonly mark?: number;
  readonly uid?: number;
  readonly gid?: number;
};

export type Scenario = {
  readonly name: string;
  readonly seed?: number;
  /** Empty where `files` say what there is. */
  readonly machines: readonly MachineText[];
  /** Texts as nettrace reads them: a cluster, its objects, hosts and faults. */
  readonly files?: readonly { readonly file: string; readonly text: string }[];
  readonly probes: readonly ProbeText[];
  /** Rules that remember (limit, nth, recent): they are loaded again before every probe. */
  readonly remembers?: boolean;
};
