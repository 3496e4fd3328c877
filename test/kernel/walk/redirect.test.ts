import { describe, expect, it } from 'vitest';
import type { Hook, TableName } from '../../../src/kernel/netfilter/hook.ts';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import type { DeviceSpec, HookSpec } from '../../../src/kernel/netns-spec.ts';
import { explore } from '../../../src/kernel/walk/explore.ts';
import { address, ip, route, worldOf } from './world.ts';

function card(name: string, ...addresses: string[]): DeviceSpec {
  return { kind: 'ethernet', name, segment: 'link', addresses: addresses.map(address) };
}

function rule(table: TableName, chain: Hook, words: string): HookSpec {
  return { table, chain, place: 'append', rule: { args: words.split(' ') } };
}

const MARKS = rule('mangle', 'OUTPUT', '-p icmp -j CONNMARK --set-mark 7');
const REFUSES = rule('filter', 'FORWARD', '-m connmark --mark 7 -j DROP');

/** The client asks the server on its own link by way of the router, whose rules set and ask for a mark. */
function detour(change: {
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly hooks?: readonly HookSpec[];
  readonly clientVia?: string;
}) {
  const link = { devices: [card('eth0', '10.0.1.2/32')] };
  return worldOf([
    {
      id: netnsId('client'),
      ...link,
      routes: [route('10.0.1.1/32', { device: 'eth0' }), route('0.0.0.0/0', { device: 'eth0', via: ip('10.0.1.1') })],
    },
    {
      id: netnsId('router'),
      devices: [card('eth0', '10.0.1.1/24')],
      sysctls: { 'net.ipv4.ip_forward': '1', ...change.sysctls },
      routes:
        change.clientVia === undefined ? [] : [route('10.0.1.2/32', { device: 'eth0', via: ip(change.clientVia) })],
      iptables: [{ chains: [], hooks: change.hooks ?? [MARKS, REFUSES] }],
    },
    { id: netnsId('server'), devices: [card('eth0', '10.0.1.3/24')], listeners: [{ protocol: 'tcp', port: 80 }] },
  ]);
}

describe('a router that sends a packet back out of the device it came in by', () => {
  const both = ['an ICMP redirect', 'silence', 'connected'];
  const rows: readonly { name: string; change: Parameters<typeof detour>[0]; sees: readonly string[] }[] = [
    {
      name: 'tells the source, or has just told it: rules see the mark that the redirect left, or they do not',
      change: {},
      sees: both,
    },
    { name: 'by rules that set no mark is one way', change: { hooks: [REFUSES] }, sees: ['connected'] },
    {
      name: 'sets the mark behind OUTPUT as well',
      change: { hooks: [rule('mangle', 'POSTROUTING', '-p icmp -j CONNMARK --set-mark 7'), REFUSES] },
      sees: both,
    },
    {
      name: 'whose rules drop the redirect in OUTPUT sets no mark behind it',
      change: {
        hooks: [
          rule('mangle', 'OUTPUT', '-p icmp -j DROP'),
          rule('mangle', 'POSTROUTING', '-p icmp -j CONNMARK --set-mark 7'),
          REFUSES,
        ],
      },
      sees: ['connected'],
    },
    {
      name: 'is silent where send_redirects is off everywhere',
      change: { sysctls: { 'net.ipv4.conf.all.send_redirects': '0', 'net.ipv4.conf.default.send_redirects': '0' } },
      sees: ['connected'],
    },
    {
      name: 'speaks where send_redirects is off for the device alone (IN_DEV_TX_REDIRECTS is either)',
      change: { sysctls: { 'net.ipv4.conf.eth0.send_redirects': '0' } },
      sees: both,
    },
    {
      name: 'speaks on a link that is not shared to a source of its subnet',
      change: { sysctls: { 'net.ipv4.conf.all.shared_media': '0', 'net.ipv4.conf.default.shared_media': '0' } },
      sees: both,
    },
    { name: 'is silent to a source behind another gateway', change: { clientVia: '10.0.1.2' }, sees: ['connected'] },
  ];
  it.each(rows)('$name', ({ change, sees }) => {
    const { paths } = explore(detour(change), {
      netns: netnsId('client'),
      destination: ip('10.0.1.3'),
      protocol: 'tcp',
      sport: 40000,
      dport: 80,
    });
    const told = paths.flatMap(({ presumed }) => presumed.map((what) => what.replace(/ to .*/, '')));
    expect([...new Set(told), ...paths.map(({ observation }) => observation.kind)].sort()).toEqual([...sees].sort());
  });
});
