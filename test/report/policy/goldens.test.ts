/** Every printed form of the answers about policies. Update with `vitest -u`, and read what changed. */
import { describe, expect, it } from 'vitest';
import { run } from '../../seeds/support.ts';

const TOPOLOGY = ['-f', 'topologies/calico-ipip'];
const S69 = [...TOPOLOGY, '-f', 'topologies/calico-ipip/policies/s69.yaml'];

/** Tiers, actions, a policy that cannot be converted, a staged one. */
const TIERS = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  cni: {plugin: calico, calico: {encapsulation: none}}
  nodes: [{name: n1, address: 192.168.1.11/24}, {name: n2, address: 192.168.1.12/24}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: c, ports: [{name: http, containerPort: 80}]}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec: {replicas: 1, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: c, ports: [{name: sql, containerPort: 5432}]}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop}
spec: {hostNetwork: true, nodeName: n1, containers: [{name: c, image: c}]}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: guard}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {matchLabels: {team: a}}}
  ingress:
    - {name: leave-web, action: Pass, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}]}
    - {name: no-sctp, action: Deny, from: [{namespaces: {}}], protocols: [{sctp: {destinationPort: {range: {start: 1, end: 65535}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - {from: [{podSelector: {matchLabels: {app: api}}}]}
    - {from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: sql}]}
    - {from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 9100, endPort: 9200}]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: default.ping}
spec:
  tier: default
  order: 10
  selector: app == 'db'
  types: [Ingress]
  ingress: [{action: Allow, protocol: ICMP, icmp: {type: 8}}]
---
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata: {name: default.soon, namespace: shop}
spec: {tier: default, selector: all(), types: [Ingress], ingress: [{action: Deny}]}
`;
const LAB = ['-f', 'lab.yaml'];

type Row = readonly [golden: string, argv: readonly string[], code: number];

const ROWS: readonly Row[] = [
  ['policy.txt', ['policy', 'default/other', 'default/db:6379', ...S69], 1],
  ['policy.zh.txt', ['policy', 'default/other', 'default/db:6379', ...S69, '--lang', 'zh'], 1],
  ['policy.json', ['policy', 'default/other', 'default/db:6379', ...S69, '-o', 'json'], 1],
  ['policy.q.txt', ['policy', 'default/frontend', 'default/db:6379', ...S69, '-q'], 0],
  ['policy.any-port.txt', ['policy', 'default/frontend', 'default/db', ...S69], 3],
  ['policy.tiers.txt', ['policy', 'shop/deploy/web', 'shop/sts/db:sql', ...LAB], 0],
  ['policy.tiers.zh.txt', ['policy', 'shop/deploy/web', 'shop/sts/db:81', ...LAB, '--lang', 'zh'], 1],
  ['policy.node.txt', ['policy', 'shop/agent', 'shop/sts/db:9150', ...LAB], 0],
  ['policy.other-node.txt', ['policy', 'node/n2', 'shop/sts/db:9150', ...LAB], 1],
  ['policy.ping.txt', ['policy', '192.0.2.7', 'shop/sts/db', '-p', 'icmp', ...LAB], 0],
  ['connectivity.txt', ['connectivity', ...S69], 0],
  ['connectivity.json', ['connectivity', ...S69, '-o', 'json'], 0],
  ['connectivity.csv', ['connectivity', ...S69, '-o', 'csv', '--focus', 'default/db'], 0],
  ['connectivity.md', ['connectivity', ...S69, '-o', 'md', '--focus', 'default/db', '--exposure'], 0],
  ['connectivity.dot', ['connectivity', ...S69, '-o', 'dot', '--focus', 'default/db'], 0],
  ['connectivity.mmd', ['connectivity', ...S69, '-o', 'mermaid', '--focus', 'default/db'], 0],
  ['connectivity.tiers.txt', ['connectivity', ...LAB, '--exposure'], 0],
  ['connectivity.tiers.zh.txt', ['connectivity', ...LAB, '--exposure', '--explain', '--lang', 'zh'], 0],
  ['connectivity.explain.txt', ['connectivity', ...LAB, '--explain'], 0],
  ['connectivity.explain.json', ['connectivity', ...LAB, '--explain', '--exposure', '-o', 'json'], 0],
  ['connectivity.explain.csv', ['connectivity', ...LAB, '--explain', '-o', 'csv'], 0],
  ['matrix.txt', ['matrix', ...S69, '--port', '80'], 0],
  ['matrix.zh.txt', ['matrix', ...S69, '--port', 'icmp', '-n', 'default', '--lang', 'zh'], 0],
  [
    'matrix.json',
    ['matrix', ...S69, '--from', 'role=frontend', '--to', 'default/db', '--port', '6379/tcp', '-o', 'json'],
    0,
  ],
  ['matrix.csv', ['matrix', ...S69, '--from', 'role=frontend', '--from', 'host/outside', '-o', 'csv'], 0],
  ['matrix.md', ['matrix', ...S69, '-n', 'default', '--port', '6379', '-o', 'md'], 0],
  ...(['txt', 'zh.txt', 'json', 'csv', 'md'] as const).map((form): Row => {
    const output = form.endsWith('txt') ? 'text' : form;
    const language = form === 'zh.txt' ? ['--lang', 'zh'] : [];
    return [`diff.${form}`, ['diff', 'before.yaml', 'after.yaml', '-f', 'lab.yaml', '-o', output, ...language], 0];
  }),
  ...(['txt', 'zh.txt', 'json', 'csv'] as const).map((form): Row => {
    const output = form.endsWith('txt') ? 'text' : form;
    const language = form === 'zh.txt' ? ['--lang', 'zh'] : [];
    return [`diff.some-pods.${form}`, ['diff', 'queue.yaml', 'first-of-queue.yaml', '-o', output, ...language], 0];
  }),
];

const POLICY = (name: string, app: string, port: number): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
    - {from: [{podSelector: {matchLabels: {app: ${app}}}}], ports: [{port: ${port}}]}
    - {from: [{ipBlock: {cidr: 192.0.2.0/24}}]}
`;
const POD = (name: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec: {containers: [{name: c, image: c}]}
`;

/** A Pod of a StatefulSet has a label of its own. */
const QUEUE = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: queue}
spec:
  cni: {plugin: calico, calico: {encapsulation: none}}
  nodes: [{name: n1, address: 192.168.1.11/24}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: queue, namespace: shop}
spec: {replicas: 2, selector: {matchLabels: {app: queue}}, template: {metadata: {labels: {app: queue}}, spec: {containers: [{name: c, image: c}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: c}]}
`;
const FIRST_OF_QUEUE = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: first, namespace: shop}
spec:
  podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: queue-0}}
  ingress: [{ports: [{port: 80}]}]
`;

const FILES = {
  'queue.yaml': QUEUE,
  'first-of-queue.yaml': `${QUEUE}${FIRST_OF_QUEUE}`,
  'lab.yaml': TIERS,
  'before.yaml': `${POLICY('web', 'db', 80)}---\n${POD('old')}`,
  'after.yaml': `${POLICY('web', 'db', 81).replace('192.0.2.0/24', '198.51.100.0/25')}---\n${POD('new')}`,
};

describe('printed', () => {
  it.each(ROWS)('%s', async (golden, argv, code) => {
    const ran = await run(argv, FILES);
    expect(ran).toMatchObject({ code });
    await expect(ran.stdout).toMatchFileSnapshot(`../../golden/policy/${golden}.txt`.replace('.txt.txt', '.txt'));
  });
});
