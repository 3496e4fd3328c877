/** What the kernel adds for IPv6, and the words of `ip -6`, held against iproute2 and the kernel of this machine. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { printAddresses, printNeighbours } from '../../../src/kernel/link/address-text.ts';
import { parseNeighbour } from '../../../src/kernel/link/parse-neighbour-text.ts';
import { buildNetns } from '../../../src/kernel/netns-build.ts';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import { parseRoute } from '../../../src/kernel/route/parse-route-text.ts';
import { printAllRoutes, printRoute } from '../../../src/kernel/route/route-text.ts';
import { parsePolicyRule, printPolicyRules } from '../../../src/kernel/route/rule-text.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { type Mac, parseMac } from '../../../src/net/mac.ts';
import { missingTools } from '../netfilter/system.ts';
import { address, ip } from '../walk/world.ts';

const missing = missingTools('ip', 'unshare');

const ROUTES = [
  'default via fd00:1::fe dev ens32',
  'default via fe80::1 dev ens32 metric 2048',
  'fd00:10::/64 via fd00:1::2 dev ens32 proto bird',
  'fd00:244::5 dev cali0',
  'fd00:11::/64 via fd00:99::1 dev ens32 onlink metric 5 mtu 1400',
  'fd00:12::/64 dev ens32 src fd00:1::1',
  'fd00:13::/64 nexthop via fd00:1::2 dev ens32 nexthop via fd00:1::3 dev ens32 weight 2',
  'blackhole fd00:14::/64 proto 80',
  'blackhole fd00:14::/63',
  'unreachable fd00:15::/64 metric 7',
  'prohibit fd00:16::/64',
  'throw fd00:17::/64 table 100',
  'unreachable ::/0 table 1000',
  'local fd00:18::/64 dev lo',
];

const RULES = [
  'from fd00:1::/64 to fd00:2::1 iif ens32 fwmark 0x10/0xff lookup 100 prio 100',
  'fwmark 0x1 lookup 1000 prio 200',
  'not from fd00:1::1 ipproto tcp dport 80 prohibit prio 300',
];

const NEIGHBOURS = ['fd00:1::2 dev ens32 lladdr 02:00:00:00:00:09 PERMANENT'];

const SETUP = `
set -e
for f in all default; do
  echo 0 > /proc/sys/net/ipv6/conf/$f/disable_ipv6
  for key in accept_dad dad_transmits router_solicitations; do echo 0 > /proc/sys/net/ipv6/conf/$f/$key; done
done
ip link set lo up
ip link add ens32 address 02:00:00:00:00:01 type veth peer name ens32p address 02:00:00:00:00:02
ip link add docker0 address 02:00:00:00:00:03 type bridge
ip link add veth1 address 02:00:00:00:00:04 type veth peer name veth1p address 02:00:00:00:00:05
ip link add cali0 address ee:ee:ee:ee:ee:ee type veth peer name cali0p address 02:00:00:00:00:06
ip link add idle address 02:00:00:00:00:07 type veth peer name idlep address 02:00:00:00:00:08
ip link add vxlan.calico mtu 1450 address 66:00:00:00:00:09 type vxlan id 4096 dev ens32 dstport 4789 nolearning
ip link add small mtu 1279 address 02:00:00:00:00:0a type bridge
ip link set cali0p addrgenmode none
ip link set veth1 master docker0
# The routes of equal prefixes come in the order in which devices became ready.
for d in ens32p ens32 docker0 veth1p veth1 cali0p cali0 idlep vxlan.calico small; do
  ip link set $d up; sleep 0.05
done
ip addr add fd00:5::5/128 dev lo
ip addr add fd00:1::1/64 dev ens32
ip addr add fd00:1::9/128 dev ens32
ip addr add fd00:2::1 peer fd00:2::2/128 dev ens32
ip addr add fd00:3::1/127 dev ens32
ip addr add fd00:4::1/64 dev ens32 noprefixroute
ip addr add fd00:17:1::1/80 dev docker0
ip addr add fd00:66::1/64 dev idle
sleep 1.2
echo FORWARDING > /proc/sys/net/ipv6/conf/all/forwarding
`;

function mac(text: string): Mac {
  const value = parseMac(text);
  invariant(value !== undefined, text);
  return value;
}

/** The same machine as SETUP makes. */
function machine(forwarding: boolean) {
  const id = netnsId('lab');
  const pair = (name: string, peer: string, hardware: string, rest = {}) =>
    ({ kind: 'veth', name, peer: { netns: id, device: peer }, mac: mac(hardware), ...rest }) as const;
  const port = { bridge: 'docker0', hairpin: false, isolated: false, state: 'forwarding' } as const;
  const own = [
    address('fd00:1::1/64'),
    address('fd00:1::9/128'),
    { ip: ip('fd00:2::1'), peer: ip('fd00:2::2'), bits: 128, scope: 'global' },
    address('fd00:3::1/127'),
    { ...address('fd00:4::1/64'), noPrefixRoute: true },
  ] as const;
  return buildNetns({
    id,
    devices: [
      {
        kind: 'loopback',
        name: 'lo',
        mtu: 65536,
        addresses: [{ ...address('127.0.0.1/8'), scope: 'host' }, address('fd00:5::5/128')],
      },
      pair('ens32p', 'ens32', '02:00:00:00:00:02'),
      pair('ens32', 'ens32p', '02:00:00:00:00:01', { addresses: own }),
      { kind: 'bridge', name: 'docker0', mac: mac('02:00:00:00:00:03'), addresses: [address('fd00:17:1::1/80')] },
      pair('veth1p', 'veth1', '02:00:00:00:00:05'),
      pair('veth1', 'veth1p', '02:00:00:00:00:04', { port }),
      pair('cali0p', 'cali0', '02:00:00:00:00:06'),
      pair('cali0', 'cali0p', 'ee:ee:ee:ee:ee:ee'),
      pair('idlep', 'idle', '02:00:00:00:00:08'),
      pair('idle', 'idlep', '02:00:00:00:00:07', { up: false, addresses: [address('fd00:66::1/64')] }),
      {
        kind: 'vxlan',
        name: 'vxlan.calico',
        vni: 4096,
        udpPort: 4789,
        learning: false,
        parent: 'ens32',
        mtu: 1450,
        mac: mac('66:00:00:00:00:09'),
      },
      { kind: 'bridge', name: 'small', mtu: 1279, mac: mac('02:00:00:00:00:0a') },
    ],
    routes: ROUTES.map((line) => {
      const result = parseRoute(line);
      invariant(result.ok, line);
      return result.value;
    }),
    rules: RULES.map((line) => {
      const result = parsePolicyRule(line, { family: 6 });
      invariant(result.ok, line);
      return result.value;
    }),
    neighbours: NEIGHBOURS.map((line) => {
      const result = parseNeighbour(line);
      invariant(result.ok, line);
      return result.value;
    }),
    sysctls: { 'net.ipv6.conf.cali0p.addr_gen_mode': '1', 'net.ipv6.conf.all.forwarding': forwarding ? '1' : '0' },
  });
}

/** Runs the commands in a namespace that is gone with the shell. */
function real(forwarding: boolean): readonly (readonly string[])[] {
  const script = [
    SETUP.replace('FORWARDING', forwarding ? '1' : '0'),
    ...ROUTES.map((line) => `ip -6 route add ${line}`),
    ...RULES.map((line) => `ip -6 rule add ${line}`),
    ...NEIGHBOURS.map((line) => `ip -6 neigh add ${line.replace('PERMANENT', 'nud permanent')}`),
    'ip -6 route show table all; echo ===; ip -6 rule; echo ===; ip addr; echo ===; ip -6 neigh show nud permanent',
  ].join('\n');
  const output = execFileSync('unshare', ['-n', 'bash', '-c', script], { encoding: 'utf8' });
  const parts: string[][] = [[]];
  for (const line of output.split('\n').map((text) => text.trimEnd())) {
    if (line === '===') parts.push([]);
    else if (line !== '') parts.at(-1)?.push(line);
  }
  return parts;
}

/** Routes of one prefix on several devices stand in the order in which the devices became ready, which nobody promises. */
function sorted(lines: readonly string[]): readonly string[] {
  return [...lines].sort();
}

describe.skipIf(missing !== undefined).each([false, true])(
  `as the real ip prints it, forwarding %s${missing === undefined ? '' : ` (not run: ${missing})`}`,
  (forwarding) => {
    const netns = machine(forwarding);
    const [routes = [], rules = [], addresses = [], neighbours = []] = missing === undefined ? real(forwarding) : [];

    it('ip -6 route show table all', () => {
      const six = new Map(
        [...netns.routes].map(([table, all]) => [
          table,
          all.filter(({ destination }) => typeof destination.addr === 'bigint'),
        ]),
      );
      expect(sorted(printAllRoutes(six).join('\n').split('\n'))).toEqual(sorted(routes));
      const prefixes = (lines: readonly string[]) => lines.map((line) => line.replace(/ dev .*/, ''));
      expect(prefixes(printAllRoutes(six).join('\n').split('\n'))).toEqual(prefixes(routes));
    });

    it('reads what it prints', () => {
      for (const line of routes.join('\n').split(/\n(?!\t)/)) {
        const read = parseRoute(line);
        expect(read.ok ? printRoute(read.value) : read.issues).toBe(line);
      }
    });

    it('ip -6 rule', () => {
      expect(printPolicyRules(netns.rules6)).toEqual(rules);
    });

    it('ip addr', () => {
      const ours = printAddresses(netns, (peer) => netns.devices.get(peer.device));
      expect(ours.map((line) => line.trimEnd())).toEqual(addresses);
    });

    it('ip -6 neigh', () => {
      expect(printNeighbours(netns)).toEqual(neighbours);
    });
  },
);
