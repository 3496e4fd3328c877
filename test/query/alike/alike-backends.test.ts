/** What makes a backend one of its own. */
import { describe, expect, it } from 'vitest';
import { answerQuery } from '../../../src/query/answer-query.ts';
import type { Query } from '../../../src/query/query.ts';
import type { Trace } from '../../../src/query/trace.ts';
import { printTraceJson } from '../../../src/report/json.ts';
import { printTraceText } from '../../../src/report/text.ts';
import { printTraceTree } from '../../../src/report/tree.ts';
import type { Loaded } from '../../../src/topology/load.ts';
import { loadDocuments } from '../../policy/generate.ts';
import { compareAnswers } from './compare.ts';

type Json = Readonly<Record<string, unknown>>;

type Pod = { readonly name: string; readonly node: string; readonly ip: string };

/** Four alike on n2 and n3; `client` asks from n1. */
const BACKENDS: readonly Pod[] = [
  { name: 'a', node: 'n2', ip: '10.244.2.5' },
  { name: 'b', node: 'n2', ip: '10.244.2.6' },
  { name: 'c', node: 'n3', ip: '10.244.3.5' },
  { name: 'd', node: 'n3', ip: '10.244.3.6' },
];

type Change = {
  /** Of Pod d. */
  readonly pod?: { readonly metadata?: Json; readonly spec?: Json; readonly container?: Json };
  /** Of node n3. */
  readonly node?: Json;
  readonly cluster?: Json;
  readonly more?: readonly Json[];
};

function own(kind: string, name: string, spec: unknown): Json {
  return { apiVersion: 'nettrace/v1alpha1', kind, metadata: { name }, spec };
}

function podOf(
  { name, node, ip }: Pod,
  labels: Json,
  { metadata, spec, container }: NonNullable<Change['pod']> = {},
): Json {
  const ports = [{ name: 'http', containerPort: 8080 }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels, ...metadata },
    spec: { nodeName: node, containers: [{ name: 'c', image: 'c', ports, ...container }], ...spec },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function load({ pod, node, cluster, more = [] }: Change, backends = BACKENDS, labels: Json = { app: 'web' }): Loaded {
  return loadDocuments([
    own('Cluster', 'test', {
      podCIDRs: ['10.244.0.0/16'],
      cni: { plugin: 'calico' },
      nodes: ['n1', 'n2', 'n3'].map((name, index) => ({
        ...{ name, address: `10.0.0.${index + 1}/24`, interface: 'eth0', gateway: '10.0.0.254' },
        podCIDR: `10.244.${index + 1}.0/24`,
        ...(name === 'n3' ? node : {}),
      })),
      ...cluster,
    }),
    podOf({ name: 'client', node: 'n1', ip: '10.244.1.5' }, { app: 'client' }),
    ...backends.map((one) => podOf(one, labels, one.name === 'd' ? pod : undefined)),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { clusterIP: '10.96.0.9', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
    ...more,
  ]);
}

const QUERY: Query = { source: 'client', destination: '10.96.0.9:80' };

function ask(loaded: Loaded, more: Partial<Query> = {}): Trace {
  const answer = answerQuery(loaded, { ...QUERY, ...more });
  if (!answer.ok) throw new Error(answer.issues.map(({ message }) => message).join());
  return answer.value;
}

/** Backends that were walked, in order. */
function walked(loaded: Loaded): string {
  return ask(loaded, { leastAlike: 2 })
    .paths.filter(({ like }) => like === undefined)
    .map(({ backend }) => backend?.pod?.replace('default/', '') ?? backend?.ip)
    .join(' ');
}

function policy(ingress: Json): Json {
  const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [ingress] };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'default' },
    spec,
  };
}

/** Egress of the client to these. */
function egress(to: Json): Json {
  const spec = { podSelector: { matchLabels: { app: 'client' } }, policyTypes: ['Egress'], egress: [{ to: [to] }] };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'e', namespace: 'default' },
    spec,
  };
}

function calico(kind: string, name: string, spec: Json): Json {
  return { apiVersion: 'projectcalico.org/v3', kind, metadata: { name }, spec };
}

const cases: readonly (readonly [name: string, walked: string, change: Change])[] = [
  ['nothing: one stands for all', 'a', {}],
  [
    'a policy for all of them',
    'a',
    { more: [policy({ from: [{ podSelector: { matchLabels: { app: 'client' } } }] })] },
  ],
  ['a policy that lets nobody in', 'a', { more: [policy({ from: [{ podSelector: { matchLabels: { app: 'x' } } }] })] }],
  ['a label of one of them', 'a d', { pod: { metadata: { labels: { app: 'web', version: '2' } } } }],
  [
    'a label that each has to itself, and nobody asks for',
    'a',
    { pod: { metadata: { labels: { app: 'web', 'apps.kubernetes.io/pod-index': '3' } } } },
  ],
  [
    'the same where a policy asks for it',
    'a d',
    {
      pod: { metadata: { labels: { app: 'web', 'apps.kubernetes.io/pod-index': '3' } } },
      more: [
        egress({ podSelector: { matchExpressions: [{ key: 'apps.kubernetes.io/pod-index', operator: 'Exists' }] } }),
      ],
    },
  ],
  ['a range of a policy that holds one address', 'a d', { more: [egress({ ipBlock: { cidr: '10.244.3.6/32' } })] }],
  ['a range of a policy that holds a node', 'a c', { more: [egress({ ipBlock: { cidr: '10.244.3.0/24' } })] }],
  ['a service account', 'a d', { pod: { spec: { serviceAccountName: 'builder' } } }],
  ['another port beside', 'a d', { pod: { container: { ports: [{ containerPort: 8080 }, { containerPort: 9 }] } } }],
  [
    'a socket that does not listen',
    'a d',
    { pod: { metadata: { labels: { app: 'web' }, annotations: { 'nettrace/listen': 'none' } } } },
  ],
  ['a MTU of its node', 'a c', { node: { mtu: 1400 } }],
  ['a sysctl of its node', 'a c', { node: { sysctls: { 'net.ipv4.conf.all.rp_filter': '1' } } }],
  ['another network of its node', 'a c', { node: { address: '10.0.0.3/25', gateway: '10.0.0.126' } }],
  [
    'a hostPort on its node',
    'a c',
    {
      more: [
        podOf(
          { name: 'x', node: 'n3', ip: '10.244.3.9' },
          {},
          { container: { ports: [{ containerPort: 1, hostPort: 1 }] } },
        ),
      ],
    },
  ],
  [
    'a fault anywhere',
    'a b c d',
    { more: [own('Fault', 'f', [{ node: 'n1', sysctl: { 'net.ipv4.conf.all.rp_filter': '1' } }])] },
  ],
  [
    'a document that adds to a node',
    'a b c d',
    { more: [own('Host', 'n1', { sysctls: { 'net.ipv4.conf.all.rp_filter': '1' } })] },
  ],
  [
    'a machine that answers for others',
    'a b c d',
    {
      more: [
        own('Host', 'h', {
          interfaces: [{ name: 'eth0', segment: 'lan', addresses: ['10.0.0.9/24'] }],
          sysctls: { 'net.ipv4.conf.eth0.proxy_arp': '1' },
        }),
      ],
    },
  ],
  ['no mesh of BGP', 'a b c d', { cluster: { cni: { plugin: 'calico', calico: { bgp: { nodeToNodeMesh: false } } } } }],
  ['a peer of BGP', 'a b c d', { more: [calico('BGPPeer', 'p', { peerIP: '10.0.0.9', asNumber: 64512 })] }],
  ['a host endpoint', 'a b c d', { more: [calico('HostEndpoint', 'h', { node: 'n3', interfaceName: 'eth0' })] }],
  ['a plugin of which nothing is known here', 'a b c d', { cluster: { cni: { plugin: 'bridge' } } }],
  ['nodePortAddresses', 'a b c d', { cluster: { proxy: { nodePortAddresses: ['10.0.0.0/31'] } } }],
];

describe('what is walked where backends differ in', () => {
  it.each(cases)('%s', (_, expected, change) => {
    const loaded = load(change);
    expect(walked(loaded)).toBe(expected);
    expect(compareAnswers(loaded, QUERY).differences).toEqual([]);
  });

  it("their place: the sender itself, and Pods of the sender's node", () => {
    const here: readonly Pod[] = [
      { name: 'x', node: 'n1', ip: '10.244.1.6' },
      { name: 'y', node: 'n1', ip: '10.244.1.7' },
      { name: 'z', node: 'n1', ip: '10.244.1.8' },
    ];
    const loaded = load({}, [...here, ...BACKENDS]);
    const query = { ...QUERY, source: 'x' };
    const own = ask(loaded, { source: 'x', leastAlike: 2 }).paths.filter(({ like }) => like === undefined);
    expect(own.map(({ backend }) => backend?.pod)).toEqual(['default/x', 'default/y', 'default/a']);
    expect(compareAnswers(loaded, query).differences).toEqual([]);
  });
});

it("an address out of another node's range, which flannel's rules know", () => {
  const flannel = { cni: { plugin: 'canal', flannel: { backend: 'vxlan' } } };
  const here = [5, 6, 7].map((last) => ({ name: `x${last}`, node: 'n1', ip: `10.244.1.${last + 10}` }));
  const strange = { name: 'strange', node: 'n1', ip: '10.244.2.99' };
  const loaded = load({ cluster: flannel }, [...here, strange]);
  expect(walked(loaded)).toBe('x5 strange');
  for (const source of ['client', 'node/n1', 'node/n2'])
    expect(compareAnswers(loaded, { ...QUERY, source }).differences).toEqual([]);
});

/** Thirty on n2 and n3. */
const MANY: readonly Pod[] = Array.from({ length: 30 }, (_, i) => ({
  ...{ name: `p${i}`, node: `n${2 + (i % 2)}`, ip: `10.244.${2 + (i % 2)}.${10 + i}` },
}));

describe('a Service of thirty backends', () => {
  const loaded = load(
    {
      more: [
        podOf(
          { name: 'odd', node: 'n2', ip: '10.244.2.99' },
          { app: 'web' },
          { container: { ports: [{ containerPort: 1 }] } },
        ),
      ],
    },
    MANY,
  );
  const options = { language: 'en', verbosity: 0, colour: false, ascii: true } as const;

  it('is printed as if each had been walked', () => {
    const [all, some] = [ask(loaded, { allBranches: true }), ask(loaded)];
    expect(some.paths.filter(({ like }) => like !== undefined)).toHaveLength(29);
    expect(printTraceText(some, options)).toBe(printTraceText(all, options));
    expect(printTraceTree(some, options)).toBe(printTraceTree(all, options));
  });

  it('names in JSON the path that is like it, and keeps its own backend and share', () => {
    const { paths }: { readonly paths: readonly Json[] } = JSON.parse(printTraceJson(ask(loaded)));
    const twins = paths.filter(({ like }) => like !== undefined);
    expect(twins).toHaveLength(29);
    for (const { like, hops, probability, backend, reply } of twins) {
      expect(paths[Number(like)]).toMatchObject({ probability, verdict: 'delivered' });
      expect([hops, reply]).toEqual([[], { verdict: 'delivered', code: null, hops: [] }]);
      expect(backend).toMatchObject({ port: 8080 });
    }
    expect(new Set(paths.map(({ backend }) => JSON.stringify(backend))).size).toBe(31);
  });

  it('walks a backend that is asked for', () => {
    const { paths } = ask(loaded, { backend: 'p17' });
    expect(paths.map(({ backend, like, probability }) => [backend?.pod, like, Number(probability.numerator)])).toEqual([
      ['default/p17', undefined, 1],
    ]);
    expect(paths[0]?.hops.some(({ inside }) => inside === 'default/p17')).toBe(true);
  });

  it('knows the backends that were not walked where the one that is asked for is none', () => {
    const answer = answerQuery(loaded, { ...QUERY, backend: 'p99' });
    expect(answer.ok ? [] : answer.issues.map(({ hint }) => hint)).toEqual([expect.stringContaining('default/p9')]);
  });

  it('is walked once where a URL names it, and in full where its Pods are proxies', () => {
    const urls = load({}, MANY);
    const proxies = load({}, MANY, { app: 'web', 'app.kubernetes.io/name': 'ingress-nginx' });
    const query = { ...QUERY, destination: 'http://10.96.0.9/' };
    expect(ask(urls, query).paths.filter(({ like }) => like !== undefined)).toHaveLength(29);
    expect(ask(proxies, query).paths.filter(({ like }) => like !== undefined)).toEqual([]);
    expect(compareAnswers(proxies, query).differences).toEqual([]);
  });

  it('is told as before by a seed', () => {
    const [one, two] = [ask(loaded, { seed: 5 }), ask(loaded, { seed: 5, allBranches: true })];
    expect(one).toEqual(two);
  });
});
