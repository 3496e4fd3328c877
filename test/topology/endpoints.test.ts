import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { parseIp, printIp } from '../../src/net/address.ts';
import { parseEndpoint } from '../../src/topology/endpoint-text.ts';
import {
  type DestinationEndpoint,
  resolveDestination,
  resolveSource,
  resolveSources,
} from '../../src/topology/endpoints.ts';
import { loadFolder, loadText } from './load-text.ts';

describe('how ends are written', () => {
  it.each([
    ['pod1', { name: 'pod1' }],
    ['ns/pod1', { namespace: 'ns', name: 'pod1' }],
    ['deploy/web', { kind: 'deploy', name: 'web' }],
    ['ns/sts/db:5432', { namespace: 'ns', kind: 'sts', name: 'db', port: 5432 }],
    ['svc2.ns:http', { name: 'svc2.ns', port: 'http' }],
    ['svc2.ns.svc.cluster.local:80', { name: 'svc2.ns.svc.cluster.local', port: 80 }],
    ['node/vms81:31158', { kind: 'node', name: 'vms81', port: 31158 }],
    ['container/c1', { kind: 'container', name: 'c1' }],
    ['10.96.0.10:53', { name: '10.96.0.10', port: 53 }],
    ['[fd00::1]:80', { name: 'fd00::1', port: 80 }],
    ['fd00::1', { name: 'fd00::1' }],
    ['[::ffff:10.0.0.3]:80', { name: '::ffff:10.0.0.3', port: 80, ip: parseIp('10.0.0.3') }],
    ['::ffff:a00:3', { name: '::ffff:a00:3', ip: parseIp('10.0.0.3') }],
    ['::fffe:10.0.0.3', { name: '::fffe:10.0.0.3', ip: parseIp('::fffe:10.0.0.3') }],
    ['http://[::ffff:10.0.0.3]/', { name: '::ffff:10.0.0.3', port: 80, ip: parseIp('10.0.0.3') }],
    ['http://web/path?x=1', { name: 'web', port: 80, url: { scheme: 'http', path: '/path?x=1' } }],
    ['https://10.0.0.1:8443', { name: '10.0.0.1', port: 8443, url: { scheme: 'https', path: '/' } }],
  ])('%s', (text, expected) => {
    expect(parseEndpoint(text)).toMatchObject({ ok: true, value: { text, ...expected } });
  });

  it.each([
    ['', /name is missing/],
    ['a/b/c/d', /expected \[NAMESPACE\/\]/],
    ['a//b', /expected \[NAMESPACE\/\]/],
    ['ns/dploy/web', /"dploy" is no kind/],
    ['web:0', /the port must be/],
    ['web:65536', /the port must be/],
    ['010.0.0.1', /no IP address/],
    ['10.1', /no IP address/],
    ['pod/10.0.0.1', /an address has no kind/],
    ['ftp://x', /only http/],
    ['http://', /names no host/],
    ['https://web:99999/', /the port must be 1-65535/],
    ['we b', /a name has/],
    ['\u001b[31m', /a name has/],
  ])('%j is refused', (text, message) => {
    const result = parseEndpoint(text);
    expect(result.ok ? '' : result.issues[0]?.message).toMatch(message);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9./:[\]]*$/)), (text) => void parseEndpoint(text)),
    );
  });
});

const loaded = loadFolder('calico-ipip');
const here = { namespace: 'liruilong-network-create' };

function destination(text: string): DestinationEndpoint {
  const result = resolveDestination(text, loaded, here);
  invariant(result.ok, result.ok ? '' : (result.issues[0]?.message ?? ''));
  return result.value;
}

describe('sources', () => {
  it.each([
    ['pod1', 'liruilong-network-create/pod1', 'liruilong-network-create/pod1'],
    ['default/testpod2', 'default/testpod2', 'default/testpod2'],
    ['pod/pod1', 'liruilong-network-create/pod1', 'liruilong-network-create/pod1'],
    ['node/vms81', 'node/vms81', 'vms81'],
    ['vms81', 'node/vms81', 'vms81'],
    ['host/outside', 'host/outside', 'outside'],
    ['10.244.70.31', 'liruilong-network-create/pod1', 'liruilong-network-create/pod1'],
    ['192.168.26.81', 'node/vms81', 'vms81'],
    ['203.0.113.7', '203.0.113.7', 'outside:203.0.113.7'],
    ['::ffff:10.244.70.31', 'liruilong-network-create/pod1', 'liruilong-network-create/pod1'],
  ])('%s', (text, displayName, netns) => {
    expect(resolveSource(text, loaded, here)).toMatchObject({ ok: true, value: { displayName, netns } });
  });

  it('state that an address nobody holds is taken for an outside host', () => {
    expect(resolveSource('203.0.113.8', loaded, here)).toMatchObject({
      ok: true,
      value: { notes: [{ code: 'OUTSIDE_HOST' }] },
    });
  });

  it.each([
    ['pod3', 'unknown-source', /did you mean pod[12] or pod[12]/],
    ['testpod2', 'unknown-source', /did you mean default\/testpod2/],
    ['svc1', 'wrong-source', /name a Pod/],
    ['node/vms8', 'unknown-source', /did you mean node\/vms81/],
    ['default/pod1', 'unknown-source', /liruilong-network-create\/pod1/],
  ])('%s is an error that says what was meant', (text, code, hint) => {
    const result = resolveSource(text, loaded, here);
    expect(result).toMatchObject({ ok: false, issues: [{ code }] });
    expect(result.ok ? '' : result.issues[0]?.hint).toMatch(hint);
  });
});

describe('destinations', () => {
  it('a bare name is what the resolver of the Pod would find', () => {
    expect(destination('svc2:80')).toMatchObject({
      kind: 'service',
      port: 80,
      displayName: 'liruilong-network-create/svc2',
    });
    expect(destination('svc2')).toMatchObject({ kind: 'service', port: 80 });
    expect(destination('svc1.liruilong-network-create')).toMatchObject({
      kind: 'name',
      port: 80,
      name: 'svc1.liruilong-network-create',
    });
    expect(destination('kube-dns.kube-system.svc.cluster.local:dns')).toMatchObject({ kind: 'name', port: 53 });
    expect(destination('kube-system/svc/kube-dns:metrics')).toMatchObject({ kind: 'service', port: 9153 });
    expect(destination('www.example.org:443')).toMatchObject({ kind: 'name', port: 443 });
  });

  it('machines and Pods by name, addresses as they are', () => {
    const pod = destination('pod2:80');
    expect(pod).toMatchObject({ kind: 'machine', port: 80 });
    expect(pod.kind === 'machine' ? pod.addresses.map(printIp) : []).toEqual(['10.244.171.181']);
    expect(destination('node/vms81:31158')).toMatchObject({ kind: 'machine', port: 31158, machine: { name: 'vms81' } });
    expect(destination('10.106.61.84:80')).toMatchObject({ kind: 'address', port: 80, notes: [] });
    expect(destination('10.244.171.181:80')).toMatchObject({ kind: 'address', holder: { kind: 'pod', name: 'pod2' } });
  });

  it('a host is made for public addresses only', () => {
    expect(destination('8.8.4.4')).toMatchObject({
      holder: { netns: 'outside:8.8.4.4' },
      notes: [{ code: 'OUTSIDE_HOST' }],
    });
    for (const text of ['10.99.0.1', '192.168.26.99', '169.254.1.1', '10.244.70.99', '192.168.26.240']) {
      expect(destination(text)).not.toHaveProperty('holder');
    }
  });

  it.each([
    ['svc3:80', /did you mean svc1 or svc2|did you mean svc2 or svc1/],
    ['kube-system/svc/kube-dns:dsn', /did you mean dns/],
    ['kube-dns', /did you mean kube-system\/kube-dns/],
    ['pod2:http', /write the number/],
  ])('%s is an error that says what was meant', (text, hint) => {
    const result = resolveDestination(text, loaded, here);
    expect(result.ok ? '' : result.issues[0]?.hint).toMatch(hint);
  });

  it.each([
    ['localhost:80', '127.0.0.1', 80],
    ['http://localhost:8080/', '127.0.0.1', 8080],
    ['ip6-localhost:80', '::1', 80],
  ])('%s is what /etc/hosts of the source says, whatever DNS would', (text, ip, port) => {
    expect(destination(text)).toMatchObject({ kind: 'address', port, address: parseIp(ip) });
  });

  it('localhost in a namespace is a name as any other', () => {
    expect(resolveDestination('default/localhost:80', loaded, { namespace: 'default' })).toMatchObject({ ok: false });
  });
});

describe('workloads and Pods that do not run', () => {
  const lab = loadText(`
apiVersion: v1
kind: Pod
metadata: {name: stuck, labels: {app: x}}
spec: {nodeName: n1, containers: [{name: c, image: i}]}
status: {phase: Failed}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: stuck}
spec: {interfaces: [{name: eth0, segment: lan, addresses: [192.168.0.99/24]}]}
`);
  const options = { namespace: 'default' };

  it('a workload is its first Pod, or all of them', () => {
    expect(resolveSource('deploy/web', lab, options)).toMatchObject({
      ok: true,
      value: { pod: { owner: { name: 'web' } } },
    });
    const all = resolveSources('deploy/web', lab, { ...options, all: true });
    expect(all.ok ? all.value.length : 0).toBe(2);
  });

  it('a name that two things have is ambiguous as a source, and the Service as a destination', () => {
    expect(resolveSource('stuck', lab, options)).toMatchObject({
      ok: false,
      issues: [{ code: 'ambiguous-name', message: expect.stringContaining('default/pod/stuck, host/stuck') }],
    });
    expect(resolveDestination('web', lab, options)).toMatchObject({ ok: true, value: { kind: 'service' } });
    expect(resolveDestination('deploy/web:http', lab, options)).toMatchObject({
      ok: true,
      value: { kind: 'machine', port: 8080 },
    });
  });

  it('a Pod that has ended sends nothing', () => {
    expect(resolveSource('pod/stuck', lab, options)).toMatchObject({
      ok: true,
      value: { problem: { code: 'SOURCE_NOT_RUNNING', message: 'Pod default/stuck is Failed' } },
    });
  });
});
