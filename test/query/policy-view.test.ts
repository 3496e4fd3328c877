/** Policies of every API in the words of a trace. */
import { describe, expect, test } from 'vitest';
import { say } from '../../src/explain/language.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import type { Trace } from '../../src/query/trace.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { readTopologyFiles } from '../topologies/read-probes.ts';

type File = { readonly file: string; readonly text: string };

function trace(files: readonly File[], source: string, destination: string): Trace {
  const loaded = loadTopology(files);
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  const answer = answerQuery(loaded.value, { source, destination, protocol: 'tcp' });
  if (!answer.ok) throw new Error(answer.issues.map(({ message }) => message).join('\n'));
  return answer.value;
}

const tiers = (extra: readonly string[] = []): readonly File[] => readTopologyFiles('calico-tiers', extra);

describe('a drop names', () => {
  test('the rule of an administrator that denies', () => {
    const { result, policies } = trace(tiers(), 'lab/toy', 'shop/web:8080');
    expect(say(result.summary, 'en')).toMatch(
      /^AdminNetworkPolicy cluster-wide \(\S+policies\.yaml:13\) denies ingress from lab\/toy \(10\.244\.1\.40\) to shop\/web on tcp\/8080\.$/,
    );
    expect(policies[0]?.selecting.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'AdminNetworkPolicy cluster-wide',
      'BaselineAdminNetworkPolicy default',
    ]);
  });

  test('the policies of the tier that dropped it, and what of their rules did not fit, the nearest first', () => {
    const { result, policies } = trace(tiers(), 'shop/web', 'pay/db:5432');
    expect(say(result.summary, 'en')).toBe(
      'Calico NetworkPolicy pay/payments selects pay/db, and no ingress rule admits shop/web (10.244.1.10) on tcp/5432.',
    );
    expect(policies[0]?.misses.map((miss) => say(miss, 'en'))).toEqual([
      'Calico NetworkPolicy pay/payments ingress[1]: 10.244.1.10 is not selected by (namespace/team == "shop" && serviceaccount/may == "pay")',
      'Calico NetworkPolicy pay/payments ingress[2]: the protocol is not ICMP',
    ]);
    expect(policies[0]?.misses.map((miss) => say(miss, 'zh'))[1]).toBe(
      'Calico NetworkPolicy pay/payments ingress[2]：协议不是 ICMP',
    );
  });

  test('no rule that denies among those that nearly let it pass', () => {
    const text = `
apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec: {cni: {plugin: calico}, nodes: [{name: n1, address: 192.168.1.11/24, gateway: 192.168.1.1}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, labels: {app: b}}, spec: {containers: [{name: c, image: i}]}}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: p, namespace: default}
spec:
  selector: app == 'b'
  ingress:
    - {action: Deny, protocol: TCP, source: {selector: app == 'x'}}
    - {action: Allow, protocol: TCP, source: {selector: app == 'y'}}
`;
    const { policies } = trace([{ file: 'a.yaml', text }], 'a', 'b:80');
    expect(policies.flatMap(({ misses }) => misses.map((miss) => say(miss, 'en').replace(/:.*/, '')))).toEqual([
      'Calico NetworkPolicy default/p ingress[1]',
    ]);
  });

  test('a host endpoint whose rule denies, though no Pod is behind it', () => {
    const { result } = trace(tiers(['policies/pre-dnat.yaml']), 'host/stranger', 'node/n2:30080');
    expect(result.code).toBe('HOST_ENDPOINT_DENY');
    expect(say(result.summary, 'en')).toContain('GlobalNetworkPolicy nodeports');
  });
});

test('a plugin that enforces nothing leaves policies of every API out, and says so', () => {
  const files = tiers().map(({ file, text }) => ({
    file,
    text: text.replace(/ {2}cni:\n {4}plugin: calico\n.*\n/, '  cni: {plugin: flannel, flannel: {backend: host-gw}}\n'),
  }));
  const { result, assumptions } = trace(files, 'lab/toy', 'shop/web:8080');
  expect(result.verdict).toBe('delivered');
  const [found] = assumptions.filter(({ code }) => code === 'POLICY_NOT_ENFORCED');
  expect(found?.message).toContain('AdminNetworkPolicy cluster-wide');
});
