/** A cluster of any size as the objects `kubectl get -o json` would print, the same for the same numbers. */

export type ClusterSize = {
  readonly nodes: number;
  readonly pods: number;
  readonly services: number;
  readonly policies: number;
  /** Whether the Pods of an app belong to a Deployment; otherwise each stands alone. */
  readonly owned?: boolean;
  /** A host endpoint on every node with policies for all of them; the Pods of an app are on nodes next to each other. */
  readonly hostEndpoints?: boolean;
};

const NAMESPACES = 50;
const SERVICE_BASE = (10 << 24) | (96 << 16);

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** One /26 of 10.128.0.0/9 for each node: 131,072 blocks. */
function blockOf(node: number): number {
  return ((10 << 24) | (128 << 16)) + node * 64;
}

/** The n-th address that Pods of a node may have, from 0. */
export function podAddress(node: number, n: number): string {
  return dotted(blockOf(node) + 1 + n);
}

function nodeAddress(node: number): string {
  return dotted(((172 << 24) | (16 << 16)) + node + 10);
}

/** As a Deployment's ReplicaSet is named when its Pods have no hash of their template. */
function ownedBy(name: string): object {
  return { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: name, controller: true }] };
}

/** Documents ready for JSON.stringify: the Cluster document, then one List. */
export function synthesize(size: ClusterSize): readonly object[] {
  const names = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind}-${i}`);
  const cluster = {
    apiVersion: 'nettrace/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'synthetic' },
    spec: {
      podCIDRs: ['10.128.0.0/9'],
      serviceCIDRs: ['10.96.0.0/12'],
      proxy: { mode: 'iptables' },
      cni: { plugin: 'calico', calico: { encapsulation: 'none', blockSize: 26, natOutgoing: true } },
      nodes: names('node', size.nodes).map((name, i) => ({
        name,
        address: `${nodeAddress(i)}/16`,
        interface: 'eth0',
        gateway: '172.16.0.1',
        podCIDR: `${dotted(blockOf(i))}/26`,
      })),
    },
  };
  const namespaces = names('ns', NAMESPACES).map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
  const pods = names('pod', size.pods).map((name, i) => {
    const node = i % size.nodes;
    const app = size.hostEndpoints === true ? Math.floor((i * size.services) / size.pods) : i % size.services;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: `ns-${app % NAMESPACES}`,
        labels: { app: `app-${app}`, tier: (size.owned === true ? app : i) % 3 === 0 ? 'web' : 'backend' },
        ...(size.owned === true ? ownedBy(`app-${app}`) : {}),
      },
      spec: {
        nodeName: `node-${node}`,
        containers: [{ name: 'main', image: 'main', ports: [{ name: 'http', containerPort: 8080 }] }],
      },
      status: {
        phase: 'Running',
        podIP: podAddress(node, Math.floor(i / size.nodes)),
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    };
  });
  const services = names('svc', size.services).map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: `ns-${i % NAMESPACES}` },
    spec: {
      ...(i % 10 === 0 ? { type: 'NodePort' } : {}),
      clusterIP: dotted(SERVICE_BASE + 256 + i),
      selector: { app: `app-${i}` },
      ports: [
        {
          name: 'http',
          port: 80,
          protocol: 'TCP',
          targetPort: 8080,
          ...(i % 10 === 0 ? { nodePort: 30000 + i / 10 } : {}),
        },
      ],
    },
  }));
  const policies = names('policy', size.policies).map((name, i) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: `ns-${i % NAMESPACES}` },
    spec: {
      podSelector: { matchLabels: { app: `app-${i % size.services}` } },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ namespaceSelector: {}, podSelector: { matchLabels: { tier: 'web' } } }],
          ports: [{ protocol: 'TCP', port: 8080 }],
        },
      ],
    },
  }));
  const hosts = size.hostEndpoints === true ? hostEndpoints(size.nodes) : [];
  const items = [...namespaces, ...pods, ...services, ...policies, ...hosts];
  return [cluster, { apiVersion: 'v1', kind: 'List', items }];
}

/** As Calico makes them for all nodes, half of them in each zone, and policies that close what comes from the Pods of one app. */
function hostEndpoints(nodes: number): readonly object[] {
  const endpoints = Array.from({ length: nodes }, (_, i) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'HostEndpoint',
    metadata: { name: `node-${i}`, labels: { 'kubernetes.io/hostname': `node-${i}`, zone: `zone-${i % 2}` } },
    spec: { node: `node-${i}`, interfaceName: '*', expectedIPs: [nodeAddress(i)], profiles: [DEFAULT_ALLOW] },
  }));
  const policies = [0, 1].map((zone) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: `zone-${zone}` },
    spec: {
      selector: `zone == 'zone-${zone}'`,
      applyOnForward: true,
      types: ['Ingress'],
      ingress: [
        { action: 'Deny', protocol: 'TCP', source: { selector: `app == 'app-${zone}'` }, destination: { ports: [22] } },
        { action: 'Allow' },
      ],
    },
  }));
  return [...endpoints, ...policies];
}

const DEFAULT_ALLOW = 'projectcalico-default-allow';
