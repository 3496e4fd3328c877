/** S23, S24, S26: what the notes tell of IPVS. S25 and S27 stand with the other modes in proxy-modes.test.ts. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask, backends, load, loadText, outcome, run, show, steps } from './support.ts';

describe('S24: Cluster C in IPVS mode', () => {
  it('ipvsadm -Ln lists the Service with its four endpoints', async () => {
    const listed = await show('flannel-ipvs', 'ipvs', 'k8s-master');
    expect(listed).toContain(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`);
    expect(listed.replaceAll(/ +$/gm, '')).toContain(`TCP  10.110.57.234:8000 rr
  -> 10.244.0.21:8000             Masq    1      0          0
  -> 10.244.1.14:8000             Masq    1      0          0
  -> 10.244.2.30:8000             Masq    1      0          0
  -> 10.244.2.31:8000             Masq    1      0          0
`);
  });

  it.each(['k8s-master', 'k8s-slave1', 'k8s-slave2'])(
    'kube-ipvs0 of %s holds every ClusterIP, and is down',
    async (node) => {
      const device =
        (await show('flannel-ipvs', 'interfaces', node))
          .split(/^(?=\d+: )/m)
          .find((each) => /^\d+: kube-ipvs0:/.test(each)) ?? '';
      expect(device).toMatch(/^\d+: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 .*state DOWN/);
      const addresses = [...device.matchAll(/inet (\S+) scope global kube-ipvs0/g)].map((found) => found[1]);
      // kube-proxy's own order is that of a Go map: any.
      expect(addresses.sort()).toEqual(
        [
          '10.98.2.114/32',
          '10.104.219.151/32',
          '10.105.65.167/32',
          '10.96.0.10/32',
          '10.96.0.1/32',
          '10.106.247.171/32',
          '10.110.57.234/32',
        ].sort(),
      );
    },
  );

  it.each([
    ['k8s-master', ['10.0.0.80', '10.244.0.0', '10.244.0.1']],
    ['k8s-slave1', ['10.0.0.81', '10.244.1.0', '10.244.1.1']],
    ['k8s-slave2', ['10.0.0.82', '10.244.2.0', '10.244.2.1']],
  ])('NodePort 31685 is a virtual server on the addresses of %s', async (node, addresses) => {
    const listed = await show('flannel-ipvs', 'ipvs', node);
    expect([...listed.matchAll(/^TCP {2}(\S+):31685 rr/gm)].map((found) => found[1])).toEqual(addresses);
  });

  it('each endpoint is as likely as the others, and the trace says which server was chosen by what', () => {
    const trace = ask(load('flannel-ipvs'), 'shell', 'eladmin-api:8000');
    expect(backends(trace)).toEqual([
      '0.25 10.244.0.21:8000',
      '0.25 10.244.1.14:8000',
      '0.25 10.244.2.30:8000',
      '0.25 10.244.2.31:8000',
    ]);
    const chosen = steps(trace)
      .filter(({ hook }) => hook === 'INPUT')
      .map(({ action }) => action);
    expect(chosen.filter((action) => action.startsWith('IPVS'))).toEqual([
      'IPVS rr of TCP 10.110.57.234:8000 > 10.244.0.21:8000',
      'IPVS rr of TCP 10.110.57.234:8000 > 10.244.1.14:8000',
      'IPVS rr of TCP 10.110.57.234:8000 > 10.244.2.30:8000',
      'IPVS rr of TCP 10.110.57.234:8000 > 10.244.2.31:8000',
    ]);
  });
});

describe('S23: a ping of a ClusterIP', () => {
  const answered = readFileSync('topologies/flannel-ipvs/cluster.yaml', 'utf8');
  const workloads = readFileSync('topologies/flannel-ipvs/workloads.yaml', 'utf8');
  const of = (version: string) =>
    loadText(`${answered.replace('kubernetesVersion: "1.24"', `kubernetesVersion: "${version}"`)}\n---\n${workloads}`);

  it.each(['1.24', '1.26'])('kube-ipvs0 holds the address on each node: %s answers', (version) => {
    const trace = ask(of(version), 'node/k8s-master', '10.110.57.234', { protocol: 'icmp' });
    expect(outcome(trace)).toBe('delivered connected');
    expect(trace.paths.map(({ ttl }) => ttl)).toEqual([64]);
  });

  it.each(['1.27', '1.33'])('KUBE-IPVS-FILTER of %s refuses what no Service takes', (version) => {
    const trace = ask(of(version), 'node/k8s-master', '10.110.57.234', { protocol: 'icmp' });
    expect(trace.result).toMatchObject({ verdict: 'rejected', code: 'CLUSTER_IP_NO_ICMP' });
  });
});

describe('S26: schedulers', () => {
  const cluster = (scheduler: string): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  podCIDRs: [10.244.0.0/16]
  proxy: {mode: ipvs${scheduler === '' ? '' : `, ipvs: {scheduler: ${scheduler}}`}}
  cni: {plugin: flannel, flannel: {backend: vxlan}}
  nodes: [{name: n1, address: 10.0.0.1/24, podCIDR: 10.244.0.0/24}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.20, selector: {app: web}, ports: [{port: 80}]}
${[5, 6]
  .map(
    (last) => `---
apiVersion: v1
kind: Pod
metadata: {name: web-${last}, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
status: {podIP: 10.244.0.${last}}
`,
  )
  .join('')}---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
status: {podIP: 10.244.0.9}
`;

  it.each(['rr', 'lc', 'dh', 'sh', 'sed', 'nq', 'wrr', 'wlc', 'lblc', 'lblcr', 'mh'])('%s', async (scheduler) => {
    const text = cluster(scheduler);
    const ran = await run(['show', 'ipvs', 'n1', '-f', 'c.yaml'], { 'c.yaml': text });
    expect(ran.stdout).toMatch(new RegExp(`^TCP {2}10\\.96\\.0\\.20:80 ${scheduler}( |$)`, 'm'));
    expect(outcome(ask(loadText(text), 'client', 'web:80'))).toBe('delivered connected');
  });

  it('rr where none is named', async () => {
    const ran = await run(['show', 'ipvs', 'n1', '-f', 'c.yaml'], { 'c.yaml': cluster('') });
    expect(ran.stdout).toMatch(/^TCP {2}10\.96\.0\.20:80 rr$/m);
  });
});
