/** On what the processes of a node listen that no compiler of a component knows of. */
import type { Cluster } from '../cluster/cluster.ts';
import type { NodeSettings } from '../cluster/settings.ts';
import type { Listener } from '../kernel/socket.ts';
import { familyOf, ip4, ip6 } from '../net/address.ts';
import { runningListeners } from './pod-listeners.ts';

const LOOPBACK = ip4(0x7f000001);
const LOOPBACK6 = ip6(1n);

/** sshd, the control plane as kubeadm runs it, Pods on the host network, and what the Cluster document adds. */
export function nodeListeners(cluster: Cluster, node: NodeSettings): readonly Listener[] {
  const hostPods = cluster.podsOnNode(node.name).filter(({ hostNetwork }) => hostNetwork);
  const controlPlane: readonly Listener[] = [
    { protocol: 'tcp', port: 6443, process: 'kube-apiserver' },
    { protocol: 'tcp', port: 2379, address: node.address.addr, process: 'etcd' },
    // kubeadm: GetEtcdPodSpec() takes ::1 where the API server advertises an IPv6 address; the others keep 127.0.0.1.
    { protocol: 'tcp', port: 2379, address: familyOf(node.address.addr) === 4 ? LOOPBACK : LOOPBACK6, process: 'etcd' },
    { protocol: 'tcp', port: 2380, address: node.address.addr, process: 'etcd' },
    { protocol: 'tcp', port: 10257, address: LOOPBACK, process: 'kube-controller-manager' },
    { protocol: 'tcp', port: 10259, address: LOOPBACK, process: 'kube-scheduler' },
  ];
  const all: readonly Listener[] = [
    { protocol: 'tcp', port: 22, process: 'sshd' },
    ...(node.controlPlane ? controlPlane : []),
    ...hostPods.flatMap(runningListeners),
    ...node.listen,
  ];
  // A static Pod of the control plane may be in the input too: one socket for an address and port is enough.
  const key = ({ protocol, port, address }: Listener) => `${protocol} ${port} ${address}`;
  return [...new Map(all.map((listener): [string, Listener] => [key(listener), listener])).values()];
}
