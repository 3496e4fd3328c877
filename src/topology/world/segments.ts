/** Who is on a segment: found by address, so that a segment of 5,000 machines is not built for one packet. */
import type { DeviceRef } from '../../kernel/link/device.ts';
import type { IpAddr } from '../../net/address.ts';
import { BROADCAST_MAC, type Mac } from '../../net/mac.ts';
import type { Prefix } from '../../net/prefix.ts';
import { PrefixMap } from '../../net/prefix-map.ts';

/** A device on a segment and all that its machine may answer for there. */
export type Station = {
  readonly at: DeviceRef;
  readonly mac: Mac;
  /** Every address of the machine, on whatever interface: Linux answers for all of them (arp_ignore 0). */
  readonly addresses: readonly IpAddr[];
  /** Ranges out of which the machine holds addresses that only building it would tell (a bridge's, a tunnel's). */
  readonly ranges: readonly Prefix[];
  /** It may answer for anything (proxy ARP), or is the port of a bridge behind which others are. */
  readonly hearsAll: boolean;
};

type Segment = {
  readonly byAddress: Map<IpAddr, DeviceRef[]>;
  readonly byMac: Map<Mac, DeviceRef[]>;
  readonly ranges: PrefixMap<DeviceRef[]>;
  readonly hearsAll: DeviceRef[];
  readonly all: DeviceRef[];
};

export class Segments {
  readonly #segments = new Map<string, Segment>();

  add(name: string, { at, mac, addresses, ranges, hearsAll }: Station): void {
    const segment = this.#segment(name);
    segment.all.push(at);
    if (hearsAll) segment.hearsAll.push(at);
    for (const address of addresses) append(segment.byAddress, address, at);
    append(segment.byMac, mac, at);
    for (const range of ranges) {
      const there = segment.ranges.get(range);
      if (there === undefined) segment.ranges.set(range, [at]);
      else there.push(at);
    }
  }

  has(name: string): boolean {
    return this.#segments.has(name);
  }

  get names(): readonly string[] {
    return [...this.#segments.keys()];
  }

  answering(name: string, target: IpAddr): readonly DeviceRef[] {
    const segment = this.#segments.get(name);
    if (segment === undefined) return [];
    return unique([
      ...(segment.byAddress.get(target) ?? []),
      ...[...segment.ranges.matches(target)].flat(),
      ...segment.hearsAll,
    ]);
  }

  hearing(name: string, destination: Mac): readonly DeviceRef[] {
    const segment = this.#segments.get(name);
    if (segment === undefined) return [];
    if (destination === BROADCAST_MAC) return segment.all;
    return unique([...(segment.byMac.get(destination) ?? []), ...segment.hearsAll]);
  }

  #segment(name: string): Segment {
    let segment = this.#segments.get(name);
    if (segment === undefined) {
      segment = { byAddress: new Map(), byMac: new Map(), ranges: new PrefixMap(), hearsAll: [], all: [] };
      this.#segments.set(name, segment);
    }
    return segment;
  }
}

function append<K>(map: Map<K, DeviceRef[]>, key: K, at: DeviceRef): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [at]);
  else there.push(at);
}

function unique(refs: readonly DeviceRef[]): readonly DeviceRef[] {
  return refs.length < 2 ? refs : [...new Set(refs)];
}
