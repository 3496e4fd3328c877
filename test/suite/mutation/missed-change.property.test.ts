/** What is made of the input before is kept for all mutants, and nobody can tell. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { invariant } from '../../../src/lib/assert.ts';
import { besideOf } from '../../../src/policy/classes/compare.ts';
import { ALL_CONNECTIONS, PORT_CONNECTIONS } from '../../../src/policy/connection-set.ts';
import { policyWorld } from '../../../src/policy/judge.ts';
import { missedChanges } from '../../../src/suite/mutation/missed-change.ts';
import { mutantsOf } from '../../../src/suite/mutation/mutants.ts';
import { splitDocuments } from '../../../src/topology/documents.ts';
import { loadTopology } from '../../../src/topology/load.ts';
import { Random } from '../../kernel/lab/random.ts';
import { generateCluster } from '../../policy/generate.ts';

it('a mutant changes what it changes, whatever mutants were looked at before it', { timeout: 60_000 }, () => {
  let changing = 0;
  const universes = new Set<unknown>();
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const made = generateCluster(new Random(seed), { admin: true, calico: true });
      const texts = made.map((document, index) => ({ file: `${index}`, text: JSON.stringify(document) }));
      const before = loadTopology(texts, {});
      invariant(before.ok, 'what is generated can be loaded');
      const kept = missedChanges(before.value);
      const beside = besideOf(policyWorld(before.value.cluster));
      const all = mutantsOf(splitDocuments(texts).documents);
      for (const mutant of all.filter((_, index) => index % Math.ceil(all.length / 6) === 0)) {
        const changed = texts.flatMap((text, index) =>
          index !== mutant.document
            ? [text]
            : mutant.value === undefined
              ? []
              : [{ ...text, text: JSON.stringify(mutant.value) }],
        );
        const after = loadTopology(changed, {});
        if (!after.ok) continue;
        const found = kept(after.value);
        expect(found, `${seed} ${mutant.name}`).toEqual(missedChanges(before.value)(after.value));
        if (found !== undefined) changing++;
        const [old, now] = beside(policyWorld(after.value.cluster));
        expect(old.table.universe).toBe(now.table.universe);
        universes.add(old.table.universe);
      }
    }),
    { numRuns: 25 },
  );
  expect(changing).toBeGreaterThan(10);
  expect(universes).toEqual(new Set([ALL_CONNECTIONS, PORT_CONNECTIONS]));
});
