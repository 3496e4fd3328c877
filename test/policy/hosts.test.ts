/** Host endpoints where random clusters seldom lead: two Pods of one class, labels of machines, answers before the connection table. */
import { describe, expect, it } from 'vitest';
import { answerConnectivity } from '../../src/query/policy/connectivity-answer.ts';
import { loadText } from '../seeds/support.ts';

const CLUSTER = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec: {cni: {plugin: calico}, nodes: [{name: n1, address: 192.168.1.11/24}, {name: n2, address: 192.168.1.12/24}]}
---
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
---
`;

const HOST_POD = `apiVersion: v1
kind: Pod
metadata: {name: host}
spec: {nodeName: n2, hostNetwork: true, containers: [{name: c, image: c}]}
---
`;

const CALICO = (kind: string, name: string, spec: string): string => `apiVersion: projectcalico.org/v3
kind: ${kind}
metadata: {name: ${name}, labels: {role: machine}}
spec: ${spec}
---
`;

function rowsOf(text: string): readonly string[] {
  const { rows } = answerConnectivity(loadText(text).cluster, { explain: true, exposure: false, focus: [] });
  return [...rows()]
    .filter(({ src, dst }) => src.endsWith(']') && dst.endsWith(']'))
    .map(
      ({ src, dst, allowed, always }) =>
        `${src} -> ${dst}: ${allowed}${always === null ? '' : ` (every Pod: ${always})`}`,
    );
}

describe('connectivity', () => {
  it('asks the endpoint of their node about two Pods that no policy tells apart', () => {
    const endpoint = CALICO('HostEndpoint', 'n1', '{node: n1, interfaceName: "*"}');
    const deny = CALICO(
      'GlobalNetworkPolicy',
      'deny',
      `{selector: role == 'machine', applyOnForward: true, types: [Ingress], ingress: [{action: Deny, protocol: UDP}, {action: Allow}]}`,
    );
    expect(rowsOf(CLUSTER + HOST_POD + endpoint + deny)).toContain(
      'default/a[Pod] -> default/b[Pod]: TCP 1-65535;SCTP 1-65535',
    );
  });

  it('means machines by the labels of the endpoint that expects their address', () => {
    const endpoint = CALICO('HostEndpoint', 'n2', '{node: n2, interfaceName: none, expectedIPs: [192.168.1.12]}');
    const allow = CALICO(
      'GlobalNetworkPolicy',
      'allow',
      `{selector: app == 'web', types: [Egress], egress: [{action: Allow, destination: {selector: role == 'machine'}}]}`,
    );
    expect(rowsOf(CLUSTER + HOST_POD + endpoint + allow)).toContain(
      'default/a[Pod] -> default/host[Pod]: All Connections',
    );
  });

  it('tells machines apart by the labels of their endpoints, where a rule looks at them', () => {
    const endpoints = ['n1', 'n2'].map((node, index) =>
      CALICO('HostEndpoint', node, `{node: ${node}, interfaceName: none, expectedIPs: [192.168.1.1${index + 1}]}`),
    );
    const allow = CALICO(
      'GlobalNetworkPolicy',
      'allow',
      `{selector: app == 'web', types: [Egress], egress: [{action: Allow, destination: {selector: zone == 'far'}}]}`,
    );
    const other = HOST_POD.replace('name: host', 'name: other').replace('n2', 'n1');
    const far = endpoints.join('').replace('name: n2, labels: {role: machine}', 'name: n2, labels: {zone: far}');
    expect(rowsOf(CLUSTER + HOST_POD + other + far + allow).filter((row) => row.startsWith('default/a'))).toEqual([
      'default/a[Pod] -> default/host[Pod]: All Connections',
    ]);
  });

  it('says of Pods of one class on two nodes what some may use and what all of them', () => {
    const member = (number: number): string => `apiVersion: v1
kind: Pod
metadata: {name: db-${number}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: x, controller: true}]}
spec: {nodeName: n${number + 1}, containers: [{name: c, image: c}]}
---
`;
    const endpoints = ['n1', 'n2'].map((node) => CALICO('HostEndpoint', node, `{node: ${node}, interfaceName: eth0}`));
    const deny = CALICO(
      'GlobalNetworkPolicy',
      'deny',
      `{selector: role == 'machine', applyOnForward: true, types: [Ingress], ingress: [{action: Deny, protocol: UDP}, {action: Allow}]}`,
    );
    const rows = rowsOf(CLUSTER + member(0) + member(1) + endpoints.join('') + deny);
    const between = 'TCP 1-65535;SCTP 1-65535';
    expect(rows).toContain(`default/a[Pod] -> default/db[StatefulSet]: All Connections (every Pod: ${between})`);
    expect(rows).toContain(`default/db[StatefulSet] -> default/db[StatefulSet]: ${between}`);
    expect(rows).toContain('default/a[Pod] -> default/b[Pod]: All Connections');
  });
});
