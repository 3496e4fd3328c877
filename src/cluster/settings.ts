/** The nettrace.io Cluster document: what manifests do not say about a cluster. */
import type { IpAddr } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Source } from './source.ts';

export type ProxySettings = {
  readonly mode: 'iptables' | 'ipvs' | 'nftables' | 'none';
  readonly clusterCIDRs: readonly Prefix[];
  readonly detectLocalMode: 'ClusterCIDR' | 'NodeCIDR' | 'BridgeInterface' | 'InterfaceNamePrefix' | 'none';
  readonly bridgeInterface?: string;
  readonly interfaceNamePrefix?: string;
  readonly masqueradeAll: boolean;
  readonly localhostNodePorts: boolean;
  readonly nodePortAddresses: readonly Prefix[];
  /** nodePortAddresses is the word `primary`: the node's own addresses, one of each family. */
  readonly nodePortPrimary?: boolean;
  readonly randomFully: boolean;
  /** The nodes' kernels have nfnetlink_acct, so that kube-proxy counts some packets. Absent: they have not. */
  readonly nfacct?: boolean;
  readonly ipvs: { readonly scheduler: string; readonly strictARP: boolean };
};

export type CalicoSettings = {
  readonly encapsulation: 'none' | 'ipip' | 'ipip-cross-subnet' | 'vxlan' | 'vxlan-cross-subnet';
  readonly blockSize: number;
  readonly natOutgoing: boolean;
  readonly bgp: { readonly asNumber: number; readonly nodeToNodeMesh: boolean };
};

export type FlannelBackend = 'vxlan' | 'host-gw' | 'ipip' | 'udp';

export type CniSettings =
  | { readonly plugin: 'calico'; readonly calico: CalicoSettings }
  | { readonly plugin: 'flannel'; readonly flannel: { readonly backend: FlannelBackend } }
  /** flannel between the nodes, Calico's wiring of Pods and Felix's policies. */
  | { readonly plugin: 'canal'; readonly flannel: { readonly backend: FlannelBackend } }
  | {
      readonly plugin: 'bridge';
      readonly bridge: { readonly name: string; readonly ipMasq: boolean; readonly hairpinMode: boolean };
    }
  | { readonly plugin: 'none' };

/** A node's network card, as the Cluster document or the Node object gives it. */
export type NodeSettings = {
  readonly name: string;
  /** With its prefix length: `192.168.26.81/24`. Of the node's primary family where it has two (kubelet's --node-ip). */
  readonly address: Prefix;
  /** The address of the other family, on the same card. */
  readonly secondAddress?: Prefix;
  readonly interface: string;
  readonly gateway?: IpAddr;
  /** The gateway of the other family than `gateway`'s. */
  readonly secondGateway?: IpAddr;
  readonly controlPlane: boolean;
  readonly podCIDR?: Prefix;
  /** Where one of each family is given; the first is podCIDR. */
  readonly podCIDRs?: readonly Prefix[];
  /** Calico blocks, when they are given; the first is podCIDR where only that is. */
  readonly blocks?: readonly Prefix[];
  readonly tunnelAddress?: IpAddr;
  /** Of the IPv6 tunnel device, where there are two. */
  readonly secondTunnelAddress?: IpAddr;
  readonly asNumber?: number;
  readonly routeReflectorClusterId?: string;
  readonly mtu: number;
  readonly segment: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly listen: readonly {
    readonly protocol: 'tcp' | 'udp' | 'sctp';
    readonly port: number;
    readonly address?: IpAddr;
  }[];
  readonly source?: Source;
};

/** Two BGP speakers whose session is down (a Fault). Names of nodes or addresses of outside peers. */
export type BgpSessionFault = { readonly node: string; readonly peer: string };

export type ClusterSettings = {
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly calicoVersion: string;
  readonly clusterDomain: string;
  readonly defaultNamespace: string;
  readonly podCIDRs: readonly Prefix[];
  readonly serviceCIDRs: readonly Prefix[];
  readonly nodePortRange: { readonly first: number; readonly last: number };
  readonly proxy: ProxySettings;
  readonly cni: CniSettings;
  readonly loadBalancer:
    | { readonly provider: 'none' }
    | {
        readonly provider: 'metallb';
        readonly mode: 'layer2' | 'bgp';
        readonly addresses: readonly { readonly first: IpAddr; readonly last: IpAddr }[];
      };
  readonly nodes: readonly NodeSettings[];
  readonly bgpFaults: readonly BgpSessionFault[];
  /** Whether kubeadm has made it: it labels the nodes of the control plane. */
  readonly kubeadm?: boolean;
  readonly source?: Source;
};
