/** The Pod network of inputs that do not name it: exports of real clusters, above all. */
import { describe, expect, it } from 'vitest';
import { printIp } from '../../src/net/address.ts';
import { printPrefix } from '../../src/net/prefix.ts';
import { loadText } from './load-text.ts';

const node = (name: string, address: string, ...podCIDRs: string[]): string => `---
apiVersion: v1
kind: Node
metadata: {name: ${name}}
spec: {${podCIDRs.length === 0 ? '' : `podCIDR: "${podCIDRs[0]}", podCIDRs: ["${podCIDRs.join('", "')}"]`}}
status: {addresses: [{type: InternalIP, address: ${address}}]}
`;
const pod = (name: string, ip: string, more = ''): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec: {nodeName: n1, ${more}containers: [{name: c, image: i}]}
status: {phase: Running, podIP: "${ip}", podIPs: [{ip: "${ip}"}]}
`;
const pool = (name: string, cidr: string, more = ''): string => `---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: ${name}}
spec: {cidr: ${cidr}${more}}
`;
const PROXY = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data: {config.conf: "clusterCIDR: 10.60.0.0/14"}
`;
const service = (name: string, ...ips: string[]): string => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ipFamilyPolicy: PreferDualStack, clusterIP: "${ips[0] ?? ''}", clusterIPs: [${ips.map((ip) => `"${ip}"`).join(', ')}], ports: [{port: 80}]}
`;
const SERVICE_CIDR = `---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: kubernetes}
spec: {cidrs: [10.200.0.0/20]}
`;
const DOCUMENT = `---
apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec: {podCIDRs: [10.70.0.0/16], nodes: [{name: n1, address: 192.168.1.11/24}]}
`;

describe('the Pod network of an input', () => {
  const rows: readonly { name: string; documents: readonly string[]; pods: readonly string[]; assumed?: string }[] = [
    {
      name: 'is the /16 around the podCIDRs of its nodes',
      documents: [node('n1', '192.168.1.11', '10.42.0.0/24'), node('n2', '192.168.1.12', '10.42.1.0/24')],
      pods: ['10.42.0.0/16'],
      assumed: 'as the podCIDRs of the nodes have it',
    },
    {
      name: 'is wider where the podCIDRs of its nodes do not fit in a /16',
      documents: [node('n1', '192.168.1.11', '10.60.255.0/24'), node('n2', '192.168.1.12', '10.61.1.0/24')],
      pods: ['10.60.0.0/15'],
      assumed: 'as the podCIDRs of the nodes have it',
    },
    {
      name: 'has both families where the podCIDRs of its nodes have',
      documents: [node('n1', '192.168.1.11', '10.42.0.0/24', 'fd00:42:0:1::/64')],
      pods: ['10.42.0.0/16', 'fd00:42::/56'],
      assumed: 'as the podCIDRs of the nodes have it',
    },
    {
      name: 'is that of the IP pool, whatever the nodes say',
      documents: [node('n1', '192.168.1.11', '10.42.0.0/24'), pool('p', '192.168.128.0/17')],
      pods: ['192.168.128.0/17'],
      assumed: 'as the IP pools have it',
    },
    {
      name: 'is not that of a disabled IP pool',
      documents: [node('n1', '192.168.1.11', '10.42.0.0/24'), pool('p', '172.30.0.0/16', ', disabled: true')],
      pods: ['10.42.0.0/16'],
      assumed: 'as the podCIDRs of the nodes have it',
    },
    {
      name: "is the /16 around the Pods' addresses where nothing else tells it",
      documents: [node('n1', '192.168.1.11'), pod('a', '10.42.0.5'), pod('h', '192.168.1.11', 'hostNetwork: true, ')],
      pods: ['10.42.0.0/16'],
      assumed: 'as the addresses of the Pods have it',
    },
    {
      name: "is clusterCIDR of kube-proxy's ConfigMap before all of these",
      documents: [node('n1', '192.168.1.11', '10.61.0.0/24'), PROXY],
      pods: ['10.60.0.0/14'],
    },
    {
      name: 'is that of the Cluster document before all others',
      documents: [DOCUMENT, pod('a', '10.42.0.5'), PROXY],
      pods: ['10.70.0.0/16'],
    },
    {
      name: "is kubeadm's where the podCIDRs of the nodes lie in that",
      documents: [node('n1', '192.168.1.11', '10.244.3.0/24')],
      pods: ['10.244.0.0/16'],
    },
    {
      name: 'is not guessed where Pods have addresses of the machines’ own network (the VPC of EKS)',
      documents: [node('n1', '10.0.1.11'), pod('a', '10.0.1.5')],
      pods: ['10.244.0.0/16'],
    },
    {
      name: 'is narrower than a /16 where that would hold Services: the defaults of Kubespray',
      documents: [node('n1', '192.168.121.11', '10.233.64.0/24'), pod('a', '10.233.64.5'), service('b', '10.233.12.7')],
      pods: ['10.233.64.0/18'],
      assumed: 'as the podCIDRs of the nodes have it',
    },
    {
      name: 'is where most Pods are, whatever addresses podman has left (10.88.0.0/16)',
      documents: [
        node('n1', '192.168.1.11'),
        ...['10.42.0.5', '10.42.1.6', '10.88.0.2'].map((ip, at) => pod(`p${at}`, ip)),
        service('s', '10.43.0.7'),
      ],
      pods: ['10.42.0.0/16'],
      assumed: 'as the addresses of the Pods have it',
    },
    {
      name: 'is not where a Pod was that has ended',
      documents: [
        node('n1', '192.168.1.11'),
        pod('a', '10.42.0.5'),
        pod('z', '10.52.0.5').replace('Running', 'Succeeded'),
      ],
      pods: ['10.42.0.0/16'],
      assumed: 'as the addresses of the Pods have it',
    },
    {
      name: 'is that of the Pods where they have no addresses of the podCIDRs of their nodes (Calico beside kubeadm)',
      documents: [node('n1', '10.1.0.11', '10.244.0.0/24'), pod('a', '192.168.77.5'), pod('b', '192.168.99.6')],
      pods: ['192.168.0.0/16'],
      assumed: 'as the addresses of the Pods have it',
    },
    {
      name: 'is two where two IP pools have nothing in common',
      documents: [node('n1', '10.1.0.11'), pool('a', '192.168.0.0/16'), pool('b', '172.30.0.0/16')],
      pods: ['192.168.0.0/16', '172.30.0.0/16'],
      assumed: 'as the IP pools have it',
    },
    {
      name: 'is that of kind in both families, and there is nothing to tell',
      documents: [
        node('n1', '172.18.0.2', '10.244.0.0/24', 'fd00:10:244::/64'),
        service('s', '10.96.0.1', 'fd00:10:96::1'),
      ],
      pods: ['10.244.0.0/16', 'fd00:10:244::/56'],
    },
    {
      name: 'is of IPv6 alone where nodes and Services are',
      documents: [node('n1', 'fc00::2', 'fd00:10:244::/64'), service('s', 'fd00:10:96::1')],
      pods: ['fd00:10:244::/56'],
    },
  ];
  it.each(rows)('$name', ({ documents, pods, assumed }) => {
    const { cluster, notes } = loadText(documents.join(''));
    expect(cluster.settings.podCIDRs.map(printPrefix)).toEqual(pods);
    const note = notes.find(({ code }) => code === 'POD_NETWORK_ASSUMED')?.message;
    if (assumed === undefined) expect(note).toBeUndefined();
    else expect(note).toContain(assumed);
  });

  it('is one of those that installers choose, where the podCIDRs of its nodes say so', () => {
    const { cluster } = loadText(node('n1', '10.0.1.11', '172.24.3.0/24'));
    expect(cluster.settings.podCIDRs.map(printPrefix)).toEqual(['172.24.0.0/16']);
  });

  it('is not that of kube-proxy where the podCIDRs of the nodes are elsewhere: kubeadm gives both from one setting', () => {
    const { cluster, notes } = loadText(
      [node('n1', '10.1.0.11', '10.244.0.0/24'), pod('a', '192.168.77.5'), pool('p', '192.168.0.0/16')].join(''),
    );
    expect(cluster.settings.podCIDRs.map(printPrefix)).toEqual(['192.168.0.0/16']);
    expect(cluster.settings.proxy.clusterCIDRs.map(printPrefix)).toEqual(['10.244.0.0/16']);
    expect(notes.map(({ code }) => code)).toContain('CLUSTER_CIDR_ASSUMED');
  });

  it('leaves kube-proxy without a clusterCIDR where Pods and machines share a network, and says so', () => {
    const { cluster, notes } = loadText([node('n1', '10.0.1.11'), pod('a', '10.0.1.5')].join(''));
    expect(cluster.settings.proxy.clusterCIDRs).toEqual([]);
    expect(notes.map(({ code }) => code)).toContain('NETWORK_SHARED');
  });

  it('is left to the IP pool that holds the machines, too (the classic 192.168.0.0/16 of Calico), as clusterCIDR is', () => {
    const { cluster, notes } = loadText(
      [node('n1', '192.168.26.81'), pool('p', '192.168.0.0/16'), pod('a', '192.168.77.5')].join(''),
    );
    expect(cluster.settings.proxy.clusterCIDRs.map(printPrefix)).toEqual(['192.168.0.0/16']);
    expect(cluster.pod('default', 'a')?.ips.map(printIp)).toEqual(['192.168.77.5']);
    expect(notes.map(({ code }) => code)).not.toContain('NETWORK_SHARED');
  });

  it('gives nodes that nobody describes the addresses that their Pods tell', () => {
    const { cluster } = loadText(pod('a', '10.42.0.5').replace('podIP:', 'hostIP: 192.168.7.9, podIP:'));
    expect(cluster.settings.nodes.map(({ address }) => printPrefix(address))).toEqual(['192.168.7.9/24']);
  });

  it('keeps kube-proxy from masquerading what Pods send to a Service', () => {
    const { cluster } = loadText(node('n1', '192.168.1.11', '10.42.0.0/24'));
    expect(cluster.settings.proxy.clusterCIDRs.map(printPrefix)).toEqual(['10.42.0.0/16']);
  });
});

type ServiceRow = {
  readonly name: string;
  readonly documents: readonly string[];
  readonly services: readonly string[];
  readonly assumed: boolean;
  /** Addresses that are warned of. */
  readonly strangers?: number;
};

describe('the Service network of an input', () => {
  const n1 = node('n1', '192.168.1.11');
  const rows: readonly ServiceRow[] = [
    {
      name: 'is the /16 around the addresses of its Services',
      documents: [n1, service('a', '10.43.0.1'), service('b', '10.43.200.7')],
      services: ['10.43.0.0/16'],
      assumed: true,
    },
    {
      name: 'is that of EKS, not that of kubeadm, where a Service says so',
      documents: [n1, service('a', '172.20.0.10')],
      services: ['172.20.0.0/16'],
      assumed: true,
    },
    {
      name: "is kubeadm's where all addresses lie in that, and where there are none",
      documents: [n1, service('a', '10.111.0.1'), service('h', 'None')],
      services: ['10.96.0.0/12'],
      assumed: false,
    },
    {
      name: 'has both families where Services have',
      documents: [n1, service('a', '10.43.0.1', 'fd00:43::1')],
      services: ['10.43.0.0/16', 'fd00:43::/108'],
      assumed: true,
    },
    {
      name: 'is narrower than a /16 where that would hold Pods: the defaults of Kubespray',
      documents: [node('n1', '192.168.121.11', '10.233.64.0/24'), service('a', '10.233.12.7')],
      services: ['10.233.0.0/18'],
      assumed: true,
    },
    {
      name: 'is where most Services are, whatever address an older cluster has left',
      documents: [n1, service('a', '10.43.0.7'), service('b', '10.43.1.7'), service('c', '10.3.0.7')],
      services: ['10.43.0.0/16'],
      assumed: true,
      strangers: 1,
    },
    {
      name: 'holds all ServiceCIDR objects',
      documents: [
        n1,
        SERVICE_CIDR,
        SERVICE_CIDR.replace('kubernetes', 'more').replace('10.200.0', '10.201.0'),
        service('a', '10.201.1.1'),
      ],
      services: ['10.200.0.0/15'],
      assumed: false,
    },
    {
      name: 'is that of its ServiceCIDR objects before its Services',
      documents: [n1, SERVICE_CIDR, service('a', '10.200.1.1')],
      services: ['10.200.0.0/20'],
      assumed: false,
    },
  ];
  it.each(rows)('$name', ({ documents, services, assumed, strangers = 0 }) => {
    const { cluster, notes, warnings } = loadText(documents.join(''));
    expect(cluster.settings.serviceCIDRs.map(printPrefix)).toEqual(services);
    expect(notes.some(({ code }) => code === 'SERVICE_NETWORK_ASSUMED')).toBe(assumed);
    expect(warnings.filter(({ code }) => code === 'cluster-ip')).toHaveLength(strangers);
  });
});
