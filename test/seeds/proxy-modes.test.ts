/** S22, S23, S25, S27: the modes of kube-proxy side by side, as `nettrace compare` shows them. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { compareModes } from '../../src/query/compare/compare-modes.ts';
import { COMPARED_MODES, type Comparison, type ProxyMode } from '../../src/query/compare/comparison.ts';
import type { Query } from '../../src/query/query.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { readTopologyFiles } from '../topologies/read-probes.ts';
import { run } from './support.ts';

type Files = Parameters<typeof loadTopology>[0];

function compare(files: Files, query: Query, modes: readonly ProxyMode[] = COMPARED_MODES): Comparison {
  const worlds = modes.map((mode) => {
    const loaded = loadTopology(files, { proxyMode: mode });
    invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ message }) => message).join('\n'));
    return { mode, loaded: loaded.value };
  });
  const compared = compareModes(worlds, query);
  invariant(compared.ok, compared.ok ? '' : compared.issues.map(({ message }) => message).join('\n'));
  return compared.value;
}

function outcomes({ modes }: Comparison): readonly string[] {
  return modes.map(({ mode, result }) => `${mode}: ${result.verdict} ${result.symptom}`);
}

const CLUSTER_C = readTopologyFiles('flannel-iptables', []);

describe('S22 and S23', () => {
  it.each(['shell', 'node/k8s-master'])('a ping of a ClusterIP from %s: only IPVS of 1.24 answers it', (source) => {
    const compared = compare(CLUSTER_C, { source, destination: '10.110.57.234', protocol: 'icmp' });
    expect(outcomes(compared).slice(0, 2)).toEqual(['iptables: dropped unreachable', 'ipvs: delivered connected']);
    expect(outcomes(compared)[2]).not.toMatch(/delivered/);
    expect(compared.differences).toContain('outcome');
  });

  it('what TCP gets is the same in all three', () => {
    const compared = compare(CLUSTER_C, { source: 'shell', destination: 'eladmin-api:8000' });
    expect(outcomes(compared)).toEqual(COMPARED_MODES.map((mode) => `${mode}: delivered connected`));
    expect(compared.differences).toEqual(['rulesExamined']);
    for (const { backends, sourceSeen } of compared.modes) {
      expect(backends.map(({ backend, share }) => `${backend.ip} ${share.numerator}/${share.denominator}`)).toEqual([
        '10.244.0.21 1/4',
        '10.244.1.14 1/4',
        '10.244.2.30 1/4',
        '10.244.2.31 1/4',
      ]);
      expect(sourceSeen).toEqual(['10.244.1.20']);
    }
  });
});

describe('S25', () => {
  const services = (count: number): Files => {
    const one = (index: number): string => {
      const name = `s${String(index).padStart(4, '0')}`;
      return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {clusterIP: 10.96.${2 + Math.floor(index / 200)}.${1 + (index % 200)}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: ${name}}
subsets: [{addresses: [{ip: 10.244.0.10}], ports: [{port: 80}]}]
---
`;
    };
    const text = `${Array.from({ length: count }, (_, index) => one(index)).join('')}apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: c, image: c}]}
`;
    return [{ file: 'lab.yaml', text }];
  };
  const examined = (count: number): readonly number[] =>
    compare(services(count), { source: 'client', destination: `10.96.2.${count}:80` }).modes.map(
      ({ stats }) => stats.rulesExamined,
    );

  it('the cost of a connection grows with the number of Services in iptables mode, and only there', () => {
    const [few, many] = [examined(10), examined(110)];
    const growth = many.map((count, index) => count - (few[index] ?? 0));
    expect(growth).toEqual([100, 0, 0]);
  });
});

describe('S27', () => {
  it('knows iptables, ipvs and nftables; userspace is historic', async () => {
    const cluster = (mode: string): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec: {proxy: {mode: ${mode}}, nodes: [{name: n1, address: 10.0.0.1/24}]}
`;
    for (const mode of ['iptables', 'ipvs', 'nftables', 'none'])
      expect((await run(['validate', '-f', 'c.yaml'], { 'c.yaml': cluster(mode) })).code).toBe(0);
    const ran = await run(['validate', '-f', 'c.yaml'], { 'c.yaml': cluster('userspace') });
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr).toContain('expected one of iptables, ipvs, nftables, none');
  });

  it('iptables is the default', async () => {
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: n1, containers: [{name: c, image: c}]}\n';
    const ran = await run(['show', 'iptables', 'n1', '-f', 'p.yaml'], { 'p.yaml': pod });
    expect(ran.stdout).toContain(':KUBE-SERVICES');
  });
});

describe('externalTrafficPolicy Local on a node without a Pod', () => {
  it('is dropped in two modes; IPVS passes it on, and the answer is lost', () => {
    const compared = compare(readTopologyFiles('traffic-policy-local', []), {
      source: 'host/laptop',
      destination: 'node/a2:30002',
    });
    expect(compared.modes.map(({ mode, result }) => `${mode} ${result.code}`)).toEqual([
      'iptables SERVICE_NO_LOCAL_ENDPOINTS',
      'ipvs NAT_REPLY_ASYMMETRIC',
      'nftables SERVICE_NO_LOCAL_ENDPOINTS',
    ]);
  });
});
