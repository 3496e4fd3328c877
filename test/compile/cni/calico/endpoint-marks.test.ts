/** Against iptables -L of a node of a real cluster: Felix 3.x before 3.30 beside kube-proxy in IPVS mode. */
import { describe, expect, test } from 'vitest';
import { endpointMarkChains, endpointMarks } from '../../../../src/compile/cni/calico/endpoint-marks.ts';
import { action, renderChain } from '../../../../src/compile/cni/calico/felix-rule.ts';
import type { Static } from '../../../../src/compile/cni/calico/static.ts';
import { calicoVersion } from '../../../../src/compile/cni/calico/version.ts';
import type { OriginId } from '../../../../src/kernel/origin.ts';
import { ask, loadText, outcome, run } from '../../../seeds/support.ts';

const WORKLOADS = ['cali9819c942018', 'cali27d5a8fe8ae', 'cali2aef8851418', 'cali7aefa6d70b6', 'calia839c1cc9c9'];
const { marks } = calicoVersion('3.26');
const own = endpointMarks(marks.scratch1, WORKLOADS, []);
const origin = (): OriginId => 0 as OriginId;

/** The hashes of each chain's rules; each is over all rules before it. */
const CHAINS: Readonly<Record<string, readonly string[]>> = {
  'cali-forward-check': ['Pbldlb4FaULvpdD8', 'ZD-6UxuUtGW-xtzg', 'CbPfUajQ2bFVnDq4', 'jmhU0ODogX-Zfe5g'],
  'cali-forward-endpoint-mark': [
    'O0SmFDrnm7KggWqW',
    'aFl0WFKRxDqj8oA6',
    'AZKVrO3i_8cLai5f',
    '96HaP1sFtb-NYoYA',
    'VxO6hyNWz62YEtul',
  ],
  'cali-from-endpoint-mark': [
    'yrNYN7JSyKTMrK2e',
    'Mof1pl96ntHWNQs1',
    'P5K9PLTqVKy5i_1_',
    'fQ0ik3KiJzTh9I70',
    'gitZnAAukiLAmCUI',
    'tej56hiPcjcRGpe6',
  ],
  'cali-set-endpoint-mark': [
    'tz9NBFniulUgGBjW',
    'IIdcC1Nc8DMJPOmV',
    'HhHRDuuRHawybzO0',
    's0llq7oHvWXgtWHF',
    'WvxmRu87ZdkMFZfN',
    '5mtFm2IJrCxBoUiE',
  ],
  'cali-set-endpoint-mark-2': ['1Ezy3UuQellelUY6', 'JdjymFzDaTn6R8OT'],
  'cali-sm-cali27d5a8fe8ae': ['5YcUdcJi9FRaL31s'],
  'cali-sm-cali2aef8851418': ['wNB3cxkn8Zy4hVaZ'],
  'cali-sm-cali7aefa6d70b6': ['iCSqkzn6SmXohZ0r'],
  'cali-sm-cali9819c942018': ['7ewcJAgujCj_O-At'],
  'cali-sm-calia839c1cc9c9': ['gDdTkl18TQmHodkw'],
};

describe('the bits and chains of a real cluster', () => {
  test('every interface has the mark that Felix gave it', () => {
    expect({ ...own, workloads: Object.fromEntries(own.workloads), hosts: [...own.hosts] }).toEqual({
      mask: 0xfff00000,
      nonCalico: 0x100000,
      workloads: {
        cali27d5a8fe8ae: 0xd8e00000,
        cali2aef8851418: 0xef300000,
        cali7aefa6d70b6: 0x78900000,
        cali9819c942018: 0x7ea00000,
        calia839c1cc9c9: 0xcaa00000,
      },
      hosts: [],
    });
  });

  test('every rule has the hash that Felix gave it', () => {
    const input = {
      family: 4,
      marks,
      deny: { word: 'Drop', action: action.drop },
      endpointMarks: own,
      origins: { plumbing: origin, unknownWorkload: origin },
    } as unknown as Static;
    const found = endpointMarkChains(input).map((chain) => [
      chain.name,
      renderChain(chain).map(({ args }) => args.find((word) => word.startsWith('cali:'))?.slice('cali:'.length)),
    ]);
    expect(Object.fromEntries(found)).toEqual(CHAINS);
  });

  test('a name whose place is taken gets the next one, and names without a place get no mark', () => {
    const many = endpointMarks(0x20000000, ['a', 'b', 'c', 'd'], ['eth0']);
    expect([many.mask, [...many.workloads.values(), ...many.hosts.values()].sort()]).toEqual([
      0xc0000000,
      [0x80000000, 0xc0000000],
    ]);
  });
});

const CLUSTER = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  podCIDRs: [10.244.0.0/16]
  serviceCIDRs: [10.96.0.0/12]
  proxy: {mode: ipvs}
  cni: {plugin: calico}
  nodes:
    - {name: n1, address: 10.0.0.1/24, gateway: 10.0.0.9, podCIDR: 10.244.0.0/24}
    - {name: n2, address: 10.0.0.2/24, gateway: 10.0.0.9, podCIDR: 10.244.1.0/24}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: laptop}
spec: {interfaces: [{name: eth0, segment: lan, addresses: [10.0.0.9/24]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, clusterIP: 10.96.0.20, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: in}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {matchLabels: {app: good}}}], ports: [{port: 8080}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out}
spec: {podSelector: {matchLabels: {app: quiet}}, policyTypes: [Egress], egress: []}
${[
  ['web', 'web', 'n1', '10.244.0.5'],
  ['good', 'good', 'n1', '10.244.0.6'],
  ['bad', 'bad', 'n1', '10.244.0.7'],
  ['far', 'good', 'n2', '10.244.1.6'],
  ['badfar', 'bad', 'n2', '10.244.1.7'],
  ['quiet', 'quiet', 'n2', '10.244.1.8'],
]
  .map(
    ([name, app, node, ip]) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${app}}}
spec: {nodeName: ${node}, containers: [{name: c, image: c, ports: [{containerPort: 8080}]}]}
status: {podIP: ${ip}}
`,
  )
  .join('')}`;

describe('policies see traffic of Services, which passes no FORWARD', () => {
  const loaded = loadText(CLUSTER);
  test.each([
    ['good', 'web:80', 'delivered connected'],
    ['bad', 'web:80', 'dropped timeout POLICY_INGRESS_NO_MATCH'],
    ['far', 'web:80', 'delivered connected'],
    ['badfar', 'web:80', 'dropped timeout POLICY_INGRESS_NO_MATCH'],
    ['quiet', 'web:80', 'dropped timeout POLICY_EGRESS_NO_MATCH'],
    ['good', '10.0.0.1:30080', 'delivered connected'],
    ['bad', '10.0.0.1:30080', 'dropped timeout POLICY_INGRESS_NO_MATCH'],
    ['host/laptop', '10.0.0.1:30080', 'dropped timeout POLICY_INGRESS_NO_MATCH'],
    // A node reaches its own Pods whatever policies say.
    ['node/n1', '10.96.0.20:80', 'delivered connected'],
    ['node/n2', '10.96.0.20:80', 'dropped timeout POLICY_INGRESS_NO_MATCH'],
  ])('%s to %s', (source, destination, expected) => {
    expect(outcome(ask(loaded, source, destination))).toBe(expected);
  });
});

describe("the set of the node's own addresses", () => {
  const topology = (cni: string, docker: string): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  podCIDRs: [10.244.0.0/16]
  proxy: {mode: ipvs}
  cni: ${cni}
  nodes: [{name: n1, address: 192.168.26.81/24, interface: eth0${docker}}]
`;

  test.each([
    ['beside Docker', '{plugin: calico}', ', docker: {bridge: docker0}', ['127.0.0.1', '172.17.0.1', '192.168.26.81']],
    ['without it', '{plugin: calico}', '', ['127.0.0.1', '192.168.26.81']],
    ["with flannel's device", '{plugin: canal}', '', ['127.0.0.1', '192.168.26.81', '10.244.0.0']],
  ])('%s', async (_, cni, docker, expected) => {
    const { stdout } = await run(['show', 'ipsets', 'n1', '-f', 'c.yaml'], { 'c.yaml': topology(cni, docker) });
    const members = stdout.split('\n').flatMap((line) => /^add cali40this-host (\S+)$/.exec(line)?.[1] ?? []);
    expect([...members].sort()).toEqual([...expected].sort());
  });
});
