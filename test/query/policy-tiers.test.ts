/** What `policy` says of rules in tiers that are asked after everything was decided. */
import { describe, expect, it } from 'vitest';
import { run } from '../seeds/support.ts';

const INPUT = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  cni: {plugin: calico, calico: {encapsulation: none}}
  nodes: [{name: n1, address: 192.168.1.11/24}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 10
  subject: {namespaces: {}}
  ingress: [{name: stop, action: Deny, from: [{namespaces: {}}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - {from: [{podSelector: {matchLabels: {app: web}}}]}
    - {from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 81}]}
    - {from: [{podSelector: {matchLabels: {app: api}}}]}
`;

describe('a rule of a tier that has nothing left to decide', () => {
  it.each([
    ['matches all the same, too late', 'ingress[0]', 'matches, decided before'],
    ['does not match for its port', 'ingress[1]', 'peer fits, port does not: needs TCP 81'],
    ['does not match for its peer', 'ingress[2]', 'peer does not fit'],
  ])('%s', async (_, rule, said) => {
    const { stdout } = await run(['policy', 'shop/web', 'shop/db:80', '-f', 'lab.yaml'], { 'lab.yaml': INPUT });
    const lines = stdout.split('\n').filter((line) => line.includes(rule));
    expect(lines.join('\n')).toContain(said);
  });
});

describe('a tier whose policy passes', () => {
  const passes = (order: number, more = ''): string => `---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: hand-on}
spec: {order: ${order}, selector: app == "web", ingress: [{action: Pass, protocol: TCP${more}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 81}]}]}
`;
  const world = INPUT.slice(0, INPUT.indexOf('---\napiVersion: policy.networking.k8s.io'));

  it.each<readonly [row: string, policies: string, to: string, line: string]>([
    [
      'says that those after it are not asked',
      passes(10),
      'shop/web:80',
      'tier default: passes on (Pass of GlobalNetworkPolicy hand-on: the policies after it in tier default are not asked)',
    ],
    ['says nothing of those before it', passes(2000), 'shop/web:81', 'tier default: allows'],
    [
      'says nothing where it is the last',
      passes(2000).replace('port: 81', 'port: 99'),
      'shop/web:80',
      'tier default: passes on',
    ],
    [
      'says nothing where a part alone is passed on',
      passes(10, ', destination: {ports: [80]}'),
      'shop/web',
      'tier default: decides by port',
    ],
  ])('%s', async (_, policies, to, line) => {
    const files = { 'lab.yaml': world + policies };
    const { stdout } = await run(['policy', 'shop/db', to, '-f', 'lab.yaml'], files);
    expect(stdout.split('\n').map((each) => each.trim())).toContain(line);
    const chinese = await run(['policy', 'shop/db', to, '-f', 'lab.yaml', '--lang', 'zh'], files);
    expect(chinese.stdout.includes('不再询问')).toBe(line.includes('not asked'));
  });
});
