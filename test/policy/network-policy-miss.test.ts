import { describe, expect, test } from 'vitest';
import type { NetworkPolicyRule } from '../../src/cluster/objects.ts';
import type { PolicyConnection } from '../../src/cluster/policy/policy-connection.ts';
import { policiesSelecting } from '../../src/compile/cni/calico/policies-selecting.ts';
import { distanceOf, explainNetworkPolicyMiss, type NetworkPolicyMiss } from '../../src/policy/network-policy-miss.ts';
import { ip, nodeSettings, pod, prefix } from '../compile/cluster-fixture.ts';
import { calicoCluster, ipBlock, pods, policy, selector } from '../compile/cni/calico/fixture.ts';

const WEB = pod({
  name: 'web',
  namespace: 'default',
  ips: [ip('10.244.0.1')],
  labels: { app: 'web' },
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
});
const API = pod({ name: 'api', namespace: 'other', ips: [ip('10.244.0.2')], labels: { app: 'api', tier: 'back' } });
const CLUSTER = calicoCluster({
  nodes: [nodeSettings('node1', '192.168.1.1/24')],
  pods: [WEB, API],
  namespaces: { other: { team: 'blue' } },
});
const FROM_API: PolicyConnection = { peerIp: ip('10.244.0.2'), peerPod: API, protocol: 'tcp', port: 80 };

function miss(rule: Partial<NetworkPolicyRule>, connection: Partial<PolicyConnection> = {}): NetworkPolicyMiss {
  const each = policy({ name: 'p', ingress: [{ peers: [], ports: [], ...rule }] });
  const [result] = explainNetworkPolicyMiss(CLUSTER, each, 'ingress', WEB, { ...FROM_API, ...connection });
  if (result === undefined) throw new Error('no rule');
  return result;
}

describe('what a rule wanted and what the connection had', () => {
  test('the port matches, the peer does not', () => {
    expect(
      miss({ peers: [pods(selector({ app: 'web' }), selector())], ports: [{ protocol: 'TCP', port: 80 }] }),
    ).toEqual({
      rule: 0,
      port: { kind: 'match' },
      peers: [{ kind: 'labels', namespace: [], pod: [{ key: 'app', operator: 'In', values: ['web'], has: 'api' }] }],
      allows: false,
    });
  });

  test.each<[string, Partial<NetworkPolicyRule>, Partial<PolicyConnection>, object]>([
    ['a rule for all', {}, {}, { allows: true, port: { kind: 'match' }, peers: [] }],
    [
      'a podSelector alone means the own namespace',
      { peers: [pods(selector({ app: 'api' }))] },
      {},
      { peers: [{ kind: 'other-namespace', wanted: 'default', got: 'other' }] },
    ],
    [
      'labels of the namespace',
      { peers: [pods(undefined, selector({ team: 'red' }))] },
      {},
      { peers: [{ kind: 'labels', namespace: [{ key: 'team', has: 'blue' }], pod: [] }] },
    ],
    [
      'a missing label',
      { peers: [pods(selector({}, [{ key: 'zone', operator: 'Exists', values: [] }]), selector())] },
      {},
      { peers: [{ pod: [{ key: 'zone', has: undefined }] }] },
    ],
    [
      'an address outside the block',
      { peers: [ipBlock('172.17.0.0/16')] },
      {},
      { peers: [{ kind: 'outside-nets', nets: [prefix('172.17.0.0/16')] }] },
    ],
    [
      'an address in an exception',
      { peers: [ipBlock('10.0.0.0/8', '10.244.0.0/24')] },
      {},
      { peers: [{ kind: 'in-exception', except: prefix('10.244.0.0/24') }] },
    ],
    [
      'selectors never mean an address outside',
      { peers: [pods(selector())] },
      { peerIp: ip('8.8.8.8'), peerPod: undefined },
      { peers: [{ kind: 'not-a-pod' }] },
    ],
    [
      'nor a Pod on the host network',
      { peers: [pods(selector(), selector())] },
      { peerPod: { ...API, hostNetwork: true } },
      { peers: [{ kind: 'not-a-pod' }] },
    ],
    [
      'another port',
      { ports: [{ protocol: 'TCP', port: 443 }] },
      {},
      { port: { kind: 'miss', wanted: [{ protocol: 'TCP', port: 443 }] } },
    ],
    ['another protocol', { ports: [{ protocol: 'UDP', port: 80 }] }, {}, { port: { kind: 'miss' } }],
    ['a range', { ports: [{ protocol: 'TCP', port: 70, endPort: 90 }] }, {}, { allows: true }],
    [
      'a named port of the destination',
      { ports: [{ protocol: 'TCP', port: 'http' }] },
      { port: 8080 },
      { allows: true },
    ],
    [
      'a name that no port has',
      { ports: [{ protocol: 'TCP', port: 'web' }] },
      {},
      { port: { kind: 'unresolved', names: ['web'] } },
    ],
    [
      'a protocol without ports',
      { ports: [{ protocol: 'TCP', port: 80 }] },
      { protocol: 'icmp', port: undefined },
      { port: { kind: 'miss' } },
    ],
  ])('%s', (_, rule, connection, expected) => {
    expect(miss(rule, connection)).toMatchObject(expected);
  });

  test('the nearest rule has the smallest distance', () => {
    const port = [{ protocol: 'TCP' as const, port: 443 }];
    expect(distanceOf(miss({}))).toBe(0);
    expect(distanceOf(miss({ ports: port }))).toBe(1);
    expect(
      distanceOf(
        miss({ ports: port, peers: [ipBlock('172.17.0.0/16'), pods(selector({ app: 'x', tier: 'y' }), selector())] }),
      ),
    ).toBe(2);
  });
});

describe('policies that select a Pod', () => {
  const both = policy({ name: 'b', policyTypes: ['Ingress', 'Egress'] });
  const policies = [
    both,
    policy({ name: 'a', podSelector: selector({ app: 'web' }) }),
    policy({ name: 'c', podSelector: selector({ app: 'db' }) }),
  ];
  const cluster = calicoCluster({ nodes: [], pods: [WEB], policies });
  const names = (each: typeof WEB, direction: 'ingress' | 'egress') =>
    policiesSelecting(cluster, each, direction).map(({ name }) => name);

  test('are in order of their names, by direction', () => {
    expect(names(WEB, 'ingress')).toEqual(['a', 'b']);
    expect(names(WEB, 'egress')).toEqual(['b']);
  });

  test.each([
    ['on the host network', { hostNetwork: true }],
    ['that has ended', { phase: 'Succeeded' as const }],
    ['of another namespace', { namespace: 'other' }],
  ])('are none for a Pod %s', (_, fields) => {
    expect(names({ ...WEB, ...fields }, 'ingress')).toEqual([]);
  });
});
