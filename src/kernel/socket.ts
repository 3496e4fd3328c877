import type { IpAddr } from '../net/address.ts';

/** A socket that waits for packets. An `any` port answers on every port: a process about which nothing is known. */
export type Listener = {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number | 'any';
  /** undefined: all addresses (0.0.0.0 or ::). */
  readonly address?: IpAddr;
  /** Of IP_TRANSPARENT and the like nothing is modelled. */
  readonly process?: string;
};
