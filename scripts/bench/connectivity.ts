/** `nettrace connectivity` on a synthetic cluster: the classes, every row, and the forms in which rows are printed. */
import { Connectivity } from '../../src/policy/classes/connectivity.ts';
import { policyWorld } from '../../src/policy/judge.ts';
import { answerConnectivity } from '../../src/query/policy/connectivity-answer.ts';
import { printConnectivityJson } from '../../src/report/policy/connectivity-json.ts';
import { printConnectivityText } from '../../src/report/policy/connectivity-text.ts';
import { loadTopology } from '../../src/topology/load.ts';
import type { measureServices } from './services.ts';
import { synthesize } from './synthesize.ts';

export type ConnectivitySize = {
  readonly nodes: number;
  readonly pods: number;
  readonly workloads: number;
  readonly policies: number;
};

type Tools = Parameters<typeof measureServices>[0];

export function measureConnectivity(size: ConnectivitySize, hostEndpoints: boolean, tools: Tools): void {
  const { time, report, need } = tools;
  const documents = synthesize({ ...size, services: size.workloads, owned: true, hostEndpoints });
  const files = documents.map((document, i) => ({ file: `part-${i}.json`, text: JSON.stringify(document) }));
  const hosts = hostEndpoints ? `, ${size.nodes} host endpoints` : '';
  report('connectivity', `${size.workloads} workloads of ${size.pods} Pods, ${size.policies} policies${hosts}`);
  const { cluster } = need(loadTopology(files));
  const classes = time(() => new Connectivity(policyWorld(cluster)));
  report('classes', `${classes.milliseconds.toFixed(0)} ms, ${classes.value.classes.slots.length} classes`);
  const answer = answerConnectivity(cluster, { explain: false, exposure: false, focus: [] });
  const printed = (pieces: Iterable<string>): number => {
    let bytes = 0;
    for (const piece of pieces) bytes += piece.length;
    return bytes;
  };
  const json = time(() => printed(printConnectivityJson(answer, 'en')));
  report('all rows as JSON', `${json.milliseconds.toFixed(0)} ms, ${(json.value / 1e6).toFixed(1)} MB`);
  const options = { language: 'en', colour: false, ascii: true, verbosity: 0 } as const;
  const text = time(() => printed(printConnectivityText(answer, false, options)));
  report('grouped as text', `${text.milliseconds.toFixed(0)} ms, ${(text.value / 1e6).toFixed(1)} MB`);
  report('peak memory', `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}
