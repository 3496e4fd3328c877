import { describe, expect, it } from 'vitest';
import { run } from '../seeds/support.ts';

const CLUSTER = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec: {cni: {plugin: calico}, nodes: [{name: n1, address: 192.168.1.11/24, gateway: 192.168.1.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cache}
spec: {clusterIP: 10.96.0.50, selector: {app: APP}, ports: [{port: 6379, targetPort: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: lock}
spec: {podSelector: {}, policyTypes: [Egress]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
`;

describe('who an egress policy kept the packet from', () => {
  it.each([
    ['a Pod behind a Service', 'web', 'cache:6379', /default\/web \(\S+, an endpoint of Service default\/cache\)/],
    [
      'a Service without endpoints, whose address nothing translates',
      'none',
      'cache:6379',
      /admits Service default\/cache \(10\.96\.0\.50\) on tcp\/6379/,
    ],
    ['an address that nobody has', 'none', '8.8.8.8:443', /admits 8\.8\.8\.8 on tcp\/443/],
  ])('%s', async (_name, app, destination, wanted) => {
    const files = { 'lab.yaml': CLUSTER.replace('APP', app) };
    const ran = await run(['client', destination, '--no-dns', '-f', 'lab.yaml'], files);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(wanted);
  });
});
