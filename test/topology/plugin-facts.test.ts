/** Which CNI plugin runs, by the ConfigMaps of its installation. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { printPrefix } from '../../src/net/prefix.ts';
import { loadTopology } from '../../src/topology/load.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: n1, containers: [{name: c, image: c}]}\n';
const configMap = (name: string, network: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: kube-system}
data:
  net-conf.json: |
    ${network}
`;

function settings(...documents: readonly string[]) {
  const loaded = loadTopology([{ file: 'a.yaml', text: [POD, ...documents].join('---\n') }]);
  invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ message }) => message).join('\n'));
  const { cni, podCIDRs } = loaded.value.cluster.settings;
  return { cni, pods: podCIDRs.map(printPrefix) };
}

describe('the ConfigMap of an installation', () => {
  it.each([
    ['kube-flannel-cfg', 'flannel', '{"Network": "10.50.0.0/16", "Backend": {"Type": "host-gw"}}', 'host-gw'],
    ['kube-flannel-cfg', 'flannel', '{"Network": "10.50.0.0/16", "Backend": {"Type": "ipip"}}', 'ipip'],
    ['canal-config', 'canal', '{"Network": "10.50.0.0/16", "Backend": {"Type": "vxlan"}}', 'vxlan'],
    ['canal-config', 'canal', '{"Network": "10.50.0.0/16"}', 'vxlan'],
  ])('%s means %s, with the backend and the network of %s', (name, plugin, network, backend) => {
    expect(settings(configMap(name, network))).toEqual({
      cni: { plugin, flannel: { backend } },
      pods: ['10.50.0.0/16'],
    });
  });

  it('a network of both families', () => {
    const network = '{"EnableIPv6": true, "Network": "10.50.0.0/16", "IPv6Network": "fd00:50::/48"}';
    expect(settings(configMap('kube-flannel-cfg', network)).pods).toEqual(['10.50.0.0/16', 'fd00:50::/48']);
  });

  it('what is no JSON says nothing about the network', () => {
    expect(settings(configMap('kube-flannel-cfg', '{"Network": '))).toEqual({
      cni: { plugin: 'flannel', flannel: { backend: 'vxlan' } },
      pods: ['10.244.0.0/16'],
    });
  });
});

describe("kubeadm's ConfigMap", () => {
  const nodes = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  nodes: [{name: n1, address: 10.0.0.1/24, controlPlane: true}, {name: n2, address: 10.0.0.2/24}]
`;
  const kubeadm = (version: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: kubeadm-config, namespace: kube-system}
data: {ClusterConfiguration: "kubernetesVersion: v${version}.0"}
`;
  const excluded = (...documents: readonly string[]): readonly string[] => {
    const loaded = loadTopology([{ file: 'a.yaml', text: [nodes, ...documents].join('---\n') }]);
    invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ message }) => message).join('\n'));
    return loaded.value.cluster.nodes
      .filter(({ labels }) => Object.hasOwn(labels, 'node.kubernetes.io/exclude-from-external-load-balancers'))
      .map(({ name }) => name);
  };

  it.each([
    ['the control plane takes no part in load balancing', [kubeadm('1.34')], ['n1']],
    ['before 1.21 it did', [kubeadm('1.20')], []],
    ['nothing is known of clusters that somebody else made', [], []],
    [
      'a Node of the input has the labels that it has',
      [kubeadm('1.34'), 'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\n'],
      [],
    ],
  ])('%s', (_, documents, expected) => {
    expect(excluded(...documents)).toEqual(expected);
  });
});
