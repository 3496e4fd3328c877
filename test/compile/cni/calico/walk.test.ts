/** Compiled clusters, walked: the notes' observations, and NetworkPolicies against a plain reading of the documentation. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NetworkPolicy, NetworkPolicyPeer, Pod } from '../../../../src/cluster/objects.ts';
import { netnsId } from '../../../../src/kernel/netns-id.ts';
import { explore } from '../../../../src/kernel/walk/explore.ts';
import type { Path, Probe } from '../../../../src/kernel/walk/step.ts';
import type { World } from '../../../../src/kernel/world.ts';
import { invariant } from '../../../../src/lib/assert.ts';
import { address } from '../../../kernel/walk/world.ts';
import { policyAllows } from '../../../oracle/network-policy.ts';
import { ip, nodeSettings, pod, prefix } from '../../cluster-fixture.ts';
import { type CalicoClusterInput, calicoCluster, calicoOf, ipBlock, pods, policy, selector } from './fixture.ts';
import { calicoWorld } from './world.ts';

const OUTSIDE = {
  id: netnsId('outside'),
  devices: [{ kind: 'ethernet' as const, name: 'eth0', segment: 'lan', addresses: [address('192.168.26.1/24')] }],
};

const NODES = [81, 82, 83].map((n) =>
  nodeSettings(`vms${n}`, `192.168.26.${n}/24`, {
    interface: 'ens32',
    gateway: ip('192.168.26.2'),
    podCIDR: prefix(`10.244.${n}.0/26`),
  }),
);

function podOn(node: number, ordinal: number, fields: Partial<Pod> = {}): Pod {
  return pod({
    name: `p${node}-${ordinal}`,
    namespace: 'default',
    node: `vms${node}`,
    ips: [ip(`10.244.${node}.${ordinal}`)],
    ...fields,
  });
}

function send(
  world: World,
  from: string,
  probe: Omit<Probe, 'netns' | 'sport' | 'dport'> & { readonly dport?: number },
): Path {
  const { paths } = explore(world, { sport: 40000, dport: 0, ...probe, netns: netnsId(from) });
  const [path, ...others] = paths;
  invariant(path !== undefined && others.length === 0, 'one path');
  return path;
}

const tcp = (destination: string, dport = 80) => ({ destination: ip(destination), protocol: 'tcp' as const, dport });
const ping = (destination: string) => ({ destination: ip(destination), protocol: 'icmp' as const });

describe('Pods reach each other', () => {
  const a = podOn(81, 1);
  const near = podOn(81, 2);
  const far = podOn(82, 1);
  test.each(['none', 'ipip', 'vxlan', 'ipip-cross-subnet', 'vxlan-cross-subnet'] as const)(
    'S08: with %s, ttl 62 across nodes and 63 on one',
    (encapsulation) => {
      const { world } = calicoWorld(calicoCluster({ nodes: NODES, pods: [a, near, far], calico: { encapsulation } }));
      expect(send(world, 'default/p81-1', ping('10.244.82.1')).observation).toMatchObject({
        kind: 'connected',
        ttl: 62,
        from: ip('10.244.82.1'),
      });
      expect(send(world, 'default/p81-1', ping('10.244.81.2')).observation).toMatchObject({
        kind: 'connected',
        ttl: 63,
      });
      expect(send(world, 'default/p81-1', tcp('10.244.82.1')).observation).toMatchObject({ kind: 'connected' });
    },
  );

  test('a host reaches Pods here and elsewhere', () => {
    const { world } = calicoWorld(calicoCluster({ nodes: NODES, pods: [a, far], calico: { encapsulation: 'ipip' } }));
    expect(send(world, 'vms81', ping('10.244.81.1')).observation).toMatchObject({ kind: 'connected', ttl: 64 });
    const path = send(world, 'vms81', ping('10.244.82.1'));
    expect(path.observation).toMatchObject({ kind: 'connected', ttl: 63 });
    expect(path.request.packet.src).toBe(ip('10.244.81.0'));
  });

  test('S09: an address that nobody holds ends on the blackhole of its node', () => {
    const { world } = calicoWorld(calicoCluster({ nodes: NODES, pods: [a] }));
    expect(send(world, 'default/p81-1', ping('10.244.82.9')).request.disposition).toMatchObject({
      kind: 'dropped',
      netns: 'vms82',
      reason: 'ROUTE_BLACKHOLE',
    });
  });

  test('S10: without a session the packet leaves by the default route instead', () => {
    const { world } = calicoWorld(
      calicoCluster({ nodes: NODES, pods: [a, far], bgpFaults: [{ node: 'vms81', peer: 'vms82' }] }),
    );
    expect(send(world, 'default/p81-1', ping('10.244.82.1')).request.disposition).toMatchObject({
      reason: 'NEIGH_FAILED',
      netns: 'vms81',
    });
  });

  test('a Pod that calls an outside machine is masqueraded; another Pod is not', () => {
    const { world } = calicoWorld(calicoCluster({ nodes: NODES, pods: [a, far] }), [], [OUTSIDE]);
    const path = send(world, 'default/p81-1', ping('192.168.26.1'));
    expect(path.observation).toMatchObject({ kind: 'connected' });
    expect(path.request.packet.src).toBe(ip('192.168.26.81'));
    expect(send(world, 'default/p81-1', ping('10.244.82.1')).request.packet.src).toBe(ip('10.244.81.1'));
  });

  test('an address that Calico did not give out fails the reverse path check', () => {
    const input = { nodes: NODES, pods: [a, far] };
    const spec = calicoOf(input).pod(a);
    const devices = spec.devices.map((device) => ({
      ...device,
      addresses: [address('10.244.81.1/32'), address('10.9.9.9/32')],
    }));
    const { world, origins } = calicoWorld(calicoCluster(input), [], [{ ...spec, devices }]);
    const { disposition } = send(world, 'default/p81-1', { ...ping('10.244.82.1'), source: ip('10.9.9.9') }).request;
    invariant(disposition.kind === 'dropped' && disposition.step.kind === 'netfilter', 'dropped by a rule');
    expect(disposition.step).toMatchObject({ table: 'raw', chain: 'cali-PREROUTING' });
    const { rule } = disposition.step;
    expect(rule?.origin === undefined ? undefined : origins.get(rule.origin)?.role).toBe('rpf');
  });
});

describe('NetworkPolicies of the notes', () => {
  const namespace = 'liruilong-network-create';
  const pod1 = podOn(83, 31, { name: 'pod1', namespace, labels: { run: 'pod1' } });
  const test1 = podOn(82, 5, { name: 'testpod1', namespace, labels: { run: 'testpod' } });
  const test2 = podOn(82, 6, { name: 'testpod2', labels: { run: 'testpod' } });
  const http = [{ protocol: 'TCP' as const, port: 80 }];
  const seen = (policies: readonly NetworkPolicy[]) => {
    const { world } = calicoWorld(
      calicoCluster({ nodes: NODES, pods: [pod1, test1, test2], policies }),
      [],
      [
        {
          ...OUTSIDE,
          routes: [
            {
              destination: prefix('10.244.0.0/16'),
              table: 254,
              metric: 0,
              scope: 'global',
              protocol: 'static',
              type: 'unicast',
              nexthops: [{ device: 'eth0', via: ip('192.168.26.83'), weight: 1 }],
            },
          ],
        },
      ],
    );
    const kinds = ['outside', `${namespace}/testpod1`, 'default/testpod2'].map(
      (from) => send(world, from, tcp('10.244.83.31')).observation.kind,
    );
    return kinds.map((kind) => kind === 'connected');
  };
  const to = (...peers: readonly NetworkPolicyPeer[]) => [
    policy({ name: 'p', namespace, podSelector: selector({ run: 'pod1' }), ingress: [{ peers, ports: http }] }),
  ];

  test.each<[string, readonly NetworkPolicy[], readonly boolean[]]>([
    ['S60: none: all connect', [], [true, true, true]],
    ['S61: ipBlock 172.17.0.0/16', to(ipBlock('172.17.0.0/16')), [false, false, false]],
    ['S62: ipBlock 192.168.26.0/24', to(ipBlock('192.168.26.0/24')), [true, false, false]],
    [
      'S63: namespace default',
      to(pods(undefined, selector({ 'kubernetes.io/metadata.name': 'default' }))),
      [false, false, true],
    ],
    ['S64: podSelector alone means the own namespace', to(pods(selector({ run: 'testpod' }))), [false, true, false]],
    [
      'S65: empty namespaceSelector and podSelector',
      to(pods(selector({ run: 'testpod' }), selector())),
      [false, true, true],
    ],
    ['S68: default-deny-ingress', [policy({ name: 'deny', namespace })], [false, false, false]],
    [
      'S68: allow-all-ingress beside it',
      [policy({ name: 'deny', namespace }), policy({ name: 'allow', namespace, ingress: [{ peers: [], ports: [] }] })],
      [true, true, true],
    ],
    [
      'S68: default-deny-egress of the sender',
      [policy({ name: 'deny', namespace, podSelector: selector({ run: 'testpod' }), policyTypes: ['Egress'] })],
      [true, false, true],
    ],
    [
      'S70: a Pod selected by several gets the union',
      [
        ...to(ipBlock('192.168.26.0/24')),
        { ...(to(pods(selector({ run: 'testpod' })))[0] ?? policy({ name: 'x' })), name: 'q' },
      ],
      [true, true, false],
    ],
  ])('%s (outside, own namespace, default)', (_, policies, expected) => {
    expect(seen(policies)).toEqual(expected);
  });

  test('S70: SCTP and UDP are matched by their own ports', () => {
    const policies = [
      policy({ name: 'p', namespace, ingress: [{ peers: [], ports: [{ protocol: 'SCTP', port: 80 }] }] }),
    ];
    const { world } = calicoWorld(calicoCluster({ nodes: NODES, pods: [pod1, test1], policies }));
    const ask = (protocol: 'tcp' | 'udp' | 'sctp') =>
      send(world, `${namespace}/testpod1`, { ...tcp('10.244.83.31'), protocol }).observation.kind;
    expect([ask('tcp'), ask('udp'), ask('sctp')]).toEqual(['silence', 'silence', 'connected']);
  });

  test('the drop names the policy, the direction and the Pod', () => {
    const { world, origins } = calicoWorld(
      calicoCluster({ nodes: NODES, pods: [pod1, test1], policies: to(ipBlock('172.17.0.0/16')) }),
    );
    const { disposition } = send(world, `${namespace}/testpod1`, tcp('10.244.83.31')).request;
    invariant(disposition.kind === 'dropped' && disposition.step.kind === 'netfilter', 'dropped by a rule');
    const { rule } = disposition.step;
    expect(rule?.origin === undefined ? undefined : origins.get(rule.origin)).toMatchObject({
      role: 'policy-default',
      name: 'p',
      direction: 'ingress',
      pod: `${namespace}/pod1`,
    });
  });

  test('the node of a Pod always reaches it', () => {
    const { world } = calicoWorld(
      calicoCluster({ nodes: NODES, pods: [pod1], policies: [policy({ name: 'deny', namespace })] }),
    );
    expect(send(world, 'vms83', tcp('10.244.83.31')).observation.kind).toBe('connected');
    expect(send(world, 'vms82', tcp('10.244.83.31')).observation.kind).toBe('silence');
  });
});

describe('the chains allow what the documentation says', () => {
  const LABELS = ['a', 'b'] as const;
  const labels = fc
    .record({ app: fc.constantFrom(...LABELS) }, { requiredKeys: [] })
    .map((record) => Object.fromEntries(Object.entries(record)));
  const labelSelector = fc.record({
    matchLabels: labels,
    matchExpressions: fc.array(
      fc.record({
        key: fc.constantFrom('app', 'team'),
        operator: fc.constantFrom('In' as const, 'NotIn' as const, 'Exists' as const, 'DoesNotExist' as const),
        values: fc.subarray(['a', 'b'], { minLength: 1 }),
      }),
      { maxLength: 1 },
    ),
  });
  const optionalSelector = fc.option(labelSelector, { nil: undefined });
  const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
    fc
      .record({
        kind: fc.constant('pods' as const),
        podSelector: optionalSelector,
        namespaceSelector: optionalSelector,
      })
      .filter(({ podSelector, namespaceSelector }) => podSelector !== undefined || namespaceSelector !== undefined),
    fc.constantFrom(
      ipBlock('10.244.0.0/16'),
      ipBlock('10.244.81.0/24', '10.244.81.2/32'),
      ipBlock('10.244.82.0/26', '10.244.82.1/32', '10.244.82.2/32'),
      ipBlock('0.0.0.0/0'),
    ),
  );
  const port = fc.constantFrom(
    { protocol: 'TCP' as const, port: 80 },
    { protocol: 'TCP' as const, port: 79, endPort: 90 },
    { protocol: 'TCP' as const, port: 'http' },
    { protocol: 'UDP' as const, port: 80 },
    { protocol: 'TCP' as const },
    { protocol: 'TCP' as const, port: 443 },
  );
  const rule = fc.record({ peers: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 3 }) });
  const somePolicy = fc.record({
    namespace: fc.constantFrom('default', 'other'),
    podSelector: labelSelector,
    policyTypes: fc.subarray(['Ingress' as const, 'Egress' as const], { minLength: 1 }),
    ingress: fc.array(rule, { maxLength: 2 }),
    egress: fc.array(rule, { maxLength: 2 }),
  });
  const PLACES = [
    [81, 1, 'default'],
    [81, 2, 'other'],
    [82, 1, 'default'],
    [82, 2, 'other'],
  ] as const;
  const input = fc.record({
    policies: fc
      .array(somePolicy, { maxLength: 4 })
      .map((list) => list.map((fields, i) => policy({ name: `p${i}`, ...fields }))),
    podLabels: fc.array(labels, { minLength: PLACES.length, maxLength: PLACES.length }),
    namespaceLabels: fc.tuple(labels, labels),
    encapsulation: fc.constantFrom('none' as const, 'ipip' as const),
  });

  test('from every Pod to every other, for TCP and UDP', () => {
    fc.assert(
      fc.property(input, ({ policies, podLabels, namespaceLabels, encapsulation }) => {
        const list = PLACES.map(([node, ordinal, namespace], i) =>
          podOn(node, ordinal, {
            namespace,
            labels: podLabels[i] ?? {},
            ports: [
              { name: 'http', port: 80, protocol: 'TCP' },
              { port: 443, protocol: 'TCP' },
              { port: 80, protocol: 'UDP' },
            ],
          }),
        );
        const clusterInput: CalicoClusterInput = {
          nodes: NODES,
          pods: list,
          policies,
          namespaces: { default: namespaceLabels[0], other: namespaceLabels[1] },
          calico: { encapsulation },
        };
        const cluster = calicoCluster(clusterInput);
        const { world } = calicoWorld(cluster);
        for (const from of list) {
          for (const to of list) {
            if (from === to) continue;
            for (const [protocol, dport] of [
              ['tcp', 80],
              ['tcp', 443],
              ['udp', 80],
            ] as const) {
              const [destination] = to.ips;
              invariant(destination !== undefined, 'an address');
              const { request } = send(world, `${from.namespace}/${from.name}`, { destination, protocol, dport });
              const upper = protocol === 'tcp' ? 'TCP' : 'UDP';
              const { egress, ingress } = policyAllows(cluster, { from, to, protocol: upper, port: dport });
              const where = `${from.name} -> ${to.name} ${protocol} ${dport}`;
              expect([where, request.disposition.kind === 'delivered']).toEqual([where, egress && ingress]);
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
