/** Messages of neighbour discovery in the answers of `nettrace policy`: as JSON, and in words. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { answerPolicy } from '../../src/query/policy/answer-policy.ts';
import type { PolicyAnswer } from '../../src/query/policy/policy-answer.ts';
import { printPolicyJson } from '../../src/report/policy/policy-json.ts';
import { printPolicyText } from '../../src/report/policy/policy-text.ts';
import { loadText } from '../seeds/support.ts';

const CLUSTER = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  podCIDRs: ["fd00:10:244::/56"]
  serviceCIDRs: ["fd00:10:96::/112"]
  cni: {plugin: calico, calico: {encapsulation: none}}
  nodes:
    - {name: n1, address: "fd00:1::11/64", gateway: "fd00:1::1", podCIDR: "fd00:10:244:1::/122"}
    - {name: n2, address: "fd00:1::12/64", gateway: "fd00:1::1", podCIDR: "fd00:10:244:2::/122"}
---
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: h1, labels: {role: machine}}
spec: {node: n1, interfaceName: "*", profiles: [projectcalico-default-allow]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: web-only}
`;
const NORMAL = `spec: {selector: has(role), types: [Ingress], ingress: [{action: Allow, protocol: TCP, destination: {ports: [80]}}]}
`;
const PRE_DNAT = `spec: {selector: has(role), applyOnForward: true, preDNAT: true, types: [Ingress], ingress: [{action: Deny, protocol: ICMPv6}]}
`;

function ask(policy: string, source: string, destination: string): PolicyAnswer {
  const answer = answerPolicy(loadText(CLUSTER + policy), { source, destination });
  invariant(answer.ok, 'both are known');
  return answer.value;
}

describe('a message of neighbour discovery that an endpoint drops', () => {
  it('is told beside the connection, with its device and why no rule admits it', () => {
    const { verdict, ingress, hosts } = ask(NORMAL, 'node/n2', 'node/n1:80');
    expect([verdict, ingress.verdict]).toEqual(['deny', 'allow']);
    expect(hosts).toMatchObject([
      {
        ...{ endpoint: 'h1', node: 'n1', device: 'eth0', way: 'solicitation', direction: 'ingress', verdict: 'deny' },
        tiers: [{ policies: [{ rules: [{ rule: 'ingress[0]', late: false }] }] }],
        decidedBy: { name: 'web-only', rule: null },
      },
    ]);
    const [rule] = hosts[0]?.tiers[0]?.policies[0]?.rules ?? [];
    expect(rule?.misses.map((miss) => JSON.stringify(miss)).join()).toContain('TCP 80');
  });

  it('is not told where it passes', () => {
    const open = NORMAL.replace('[{action', '[{action: Allow, protocol: ICMPv6}, {action');
    expect(ask(open, 'node/n2', 'node/n1:80')).toMatchObject({ verdict: 'allow', hosts: [] });
  });

  it('has a way of its own in JSON', () => {
    const waysOf = (answer: PolicyAnswer): unknown => {
      const { hosts }: { readonly hosts: readonly { readonly way: string }[] } = JSON.parse(
        printPolicyJson(answer, 'en'),
      );
      return hosts.map(({ way }) => way);
    };
    expect(waysOf(ask(NORMAL, 'node/n2', 'node/n1:80'))).toEqual(['solicitation']);
    expect(waysOf(ask(NORMAL, 'node/n1', 'node/n2:80'))).toEqual(['advertisement']);
    expect(waysOf(ask(PRE_DNAT, 'node/n1', 'default/a:80'))).toEqual(['advertisement']);
  });

  it('has no word about addresses before translation, which it never has', () => {
    expect(ask(PRE_DNAT, 'node/n1', 'default/a:80').notes.map(({ code }) => code)).not.toContain(
      'HOST_ENDPOINT_BEFORE_DNAT',
    );
  });

  it.each([
    ['en', 'Ingress of node/n1 its own Pods (HostEndpoint h1), the answer of the neighbour'],
    ['zh', 'node/n1 的 本机 Pod (HostEndpoint h1)（邻居通告报文）的入站方向'],
  ] as const)('is called so in %s', (language, words) => {
    const answer = ask(PRE_DNAT, 'node/n1', 'default/a:80');
    expect(printPolicyText(answer, { language, colour: false, ascii: false, verbosity: 0 })).toContain(words);
  });
});
