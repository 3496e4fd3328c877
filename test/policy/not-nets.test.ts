/** A rule whose exceptions are all of one family says nothing about the other: Felix leaves it out there. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { parseIp } from '../../src/net/address.ts';
import { isEmpty, only } from '../../src/policy/connection-set.ts';
import { podEnd } from '../../src/policy/end.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { loadText } from '../seeds/support.ts';

function isAllowed(notNets: string): boolean {
  const { cluster } = loadText(`apiVersion: v1
kind: Pod
metadata: {name: server}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: default.p}
spec: {selector: all(), types: [Ingress], ingress: [{action: Allow, source: {notNets: [${notNets}]}}]}
`);
  const [pod] = cluster.pods;
  const [ip, outside] = [pod?.ips[0], parseIp('203.0.113.7')];
  invariant(pod !== undefined && ip !== undefined && outside !== undefined, 'two ends');
  const asked = only('TCP', [{ first: 80, last: 80 }]);
  return !isEmpty(judgeConnection(policyWorld(cluster), { ip: outside }, podEnd(pod, ip), asked).allowed);
}

describe('a client of IPv4 and source.notNets', () => {
  it.each([
    ['198.51.100.0/24', true],
    ['203.0.113.0/24', false],
    ['"fd00::/8"', false],
  ])('%s: allowed %s', (notNets, allowed) => {
    expect(isAllowed(notNets)).toBe(allowed);
  });
});
