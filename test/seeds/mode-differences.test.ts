/** What a user notices of kube-proxy's modes: one question a row, asked in each of them. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { answerQuery } from '../../src/query/answer-query.ts';

import type { Query } from '../../src/query/query.ts';
import type { Trace } from '../../src/query/trace.ts';
import { type Loaded, loadTopology } from '../../src/topology/load.ts';
import { outcome } from './support.ts';

/** Calico without tunnels: it hides no address on the way, so what kube-proxy does to the source is seen. */
const cluster = (version: string): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  kubernetesVersion: "${version}"
  podCIDRs: [10.244.0.0/16]
  serviceCIDRs: [10.96.0.0/12]
  cni: {plugin: calico, calico: {encapsulation: none}}
  loadBalancer: {provider: metallb, mode: layer2, addresses: [192.168.1.240-192.168.1.250]}
  nodes:
    - {name: n1, address: 192.168.1.1/24, gateway: 192.168.1.254}
    - {name: n2, address: 192.168.1.2/24, gateway: 192.168.1.254}
    - {name: n3, address: 192.168.1.3/24, gateway: 192.168.1.254}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: laptop}
spec:
  interfaces: [{name: eth0, segment: lan, addresses: [192.168.1.100/24]}]
  routes:
    - default via 192.168.1.254 dev eth0
    - 10.96.0.0/12 via 192.168.1.1 dev eth0
    - 198.51.100.7 via 192.168.1.1 dev eth0
    - 192.168.1.243 via 192.168.1.1 dev eth0
`;

const pod = (name: string, node: string, ip: string, more = ''): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}${more}}
spec: {nodeName: ${node}, containers: [{name: c, image: c, ports: [{containerPort: 8080}]}]}
status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: "True"}]}
`;

const PODS = [
  pod('web-1', 'n1', '10.244.1.10', ', labels: {app: web, only: n1}'),
  pod('web-2', 'n2', '10.244.2.10', ', labels: {app: web}'),
  pod('on-n1', 'n1', '10.244.1.20'),
  pod('on-n3', 'n3', '10.244.3.20'),
].join('');

const service = (name: string, fields: string, port = ''): string => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {${fields}, ports: [{port: 80, targetPort: 8080${port === '' ? '' : `, nodePort: ${port}`}}]}
`;
const balanced = (last: number): string => `status: {loadBalancer: {ingress: [{ip: 192.168.1.${last}}]}}\n`;

const WEB = 'selector: {app: web}';
const ONE = 'selector: {only: n1}';
const NONE = 'selector: {app: none}';
const LB = 'type: LoadBalancer';
const LOCAL = 'externalTrafficPolicy: Local';
const INNER = 'internalTrafficPolicy: Local';
const RANGE = 'loadBalancerSourceRanges: [203.0.113.0/24]';

const SERVICES = [
  service('web', `${LB}, clusterIP: 10.96.0.10, externalIPs: [198.51.100.7], ${WEB}`, '30080') + balanced(240),
  service('one-local', `${LB}, clusterIP: 10.96.0.11, ${LOCAL}, ${ONE}`, '30081') + balanced(241),
  service('web-local', `${LB}, clusterIP: 10.96.0.12, ${LOCAL}, ${WEB}`, '30082') + balanced(242),
  service('guarded-none', `${LB}, clusterIP: 10.96.0.13, ${RANGE}, ${NONE}`, '30083') + balanced(243),
  service('guarded', `${LB}, clusterIP: 10.96.0.14, ${RANGE}, ${WEB}`, '30084') + balanced(244),
  service('inner', `clusterIP: 10.96.0.15, ${INNER}, ${ONE}`),
  service('inner-node-port', `type: NodePort, clusterIP: 10.96.0.16, ${INNER}, ${ONE}`, '30086'),
  service('none', `type: NodePort, clusterIP: 10.96.0.17, ${NONE}`, '30087'),
].join('');

const MODES = ['iptables', 'ipvs', 'nftables'] as const;
type Mode = (typeof MODES)[number];

const loaded = new Map<string, Loaded>();

function world(mode: Mode, version: string): Loaded {
  const key = `${mode} ${version}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const read = loadTopology([{ file: 'lab.yaml', text: cluster(version) + PODS + SERVICES }], { proxyMode: mode });
  invariant(read.ok, read.ok ? '' : read.issues.map(({ message }) => message).join('\n'));
  loaded.set(key, read.value);
  return read.value;
}

function ask(mode: Mode, question: string, version: string): Trace {
  const [source = '', destination = '', protocol] = question.split(' ');
  const query: Query = { source, destination, ...(protocol === 'icmp' ? { protocol: 'icmp' } : {}) };
  const answer = answerQuery(world(mode, version), query);
  invariant(answer.ok, answer.ok ? '' : answer.issues.map(({ message }) => message).join('\n'));
  return answer.value;
}

/** `web-1 as 10.244.1.20, web-2 as 10.244.1.20` where it arrives, else what the client gets and why. */
function answer(trace: Trace): string {
  if (trace.result.verdict !== 'delivered') return outcome(trace);
  return trace.paths
    .map(({ backend, sourceSeen }) => `${backend?.pod?.split('/')[1] ?? 'the node'} as ${sourceSeen}`)
    .join(', ');
}

type Row = {
  readonly question: string;
  readonly ask: string;
  readonly answers: string | Readonly<Record<Mode, string>>;
  readonly version?: string;
};

const refused = (code: string): string => `rejected refused ${code}`;
const timeout = (code: string): string => `dropped timeout ${code}`;
const astray = (code: string): string => `dropped unreachable ${code}`;
/** Every endpoint of web, which see the client under this address. */
const both = (seen: string): string => `web-1 as ${seen}, web-2 as ${seen}`;
/** iptables and nftables do alike, IPVS does not. */
const alike = (others: string, ipvs: string) => ({ iptables: others, ipvs, nftables: others });

const ROWS: readonly Row[] = [
  {
    question: 'a Pod pings a ClusterIP',
    ask: 'on-n1 10.96.0.10 icmp',
    answers: {
      iptables: astray('CLUSTER_IP_NO_ICMP'),
      ipvs: refused('CLUSTER_IP_NO_ICMP'),
      nftables: refused('CLUSTER_IP_NO_ICMP'),
    },
  },
  {
    question: 'a node pings a ClusterIP',
    ask: 'node/n1 10.96.0.10 icmp',
    answers: {
      iptables: astray('CLUSTER_IP_NO_ICMP'),
      ipvs: refused('CLUSTER_IP_NO_ICMP'),
      nftables: refused('CLUSTER_IP_NO_ICMP'),
    },
  },
  {
    question: 'a Pod pings a ClusterIP of 1.26',
    ask: 'on-n1 10.96.0.10 icmp',
    answers: {
      iptables: astray('CLUSTER_IP_NO_ICMP'),
      ipvs: 'the node as 10.244.1.20',
      nftables: refused('CLUSTER_IP_NO_ICMP'),
    },
    version: '1.26',
  },
  {
    question: 'a wrong port of a ClusterIP',
    ask: 'on-n1 10.96.0.10:81',
    answers: {
      iptables: astray('SERVICE_PORT_NOT_EXPOSED'),
      ipvs: refused('SERVICE_PORT_NOT_EXPOSED'),
      nftables: refused('SERVICE_PORT_NOT_EXPOSED'),
    },
  },
  {
    question: 'an address of the Service network that no Service has',
    ask: 'on-n1 10.96.9.9:80',
    answers: {
      iptables: astray('CLUSTER_IP_UNALLOCATED'),
      ipvs: astray('CLUSTER_IP_UNALLOCATED'),
      nftables: timeout('CLUSTER_IP_UNALLOCATED'),
    },
  },
  {
    question: 'a wrong port of an external IP',
    ask: 'on-n1 198.51.100.7:81',
    answers: alike(astray('SERVICE_PORT_NOT_EXPOSED'), refused('SERVICE_PORT_NOT_EXPOSED')),
  },
  {
    question: 'a ping of an external IP',
    ask: 'on-n1 198.51.100.7 icmp',
    answers: alike(astray('EXTERNAL_IP_NO_ICMP'), refused('EXTERNAL_IP_NO_ICMP')),
  },
  {
    question: "a ping of a load balancer's address from outside",
    ask: 'host/laptop 192.168.1.240 icmp',
    answers: alike(astray('EXTERNAL_IP_NO_ICMP'), refused('EXTERNAL_IP_NO_ICMP')),
  },
  {
    question: 'a NodePort on the primary address of a node',
    ask: 'host/laptop 192.168.1.2:30080',
    answers: both('192.168.1.2'),
  },
  {
    question: 'a NodePort on 127.0.0.1',
    ask: 'node/n1 127.0.0.1:30080',
    answers: {
      iptables: both('192.168.1.1'),
      ipvs: refused('NODE_PORT_NOT_BOUND'),
      nftables: refused('NODE_PORT_NOT_BOUND'),
    },
  },
  {
    question: 'externalTrafficPolicy Local, no Pod on the node, from outside',
    ask: 'host/laptop 192.168.1.2:30081',
    answers: alike(timeout('SERVICE_NO_LOCAL_ENDPOINTS'), timeout('NAT_REPLY_ASYMMETRIC')),
  },
  {
    question: 'externalTrafficPolicy Local, a Pod on the node, from outside',
    ask: 'host/laptop 192.168.1.1:30081',
    answers: 'web-1 as 192.168.1.100',
  },
  {
    question: 'externalTrafficPolicy Cluster, from outside',
    ask: 'host/laptop 192.168.1.240:80',
    answers: both('192.168.1.1'),
  },
  {
    question: 'externalTrafficPolicy Local, load balancer, from outside',
    ask: 'host/laptop 192.168.1.242:80',
    answers: 'web-1 as 192.168.1.100',
  },
  {
    question: "a Pod asks the load balancer's address, externalTrafficPolicy Local",
    ask: 'on-n1 192.168.1.242:80',
    answers: alike(both('10.244.1.20'), 'web-1 as 10.244.1.20'),
  },
  {
    question: "the same where the Pod's node runs no endpoint",
    ask: 'on-n3 192.168.1.242:80',
    answers: both('10.244.3.20'),
  },
  {
    question: 'internalTrafficPolicy Local, none on the node',
    ask: 'on-n3 10.96.0.15:80',
    answers: alike(timeout('SERVICE_NO_LOCAL_ENDPOINTS'), refused('SERVICE_NO_LOCAL_ENDPOINTS')),
  },
  {
    question: 'internalTrafficPolicy Local, none on the node, but reachable from outside',
    ask: 'on-n3 10.96.0.16:80',
    answers: alike(timeout('SERVICE_NO_LOCAL_ENDPOINTS'), 'web-1 as 10.244.3.20'),
  },
  {
    question: 'a blocked source, where the Service has no endpoints',
    ask: 'host/laptop 192.168.1.243:80',
    answers: {
      iptables: refused('SERVICE_NO_ENDPOINTS'),
      ipvs: timeout('SERVICE_SOURCE_RANGE_DENIED'),
      nftables: timeout('SERVICE_SOURCE_RANGE_DENIED'),
    },
  },
  {
    question: 'a blocked source, where it has some',
    ask: 'host/laptop 192.168.1.244:80',
    answers: timeout('SERVICE_SOURCE_RANGE_DENIED'),
  },
  {
    question: 'loadBalancerSourceRanges and the node port',
    ask: 'host/laptop 192.168.1.1:30084',
    answers: both('192.168.1.1'),
  },
  {
    question: 'an outside machine asks a ClusterIP by a route to a node',
    ask: 'host/laptop 10.96.0.10:80',
    answers: both('192.168.1.1'),
  },
  { question: 'a node asks a ClusterIP', ask: 'node/n3 10.96.0.10:80', answers: both('192.168.1.3') },
  {
    question: 'a Pod asks a Service and is chosen itself',
    ask: 'web-1 10.96.0.10:80',
    answers: 'web-1 as 192.168.1.1, web-2 as 10.244.1.10',
  },
  {
    question: 'no endpoint anywhere, by ClusterIP',
    ask: 'on-n1 10.96.0.17:80',
    answers: refused('SERVICE_NO_ENDPOINTS'),
  },
  {
    question: 'no endpoint anywhere, by NodePort from outside',
    ask: 'host/laptop 192.168.1.1:30087',
    answers: refused('SERVICE_NO_ENDPOINTS'),
  },
  { question: 'external IP from outside', ask: 'host/laptop 198.51.100.7:80', answers: both('192.168.1.1') },
];

describe.each(ROWS)('$question', ({ ask: question, answers, version = '1.34' }) => {
  it.each(MODES)('%s', (mode) => {
    expect(answer(ask(mode, question, version))).toBe(typeof answers === 'string' ? answers : answers[mode]);
  });
});

/** Hooks of the client's node in which something was decided about the request. */
function hooks(trace: Trace): readonly string[] {
  const steps = trace.paths[0]?.hops.filter(({ node }) => node === 'n1').flatMap((hop) => hop.steps) ?? [];
  return [...new Set(steps.flatMap(({ hook }) => (hook === null ? [] : [hook])))];
}

describe('the hooks that see a request of a Pod for a ClusterIP', () => {
  it.each([
    ['iptables', true, false],
    ['ipvs', false, true],
    ['nftables', true, false],
  ] as const)('%s', (mode, forwarded, local) => {
    const seen = hooks(ask(mode, 'on-n1 10.96.0.10:80', '1.34'));
    expect([seen.includes('FORWARD'), seen.includes('INPUT')]).toEqual([forwarded, local]);
  });
});
