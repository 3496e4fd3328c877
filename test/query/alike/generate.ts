/** Random clusters in which many backends look alike, and some of them are not. */

import type { Random } from '../../kernel/lab/random.ts';
import { generateCluster as generatePolicies } from '../../policy/generate.ts';

type Json = Readonly<Record<string, unknown>>;

const NAMESPACES = ['front', 'back'] as const;
const APPS = ['web', 'api'] as const;
/** What the generator of policies makes that belongs to policies. */
const KEPT: ReadonlySet<unknown> = new Set([
  ...[
    'NetworkPolicy',
    'GlobalNetworkPolicy',
    'AdminNetworkPolicy',
    'BaselineAdminNetworkPolicy',
    'ClusterNetworkPolicy',
  ],
  ...['Tier', 'NetworkSet', 'GlobalNetworkSet', 'HostEndpoint', 'Namespace', 'ServiceAccount'],
]);

export type Mode = 'iptables' | 'ipvs' | 'nftables';

export function generateAlike(random: Random, mode: Mode): readonly Json[] {
  const count = random.int(3, 5);
  const nodes = Array.from({ length: count }, (_, index) => `n${index + 1}`);
  const apis = { admin: random.chance(0.3), calico: random.chance(0.4), hosts: random.chance(0.06) };
  const policies = random.chance(0.6)
    ? generatePolicies(random, apis).filter(({ kind }) => KEPT.has(kind))
    : NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  return [
    ...network(random, nodes, mode),
    ...policies,
    ...APPS.flatMap((app, index) => podsOf(random, app, 20 + index * 15, nodes)),
    ...Array.from({ length: 3 }, (_, index) => service(random, index)),
    ...(random.chance(0.2) ? [givenSlice(random)] : []),
    ...(random.chance(0.08) ? [fault(random, nodes)] : []),
    ...(random.chance(0.06) ? [own('Host', random.pick(nodes) ?? 'n1', extraOfNode(random))] : []),
  ];
}

function own(kind: string, name: string, spec: unknown): Json {
  return { apiVersion: 'nettrace/v1alpha1', kind, metadata: { name }, spec };
}

function network(random: Random, nodes: readonly string[], mode: Mode): readonly Json[] {
  const split = random.chance(0.3);
  const flannel = random.chance(0.4);
  const dual = !flannel && random.chance(0.2);
  const both = <T>(one: T, two: T): T | readonly T[] => (dual ? [one, two] : one);
  const odd = random.chance(0.3);
  const entries = nodes.map((name, index) => {
    const lan = split ? index % 2 : 0;
    return {
      ...{ name, interface: odd && random.chance(0.3) ? 'ens32' : 'eth0' },
      [dual ? 'addresses' : 'address']: both(`10.0.${lan}.${index + 11}/24`, `fd00:1:${lan}::${index + 11}/64`),
      segment: `lan${lan}`,
      [dual ? 'gateways' : 'gateway']: both(`10.0.${lan}.1`, `fd00:1:${lan}::1`),
      [dual ? 'podCIDRs' : 'podCIDR']: both(`10.244.${index + 1}.0/26`, `fd00:10:244:${index + 1}::/122`),
      ...(odd && random.chance(0.2) ? { mtu: 1400 } : {}),
      ...(odd && random.chance(0.2) ? { sysctls: { 'net.ipv4.ip_forward': '0' } } : {}),
      ...(odd && random.chance(0.2) ? { sysctls: { 'net.ipv4.conf.all.rp_filter': '1' } } : {}),
      ...(odd && random.chance(0.1) ? { controlPlane: true } : {}),
    };
  });
  const encapsulation = random.pick(['none', 'none', 'ipip', 'ipip-cross-subnet', 'vxlan', 'vxlan-cross-subnet']);
  const nodeToNodeMesh = random.chance(0.95);
  const gateways = (lan: number): readonly string[] => [`10.0.${lan}.1/24`, ...(dual ? [`fd00:1:${lan}::1/64`] : [])];
  return [
    own('Cluster', 'alike', {
      kubernetesVersion: random.pick(['1.34', '1.31', '1.27', '1.24']),
      podCIDRs: ['10.244.0.0/16', ...(dual ? ['fd00:10:244::/56'] : [])],
      serviceCIDRs: ['10.96.0.0/16', ...(dual ? ['fd00:10:96::/112'] : [])],
      proxy: {
        mode,
        ...(random.chance(0.1) ? { masqueradeAll: true } : {}),
        ...(random.chance(0.15) ? { detectLocalMode: random.pick(['NodeCIDR', 'none']) } : {}),
        ...(random.chance(0.05) ? { nodePortAddresses: ['10.0.0.0/24'] } : {}),
        ...(random.chance(0.1) ? { nfacct: true } : {}),
        ...(mode === 'ipvs' ? { ipvs: { scheduler: random.pick(['rr', 'rr', 'wrr', 'lc', 'sh', 'sed']) } } : {}),
      },
      cni: flannel
        ? {
            plugin: random.pick(['flannel', 'canal']),
            flannel: { backend: random.pick(['vxlan', 'host-gw', 'ipip', 'udp']) },
          }
        : { plugin: 'calico', calico: { encapsulation, natOutgoing: random.chance(0.8), bgp: { nodeToNodeMesh } } },
      nodes: entries,
    }),
    own('Host', 'router', {
      interfaces: [
        { name: 'eth0', segment: 'lan0', addresses: gateways(0) },
        { name: 'eth1', segment: 'outside', addresses: ['192.0.2.1/24'] },
        ...(split ? [{ name: 'eth2', segment: 'lan1', addresses: gateways(1) }] : []),
      ],
      sysctls: { 'net.ipv4.ip_forward': '1', ...(dual ? { 'net.ipv6.conf.all.forwarding': '1' } : {}) },
      routes: ['10.96.0.0/16 via 10.0.0.11', '198.51.100.0/24 via 10.0.0.11'],
    }),
    own('Host', 'client', {
      interfaces: [{ name: 'eth0', segment: 'outside', addresses: ['192.0.2.10/24'] }],
      routes: ['default via 192.0.2.1 dev eth0'],
    }),
  ];
}

/** Mostly equal, and here and there one that differs in something. */
function podsOf(random: Random, app: string, address: number, nodes: readonly string[]): readonly Json[] {
  const namespace = random.pick(NAMESPACES);
  const strange = random.chance(0.5) ? 0.08 : 0;
  return Array.from({ length: random.int(6, 11) }, (_, index): Json => {
    const differs = (): boolean => random.chance(strange);
    const hostNetwork = random.chance(strange / 3);
    const place = random.int(0, nodes.length - 1);
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${app}-${index}`,
        namespace,
        labels: {
          app,
          'statefulset.kubernetes.io/pod-name': `${app}-${index}`,
          ...(differs() ? { tier: random.pick(['1', '2']) } : {}),
          ...(differs() ? { role: 'x' } : {}),
        },
        annotations: {
          'cni.projectcalico.org/containerID': `${index}`,
          ...(differs() ? { 'nettrace/listen': random.pick(['none', '8080/tcp', '127.0.0.1:8080/tcp']) } : {}),
          ...(differs() ? { 'cni.projectcalico.org/hwAddr': '02:00:00:00:00:01' } : {}),
        },
      },
      spec: {
        nodeName: nodes[place],
        ...(hostNetwork ? { hostNetwork: true } : {}),
        ...(differs() ? { serviceAccountName: 'builder' } : {}),
        containers: [
          {
            ...{ name: 'c', image: 'c' },
            ports: [
              { name: differs() ? 'http' : 'web', containerPort: hostNetwork ? 9000 + index : 8080 },
              ...(hostNetwork ? [] : [{ name: 'dns', containerPort: 53, protocol: 'UDP' }]),
              ...(differs() && !hostNetwork ? [{ containerPort: 7000, hostPort: 7000 + index }] : []),
            ],
          },
        ],
      },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: differs() ? 'False' : 'True' }],
        // Out of a block of another node, or of none.
        ...(differs() && !hostNetwork
          ? {
              podIP: random.pick([
                `10.244.${((place + 1) % nodes.length) + 1}.${address + index}`,
                `10.244.77.${address + index}`,
              ]),
            }
          : {}),
      },
    };
  });
}

function service(random: Random, index: number): Json {
  const type = random.pick(['ClusterIP', 'NodePort', 'LoadBalancer'] as const);
  const exposed = type !== 'ClusterIP';
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `s${index}`, namespace: random.pick(NAMESPACES) },
    spec: {
      type,
      clusterIP: `10.96.0.${index + 1}`,
      ipFamilyPolicy: 'PreferDualStack',
      selector: { app: random.pick(APPS) },
      ports: [
        {
          name: 'http',
          port: 80,
          targetPort: random.chance(0.8) ? 8080 : 'web',
          ...(exposed ? { nodePort: 30080 + index } : {}),
        },
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53, ...(exposed ? { nodePort: 30180 + index } : {}) },
      ],
      ...(exposed && random.chance(0.3) ? { externalTrafficPolicy: 'Local' } : {}),
      ...(random.chance(0.15) ? { internalTrafficPolicy: 'Local' } : {}),
      ...(random.chance(0.15) ? { sessionAffinity: 'ClientIP' } : {}),
      ...(random.chance(0.2) ? { externalIPs: [`198.51.100.${100 + index}`] } : {}),
      ...(type === 'LoadBalancer' && random.chance(0.3)
        ? { loadBalancerSourceRanges: ['10.0.0.0/25', '192.0.2.0/24'] }
        : {}),
    },
    ...(type === 'LoadBalancer' ? { status: { loadBalancer: { ingress: [{ ip: `198.51.100.${index + 1}` }] } } } : {}),
  };
}

/** Endpoints that are no Pods beside some that are. */
function givenSlice(random: Random): Json {
  const addresses = ['10.244.1.1', '10.244.1.2', '10.244.2.1', '192.0.2.10', '203.0.113.5', '10.0.0.12', '10.96.0.1'];
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's0-own', namespace: 'front', labels: { 'kubernetes.io/service-name': 's0' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: random.some(addresses, 6).map((address) => ({ addresses: [address] })),
  };
}

function fault(random: Random, nodes: readonly string[]): Json {
  const node = random.pick(nodes);
  return own('Fault', 'broken', [
    random.pick<Json>([
      { node, sysctl: { 'net.ipv4.ip_forward': '0' } },
      { node, iptables: ['-I FORWARD 1 -d 10.244.2.0/28 -j DROP'] },
      { node, route: ['add blackhole 10.244.3.0/27'] },
      { node, interface: 'eth0', down: true },
    ]),
  ]);
}

function extraOfNode(random: Random): Json {
  return random.pick<Json>([
    { routes: ['10.244.2.0/28 via 10.0.0.13'] },
    { sysctls: { 'net.ipv4.conf.all.rp_filter': '1' } },
    { iptables: '*filter\n-A FORWARD -d 10.244.2.2 -j DROP\nCOMMIT\n' },
  ]);
}
