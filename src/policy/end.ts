/** An end of a connection as policies see it: one address, and what stands behind it. */
import type { Pod } from '../cluster/objects.ts';
import type { HostEndpoint } from '../cluster/policy/calico-policy.ts';
import type { IpAddr } from '../net/address.ts';

export type End = {
  readonly ip: IpAddr;
  /** The Pod of the Pod network that holds the address: what policies can select. */
  readonly pod?: Pod;
  /** The machine where the end is: of a Pod its node, of a node or a Pod on the host network the node itself. */
  readonly node?: string;
  /** Named ports of host endpoints that expect the address. */
  readonly hostPorts?: HostEndpoint['ports'];
};

/** Calico knows no Pods on the host network, without node or address, or that have ended (conversion.go: IsValidCalicoWorkloadEndpoint). */
export function isSelectable(pod: Pod): boolean {
  const ended = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  return !pod.hostNetwork && pod.node !== undefined && pod.ips.length > 0 && !ended;
}

/** The Pod by one of its addresses. A Pod on the host network is its node to every policy. */
export function podEnd(pod: Pod, ip: IpAddr): End {
  const place = pod.node === undefined ? {} : { node: pod.node };
  return isSelectable(pod) ? { ip, pod, ...place } : { ip, ...place };
}

/** A process of the machine, and not of a Pod of the Pod network. */
export function isHost(end: End): boolean {
  return end.pod === undefined && end.node !== undefined;
}
