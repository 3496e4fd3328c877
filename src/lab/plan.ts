/**
 * What it takes to build machines for real on Linux, as plain data: argument lists and texts, never a shell's words.
 * scripts/kernel-lab/build.py carries a plan out; script.ts prints it for people.
 */

/** Arguments of one call of `ip` or `bridge`. Any of them may hold any character that a device's name may hold. */
export type Arguments = readonly string[];

/** One end of a veth pair. */
export type WireEnd = {
  readonly machine: string;
  readonly device: string;
  readonly mac?: string;
  readonly mtu?: number;
};

/** One step of making devices. In the order of the steps every kernel lists its devices as the emulator does. */
export type WiringStep =
  | { readonly do: 'pair'; readonly ends: readonly [WireEnd, WireEnd] }
  /** `ip` inside the machine. */
  | { readonly do: 'add'; readonly machine: string; readonly arguments: Arguments }
  /** An end that waited in the workshop until its turn in its machine came. */
  | {
      readonly do: 'move';
      readonly machine: string;
      readonly device: string;
      readonly to: { readonly machine: string; readonly device: string };
    };

export type LabListener = {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number | 'any';
  /** Empty for all addresses of IPv4, `::` for all of IPv6. */
  readonly address: string;
};

/** A path below /proc/sys and its value. */
export type SysctlSetting = readonly [path: string, value: string];

export type LabMachine = {
  /** As the topology calls it. */
  readonly name: string;
  /** As `ip netns` calls it: unique, and free of characters that need quoting. */
  readonly netns: string;
  /** A switch stands for a segment with other than two ends; the workshop holds ends that belong to nobody (yet). */
  readonly role: 'machine' | 'switch' | 'workshop';
  readonly devices: readonly string[];
  /** Whether IPv6 is on. */
  readonly ipv6: boolean;
  /** Before there are devices: what a new namespace would take over from the host. */
  readonly birth: readonly SysctlSetting[];
  /** Once the devices exist. */
  readonly sysctls: readonly SysctlSetting[];
  /** Calls of `ip`, in order. */
  readonly ip: readonly Arguments[];
  /** Calls of `bridge`, in order. */
  readonly bridge: readonly Arguments[];
  /** Calls of `ip` once every machine is configured. */
  readonly late: readonly Arguments[];
  /** Text for `ipset restore`, `iptables-restore`, `ip6tables-restore`; may be empty. */
  readonly ipset: string;
  readonly iptables: string;
  readonly ip6tables: string;
  /** Text for `ipvsadm -R`; absent without virtual servers. */
  readonly ipvs?: string;
  /** Text for `nft -f`; absent without tables of nftables. Later than iptables: chains of one priority run before its. */
  readonly nftables?: string;
  readonly listeners: readonly LabListener[];
};

/** What the running kernel must have: kinds of devices (`ip link add … type KIND`), types of ipsets, br_netfilter. */
export type LabNeeds = {
  readonly kinds: readonly string[];
  readonly sets: readonly string[];
  readonly bridgeNetfilter: boolean;
};

export type LabPlan = {
  readonly format: 'nettrace/lab/v1';
  readonly needs: LabNeeds;
  readonly machines: readonly LabMachine[];
  readonly wiring: readonly WiringStep[];
};
