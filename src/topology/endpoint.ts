/** The two ends of a question, once they are found in the topology. */
import type { Note } from '../cluster/note.ts';
import type { Pod, Service } from '../cluster/objects.ts';
import type { NetnsId } from '../kernel/netns-id.ts';
import type { IpAddr } from '../net/address.ts';
import type { EndpointText } from './endpoint-text.ts';
import type { Machine } from './world/machine.ts';

/** Where to look names up. */
export type EndpointOptions = {
  /** Of bare names: `-n`, else spec.defaultNamespace. */
  readonly namespace: string;
};

export type SourceEndpoint = {
  readonly kind: 'source';
  readonly displayName: string;
  readonly machine: Machine;
  readonly netns: NetnsId;
  readonly pod?: Pod;
  /** The address that was asked for; undefined: the kernel chooses one. */
  readonly address?: IpAddr;
  /** Set where nothing can be sent from there: the Pod does not run. */
  readonly problem?: { readonly code: 'SOURCE_NOT_RUNNING'; readonly message: string };
  readonly notes: readonly Note[];
};

export type DestinationBase = {
  readonly text: EndpointText;
  readonly displayName: string;
  /** A number; of a named port the number it stands for. */
  readonly port?: number;
  readonly notes: readonly Note[];
};

export type DestinationEndpoint = DestinationBase &
  /** A bare address; `holder` is who has it, the outside host made for it included. */
  (
    | { readonly kind: 'address'; readonly address: IpAddr; readonly holder?: Machine }
    | { readonly kind: 'machine'; readonly machine: Machine; readonly pod?: Pod; readonly addresses: readonly IpAddr[] }
    /** A Service by its name; empty `addresses`: headless or ExternalName, which only DNS answers for. */
    | {
        readonly kind: 'service';
        readonly service: Service;
        readonly addresses: readonly IpAddr[];
        readonly name: string;
      }
    /** A name with dots or of a URL that the cluster's resolver has to answer for; the Service it seems to mean, if any. */
    | { readonly kind: 'name'; readonly name: string; readonly service?: Service }
  );

export function machineSource(machine: Machine, address?: IpAddr, notes: readonly Note[] = []): SourceEndpoint {
  return {
    kind: 'source',
    displayName: displayOf(machine),
    machine,
    netns: machine.netns,
    notes,
    ...(address === undefined ? {} : { address }),
  };
}

export function displayOf(machine: Machine): string {
  switch (machine.kind) {
    case 'pod':
      return `${machine.namespace ?? ''}/${machine.name}`;
    case 'outside':
      return machine.name;
    case 'node':
    case 'host':
    case 'container':
    case 'gateway':
      return `${machine.kind}/${machine.name}`;
  }
}

export function baseOf(text: EndpointText, displayName: string): Omit<DestinationBase, 'port'> {
  return { text, displayName, notes: [] };
}

export function numberOf({ port }: EndpointText): { readonly port?: number } {
  return typeof port === 'number' ? { port } : {};
}
