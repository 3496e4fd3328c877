/** An endpoint of Calico: a Pod, or a Docker container of a Calico network. */
import type { Pod, Protocol } from '../../../cluster/objects.ts';
import type { Source } from '../../../cluster/source.ts';
import type { DeviceRef } from '../../../kernel/link/device.ts';
import type { NetnsId } from '../../../kernel/netns-id.ts';
import type { Listener } from '../../../kernel/socket.ts';
import type { IpAddr } from '../../../net/address.ts';
import { deriveMac, type Mac, parseMac } from '../../../net/mac.ts';
import { nodeNetnsId, podNetnsId } from '../../netns-names.ts';
import { runningListeners } from '../../pod-listeners.ts';
import { podInterfaceName } from './names.ts';

/** A profile decides about what no policy decides about: it allows everything or says nothing. */
type Profile = { readonly name: string; readonly allows: boolean };

export type Workload = {
  readonly kind: 'Pod' | 'Container';
  readonly name: string;
  readonly namespace?: string;
  readonly node: string;
  readonly netns: NetnsId;
  readonly ips: readonly IpAddr[];
  /** The host's end of the veth pair: cali and eleven more characters. */
  readonly hostInterface: string;
  /** eth0 in a Pod, cali0 in a Docker container. */
  readonly containerInterface: string;
  readonly mac: Mac;
  readonly profiles: readonly Profile[];
  readonly listeners: readonly Listener[];
  readonly ports: readonly { readonly name?: string; readonly port: number; readonly protocol: Protocol }[];
  /** The Pod, which policies select by its labels. */
  readonly pod?: Pod;
  readonly source?: Source;
};

/** Calico knows no Pods that share the host's network, have no node or address, or have ended (conversion.go: IsFinished). */
export function isEndpoint(pod: Pod): boolean {
  const finished = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  return !pod.hostNetwork && pod.node !== undefined && pod.ips.length > 0 && !finished;
}

/** The endpoint of a Pod that isEndpoint(). */
export function podWorkload(pod: Pod): Workload {
  const { name, namespace, serviceAccount } = pod;
  const mac = parseMac(pod.annotations['cni.projectcalico.org/hwAddr'] ?? '');
  return {
    kind: 'Pod',
    name,
    namespace,
    node: pod.node ?? '',
    netns: podNetnsId(namespace, name),
    ips: pod.ips,
    hostInterface: podInterfaceName(namespace, name),
    containerInterface: 'eth0',
    mac: mac ?? deriveMac(`${namespace}/${name}/eth0`),
    profiles: [
      { name: `kns.${namespace}`, allows: true },
      ...(serviceAccount === '' ? [] : [{ name: `ksa.${namespace}.${serviceAccount}`, allows: false }]),
    ],
    listeners: runningListeners(pod),
    ports: pod.ports,
    pod,
    ...(pod.source === undefined ? {} : { source: pod.source }),
  };
}

/** `NAMESPACE/NAME` of a Pod, the name of a container. */
export function workloadName({ namespace, name }: Workload): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The host's end of its veth pair. */
export function hostEnd({ node, hostInterface }: Workload): DeviceRef {
  return { netns: nodeNetnsId(node), device: hostInterface };
}
