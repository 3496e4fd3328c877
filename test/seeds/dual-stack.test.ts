/** Issue point "dual stack": two families in every layer, on topologies/dual-stack and on a cluster of IPv6 alone. */
import { describe, expect, it } from 'vitest';
import { printIp } from '../../src/net/address.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import type { Query } from '../../src/query/query.ts';
import { show } from '../../src/query/show/show.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { loadFolder, loadText } from '../topology/load-text.ts';

const loaded = loadFolder('dual-stack');

/** `VERDICT DESTINATION-ADDRESS`, or `error: MESSAGE`. */
function ask(from: Loaded, source: string, destination: string, more: Partial<Query> = {}): string {
  const answer = answerQuery(from, { source, destination, ...more });
  if (!answer.ok) return `error: ${answer.issues.map(({ message }) => message).join('; ')}`;
  return `${answer.value.result.verdict} ${answer.value.query.destinationAddress}`;
}

function text(what: 'routes' | 'rules' | 'iptables' | 'interfaces', target: string, family?: 4 | 6): string {
  const shown = show(loaded, what, target, undefined, family);
  return shown.ok ? shown.value : '';
}

describe('which family a client uses', () => {
  it.each([
    // PreferDualStack: RFC 6724 puts IPv4 before unique local IPv6.
    ['client', 'web:80', {}, 'delivered 10.96.1.0'],
    ['client', 'web:80', { family: 4 }, 'delivered 10.96.1.0'],
    ['client', 'web:80', { family: 6 }, 'delivered fd00:10:96::100'],
    ['client', 'web.shop.svc.cluster.local:80', { family: 6 }, 'delivered fd00:10:96::100'],
    ['client', 'web:80', { family: 6, dns: false }, 'delivered fd00:10:96::100'],
    ['client', 'ledger:7000', {}, 'delivered fd00:10:96::101'],
    ['client', 'ledger:7000', { family: 4 }, 'error: shop/ledger has no IPv4 address'],
    ['client', 'legacy:80', { family: 6 }, 'error: shop/legacy has no IPv6 address'],
    // Headless: of the Pods' addresses the first of the family.
    ['client', 'webs:80', {}, 'delivered 10.244.52.0'],
    ['client', 'webs:80', { family: 6 }, 'delivered fd00:10:244::1c6:3400'],
    ['client', 'pod/web-b:80', {}, 'delivered 10.244.52.0'],
    ['client', 'pod/web-b:80', { family: 6 }, 'delivered fd00:10:244::1c6:3400'],
    ['client', 'n3:30080', { family: 6 }, 'delivered fd00:60::13'],
    ['host/outside', 'n3:30080', { family: 6 }, 'delivered fd00:60::13'],
    // It has IPv4 alone: what is of IPv6 alone it cannot reach, the rest it reaches without being told.
    ['host/old', 'node/n3:30080', {}, 'delivered 192.168.60.13'],
    ['host/old', 'node/n3:30080', { family: 6 }, 'dropped fd00:60::13'],
    ['host/old', '[fd00:60::13]:30080', {}, 'dropped fd00:60::13'],
    // An address stands as it is.
    ['client', '10.96.1.0:80', { family: 6 }, 'error: 10.96.1.0 is no IPv6 address (-6)'],
    ['client', '[fd00:10:96::100]:80', { family: 4 }, 'error: fd00:10:96::100 is no IPv4 address (-4)'],
    // Who sends from an address speaks its family.
    ['fd00:10:244::1c6:3440', 'web:80', {}, 'delivered fd00:10:96::100'],
    ['10.244.52.64', 'web:80', {}, 'delivered 10.96.1.0'],
    [
      '10.244.52.64',
      '[fd00:10:96::100]:80',
      {},
      'error: fd00:10:96::100 is no IPv4 address (the source is an address of the other family)',
    ],
  ] as const)('%s to %s %o: %s', (source, destination, more, expected) => {
    expect(ask(loaded, source, destination, more)).toBe(expected);
  });

  it('says why the first of two families is used', () => {
    const answer = answerQuery(loaded, { source: 'client', destination: 'web:80' });
    const notes = answer.ok ? answer.value.assumptions.map(({ message }) => message) : [];
    expect(notes).toContain(
      'of the 2 addresses of web the first is used: in the order of RFC 6724, as getaddrinfo() sorts them (-4 and -6 decide otherwise)',
    );
  });
});

describe('DNS', () => {
  const questions = (from: Loaded, source: string, destination: string, more: Partial<Query> = {}) => {
    const answer = answerQuery(from, { source, destination, ...more });
    const queries = answer.ok ? (answer.value.dns?.queries ?? []) : [];
    return queries.map(({ name, type, answer: code, addresses }) => [type, name, code, ...addresses].join(' '));
  };

  it('both types are asked for, and an empty answer is no mistake', () => {
    expect(questions(loaded, 'client', 'ledger:7000')).toEqual([
      'A ledger.shop.svc.cluster.local. NOERROR',
      'AAAA ledger.shop.svc.cluster.local. NOERROR fd00:10:96::101',
    ]);
  });

  it('-4 and -6 ask for one', () => {
    expect(questions(loaded, 'client', 'web:80', { family: 4 })).toEqual([
      'A web.shop.svc.cluster.local. NOERROR 10.96.1.0',
    ]);
    expect(questions(loaded, 'client', 'web:80', { family: 6 })).toEqual([
      'AAAA web.shop.svc.cluster.local. NOERROR fd00:10:96::100',
    ]);
  });

  it('a machine of IPv4 alone asks for A alone', () => {
    expect(questions(loadFolder('calico-ipip'), 'pod1', 'svc2:80').map((line) => line.split(' ')[0])).toEqual(['A']);
  });
});

describe('show', () => {
  it('puts a heading over each family where there are two', () => {
    expect(text('routes', 'n2').split('\n')).toEqual(expect.arrayContaining(['# ip route', '# ip -6 route']));
    expect(text('rules', 'n2').split('\n')).toEqual(expect.arrayContaining(['# ip rule', '# ip -6 rule']));
    expect(text('iptables', 'n2').match(/^# ip6?tables-save$/gm)).toEqual(['# iptables-save', '# ip6tables-save']);
    expect(text('interfaces', 'n2')).toContain('    inet6 fd00:60::12/64 scope global');
  });

  it('prints one family as its tool does', () => {
    expect(`# ip route\n${text('routes', 'n2', 4)}# ip -6 route\n${text('routes', 'n2', 6)}`).toBe(
      text('routes', 'n2'),
    );
    expect(text('routes', 'n2', 6)).toContain('fd00:10:244::1c6:3400/122 via fd00:60::13 dev eth0 proto bird');
    expect(text('iptables', 'n2', 6)).toContain('-A KUBE-SERVICES -d fd00:10:96::100/128 -p tcp');
  });

  it('has no headings where there is IPv4 alone', () => {
    const ipip = loadFolder('calico-ipip');
    for (const what of ['routes', 'rules', 'iptables'] as const) {
      const shown = show(ipip, what, 'vms81', undefined);
      expect(shown.ok ? shown.value : '').not.toMatch(/^# ip/m);
      expect(show(ipip, what, 'vms81', undefined, 4)).toEqual(shown);
    }
  });
});

describe('IPv6 alone', () => {
  const alone = loadText(`
apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: six}
spec:
  podCIDRs: ["fd00:10:244::/56"]
  cni: {plugin: calico, calico: {encapsulation: vxlan}}
  nodes:
    - {name: a, address: "fd00:1::1/64", gateway: "fd00:1::fe"}
    - {name: b, address: "fd00:1::2/64", gateway: "fd00:1::fe"}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {nodeName: a, containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: q, labels: {app: q}}
spec: {nodeName: b, containers: [{name: c, ports: [{containerPort: 80, name: http}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {type: NodePort, selector: {app: q}, ports: [{port: 80, targetPort: http, nodePort: 30080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: q}
spec:
  podSelector: {matchLabels: {app: q}}
  ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}]
`);

  it('everything has one address, of the one family', () => {
    expect(alone.cluster.pods.every(({ ips }) => ips.length === 1)).toBe(true);
    expect(alone.cluster.service('default', 's')?.clusterIps.map(printIp)).toEqual(['fd00:10:96::100']);
  });

  it.each([
    ['p', 's:80', 'delivered fd00:10:96::100'],
    ['p', 'svc/s:80', 'delivered fd00:10:96::100'],
    ['p', '[fd00:1::1]:30080', 'dropped fd00:1::1'],
    ['p', '[2001:db8:9::1]:443', 'delivered 2001:db8:9::1'],
    // The policy admits Pods of its namespace; a node is none, and reaches them on another node through policy.
    ['node/b', '[fd00:1::2]:30080', 'delivered fd00:1::2'],
  ])('%s to %s: %s', (source, destination, expected) => {
    expect(ask(alone, source, destination, { dns: true })).toBe(expected);
  });
});
