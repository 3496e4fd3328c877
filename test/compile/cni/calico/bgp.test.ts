import { describe, expect, test } from 'vitest';
import type { NodeSettings } from '../../../../src/cluster/settings.ts';
import { printIp } from '../../../../src/net/address.ts';
import { printPrefix } from '../../../../src/net/prefix.ts';
import { ip, nodeSettings, prefix } from '../../cluster-fixture.ts';
import { bgpPeer, type CalicoClusterInput, calicoOf, node, routesOf } from './fixture.ts';

/** Nodes n1, n2 … with block 10.244.N.0/26 each; `fields` by name. */
function nodes(count: number, fields: Readonly<Record<string, Partial<NodeSettings>>> = {}): readonly NodeSettings[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `n${i + 1}`;
    return nodeSettings(name, `192.168.1.${i + 1}/24`, { podCIDR: prefix(`10.244.${i + 1}.0/26`), ...fields[name] });
  });
}

const MESH_OFF = { bgp: { asNumber: 64512, nodeToNodeMesh: false } };

/** Which nodes' blocks each node has a route to: `n1: n2 n3`. */
function learned(input: CalicoClusterInput): readonly string[] {
  const calico = calicoOf(input);
  return input.nodes.map(({ name }) => {
    const blocks = routesOf(calico, name).flatMap((line) => /^10\.244\.(\d+)\.0\/26 via/.exec(line)?.[1] ?? []);
    return `${name}: ${blocks.map((block) => `n${block}`).join(' ')}`;
  });
}

const REFLECTOR = { routeReflectorClusterId: '244.0.0.1' };
const TO_REFLECTORS = bgpPeer('to-reflectors', { nodeSelector: 'all()', peerSelector: "route-reflector == 'true'" });
const LABELLED = (count: number, ...reflectors: readonly string[]) =>
  Array.from({ length: count }, (_, i) => `n${i + 1}`).map((name) =>
    node(name, reflectors.includes(name) ? { 'route-reflector': 'true' } : {}),
  );

describe('which blocks the nodes learn', () => {
  test.each<[string, CalicoClusterInput, readonly string[]]>([
    ['S10: in the mesh all of all', { nodes: nodes(3) }, ['n1: n2 n3', 'n2: n1 n3', 'n3: n1 n2']],
    [
      'S10: with a peer down its block is gone from the other, both ways',
      { nodes: nodes(3), bgpFaults: [{ node: 'n1', peer: 'n3' }] },
      ['n1: n2', 'n2: n1 n3', 'n3: n2'],
    ],
    [
      'a fault may name the address',
      { nodes: nodes(2), bgpFaults: [{ node: 'n2', peer: '192.168.1.1' }] },
      ['n1: ', 'n2: '],
    ],
    ['without mesh and peers nothing', { nodes: nodes(3), calico: MESH_OFF }, ['n1: ', 'n2: ', 'n3: ']],
    [
      'S11: a route reflector brings all to all',
      {
        nodes: nodes(4, { n1: REFLECTOR }),
        nodeObjects: LABELLED(4, 'n1'),
        calico: MESH_OFF,
        bgpPeers: [TO_REFLECTORS],
      },
      ['n1: n2 n3 n4', 'n2: n1 n3 n4', 'n3: n1 n2 n4', 'n4: n1 n2 n3'],
    ],
    [
      'S11: of two reflectors one may fail; only the other reflector, of the same cluster, does not learn in its place',
      {
        nodes: nodes(4, { n1: REFLECTOR, n2: REFLECTOR }),
        nodeObjects: LABELLED(4, 'n1', 'n2'),
        calico: MESH_OFF,
        bgpPeers: [TO_REFLECTORS],
        bgpFaults: [{ node: 'n1', peer: 'n3' }],
      },
      ['n1: n2 n4', 'n2: n1 n3 n4', 'n3: n1 n2 n4', 'n4: n1 n2 n3'],
    ],
    [
      'a hub without a cluster id reflects nothing: internal routes go to no other internal peer',
      { nodes: nodes(3), nodeObjects: LABELLED(3, 'n1'), calico: MESH_OFF, bgpPeers: [TO_REFLECTORS] },
      ['n1: n2 n3', 'n2: n1', 'n3: n1'],
    ],
    [
      'a reflector left in the mesh configuration takes no part in the mesh',
      { nodes: nodes(3, { n1: REFLECTOR }) },
      ['n1: ', 'n2: n3', 'n3: n2'],
    ],
    [
      'chained reflectors with ids of their own pass routes on',
      {
        nodes: nodes(4, { n1: { routeReflectorClusterId: '1.0.0.1' }, n2: { routeReflectorClusterId: '2.0.0.2' } }),
        nodeObjects: LABELLED(4),
        calico: MESH_OFF,
        bgpPeers: [
          bgpPeer('a', { node: 'n3', peerIp: ip('192.168.1.1'), asNumber: 64512 }),
          bgpPeer('b', { node: 'n1', peerIp: ip('192.168.1.3'), asNumber: 64512 }),
          bgpPeer('c', { node: 'n1', peerIp: ip('192.168.1.2'), asNumber: 64512 }),
          bgpPeer('d', { node: 'n2', peerIp: ip('192.168.1.1'), asNumber: 64512 }),
          bgpPeer('e', { node: 'n2', peerIp: ip('192.168.1.4'), asNumber: 64512 }),
          bgpPeer('f', { node: 'n4', peerIp: ip('192.168.1.2'), asNumber: 64512 }),
        ],
      },
      ['n1: n2 n3 n4', 'n2: n1 n3 n4', 'n3: n1 n2 n4', 'n4: n1 n2 n3'],
    ],
    [
      'a wrong AS number keeps the session down',
      {
        nodes: nodes(2),
        calico: MESH_OFF,
        bgpPeers: [
          bgpPeer('a', { node: 'n1', peerIp: ip('192.168.1.2'), asNumber: 65000 }),
          bgpPeer('b', { node: 'n2', peerIp: ip('192.168.1.1'), asNumber: 64512 }),
        ],
      },
      ['n1: ', 'n2: '],
    ],
    [
      'a peering on one side only does not come up',
      {
        nodes: nodes(2),
        calico: MESH_OFF,
        bgpPeers: [bgpPeer('a', { node: 'n1', peerIp: ip('192.168.1.2'), asNumber: 64512 })],
      },
      ['n1: ', 'n2: '],
    ],
    [
      'nodes of an AS each peer with a router that passes their routes on',
      {
        nodes: nodes(2, { n1: { asNumber: 65001 }, n2: { asNumber: 65002 } }),
        calico: MESH_OFF,
        bgpPeers: [bgpPeer('tor', { peerIp: ip('192.168.1.254'), asNumber: 65100 })],
      },
      ['n1: n2', 'n2: n1'],
    ],
    [
      'a router of another AS passes nothing between nodes of one AS: they find their own number in the path',
      {
        nodes: nodes(2),
        calico: MESH_OFF,
        bgpPeers: [bgpPeer('tor', { peerIp: ip('192.168.1.254'), asNumber: 65100 })],
      },
      ['n1: ', 'n2: '],
    ],
  ])('%s', (_, input, expected) => {
    expect(learned(input)).toEqual(expected);
  });
});

describe('S12: a router outside', () => {
  const router = ip('192.168.1.254');
  const routes = (input: CalicoClusterInput) =>
    calicoOf(input)
      .bgpRoutesFor(router)
      .map(({ destination, via }) => `${printPrefix(destination)} via ${printIp(via)}`);

  test('that all nodes peer with learns every block from its owner', () => {
    const bgpPeers = [bgpPeer('router', { peerIp: router, asNumber: 65000 })];
    expect(routes({ nodes: nodes(2), bgpPeers })).toEqual([
      '10.244.1.0/26 via 192.168.1.1',
      '10.244.2.0/26 via 192.168.1.2',
    ]);
  });

  test('that one node peers with learns the others through it', () => {
    const bgpPeers = [bgpPeer('router', { node: 'n1', peerIp: router, asNumber: 65000 })];
    expect(routes({ nodes: nodes(2), bgpPeers })).toEqual([
      '10.244.1.0/26 via 192.168.1.1',
      '10.244.2.0/26 via 192.168.1.1',
    ]);
  });

  test('that nobody peers with learns nothing', () => {
    expect(routes({ nodes: nodes(2) })).toEqual([]);
  });
});

describe('why a route is missing', () => {
  const why = (input: CalicoClusterInput, address: string) => calicoOf(input).missingBlockReason('n1', ip(address));

  test('the session with the owner is down', () => {
    expect(why({ nodes: nodes(3), bgpFaults: [{ node: 'n1', peer: 'n3' }] }, '10.244.3.7')).toMatchObject({
      block: { node: 'n3' },
      why: { kind: 'session-down', session: { problem: { kind: 'down' } } },
    });
  });

  test('the session with the reflector is down', () => {
    const input = {
      nodes: nodes(3, { n2: REFLECTOR }),
      nodeObjects: LABELLED(3, 'n2'),
      calico: MESH_OFF,
      bgpPeers: [TO_REFLECTORS],
      bgpFaults: [{ node: 'n3', peer: 'n2' }],
    };
    expect(why(input, '10.244.3.7')).toMatchObject({
      why: { kind: 'session-down', session: { peer: { node: { name: 'n2' } } } },
    });
  });

  test('there is neither a mesh nor a peering', () => {
    expect(why({ nodes: nodes(2), calico: MESH_OFF }, '10.244.2.7')).toMatchObject({ why: { kind: 'no-session' } });
  });

  test.each([
    ['an own address', { nodes: nodes(2), calico: MESH_OFF }, '10.244.1.7'],
    ['an address of no block', { nodes: nodes(2), calico: MESH_OFF }, '8.8.8.8'],
    ['a learned block', { nodes: nodes(2) }, '10.244.2.7'],
    [
      'VXLAN, which needs no BGP',
      { nodes: nodes(2), calico: { ...MESH_OFF, encapsulation: 'vxlan' as const } },
      '10.244.2.7',
    ],
  ])('%s has no such reason', (_, input, address) => {
    expect(why(input, address)).toBeUndefined();
  });
});

describe('calicoctl node status', () => {
  test('S10: two mesh peers, one of them waiting', () => {
    const cluster = {
      nodes: [
        nodeSettings('vms100', '192.168.26.100/24'),
        nodeSettings('vms101', '192.168.26.101/24'),
        nodeSettings('vms102', '192.168.26.102/24'),
      ],
      bgpFaults: [{ node: 'vms102', peer: 'vms100' }],
    };
    expect(calicoOf(cluster).nodeStatus('vms102')).toBe(`Calico process is running.

IPv4 BGP status
+----------------+-------------------+-------+----------+-------------+
|  PEER ADDRESS  |     PEER TYPE     | STATE |  SINCE   |    INFO     |
+----------------+-------------------+-------+----------+-------------+
| 192.168.26.100 | node-to-node mesh | start | 00:00:00 | Connect     |
| 192.168.26.101 | node-to-node mesh | up    | 00:00:00 | Established |
+----------------+-------------------+-------+----------+-------------+

IPv6 BGP status
No IPv6 peers found.

`);
    expect(calicoOf(cluster).nodeStatus('vms100')).toContain(
      '| 192.168.26.102 | node-to-node mesh | start | 00:00:00 | Passive     |',
    );
  });

  test('global peers and those of a node, with what is wrong', () => {
    const status = calicoOf({
      nodes: nodes(2),
      calico: MESH_OFF,
      bgpPeers: [
        bgpPeer('router', { peerIp: ip('192.168.1.254'), asNumber: 65000 }),
        bgpPeer('n2', { node: 'n1', peerIp: ip('192.168.1.2'), asNumber: 65001 }),
      ],
    }).nodeStatus('n1');
    expect(status.split('\n').slice(3, 9)).toEqual([
      '+---------------+---------------+-------+----------+-----------------------------+',
      '| PEER ADDRESS  |   PEER TYPE   | STATE |  SINCE   |            INFO             |',
      '+---------------+---------------+-------+----------+-----------------------------+',
      '| 192.168.1.254 | global        | up    | 00:00:00 | Established                 |',
      '| 192.168.1.2   | node specific | start | 00:00:00 | Idle BGP Error: Bad peer AS |',
      '+---------------+---------------+-------+----------+-----------------------------+',
    ]);
  });

  test('a node alone has no peers', () => {
    expect(calicoOf({ nodes: nodes(1) }).nodeStatus('n1')).toContain('IPv4 BGP status\nNo IPv4 peers found.\n');
  });
});

describe('5,000 nodes: the routes of one node take no time worth speaking of', () => {
  const many = (fields: (i: number) => Partial<NodeSettings>) =>
    Array.from({ length: 5000 }, (_, i) => {
      const block = `172.${16 + Math.floor(i / 1024)}.${Math.floor((i % 1024) / 4)}.${(i % 4) * 64}/26`;
      const address = `10.0.${Math.floor(i / 200)}.${(i % 200) + 1}/16`;
      return nodeSettings(`n${i}`, address, { podCIDR: prefix(block), ...fields(i) });
    });
  const nodeObjects = Array.from({ length: 3 }, (_, i) => node(`n${i}`, { 'route-reflector': 'true' }));
  test.each<[string, CalicoClusterInput]>([
    ['in a mesh', { nodes: many(() => ({})) }],
    [
      'S11: with three route reflectors',
      {
        nodes: many((i) => (i < 3 ? REFLECTOR : {})),
        nodeObjects,
        calico: MESH_OFF,
        bgpPeers: [TO_REFLECTORS],
      },
    ],
  ])('%s', (_, input) => {
    const calico = calicoOf({ ...input, podCidr: '172.16.0.0/12' });
    const started = performance.now();
    expect(calico.node('n17').routes).toHaveLength(5000);
    expect(performance.now() - started).toBeLessThan(1500);
  });
});
