/** What a mistake in a policy changes for any two ends, as the truth function judges them, `diff` shows, and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/cluster/objects.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { type IpAddr, parseIp, printIp } from '../../../src/net/address.ts';
import { type ComparedRow, compareConnectivity } from '../../../src/policy/classes/compare.ts';
import { Connectivity } from '../../../src/policy/classes/connectivity.ts';
import { parseRange } from '../../../src/policy/classes/overlay-ranges.ts';
import { ALL_CONNECTIONS, type ConnectionSet, isEmpty, subtract, unite } from '../../../src/policy/connection-set.ts';
import { type End, isSelectable, podEnd } from '../../../src/policy/end.ts';
import { judgeConnection, type PolicyWorld, policyWorld } from '../../../src/policy/judge.ts';
import { sayPolicy } from '../../../src/policy/say-policy.ts';
import { Coverage, type CoveredItem } from '../../../src/suite/coverage/coverage.ts';
import { type Mutant, mutantsOf } from '../../../src/suite/mutation/mutants.ts';
import { splitDocuments } from '../../../src/topology/documents.ts';
import { type Loaded, loadTopology } from '../../../src/topology/load.ts';
import { Random } from '../../kernel/lab/random.ts';
import { generateCluster } from '../../policy/generate.ts';

const OUTSIDE = ['192.168.1.50', '192.168.1.63', '192.168.1.64', '10.244.1.15', '192.0.2.7', '8.8.8.8'].flatMap(
  (text): readonly IpAddr[] => [parseIp(text)].flatMap((ip) => ip ?? []),
);

/** Pods of a namespace belong to two workloads, so that policies tell Pods of one workload apart. */
function withOwners(document: Readonly<Record<string, unknown>>): object {
  const { kind, metadata, spec } = document;
  invariant(typeof metadata === 'object' && metadata !== null, 'documents have metadata');
  if (kind !== 'Pod') return document;
  const name = 'name' in metadata && /[02468]$/.test(String(metadata.name)) ? 'even' : 'odd';
  return {
    ...document,
    spec,
    metadata: {
      ...metadata,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid: name, controller: true }],
    },
  };
}

type Case = {
  readonly before: Loaded;
  readonly mutants: readonly { readonly mutant: Mutant; readonly after: Loaded }[];
};

function makeCase(seed: number): Case {
  const random = new Random(seed);
  const made = generateCluster(random, { admin: random.chance(0.5), calico: random.chance(0.5) });
  const texts = made.map((document, index) => ({ file: `${index}`, text: JSON.stringify(withOwners(document)) }));
  const before = loadTopology(texts, {});
  invariant(before.ok, 'what is generated can be loaded');
  const all = mutantsOf(splitDocuments(texts).documents);
  const chosen = all.filter((_, index) => index % Math.ceil(all.length / 12) === 0);
  const mutants = chosen.flatMap((mutant) => {
    const changed = texts.flatMap((text, index) => {
      if (index !== mutant.document) return [text];
      return mutant.value === undefined ? [] : [{ ...text, text: JSON.stringify(mutant.value) }];
    });
    const after = loadTopology(changed, {});
    return after.ok ? [{ mutant, after: after.value }] : [];
  });
  return { before: before.value, mutants };
}

type Side = { readonly name: string; readonly label: string; readonly pod: Pod | undefined; readonly ip: IpAddr };

function sidesOf({ cluster }: Loaded): readonly Side[] {
  const pods = cluster.pods.filter(isSelectable).flatMap((pod) =>
    pod.ips.map((ip): Side => {
      const label = `${pod.namespace}/${pod.owner?.name ?? pod.name}[${pod.owner?.kind ?? 'Pod'}]`;
      return { name: `${pod.namespace}/${pod.name}`, label, pod, ip };
    }),
  );
  return [...pods, ...OUTSIDE.map((ip): Side => ({ name: printIp(ip), label: printIp(ip), pod: undefined, ip }))];
}

/** Two ends, a Pod with one of its addresses or an address outside: at least one of them is a Pod. */
type Pair = { readonly from: Side; readonly to: Side };

function pairsOf(loaded: Loaded): readonly Pair[] {
  const sides = sidesOf(loaded);
  return sides.flatMap((from) =>
    sides.filter((to) => to !== from && (from.pod ?? to.pod) !== undefined).map((to) => ({ from, to })),
  );
}

function endIn({ cluster }: Loaded, { name, pod, ip }: Side): End {
  const own = pod === undefined ? undefined : cluster.pods.find((each) => `${each.namespace}/${each.name}` === name);
  return own === undefined ? { ip } : podEnd(own, ip);
}

function allowed(loaded: Loaded, world: PolicyWorld, { from, to }: Pair): ConnectionSet {
  return judgeConnection(world, endIn(loaded, from), endIn(loaded, to), ALL_CONNECTIONS).allowed;
}

type PairChange = Pair & { readonly opened: ConnectionSet; readonly closed: ConnectionSet };

function changesOf(before: Loaded, after: Loaded): readonly PairChange[] {
  const [was, is] = [policyWorld(before.cluster), policyWorld(after.cluster)];
  return pairsOf(before)
    .map((pair) => {
      const [old, now] = [allowed(before, was, pair), allowed(after, is, pair)];
      return { ...pair, opened: subtract(now, old), closed: subtract(old, now) };
    })
    .filter(({ opened, closed }) => !isEmpty(opened) || !isEmpty(closed));
}

function rowsOf(before: Loaded, after: Loaded): readonly ComparedRow[] {
  const [old, now] = [before, after].map(({ cluster }) => new Connectivity(policyWorld(cluster), ALL_CONNECTIONS));
  invariant(old !== undefined && now !== undefined, 'two inputs');
  return compareConnectivity(old, now)?.rows ?? [];
}

function stands(text: string, { label, ip, pod }: Side): boolean {
  if (pod !== undefined) return text === label;
  const range = parseRange(text);
  return range !== undefined && typeof range.first === typeof ip && range.first <= ip && ip <= range.last;
}

/** What rows say was opened or closed between the two, and is not so, or the other way round. */
function wrongRows(rows: readonly ComparedRow[], changes: readonly PairChange[]): readonly string[] {
  const wrong: string[] = [];
  for (const { from, to, opened, closed } of changes) {
    const own = rows.filter(({ src, dst }) => stands(src, from) && stands(dst, to));
    const shown = {
      opened: own.map((row) => row.opened).reduce(unite, NONE),
      closed: own.map((row) => row.closed).reduce(unite, NONE),
    };
    if (!isEmpty(subtract(opened, shown.opened)) || !isEmpty(subtract(closed, shown.closed)))
      wrong.push(`not shown: ${from.name} -> ${to.name}`);
  }
  for (const { src, dst, opened, closed } of rows) {
    if (!src.endsWith(']') || !dst.endsWith(']')) continue;
    const own = changes.filter(({ from, to }) => from.label === src && to.label === dst);
    const real = {
      opened: own.map((each) => each.opened).reduce(unite, NONE),
      closed: own.map((each) => each.closed).reduce(unite, NONE),
    };
    if (!isEmpty(subtract(opened, real.opened)) || !isEmpty(subtract(closed, real.closed)))
      wrong.push(`shown, and is not so: ${src} -> ${dst}`);
  }
  return wrong;
}

const NONE = subtract(ALL_CONNECTIONS, ALL_CONNECTIONS);

/** What coverage counts when the connections of the pairs are asked. */
function coverageOf(
  loaded: Loaded,
  pairs: readonly (Pair & { readonly asked: ConnectionSet })[],
): readonly CoveredItem[] {
  const coverage = new Coverage(loaded.cluster);
  for (const { from, to, asked } of pairs) {
    const [source, destination] = [endIn(loaded, from), endIn(loaded, to)];
    coverage.observeConnection({ source, seenAs: source, destination, asked });
  }
  return coverage.items();
}

const hitsOf = (items: readonly CoveredItem[], policy: string): number =>
  items.filter(({ name }) => name === policy || name.startsWith(`${policy} `)).reduce((sum, { hits }) => sum + hits, 0);

describe('a mistake in a policy', () => {
  it('that changes anything for any two Pods or addresses is shown by diff, and decided by the policy', {
    timeout: 60_000,
  }, () => {
    let shown = 0;
    let unseen = 0;
    let someOnly = 0;
    let idleItems = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { before, mutants } = makeCase(seed);
        const everything = coverageOf(
          before,
          pairsOf(before).map((pair) => ({ ...pair, asked: ALL_CONNECTIONS })),
        );
        for (const { mutant, after } of mutants) {
          const changes = changesOf(before, after);
          const rows = rowsOf(before, after);
          expect(wrongRows(rows, changes), `${seed} ${mutant.name}`).toEqual([]);
          someOnly += rows.filter(({ somePods }) => somePods).length;
          const policy = nameIn(before, mutant);
          if (changes.length === 0) {
            unseen++;
            continue;
          }
          shown++;
          // What differs was decided by the policy before, or is decided by the mutant.
          const asked = changes.map(({ opened, closed, ...pair }) => ({ ...pair, asked: unite(opened, closed) }));
          const hits = hitsOf(coverageOf(before, asked), policy) + hitsOf(coverageOf(after, asked), policy);
          expect(hits, `${seed} ${mutant.name}: decided by no part of ${policy}`).toBeGreaterThan(0);
          // Where a whole policy, or a rule of it, is gone it must have decided something.
          if (mutant.path.length === 0) expect(hitsOf(everything, policy), `${seed} ${mutant.name}`).toBeGreaterThan(0);
        }
        const idle = everything.filter((item) => item.idle !== undefined);
        const named = new Set(everything.filter(({ hits }) => hits > 0).map(({ name }) => name));
        for (const { name } of idle) expect(named).not.toContain(name);
        idleItems += idle.length;
      }),
      { numRuns: 25 },
    );
    expect(shown).toBeGreaterThan(20);
    expect(unseen).toBeGreaterThan(20);
    expect(someOnly).toBeGreaterThan(0);
    expect(idleItems).toBeGreaterThan(3);
  });
});

function nameIn({ cluster }: Loaded, { document }: Mutant): string {
  const policy = policyWorld(cluster)
    .tiers.flatMap(({ policies }) => policies)
    .find(({ source }) => source?.document.file === `${document}`);
  invariant(policy !== undefined, 'a mutant is made of a policy');
  return sayPolicy(policy);
}
