/** A scenario that differs is made small, whatever it is made of. */
import { expect, it } from 'vitest';
import type { Scenario } from './lab/scenario.ts';
import { shrinkScenario } from './lab/shrink.ts';

const probe = (sport: number) =>
  ({ machine: 'a', protocol: 'tcp', destination: '10.0.0.1', dport: 80, sport }) as const;

it('drops documents of a cluster and probes that the difference does not need', async () => {
  const documents = (kind: string, count: number): string =>
    Array.from({ length: count }, (_, index) => `---\n{"kind":"${kind}","name":"${kind}-${index}"}\n`).join('');
  const scenario: Scenario = {
    name: 'large',
    machines: [],
    files: [
      { file: 'network.yaml', text: documents('Cluster', 1) },
      { file: 'objects.yaml', text: documents('Pod', 9) + documents('NetworkPolicy', 5) },
      { file: 'faults.yaml', text: documents('Fault', 1) },
    ],
    probes: Array.from({ length: 30 }, (_, index) => probe(20_000 + index)),
  };
  const needed = ['Cluster-0', 'Pod-3', 'NetworkPolicy-4'];
  const small = await shrinkScenario(scenario, async ({ files = [], probes }) => {
    const text = files.map((file) => file.text).join('');
    return needed.every((name) => text.includes(`"${name}"`)) && probes.some(({ sport }) => sport === 20_017);
  });
  expect(small.files).toEqual([
    { file: 'network.yaml', text: '---\n{"kind":"Cluster","name":"Cluster-0"}\n' },
    {
      file: 'objects.yaml',
      text: '---\n{"kind":"Pod","name":"Pod-3"}\n---\n{"kind":"NetworkPolicy","name":"NetworkPolicy-4"}\n',
    },
  ]);
  expect(small.probes).toEqual([probe(20_017)]);
});
