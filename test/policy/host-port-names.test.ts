/** Names of ports of a host endpoint that expects the address of a Pod: which peers of a rule bring them in. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { isEmpty, only } from '../../src/policy/connection-set.ts';
import { podEnd } from '../../src/policy/end.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { ask, loadText } from '../seeds/support.ts';

const CLUSTER = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  cni: {plugin: calico, calico: {encapsulation: none}}
  nodes: [{name: n1, address: 192.168.1.11/24, gateway: 192.168.1.1, podCIDR: 10.244.1.0/26}, {name: n2, address: 192.168.1.12/24}]
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
status: {podIP: 10.244.1.4}
---
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{name: own, containerPort: 80}]}]}
status: {podIP: 10.244.1.5}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: h, labels: {role: machine}}
spec: {node: n2, interfaceName: none, expectedIPs: [10.244.1.5], ports: [{name: host, protocol: TCP, port: 80}]}
---
`;

const kubernetes = (peers: string, port: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec:
  podSelector: {matchLabels: {app: client}}
  policyTypes: [Egress]
  egress: [{to: [${peers}], ports: [{port: ${port}}]}]
`;
const calico = (destination: string): string => `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: default.p}
spec:
  selector: app == 'client'
  types: [Egress]
  egress: [{action: Allow, protocol: TCP, destination: ${destination}}]
`;

const POD = '{podSelector: {matchLabels: {app: server}}}';
const BLOCK = '{ipBlock: {cidr: 10.244.1.5/32}}';
const OTHER_BLOCK = '{ipBlock: {cidr: 192.0.2.0/24}}';

describe('port 80 of the server, which its host endpoint calls "host"', () => {
  it.each<readonly [string, string, boolean]>([
    ['is the Pod\'s own "own" to a podSelector', kubernetes(POD, 'own'), true],
    ['is no "host" to a podSelector, which means no host endpoint', kubernetes(POD, 'host'), false],
    ['nor to a namespaceSelector', kubernetes('{namespaceSelector: {}}', 'host'), false],
    ['is "host" to a block that holds the address', kubernetes(BLOCK, 'host'), true],
    ['and beside a podSelector, too', kubernetes(`${POD}, ${BLOCK}`, 'host'), true],
    ['but not by a block that does not hold it', kubernetes(`${OTHER_BLOCK}, ${POD}`, 'host'), false],
    ['is "host" to Calico\'s selector of the endpoint', calico("{selector: has(role), ports: ['host']}"), true],
    ['is no "host" to Calico\'s selector of the Pod', calico("{selector: app == 'server', ports: ['host']}"), false],
  ])('%s', (_, policy, allowed) => {
    const loaded = loadText(CLUSTER + policy);
    const [client, server] = loaded.cluster.pods.flatMap((pod) => pod.ips.map((ip) => podEnd(pod, ip)));
    invariant(client !== undefined && server !== undefined, 'two Pods with one address each');
    const asked = only('TCP', [{ first: 80, last: 80 }]);
    expect(!isEmpty(judgeConnection(policyWorld(loaded.cluster), client, server, asked).allowed)).toBe(allowed);
    const { code } = ask(loaded, 'client', 'server:80', { reply: false }).result;
    expect(code?.startsWith('POLICY_') ?? false).toBe(!allowed);
  });
});
