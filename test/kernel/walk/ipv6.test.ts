import { describe, expect, it } from 'vitest';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import type { DeviceSpec, NetnsSpec } from '../../../src/kernel/netns-spec.ts';
import { parseRoute } from '../../../src/kernel/route/parse-route-text.ts';
import type { Route } from '../../../src/kernel/route/route.ts';
import { explore } from '../../../src/kernel/walk/explore.ts';
import type { Path, Probe } from '../../../src/kernel/walk/step.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { printIp } from '../../../src/net/address.ts';
import { address, ip, worldOf } from './world.ts';

const FORWARDING = { 'net.ipv6.conf.all.forwarding': '1' };

function card(name: string, segment: string, ...addresses: string[]): DeviceSpec {
  return { kind: 'ethernet', name, segment, addresses: addresses.map(address) };
}

function routes(...lines: string[]): readonly Route[] {
  return lines.map((line) => {
    const route = parseRoute(line, { family: 6 });
    invariant(route.ok, line);
    return route.value;
  });
}

/** client fd00:1::2 - router fd00:1::1 | fd00:2::1 - server fd00:2::2; each part may be changed. */
function routed(
  change: { client?: Partial<NetnsSpec>; router?: Partial<NetnsSpec>; server?: Partial<NetnsSpec> } = {},
) {
  return worldOf([
    {
      id: netnsId('client'),
      devices: [card('eth0', 'left', 'fd00:1::2/64')],
      routes: routes('default via fd00:1::1 dev eth0'),
      ...change.client,
    },
    {
      id: netnsId('router'),
      devices: [card('eth0', 'left', 'fd00:1::1/64'), card('eth1', 'right', 'fd00:2::1/64')],
      sysctls: FORWARDING,
      ...change.router,
    },
    {
      id: netnsId('server'),
      devices: [card('eth0', 'right', 'fd00:2::2/64')],
      routes: routes('default via fd00:2::1 dev eth0'),
      listeners: [{ protocol: 'tcp', port: 80 }],
      ...change.server,
    },
  ]);
}

function probe(destination: string, more: Partial<Probe> = {}): Probe {
  return { netns: netnsId('client'), destination: ip(destination), protocol: 'tcp', sport: 40000, dport: 80, ...more };
}

function seen(path: Path | undefined): string {
  invariant(path !== undefined, 'no path');
  const o = path.observation;
  switch (o.kind) {
    case 'connected':
    case 'reset':
      return `${o.kind} ttl=${o.ttl} from ${printIp(o.from)}`;
    case 'icmp':
      return `icmp ${o.type}/${o.code} from ${printIp(o.from)}${o.mtu === undefined ? '' : ` mtu ${o.mtu}`}`;
    case 'errno':
      return o.errno;
    case 'silence':
      return 'silence';
  }
}

function ask(world: ReturnType<typeof routed>, question: Probe): string {
  return explore(world, question).paths.map(seen).join('; ');
}

const PING = { protocol: 'icmp', dport: 0 } as const;
const UDP = { protocol: 'udp' } as const;

describe('IPv6 across a router', () => {
  it.each([
    ['a connection', probe('fd00:2::2'), 'connected ttl=63 from fd00:2::2'],
    ['a ping', probe('fd00:2::2', PING), 'connected ttl=63 from fd00:2::2'],
    ['a closed TCP port', probe('fd00:2::2', { dport: 81 }), 'reset ttl=63 from fd00:2::2'],
    ['a closed UDP port', probe('fd00:2::2', UDP), 'icmp 1/4 from fd00:2::2'],
    ['a hop limit of 1', probe('fd00:2::2', { ...UDP, ttl: 1 }), 'icmp 3/0 from fd00:1::1'],
    ['no such neighbour behind the router', probe('fd00:2::9', UDP), 'icmp 1/3 from fd00:1::1'],
    ['no such neighbour on the link', probe('fd00:1::9', UDP), 'icmp 1/3 from fd00:1::2'],
    ['no route on the router', probe('fd00:9::9', UDP), 'icmp 1/0 from fd00:1::1'],
    ['its far address', probe('fd00:2::1', PING), 'connected ttl=64 from fd00:2::1'],
    ['itself', probe('::1', PING), 'connected ttl=64 from ::1'],
    ['its own address', probe('fd00:1::2', PING), 'connected ttl=64 from fd00:1::2'],
  ])('%s', (_, question, answer) => {
    expect(ask(routed(), question)).toBe(answer);
  });
});
