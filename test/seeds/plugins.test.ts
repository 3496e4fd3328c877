/** S13, S71: flannel's backends, and which plugins enforce policies. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { readTopologyFiles } from '../topologies/read-probes.ts';
import { ask, backends, devices, loadText, outcome, steps } from './support.ts';

/** Cluster C with another plugin, and more objects. */
function clusterC(cni: string, ...more: readonly string[]) {
  const files = readTopologyFiles('flannel-iptables', []).map(({ file, text }) => ({
    file,
    text: text.replace('{plugin: flannel, flannel: {backend: vxlan}}', cni),
  }));
  const loaded = loadTopology([...files, ...more.map((text, index) => ({ file: `more-${index}.yaml`, text }))]);
  invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ message }) => message).join('\n'));
  return loaded.value;
}

const DENY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: yuchao}
spec: {podSelector: {matchLabels: {app: mysql}}, policyTypes: [Ingress]}
`;

describe('S13', () => {
  it.each([
    ['vxlan', 'flannel.1', 'udp 10.0.0.81 > 10.0.0.80', 1450],
    ['ipip', 'flannel.ipip', 'ipip 10.0.0.81 > 10.0.0.80', 1480],
    ['udp', 'flannel0', 'udp 10.0.0.81 > 10.0.0.80', 1472],
  ])('the backend %s carries packets in its own', (backend, device, outer, mtu) => {
    const loaded = clusterC(`{plugin: flannel, flannel: {backend: ${backend}}}`);
    const trace = ask(loaded, 'shell', '10.244.0.21:8000');
    expect(outcome(trace)).toBe('delivered connected');
    expect(steps(trace).filter(({ action }) => action === 'ENCAPSULATE')).toHaveLength(1);
    expect(devices(trace)).toContain('k8s-slave1/ens33');
    const sent = steps(trace).flatMap(({ device: name, after, before }) => (name === 'ens33' ? [after ?? before] : []));
    const [first] = sent.filter(({ inner }) => inner !== null);
    expect(`${first?.protocol} ${first?.src} > ${first?.dst}`).toBe(outer);
    const node = loaded.world.netns(
      loaded.world.machines.find(({ name }) => name === 'k8s-slave1')?.netns ?? missing(),
    );
    expect(node.devices.get(device)?.mtu).toBe(mtu);
    expect(node.devices.get('cni0')?.mtu).toBe(mtu);
  });

  it('the backend udp costs two hops more: flanneld forwards on both nodes', () => {
    const ttlOf = (backend: string) =>
      ask(clusterC(`{plugin: flannel, flannel: {backend: ${backend}}}`), 'shell', '10.244.0.21', { protocol: 'icmp' })
        .paths[0]?.ttl;
    expect([ttlOf('vxlan'), ttlOf('udp')]).toEqual([62, 60]);
  });

  it('the backend udp: one route for all, and an address that no node has is refused', () => {
    const loaded = clusterC('{plugin: flannel, flannel: {backend: udp}}');
    const trace = ask(loaded, 'shell', '10.244.0.21:8000');
    expect(steps(trace).some(({ rule }) => rule === '10.244.0.0/16 dev flannel0')).toBe(true);
    expect(outcome(ask(loaded, 'shell', '10.244.9.9:80'))).toMatch(/^dropped unreachable/);
  });

  it('the backend host-gw routes them as they are', () => {
    const trace = ask(clusterC('{plugin: flannel, flannel: {backend: host-gw}}'), 'shell', '10.244.0.21:8000');
    expect(outcome(trace)).toBe('delivered connected');
    expect(steps(trace).some(({ rule }) => rule === '10.244.0.0/24 via 10.0.0.80 dev ens33')).toBe(true);
    expect(steps(trace).every(({ before }) => before.inner === null)).toBe(true);
  });

  it('flannel alone enforces no policy, Calico does', () => {
    const flannel = ask(clusterC('{plugin: flannel}', DENY), 'shell', 'mysql:3306');
    expect(outcome(flannel)).toBe('delivered connected');
    const calico = ask(clusterC('{plugin: calico, calico: {encapsulation: none}}', DENY), 'shell', 'mysql:3306');
    expect(outcome(calico)).toMatch(/^dropped timeout POLICY_INGRESS/);
  });
});

describe('S71', () => {
  it.each(['{plugin: flannel}', '{plugin: bridge}'])(
    'with %s the policy changes nothing, and the report says so',
    (cni) => {
      const trace = ask(clusterC(cni, DENY), 'shell', 'pod/mysql-0:3306');
      expect(outcome(trace)).toBe('delivered connected');
      const notes = trace.assumptions.filter(({ code }) => code === 'POLICY_NOT_ENFORCED');
      expect(notes.map(({ message }) => message).join()).toContain('yuchao/deny');
      expect(trace.policies).toEqual([]);
    },
  );
});

describe('Canal', () => {
  const CANAL = '{plugin: canal, flannel: {backend: vxlan}}';

  it('is flannel between the nodes and Calico on them', () => {
    const trace = ask(clusterC(CANAL), 'shell', '10.244.0.21:8000');
    expect(outcome(trace)).toBe('delivered connected');
    const rules = steps(trace).flatMap(({ rule }) => rule ?? []);
    expect(rules).toContain('10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink');
    expect(rules.some((rule) => /^10\.244\.0\.21 dev cali[0-9a-f]{11} scope link$/.test(rule))).toBe(true);
    expect(rules).toContain('default via 169.254.1.1 dev eth0');
  });

  it('enforces policies', () => {
    expect(outcome(ask(clusterC(CANAL, DENY), 'shell', 'mysql:3306'))).toMatch(/^dropped timeout POLICY_INGRESS/);
    expect(backends(ask(clusterC(CANAL, DENY), 'shell', 'eladmin-api:8000'))).toHaveLength(4);
  });
});

describe('Canal of both families', () => {
  const policy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: lock}
spec: {podSelector: {matchLabels: {app: shut}}}
`;
  const pod = (name: string, node: string, app: string): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${app}}}
spec: {nodeName: ${node}, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
`;
  const dual = (backend: string) =>
    loadText(`apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  podCIDRs: [10.244.0.0/16, "fd00:10::/56"]
  serviceCIDRs: [10.96.0.0/12, "fd00:96::/112"]
  cni: {plugin: canal, flannel: {backend: ${backend}}}
  nodes:
    - {name: n1, address: [10.0.0.1/24, "fd00::1/64"], gateway: [10.0.0.254, "fd00::254"]}
    - {name: n2, address: [10.0.0.2/24, "fd00::2/64"], gateway: [10.0.0.254, "fd00::254"]}
${pod('client', 'n1', 'client')}${pod('near', 'n1', 'open')}${pod('open', 'n2', 'open')}${pod('shut', 'n2', 'shut')}---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: open}, ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}
${policy}`);

  it.each(['vxlan', 'host-gw'])('%s carries both, and Felix filters both', (backend) => {
    const loaded = dual(backend);
    for (const family of [4, 6] as const) {
      expect(outcome(ask(loaded, 'client', 'pod/near:80', { family }))).toBe('delivered connected');
      expect(outcome(ask(loaded, 'client', 'pod/open:80', { family }))).toBe('delivered connected');
      expect(outcome(ask(loaded, 'client', 'web:80', { family }))).toBe('delivered connected');
      expect(outcome(ask(loaded, 'client', 'pod/shut:80', { family }))).toMatch(/^dropped timeout POLICY_INGRESS/);
    }
    expect(loaded.notes.map(({ code }) => code)).toContain('CANAL_IPV6_ASSUMED');
  });

  it('goes to the other node by the routes of flannel and of Calico', () => {
    const rules = steps(ask(dual('vxlan'), 'client', 'pod/open:80', { family: 6 })).flatMap(({ rule }) => rule ?? []);
    expect(rules.some((rule) => /^fd00:10:0:1::\/64 via fd00:10:0:1:: dev flannel-v6\.1/.test(rule))).toBe(true);
    expect(rules.some((rule) => /^fd00:10:0:1::\S+ dev cali[0-9a-f]{11}/.test(rule))).toBe(true);
    expect(rules).toContain('default via fe80::ecee:eeff:feee:eeee dev eth0 metric 1024 pref medium');
  });
});

function missing(): never {
  throw new Error('no such machine');
}
