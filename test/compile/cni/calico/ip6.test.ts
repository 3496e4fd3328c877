import { describe, expect, test } from 'vitest';
import type { CalicoSettings } from '../../../../src/cluster/settings.ts';
import { buildRuleset } from '../../../../src/kernel/netfilter/build-ruleset.ts';
import { printIpsetSave } from '../../../../src/kernel/netfilter/ipset/save.ts';
import { printIptablesSave } from '../../../../src/kernel/netfilter/save-format.ts';
import { printRoutes } from '../../../../src/kernel/route/route-text.ts';
import { invariant } from '../../../../src/lib/assert.ts';
import { printIp } from '../../../../src/net/address.ts';
import { ip, nodeSettings, pod, prefix } from '../../cluster-fixture.ts';
import { bgpPeer, calicoOf, ipBlock, pods, policy, selector } from './fixture.ts';

const BLOCKS = ['0', '40', '80'];
/** n1 to n3: 192.168.60.1 and fd00:60::1, 10.244.1.0/26 and fd00:10:244::40/122. */
const NODES = [1, 2, 3].map((n) =>
  nodeSettings(`n${n}`, `192.168.60.${n}/24`, {
    secondAddress: prefix(`fd00:60::${n}/64`),
    blocks: [prefix(`10.244.${n}.0/26`), prefix(`fd00:10:244::${BLOCKS[n - 1]}/122`)],
    tunnelAddress: ip(`10.244.${n}.0`),
    secondTunnelAddress: ip(`fd00:10:244::${BLOCKS[n - 1]}`),
  }),
);
const WEB = pod({
  name: 'web',
  namespace: 'shop',
  node: 'n1',
  labels: { app: 'web' },
  ips: [ip('10.244.1.1'), ip('fd00:10:244::1')],
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
});
const CLIENT = pod({
  name: 'client',
  namespace: 'shop',
  node: 'n2',
  labels: { app: 'client' },
  ips: [ip('10.244.2.1'), ip('fd00:10:244::41')],
});

function calico(settings: Partial<CalicoSettings> = {}, more: Partial<Parameters<typeof calicoOf>[0]> = {}) {
  return calicoOf({ nodes: NODES, pods: [WEB, CLIENT], secondPodCidr: 'fd00:10:244::/56', calico: settings, ...more });
}

function routes6(plugin: ReturnType<typeof calico>, node: string): readonly string[] {
  return printRoutes(plugin.node(node).routes ?? [], 6);
}

function rules6(plugin: ReturnType<typeof calico>, node: string): readonly string[] {
  const { ip6tables } = plugin.node(node);
  invariant(ip6tables !== undefined, 'no ip6tables');
  return printIptablesSave(buildRuleset([ip6tables], undefined, 6)).split('\n');
}

describe('routes', () => {
  test('without a tunnel: the other nodes by their IPv6 addresses, through bird6', () => {
    expect(routes6(calico(), 'n1')).toEqual([
      'fd00:10:244::1 dev cali551b05c3e54 metric 1024 pref medium',
      'blackhole fd00:10:244::/122 dev lo proto bird metric 1024 pref medium',
      'fd00:10:244::40/122 via fd00:60::2 dev eth0 proto bird metric 1024 pref medium',
      'fd00:10:244::80/122 via fd00:60::3 dev eth0 proto bird metric 1024 pref medium',
    ]);
  });

  test('VXLAN: Felix, the tunnel addresses as gateways, on link', () => {
    expect(routes6(calico({ encapsulation: 'vxlan' }), 'n1')).toEqual([
      'fd00:10:244::1 dev cali551b05c3e54 metric 1024 pref medium',
      'blackhole fd00:10:244::/122 dev lo proto 80 metric 1024 pref medium',
      'fd00:10:244::40/122 via fd00:10:244::40 dev vxlan-v6.calico metric 1024 onlink pref medium',
      'fd00:10:244::80/122 via fd00:10:244::80 dev vxlan-v6.calico metric 1024 onlink pref medium',
    ]);
  });

  test('IPIP carries IPv4 alone: IPv6 goes without a tunnel', () => {
    expect(routes6(calico({ encapsulation: 'ipip' }), 'n1')).toEqual(routes6(calico(), 'n1'));
  });

  test('the IPv4 routes are what they are without IPv6', () => {
    const alone = calicoOf({
      nodes: NODES.map(({ secondAddress: _address, secondTunnelAddress: _tunnel, blocks = [], ...node }) => ({
        ...node,
        blocks: blocks.slice(0, 1),
      })),
      pods: [WEB, CLIENT].map((each) => ({ ...each, ips: each.ips.slice(0, 1) })),
      calico: { encapsulation: 'vxlan' },
    });
    const both = calico({ encapsulation: 'vxlan' });
    expect(printRoutes(both.node('n1').routes ?? [], 4)).toEqual(printRoutes(alone.node('n1').routes ?? [], 4));
    expect(both.node('n1').iptables?.hooks).toEqual(alone.node('n1').iptables?.hooks);
  });
});

describe('a Pod', () => {
  const spec = calico().pod(WEB);

  test('its IPv6 gateway is what the host end gives itself', () => {
    expect(printRoutes(spec.routes ?? [], 6)).toEqual([
      'default via fe80::ecee:eeff:feee:eeee dev eth0 metric 1024 pref medium',
    ]);
    expect(spec.devices[0]?.addresses?.map(({ ip: own, bits }) => `${printIp(own)}/${bits}`)).toEqual([
      '10.244.1.1/32',
      'fd00:10:244::1/128',
    ]);
  });

  test('with IPv6 alone it has no 169.254.1.1', () => {
    const only = { ...WEB, ips: [ip('fd00:10:244::1')] };
    const { routes = [], sysctls = {} } = calico({}, { pods: [only] }).pod(only);
    expect(printRoutes(routes, 4)).toEqual([]);
    expect(sysctls).toEqual({
      'net.ipv6.conf.all.disable_ipv6': '0',
      'net.ipv6.conf.default.disable_ipv6': '0',
      'net.ipv6.conf.lo.disable_ipv6': '0',
      'net.ipv6.conf.all.forwarding': '0',
    });
  });

  test("the host end's sysctls", () => {
    const { sysctls = {} } = calico().node('n1');
    expect(sysctls).toMatchObject({
      'net.ipv4.conf.cali551b05c3e54.proxy_arp': '1',
      'net.ipv6.conf.cali551b05c3e54.proxy_ndp': '1',
      'net.ipv6.conf.cali551b05c3e54.forwarding': '1',
      'net.ipv6.conf.cali551b05c3e54.accept_dad': '0',
      'net.ipv6.conf.all.forwarding': '1',
    });
  });

  test.each([
    ['none', 1500],
    ['ipip', 1480],
    // 40 bytes of IPv6 instead of 20.
    ['vxlan', 1430],
  ] as const)('with %s has an MTU of %i', (encapsulation, mtu) => {
    expect(calico({ encapsulation }).pod(WEB).devices[0]?.mtu).toBe(mtu);
  });
});

describe('vxlan-v6.calico', () => {
  const { devices = [], fdb = [], neighbours = [] } = calico({ encapsulation: 'vxlan' }).node('n1');

  test('stands beside vxlan.calico, with addresses of its own', () => {
    expect(devices.filter(({ kind }) => kind === 'vxlan')).toMatchObject([
      { name: 'vxlan.calico', local: ip('192.168.60.1'), mtu: 1450, addresses: [{ ip: ip('10.244.1.0'), bits: 32 }] },
      {
        name: 'vxlan-v6.calico',
        local: ip('fd00:60::1'),
        mtu: 1430,
        addresses: [{ ip: ip('fd00:10:244::'), bits: 128 }],
      },
    ]);
  });

  test('knows the others by the MAC addresses that their own devices have (NODE-v6)', () => {
    const other = calico({ encapsulation: 'vxlan' }).node('n2').devices ?? [];
    const mac = other.find(({ name }) => name === 'vxlan-v6.calico')?.mac;
    expect(mac).toBeDefined();
    expect(fdb).toContainEqual({ device: 'vxlan-v6.calico', mac, remote: ip('fd00:60::2') });
    expect(neighbours).toContainEqual({ device: 'vxlan-v6.calico', mac, ip: ip('fd00:10:244::40') });
  });
});

describe("Felix's ip6tables", () => {
  test('none without an IPv6 pool', () => {
    expect(calicoOf({ nodes: NODES, pods: [WEB] }).node('n1').ip6tables).toBeUndefined();
  });

  test('neighbour discovery passes before any policy', () => {
    const chain = rules6(calico(), 'n1').filter((line) => line.startsWith('-A cali-wl-to-host'));
    expect(chain.map((line) => line.replace(/ -m comment --comment "cali:[\w-]+"/, ''))).toEqual([
      '-A cali-wl-to-host -p ipv6-icmp -m icmp6 --icmpv6-type 130 -j ACCEPT',
      '-A cali-wl-to-host -p ipv6-icmp -m icmp6 --icmpv6-type 131 -j ACCEPT',
      '-A cali-wl-to-host -p ipv6-icmp -m icmp6 --icmpv6-type 132 -j ACCEPT',
      '-A cali-wl-to-host -p ipv6-icmp -m icmp6 --icmpv6-type 133 -j ACCEPT',
      '-A cali-wl-to-host -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT',
      '-A cali-wl-to-host -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j ACCEPT',
      '-A cali-wl-to-host -j cali-from-wl-dispatch',
      '-A cali-wl-to-host -m comment --comment "Configured DefaultEndpointToHostAction" -j ACCEPT',
    ]);
  });

  test('VXLAN packets of other nodes, by the IPv6 set', () => {
    const lines = rules6(calico({ encapsulation: 'vxlan' }), 'n1').filter((line) => line.includes('VXLAN packets'));
    expect(lines.map((line) => line.replace(/ -m comment --comment "cali:[\w-]+"/, ''))).toEqual([
      '-A cali-INPUT -p udp -m comment --comment "Allow IPv6 VXLAN packets from allowed hosts" -m multiport --dports 4789 -m set --match-set cali60all-vxlan-net src -m addrtype --dst-type LOCAL -j ACCEPT',
      '-A cali-INPUT -p udp -m comment --comment "Drop IPv6 VXLAN packets from non-allowed hosts" -m multiport --dports 4789 -m addrtype --dst-type LOCAL -j DROP',
      '-A cali-OUTPUT -p udp -m comment --comment "Allow IPv6 VXLAN packets to other allowed hosts" -m multiport --dports 4789 -m addrtype --src-type LOCAL -m set --match-set cali60all-vxlan-net dst -j ACCEPT',
    ]);
  });

  test('no rule of IPIP, whatever IPv4 does', () => {
    const lines = rules6(calico({ encapsulation: 'ipip' }), 'n1');
    expect(lines.filter((line) => line.includes('IPIP') || line.includes('tunl0'))).toEqual([]);
  });

  test('natOutgoing looks into the IPv6 sets', () => {
    const { ipsets = [] } = calico().node('n1');
    expect(rules6(calico(), 'n1').join('\n')).toContain(
      '-m set --match-set cali60masq-ipam-pools src -m set ! --match-set cali60all-ipam-pools dst -j MASQUERADE',
    );
    expect(printIpsetSave(ipsets)).toContain('add cali60masq-ipam-pools fd00:10:244::/56');
  });
});

describe('a policy in both families', () => {
  const POLICY = policy({
    name: 'web',
    namespace: 'shop',
    podSelector: selector({ app: 'web' }),
    ingress: [
      {
        peers: [
          pods(selector({ app: 'client' })),
          ipBlock('fd00:60::/64', 'fd00:60::/124'),
          ipBlock('192.168.60.0/24'),
        ],
        ports: [{ protocol: 'TCP', port: 'http' }],
      },
    ],
  });
  const plugin = calico({}, { policies: [POLICY] });

  test('an ipBlock is a rule of its own family alone', () => {
    const six = rules6(plugin, 'n1').filter((line) => line.startsWith('-A cali-pi-'));
    expect(six.filter((line) => line.includes('fd00:60::/64'))).toHaveLength(1);
    expect(six.filter((line) => line.includes('192.168.60.0/24'))).toEqual([]);
    const { iptables } = plugin.node('n1');
    invariant(iptables !== undefined, 'no iptables');
    const four = printIptablesSave(buildRuleset([iptables], undefined, 4));
    expect(four).toContain('-s 192.168.60.0/24');
    expect(four).not.toContain('fd00:');
  });

  test('sets have the members of their family', () => {
    const sets = printIpsetSave([...(plugin.node('n1').ipsets ?? [])]).split('\n');
    const members = (start: string): readonly string[] =>
      sets.filter((line) => line.startsWith(`add ${start}`)).map((line) => line.split(' ')[2] ?? '');
    expect(members('cali40s:')).toEqual(['10.244.2.1']);
    expect(members('cali60s:')).toEqual(['fd00:10:244::41']);
    expect(members('cali40n:')).toEqual(['10.244.1.1,tcp:8080']);
    expect(members('cali60n:')).toEqual(['fd00:10:244::1,tcp:8080']);
  });
});

describe('BGP', () => {
  test('each family has its own sessions', () => {
    const status = calico().nodeStatus('n1');
    const [four = '', six = ''] = status.split('IPv6 BGP status');
    expect(four).toContain('| 192.168.60.2 | node-to-node mesh | up ');
    expect(six).toContain('| fd00:60::2   | node-to-node mesh | up ');
    expect(four).not.toContain('fd00:');
  });

  test('a router learns the blocks of the family of its address', () => {
    const plugin = calico({}, { bgpPeers: [bgpPeer('r', { peerIp: ip('fd00:60::99'), asNumber: 64999 })] });
    expect(plugin.bgpRoutesFor(ip('fd00:60::99')).map(({ via }) => printIp(via))).toEqual([
      'fd00:60::1',
      'fd00:60::2',
      'fd00:60::3',
    ]);
    expect(plugin.bgpRoutesFor(ip('192.168.60.99'))).toEqual([]);
  });

  test('why a route is missing is asked of the family of the address', () => {
    const plugin = calico({}, { bgpFaults: [{ node: 'n1', peer: 'n2' }] });
    expect(plugin.missingBlockReason('n1', ip('fd00:10:244::41'))?.why.kind).toBe('session-down');
    expect(plugin.missingBlockReason('n1', ip('fd00:10:244::81'))).toBeUndefined();
  });
});
