/** Times nettrace on a synthetic cluster. README.md tells what is measured and how. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { printIptablesSave } from '../../src/kernel/netfilter/save-format.ts';
import { netnsId } from '../../src/kernel/netns-id.ts';
import type { Result } from '../../src/lib/result.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { measureConnectivity } from './connectivity.ts';
import { measureServices } from './services.ts';
import { measureSuite } from './suite.ts';
import { type ClusterSize, synthesize } from './synthesize.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    pods: { type: 'string', default: '30000' },
    services: { type: 'string', default: '2000' },
    policies: { type: 'string', default: '500' },
    workloads: { type: 'string', default: '1000' },
    tests: { type: 'string', default: '10000' },
    only: { type: 'string', default: '' },
    'host-endpoints': { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
  },
});
const size: ClusterSize = {
  nodes: Number(values.nodes),
  pods: Number(values.pods),
  services: Number(values.services),
  policies: Number(values.policies),
};

/** The first is the first trace of the process; each of the others goes between nodes that no packet has visited yet. */
const QUESTIONS: readonly (readonly [source: string, destination: string])[] = [
  ['ns-0/pod-0', 'svc-1.ns-1:80'],
  ['ns-7/pod-7', 'svc-20.ns-20:80'],
  ['ns-3/pod-3', 'ns-4/pod-4:8080'],
];

/** Nine more, each to a Service and between two nodes that no packet has visited yet. `--nodes` is 300 at least for that. */
const OTHER_NODES: readonly (readonly [source: string, destination: string])[] = Array.from(
  { length: 9 },
  (_, index) => {
    const [from, to] = [105 + 20 * index, 111 + 20 * index];
    return [`ns-${from % 50}/pod-${from}`, `svc-${to}.ns-${to % 50}:80`];
  },
);

function time<T>(work: () => T): { readonly milliseconds: number; readonly value: T } {
  const start = performance.now();
  const value = work();
  return { milliseconds: performance.now() - start, value };
}

function report(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(56)}${figure}\n`);
}

function need<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join('\n'));
  return result.value;
}

function measureCluster(): void {
  const files = synthesize(size).map((document, i) => ({ file: `part-${i}.json`, text: JSON.stringify(document) }));
  const megabytes = files.reduce((sum, { text }) => sum + text.length, 0) / 1e6;
  report('cluster', `${size.nodes} nodes, ${size.pods} Pods, ${size.services} Services, ${size.policies} policies`);
  report('input', `${megabytes.toFixed(1)} MB of JSON`);

  const loading = time(() => need(loadTopology(files)));
  report('load', `${loading.milliseconds.toFixed(0)} ms`);
  const ask = ([source, destination]: readonly [string, string]) =>
    time(() => need(answerQuery(loading.value, { source, destination })));
  for (const [index, question] of QUESTIONS.entries()) {
    const { milliseconds, value } = ask(question);
    const what = index === 0 ? 'first trace' : 'trace between other nodes';
    const paths = `${value.paths.length} paths, ${value.result.verdict}`;
    report(`${what} (${question.join(' ')})`, `${milliseconds.toFixed(0)} ms, ${paths}`);
  }
  report('nine more between other nodes, to Services', ofNine(OTHER_NODES.map((one) => ask(one).milliseconds)));
  for (const question of QUESTIONS) {
    const times = Array.from({ length: 9 }, () => ask(question).milliseconds);
    report(`the same again (${question.join(' ')})`, ofNine(times));
  }

  const save = time(() => printIptablesSave(loading.value.world.netns(netnsId('node-5')).iptables()));
  report('iptables-save of a node', `${save.milliseconds.toFixed(0)} ms, ${save.value.split('\n').length} lines`);
  report('peak memory', `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}

function ofNine(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const figures = [sorted[0], sorted[4], sorted[8]].map((each) => each?.toFixed(1)).join(' / ');
  return `${figures} ms (fastest, median, slowest of 9)`;
}

function measureStart(): void {
  // `npm run` starts in the folder of package.json.
  const main = resolve('dist/main.js');
  const directory = mkdtempSync(join(tmpdir(), 'nettrace-bench-'));
  const empty = join(directory, 'empty.mjs');
  writeFileSync(empty, '');
  const programs = [
    ['an empty script', [empty]],
    ['nettrace --help', [main, '--help']],
    [
      'nettrace pod1 svc2:80 -f topologies/calico-ipip',
      [main, 'pod1', 'svc2:80', '-f', resolve('topologies/calico-ipip')],
    ],
  ] as const;
  const best = programs.map(() => Number.POSITIVE_INFINITY);
  // In turn, so that a busy moment of the machine hits all of them.
  for (let run = 0; run < Number(values.runs); run++) {
    for (const [index, [what, command]] of programs.entries()) {
      const { milliseconds, value } = time(() => spawnSync(process.execPath, command));
      if (value.status !== 0) throw new Error(`${what}: exit code ${value.status}\n${value.stderr.toString()}`);
      best[index] = Math.min(best[index] ?? 0, milliseconds);
    }
  }
  const [base = 1] = best;
  for (const [index, [what]] of programs.entries()) {
    const milliseconds = best[index] ?? 0;
    report(`start: ${what}`, `${milliseconds.toFixed(0)} ms, ${(milliseconds / base).toFixed(1)} times`);
  }
  rmSync(directory, { recursive: true });
}

if (values.only === '') measureCluster();
if (values.only === '' || values.only === 'services') measureServices({ time, report, need });
if (values.only === '' || values.only === 'connectivity') {
  const workloads = Number(values.workloads);
  measureConnectivity({ ...size, workloads }, values['host-endpoints'], { time, report, need });
}
if (values.only === '' || values.only === 'suite') measureSuite(size, Number(values.tests), { time, report, need });
if (values.only === '') measureStart();
