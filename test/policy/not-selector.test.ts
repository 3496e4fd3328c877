/** A notSelector where one address is that of a Pod and of a network set whose labels differ. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { isEmpty, only } from '../../src/policy/connection-set.ts';
import { podEnd } from '../../src/policy/end.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { loadText } from '../seeds/support.ts';

const CLUSTER = `apiVersion: v1
kind: Pod
metadata: {name: client, labels: {tier: '1'}}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: everything}
spec: {nets: [0.0.0.0/0]}
---
`;

const policy = (kind: string, source: string): string => `apiVersion: projectcalico.org/v3
kind: ${kind}
metadata: {name: default.p}
spec: {selector: app == 'server', types: [Ingress], ingress: [{action: Allow, source: ${source}}]}
---
`;

function isAllowed(text: string): boolean {
  const { cluster } = loadText(CLUSTER + text);
  const [client, server] = ['client', 'server'].map((name) => {
    const pod = cluster.pods.find((each) => each.name === name);
    invariant(pod?.ips[0] !== undefined, `no Pod ${name}`);
    return podEnd(pod, pod.ips[0]);
  });
  invariant(client !== undefined && server !== undefined, 'two ends');
  return !isEmpty(
    judgeConnection(policyWorld(cluster), client, server, only('TCP', [{ first: 80, last: 80 }])).allowed,
  );
}

describe("the client's Pod has tier 1, and a network set with its address has no label", () => {
  it.each<readonly [string, string, boolean]>([
    ['GlobalNetworkPolicy', "{notSelector: tier != '1'}", false],
    ['GlobalNetworkPolicy', "{selector: all(), notSelector: tier != '1'}", true],
    ['GlobalNetworkPolicy', '{selector: all(), notSelector: all()}', false],
    // The policy's own namespace is a selector, which the set without one does not satisfy.
    ['NetworkPolicy', "{notSelector: tier != '1'}", true],
    ['NetworkPolicy', "{notSelector: tier == '1'}", false],
  ])('%s with source %s: allowed %s', (kind, source, allowed) => {
    expect(isAllowed(policy(kind, source))).toBe(allowed);
  });
});
