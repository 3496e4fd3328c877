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
apiVersion: v1
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
    .map(({ src, dst, allowed }) => `${src} -> ${dst}: ${allowed}`);
}

describe('connectivity', () => {
  it('asks the endpoint of their node about two Pods that no policy tells apart', () => {
    const endpoint = CALICO('HostEndpoint', 'n1', '{node: n1, interfaceName: "*"}');
    const deny = CALICO(
      'GlobalNetworkPolicy',
      'deny',
      `{selector: role == 'machine', applyOnForward: true, types: [Ingress], ingress: [{action: Deny, protocol: UDP}, {action: Allow}]}`,
    );
    expect(rowsOf(CLUSTER + endpoint + deny)).toContain('default/a[Pod] -> default/b[Pod]: TCP 1-65535;SCTP 1-65535');
  });

  it('means machines by the labels of the endpoint that expects their address', () => {
    const endpoint = CALICO('HostEndpoint', 'n2', '{node: n2, interfaceName: none, expectedIPs: [192.168.1.12]}');
    const allow = CALICO(
      'GlobalNetworkPolicy',
      'allow',
      `{selector: app == 'web', types: [Egress], egress: [{action: Allow, destination: {selector: role == 'machine'}}]}`,
    );
    expect(rowsOf(CLUSTER + endpoint + allow)).toContain('default/a[Pod] -> default/host[Pod]: All Connections');
  });
});
