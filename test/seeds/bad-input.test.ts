/** Mistakes in the input or the question: where, what was expected, the nearest valid name; nothing on standard output. */
import { describe, expect, it } from 'vitest';
import { run } from './support.ts';

const F = ['-f', 'topologies/calico-ipip'];

const NODES = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  nodes: [{name: n1, address: 192.168.26.81/24}]
---
`;

type Row = {
  readonly name: string;
  readonly argv: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly code: number;
  readonly says: readonly string[];
};

const QUESTIONS: readonly Row[] = [
  {
    name: 'an unknown Pod',
    argv: ['pdo1', 'svc2:80', ...F],
    code: 64,
    says: ['"pdo1": nothing is named "pdo1" in namespace liruilong-network-create', 'did you mean pod1?'],
  },
  {
    name: 'an unknown Pod of a namespace that is named',
    argv: ['default/testpodd1', 'svc2:80', ...F],
    code: 64,
    says: ['nothing is named "testpodd1" in namespace default', 'did you mean default/testpod1'],
  },
  {
    name: 'an unknown Service',
    argv: ['pod1', 'svc22:80', ...F],
    code: 64,
    says: ['nothing is named "svc22"', 'did you mean svc2?'],
  },
  {
    name: 'a name of another namespace',
    argv: ['pod1', 'svc2:80', '-n', 'default', ...F],
    code: 64,
    says: ['nothing is named "pod1" in namespace default', 'did you mean liruilong-network-create/pod1'],
  },
  {
    name: 'an unknown machine of show',
    argv: ['show', 'routes', 'vms84', ...F],
    code: 64,
    says: ['nothing is named "vms84"', 'did you mean node/vms81 or node/vms82 or node/vms83?'],
  },
  {
    name: 'an unknown word of show',
    argv: ['show', 'iptabels', 'vms81', ...F],
    code: 64,
    says: ['unknown word iptabels', 'did you mean iptables?'],
  },
  {
    name: 'a name that a Pod and a node have',
    argv: ['vms81', 'pod1:80', ...F, '-f', 'twin.yaml', '-n', 'default'],
    files: {
      'twin.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: vms81, namespace: default}\nspec: {nodeName: vms82, containers: [{name: c, image: c}]}\n',
    },
    code: 64,
    says: ['"vms81" is ambiguous: default/pod/vms81, node/vms81', 'write default/pod/vms81'],
  },
  {
    name: 'a port that the Service does not name',
    argv: ['pod1', 'kube-dns.kube-system:metric', ...F],
    code: 64,
    says: ['no port named "metric"', 'did you mean metrics?'],
  },
  {
    name: 'a Service as the source',
    argv: ['svc1', 'pod1:80', ...F],
    code: 64,
    says: ['"svc1" is a Service, which sends nothing itself', 'name a Pod, a node, a host or a container'],
  },
  {
    name: 'a destination without a port, where there are several',
    argv: ['testpod1', 'node/vms81', ...F],
    code: 64,
    says: ['node/vms81: which port?', 'write node/vms81:PORT'],
  },
];

const FILES: readonly Row[] = [
  {
    name: 'a missing file',
    argv: ['validate', '-f', 'topologies/calico-ipipp'],
    code: 66,
    says: ['no such file or directory: topologies/calico-ipipp'],
  },
  {
    name: 'a folder without YAML',
    argv: ['validate', '-f', 'topologies'],
    code: 66,
    says: ['no .yaml, .yml or .json file in topologies', '-R looks into its sub-folders'],
  },
  {
    name: 'broken YAML',
    argv: ['validate', '-f', 'x.yaml'],
    files: { 'x.yaml': 'kind: Pod\nmetadata:\n  name: a\n   labels: {}\n' },
    code: 65,
    says: ['x.yaml:3:9: error: not valid YAML: '],
  },
  {
    name: 'broken JSON',
    argv: ['validate', '-f', 'x.json'],
    files: { 'x.json': '{"kind": "Pod",\n "metadata": {"name": "a",}}' },
    code: 65,
    says: ['x.json:2:27: error: not valid JSON'],
  },
  {
    name: 'an unknown field of a Service',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selctor: {app: web}\n  ports: [{port: 80}]\n',
    },
    code: 65,
    says: [
      'x.yaml:5:3: error: Service web: strict decoding error: unknown field "spec.selctor"',
      'did you mean selector?',
    ],
  },
  {
    name: 'an unknown field of a policy',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml':
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  podSelector: {}\n  ingress:\n    - form: [{podSelector: {}}]\n',
    },
    code: 65,
    says: [
      'x.yaml:7:7: error: NetworkPolicy p: strict decoding error: unknown field "spec.ingress[0].form"',
      'did you mean from?',
    ],
  },
  {
    name: 'an unknown field of a Cluster',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml':
        'apiVersion: nettrace/v1alpha1\nkind: Cluster\nmetadata: {name: c}\nspec:\n  podCIDR: [10.244.0.0/16]\n',
    },
    code: 65,
    says: ['x.yaml:5:3: error: Cluster c: unknown field podCIDR in spec', 'did you mean podCIDRs?'],
  },
  {
    name: 'one address of two Pods',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml': `${NODES}${['a', 'b'].map((name) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {nodeName: n1, containers: [{name: c, image: c}]}\nstatus: {phase: Running, podIP: 10.244.0.10}\n`).join('---\n')}`,
    },
    code: 65,
    says: ['x.yaml:17:33: error: ', '10.244.0.10 is also the address of Pod default/a: also at x.yaml:9:18'],
  },
  {
    name: 'one address of two machines',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml': `${NODES}apiVersion: nettrace/v1alpha1\nkind: Host\nmetadata: {name: laptop}\nspec: {interfaces: [{name: eth0, segment: lan, addresses: [192.168.26.81/24]}]}\n`,
    },
    code: 65,
    says: [
      "x.yaml:10:60: error: 192.168.26.81 is used twice on segment lan: by node n1 (x.yaml:5) and by laptop's eth0",
    ],
  },
  {
    name: 'one ClusterIP of two Services',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml': ['a', 'b']
        .map(
          (name) =>
            `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {clusterIP: 10.96.0.7, ports: [{port: 80}]}\n`,
        )
        .join('---\n'),
    },
    code: 65,
    says: ['x.yaml:9:19: error: ', '10.96.0.7'],
  },
  {
    name: 'Pod and Service networks that overlap',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml':
        'apiVersion: nettrace/v1alpha1\nkind: Cluster\nmetadata: {name: c}\nspec:\n  podCIDRs: [10.96.0.0/16]\n  serviceCIDRs: [10.96.0.0/12]\n  nodes: [{name: n1, address: 192.168.26.81/24}]\n',
    },
    code: 65,
    says: ['x.yaml:6:18: error: the Service network 10.96.0.0/12 overlaps the Pod network 10.96.0.0/16'],
  },
  {
    name: 'a node port out of range',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  type: NodePort\n  ports:\n    - {port: 80, nodePort: 18000}\n',
    },
    code: 65,
    says: [
      'x.yaml:7:28: error: ',
      'Invalid value: 18000: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  },
  {
    name: 'a node that does not exist',
    argv: ['validate', '-f', 'x.yaml'],
    files: {
      'x.yaml': `${NODES}apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {nodeName: n11, containers: [{name: c, image: c}]}\n`,
    },
    code: 65,
    says: ['x.yaml:10:18: error: Pod default/a: spec.nodeName: there is no node n11', 'did you mean n1?'],
  },
];

describe.each([
  ['questions', QUESTIONS],
  ['files', FILES],
])('wrong %s', (_, rows) => {
  it.each(rows)('$name', async ({ argv, files, code, says }) => {
    const ran = await run(argv, files);
    expect(ran).toMatchObject({ code, stdout: '' });
    for (const words of says) expect(ran.stderr).toContain(words);
    expect(ran.stderr).not.toContain('bug in nettrace');
  });
});

describe('a selector that matches nothing', () => {
  const PODS = `apiVersion: v1
kind: Pod
metadata: {name: web-0, labels: {app: web}}
spec: {containers: [{name: c, image: c}]}
---
`;
  const policy = (spec: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: lock}
spec: ${spec}
`;

  it.each([
    {
      name: 'of a Service',
      text: 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: wbe}\n  ports: [{port: 80}]\n',
      says: 'x.yaml:10:13: warning: Service default/web: spec.selector: app=wbe matches no Pod of namespace default: the Service has no endpoints [selector-matches-nothing]\n  did you mean app=web?',
    },
    {
      name: 'of a policy',
      text: policy('{podSelector: {matchLabels: {app: wbe}}}'),
      says: 'x.yaml:9:21: warning: NetworkPolicy default/lock: spec.podSelector: matches no Pod of namespace default: the policy does nothing [selector-matches-nothing]\n  did you mean app=web?',
    },
    {
      name: 'of a peer',
      text: policy('{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {ap: web}}}]}]}'),
      says: 'warning: NetworkPolicy default/lock: spec.ingress[0].from[0].podSelector: matches no Pod of namespace default [selector-matches-nothing]\n  did you mean the label app?',
    },
    {
      name: "of a peer's namespace",
      text: policy(
        '{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: defualt}}}]}]}',
      ),
      says: 'spec.egress[0].to[0].namespaceSelector: matches no namespace [selector-matches-nothing]\n  did you mean kubernetes.io/metadata.name=default?',
    },
  ])('$name is a warning on standard error', async ({ text, says }) => {
    const ran = await run(['validate', '-f', 'x.yaml'], { 'x.yaml': `${PODS}${text}` });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(says);
    expect(ran.stdout).not.toContain('warning');
  });

  it.each([
    [
      'of a Service whose endpoints are given',
      'apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec:\n  selector: {app: db}\n  ports: [{port: 80}]\n---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: db}\nsubsets: [{addresses: [{ip: 10.244.9.9}], ports: [{port: 80}]}]\n',
    ],
    ['that is empty', policy('{podSelector: {}, ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}]}]}')],
    ['that matches', policy('{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}')],
  ])('one %s is not told', async (_, text) => {
    expect((await run(['validate', '-f', 'x.yaml'], { 'x.yaml': `${PODS}${text}` })).stderr).not.toContain(
      'matches no',
    );
  });

  it('with many the rest is counted', async () => {
    const services = Array.from(
      { length: 30 },
      (_, index) =>
        `apiVersion: v1\nkind: Service\nmetadata: {name: s${index}}\nspec: {selector: {app: none}, ports: [{port: 80}]}\n---\n`,
    ).join('');
    const { stderr } = await run(['validate', '-f', 'x.yaml'], { 'x.yaml': `${services}${PODS}` });
    expect(stderr.match(/has no endpoints/g)).toHaveLength(20);
    expect(stderr).toContain('warning: 10 more selectors match nothing in the input');
  });
});
