/** How machines and Pods are called as network namespaces, so that compilers agree on both ends of a veth pair. */
import { type NetnsId, netnsId } from '../kernel/netns-id.ts';

/** A node's own namespace: the node's name. */
export function nodeNetnsId(node: string): NetnsId {
  return netnsId(node);
}

/** A Pod's namespace: `NAMESPACE/NAME`, which no machine can be called. */
export function podNetnsId(namespace: string, name: string): NetnsId {
  return netnsId(`${namespace}/${name}`);
}
