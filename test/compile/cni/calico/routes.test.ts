import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Workload } from '../../../../src/compile/cni/calico/workload.ts';
import { netnsId } from '../../../../src/kernel/netns-id.ts';
import { printRoutes } from '../../../../src/kernel/route/route-text.ts';
import { deriveMac } from '../../../../src/net/mac.ts';
import { ip, nodeSettings, pod, prefix } from '../../cluster-fixture.ts';
import { type CalicoClusterInput, CLUSTER_B, calicoOf, routesOf } from './fixture.ts';

/** The notes' Cluster A: three Docker hosts, no Kubernetes. */
const CLUSTER_A: CalicoClusterInput = {
  nodes: [
    nodeSettings('vms100', '192.168.26.100/24', {
      interface: 'ens32',
      gateway: ip('192.168.26.2'),
      podCIDR: prefix('192.168.239.128/26'),
    }),
    nodeSettings('vms101', '192.168.26.101/24', {
      interface: 'ens32',
      gateway: ip('192.168.26.2'),
      podCIDR: prefix('192.168.198.0/26'),
    }),
    nodeSettings('vms102', '192.168.26.102/24', {
      interface: 'ens32',
      gateway: ip('192.168.26.2'),
      podCIDR: prefix('192.168.63.64/26'),
    }),
  ],
  podCidr: '192.168.0.0/16',
};

function container(name: string, node: string, address: string, hostInterface: string): Workload {
  return {
    kind: 'Container',
    name,
    node,
    netns: netnsId(`container:${name}`),
    ips: [ip(address)],
    hostInterface,
    containerInterface: 'cali0',
    mac: deriveMac(name),
    profiles: [{ name: 'calnet1', allows: true }],
    listeners: [],
    ports: [],
  };
}

const CONTAINERS = [
  container('c100', 'vms100', '192.168.239.128', 'cali0b7f49da20a'),
  container('c101', 'vms101', '192.168.198.1', 'cali2f9e2c68bad'),
  container('c102', 'vms102', '192.168.63.64', 'cali6f956c2ada9'),
];

describe('Cluster A, no encapsulation', () => {
  const calico = calicoOf(CLUSTER_A, CONTAINERS);

  test('S06: a container has the link-local gateway and nothing else', () => {
    const spec = calico.workload(CONTAINERS[0] ?? fail());
    expect(printRoutes(spec.routes ?? [])).toEqual([
      'default via 169.254.1.1 dev cali0',
      '169.254.1.1 dev cali0 scope link',
    ]);
    expect(spec.devices).toMatchObject([
      {
        name: 'cali0',
        mtu: 1500,
        addresses: [{ ip: ip('192.168.239.128'), bits: 32 }],
        peer: { netns: 'vms100', device: 'cali0b7f49da20a' },
      },
    ]);
  });

  test('S06: the host end has no address, the well-known MAC address and answers ARP', () => {
    const parts = calico.node('vms100');
    expect(parts.devices).toMatchObject([
      {
        name: 'cali0b7f49da20a',
        mac: 'ee:ee:ee:ee:ee:ee',
        mtu: 1500,
        peer: { netns: 'container:c100', device: 'cali0' },
      },
    ]);
    expect(parts.devices?.[0]?.addresses).toBeUndefined();
    expect(parts.sysctls).toMatchObject({
      'net.ipv4.ip_forward': '1',
      'net.ipv4.conf.cali0b7f49da20a.proxy_arp': '1',
      'net.ipv4.neigh.cali0b7f49da20a.proxy_delay': '0',
    });
  });

  test.each([
    [
      'vms100',
      [
        '192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird',
        '192.168.198.0/26 via 192.168.26.101 dev ens32 proto bird',
        '192.168.239.128 dev cali0b7f49da20a scope link',
        'blackhole 192.168.239.128/26 proto bird',
      ],
    ],
    [
      'vms101',
      [
        '192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird',
        'blackhole 192.168.198.0/26 proto bird',
        '192.168.198.1 dev cali2f9e2c68bad scope link',
        '192.168.239.128/26 via 192.168.26.100 dev ens32 proto bird',
      ],
    ],
    [
      'vms102',
      [
        '192.168.63.64 dev cali6f956c2ada9 scope link',
        'blackhole 192.168.63.64/26 proto bird',
        '192.168.198.0/26 via 192.168.26.101 dev ens32 proto bird',
        '192.168.239.128/26 via 192.168.26.100 dev ens32 proto bird',
      ],
    ],
  ])('S07: Calico adds to %s the routes of the notes', (name, routes) => {
    expect(routesOf(calico, name)).toEqual(routes);
  });

  test('there is no tunnel', () => {
    expect(calico.node('vms100').devices?.map(({ kind }) => kind)).toEqual(['veth']);
  });
});

describe('encapsulation', () => {
  const POD = pod({ name: 'pod1', namespace: 'default', node: 'vms83', ips: [ip('10.244.70.31')] });
  const calico = (
    encapsulation: 'none' | 'ipip' | 'ipip-cross-subnet' | 'vxlan' | 'vxlan-cross-subnet',
    calicoVersion = '3.31',
  ) => calicoOf({ nodes: CLUSTER_B, pods: [POD], calico: { encapsulation }, calicoVersion });

  test.each([
    ['none', '3.31', '10.244.70.0/26 via 192.168.26.83 dev ens32 proto bird', 'blackhole 10.244.88.64/26 proto bird'],
    [
      'ipip',
      '3.31',
      '10.244.70.0/26 via 192.168.26.83 dev tunl0 proto bird onlink',
      'blackhole 10.244.88.64/26 proto bird',
    ],
    [
      'ipip',
      '3.33',
      '10.244.70.0/26 via 192.168.26.83 dev tunl0 proto 80 onlink',
      'blackhole 10.244.88.64/26 proto 80',
    ],
    [
      'ipip-cross-subnet',
      '3.31',
      '10.244.70.0/26 via 192.168.26.83 dev ens32 proto bird',
      'blackhole 10.244.88.64/26 proto bird',
    ],
    ['vxlan', '3.31', '10.244.70.0/26 via 10.244.70.0 dev vxlan.calico onlink', 'blackhole 10.244.88.64/26 proto 80'],
    [
      'vxlan-cross-subnet',
      '3.31',
      '10.244.70.0/26 via 192.168.26.83 dev ens32 proto 80 onlink',
      'blackhole 10.244.88.64/26 proto 80',
    ],
  ] as const)('%s with Calico %s', (encapsulation, version, remote, own) => {
    const routes = routesOf(calico(encapsulation, version), 'vms81');
    expect(routes).toContain(remote);
    expect(routes).toContain(own);
  });

  test('CrossSubnet tunnels to nodes of another network', () => {
    const far = nodeSettings('far', '10.9.0.5/24', {
      podCIDR: prefix('10.244.9.0/26'),
      interface: 'ens32',
      gateway: ip('10.9.0.1'),
    });
    const nodes = [...CLUSTER_B, far];
    const route = (encapsulation: 'none' | 'ipip-cross-subnet' | 'vxlan-cross-subnet') =>
      routesOf(calicoOf({ nodes, calico: { encapsulation } }), 'vms81').find((line) => line.includes('10.244.9.0/26'));
    expect(route('ipip-cross-subnet')).toBe('10.244.9.0/26 via 10.9.0.5 dev tunl0 proto bird onlink');
    expect(route('vxlan-cross-subnet')).toBe('10.244.9.0/26 via 10.244.9.0 dev vxlan.calico onlink');
    // Without encapsulation BIRD resolves the next hop by the kernel's routes; here there is no default route.
    expect(route('none')).toBe('unreachable 10.244.9.0/26 proto bird');
    expect(routesOf(calicoOf({ nodes }), 'far')).toContain('10.244.88.64/26 via 10.9.0.1 dev ens32 proto bird');
  });

  test('S12: IPIP takes 20 bytes of the MTU and gives the node a tunnel address', () => {
    const parts = calico('ipip').node('vms81');
    expect(parts.devices).toMatchObject([
      { name: 'tunl0', kind: 'ipip', mtu: 1480, addresses: [{ ip: ip('10.244.88.64'), bits: 32 }] },
    ]);
    expect(calico('ipip').pod(POD).devices).toMatchObject([{ name: 'eth0', mtu: 1480 }]);
  });

  test('VXLAN takes 50, and every other VTEP is known beforehand', () => {
    const parts = calico('vxlan').node('vms81');
    expect(parts.devices).toMatchObject([
      { name: 'vxlan.calico', kind: 'vxlan', vni: 4096, udpPort: 4789, mtu: 1450, learning: false },
    ]);
    expect(parts.neighbours?.map(({ ip: address }) => address)).toEqual([ip('10.244.171.128'), ip('10.244.70.0')]);
    expect(parts.fdb?.map(({ remote }) => remote)).toEqual([ip('192.168.26.82'), ip('192.168.26.83')]);
  });

  test('no encapsulation leaves the MTU of the network card', () => {
    expect(calico('none').pod(POD).devices).toMatchObject([{ mtu: 1500 }]);
  });
});

test('a borrowed address is announced by itself, and its node has no blackhole for it', () => {
  const borrower = pod({ name: 'p', namespace: 'default', node: 'vms82', ips: [ip('10.244.88.70')] });
  const calico = calicoOf({ nodes: CLUSTER_B, pods: [borrower] });
  expect(routesOf(calico, 'vms81')).toContain('10.244.88.70 via 192.168.26.82 dev ens32 proto bird');
  expect(routesOf(calico, 'vms82').filter((line) => line.startsWith('blackhole'))).toEqual([
    'blackhole 10.244.171.128/26 proto bird',
  ]);
});

function fail(): never {
  throw new Error('expected a workload');
}

describe('in a full mesh', () => {
  const subnets = ['192.168.1', '192.168.2'] as const;
  const nodeArbitrary = fc.record({
    subnet: fc.constantFrom(...subnets),
    card: fc.constantFrom('eth0', 'ens3'),
    gateway: fc.boolean(),
  });

  test('the routes that nodes share are those that each would work out by itself', () => {
    fc.assert(
      fc.property(
        fc.array(nodeArbitrary, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('none', 'ipip', 'ipip-cross-subnet', 'vxlan', 'vxlan-cross-subnet'),
        (shapes, encapsulation) => {
          const input: CalicoClusterInput = {
            nodes: shapes.map(({ subnet, card, gateway }, index) =>
              nodeSettings(`n${index}`, `${subnet}.${index + 1}/24`, {
                interface: card,
                podCIDR: prefix(`10.244.${index}.0/26`),
                ...(gateway ? { gateway: ip(`${subnet}.254`) } : {}),
              }),
            ),
            podCidr: '10.244.0.0/16',
            calico: { encapsulation },
          };
          // A fault of two strangers changes nothing, but each session is asked for then.
          const plain: CalicoClusterInput = { ...input, bgpFaults: [{ node: 'x', peer: 'y' }] };
          for (const { name } of input.nodes)
            expect(routesOf(calicoOf(input), name)).toEqual(routesOf(calicoOf(plain), name));
        },
      ),
      { numRuns: 60 },
    );
  });
});
