/** Which workloads of an input get Pods made from their templates. */
import { expect, test } from 'vitest';
import { knowsNote } from '../../../src/explain/notes/say-note.ts';
import { clusterOf } from '../load.ts';

type Owner = { readonly kind: string; readonly name: string };

const owned = (owner: Owner | undefined): string =>
  owner === undefined
    ? ''
    : `, ownerReferences: [{apiVersion: v1, kind: ${owner.kind}, name: ${owner.name}, uid: u, controller: true}]`;

const pod = (name: string, owner?: Owner, more = '', namespace = 'default'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {app: web}${owned(owner)}${more}}\n` +
  'spec: {nodeName: worker1}\n';
const ended = (name: string, phase: string, owner?: Owner): string => `${pod(name, owner)}status: {phase: ${phase}}\n`;

const workload = (kind: string, name = 'web', owner?: Owner, replicas = 2): string =>
  `apiVersion: ${kind === 'ReplicationController' ? 'v1' : 'apps/v1'}\nkind: ${kind}\n` +
  `metadata: {name: ${name}, namespace: default${owned(owner)}}\nspec:\n  replicas: ${replicas}\n` +
  `  selector: ${kind === 'ReplicationController' ? '{app: web}' : '{matchLabels: {app: web}}'}\n` +
  '  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: c}]}}\n';
const job = (kind: 'Job' | 'CronJob', owner?: Owner): string => {
  const spec = 'template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: c}]}}';
  const body = kind === 'Job' ? spec : `jobTemplate: {spec: {${spec}}}`;
  return `apiVersion: batch/v1\nkind: ${kind}\nmetadata: {name: web${owned(owner)}}\nspec: {${body}}\n`;
};

const deployment = { kind: 'Deployment', name: 'web' };
const replicaSet = { kind: 'ReplicaSet', name: 'web-7d9' };
const OWN = (kind: string): Owner => ({ kind, name: 'web' });

const rows: readonly (readonly [row: string, input: readonly string[], pods: string, taken?: string])[] = [
  // What does not count.
  ['beside a Pod that succeeded', [workload('Deployment'), ended('a', 'Succeeded')], 'a web-0 web-1'],
  ['beside a Pod that failed', [workload('ReplicaSet'), ended('a', 'Failed')], 'a web-0 web-1'],
  [
    'beside a Pod that is going away',
    [workload('Deployment'), pod('a', undefined, ', deletionTimestamp: "2026-01-02T03:04:05Z"')],
    'a web-0 web-1',
  ],
  ["beside another controller's Pod", [workload('Deployment'), pod('a', OWN('StatefulSet'))], 'a web-0 web-1'],
  [
    'beside the mirror of a static Pod',
    [workload('DaemonSet'), pod('a', { kind: 'Node', name: 'worker1' })],
    'a web-0 web-1',
  ],
  ['beside a Pod of another namespace', [workload('Deployment'), pod('a', undefined, '', 'shop')], 'a web-0 web-1'],
  ['whose own Pods were evicted', [workload('ReplicaSet'), ended('a', 'Failed', OWN('ReplicaSet'))], 'a web-0 web-1'],
  ["beside a ReplicaSet of its name's Pods", [workload('StatefulSet'), pod('a', OWN('ReplicaSet'))], 'a web-0 web-1'],
  [
    'beside Pods of a ReplicaSet that stands alone',
    [workload('Deployment'), workload('ReplicaSet', 'web-7d9'), pod('a', replicaSet)],
    'a web-0 web-1',
  ],
  [
    'beside Pods of an ended ReplicaSet of the cluster',
    [workload('Deployment'), ended('a', 'Failed', replicaSet)],
    'a web-0 web-1',
  ],
  // Its own.
  ['that controls a Pod', [workload('StatefulSet'), pod('a', OWN('StatefulSet'))], 'a'],
  [
    'through its ReplicaSet',
    [workload('Deployment'), workload('ReplicaSet', 'web-7d9', deployment), pod('a', replicaSet)],
    'a',
  ],
  ['through a ReplicaSet that is not in the input', [workload('Deployment'), pod('a', replicaSet)], 'a'],
  ['a Job whose Pod succeeded', [job('Job'), ended('a', 'Succeeded', OWN('Job'))], 'a'],
  ['a CronJob whose Job is in the input', [job('CronJob'), job('Job', OWN('CronJob')), pod('a', OWN('Job'))], 'a'],
  [
    'a CronJob whose Job is not in the input',
    [job('CronJob'), ended('a', 'Succeeded', { kind: 'Job', name: 'web-29' })],
    'a',
  ],
  // Nobody's.
  [
    'beside a Pod that nobody controls',
    [workload('Deployment'), pod('a')],
    'a',
    'Pod a without a controller: it is taken for its Pod,',
  ],
  [
    'beside one Pod that nobody controls and one that ended',
    [workload('ReplicaSet'), ended('a', 'Failed'), pod('b')],
    'a b',
    'Pod b without a controller: it is taken for its Pod,',
  ],
  [
    'of ReplicationControllers, too',
    [workload('ReplicationController'), pod('a'), pod('b')],
    'a b',
    'Pods a, b without a controller: they are taken for its Pods,',
  ],
  [
    'beside five',
    [workload('DaemonSet'), ...['a', 'b', 'c', 'd', 'e'].map((name) => pod(name))],
    'a b c d e',
    'Pods a, b, c and 2 more without a controller: they are taken for its Pods,',
  ],
  ['that wants none', [workload('Deployment', 'web', undefined, 0), pod('a')], 'a'],
];

const cases = rows.map(([row, input, pods, taken = '']) => [row, input, pods, taken] as const);
test.each(cases)('a workload %s', (_, input, pods, taken) => {
  const cluster = clusterOf(input.join('---\n'));
  expect(
    cluster.pods
      .map(({ name }) => name)
      .toSorted()
      .join(' '),
  ).toBe(pods);
  const notes = cluster.notes.filter(({ code }) => code === 'PODS_TAKEN');
  expect(notes.map(({ message }) => message)).toEqual(taken === '' ? [] : [expect.stringContaining(taken)]);
  expect(notes.filter(({ code, message }) => !knowsNote(code, message))).toEqual([]);
});

test('two workloads with one selector each have Pods', () => {
  const cluster = clusterOf(
    [workload('Deployment'), workload('StatefulSet', 'db'), pod('a', replicaSet)].join('---\n'),
  );
  expect(cluster.pods.map(({ name }) => name).toSorted()).toEqual(['a', 'db-0', 'db-1']);
});
