/** IP sets: what `ipset save` lists, and the question xt_set asks of them. */
import type { Lazy } from '../../lib/lazy.ts';
import type { IpAddr } from '../../net/address.ts';
import type { OriginId } from '../origin.ts';

export type IpsetType =
  | 'hash:ip' | 'hash:net' | 'hash:ip,port' | 'hash:ip,port,ip' | 'hash:ip,port,net' | 'hash:net,port' | 'hash:net,iface'
  | 'bitmap:port' | 'list:set';

/** What is looked up, one value for each `src`/`dst` of the match, taken from the packet. */
export type IpsetProbe = {
  /** Per position: the address in that direction. */
  readonly addresses: readonly (IpAddr | undefined)[];
  readonly ports: readonly ({ readonly protocol: number; readonly port: number } | undefined)[];
  readonly interfaces: readonly (string | undefined)[];
};

export type Ipset = {
  readonly name: string;
  readonly type: IpsetType;
  readonly family: 4 | 6;
  /** Options of `create` behind the family, as ipset save prints them: `hashsize 1024 maxelem 65536`. */
  readonly options: string;
  /** Entries in ipset save's words: `10.0.0.0/8 nomatch`, `10.0.0.1,tcp:80`. */
  readonly entries: Lazy<readonly string[]>;
  readonly origin?: OriginId;
  /** Whether the probe is in the set. Indexed at the first question. */
  test(probe: IpsetProbe, sets: (name: string) => Ipset | undefined): boolean;
};
