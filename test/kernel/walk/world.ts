/** A small world for tests: every namespace given, every segment searched whole. */

import type { DeviceAddress, DeviceRef } from '../../../src/kernel/link/device.ts';
import { buildNetns } from '../../../src/kernel/netns-build.ts';
import type { NetnsId } from '../../../src/kernel/netns-id.ts';
import type { NetnsSpec } from '../../../src/kernel/netns-spec.ts';
import { type Nexthop, type Route, TABLE_MAIN } from '../../../src/kernel/route/route.ts';
import type { World } from '../../../src/kernel/world.ts';
import { invariant } from '../../../src/lib/assert.ts';
import type { IpAddr } from '../../../src/net/address.ts';
import { parseIp } from '../../../src/net/address.ts';
import { parsePrefix } from '../../../src/net/prefix.ts';

export function worldOf(specs: readonly NetnsSpec[]): World {
  const all = new Map(specs.map((spec) => [spec.id, buildNetns(spec)]));
  const members = (segment: string): DeviceRef[] =>
    [...all.values()].flatMap((netns) =>
      [...netns.devices.values()]
        .filter((d) => d.kind === 'ethernet' && d.segment === segment)
        .map((d) => ({ netns: netns.id, device: d.name })),
    );
  return {
    netns: (id: NetnsId) => {
      const netns = all.get(id);
      invariant(netns !== undefined, `no namespace ${id}`);
      return netns;
    },
    answering: members,
    hearing: members,
    blocked: () => undefined,
  };
}

export function ip(text: string): IpAddr {
  const address = parseIp(text);
  invariant(address !== undefined, `bad address ${text}`);
  return address;
}

export function address(text: string): DeviceAddress {
  const prefix = parsePrefix(text);
  invariant(prefix !== undefined, `bad prefix ${text}`);
  return { ip: prefix.addr, bits: prefix.bits, scope: 'global' };
}

export function route(
  destination: string,
  hop: Partial<Nexthop> & { device: string },
  more: Partial<Pick<Route, 'metric' | 'scope' | 'prefSrc'>> = {},
): Route {
  const prefix = parsePrefix(destination);
  invariant(prefix !== undefined, `bad prefix ${destination}`);
  const scope = hop.via === undefined ? 'link' : 'global';
  return {
    destination: prefix,
    table: TABLE_MAIN,
    metric: 0,
    scope,
    protocol: 'boot',
    type: 'unicast',
    nexthops: [{ weight: 1, ...hop }],
    ...more,
  };
}
