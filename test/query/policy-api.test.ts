/** Two policies of one namespace and one name, of two APIs: every report tells them apart. */
import { describe, expect, it } from 'vitest';
import { run } from '../seeds/support.ts';

const INPUT = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  cni: {plugin: calico, calico: {encapsulation: none}}
  nodes: [{name: n1, address: 192.168.1.11/24, gateway: 192.168.1.1}]
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
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: lock, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 81}]}]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: lock, namespace: shop}
spec: {selector: app == "db", ingress: [{action: Deny, protocol: TCP, destination: {ports: [80]}}, {action: Allow, protocol: TCP, destination: {ports: [83]}}]}
`;

async function ask(...args: readonly string[]): Promise<string> {
  return (await run([...args, '-f', 'lab.yaml'], { 'lab.yaml': INPUT })).stdout;
}

describe('two policies of one name are told apart', () => {
  it.each<readonly [row: string, args: readonly string[], said: readonly string[]]>([
    [
      'by a trace that one of them drops',
      ['shop/web', 'shop/db:80'],
      [
        'Calico NetworkPolicy shop/lock (lab.yaml:26) denies',
        'Decided by: Calico NetworkPolicy shop/lock (lab.yaml:26)',
        'for ingress: shop/lock (lab.yaml:18), Calico NetworkPolicy shop/lock (lab.yaml:23)',
      ],
    ],
    [
      'by a trace that both of them let end',
      ['shop/web', 'shop/db:82'],
      [
        'NetworkPolicy shop/lock and Calico NetworkPolicy shop/lock select shop/db',
        'miss: shop/lock ingress[0]: port does not match',
        'miss: Calico NetworkPolicy shop/lock ingress[1]: the port is not 83',
      ],
    ],
    [
      'by policy',
      ['policy', 'shop/web', 'shop/db:80'],
      ['Calico NetworkPolicy shop/lock (lab.yaml:23)', '    NetworkPolicy shop/lock (lab.yaml:18)'],
    ],
    [
      'by connectivity',
      ['connectivity', '--explain', '-o', 'csv'],
      ['TCP 83: Calico NetworkPolicy shop/lock ingress[1]', 'TCP 81: NetworkPolicy shop/lock ingress[0]'],
    ],
    ['by show policies', ['show', 'policies'], ['\nCalico NetworkPolicy shop/lock  lab.yaml:23']],
    ['by validate', ['validate'], ['1 NetworkPolicy, 1 Calico NetworkPolicy']],
  ])('%s', async (_, args, said) => {
    const stdout = await ask(...args);
    for (const words of said) expect(stdout).toContain(words);
    expect(stdout).not.toContain('CalicoNetworkPolicy');
  });

  it.each<readonly [row: string, args: readonly string[], path: readonly (string | number)[]]>([
    ['of a trace', ['shop/web', 'shop/db:80'], ['result', 'blame', 'origin']],
    ['of the policies that select an end', ['shop/web', 'shop/db:80'], ['policies', 0, 'selecting', 1]],
    ['of policy', ['policy', 'shop/web', 'shop/db:80'], ['ingress', 'decidedBy']],
  ])('by apiVersion in the JSON %s', async (_, args, path) => {
    const value: unknown = JSON.parse(await ask(...args, '-o', 'json'));
    expect(path.reduce(field, value)).toMatchObject({
      ...{ kind: 'NetworkPolicy', apiVersion: 'projectcalico.org/v3', namespace: 'shop', name: 'lock' },
    });
  });

  it('and that of Kubernetes has its kind alone, as ever', async () => {
    const value: unknown = JSON.parse(await ask('shop/web', 'shop/db:80', '-o', 'json'));
    const other = ['policies', 0, 'selecting', 0].reduce(field, value);
    expect(other).toMatchObject({ kind: 'NetworkPolicy', namespace: 'shop', name: 'lock', line: 18 });
    expect(other).not.toHaveProperty('apiVersion');
  });
});

function field(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
