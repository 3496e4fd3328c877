/** Every network namespace of the world by name, without building any. */
import type { Source } from '../../cluster/source.ts';
import type { NetnsId } from '../../kernel/netns-id.ts';
import type { IpAddr } from '../../net/address.ts';

type MachineKind = 'node' | 'host' | 'pod' | 'container' | 'gateway' | 'outside';

/**
 * A namespace as people call it. Names of namespaces: that of a node or host is its name, a Pod's is `NAMESPACE/NAME`, and
 * `container:NAME`, `gateway:ADDRESS`, `outside:ADDRESS` are the others; no node's or Pod's name can look like those.
 */
export type Machine = {
  readonly netns: NetnsId;
  readonly kind: MachineKind;
  /** Of a container that shares a namespace, the container's own name. */
  readonly name: string;
  /** Only of Pods. */
  readonly namespace?: string;
  /** The machine it runs on; its own name where it is one. */
  readonly machine: string;
  /** Primary address first. A container on its host's network has the host's. */
  readonly addresses: readonly IpAddr[];
  readonly source?: Source;
};

/** Where a network namespace is: the machine, and the Pod or container, if it is not the machine's own. */
export type Place = { readonly machine: string; readonly inside: string | undefined };
