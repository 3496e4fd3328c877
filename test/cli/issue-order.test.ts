/** What is wrong in files is told in the order in which people read them, whoever finds it. */
import { expect, test } from 'vitest';
import { run } from '../seeds/support.ts';

const B = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: late, namespace: shop}
spec:
  podSelector: {}
  ingress: [{ports: [{port: "80-90"}, {port: 99999}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 0}]}
`;
const A = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec: {nodes: [{name: n1, address: 192.168.1.11/24, interfaces: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {nodeName: 5, containers: [{name: c, image: c, ports: [{containerPort: 0}]}]}
`;

const WARNED = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wide, namespace: shop}
spec:
  podSelector: {}
  ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/8}}]}]
`;

test.each<readonly [row: string, files: Readonly<Record<string, string>>, code: number, places: readonly string[]]>([
  [
    'errors',
    { 'b.yaml': B, 'a.yaml': A },
    65,
    ['a.yaml:4:53', 'a.yaml:9:18', 'a.yaml:9:78', 'b.yaml:6:29', 'b.yaml:6:46', 'b.yaml:11:45'],
  ],
  ['warnings', { 'b.yaml': WARNED, 'a.yaml': WARNED.replace('wide', 'other') }, 0, ['a.yaml:6:38', 'b.yaml:6:38']],
])('%s of all files are sorted by file, line and column', async (_, files, code, places) => {
  const ran = await run(['validate', ...Object.keys(files).flatMap((file) => ['-f', file])], files);
  expect(ran.code).toBe(code);
  const told = ran.stderr.split('\n').flatMap((line) => /^(\S+:\d+:\d+): (error|warning)/.exec(line)?.[1] ?? []);
  expect(told).toEqual(places);
});
