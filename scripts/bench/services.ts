/** Times questions about Services in each mode of kube-proxy: many Services, and one with many endpoints. */
import type { ProxySettings } from '../../src/cluster/settings.ts';
import { printIptablesSave } from '../../src/kernel/netfilter/save-format.ts';
import { netnsId } from '../../src/kernel/netns-id.ts';
import type { Result } from '../../src/lib/result.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import type { Query } from '../../src/query/query.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { podAddress, synthesize } from './synthesize.ts';

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

/** Beside the synthetic cluster's own: `many`, whose endpoints are Pods of every node. */
function manyPods(nodes: number, before: number): object {
  const labels = { app: 'many' };
  const pods = Array.from({ length: ENDPOINTS }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `many-${i}`, namespace: 'ns-0', labels },
    spec: {
      nodeName: `node-${i % nodes}`,
      containers: [{ name: 'main', image: 'main', ports: [{ name: 'http', containerPort: 8080 }] }],
    },
    status: {
      phase: 'Running',
      podIP: podAddress(i % nodes, before + Math.floor(i / nodes)),
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }));
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'many', namespace: 'ns-0' },
    spec: { clusterIP: '10.97.0.2', selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
  return { apiVersion: 'v1', kind: 'List', items: [...pods, service] };
}

export function measureServices({ time, report, need }: Services): void {
  const size = { nodes: 400, pods: 20_000, services: SERVICES, policies: 0 };
  const more = [wideService(), manyPods(size.nodes, Math.ceil(size.pods / size.nodes))];
  const files = [...synthesize(size), ...more].map((document, i) => ({
    file: `part-${i}.json`,
    text: JSON.stringify(document),
  }));
  const last = `${dotted(SERVICE_BASE + 256 + SERVICES - 1)}:80`;
  for (const mode of MODES) {
    const loaded = need(loadTopology(files, { proxyMode: mode }));
    const ask = (destination: string, how: Partial<Query>) =>
      time(() => need(answerQuery(loaded, { source: 'ns-0/pod-0', destination, ...how })));
    const again = (destination: string, how: Partial<Query> = {}): string => {
      for (let i = 0; i < 3; i++) ask(destination, how);
      const runs = Array.from({ length: 9 }, () => ask(destination, how));
      const times = runs.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
      const { stats, paths } = runs[0]?.value ?? { stats: { rulesExamined: 0 }, paths: [] };
      const figures = `${times[0]?.toFixed(1)} / ${times[4]?.toFixed(1)} ms (fastest, median of 9)`;
      return `${figures}, ${paths.length} paths, ${stats.rulesExamined} rules examined`;
    };
    report(`${mode}: the last of ${SERVICES} Services`, again(last));
    report(`${mode}: one of ${ENDPOINTS} endpoints (--seed)`, again('10.97.0.1:80', { seed: 1 }));
    report(`${mode}: ${ENDPOINTS} Pods, first`, `${ask('10.97.0.2:80', {}).milliseconds.toFixed(0)} ms`);
    report(`${mode}: ${ENDPOINTS} Pods, every branch`, again('10.97.0.2:80'));
    report(`${mode}: the same without steps`, again('10.97.0.2:80', { steps: false }));
    if (mode !== 'iptables') continue;
    const save = time(() => printIptablesSave(loaded.world.netns(netnsId('node-5')).iptables()));
    const lines = `${save.value.split('\n').length} lines`;
    report('iptables: iptables-save of a node', `${save.milliseconds.toFixed(0)} ms, ${lines}`);
  }
}
