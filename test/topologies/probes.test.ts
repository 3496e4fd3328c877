import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { add, ZERO } from '../../src/lib/fraction.ts';
import { memoize } from '../../src/lib/lazy.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import { protocolOf } from '../../src/query/query.ts';
import type { Trace } from '../../src/query/trace.ts';
import { type Loaded, loadTopology } from '../../src/topology/load.ts';
import { withoutSteps } from '../query/without-steps.ts';
import { type ProbeLine, readProbes, readTopologyFiles, topologyNames } from './read-probes.ts';

describe.each(topologyNames())('topologies/%s', (name) => {
  const load = memoize((extra: string): Loaded => {
    const loaded = loadTopology(readTopologyFiles(name, extra === '' ? [] : extra.split(' ')));
    invariant(
      loaded.ok,
      loaded.ok ? '' : loaded.issues.map((i) => `${i.at?.file}:${i.at?.line}: ${i.message}`).join('\n'),
    );
    return loaded.value;
  });

  const answer = (probe: ProbeLine, steps = true): Trace => {
    const protocol = protocolOf(probe.protocol);
    invariant(protocol !== undefined, `unknown protocol ${probe.protocol}`);
    const result = answerQuery(load(probe.extra.join(' ')), {
      source: probe.source,
      destination: probe.destination,
      protocol,
      steps,
    });
    invariant(result.ok, result.ok ? '' : result.issues.map((i) => i.message).join('\n'));
    return result.value;
  };

  const rows = readProbes(name).map((probe) => ({
    probe,
    title: `line ${probe.line}: ${[...probe.extra, probe.text].join(' ')}`,
  }));

  it('has probes', () => {
    expect(rows.length).toBeGreaterThan(0);
  });

  it.each(rows)('$title', ({ probe }) => {
    const trace = answer(probe);
    const short = answer(probe, false);
    expect(withoutSteps(short)).toEqual(withoutSteps(trace));
    expect(trace.assumptions).toEqual(expect.arrayContaining([...short.assumptions]));
    const facts = new Set<string>([
      trace.result.verdict,
      trace.result.symptom,
      ...(trace.result.code === null ? [] : [trace.result.code]),
      ...trace.paths.map((path) => `ttl=${path.ttl}`),
    ]);
    const missing = probe.expected.filter((fact) => !facts.has(fact));
    expect({ missing, facts: [...facts], summary: trace.result.summary }).toMatchObject({ missing: [] });
    if (trace.paths.length > 0 && trace.result.verdict !== 'undetermined') {
      expect(trace.paths.map((path) => path.probability).reduce(add, ZERO)).toEqual({ numerator: 1n, denominator: 1n });
    }
  });
});
