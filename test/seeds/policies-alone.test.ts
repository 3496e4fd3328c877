/** S60-S71 by the policies alone: `policy`, `connectivity`, `matrix` and `test` say the same, and what the notes say. */
import { describe, expect, it } from 'vitest';
import { parseIp } from '../../src/net/address.ts';
import { answerPolicy } from '../../src/query/policy/answer-policy.ts';
import { answerConnectivity } from '../../src/query/policy/connectivity-answer.ts';
import { byConnectivity, byMatrix, byPolicy, byTest, connectivityOf, type Row } from './by-policies.ts';
import { load, loadText, run } from './support.ts';

const NS = 'liruilong-network-create';
const OUTSIDE = '192.168.26.1';
const OWN = `${NS}/testpod1`;
const OTHER = 'default/testpod1';
const DNS = 'kube-system/coredns-7f6cbbb7b8-ncd2s';

const tcp = (source: string, destination: string, port: number, verdict: 'allow' | 'deny'): Row => [
  ...([source, destination, port, 'tcp', verdict] as const),
];

const INTO = (verdict: 'allow' | 'deny'): Row => tcp(OTHER, `${NS}/pod1`, 80, verdict);
const OUT = (verdict: 'allow' | 'deny'): Row => tcp(`${NS}/pod1`, OTHER, 80, verdict);

const SEEDS: readonly (readonly [seed: string, files: readonly string[], rows: readonly Row[]])[] = [
  ['S60 none', [], [tcp(OWN, `${NS}/pod1`, 80, 'allow'), INTO('allow'), tcp(OUTSIDE, `${NS}/pod1`, 80, 'allow')]],
  [
    'S61 from 172.17.0.0/16',
    ['s61'],
    [
      tcp(OUTSIDE, `${NS}/pod1`, 80, 'deny'),
      tcp('172.17.3.4', `${NS}/pod1`, 80, 'allow'),
      tcp('172.17.3.4', `${NS}/pod1`, 81, 'deny'),
    ],
  ],
  [
    'S62 from 192.168.26.0/24',
    ['s62'],
    [tcp(OUTSIDE, `${NS}/pod1`, 80, 'allow'), tcp('192.168.27.1', `${NS}/pod1`, 80, 'deny')],
  ],
  [
    'S63 from the namespace default',
    ['s63'],
    [tcp(OUTSIDE, `${NS}/pod1`, 80, 'deny'), tcp(OWN, `${NS}/pod1`, 80, 'deny'), INTO('allow')],
  ],
  ['S64 from Pods of the own namespace', ['s64'], [INTO('deny'), tcp(OWN, `${NS}/pod1`, 80, 'allow')]],
  [
    'S65 from Pods of all namespaces',
    ['s65'],
    [INTO('allow'), tcp(OWN, `${NS}/pod1`, 80, 'allow'), tcp(OUTSIDE, `${NS}/pod1`, 80, 'deny')],
  ],
  [
    'S66 to pod2, and not to DNS',
    ['s66'],
    [tcp(`${NS}/pod1`, `${NS}/pod2`, 80, 'allow'), [`${NS}/pod1`, DNS, 53, 'udp', 'deny']],
  ],
  [
    'S67 to pod2 and to DNS',
    ['s67'],
    [
      tcp(`${NS}/pod1`, `${NS}/pod2`, 80, 'allow'),
      [`${NS}/pod1`, DNS, 53, 'udp', 'allow'],
      tcp(`${NS}/pod1`, OTHER, 80, 'deny'),
    ],
  ],
  ['S68 default-deny-ingress', ['s68-default-deny-ingress'], [INTO('deny'), OUT('allow')]],
  ['S68 allow-all-ingress', ['s68-default-deny-ingress', 's68-allow-all-ingress'], [INTO('allow'), OUT('allow')]],
  ['S68 default-deny-egress', ['s68-default-deny-egress'], [INTO('allow'), OUT('deny')]],
  ['S68 allow-all-egress', ['s68-default-deny-egress', 's68-allow-all-egress'], [INTO('allow'), OUT('allow')]],
  ['S68 default-deny-all', ['s68-default-deny-all'], [INTO('deny'), OUT('deny')]],
  [
    'S69 three peers, two directions',
    ['s69'],
    [
      tcp('default/frontend', 'default/db', 6379, 'allow'),
      tcp('myproject/member', 'default/db', 6379, 'allow'),
      tcp('default/other', 'default/db', 6379, 'deny'),
      tcp('default/frontend', 'default/db', 6380, 'deny'),
      tcp('172.17.2.7', 'default/db', 6379, 'allow'),
      tcp('172.17.1.7', 'default/db', 6379, 'deny'),
      tcp('default/db', '10.0.0.7', 5978, 'allow'),
      tcp('default/db', '10.0.0.7', 5979, 'deny'),
      tcp('default/db', '10.0.1.7', 5978, 'deny'),
    ],
  ],
  [
    'S70 policies add up',
    ['s70'],
    [
      tcp(OWN, `${NS}/pod1`, 80, 'allow'),
      INTO('allow'),
      tcp(OUTSIDE, `${NS}/pod1`, 80, 'deny'),
      tcp(OUTSIDE, `${NS}/pod2`, 80, 'allow'),
    ],
  ],
];

describe.each(SEEDS)('%s', (_, files, rows) => {
  const loaded = load('calico-ipip', ...files.map((file) => `policies/${file}.yaml`));

  it('by policy', () => {
    expect(rows.map((row) => byPolicy(loaded, row))).toEqual(rows.map(([, , , , verdict]) => verdict));
  });

  it('by connectivity', () => {
    const allowed = connectivityOf(loaded);
    expect(rows.map((row) => byConnectivity(allowed, row))).toEqual(rows.map(([, , , , verdict]) => verdict));
  });

  it('by matrix, between Pods', () => {
    const between = rows.filter(([source, destination]) => source.includes('/') && destination.includes('/'));
    expect(between.map((row) => byMatrix(loaded, row))).toEqual(between.map(([, , , , verdict]) => verdict));
  });

  it('by test, between Pods', () => {
    const between = rows.filter(([source, destination]) => source.includes('/') && destination.includes('/'));
    expect(between.map((row) => byTest(loaded, row))).toEqual(between.map(([, , , , verdict]) => verdict));
  });
});

describe('S65', () => {
  it.each(['policy', 'connectivity'] as const)(
    '%s refuses the malformed variant with file, line and column',
    async (command) => {
      const file = 'topologies/calico-ipip/policies/s65-malformed.yaml';
      const ends = command === 'policy' ? [OWN, `${NS}/pod1:80`] : [];
      const ran = await run([command, ...ends, '-f', 'topologies/calico-ipip', '-f', file]);
      expect(ran).toMatchObject({ code: 65, stdout: '' });
      expect(ran.stderr).toContain(`${file}:14:15: error: `);
    },
  );
});

it('S60-S70 as the suite that comes with the topology, also from the machine outside', async () => {
  const { code, stdout } = await run(['test', 'topologies/calico-ipip', '-r', 'json']);
  expect(code).toBe(0);
  for (let seed = 60; seed <= 70; seed++) expect(stdout).toContain(`"name": "S${seed} `);
});

describe('S71', () => {
  const LAB = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  cni: {plugin: flannel}
  nodes: [{name: n1, address: 192.168.1.11/24}]
---
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {app: b}}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;
  const loaded = loadText(LAB);

  it('with flannel alone the policy changes nothing, and policy and connectivity say so', () => {
    const row = tcp('default/a', 'default/b', 80, 'allow');
    const answers = [byPolicy(loaded, row), byConnectivity(connectivityOf(loaded), row), byMatrix(loaded, row)];
    expect([...answers, byTest(loaded, row)]).toEqual(['allow', 'allow', 'allow', 'allow']);
    const answer = answerPolicy(loaded, { source: 'a', destination: 'b:80' });
    expect(answer).toMatchObject({ value: { notes: [{ code: 'POLICY_NOT_ENFORCED' }] } });
    const { notes } = answerConnectivity(loaded.cluster, { explain: false, exposure: false, focus: [] });
    expect(notes.map(({ code }) => code)).toEqual(['POLICY_NOT_ENFORCED']);
  });
});

describe('two families', () => {
  const LAB = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  podCIDRs: [10.244.0.0/16, "fd00:10:244::/56"]
  serviceCIDRs: [10.96.0.0/12, "fd00:10:96::/112"]
  cni: {plugin: calico, calico: {encapsulation: none}}
  nodes:
    - {name: n1, addresses: [192.168.1.11/24, "fd00:1::11/64"]}
    - {name: n2, addresses: [192.168.1.12/24, "fd00:1::12/64"]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: six}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: "2001:db8::/32"}}], ports: [{port: 80}]}]}
`;

  it('are told apart by the ranges of policies', () => {
    const loaded = loadText(LAB);
    const rows: readonly Row[] = [
      tcp('2001:db8::7', 'default/web', 80, 'allow'),
      tcp('2001:db9::7', 'default/web', 80, 'deny'),
      tcp('192.0.2.7', 'default/web', 80, 'deny'),
      tcp('default/web', '2001:db9::7', 80, 'allow'),
    ];
    const written = rows.map(([source, destination, ...rest]): Row => [source, bracketed(destination), ...rest]);
    expect(written.map((row) => byPolicy(loaded, row))).toEqual(rows.map(([, , , , verdict]) => verdict));
    const allowed = connectivityOf(loaded);
    expect(rows.map((row) => byConnectivity(allowed, row))).toEqual(rows.map(([, , , , verdict]) => verdict));
  });
});

function bracketed(end: string): string {
  return parseIp(end) !== undefined && end.includes(':') ? `[${end}]` : end;
}
