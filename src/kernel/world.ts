/** All machines, built when a packet first visits them, and the wires between them. */
import type { IpAddr } from '../net/address.ts';
import type { Mac } from '../net/mac.ts';
import type { Packet } from '../net/packet.ts';
import type { DeviceRef } from './link/device.ts';
import type { Netns } from './netns.ts';
import type { NetnsId } from './netns-id.ts';
import type { OriginId } from './origin.ts';

/** All that a walk asks of what is outside the namespace it is in. */
export interface World {
  /** The namespace, compiled at the first call. */
  netns(id: NetnsId): Netns;
  /**
   * Devices on the segment that may answer a neighbour request for `target`: every one that would is among them, and
   * others may be (the kernel's rules then decide). An index, so that a segment of 5,000 machines is not built for one packet.
   */
  answering(segment: string, target: IpAddr): readonly DeviceRef[];
  /** Devices on the segment that take a frame for this address: the owner, and ports of bridges. */
  hearing(segment: string, destination: Mac): readonly DeviceRef[];
  /** What a filter between the machines (a cloud's security group) does with a packet on the segment. */
  blocked(segment: string, packet: Packet): { readonly reason: string; readonly origin?: OriginId } | undefined;
}
