/** Clusters with Calico, written in a few words; and NetworkPolicies from fields as the API has them. */
import type { Cluster } from '../../../../src/cluster/cluster.ts';
import type {
  BgpPeer,
  FelixConfiguration,
  IpPool,
  LabelSelector,
  Labels,
  NetworkPolicy,
  NetworkPolicyPeer,
  Node,
  Pod,
} from '../../../../src/cluster/objects.ts';
import type { BgpSessionFault, CalicoSettings, NodeSettings } from '../../../../src/cluster/settings.ts';
import { type Calico, compileCalico } from '../../../../src/compile/cni/calico/calico.ts';
import type { Workload } from '../../../../src/compile/cni/calico/workload.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { printRoutes } from '../../../../src/kernel/route/route-text.ts';
import { clusterOf, nodeSettings, prefix } from '../../cluster-fixture.ts';

export function selector(
  matchLabels: Labels = {},
  matchExpressions: LabelSelector['matchExpressions'] = [],
): LabelSelector {
  return { matchLabels, matchExpressions };
}

export function pods(podSelector?: LabelSelector, namespaceSelector?: LabelSelector): NetworkPolicyPeer {
  return { kind: 'pods', podSelector, namespaceSelector };
}

export function ipBlock(cidr: string, ...except: readonly string[]): NetworkPolicyPeer {
  return { kind: 'ipBlock', cidr: prefix(cidr), except: except.map(prefix) };
}

export function policy(fields: Partial<NetworkPolicy> & Pick<NetworkPolicy, 'name'>): NetworkPolicy {
  return {
    kind: 'NetworkPolicy',
    namespace: 'default',
    labels: {},
    annotations: {},
    podSelector: selector(),
    policyTypes: ['Ingress'],
    ingress: [],
    egress: [],
    ...fields,
  };
}

export function node(name: string, labels: Labels = {}): Node {
  return { kind: 'Node', name, labels, annotations: {}, internalIps: [], podCIDRs: [], unschedulable: false };
}

export function bgpPeer(name: string, fields: Partial<BgpPeer>): BgpPeer {
  return { kind: 'BGPPeer', name, labels: {}, annotations: {}, ...fields };
}

export type CalicoClusterInput = {
  readonly nodes: readonly NodeSettings[];
  readonly pods?: readonly Pod[];
  readonly policies?: readonly NetworkPolicy[];
  readonly namespaces?: Readonly<Record<string, Labels>>;
  readonly nodeObjects?: readonly Node[];
  readonly calico?: Partial<CalicoSettings>;
  readonly podCidr?: string;
  /** Beside the first. */
  readonly secondPodCidr?: string;
  readonly bgpPeers?: readonly BgpPeer[];
  readonly bgpFaults?: readonly BgpSessionFault[];
  readonly calicoVersion?: string;
  readonly felix?: FelixConfiguration;
  readonly ipPools?: readonly IpPool[];
};

export function calicoCluster(input: CalicoClusterInput): Cluster {
  const { nodes, policies = [], namespaces = {}, calico = {} } = input;
  const base = clusterOf({
    pods: input.pods ?? [],
    nodes: input.nodeObjects ?? [],
    settings: {
      nodes,
      podCIDRs: [
        input.podCidr ?? '10.244.0.0/16',
        ...(input.secondPodCidr === undefined ? [] : [input.secondPodCidr]),
      ].map(prefix),
      calicoVersion: input.calicoVersion ?? '3.31',
      bgpFaults: input.bgpFaults ?? [],
      cni: {
        plugin: 'calico',
        calico: {
          encapsulation: 'none',
          blockSize: 26,
          natOutgoing: true,
          bgp: { asNumber: 64512, nodeToNodeMesh: true },
          ...calico,
        },
      },
    },
  });
  return {
    ...base,
    policies,
    bgpPeers: input.bgpPeers ?? [],
    ipPools: input.ipPools ?? [],
    felixConfiguration: input.felix,
    policiesInNamespace: (namespace) => policies.filter((each) => each.namespace === namespace),
    namespaceLabels: (namespace) => ({ 'kubernetes.io/metadata.name': namespace, ...namespaces[namespace] }),
  };
}

export function calicoOf(
  input: CalicoClusterInput,
  containers: readonly Workload[] = [],
): Calico & { readonly table: OriginTable } {
  const table = new OriginTable();
  return { ...compileCalico({ cluster: calicoCluster(input), origins: table, containers }), table };
}

/** A node's routes as Calico adds them, as `ip route` prints them. */
export function routesOf(calico: Calico, name: string): readonly string[] {
  return printRoutes(calico.node(name).routes ?? []);
}

/** The machines of the notes' Cluster B. */
export const CLUSTER_B: readonly NodeSettings[] = [
  nodeSettings('vms81', '192.168.26.81/24', {
    podCIDR: prefix('10.244.88.64/26'),
    interface: 'ens32',
    controlPlane: true,
  }),
  nodeSettings('vms82', '192.168.26.82/24', { podCIDR: prefix('10.244.171.128/26'), interface: 'ens32' }),
  nodeSettings('vms83', '192.168.26.83/24', { podCIDR: prefix('10.244.70.0/26'), interface: 'ens32' }),
];
