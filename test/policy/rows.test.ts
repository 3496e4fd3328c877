/** Rows between workloads: what they are called, where Pods of one workload differ, and the short form of all rows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Connectivity } from '../../src/policy/classes/connectivity.ts';
import { rowGroups } from '../../src/policy/classes/row-groups.ts';
import { connectivityRows } from '../../src/policy/classes/rows.ts';
import { policyWorld } from '../../src/policy/judge.ts';
import { answerConnectivity } from '../../src/query/policy/connectivity-answer.ts';
import { Random } from '../kernel/lab/random.ts';
import { loadText } from '../seeds/support.ts';
import { generateCluster, loadDocuments } from './generate.ts';

describe('sources and destinations that stand together', () => {
  it('make the same rows as one by one', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { cluster } = loadDocuments(
          generateCluster(new Random(seed), { admin: true, calico: true, hosts: seed % 2 === 0 }),
        );
        const connectivity = new Connectivity(policyWorld(cluster));
        const workloads = new Set(connectivity.workloads.map(({ label }) => label));
        const between = (src: string, dst: string): boolean => workloads.has(src) && workloads.has(dst) && src !== dst;
        const rows = [...connectivityRows(connectivity)]
          .filter(({ src, dst }) => between(src, dst))
          .map(({ src, dst, allowed, always }) => `${src} ${dst} ${allowed} ${always}`);
        const grouped = rowGroups(connectivity).flatMap(({ sources, destinations }) =>
          destinations.flatMap(({ names, allowed, always }) =>
            sources.flatMap((src) =>
              names.filter((dst) => between(src, dst)).map((dst) => `${src} ${dst} ${allowed} ${always}`),
            ),
          ),
        );
        expect(grouped.sort()).toEqual(rows.sort());
      }),
      { numRuns: 20 },
    );
  });
});

const DEPLOYMENT = (name: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec: {replicas: ${replicas}, selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: c, image: c}]}}}
---
`;
const POLICY = (spec: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec: ${spec}
---
`;

function rowsOf(text: string): readonly string[] {
  const { rows } = answerConnectivity(loadText(text).cluster, { explain: false, exposure: false, focus: [] });
  return [...rows()]
    .filter(({ src, dst }) => src.endsWith(']') && dst.endsWith(']'))
    .map(
      ({ src, dst, allowed, always }) =>
        `${src} -> ${dst}: ${allowed}${always === null ? '' : ` (every Pod: ${always})`}`,
    );
}

describe('a workload', () => {
  it('stands on both sides of a row where it has two Pods', () => {
    expect(rowsOf(DEPLOYMENT('one', 1) + DEPLOYMENT('two', 2))).toEqual([
      'default/one[Deployment] -> default/two[Deployment]: All Connections',
      'default/two[Deployment] -> default/one[Deployment]: All Connections',
      'default/two[Deployment] -> default/two[Deployment]: All Connections',
    ]);
  });

  it('of a dump is what its ReplicaSet belongs to', () => {
    const pod = (name: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels: {pod-template-hash: 5d4f8c7b9}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d4f8c7b9, uid: x, controller: true}]
spec: {containers: [{name: c, image: c}]}
---
`;
    expect(rowsOf(pod('web-a') + pod('web-b'))).toEqual([
      'default/web[Deployment] -> default/web[Deployment]: All Connections',
    ]);
  });

  it('whose Pods differ says what some of them may use, and what all of them', () => {
    const member = (name: string, role: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels: {role: ${role}}
  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: x, controller: true}]
spec: {containers: [{name: c, image: c}]}
---
`;
    const client =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: client}\nspec: {containers: [{name: c, image: c}]}\n---\n';
    const policy = POLICY('{podSelector: {matchLabels: {role: primary}}, ingress: [{ports: [{port: 5432}]}]}');
    expect(rowsOf(member('db-0', 'primary') + member('db-1', 'replica') + client + policy)).toContain(
      'default/client[Pod] -> default/db[StatefulSet]: All Connections (every Pod: TCP 5432)',
    );
  });
});
