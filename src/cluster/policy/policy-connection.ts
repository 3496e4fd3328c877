/** A connection as the policies of one of its ends see it: after destination NAT. */
import type { IpAddr } from '../../net/address.ts';
import type { Pod } from '../objects.ts';

export type PolicyConnection = {
  readonly peerIp: IpAddr;
  /** The Pod that holds the address; a Pod on the host network is none to a policy. */
  readonly peerPod?: Pod | undefined;
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'other';
  /** Destination port; undefined for protocols without ports. */
  readonly port: number | undefined;
};
