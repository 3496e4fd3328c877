/** A question, as it is asked on the command line or in a batch. */
import type { Family, IpAddr } from '../net/address.ts';

export type ProbeProtocol = 'tcp' | 'udp' | 'sctp' | 'icmp';

export const PROTOCOLS: readonly ProbeProtocol[] = ['tcp', 'udp', 'sctp', 'icmp'];

export function protocolOf(text: string): ProbeProtocol | undefined {
  return PROTOCOLS.find((protocol) => protocol === text.toLowerCase());
}

/** What is left out has the command line's default. */
export type Query = {
  readonly source: string;
  readonly destination: string;
  /** tcp */
  readonly protocol?: ProbeProtocol;
  readonly sourcePort?: number;
  readonly namespace?: string;
  /** -4 or -6; what is left out, the client's resolver decides. */
  readonly family?: Family;
  readonly ttl?: number;
  /** Bytes of the IP packet. */
  readonly size?: number;
  /** false: names are taken for what they stand for, and no query is traced. */
  readonly dns?: boolean;
  /** false: only the request counts. */
  readonly reply?: boolean;
  /** Keep only the paths to this backend: a Pod's name or an address. */
  readonly backend?: string;
  /** Follow one branch, chosen by this number. */
  readonly seed?: number;
  /** Every branch is walked by itself, also those that are known to be alike. */
  readonly allBranches?: boolean;
  /** With fewer backends than these every branch is walked, alike or not; what is usual depends on `steps`. */
  readonly leastAlike?: number;
  readonly verbosity?: 0 | 1 | 2;
  /** Of a URL: GET. */
  readonly method?: string;
  /** Of a URL, as curl's -H: `Host` stands for the host of the URL. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Host names and their addresses, as curl's --resolve and /etc/hosts give them. */
  readonly hosts?: ReadonlyMap<string, IpAddr>;
  /**
   * false: the verdict, its cause and the backends alone; `hops` of the paths and `policies` are empty, and assumptions
   * about machines on the way are not told. Who asks a thousand questions shows the steps of few.
   */
  readonly steps?: boolean;
};
