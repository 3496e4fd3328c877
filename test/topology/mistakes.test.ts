/** Mistakes in nettrace's own documents: each with its line and column, what was expected, and the nearest valid name. */
import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../src/topology/load.ts';
import { errorsIn } from './load-text.ts';

const cluster = (spec: string) => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
${spec}`;

const host = (name: string, spec: string) => `---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: ${name}}
spec:
${spec}
`;

const container = (name: string, spec: string) => `---
apiVersion: nettrace/v1alpha1
kind: Container
metadata: {name: ${name}}
spec: ${spec}
`;

const fault = (spec: string) => `---
apiVersion: nettrace/v1alpha1
kind: Fault
metadata: {name: broken}
spec:
${spec}
`;

const nodes = cluster(`  nodes:
    - {name: n1, address: 10.1.0.1/24, gateway: 10.1.0.254}
    - {name: n2, address: 10.1.0.2/24}
`);

type Row = readonly [name: string, text: string, errors: readonly string[]];

const ROWS: readonly Row[] = [
  [
    'an unknown kind',
    'apiVersion: nettrace/v1alpha1\nkind: Hots\nmetadata: {name: a}\n',
    ['2:7 unknown-kind: unknown kind "Hots" of nettrace/v1alpha1 (did you mean Host?)'],
  ],
  [
    'another version',
    'apiVersion: nettrace/v2\nkind: Host\nmetadata: {name: a}\n',
    ['1:13 unknown-api-version: Host a: apiVersion: expected nettrace/v1alpha1'],
  ],
  [
    'an unknown field',
    cluster('  podCIDR: [10.244.0.0/16]\n'),
    [
      expect.stringMatching(
        /^5:3 unknown-field: Cluster lab: unknown field podCIDR in spec \(did you mean podCIDRs\?\)$/,
      ),
    ],
  ],
  [
    'an unknown field of a node',
    cluster('  nodes: [{name: n1, adress: 10.1.0.1/24}]\n'),
    [expect.stringMatching(/^5:22 unknown-field: .* \(did you mean address\?\)$/)],
  ],
  [
    'a word that is none of the valid ones',
    cluster('  proxy: {mode: ipvz}\n'),
    [
      '5:17 wrong-value: Cluster lab: spec.proxy.mode: expected one of iptables, ipvs, nftables, none, got "ipvz" (did you mean ipvs?)',
    ],
  ],
  ['a version as a bare number is taken', cluster('  kubernetesVersion: 1.34\n'), []],
  ['two Cluster documents', `${nodes}---\n${nodes}`, [expect.stringMatching(/^9:1 duplicate-object: /)]],
  [
    'two hosts of a name',
    host('a', '  interfaces: []') + host('a', '  interfaces: []'),
    ['10:18 duplicate-object: the name a is taken: lab.yaml:4 has it already'],
  ],
  ['a name with a slash', host('a/b', '  interfaces: []'), [expect.stringMatching(/^4:18 wrong-value: /)]],
  [
    'an address that two machines on a segment have',
    nodes + host('pc', '  interfaces: [{name: eth0, segment: lan, addresses: [10.1.0.2/24]}]'),
    ["13:55 duplicate-address: 10.1.0.2 is used twice on segment lan: by node n2 (lab.yaml:7) and by pc's eth0"],
  ],
  [
    'the same address on another segment is no mistake',
    nodes + host('pc', '  interfaces: [{name: eth0, segment: other, addresses: [10.1.0.2/24]}]'),
    [],
  ],
  [
    'a Service network over the nodes (S39)',
    `${cluster('  serviceCIDRs: [10.1.0.0/16]\n  nodes: [{name: n1, address: 10.1.0.1/24}]\n')}`,
    [
      expect.stringMatching(
        /^5:18 range-overlap: the Service network 10\.1\.0\.0\/16 overlaps the network 10\.1\.0\.0\/24 of node n1/,
      ),
    ],
  ],
  [
    'a Service network in the Pod network',
    cluster('  podCIDRs: [10.244.0.0/16]\n  serviceCIDRs: [10.244.8.0/24]\n'),
    [expect.stringMatching(/^6:18 range-overlap: /)],
  ],
  [
    'two Pod networks that overlap',
    cluster('  podCIDRs: [10.244.0.0/16, 10.244.8.0/24]\n'),
    [
      expect.stringMatching(
        /^5:29 overlapping-networks: the Pod network 10\.244\.8\.0\/24 overlaps the Pod network 10\.244\.0\.0\/16/,
      ),
    ],
  ],
  [
    "two nodes' shares that overlap",
    cluster(
      '  nodes:\n    - {name: n1, address: 10.1.0.1/24, podCIDR: 10.244.1.0/24}\n    - {name: n2, address: 10.1.0.2/24, podCIDR: 10.244.1.128/25}\n',
    ),
    ['7:49 overlapping-networks: podCIDR of node n2 10.244.1.128/25 overlaps podCIDR of node n1 10.244.1.0/24'],
  ],
  [
    'a Pod network over the nodes, from which shares are still to be given',
    cluster('  podCIDRs: [10.1.0.0/16]\n  nodes: [{name: n1, address: 10.1.0.1/24}]\n'),
    [
      expect.stringMatching(
        /^5:14 overlapping-networks: the Pod network 10\.1\.0\.0\/16 overlaps the network of node n1/,
      ),
    ],
  ],
  [
    "a node's gateway outside its network",
    cluster('  nodes: [{name: n1, address: 10.1.0.1/24, gateway: 10.2.0.254}]\n'),
    ['5:53 gateway-not-on-link: gateway 10.2.0.254 of node n1 is not on its network 10.1.0.0/24'],
  ],
  [
    "a host's gateway outside its network",
    host(
      'pc',
      '  interfaces: [{name: eth0, segment: lan, addresses: [10.1.0.2/24]}]\n  routes: ["default via 10.2.0.1 dev eth0"]',
    ),
    [
      '7:13 gateway-not-on-link: gateway 10.2.0.1 is not on the network of eth0 (10.1.0.2/24) (add `onlink` if it is there all the same)',
    ],
  ],
  [
    'a gateway that a link route leads to is no mistake',
    host(
      'pc',
      '  interfaces: [{name: eth0, segment: lan, addresses: [10.1.0.2/32]}]\n  routes: ["169.254.1.1 dev eth0 scope link", "default via 169.254.1.1 dev eth0"]',
    ),
    [],
  ],
  [
    'a route to an unknown interface',
    host('pc', '  interfaces: [{name: eth0, segment: lan}]\n  routes: ["10.0.0.0/8 dev eth1"]'),
    ['7:13 unknown-interface: the machine has no interface eth1 (did you mean eth0?)'],
  ],
  [
    'a wrong route in a list',
    host('pc', '  interfaces: []\n  routes:\n    - "10.0.0.0/8 dev lo"\n    - 10.0.0.0/8 via 10.0.0.300 dev lo'),
    [`9:22 bad-route: "10.0.0.300" is not a gateway's address`],
  ],
  [
    'a wrong route in a block',
    host('pc', '  interfaces: []\n  routes: |\n    10.0.0.0/8 dev lo\n\n    10.0.0.0/8 dev lo metirc 3'),
    ['10:23 bad-route: unknown word "metirc" in a route (did you mean metric?)'],
  ],
  [
    'a wrong rule',
    host('pc', '  interfaces: []\n  rules: ["from all lookup mian"]'),
    ['7:28 bad-rule: "mian" is not a table (did you mean main?)'],
  ],
  [
    'a wrong iptables rule, on its line of the file',
    host('pc', '  interfaces: []\n  iptables: |\n    *filter\n    -A INPUT -p tcp --dprot 80 -j ACCEPT\n    COMMIT'),
    [expect.stringMatching(/^9:\d+ iptables.*--dprot/)],
  ],
  [
    'a wrong ipset entry',
    host('pc', '  interfaces: []\n  ipsets: |\n    create s hash:ip\n    add s 10.0.0.300'),
    [expect.stringMatching(/^9:11 ipset-syntax: /)],
  ],
  [
    'an interface name of 16 bytes',
    host('pc', '  interfaces: [{name: cali0b7f49da20ab, segment: lan}]'),
    [expect.stringMatching(/^6:23 wrong-value: .*the name is longer than 15 bytes/)],
  ],
  [
    'an interface name with a slash',
    host('pc', '  interfaces: [{name: a/b, segment: lan}]'),
    [expect.stringMatching(/^6:23 wrong-value: /)],
  ],
  [
    'an interface named like the settings for all interfaces',
    host('pc', '  interfaces: [{name: all, segment: lan}]'),
    [
      expect.stringMatching(
        /^6:23 wrong-value: .*the name is refused by the kernel: net\.ipv4\.conf\.all holds settings/,
      ),
    ],
  ],
  [
    'an interface named like the settings for interfaces to come',
    host('pc', '  interfaces: [{name: default, segment: lan}]'),
    [expect.stringMatching(/^6:23 wrong-value: .*the name is refused by the kernel: net\.ipv4\.conf\.default holds/)],
  ],
  [
    'an interface name that the kernel would fill in',
    host('pc', '  interfaces: [{name: a%d, segment: lan}]'),
    [expect.stringMatching(/^6:23 wrong-value: .*the name contains %, which the kernel takes for a pattern/)],
  ],
  [
    'an interface without a segment',
    host('pc', '  interfaces: [{name: eth0}]'),
    [expect.stringMatching(/^6:16 missing-field: .*segment/)],
  ],
  [
    'two interfaces of a name',
    host('pc', '  interfaces: [{name: eth0, segment: a}, {name: eth0, segment: b}]'),
    ['6:49 duplicate-interface: pc has two interfaces named eth0'],
  ],
  [
    'a bridge with an unknown port',
    host('pc', '  interfaces: [{name: br0, kind: bridge, ports: [eht0]}, {name: eth0, segment: a}]'),
    ['6:49 unknown-interface: pc has no interface eht0 (did you mean eth0?)'],
  ],
  [
    'a peer that does not exist',
    host('a', '  interfaces: [{name: v0, kind: veth, peer: b/v1}]') +
      host('b', '  interfaces: [{name: v0, kind: veth, peer: a/v0}]'),
    ['6:45 unknown-peer: a/v0: there is no veth interface b/v1 (did you mean b/v0?)'],
  ],
  [
    'a pair without a second end',
    host('a', '  interfaces: [{name: v0, kind: veth}]'),
    [expect.stringMatching(/^6:16 missing-peer: /)],
  ],
  [
    'a third end of a pair',
    host(
      'a',
      '  interfaces: [{name: v0, kind: veth, peer: v1}, {name: v1, kind: veth}, {name: v2, kind: veth, peer: v1}]',
    ),
    [expect.stringMatching(/peer-taken: a\/v2: a\/v1 is the peer of a\/v0 already/)],
  ],
  [
    'a container on an unknown host',
    nodes + container('c', '{host: n3}'),
    ['12:14 unknown-host: container c: no node or Host is named n3 (did you mean n1?)'],
  ],
  [
    'a container that shares an unknown one',
    nodes + container('c', '{network: "container:d"}'),
    [expect.stringMatching(/^12:17 unknown-container: [^(]*$/)],
  ],
  [
    'containers that share in a circle',
    nodes + container('c', '{network: "container:d"}') + container('d', '{network: "container:c"}'),
    [expect.stringMatching(/container-network-loop/), expect.stringMatching(/container-network-loop/)],
  ],
  [
    'an unknown network',
    nodes + container('c', '{host: n1, network: brigde}'),
    [expect.stringMatching(/^12:27 unknown-network: .*did you mean bridge\?/)],
  ],
  [
    'a published port without the host port',
    nodes + container('c', '{host: n1, publish: ["80/tcp"]}'),
    [expect.stringMatching(/^12:28 wrong-value: .*say both ports/)],
  ],
  [
    'an address outside the Docker network',
    nodes + container('c', '{host: n1, address: 10.9.9.9}'),
    [expect.stringMatching(/address-outside-subnet/)],
  ],
  [
    'a fault of an unknown machine',
    nodes + fault('  - {node: n9, sysctl: {net.ipv4.ip_forward: "0"}}'),
    ['13:12 unknown-host: Fault broken: nothing is named n9 (did you mean n1?)'],
  ],
  [
    'a fault of an unknown interface',
    nodes + fault('  - {node: n1, interface: eth9, down: true}'),
    [expect.stringMatching(/^13:27 unknown-interface: n1 has no interface eth9 \(did you mean eth0\?\)/)],
  ],
  [
    'a fault of an unknown segment',
    nodes + fault('  - {segment: lna, block: {protocol: ipip}}'),
    ['13:15 unknown-segment: Fault broken: nothing is named lna (did you mean lan?)'],
  ],
  [
    'a fault of an unknown BGP peer',
    nodes + fault('  - {node: n1, bgpPeer: n7, down: true}'),
    [expect.stringMatching(/^13:25 unknown-host: /)],
  ],
  [
    'a route that is not there to delete',
    nodes + fault('  - {node: n1, route: "del 10.9.0.0/16"}'),
    [expect.stringMatching(/^13:24 bad-route: the kernel refuses "del 10\.9\.0\.0\/16": .*no such route/)],
  ],
  [
    'a wrong iptables command',
    nodes + fault('  - {node: n1, iptables: ["-I INPUT 99 -j DROP"]}'),
    [expect.stringMatching(/^13:37 iptables-command: /)],
  ],
  ['a fault that says nothing', nodes + fault('  - {node: n1}'), [expect.stringMatching(/says nothing/)]],
];

describe('one mistake, one message at its place', () => {
  it.each(ROWS)('%s', (_, text, errors) => {
    expect(errorsIn(text)).toEqual(errors);
  });
});

describe('several mistakes at once', () => {
  it('are told of fields and of the texts of other tools, whatever keeps the world from being built', () => {
    const texts = [
      '  interfaces: [{name: eth0, addresses: [10.0.1.1/24]}]',
      '  routes: [defalt via 10.0.1.2, 10.9.0.0/16 via 10.0.1.3]',
      '  rules: ["100: from everywhere lookup main"]',
      '  iptables: |',
      '    *filter',
      '    -A FORWARD -p tcp --dport 80 -j DORP',
      '    COMMIT',
      '  nftables: |',
      '    table ip t { chain c { type filter hook forwrd priority 0; } }',
      '  ipsets: create s hash:ips',
    ].join('\n');
    const boxed = '{host: pc, iptables: "*filer\\nCOMMIT\\n"}';
    expect(errorsIn(host('pc', texts) + container('box', boxed)).map((line) => line.replace(/: .*/, ''))).toEqual([
      '6:16 missing-field',
      '7:12 bad-route',
      '8:22 bad-rule',
      '15:20 ipset-syntax',
      '14:45 nftables-syntax',
      '11:37 iptables-rule',
      '20:29 iptables-table',
    ]);
  });

  it('are not made up: a gateway is not looked for on an interface that could not be read', () => {
    const texts = '  interfaces: [{name: eth0, addresses: [10.0.1.1/24]}]\n  routes: [default via 10.0.1.2]';
    expect(errorsIn(host('pc', texts)).map((line) => line.replace(/: .*/, ''))).toEqual(['6:16 missing-field']);
  });
});

describe('hostile documents', () => {
  it.each([
    ['__proto__ as a name of everything', `${nodes}${host('__proto__', '  interfaces: []')}`],
    ['constructor as a machine', nodes + container('constructor', '{host: constructor, network: toString}')],
    ['keys that objects inherit', host('pc', '  interfaces: []\n  sysctls: {constructor: "1", __proto__: {a: b}}')],
    ['a control character in a route', host('pc', '  interfaces: []\n  routes: ["10.0.0.0/8 dev \\u001b[31m"]')],
    ['lists where mappings belong', 'apiVersion: nettrace/v1alpha1\nkind: Host\nmetadata: [a]\nspec: [1, [2, [3]]]\n'],
    ['nothing where everything belongs', 'apiVersion: nettrace/v1alpha1\nkind: Fault\nmetadata:\nspec:\n'],
    ['numbers beyond every range', cluster('  nodes: [{name: n, address: 10.1.0.1/24, mtu: 1e308, asNumber: -1}]\n')],
  ])('%s: no exception, and nothing unprintable in a message', (_, text) => {
    const result = loadTopology([{ file: 'lab.yaml', text }]);
    const words = (result.ok ? result.value.warnings : result.issues)
      .map(({ message, hint }) => `${message} ${hint ?? ''}`)
      .join('\n');
    expect(words).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(Object.prototype).not.toHaveProperty('a');
  });
});
