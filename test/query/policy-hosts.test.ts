/** Host endpoints in the answers of `nettrace policy`: each stage, what cannot be known, and the forms of the answer. */
import { describe, expect, it } from 'vitest';
import { answerPolicy } from '../../src/query/policy/answer-policy.ts';
import type { PolicyAnswer } from '../../src/query/policy/policy-answer.ts';
import { load, loadText } from '../seeds/support.ts';

function ask(file: string, source: string, destination: string, protocol: 'tcp' | 'udp' = 'tcp'): PolicyAnswer {
  const loaded = load('calico-tiers', ...(file === '' ? [] : [`policies/${file}.yaml`]));
  const answer = answerPolicy(loaded, { source, destination, protocol });
  if (!answer.ok) throw new Error(answer.issues.map(({ message }) => message).join());
  return answer.value;
}

describe('the probes of calico-tiers', () => {
  it.each([
    ['', 'host/stranger', 'node/n2:9100', 'tcp', 'allow'],
    ['host', 'host/admin', 'node/n2:10250', 'tcp', 'allow'],
    ['host', 'host/stranger', 'node/n2:9100', 'tcp', 'deny'],
    ['host', 'host/stranger', 'node/n2:22', 'tcp', 'allow'],
    ['host', 'host/stranger', 'node/n2:53', 'udp', 'deny'],
    ['host', 'node/n2', 'host/admin:443', 'tcp', 'allow'],
    ['host', 'node/n2', 'host/admin:80', 'tcp', 'deny'],
    ['host', 'shop/api', 'node/n2:9100', 'tcp', 'allow'],
    ['host', 'shop/web', 'shop/api:8080', 'tcp', 'allow'],
    ['pre-dnat', 'host/stranger', 'node/n2:30080', 'tcp', 'deny'],
    ['pre-dnat', 'host/stranger', 'node/n2:9100', 'tcp', 'allow'],
    ['forward', 'host/admin', 'shop/web:8080', 'tcp', 'allow'],
    ['forward', 'host/stranger', 'shop/web:8080', 'tcp', 'deny'],
    ['forward', 'host/stranger', 'node/n1:9100', 'tcp', 'deny'],
    ['untracked', 'host/stranger', 'node/n2:53', 'udp', 'allow'],
    ['untracked', 'host/stranger', 'node/n2:9100', 'tcp', 'deny'],
  ] as const)('%s: %s -> %s %s is %s', (file, source, destination, protocol, verdict) => {
    expect(ask(file, source, destination, protocol).verdict).toBe(verdict);
  });
});

describe('the answer', () => {
  it('names the endpoint that the machine is behind, and the policy that decided', () => {
    expect(ask('host', 'host/stranger', 'node/n2:9100').ingress).toMatchObject({
      ...{ endpoint: 'n2-all', node: 'n2', device: 'eth0', way: 'own', verdict: 'deny' },
      decidedBy: { kind: 'GlobalNetworkPolicy', name: 'nodes', rule: null },
    });
  });

  it('says that a failsafe port asks no policy', () => {
    expect(ask('host', 'host/stranger', 'node/n2:22').ingress).toMatchObject({
      exemption: 'failsafe',
      decidedBy: null,
    });
  });

  it('of what comes from a failsafe port lets it pass raw without a rule of an untracked policy', () => {
    const loaded = load('calico-tiers', 'policies/untracked.yaml');
    const from = (sourcePort: number): string | undefined => {
      const query = { source: 'host/stranger', destination: 'node/n2:53', protocol: 'udp', sourcePort } as const;
      const answer = answerPolicy(loaded, query);
      return answer.ok ? answer.value.verdict : undefined;
    };
    // 67 is open outwards: the filter table asks the endpoint, which has no other policy and no profile.
    expect([from(40000), from(67)]).toEqual(['allow', 'deny']);
  });

  it('puts endpoints between two others beside them', () => {
    const { egress, ingress, hosts } = ask('forward', 'host/stranger', 'shop/web:8080');
    expect([egress.verdict, ingress.verdict]).toEqual(['allow', 'allow']);
    expect(hosts).toMatchObject([
      { endpoint: 'n1-eth0', way: 'forwarded', verdict: 'deny', tiers: [{ stage: 'forward', decision: 'deny' }] },
    ]);
  });

  it.each([
    ['pre-dnat', 'node/n2:30080', 'tcp', 'HOST_ENDPOINT_BEFORE_DNAT'],
    ['untracked', 'node/n2:53', 'udp', 'HOST_ENDPOINT_UNTRACKED'],
    ['forward', 'shop/web:8080', 'tcp', 'HOST_ENDPOINT_WAY'],
  ] as const)('of %s says what only the walk can know', (file, destination, protocol, code) => {
    expect(ask(file, 'host/stranger', destination, protocol).notes.map((note) => note.code)).toContain(code);
  });

  it('of an endpoint without policies and profiles is no, and names the endpoint', () => {
    const loaded = loadText(`apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec: {cni: {plugin: calico}, nodes: [{name: n1, address: 192.168.1.11/24}, {name: n2, address: 192.168.1.12/24}]}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: closed}
spec: {node: n1, interfaceName: "*"}
`);
    expect(answerPolicy(loaded, { source: 'node/n2', destination: 'node/n1:80' })).toMatchObject({
      value: { verdict: 'deny', ingress: { decidedBy: { kind: 'HostEndpoint', name: 'closed' } } },
    });
  });
});
