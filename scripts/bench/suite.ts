/** `nettrace test`: a suite of many one-line tests on the synthetic cluster, from its text to its report. */
import { printPretty } from '../../src/report/test/pretty.ts';
import { readSuite } from '../../src/suite/read-suite.ts';
import { summarizeRun } from '../../src/suite/result.ts';
import { runTest } from '../../src/suite/run-test.ts';
import { loadTopology } from '../../src/topology/load.ts';
import type { measureServices } from './services.ts';
import { type ClusterSize, synthesize } from './synthesize.ts';

type Tools = Parameters<typeof measureServices>[0];

const NAMESPACES = 50;

/** Each from another Pod; half to Pods and half to Services, by the names that people write. The step is prime to all counts. */
function suiteText({ pods, services }: ClusterSize, tests: number): string {
  const line = (index: number): string => {
    const from = (index * 7_919) % pods;
    const source = `ns-${from % NAMESPACES}/pod-${from}`;
    if (index % 2 === 0) {
      const to = (index * 104_729 + 1) % pods;
      return `  - "${source} -> ns-${to % NAMESPACES}/pod-${to}:8080: delivered"`;
    }
    const to = (index * 15_485_863 + 1) % services;
    return `  - "${source} -> svc-${to}.ns-${to % NAMESPACES}:80: delivered"`;
  };
  return `suite: many\ntests:\n${Array.from({ length: tests }, (_, index) => line(index)).join('\n')}\n`;
}

/** Time of the processor beside the time of the wall: the one says what work there was, also on a busy machine. */
export function measureSuite(size: ClusterSize, tests: number, { report, need }: Tools): void {
  const files = synthesize(size).map((document, i) => ({ file: `part-${i}.json`, text: JSON.stringify(document) }));
  const text = suiteText(size, tests);
  report('suite', `${tests} tests, ${size.nodes} nodes, ${size.pods} Pods`);
  const spent = <T>(what: string, work: () => T): T => {
    const wall = performance.now();
    const before = process.cpuUsage();
    const value = work();
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - wall) / 1000;
    report(what, `${((user + system) / 1e6).toFixed(1)} s of processor time (${seconds.toFixed(1)} s)`);
    return value;
  };
  const suite = spent('read the suite', () => need(readSuite({ file: 'many.nettest.yaml', text })));
  const loaded = spent('load', () => need(loadTopology(files)));
  const results = spent('run the tests', () =>
    suite.tests.map((test) => runTest(test, { suite, variant: '', loaded, inputWords: ['-f', 'manifests'] })),
  );
  const run = summarizeRun(results, suite.tests.length);
  const options = { language: 'en', colour: false, ascii: true, verbosity: 0, onlyFailures: false } as const;
  const printed = spent('print', () => printPretty(run, options));
  report('results', `${run.passed} passed, ${run.failed} failed, ${(printed.length / 1e6).toFixed(1)} MB`);
  report('peak memory', `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}
