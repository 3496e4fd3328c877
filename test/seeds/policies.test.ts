/** S60-S70: NetworkPolicy on Cluster B, enforced by Calico's chains. */
import { describe, expect, it } from 'vitest';
import type { Trace } from '../../src/query/trace.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { ask, load, outcome, outcomes, run, steps } from './support.ts';

const CLUSTER = 'calico-ipip';
const OUTSIDE = 'host/outside';
const OWN = 'liruilong-network-create/testpod1';
const DEFAULT = 'default/testpod1';
const SVC1 = '192.168.26.240:80';

function withPolicy(...names: readonly string[]): Loaded {
  return load(CLUSTER, ...names.map((name) => `policies/${name}.yaml`));
}

const CONNECTS = 'delivered connected';
const INGRESS_TIMEOUT = 'dropped timeout POLICY_INGRESS_NO_MATCH';
const EGRESS_TIMEOUT = 'dropped timeout POLICY_EGRESS_NO_MATCH';

type Row = readonly [source: string, destination: string, outcome: string];

function holds(loaded: Loaded, rows: readonly Row[]): void {
  expect(
    outcomes(
      loaded,
      rows.map(([source, destination]) => `${source} ${destination}`),
    ),
  ).toEqual(rows.map(([source, destination, expected]) => `${source} ${destination} => ${expected}`));
}

/** Source addresses that the chains of policies of one Pod were asked about. */
function seenByPolicy(trace: Trace): ReadonlySet<string> {
  return new Set(
    steps(trace)
      .filter(({ chain }) => chain?.startsWith('cali-pi-') === true)
      .map(({ before }) => before.src),
  );
}

describe('S60', () => {
  it('without a policy all connect', () => {
    holds(load(CLUSTER), [
      [OWN, 'svc1:80', CONNECTS],
      [OWN, 'svc2:80', CONNECTS],
      ['default/testpod2', 'svc1.liruilong-network-create:80', CONNECTS],
      [OUTSIDE, SVC1, CONNECTS],
    ]);
  });
});

describe('S61', () => {
  it('ingress from 172.17.0.0/16: the outside machine times out', () => {
    const trace = ask(withPolicy('s61'), OUTSIDE, SVC1);
    expect(outcome(trace)).toBe(INGRESS_TIMEOUT);
    expect(trace.result.blame).toMatchObject({
      node: 'vms83',
      table: 'filter',
      chain: expect.stringMatching(/^cali-tw-cali/),
    });
  });

  it('the report names the policy, its place, and which field did not fit', async () => {
    const files = ['-f', 'topologies/calico-ipip', '-f', 'topologies/calico-ipip/policies/s61.yaml'];
    const ran = await run([OUTSIDE, SVC1, ...files]);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/topologies\/calico-ipip\/policies\/s61\.yaml:\d+/);
    expect(ran.stdout).toMatch(/ingress\[0\].*172\.17\.0\.0\/16/);
    expect(ran.stdout).toMatch(/192\.168\.26\.1/);
  });
});

describe('S62', () => {
  const loaded = withPolicy('s62');
  const FILES = ['-f', 'topologies/calico-ipip', '-f', 'topologies/calico-ipip/policies/s62.yaml'];

  it('ingress from 192.168.26.0/24: the outside machine connects', () => {
    holds(loaded, [[OUTSIDE, SVC1, CONNECTS]]);
  });

  it('the policy sees the client where the node of the Pod took the packet', async () => {
    const trace = ask(loaded, OUTSIDE, SVC1);
    expect([...seenByPolicy(trace)]).toEqual(['192.168.26.1']);
    // vms83 masquerades what it delivers itself, behind its filter: the Pod sees another address than the policy did.
    expect(trace.paths[0]).toMatchObject({ policySaw: '192.168.26.1', sourceSeen: '192.168.26.83' });
    const ran = await run([OUTSIDE, SVC1, ...FILES]);
    expect(ran.stdout).toContain('The ingress policies of the receiver saw the client as 192.168.26.1.');
  });

  it('where another node took the packet the policy sees that node, and the report says so', async () => {
    const trace = ask(loaded, OUTSIDE, '192.168.26.81:30735');
    expect([...seenByPolicy(trace)]).toEqual(['10.244.88.64']);
    expect(trace.paths[0]?.sourceSeen).toBe('10.244.88.64');
    const ran = await run([OUTSIDE, '192.168.26.81:30735', ...FILES]);
    expect(ran.stdout).toContain('The ingress policies of the receiver saw the client as 10.244.88.64.');
    expect(ran.stdout).toContain('10.244.88.64 (the address that the policy sees in place of host/outside)');
  });
});

describe('S63', () => {
  it('ingress from the namespace default only', () => {
    holds(withPolicy('s63'), [
      [OUTSIDE, SVC1, INGRESS_TIMEOUT],
      [OWN, 'svc1:80', INGRESS_TIMEOUT],
      [DEFAULT, 'svc1.liruilong-network-create:80', CONNECTS],
    ]);
  });
});

describe('S64', () => {
  it("a podSelector alone selects in the policy's own namespace only", () => {
    holds(withPolicy('s64'), [
      [DEFAULT, 'svc1.liruilong-network-create:80', INGRESS_TIMEOUT],
      [OWN, 'svc1:80', CONNECTS],
    ]);
  });
});

describe('S65', () => {
  it('the malformed variant is refused with file, line and column', async () => {
    const file = 'topologies/calico-ipip/policies/s65-malformed.yaml';
    const ran = await run([OWN, 'svc1:80', '-f', 'topologies/calico-ipip', '-f', file]);
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr).toContain(`${file}:14:15: error: `);
    expect(ran.stderr).toMatch(/podSelector/);
  });

  it('the correct form lets both testpods connect, and nobody else', () => {
    holds(withPolicy('s65'), [
      [DEFAULT, 'svc1.liruilong-network-create:80', CONNECTS],
      [OWN, 'svc1:80', CONNECTS],
      [OUTSIDE, SVC1, INGRESS_TIMEOUT],
    ]);
  });
});

describe('S66', () => {
  const loaded = withPolicy('s66');
  const POD1 = 'liruilong-network-create/pod1';

  it('egress to pod2: by address it connects, as the policy sees the address behind the translation', () => {
    const trace = ask(loaded, POD1, '10.111.123.194:80');
    expect(outcome(trace)).toBe(CONNECTS);
    const inPolicy = steps(trace).filter(({ chain }) => chain?.startsWith('cali-po-') === true);
    expect(new Set(inPolicy.map(({ before }) => before.dst))).toEqual(new Set(['10.244.171.181']));
  });

  it('by name it fails: the query to kube-dns is dropped', () => {
    const trace = ask(loaded, POD1, 'svc2:80');
    expect(outcome(trace)).toBe('dropped name-error DNS_SERVER_UNREACHABLE');
    expect(trace.dns?.queries).toMatchObject([{ server: '10.96.0.10', answer: 'none', verdict: 'dropped' }]);
    expect(trace.dns?.paths.map(({ code }) => code)).toEqual(['POLICY_EGRESS_NO_MATCH', 'POLICY_EGRESS_NO_MATCH']);
    expect(trace.policies[0]).toMatchObject({ direction: 'egress', selecting: [{ name: 'egress-pod2' }] });
  });
});

describe('S67', () => {
  it('with kube-dns allowed as well the name works', () => {
    holds(withPolicy('s67'), [
      ['pod1', 'svc2:80', CONNECTS],
      ['pod1', 'svc1:80', EGRESS_TIMEOUT],
    ]);
  });
});

describe('S68', () => {
  const INTO: Row = [DEFAULT, 'liruilong-network-create/pod1:80', CONNECTS];
  const OUT: Row = ['pod1', '10.244.70.33:80', CONNECTS];
  const row = ([source, destination]: Row, expected: string): Row => [source, destination, expected];

  it.each([
    ['default-deny-ingress', ['s68-default-deny-ingress'], INGRESS_TIMEOUT, CONNECTS],
    ['allow-all-ingress', ['s68-allow-all-ingress'], CONNECTS, CONNECTS],
    [
      'allow-all-ingress beside default-deny-ingress',
      ['s68-default-deny-ingress', 's68-allow-all-ingress'],
      CONNECTS,
      CONNECTS,
    ],
    ['default-deny-egress', ['s68-default-deny-egress'], CONNECTS, EGRESS_TIMEOUT],
    ['allow-all-egress', ['s68-allow-all-egress'], CONNECTS, CONNECTS],
    [
      'allow-all-egress beside default-deny-egress',
      ['s68-default-deny-egress', 's68-allow-all-egress'],
      CONNECTS,
      CONNECTS,
    ],
    ['default-deny-all', ['s68-default-deny-all'], INGRESS_TIMEOUT, EGRESS_TIMEOUT],
  ])('%s', (_, policies, ingress, egress) => {
    holds(withPolicy(...policies), [row(INTO, ingress), row(OUT, egress)]);
  });
});

describe('S69', () => {
  const EXTRA = `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: allowed}
spec: {interfaces: [{name: eth0, segment: bridge, addresses: [172.17.2.7/24]}], routes: ["default via 172.17.2.1"]}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: excepted}
spec: {interfaces: [{name: eth0, segment: bridge, addresses: [172.17.1.7/24]}], routes: ["default via 172.17.1.1"]}
---
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: router}
spec: {peerIP: 192.168.26.2, asNumber: 64512}
`;
  const loaded = load(CLUSTER, 'policies/s69.yaml', EXTRA);

  it('three peers are alternatives, on port 6379', () => {
    holds(loaded, [
      ['default/frontend', 'default/db:6379', CONNECTS],
      ['myproject/member', 'default/db:6379', CONNECTS],
      ['default/other', 'default/db:6379', INGRESS_TIMEOUT],
      ['default/frontend', 'default/db:6380', INGRESS_TIMEOUT],
    ]);
  });

  it('172.17.0.0/16 may, 172.17.1.0/24 may not', () => {
    holds(loaded, [
      ['host/allowed', 'default/db:6379', CONNECTS],
      ['host/excepted', 'default/db:6379', INGRESS_TIMEOUT],
    ]);
  });

  it('egress to 10.0.0.0/24 on 5978 only', () => {
    holds(loaded, [
      ['default/db', '10.0.0.7:5978', CONNECTS],
      ['default/db', '10.0.0.7:5979', EGRESS_TIMEOUT],
      ['default/db', '10.0.1.7:5978', EGRESS_TIMEOUT],
    ]);
  });

  it('one item with two selectors is AND', () => {
    const and = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: and, namespace: liruilong-network-create}
spec:
  podSelector: {matchLabels: {run: pod1}}
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}
          podSelector: {matchLabels: {run: testpod}}
`;
    holds(load(CLUSTER, and, OTHER), [
      [DEFAULT, 'liruilong-network-create/pod1:80', CONNECTS],
      ['default/stranger', 'liruilong-network-create/pod1:80', INGRESS_TIMEOUT],
      [OWN, 'pod1:80', INGRESS_TIMEOUT],
    ]);
  });

  it('two items are OR', () => {
    const or = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: or, namespace: liruilong-network-create}
spec:
  podSelector: {matchLabels: {run: pod1}}
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}
        - podSelector: {matchLabels: {run: testpod}}
`;
    holds(load(CLUSTER, or, OTHER), [
      [DEFAULT, 'liruilong-network-create/pod1:80', CONNECTS],
      ['default/stranger', 'liruilong-network-create/pod1:80', CONNECTS],
      [OWN, 'pod1:80', CONNECTS],
      ['pod2', 'pod1:80', INGRESS_TIMEOUT],
    ]);
  });
});

/** A Pod of the namespace default without the label of the others. */
const OTHER = `apiVersion: v1
kind: Pod
metadata: {name: stranger, namespace: default, labels: {run: stranger}}
spec: {nodeName: vms83, containers: [{name: c, image: c}]}
`;

describe('S70', () => {
  it('a Pod that several policies select gets the union; one that none selects is open', () => {
    holds(withPolicy('s70'), [
      [OWN, 'svc1:80', CONNECTS],
      [DEFAULT, 'svc1.liruilong-network-create:80', CONNECTS],
      [OUTSIDE, SVC1, INGRESS_TIMEOUT],
      [OUTSIDE, '192.168.26.241:80', CONNECTS],
    ]);
  });

  it('a policy can only allow: one that fits nothing takes nothing from another', () => {
    const before = withPolicy('s64');
    const after = load(CLUSTER, 'policies/s64.yaml', 'policies/s68-default-deny-ingress.yaml');
    for (const loaded of [before, after]) holds(loaded, [[OWN, 'svc1:80', CONNECTS]]);
  });

  it.each(['tcp', 'udp', 'sctp'] as const)('%s is a protocol of its own', (protocol) => {
    const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: one-protocol, namespace: liruilong-network-create}
spec:
  podSelector: {matchLabels: {run: testpod}}
  ingress: [{ports: [{protocol: ${protocol.toUpperCase()}, port: 7000}]}]
`;
    const loaded = load(CLUSTER, policy);
    const verdicts = (['tcp', 'udp', 'sctp'] as const).map(
      (asked) => ask(loaded, 'pod1', 'testpod1:7000', { protocol: asked }).result.verdict,
    );
    expect(verdicts).toEqual(
      (['tcp', 'udp', 'sctp'] as const).map((asked) => (asked === protocol ? 'delivered' : 'dropped')),
    );
  });
});
