/** Which hints the slices of a Service carry, by its trafficDistribution and the release. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { load } from './load.ts';

const node = (name: string, zone?: string): string =>
  `apiVersion: v1
kind: Node
metadata: {name: ${name}${zone === undefined ? '' : `, labels: {topology.kubernetes.io/zone: ${zone}}`}}
`;
const pod = (name: string, on: string, ready = true): string =>
  `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: web}}
spec: {nodeName: ${on}, containers: [{name: c, image: c}]}
status: {phase: Running, conditions: [{type: Ready, status: "${ready ? 'True' : 'False'}"}]}
`;
const OBJECTS = [
  node('worker1', 'west'),
  node('worker2', 'east'),
  node('master'),
  pod('p-a', 'worker1'),
  pod('p-b', 'worker2'),
  pod('p-c', 'master'),
];

function hints(distribution: string | undefined, kubernetesVersion: string, more: readonly string[] = []) {
  const field = distribution === undefined ? '' : `, trafficDistribution: ${distribution}`;
  const service = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]${field}}
`;
  const loaded = load([...OBJECTS, ...more, service].join('---\n'), { kubernetesVersion });
  invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ message }) => message).join('\n'));
  const { cluster } = loaded.value;
  return cluster.services
    .flatMap((each) => cluster.slicesOf(each))
    .flatMap(({ endpoints }) => endpoints)
    .map(({ pod: of, zones, hintNodes }) => `${of?.name} ${zones?.join() ?? '-'} ${hintNodes?.join() ?? '-'}`);
}

describe('hints', () => {
  it.each([
    ['nothing is asked for', undefined, '1.34', ['p-a - -', 'p-b - -', 'p-c - -']],
    ['PreferClose: the own zone', 'PreferClose', '1.31', ['p-a west -', 'p-b east -', 'p-c - -']],
    ['PreferClose before 1.31: the field is dropped', 'PreferClose', '1.30', ['p-a - -', 'p-b - -', 'p-c - -']],
    ['PreferSameZone is another name of it', 'PreferSameZone', '1.34', ['p-a west -', 'p-b east -', 'p-c - -']],
    [
      'PreferSameNode: the own node as well',
      'PreferSameNode',
      '1.34',
      ['p-a west worker1', 'p-b east worker2', 'p-c - master'],
    ],
    ['PreferSameNode before 1.34', 'PreferSameNode', '1.33', ['p-a - -', 'p-b - -', 'p-c - -']],
  ] as const)('%s', (_, distribution, version, expected) => {
    expect(hints(distribution, version)).toEqual(expected);
  });

  it('a Pod that is not ready has none', () => {
    expect(hints('PreferSameNode', '1.34', [pod('q', 'worker1', false)])).toContain('q - -');
  });
});
