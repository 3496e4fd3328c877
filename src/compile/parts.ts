/** What components contribute to a machine, and how they are asked for it. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/objects.ts';
import type { VirtualServer } from '../kernel/ipvs/virtual-server.ts';
import type { FdbEntry } from '../kernel/link/device.ts';
import type { Ipset } from '../kernel/netfilter/ipset.ts';
import type { DeviceSpec, IptablesSpec, NetnsSpec } from '../kernel/netns-spec.ts';
import type { NftTableSpec } from '../kernel/nftables/table-spec.ts';
import type { ArpResponder, PolicyRule, Route, StaticNeighbour } from '../kernel/route/route.ts';
import type { Listener } from '../kernel/socket.ts';
import type { Lazy } from '../lib/lazy.ts';
import type { IpAddr } from '../net/address.ts';
import type { OriginTable } from './origin.ts';

/** One component's share of a node's own network namespace. Everything is optional; lists keep the order of creation. */
export type Parts = {
  readonly devices?: readonly DeviceSpec[];
  readonly routes?: readonly Route[];
  readonly rules?: readonly PolicyRule[];
  readonly neighbours?: readonly StaticNeighbour[];
  readonly arpResponders?: readonly ArpResponder[];
  readonly fdb?: readonly FdbEntry[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly iptables?: IptablesSpec;
  readonly ip6tables?: IptablesSpec;
  readonly ipsets?: readonly Ipset[];
  readonly ipvs?: Lazy<readonly VirtualServer[]>;
  readonly nftables?: readonly NftTableSpec[];
  readonly listeners?: readonly Listener[];
};

/** Something the user should know: it becomes an entry of `assumptions`. */
export type Note = { readonly code: string; readonly message: string };

/** A CNI plugin at work in one cluster. `forCluster` prepares what all nodes share; nodes and Pods are built on demand. */
export interface CniPlugin {
  /** `others`: addresses of devices that are neither the plugin's nor the node's network card (docker0). */
  node(name: string, others?: Lazy<readonly IpAddr[]>): Parts;
  /** The network namespace of a Pod that is not on the host network. */
  pod(pod: Pod): NetnsSpec;
  /** Whether NetworkPolicies have any effect. */
  readonly enforcesPolicies: boolean;
  readonly notes: readonly Note[];
}

export interface CniCompiler {
  readonly name: string;
  forCluster(cluster: Cluster, origins: OriginTable): CniPlugin;
}

/** kube-proxy at work in one cluster. */
export interface ClusterProxy {
  /** `addresses`: those that other components put on the node, where NodePorts are answered as well. */
  node(name: string, addresses?: Lazy<readonly IpAddr[]>): Parts;
  readonly notes: readonly Note[];
}

/** kube-proxy in one mode. */
export interface ProxyCompiler {
  readonly name: string;
  forCluster(cluster: Cluster, origins: OriginTable): ClusterProxy;
}
