/** Times questions about Services in each mode of kube-proxy: many Services, and one with many endpoints. */
import type { ProxySettings } from '../../src/cluster/settings.ts';
import { printIptablesSave } from '../../src/kernel/netfilter/save-format.ts';
import { netnsId } from '../../src/kernel/netns-id.ts';
import type { Result } from '../../src/lib/result.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { synthesize } from './synthesize.ts';

const SERVICES = 10_000;
const ENDPOINTS = 1_000;
const SERVICE_BASE = (10 << 24) | (96 << 16);
const MODES: readonly ProxySettings['mode'][] = ['iptables', 'ipvs', 'nftables'];

export type Services = {
  time<T>(work: () => T): { readonly milliseconds: number; readonly value: T };
  report(what: string, figure: string): void;
  need<T>(result: Result<T>): T;
};

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** Beside the synthetic cluster's own: `wide`, whose endpoints are no Pods. */
function wideService(): object {
  const endpoints = Array.from({ length: ENDPOINTS }, (_, i) => ({ addresses: [`172.16.${i >> 8}.${i & 255}`] }));
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'wide', namespace: 'ns-0' },
    spec: { clusterIP: '10.97.0.1', ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'wide-1', namespace: 'ns-0', labels: { 'kubernetes.io/service-name': 'wide' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints,
  };
  return { apiVersion: 'v1', kind: 'List', items: [service, slice] };
}

export function measureServices({ time, report, need }: Services): void {
  const size = { nodes: 400, pods: 20_000, services: SERVICES, policies: 0 };
  const files = [...synthesize(size), wideService()].map((document, i) => ({
    file: `part-${i}.json`,
    text: JSON.stringify(document),
  }));
  const last = `${dotted(SERVICE_BASE + 256 + SERVICES - 1)}:80`;
  for (const mode of MODES) {
    const loaded = need(loadTopology(files, { proxyMode: mode }));
    const ask = (destination: string, seed?: number) =>
      time(() =>
        need(answerQuery(loaded, { source: 'ns-0/pod-0', destination, ...(seed === undefined ? {} : { seed }) })),
      );
    const again = (destination: string, seed?: number): string => {
      ask(destination, seed);
      const runs = Array.from({ length: 9 }, () => ask(destination, seed));
      const times = runs.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
      const { stats, paths } = runs[0]?.value ?? { stats: { rulesExamined: 0 }, paths: [] };
      const figures = `${times[0]?.toFixed(1)} / ${times[4]?.toFixed(1)} ms (fastest, median of 9)`;
      return `${figures}, ${paths.length} paths, ${stats.rulesExamined} rules examined`;
    };
    report(`${mode}: the last of ${SERVICES} Services`, again(last));
    report(`${mode}: one of ${ENDPOINTS} endpoints (--seed)`, again('10.97.0.1:80', 1));
    if (mode !== 'iptables') continue;
    const save = time(() => printIptablesSave(loaded.world.netns(netnsId('node-5')).iptables()));
    const lines = `${save.value.split('\n').length} lines`;
    report('iptables: iptables-save of a node', `${save.milliseconds.toFixed(0)} ms, ${lines}`);
  }
}
