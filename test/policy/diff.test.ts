/** Two inputs compared: nothing changes from itself, and every change of a policy shows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { invariant } from '../../src/lib/assert.ts';
import { compareConnectivity } from '../../src/policy/classes/compare.ts';
import { Connectivity } from '../../src/policy/classes/connectivity.ts';
import { relevantTo } from '../../src/policy/classes/relevant.ts';
import { connectivityRows } from '../../src/policy/classes/rows.ts';
import { ALL_CONNECTIONS, type ConnectionSet, keyOf, PORT_CONNECTIONS } from '../../src/policy/connection-set.ts';
import { policyWorld } from '../../src/policy/judge.ts';
import { answerDiff, type DiffAnswer, differs } from '../../src/query/policy/diff-answer.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { Random } from '../kernel/lab/random.ts';
import { load } from '../seeds/support.ts';
import { generateCluster, loadDocuments } from './generate.ts';

const APIS = { admin: true, calico: true, hosts: true };

function rowsOf({ cluster }: Loaded, universe: ConnectionSet): ReadonlyMap<string, string> {
  const connectivity = new Connectivity(policyWorld(cluster), universe);
  const rows = [...connectivityRows(connectivity)];
  return new Map(rows.map(({ src, dst, allowed }) => [`${src} ${dst}`, keyOf(connectivity.table.setOf(allowed))]));
}

/** Other protocols count where one of the two inputs tells them apart. */
function universeOf(loaded: readonly Loaded[]): ConnectionSet {
  const others = loaded.some(({ cluster }) => relevantTo(cluster, policyWorld(cluster).tiers).otherProtocols);
  return others ? ALL_CONNECTIONS : PORT_CONNECTIONS;
}

function diff(before: Cluster, after: Cluster): DiffAnswer {
  const answer = answerDiff(before, after);
  invariant(answer.ok, 'few rows differ');
  return answer.value;
}

/** Everything that the difference says is between the rows before and the rows after. */
function problems(before: Loaded, after: Loaded, { added, removed, changed }: DiffAnswer): readonly string[] {
  const isWorkload = (name: string): boolean => name.endsWith(']');
  const universe = universeOf([before, after]);
  const [was, is] = [rowsOf(before, universe), rowsOf(after, universe)];
  const found: string[] = [];
  const told = new Set([...added, ...removed, ...changed].map(({ src, dst }) => `${src} ${dst}`));
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    if (!key.split(' ').every(isWorkload)) continue;
    if ((was.get(key) !== is.get(key)) !== told.has(key)) found.push(key);
  }
  return found;
}

describe('the difference', () => {
  it('of an input from itself is empty', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { cluster } = loadDocuments(generateCluster(new Random(seed), APIS));
        const answer = diff(cluster, cluster);
        expect(answer).toEqual({ added: [], removed: [], changed: [], workloads: { added: [], removed: [] } });
        expect(differs(answer, 'any')).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  it('of a policy taken away is just what rows differ in, and the other way round the same', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const documents = generateCluster(new Random(seed), APIS);
        const place = documents.findLastIndex(({ kind }) => typeof kind === 'string' && kind.endsWith('Policy'));
        const [before, after] = [documents, documents.filter((_, index) => index !== place)].map(loadDocuments);
        if (before === undefined || after === undefined) return;
        const there = diff(before.cluster, after.cluster);
        const back = diff(after.cluster, before.cluster);
        expect(problems(before, after, there)).toEqual([]);
        const names = (rows: readonly { src: string; dst: string; allowed: string }[]) =>
          rows.map(({ src, dst, allowed }) => `${src} ${dst} ${allowed}`);
        expect(names(back.added)).toEqual(names(there.removed));
        expect(names(back.removed)).toEqual(names(there.added));
        expect(back.changed).toHaveLength(there.changed.length);
        expect(differs(there, 'opened')).toBe(differs(back, 'closed'));
      }),
      { numRuns: 20 },
    );
  });

  it('of ranges is cut where either side begins or ends', () => {
    const policy = (cidr: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: range, namespace: liruilong-network-create}
spec: {podSelector: {matchLabels: {run: pod1}}, ingress: [{from: [{ipBlock: {cidr: ${cidr}}}]}]}
`;
    const [before, after] = ['203.0.112.0/23', '203.0.113.0/24'].map(
      (cidr) => load('calico-ipip', policy(cidr)).cluster,
    );
    if (before === undefined || after === undefined) return expect.unreachable();
    const dst = 'liruilong-network-create/pod1[Pod]';
    const gone = { src: '203.0.112.0/24', dst, allowed: 'All Connections', workload: null };
    expect(diff(before, after)).toMatchObject({ added: [], changed: [], removed: [gone] });
  });

  it('of more rows than are kept is refused', () => {
    const [open, closed] = [load('calico-ipip'), load('calico-ipip', CLOSED)].map(
      ({ cluster }) => new Connectivity(policyWorld(cluster)),
    );
    if (open === undefined || closed === undefined) return expect.unreachable();
    expect(compareConnectivity(open, closed)?.rows.length).toBeGreaterThan(2);
    expect(compareConnectivity(open, closed, 2)).toBeUndefined();
  });
});

const CLOSED = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: default}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;
