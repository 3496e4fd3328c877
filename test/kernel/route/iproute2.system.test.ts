/** The words of `ip`, held against iproute2 and the kernel of this machine, in a namespace of their own. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { printAddresses, printFdb, printNeighbours } from '../../../src/kernel/link/address-text.ts';
import { buildNetns } from '../../../src/kernel/netns-build.ts';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import { parseRoute } from '../../../src/kernel/route/parse-route-text.ts';
import { printAllRoutes } from '../../../src/kernel/route/route-text.ts';
import { parsePolicyRule, printPolicyRules } from '../../../src/kernel/route/rule-text.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { type IpAddr, parseIp } from '../../../src/net/address.ts';
import { type Mac, parseMac } from '../../../src/net/mac.ts';
import { missingTools } from '../netfilter/system.ts';

const missing = missingTools('ip', 'bridge', 'unshare');

const ROUTES = [
  'default via 192.168.26.2 dev ens32',
  'default via 192.168.26.3 dev ens32 proto dhcp metric 100',
  '169.254.0.0/16 dev ens32 scope link metric 1002',
  '192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird',
  '192.168.239.128 dev cali0 scope link',
  'blackhole 192.168.239.128/26 proto bird',
  'blackhole 192.168.239.128/25',
  'unreachable 10.1.0.0/16 metric 5',
  'prohibit 10.2.0.0/16',
  'throw 10.3.0.0/16 table 100',
  '10.9.0.0/16 nexthop via 192.168.26.3 dev ens32 weight 1 nexthop via 192.168.26.4 dev ens32 weight 2',
  '10.8.0.0/16 proto static nexthop via 192.168.26.3 dev ens32 weight 1 nexthop dev cali0 weight 256',
  '10.7.0.0/16 via 10.200.0.1 dev ens32 proto 99 src 192.168.26.100 onlink mtu 1400',
  '10.7.0.0/16 via 192.168.26.9 dev ens32 metric 7',
  '10.7.0.0/16 tos 0x10 via 192.168.26.9 dev ens32 metric 8',
  '10.7.0.0/16 tos 0x10 via 192.168.26.9 dev ens32 table 1000 metric 10',
  'default dev ens32 table 7 scope link metric 9',
  'local 10.31.0.0/16 dev lo',
  'local default dev lo table 100',
];

const RULES = [
  'from 10.0.0.0/8 to 10.1.0.0/16 iif ens32 fwmark 0x10/0xff lookup 100 prio 32765',
  'fwmark 0x10 lookup 1000 prio 100',
  'not from 10.0.0.1 oif ens32 tos 0x10 ipproto tcp sport 1-5 dport 80 lookup main suppress_prefixlength 0 prio 200',
  'unreachable prio 300',
  'from 1.2.3.4 blackhole prio 301',
  'goto 32766 prio 302',
  'nop prio 303',
  'ipproto 4 prohibit prio 304',
];

const SETUP = `
set -e
ip link set lo up
ip link add ens32 address 02:00:00:00:00:01 type veth peer name ens32p address 02:00:00:00:00:02
ip link add docker0 address 02:00:00:00:00:03 type bridge
ip link add veth1 address 02:00:00:00:00:04 type veth peer name veth1p address 02:00:00:00:00:05
ip link add cali0 address ee:ee:ee:ee:ee:ee type veth peer name cali0p address 02:00:00:00:00:06
ip link add idle address 02:00:00:00:00:07 type veth peer name idlep address 02:00:00:00:00:08
ip link add vxlan.calico mtu 1450 address 66:00:00:00:00:09 type vxlan id 4096 dev ens32 dstport 4789 nolearning
for d in ens32 ens32p docker0 veth1 veth1p cali0 cali0p vxlan.calico idlep; do
  ip link set $d addrgenmode none; ip link set $d up
done
ip link set idle addrgenmode none
ip link set veth1 master docker0
ip addr add 192.168.26.100/24 brd + dev ens32
ip addr add 192.168.26.101/24 brd + dev ens32
ip addr add 172.17.0.1/16 brd + dev docker0
ip neigh add 169.254.1.1 lladdr 02:00:00:00:00:09 dev ens32 nud permanent
bridge fdb append 66:00:00:00:00:01 dev vxlan.calico dst 192.168.26.101
sleep 1.5
`;

function mac(text: string): Mac {
  const value = parseMac(text);
  invariant(value !== undefined, text);
  return value;
}

function ip(text: string): IpAddr {
  const value = parseIp(text);
  invariant(value !== undefined, text);
  return value;
}

/** The same machine as SETUP makes. */
function machine() {
  const id = netnsId('lab');
  const pair = (name: string, peer: string, address: string, rest = {}) =>
    ({ kind: 'veth', name, peer: { netns: id, device: peer }, mac: mac(address), ...rest }) as const;
  const port = { bridge: 'docker0', hairpin: false, isolated: false, state: 'forwarding' } as const;
  const addresses = [
    { ip: ip('192.168.26.100'), bits: 24, scope: 'global' },
    { ip: ip('192.168.26.101'), bits: 24, scope: 'global', secondary: true },
  ] as const;
  return buildNetns({
    id,
    devices: [
      pair('ens32p', 'ens32', '02:00:00:00:00:02'),
      pair('ens32', 'ens32p', '02:00:00:00:00:01', { addresses }),
      {
        kind: 'bridge',
        name: 'docker0',
        mac: mac('02:00:00:00:00:03'),
        addresses: [{ ip: ip('172.17.0.1'), bits: 16, scope: 'global' }],
      },
      pair('veth1p', 'veth1', '02:00:00:00:00:05'),
      pair('veth1', 'veth1p', '02:00:00:00:00:04', { port }),
      pair('cali0p', 'cali0', '02:00:00:00:00:06'),
      pair('cali0', 'cali0p', 'ee:ee:ee:ee:ee:ee'),
      pair('idlep', 'idle', '02:00:00:00:00:08'),
      pair('idle', 'idlep', '02:00:00:00:00:07', { up: false }),
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
    ],
    routes: ROUTES.map((line) => {
      const result = parseRoute(line);
      invariant(result.ok, line);
      return result.value;
    }),
    rules: RULES.map((line) => {
      const result = parsePolicyRule(line);
      invariant(result.ok, line);
      return result.value;
    }),
    neighbours: [{ device: 'ens32', ip: ip('169.254.1.1'), mac: mac('02:00:00:00:00:09') }],
    fdb: [{ device: 'vxlan.calico', mac: mac('66:00:00:00:00:01'), remote: ip('192.168.26.101') }],
  });
}

/** Runs the commands in a namespace that is gone with the shell. */
function real(show: string): readonly string[] {
  const script = [
    SETUP,
    ...ROUTES.map((line) => `ip route add ${line}`),
    ...RULES.map((line) => `ip rule add ${line}`),
    show,
  ].join('\n');
  const output = execFileSync('unshare', ['-n', 'bash', '-c', script], { encoding: 'utf8' });
  return output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

describe.skipIf(missing !== undefined)(
  `as the real ip prints it${missing === undefined ? '' : ` (not run: ${missing})`}`,
  () => {
    const netns = machine();
    const [routes = [], rules = [], addresses = [], neighbours = [], fdb = []] =
      ((): readonly (readonly string[])[] => {
        if (missing !== undefined) return [];
        const lines = real(
          'ip -4 route show table all; echo ===; ip rule; echo ===; ip addr; echo ===; ip neigh; echo ===; bridge fdb',
        );
        const parts: string[][] = [[]];
        for (const line of lines) {
          if (line === '===') parts.push([]);
          else parts.at(-1)?.push(line);
        }
        return parts;
      })();

    it('ip route show table all', () => {
      expect(printAllRoutes(netns.routes).join('\n').split('\n')).toEqual(routes);
    });

    it('ip rule', () => {
      expect(printPolicyRules(netns.rules)).toEqual(rules);
    });

    it('ip addr', () => {
      // The kernel gives lo ::1 as well.
      const ours = printAddresses(netns, (peer) => netns.devices.get(peer.device));
      const theirs = addresses.filter(
        (line, index) => !line.includes('::1/128') && !(addresses[index - 1] ?? '').includes('::1/128'),
      );
      expect(ours.map((line) => line.trimEnd())).toEqual(theirs);
    });

    it('ip neigh', () => {
      expect(printNeighbours(netns)).toEqual(neighbours);
    });

    it('bridge fdb, without the multicast groups and what bridges have learnt', () => {
      const set = fdb.filter(
        (line) => !/^(33:33|01:00:5e)/.test(line) && line.endsWith('permanent') && !line.includes(' vlan '),
      );
      expect([...printFdb(netns)].sort()).toEqual([...set].sort());
    });
  },
);
