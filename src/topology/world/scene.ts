/** What the parts of the world's builder share: the machines of the input by name, and the components at work. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import type { Calico } from '../../compile/cni/calico/calico.ts';
import type { OriginTable } from '../../compile/origin.ts';
import type { ClusterProxy, CniPlugin } from '../../compile/parts.ts';
import type { Issue } from '../../lib/result.ts';
import type { HostDocument } from '../nettrace/host-document.ts';
import type { NodeEntry } from '../nettrace/node-entry.ts';
import type { NettraceDocuments } from '../nettrace/read-nettrace.ts';
import type { CompiledContainers } from './compile-containers.ts';
import type { Placement } from './place-containers.ts';

/** The machines as the documents name them. */
export type Machines = {
  readonly nodes: ReadonlyMap<string, NodeSettings>;
  /** Every Host document; one with a node's name adds to that node. */
  readonly hosts: ReadonlyMap<string, HostDocument>;
  /** Entries of the Cluster document's node list. */
  readonly entries: ReadonlyMap<string, NodeEntry>;
  /** Nodes and hosts, nodes first. */
  readonly names: ReadonlySet<string>;
};

export type Components = {
  readonly cni: CniPlugin;
  readonly proxy: ClusterProxy;
  /** Set where the CNI is Calico. */
  readonly calico: Calico | undefined;
  /** Whether kubelet runs on the nodes: not on the notes' Docker hosts with Calico. */
  readonly kubernetes: boolean;
};

export type Scene = {
  readonly cluster: Cluster | undefined;
  readonly documents: NettraceDocuments;
  readonly origins: OriginTable;
  readonly machines: Machines;
  readonly placement: Placement;
  readonly containers: CompiledContainers;
  /** undefined without a cluster. */
  readonly components: Components | undefined;
  readonly issues: Issue[];
};

export function machinesOf(settings: readonly NodeSettings[], documents: NettraceDocuments): Machines {
  const nodes = new Map(settings.map((node) => [node.name, node]));
  const hosts = new Map(documents.hosts.map((host) => [host.name, host]));
  const entries = new Map((documents.cluster?.nodes ?? []).map((entry) => [entry.name, entry]));
  return { nodes, hosts, entries, names: new Set([...nodes.keys(), ...hosts.keys()]) };
}

/** The segment of a machine's network card of that name. */
export function segmentOf({ nodes, hosts }: Machines, machine: string, device: string): string | undefined {
  const node = nodes.get(machine);
  if (node?.interface === device) return node.segment;
  const found = hosts.get(machine)?.interfaces.find(({ name }) => name === device);
  return found?.kind === 'ethernet' ? found.segment : undefined;
}
