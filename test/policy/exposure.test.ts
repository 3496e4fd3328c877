/** What a Pod to come may use: as the policies of both ends say, and as rows would say of a real one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { say } from '../../src/explain/language.ts';
import { Connectivity } from '../../src/policy/classes/connectivity.ts';
import { type Exposure, exposureOf } from '../../src/policy/classes/exposure.ts';
import { printConnections } from '../../src/policy/connection-set.ts';
import { policyWorld } from '../../src/policy/judge.ts';
import { answerConnectivity } from '../../src/query/policy/connectivity-answer.ts';
import { Random } from '../kernel/lab/random.ts';
import { loadText } from '../seeds/support.ts';
import { type Apis, generateCluster, loadDocuments } from './generate.ts';

const NAMESPACE = (name: string, labels: string): string =>
  `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}, labels: ${labels}}}\n---\n`;
const POD = (namespace: string, name: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec: {containers: [{name: c, image: c}]}
---
`;
const POLICY = (namespace: string, name: string, spec: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
---
`;
const ADMIN = (priority: number, spec: string): string => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: admin-${priority}}
spec: {priority: ${priority}, subject: {namespaces: {}}, ${spec}}
---
`;
const BASELINE = (spec: string): string => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec: {subject: {namespaces: {}}, ${spec}}
---
`;

const GLOBAL = (spec: string): string =>
  `{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: g}, spec: ${spec}}\n---\n`;

const LAB = NAMESPACE('a', '{team: a}') + NAMESPACE('b', '{team: b}') + POD('a', 'web');
const TO = (action: string, labels: string): string =>
  `{action: ${action}, to: [{namespaces: {matchLabels: ${labels}}}]}`;
const CLOSED = '{podSelector: {}, policyTypes: [Ingress, Egress]}';
const FROM = (peer: string): string =>
  `{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [${peer}], ports: [{port: 80}]}]}`;
const FROM_X = FROM('{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {x: "y"}}}');

function exposure(text: string, focus: readonly string[] = []): readonly string[] {
  const { exposure } = answerConnectivity(loadText(text).cluster, { explain: false, exposure: true, focus });
  return (exposure?.potential ?? []).map(({ workload, direction, peer, allowed }) => {
    const [from, to] = direction === 'egress' ? [workload, say(peer, 'en')] : [say(peer, 'en'), workload];
    return `${from} -> ${to}: ${allowed}`;
  });
}

const EVERYBODY = 'a/web[Pod] -> entire-cluster: All Connections';

describe('a Pod to come', () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      'is denied what an AdminNetworkPolicy denies its namespace',
      ADMIN(1, `egress: [${TO('Deny', '{team: b}')}]`),
      [EVERYBODY, 'a/web[Pod] -> [namespaces with team=b]/[Pods of any labels]: No Connections'],
    ],
    [
      'is denied what the baseline denies its namespace',
      BASELINE(`egress: [${TO('Deny', '{team: b}')}]`),
      [EVERYBODY, 'a/web[Pod] -> [namespaces with team=b]/[Pods of any labels]: No Connections'],
    ],
    [
      'is denied what a rule of Calico denies the namespace that exists',
      GLOBAL(
        "{types: [Egress], egress: [{action: Deny, destination: {namespaceSelector: team == 'b'}}, {action: Allow}]}",
      ),
      [EVERYBODY, 'a/web[Pod] -> [namespace b]/[Pods of any labels]: No Connections'],
    ],
    [
      'is passed over the Deny that everybody else meets',
      ADMIN(1, `egress: [${TO('Pass', '{team: b}')}]`) + ADMIN(2, 'egress: [{action: Deny, to: [{namespaces: {}}]}]'),
      ['a/web[Pod] -> [namespaces with team=b]/[Pods of any labels]: All Connections'],
    ],
    [
      'is allowed what a policy before the Deny allows',
      ADMIN(1, `egress: [${TO('Allow', '{team: b}')}]`) + ADMIN(2, `egress: [${TO('Deny', '{team: b}')}]`),
      [EVERYBODY],
    ],
    [
      'may use what the policy admits',
      POLICY('a', 'p', FROM_X),
      ['[namespaces with team=b]/[Pods with x=y] -> a/web[Pod]: TCP 80'],
    ],
    [
      'may use nothing of it where the policies of its own namespace close it',
      POLICY('a', 'p', FROM_X) +
        POLICY('b', 'newpods', '{podSelector: {matchLabels: {x: "y"}}, policyTypes: [Egress]}'),
      [
        '[namespaces with team=b]/[Pods with x=y] -> a/web[Pod]: TCP 80',
        '[namespace b]/[Pods with x=y] -> a/web[Pod]: No Connections',
      ],
    ],
    [
      'may use nothing of it where it is named with a namespace that is closed',
      POLICY('a', 'p', FROM('{podSelector: {matchLabels: {x: "y"}}}')) + POLICY('a', 'q', CLOSED),
      [],
    ],
    [
      'in a namespace that is closed is an exception of everybody',
      POLICY('a', 'p', FROM('{namespaceSelector: {}}')) + POLICY('b', 'q', CLOSED) + POLICY('c', 'q', CLOSED),
      ['entire-cluster -> a/web[Pod]: TCP 80', '[namespaces b, c]/[Pods of any labels] -> a/web[Pod]: No Connections'],
    ],
    [
      'with the label that a rule leaves out is an exception of everybody',
      POLICY(
        'a',
        'p',
        FROM('{namespaceSelector: {}, podSelector: {matchExpressions: [{key: x, operator: NotIn, values: ["y"]}]}}'),
      ),
      [
        'entire-cluster -> a/web[Pod]: TCP 80',
        '[namespaces of any labels]/[Pods with x in (y)] -> a/web[Pod]: No Connections',
      ],
    ],
  ])('%s', (_, policies, rows) => {
    expect(exposure(LAB + policies)).toEqual(rows);
  });

  it('is told of for the workloads in focus alone', () => {
    const text = `${LAB}${POD('a', 'db')}${ADMIN(1, `egress: [${TO('Deny', '{team: b}')}]`)}`;
    expect(exposure(text, ['web']).filter((row) => row.includes('a/db'))).toEqual([]);
    expect(exposure(text, ['db']).map((row) => row.replace('db', 'web'))).toEqual(exposure(text, ['web']));
  });
});

type Potential = Exposure['potential'][number];

/** The Pod that stands for a row, as documents. */
function documentsOf({ stranger: { place, pod } }: Potential): readonly object[] {
  const namespace = place.kind === 'existing' ? place.name : 'newcomers';
  return [
    ...(place.kind === 'existing'
      ? []
      : [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: place.labels } }]),
    {
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'newcomer', namespace, labels: pod.labels } },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'c' }] },
      status: { phase: 'Running', podIP: '10.244.255.254' },
    },
  ];
}

describe('what is said of a Pod to come is what rows say of it when it is there', () => {
  it.each<readonly [string, Apis]>([
    ['with NetworkPolicies alone', { admin: false, calico: false }],
    ['with AdminNetworkPolicies and ClusterNetworkPolicies', { admin: true, calico: false }],
    ['with all APIs', { admin: true, calico: true }],
  ])('%s', (_, apis) => {
    let told = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const documents = generateCluster(random, apis);
        const connectivity = new Connectivity(policyWorld(loadDocuments(documents).cluster));
        const { potential } = exposureOf(connectivity);
        for (const row of random.some(potential, 2)) {
          told++;
          const { cluster } = loadDocuments([...documents, ...documentsOf(row)]);
          const { rows } = answerConnectivity(cluster, { explain: false, exposure: false, focus: ['newcomer'] });
          const isIt = (label: string): boolean => label.endsWith('/newcomer[Pod]');
          const real = [...rows()].find(({ src, dst }) =>
            row.direction === 'egress' ? src === row.workload && isIt(dst) : dst === row.workload && isIt(src),
          );
          const said = printConnections(row.allowed, connectivity.table.universe);
          expect(said).toBe(real?.allowed ?? 'No Connections');
        }
      }),
      { numRuns: 40 },
    );
    expect(told).toBeGreaterThan(3);
  });
});
