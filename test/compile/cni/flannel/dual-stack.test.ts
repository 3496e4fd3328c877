import { describe, expect, test } from 'vitest';
import { TABLE_MAIN } from '../../../../src/kernel/route/route.ts';
import { printRoutes } from '../../../../src/kernel/route/route-text.ts';
import { answerQuery } from '../../../../src/query/answer-query.ts';
import { show } from '../../../../src/query/show/show.ts';
import { id, loadText } from '../../../topology/load-text.ts';

function cluster(cni: string): string {
  return `
apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  podCIDRs: [10.42.0.0/16, "fd00:42::/48"]
  cni: ${cni}
  nodes:
    - {name: a, address: [10.0.0.1/24, "fd00:1::1/64"]}
    - {name: b, address: [10.0.0.2/24, "fd00:1::2/64"]}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {nodeName: a, containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: q}
spec: {nodeName: b, containers: [{name: c, ports: [{containerPort: 80, hostPort: 8080}]}]}
`;
}

function routes6(text: string, machine: string): readonly string[] {
  const routes = loadText(text).world.netns(id(machine)).routes.get(TABLE_MAIN) ?? [];
  return printRoutes(routes, 6).filter((line) => !line.startsWith('fe80::'));
}

describe('flannel between nodes of two families', () => {
  test('vxlan: a device of its own for IPv6', () => {
    expect(routes6(cluster('{plugin: flannel}'), 'a')).toEqual([
      'fd00:1::/64 dev eth0 proto kernel metric 256 pref medium',
      'fd00:42:: dev flannel-v6.1 proto kernel metric 256 pref medium',
      'fd00:42::/64 dev cni0 proto kernel metric 256 pref medium',
      'fd00:42:0:1::/64 via fd00:42:0:1:: dev flannel-v6.1 metric 1024 onlink pref medium',
    ]);
  });

  test('host-gw: the other node as gateway', () => {
    expect(routes6(cluster('{plugin: flannel, flannel: {backend: host-gw}}'), 'a')).toContain(
      'fd00:42:0:1::/64 via fd00:1::2 dev eth0 metric 1024 pref medium',
    );
  });

  test("a Pod's gateway is the bridge", () => {
    expect(routes6(cluster('{plugin: flannel}'), 'default/p')).toEqual([
      'fd00:42::/64 dev eth0 proto kernel metric 256 pref medium',
      'fd00:42::/48 via fd00:42::1 dev eth0 metric 1024 pref medium',
      'default via fd00:42::1 dev eth0 metric 1024 pref medium',
    ]);
  });

  test('its rules, and no masquerading of multicast', () => {
    const shown = show(loadText(cluster('{plugin: flannel}')), 'iptables', 'a', undefined, 6);
    const lines = shown.ok ? shown.value.split('\n') : [];
    expect(lines.filter((line) => line.startsWith('-A FLANNEL-'))).toEqual([
      '-A FLANNEL-FWD -s fd00:42::/48 -m comment --comment "flanneld forward" -j ACCEPT',
      '-A FLANNEL-FWD -d fd00:42::/48 -m comment --comment "flanneld forward" -j ACCEPT',
      '-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN',
      '-A FLANNEL-POSTRTG -s fd00:42::/64 -d fd00:42::/48 -m comment --comment "flanneld masq" -j RETURN',
      '-A FLANNEL-POSTRTG -s fd00:42::/48 -d fd00:42::/64 -m comment --comment "flanneld masq" -j RETURN',
      '-A FLANNEL-POSTRTG ! -s fd00:42::/48 -d fd00:42::/64 -m comment --comment "flanneld masq" -j RETURN',
      '-A FLANNEL-POSTRTG -s fd00:42::/48 ! -d ff00::/8 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully',
      '-A FLANNEL-POSTRTG ! -s fd00:42::/48 -d fd00:42::/48 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully',
    ]);
  });

  test.each([
    ['{plugin: flannel}', 'q:80', 4, 'delivered'],
    ['{plugin: flannel}', 'q:80', 6, 'delivered'],
    ['{plugin: flannel, flannel: {backend: host-gw}}', 'q:80', 6, 'delivered'],
    // A tunnel of IPv4 in IPv4.
    ['{plugin: flannel, flannel: {backend: ipip}}', 'q:80', 4, 'delivered'],
    ['{plugin: flannel, flannel: {backend: ipip}}', 'q:80', 6, 'dropped'],
    // portmap's rules are of both families.
    ['{plugin: flannel}', '[fd00:1::2]:8080', undefined, 'delivered'],
    ['{plugin: flannel}', '10.0.0.2:8080', undefined, 'delivered'],
    ['{plugin: bridge}', '[fd00:1::2]:8080', undefined, 'delivered'],
  ] as const)('%s: p to %s by IPv%s is %s', (cni, destination, family, verdict) => {
    const answer = answerQuery(loadText(cluster(cni)), {
      source: 'p',
      destination,
      ...(family === undefined ? {} : { family }),
    });
    expect(answer.ok ? answer.value.result.verdict : answer.issues).toBe(verdict);
  });
});
