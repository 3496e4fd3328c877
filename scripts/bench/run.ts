/**
 * Times the whole job on a synthetic cluster: `npm run bench` (1,000 nodes) or `npm run bench -- --nodes 5000 --pods 150000 --services 10000`.
 * Figures of one run on one machine; start-up is given as a ratio to an empty node process.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { answerQuery } from '../../src/query/answer-query.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { synthesize } from './synthesize.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    pods: { type: 'string', default: '30000' },
    services: { type: 'string', default: '2000' },
    policies: { type: 'string', default: '500' },
  },
});
const size = {
  nodes: Number(values.nodes),
  pods: Number(values.pods),
  services: Number(values.services),
  policies: Number(values.policies),
};

function milliseconds<T>(work: () => T): { readonly time: number; readonly value: T } {
  const start = performance.now();
  const value = work();
  return { time: performance.now() - start, value };
}

function report(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(44)}${figure}\n`);
}

const files = synthesize(size).map((document, i) => ({ file: `part-${i}.json`, text: JSON.stringify(document) }));
report('cluster', `${size.nodes} nodes, ${size.pods} Pods, ${size.services} Services, ${size.policies} policies`);
report('input', `${(files.reduce((sum, f) => sum + f.text.length, 0) / 1e6).toFixed(1)} MB of JSON`);

const loading = milliseconds(() => loadTopology(files, {}));
report('load', `${loading.time.toFixed(0)} ms`);
if (!loading.value.ok) throw new Error(loading.value.issues.map((i) => i.message).join('\n'));
const loaded = loading.value.value;

const query = (source: string, destination: string) => ({ source, destination });
const traces: readonly [string, string][] = [
  ['ns-0/pod-0', 'svc-1.ns-1:80'],
  ['ns-0/pod-0', 'svc-1.ns-1:80'],
  ['ns-7/pod-7', 'svc-20.ns-20:80'],
  ['ns-3/pod-3', 'ns-4/pod-4:8080'],
];
for (const [i, [source, destination]] of traces.entries()) {
  const { time, value } = milliseconds(() => answerQuery(loaded, query(source, destination)));
  if (!value.ok) throw new Error(value.issues.map((issue) => issue.message).join('\n'));
  report(`trace ${i + 1}: ${source} ${destination}`, `${time.toFixed(1)} ms, ${value.value.result.verdict}`);
}
report('peak memory', `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);

const directory = mkdtempSync(join(tmpdir(), 'nettrace-bench-'));
try {
  writeFileSync(join(directory, 'empty.mjs'), '');
  const main = new URL('../../dist/main.js', import.meta.url).pathname;
  const topology = new URL('../../topologies/calico-ipip', import.meta.url).pathname;
  const best = (args: readonly string[]) =>
    Math.min(...Array.from({ length: 5 }, () => milliseconds(() => spawnSync(process.execPath, args)).time));
  const empty = best([join(directory, 'empty.mjs')]);
  report('node, empty script', `${empty.toFixed(0)} ms`);
  for (const [what, args] of [
    ['nettrace --help', [main, '--help']],
    ['nettrace pod1 svc2:80 -f topologies/calico-ipip', [main, 'pod1', 'svc2:80', '-f', topology]],
  ] as const) {
    const time = best(args);
    report(what, `${time.toFixed(0)} ms, ${(time / empty).toFixed(1)} x an empty script`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
