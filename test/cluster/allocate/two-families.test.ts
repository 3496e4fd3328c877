import { describe, expect, it } from 'vitest';
import type { ClusterSettings } from '../../../src/cluster/settings.ts';
import { printIp } from '../../../src/net/address.ts';
import { contains, printPrefix } from '../../../src/net/prefix.ts';
import { clusterOf, node, prefix } from '../load.ts';

const PODS = ['worker1', 'worker2', 'worker1']
  .map((name, index) => `kind: Pod\nmetadata: {name: p${index}}\nspec: {nodeName: ${name}, containers: []}\n`)
  .join('---\n');

const CALICO: ClusterSettings['cni'] = {
  plugin: 'calico',
  calico: {
    encapsulation: 'vxlan',
    blockSize: 26,
    natOutgoing: true,
    bgp: { asNumber: 64512, nodeToNodeMesh: true },
  },
};
const FLANNEL: ClusterSettings['cni'] = { plugin: 'flannel', flannel: { backend: 'vxlan' } };

const NODES4 = [node('worker1', '10.0.0.81/24'), node('worker2', '10.0.0.82/24')];
const BOTH = [
  node('worker1', '10.0.0.81/24', { secondAddress: prefix('fd00:1::81/64') }),
  node('worker2', '10.0.0.82/24', { secondAddress: prefix('fd00:1::82/64') }),
];
const IP6_FIRST = [
  node('worker1', 'fd00:1::81/64', { secondAddress: prefix('10.0.0.81/24') }),
  node('worker2', 'fd00:1::82/64', { secondAddress: prefix('10.0.0.82/24') }),
];
const IP6_ONLY = [node('worker1', 'fd00:1::81/64'), node('worker2', 'fd00:1::82/64')];

function cluster(cni: ClusterSettings['cni'], podCIDRs: readonly string[], nodes: ClusterSettings['nodes']) {
  return clusterOf(`apiVersion: v1\n${PODS.replaceAll('---\n', '---\napiVersion: v1\n')}`, {
    cni,
    podCIDRs: podCIDRs.map(prefix),
    nodes,
  });
}

describe('host-local: a /24 and a /64 of each node, from the second address on', () => {
  it.each([
    [['10.244.0.0/16'], NODES4, ['10.244.0.2', '10.244.1.2', '10.244.0.3']],
    [['10.244.0.0/16', 'fd00::/48'], BOTH, ['10.244.0.2 fd00::2', '10.244.1.2 fd00:0:0:1::2', '10.244.0.3 fd00::3']],
    [
      ['fd00::/48', '10.244.0.0/16'],
      IP6_FIRST,
      ['fd00::2 10.244.0.2', 'fd00:0:0:1::2 10.244.1.2', 'fd00::3 10.244.0.3'],
    ],
    // kubelet puts its own family first, whatever the order of the networks (sortPodIPs()).
    [['fd00::/48', '10.244.0.0/16'], BOTH, ['10.244.0.2 fd00::2', '10.244.1.2 fd00:0:0:1::2', '10.244.0.3 fd00::3']],
    [['fd00::/48'], IP6_ONLY, ['fd00::2', 'fd00:0:0:1::2', 'fd00::3']],
    // A network too small for a /64 each is cut smaller.
    [['fd00::/64'], IP6_ONLY, ['fd00::2', 'fd00::8000:0:0:2', 'fd00::3']],
  ] as const)('Pod networks %s', (podCIDRs, nodes, expected) => {
    const found = cluster(FLANNEL, podCIDRs, nodes);
    expect(found.pods.map(({ ips }) => ips.map(printIp).join(' '))).toEqual(expected);
  });

  it('the Node objects say both ranges', () => {
    const { nodes } = cluster(FLANNEL, ['10.244.0.0/16', 'fd00::/48'], BOTH);
    expect(nodes.map(({ podCIDRs }) => podCIDRs.map(printPrefix).join(' '))).toEqual([
      '10.244.0.0/24 fd00::/64',
      '10.244.1.0/24 fd00:0:0:1::/64',
    ]);
    expect(nodes.map(({ internalIps }) => internalIps.map(printIp).join(' '))).toEqual([
      '10.0.0.81 fd00:1::81',
      '10.0.0.82 fd00:1::82',
    ]);
  });
});

describe('Calico: blocks of 64 addresses in both families', () => {
  const found = cluster(CALICO, ['10.244.0.0/16', 'fd00:10:244::/56'], BOTH);

  it('a /26 and a /122 each, that no other node has', () => {
    const blocks = found.settings.nodes.map(({ blocks: own = [] }) => own);
    expect(blocks.map((own) => own.map(({ bits }) => bits))).toEqual([
      [26, 122],
      [26, 122],
    ]);
    expect(new Set(blocks.flat().map(printPrefix)).size).toBe(4);
  });

  it('a tunnel address of each family, the first of the block; Pods have the next ones', () => {
    for (const { name, blocks = [], tunnelAddress, secondTunnelAddress } of found.settings.nodes) {
      expect([tunnelAddress, secondTunnelAddress]).toEqual(blocks.map(({ addr }) => addr));
      const ips = found.podsOnNode(name).flatMap((pod) => pod.ips);
      expect(ips.every((ip) => blocks.some((block) => contains(block, ip)))).toBe(true);
      expect(new Set([...ips, tunnelAddress, secondTunnelAddress]).size).toBe(ips.length + 2);
    }
  });

  it('IPIP tunnels carry IPv4 alone: no IPv6 address is kept for one', () => {
    const ipip = { ...CALICO, calico: { ...CALICO.calico, encapsulation: 'ipip' as const } };
    const { settings } = cluster(ipip, ['10.244.0.0/16', 'fd00:10:244::/56'], BOTH);
    expect(settings.nodes.map(({ secondTunnelAddress }) => secondTunnelAddress)).toEqual([undefined, undefined]);
  });

  it('a family without an IPPool object gets its pool from the Pod network', () => {
    const text = `
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: v6}
spec: {cidr: "fd00:99::/64", blockSize: 124}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {nodeName: worker1, containers: []}
`;
    const { pods } = clusterOf(text, {
      cni: CALICO,
      podCIDRs: ['10.244.0.0/16', 'fd00::/48'].map(prefix),
      nodes: BOTH,
    });
    const [four, six] = pods[0]?.ips ?? [];
    expect(four !== undefined && contains(prefix('10.244.0.0/16'), four)).toBe(true);
    expect(six !== undefined && contains(prefix('fd00:99::/64'), six)).toBe(true);
  });

  it('addresses that are given keep their blocks, in each family by itself', () => {
    const text = `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {nodeName: worker1, containers: []}
status: {podIP: 10.244.7.9, podIPs: [{ip: 10.244.7.9}, {ip: "fd00::4:9"}]}
`;
    const nodes = [
      node('worker1', '10.0.0.81/24', { secondAddress: prefix('fd00:1::81/64'), podCIDR: prefix('10.244.7.0/26') }),
    ];
    const { settings } = clusterOf(text, { cni: CALICO, podCIDRs: ['10.244.0.0/16', 'fd00::/48'].map(prefix), nodes });
    expect(settings.nodes[0]?.blocks?.map(printPrefix)).toEqual(['10.244.7.0/26', 'fd00::4:0/122']);
  });
});

it('a Pod on the host network has both addresses of its node', () => {
  const text =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: h}\nspec: {nodeName: worker1, hostNetwork: true, containers: []}\n';
  const { pods } = clusterOf(text, { nodes: BOTH });
  expect(pods[0]?.ips.map(printIp)).toEqual(['10.0.0.81', 'fd00:1::81']);
});

describe('EndpointSlices', () => {
  const POD = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: worker1, containers: [{name: c, ports: [{containerPort: 80}]}]}
---
`;
  it.each([
    ['{selector: {app: web}, ports: [{port: 80}]}', ['4 10.244.0.2']],
    ['{ipFamilies: [IPv6], selector: {app: web}, ports: [{port: 80}]}', ['6 fd00::2']],
    ['{ipFamilyPolicy: PreferDualStack, selector: {app: web}, ports: [{port: 80}]}', ['4 10.244.0.2', '6 fd00::2']],
    ['{clusterIP: None, selector: {app: web}, ports: [{port: 80}]}', ['4 10.244.0.2']],
    [
      '{clusterIP: None, ipFamilyPolicy: RequireDualStack, selector: {app: web}, ports: [{port: 80}]}',
      ['4 10.244.0.2', '6 fd00::2'],
    ],
  ])('of %s', (spec, expected) => {
    const found = clusterOf(`${POD}apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: ${spec}\n`, {
      podCIDRs: ['10.244.0.0/16', 'fd00::/48'].map(prefix),
      serviceCIDRs: ['10.96.0.0/16', 'fd00:96::/112'].map(prefix),
      nodes: BOTH,
    });
    const service = found.service('default', 'web');
    const slices = service === undefined ? [] : found.slicesOf(service);
    expect(slices.map(({ family, endpoints }) => `${family} ${endpoints.map(({ ip }) => printIp(ip)).join()}`)).toEqual(
      expected,
    );
  });
});
