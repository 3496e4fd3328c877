/** Who announces a load balancer's address, by layer 2 and by BGP. */
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Service } from '../../../src/cluster/objects.ts';
import { metalLbRoutes } from '../../../src/compile/metallb/bgp.ts';
import { layer2Parts, layer2Responders } from '../../../src/compile/metallb/layer2.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { parseIp, printIp } from '../../../src/net/address.ts';
import { printPrefix } from '../../../src/net/prefix.ts';
import { type Loaded, loadTopology } from '../../../src/topology/load.ts';

const NODES = ['n1', 'n2', 'n3'];

const BASE = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  cni: {plugin: flannel}
  nodes:
    - {name: n1, address: 10.0.0.11/24, gateway: 10.0.0.1}
    - {name: n2, address: 10.0.0.12/24, gateway: 10.0.0.1}
    - {name: n3, address: 10.0.0.13/24, gateway: 10.0.0.1}
---
apiVersion: v1
kind: Node
metadata: {name: n2, labels: {side: west}}
`;
const pool = (spec: string, name = 'pool') => `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: ${name}, namespace: metallb-system, labels: {zone: ${name}}}
spec: ${spec}
`;
const object = (
  kind: string,
  spec: string,
  name = 'one',
) => `apiVersion: metallb.io/${kind === 'BGPPeer' ? 'v1beta2' : 'v1beta1'}
kind: ${kind}
metadata: {name: ${name}, namespace: metallb-system}
spec: ${spec}
`;
const pods = (...nodes: readonly string[]) =>
  nodes.map(
    (node) => `apiVersion: v1
kind: Pod
metadata: {name: web-${node}, labels: {app: web}}
spec: {nodeName: ${node}, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
`,
  );
const service = (fields = '', name = 'web', annotations = '{}') => `apiVersion: v1
kind: Service
metadata: {name: ${name}, annotations: ${annotations}}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]${fields === '' ? '' : `, ${fields}`}}
`;
const L2 = [pool('{addresses: [10.0.0.200-10.0.0.210]}'), object('L2Advertisement', '{}')];

function load(...documents: readonly string[]): Loaded {
  const loaded = loadTopology([{ file: 'lab.yaml', text: [BASE, ...documents].join('---\n') }]);
  invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ message }) => message).join('\n'));
  return loaded.value;
}

function answering(...documents: readonly string[]): readonly string[] {
  const { cluster } = load(...documents);
  return layer2Responders(cluster).map(({ ip, node }) => `${printIp(ip)} ${node.name}`);
}

/** What MetalLB's election says of one address among these nodes. */
function winner(address: string, nodes: readonly string[]): string {
  const ranked = nodes.map((node) => ({ node, rank: hash('sha256', `${node}#${address}`, 'hex') }));
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1))[0]?.node ?? '';
}

function learned(...documents: readonly string[]): readonly string[] {
  const router = parseIp('10.0.0.1');
  invariant(router !== undefined, 'an address');
  return metalLbRoutes(load(...documents).cluster, router).map(
    ({ destination, via }) => `${printPrefix(destination)} via ${via.map(printIp).join(' ')}`,
  );
}

describe('layer 2', () => {
  it('one node answers for each address: the one whose hash is smallest', () => {
    const all = answering(...L2, ...pods('n1'), service(), service('', 'web2'), service('', 'web3'));
    expect(all).toEqual(['10.0.0.200', '10.0.0.201', '10.0.0.202'].map((ip) => `${ip} ${winner(ip, NODES)}`));
    expect(new Set(all.map((line) => line.split(' ')[1])).size).toBeGreaterThan(1);
  });

  it('with externalTrafficPolicy Local only nodes with a Pod take part', () => {
    expect(answering(...L2, ...pods('n2'), service('externalTrafficPolicy: Local'))).toEqual(['10.0.0.200 n2']);
    expect(answering(...L2, ...pods('n1', 'n3'), service('externalTrafficPolicy: Local'))).toEqual([
      `10.0.0.200 ${winner('10.0.0.200', ['n1', 'n3'])}`,
    ]);
  });

  it('a node that is excluded from load balancers does not take part', () => {
    const label = 'node.kubernetes.io/exclude-from-external-load-balancers';
    const others = NODES.filter((node) => node !== winner('10.0.0.200', NODES));
    const node = `apiVersion: v1
kind: Node
metadata: {name: ${winner('10.0.0.200', NODES)}, labels: {${label}: ""}}
`;
    const text = [BASE.replace(/---\napiVersion: v1\nkind: Node[\s\S]*$/, ''), node, ...L2, ...pods('n1'), service()];
    const loaded = loadTopology([{ file: 'lab.yaml', text: text.join('---\n') }]);
    invariant(loaded.ok, 'loads');
    expect(layer2Responders(loaded.value.cluster).map((one) => one.node.name)).toEqual([winner('10.0.0.200', others)]);
  });

  it.each([
    ['no endpoint serves', [...L2, service()]],
    ['no advertisement is of the pool', [pool('{addresses: [10.0.0.200/32]}'), ...pods('n1'), service()]],
    [
      'the advertisement selects no node',
      [
        pool('{addresses: [10.0.0.200/32]}'),
        object('L2Advertisement', '{nodeSelectors: [{matchLabels: {side: east}}]}'),
        ...pods('n1'),
        service(),
      ],
    ],
    [
      'the winner has no interface of that name',
      [
        pool('{addresses: [10.0.0.200/32]}'),
        object('L2Advertisement', '{interfaces: [eth9]}'),
        ...pods('n1'),
        service(),
      ],
    ],
  ])('nobody answers where %s', (_, documents) => {
    expect(answering(...documents)).toEqual([]);
  });

  it.each([
    ['no endpoint', [...L2, service()], 'no endpoint of it can serve on a node that may announce it'],
    [
      'no advertisement',
      [pool('{addresses: [10.0.0.200/32]}'), ...pods('n1'), service()],
      'no advertisement is of the address pool pool',
    ],
    [
      'no peer',
      [pool('{addresses: [10.0.0.200/32]}'), object('BGPAdvertisement', '{}'), ...pods('n1'), service()],
      'no BGPPeer names a router that would learn it',
    ],
  ])('where %s is the reason, the answer says so', (_, documents, why) => {
    const notes = load(...documents).notes.filter(({ code }) => code === 'LOADBALANCER_NOT_ANNOUNCED');
    expect(notes).toEqual([
      {
        code: 'LOADBALANCER_NOT_ANNOUNCED',
        message: `MetalLB does not announce 10.0.0.200 of Service default/web: ${why}`,
        about: 'Service default/web',
      },
    ]);
    const announced = load(...L2, ...pods('n1'), service()).notes.map(({ code }) => code);
    expect(announced).not.toContain('LOADBALANCER_NOT_ANNOUNCED');
  });

  it('an advertisement chooses pools by name or label, and nodes by label', () => {
    const named = object('L2Advertisement', '{ipAddressPools: [pool], nodeSelectors: [{matchLabels: {side: west}}]}');
    const selected = object(
      'L2Advertisement',
      '{ipAddressPoolSelectors: [{matchLabels: {zone: pool}}], nodeSelectors: [{matchLabels: {side: west}}]}',
    );
    for (const one of [named, selected])
      expect(answering(pool('{addresses: [10.0.0.200/32]}'), one, ...pods('n1'), service())).toEqual(['10.0.0.200 n2']);
  });

  it('is part of the node that won, and of no other', () => {
    const { cluster } = load(...L2, ...pods('n2'), service('externalTrafficPolicy: Local'));
    const of = (name: string) =>
      cluster.settings.nodes.filter((node) => node.name === name).map((node) => layer2Parts(cluster, node));
    expect(of('n2')).toEqual([{ arpResponders: [{ device: 'eth0', ip: parseIp('10.0.0.200') }] }]);
    expect(of('n1')).toEqual([{}]);
  });
});

describe('BGP', () => {
  const PEER = object('BGPPeer', '{myASN: 64512, peerASN: 64513, peerAddress: 10.0.0.1}', 'tor');
  const POOL = pool('{addresses: [203.0.113.0/28]}');

  it('every node announces the address: equal routes', () => {
    expect(learned(POOL, PEER, object('BGPAdvertisement', '{}'), ...pods('n1'), service())).toEqual([
      '203.0.113.0/32 via 10.0.0.11 10.0.0.12 10.0.0.13',
    ]);
  });

  it('with policy Local only nodes with a Pod do', () => {
    const local = service('externalTrafficPolicy: Local');
    expect(learned(POOL, PEER, object('BGPAdvertisement', '{}'), ...pods('n1', 'n3'), local)).toEqual([
      '203.0.113.0/32 via 10.0.0.11 10.0.0.13',
    ]);
  });

  it('addresses of one aggregate are one route, over all who announce any of them', () => {
    expect(
      learned(
        POOL,
        PEER,
        object('BGPAdvertisement', '{aggregationLength: 28}'),
        ...pods('n1', 'n2'),
        service('externalTrafficPolicy: Local'),
        service('externalTrafficPolicy: Local', 'web2'),
      ),
    ).toEqual(['203.0.113.0/28 via 10.0.0.11 10.0.0.12']);
  });

  it.each([
    ['peers by name', PEER, object('BGPAdvertisement', '{peers: [other]}')],
    ['nodes by label', PEER, object('BGPAdvertisement', '{nodeSelectors: [{matchLabels: {side: east}}]}')],
    ['the pool by name', PEER, object('BGPAdvertisement', '{ipAddressPools: [other]}')],
    [
      'no router at all',
      object('BGPPeer', '{myASN: 1, peerASN: 1, peerAddress: 10.0.0.2}'),
      object('BGPAdvertisement', '{}'),
    ],
  ])('an advertisement that leaves out %s brings no route', (_, peer, advertisement) => {
    expect(learned(POOL, peer, advertisement, ...pods('n1'), service())).toEqual([]);
  });

  it('a router of another AS in another network needs ebgpMultiHop', () => {
    const far = (multi: boolean) =>
      load(
        POOL,
        object('BGPPeer', `{myASN: 1, peerASN: 2, peerAddress: 10.9.0.1, ebgpMultiHop: ${multi}}`),
        object('BGPAdvertisement', '{}'),
        ...pods('n1'),
        service(),
      ).cluster;
    const router = parseIp('10.9.0.1');
    invariant(router !== undefined, 'an address');
    expect(metalLbRoutes(far(false), router)).toEqual([]);
    expect(metalLbRoutes(far(true), router)).toHaveLength(1);
  });

  it('in the short form of the Cluster document every node peers with its gateway', () => {
    const text = BASE.replace(
      '  cni:',
      '  loadBalancer: {provider: metallb, mode: bgp, addresses: [203.0.113.0/28]}\n  cni:',
    );
    const loaded = loadTopology([{ file: 'lab.yaml', text: [text, ...pods('n1'), service()].join('---\n') }]);
    invariant(loaded.ok, 'loads');
    const router = parseIp('10.0.0.1');
    invariant(router !== undefined, 'an address');
    expect(metalLbRoutes(loaded.value.cluster, router)).toHaveLength(1);
  });
});

describe('addresses', () => {
  const nameAndAddresses = ({ name, loadBalancerIps }: Service): string =>
    `${name} ${loadBalancerIps.map(({ ip }) => printIp(ip)).join(' ') || '<pending>'}`;
  const given = (...documents: readonly string[]): readonly string[] =>
    load(...documents).cluster.services.map(nameAndAddresses);

  it.each([
    ['in order', [...L2, service('', 'a'), service('', 'b')], ['a 10.0.0.200', 'b 10.0.0.201']],
    ['as they are asked for', [...L2, service('loadBalancerIP: 10.0.0.205', 'a')], ['a 10.0.0.205']],
    ['only of a pool', [...L2, service('loadBalancerIP: 10.9.9.9', 'a')], ['a <pending>']],
    [
      'once',
      [...L2, service('loadBalancerIP: 10.0.0.205', 'a'), service('loadBalancerIP: 10.0.0.205', 'b')],
      ['a 10.0.0.205', 'b <pending>'],
    ],
    [
      'of the pool that is asked for',
      [
        ...L2,
        pool('{addresses: [10.9.0.0/24], autoAssign: false}', 'other'),
        service('', 'a', '{metallb.io/address-pool: other}'),
      ],
      ['a 10.9.0.0'],
    ],
    ['not of a pool that is not there', [...L2, service('', 'a', '{metallb.io/address-pool: nope}')], ['a <pending>']],
    [
      'not by themselves of a pool without autoAssign',
      [pool('{addresses: [10.9.0.0/24], autoAssign: false}'), service('', 'a')],
      ['a <pending>'],
    ],
    [
      'without .0 and .255',
      [pool('{addresses: [10.9.0.255-10.9.1.5], avoidBuggyIPs: true}'), service('', 'a')],
      ['a 10.9.1.1'],
    ],
    [
      'first of a pool for the Service, by priority',
      [
        pool('{addresses: [10.9.1.0/24]}', 'a'),
        pool('{addresses: [10.9.2.0/24], serviceAllocation: {priority: 50, namespaces: [default]}}', 'b'),
        pool('{addresses: [10.9.3.0/24], serviceAllocation: {priority: 10, namespaces: [default]}}', 'c'),
        pool('{addresses: [10.9.4.0/24], serviceAllocation: {priority: 1, namespaces: [elsewhere]}}', 'd'),
        service('', 'a'),
      ],
      ['a 10.9.3.0'],
    ],
    [
      'shared by a key, while ports differ',
      [
        ...L2,
        service('loadBalancerIP: 10.0.0.205', 'a', '{metallb.io/allow-shared-ip: k}'),
        `apiVersion: v1
kind: Service
metadata: {name: b, annotations: {metallb.io/allow-shared-ip: k}}
spec: {type: LoadBalancer, loadBalancerIP: 10.0.0.205, selector: {app: web}, ports: [{port: 81}]}
`,
        service('loadBalancerIP: 10.0.0.205', 'c', '{metallb.io/allow-shared-ip: k}'),
      ],
      ['a 10.0.0.205', 'b 10.0.0.205', 'c <pending>'],
    ],
  ])('are given out %s', (_, documents, expected) => {
    expect(given(...documents)).toEqual(expected);
  });

  it.each([
    ['RequireDualStack', ['10.0.0.200', '2001:db8::1'], 'web 10.0.0.200 2001:db8::1'],
    ['PreferDualStack', ['10.0.0.200'], 'web 10.0.0.200'],
    ['RequireDualStack', ['10.0.0.200'], 'web <pending>'],
  ])('are given out in both families: %s of a pool of %s', (policy, ranges, expected) => {
    const text = BASE.replace(
      '  cni:',
      '  podCIDRs: [10.244.0.0/16, "fd00:10::/56"]\n  serviceCIDRs: [10.96.0.0/12, "fd00:96::/112"]\n  cni:',
    );
    const documents = [
      text,
      pool(`{addresses: [${ranges.map((range) => `"${range}-${range}"`).join(', ')}]}`),
      service(`ipFamilyPolicy: ${policy}`),
    ];
    const loaded = loadTopology([{ file: 'lab.yaml', text: documents.join('---\n') }]);
    invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ message }) => message).join('\n'));
    expect(loaded.value.cluster.services.map(nameAndAddresses)).toEqual([expected]);
  });

  it('a mistyped field is an error with its place', () => {
    const loaded = loadTopology([{ file: 'lab.yaml', text: [BASE, pool('{adresses: [10.0.0.0/8]}')].join('---\n') }]);
    invariant(!loaded.ok, 'is refused');
    expect(loaded.issues.map(({ code, at, hint }) => `${code} ${at?.line} ${hint ?? ''}`)).toContain(
      'unknown-field 18 did you mean addresses?',
    );
  });
});
