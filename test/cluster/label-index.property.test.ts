/** Finding a Service's Pods by an index, and their ports once for all of them, against the plain way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { makeSlices } from '../../src/cluster/endpoints.ts';
import { LabelIndex } from '../../src/cluster/label-index.ts';
import type { Labels, Pod, Service } from '../../src/cluster/objects.ts';
import { matchesLabels } from '../../src/cluster/selector.ts';
import { invariant } from '../../src/lib/assert.ts';
import { load } from './load.ts';

const cluster: Cluster = (() => {
  const loaded = load(
    `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {nodeName: worker1, containers: [{name: a, image: a, ports: [{name: web, containerPort: 80}]}]}, status: {phase: Running, podIP: 10.244.1.2}}
---
{apiVersion: v1, kind: Service, metadata: {name: named}, spec: {selector: {app: a}, ports: [{port: 80, targetPort: web}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: numbered}, spec: {selector: {app: a}, ports: [{port: 80, targetPort: 80}]}}
`,
  );
  invariant(loaded.ok, 'the manifests must be right');
  return loaded.value.cluster;
})();

function service(name: string): Service {
  const found = cluster.service('default', name);
  invariant(found !== undefined, name);
  return found;
}

/** Few of each, so that they meet; `constructor` is a label like any other. */
const labels = fc
  .uniqueArray(fc.constantFrom('app', 'tier', 'constructor'), { minLength: 1 })
  .chain((keys) => fc.tuple(...keys.map((key) => fc.constantFrom('a', 'b').map((value) => [key, value] as const))))
  .map((pairs): Labels => Object.assign(Object.create(null), Object.fromEntries(pairs)));

const pods: fc.Arbitrary<readonly Pod[]> = fc
  .array(fc.record({ labels, namespace: fc.constantFrom('x', 'y'), ready: fc.boolean() }), {
    minLength: 10,
    maxLength: 30,
  })
  .map((list) =>
    list.flatMap((fields, index) => cluster.pods.map((pod) => ({ ...pod, ...fields, name: `p${index}` }))),
  );

describe('Pods by label', () => {
  it('are those that a search through all of them finds, in the same order', () => {
    let found = 0;
    fc.assert(
      fc.property(pods, labels, fc.constantFrom('x', 'y', 'z'), (list, wanted, namespace) => {
        const expected = list.filter((pod) => pod.namespace === namespace && matchesLabels(wanted, pod.labels));
        found += expected.length;
        expect(new LabelIndex(list).matching(namespace, wanted)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(50);
  });
});

describe('ports of slices', () => {
  it('are the same whether a targetPort is a number or a name that means it in every Pod', () => {
    fc.assert(
      fc.property(pods, (list) => {
        const [numbered] = makeSlices(service('numbered'), list, [4]);
        const [named] = makeSlices(service('named'), list, [4]);
        expect(numbered?.ports).toEqual(named?.ports);
        expect(numbered?.endpoints).toEqual(named?.endpoints);
      }),
    );
  });
});
