import { describe, expect, it } from 'vitest';
import type { Hook, TableName } from '../../../src/kernel/netfilter/hook.ts';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import type { DeviceSpec, HookSpec, NetnsSpec } from '../../../src/kernel/netns-spec.ts';
import type { Listener } from '../../../src/kernel/socket.ts';
import { explore } from '../../../src/kernel/walk/explore.ts';
import type { Path, Probe } from '../../../src/kernel/walk/step.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { add, ZERO } from '../../../src/lib/fraction.ts';
import { printIp } from '../../../src/net/address.ts';
import { parseMac } from '../../../src/net/mac.ts';
import { address, ip, route, worldOf } from './world.ts';

const FORWARDING = { 'net.ipv4.ip_forward': '1' };
const WEB: readonly Listener[] = [{ protocol: 'tcp', port: 80 }];

function card(name: string, segment: string, ...addresses: string[]): DeviceSpec {
  return { kind: 'ethernet', name, segment, addresses: addresses.map(address) };
}

function mac(text: string) {
  const parsed = parseMac(text);
  invariant(parsed !== undefined, text);
  return parsed;
}

function rule(table: TableName, chain: Hook, words: string): HookSpec {
  return { table, chain, place: 'append', rule: { args: words.split(' ') } };
}

function rules(...hooks: HookSpec[]): Pick<NetnsSpec, 'iptables'> {
  return { iptables: [{ chains: [], hooks }] };
}

/** client 10.0.1.2 - router 10.0.1.1 | 10.0.2.1 - server 10.0.2.2; each part may be changed. */
function routed(
  change: { client?: Partial<NetnsSpec>; router?: Partial<NetnsSpec>; server?: Partial<NetnsSpec> } = {},
) {
  return worldOf([
    {
      id: netnsId('client'),
      devices: [card('eth0', 'left', '10.0.1.2/24')],
      routes: [route('0.0.0.0/0', { device: 'eth0', via: ip('10.0.1.1') })],
      ...change.client,
    },
    {
      id: netnsId('router'),
      devices: [card('eth0', 'left', '10.0.1.1/24'), card('eth1', 'right', '10.0.2.1/24')],
      sysctls: FORWARDING,
      ...change.router,
    },
    {
      id: netnsId('server'),
      devices: [card('eth0', 'right', '10.0.2.2/24')],
      routes: [route('0.0.0.0/0', { device: 'eth0', via: ip('10.0.2.1') })],
      listeners: WEB,
      ...change.server,
    },
  ]);
}

function probe(destination: string, more: Partial<Probe> = {}): Probe {
  return { netns: netnsId('client'), destination: ip(destination), protocol: 'tcp', sport: 40000, dport: 80, ...more };
}

/** One line for what the sender sees: `connected ttl=63 from 10.0.2.2`. */
function seen(path: Path | undefined): string {
  invariant(path !== undefined, 'no path');
  const o = path.observation;
  switch (o.kind) {
    case 'connected':
    case 'reset':
      return `${o.kind} ttl=${o.ttl} from ${printIp(o.from)}`;
    case 'icmp':
      return `icmp ${o.type}/${o.code} from ${printIp(o.from)}`;
    case 'errno':
      return o.errno;
    case 'silence':
      return 'silence';
  }
}

function only(world: ReturnType<typeof worldOf>, p: Probe): Path {
  const { paths } = explore(world, p);
  expect(paths).toHaveLength(1);
  const [path] = paths;
  invariant(path !== undefined, 'no path');
  return path;
}

const icmp = { protocol: 'icmp', dport: 0 } as const;

describe('a packet over one router', () => {
  const rows: readonly { name: string; change?: Parameters<typeof routed>[0]; probe?: Probe; sees: string }[] = [
    { name: 'connects, and the answer has lost one hop', sees: 'connected ttl=63 from 10.0.2.2' },
    {
      name: 'is answered by RST where nobody listens',
      probe: probe('10.0.2.2', { dport: 81 }),
      sees: 'reset ttl=63 from 10.0.2.2',
    },
    {
      name: 'is answered by port unreachable where no UDP socket waits',
      probe: probe('10.0.2.2', { protocol: 'udp' }),
      sees: 'icmp 3/3 from 10.0.2.2',
    },
    { name: 'is pinged', probe: probe('10.0.2.2', icmp), sees: 'connected ttl=63 from 10.0.2.2' },
    {
      name: 'with ttl 1 is sent back by the router from its near side',
      probe: probe('10.0.2.2', { ttl: 1 }),
      sees: 'icmp 11/0 from 10.0.1.1',
    },
    { name: 'with ttl 2 arrives', probe: probe('10.0.2.2', { ttl: 2 }), sees: 'connected ttl=63 from 10.0.2.2' },
    {
      name: 'finds no neighbour and is told host unreachable by the router',
      probe: probe('10.0.2.9'),
      sees: 'icmp 3/1 from 10.0.1.1',
    },
    {
      name: 'finds no neighbour on its own link and is told so by itself',
      probe: probe('10.0.1.9'),
      sees: 'icmp 3/1 from 10.0.1.2',
    },
    { name: 'without a route is refused by its own kernel', change: { client: { routes: [] } }, sees: 'ENETUNREACH' },
    {
      name: 'meets a router without a route: net unreachable',
      probe: probe('10.9.9.9'),
      sees: 'icmp 3/0 from 10.0.1.1',
    },
    { name: 'is swallowed where forwarding is off', change: { router: { sysctls: {} } }, sees: 'silence' },
    {
      name: 'too large for the far side is refused with the MTU',
      change: {
        router: {
          devices: [card('eth0', 'left', '10.0.1.1/24'), { ...card('eth1', 'right', '10.0.2.1/24'), mtu: 1400 }],
        },
      },
      probe: probe('10.0.2.2', { length: 1500 }),
      sees: 'icmp 3/4 from 10.0.1.1',
    },
    { name: 'whose answer has no way back stays unanswered', change: { server: { routes: [] } }, sees: 'silence' },
    {
      name: 'from a source the router would not reach that way gets no ARP answer under a strict reverse path filter',
      change: {
        router: { sysctls: { ...FORWARDING, 'net.ipv4.conf.all.rp_filter': '1' } },
        client: { devices: [card('eth0', 'left', '10.0.1.2/24', '10.0.7.7/32')] },
      },
      probe: probe('10.0.2.2', { source: ip('10.0.7.7') }),
      sees: 'icmp 3/1 from 10.0.7.7',
    },
  ];
  it.each(rows)('$name', ({ change, probe: p, sees }) => {
    expect(seen(only(routed(change), p ?? probe('10.0.2.2')))).toBe(sees);
  });
});

describe('route types on the router', () => {
  const via = (type: 'blackhole' | 'unreachable' | 'prohibit' | 'throw') => {
    const plain = route('10.5.0.0/16', { device: 'eth1' });
    return routed({
      router: {
        routes: [
          { destination: plain.destination, table: plain.table, metric: 0, scope: 'global', protocol: 'boot', type },
        ],
      },
    });
  };
  it.each([
    ['blackhole', 'silence'],
    ['unreachable', 'icmp 3/1 from 10.0.1.1'],
    ['prohibit', 'icmp 3/13 from 10.0.1.1'],
    ['throw', 'icmp 3/0 from 10.0.1.1'],
  ] as const)('a %s route gives %s', (type, sees) => {
    expect(seen(only(via(type), probe('10.5.1.1')))).toBe(sees);
  });
});

describe('netfilter on the router', () => {
  const cases: readonly { name: string; hooks: HookSpec[]; probe?: Probe; sees: string }[] = [
    { name: 'DROP in FORWARD is silence', hooks: [rule('filter', 'FORWARD', '-p tcp -j DROP')], sees: 'silence' },
    {
      name: 'REJECT answers port unreachable from the router',
      hooks: [rule('filter', 'FORWARD', '-j REJECT')],
      sees: 'icmp 3/3 from 10.0.1.1',
    },
    {
      name: 'REJECT with a reset looks like the server',
      hooks: [rule('filter', 'FORWARD', '-p tcp -j REJECT --reject-with tcp-reset')],
      sees: 'reset ttl=64 from 10.0.2.2',
    },
    {
      name: 'DNAT to the server, and the answer comes from the address that was asked',
      hooks: [rule('nat', 'PREROUTING', '-d 10.0.9.9/32 -p tcp -j DNAT --to-destination 10.0.2.2:80')],
      probe: probe('10.0.9.9', { dport: 8080 }),
      sees: 'connected ttl=63 from 10.0.9.9',
    },
    {
      name: 'REJECT behind a DNAT is translated back for the sender, who sees the address it asked',
      hooks: [
        rule('nat', 'PREROUTING', '-d 10.0.9.9/32 -p tcp -j DNAT --to-destination 10.0.2.2:80'),
        rule('filter', 'FORWARD', '-d 10.0.2.2/32 -j REJECT'),
      ],
      probe: probe('10.0.9.9'),
      sees: 'icmp 3/3 from 10.0.9.9',
    },
    {
      name: 'without any rule that needs conntrack replies are not tracked, and pass',
      hooks: [rule('filter', 'FORWARD', '-p tcp -j ACCEPT')],
      sees: 'connected ttl=63 from 10.0.2.2',
    },
    {
      name: 'established replies pass a stateful filter',
      hooks: [
        rule('filter', 'FORWARD', '-m conntrack --ctstate ESTABLISHED -j ACCEPT'),
        rule('filter', 'FORWARD', '-s 10.0.1.0/24 -j ACCEPT'),
        rule('filter', 'FORWARD', '-j DROP'),
      ],
      sees: 'connected ttl=63 from 10.0.2.2',
    },
    {
      name: 'MASQUERADE hides the sender behind the router, which needs no route back',
      hooks: [rule('nat', 'POSTROUTING', '-o eth1 -j MASQUERADE')],
      sees: 'connected ttl=63 from 10.0.2.2',
    },
  ];
  it.each(cases)('$name', ({ hooks, probe: p, sees }) => {
    expect(seen(only(routed({ router: { ...rules(...hooks) } }), p ?? probe('10.0.2.2')))).toBe(sees);
  });

  it('MASQUERADE shows the server the address of the device the packet left by', () => {
    const path = only(
      routed({ router: rules(rule('nat', 'POSTROUTING', '-o eth1 -j MASQUERADE')), server: { routes: [] } }),
      probe('10.0.2.2'),
    );
    expect(seen(path)).toBe('connected ttl=63 from 10.0.2.2');
    expect(printIp(path.request.packet.src)).toBe('10.0.2.1');
  });

  it('a random rule gives two paths whose probabilities add up to one', () => {
    const world = routed({
      router: rules(
        rule('filter', 'FORWARD', '-p tcp -d 10.0.2.2/32 -m statistic --mode random --probability 0.25 -j DROP'),
      ),
    });
    const { paths } = explore(world, probe('10.0.2.2'));
    expect(paths.map((p) => [seen(p), `${p.probability.numerator}/${p.probability.denominator}`])).toEqual([
      ['silence', '1/4'],
      ['connected ttl=63 from 10.0.2.2', '3/4'],
    ]);
    expect(paths.map((p) => p.probability).reduce(add, ZERO)).toEqual({ numerator: 1n, denominator: 1n });
  });

  it('an unknown match gives both outcomes, without a probability', () => {
    const world = routed({ router: rules(rule('filter', 'FORWARD', '-d 10.0.2.2/32 -m mystery --level 3 -j DROP')) });
    expect(explore(world, probe('10.0.2.2')).paths.map((p) => [seen(p), p.presumed.length > 0])).toEqual([
      ['connected ttl=63 from 10.0.2.2', true],
      ['silence', true],
    ]);
  });
});

describe('the sender itself', () => {
  it.each([
    ['TCP that its own filter drops is only silence', 'tcp', '-j DROP', 'silence'],
    [
      'UDP that its own filter rejects together with the ICMP error is refused by the send call',
      'udp',
      '-j REJECT',
      'EPERM',
    ],
    ['UDP that its own filter drops is refused by the send call', 'udp', '-j DROP', 'EPERM'],
    [
      'UDP that its own filter rejects is refused, and a filter that lets the error through shows it',
      'udp',
      '-p udp -j REJECT',
      'icmp 3/3 from 10.0.1.2',
    ],
  ] as const)('%s', (_name, protocol, target, sees) => {
    const world = routed({ client: { ...rules(rule('filter', 'OUTPUT', target)) } });
    expect(seen(only(world, probe('10.0.2.2', { protocol })))).toBe(sees);
  });

  it('reaches its own address over lo', () => {
    expect(seen(only(routed({ client: { listeners: WEB } }), probe('10.0.1.2')))).toBe(
      'connected ttl=64 from 10.0.1.2',
    );
  });

  it('is redirected by its own nat OUTPUT', () => {
    const world = routed({
      client: rules(rule('nat', 'OUTPUT', '-d 10.96.0.1/32 -p tcp -j DNAT --to-destination 10.0.2.2:80')),
    });
    expect(seen(only(world, probe('10.96.0.1', { dport: 443 })))).toBe('connected ttl=63 from 10.96.0.1');
  });
});

describe('equal-cost paths', () => {
  it('are explored by weight, and one flow keeps its way', () => {
    const world = worldOf([
      {
        id: netnsId('client'),
        devices: [card('eth0', 'a', '10.0.1.2/24'), card('eth1', 'b', '10.0.2.2/24')],
        routes: [
          {
            ...route('10.9.0.0/16', { device: 'eth0', via: ip('10.0.1.1') }),
            type: 'unicast',
            nexthops: [
              { device: 'eth0', via: ip('10.0.1.1'), weight: 3 },
              { device: 'eth1', via: ip('10.0.2.1'), weight: 1 },
            ],
          },
        ],
      },
      { id: netnsId('first'), devices: [card('eth0', 'a', '10.0.1.1/24', '10.9.0.1/32')], listeners: WEB },
      { id: netnsId('second'), devices: [card('eth0', 'b', '10.0.2.1/24', '10.9.0.1/32')] },
    ]);
    const { paths } = explore(world, probe('10.9.0.1'));
    expect(
      paths.map((p) => [
        p.request.disposition.netns,
        Number(p.probability.numerator) / Number(p.probability.denominator),
      ]),
    ).toEqual([
      ['first', 0.75],
      ['second', 0.25],
    ]);
  });
});

describe('tunnels', () => {
  /** Two nodes on one segment, a namespace behind each, a tunnel between. */
  function overlay(kind: 'ipip' | 'vxlan', change: Partial<NetnsSpec> = {}) {
    const node = (n: 1 | 2, other: 1 | 2): NetnsSpec => {
      const tunnel: DeviceSpec =
        kind === 'ipip'
          ? { kind: 'ipip', name: 'tun', mtu: 1480, addresses: [address(`10.${n}.0.1/32`)] }
          : {
              kind: 'vxlan',
              name: 'tun',
              vni: 4096,
              udpPort: 4789,
              learning: false,
              local: ip(`192.168.0.${n}`),
              mtu: 1450,
              mac: mac(`66:00:00:00:00:0${n}`),
              addresses: [address(`10.${n}.0.1/32`)],
            };
      const gateway = kind === 'ipip' ? `192.168.0.${other}` : `10.${other}.0.1`;
      return {
        id: netnsId(`node${n}`),
        devices: [
          card('eth0', 'lan', `192.168.0.${n}/24`),
          { kind: 'veth', name: 'cali1', peer: { netns: netnsId(n === 1 ? 'client' : 'server'), device: 'eth0' } },
          tunnel,
        ],
        routes: [
          route(`10.${n}.0.2/32`, { device: 'cali1' }),
          route('0.0.0.0/0', { device: 'eth0', via: ip('192.168.0.254') }),
          route(`10.${other}.0.0/24`, { device: 'tun', via: ip(gateway), onlink: true }),
        ],
        sysctls: { ...FORWARDING, 'net.ipv4.conf.cali1.proxy_arp': '1' },
        neighbours:
          kind === 'vxlan' ? [{ device: 'tun', ip: ip(`10.${other}.0.1`), mac: mac(`66:00:00:00:00:0${other}`) }] : [],
        fdb:
          kind === 'vxlan'
            ? [{ device: 'tun', mac: mac(`66:00:00:00:00:0${other}`), remote: ip(`192.168.0.${other}`) }]
            : [],
        ...(n === 2 ? change : {}),
      };
    };
    const container = (name: string, n: 1 | 2): NetnsSpec => ({
      id: netnsId(name),
      devices: [
        {
          kind: 'veth',
          name: 'eth0',
          peer: { netns: netnsId(`node${n}`), device: 'cali1' },
          addresses: [address(`10.${n}.0.2/32`)],
        },
      ],
      routes: [
        route('169.254.1.1/32', { device: 'eth0' }),
        route('0.0.0.0/0', { device: 'eth0', via: ip('169.254.1.1') }),
      ],
      listeners: WEB,
    });
    return worldOf([container('client', 1), node(1, 2), node(2, 1), container('server', 2)]);
  }

  it.each(['ipip', 'vxlan'] as const)('over %s the answer has lost two hops, as without a tunnel', (kind) => {
    expect(seen(only(overlay(kind), probe('10.2.0.2', icmp)))).toBe('connected ttl=62 from 10.2.0.2');
  });

  it.each(['ipip', 'vxlan'] as const)('over %s the second hop is the far node', (kind) => {
    const path = only(overlay(kind), probe('10.2.0.2', { ...icmp, ttl: 2 }));
    expect(seen(path)).toMatch(/^icmp 11\/0 from /);
    expect(path.request.disposition.netns).toBe('node2');
  });

  it('a filter on the far node stops the outer packet', () => {
    const world = overlay('ipip', rules(rule('filter', 'INPUT', '-p 4 -j DROP')));
    const path = only(world, probe('10.2.0.2'));
    expect(path.request.disposition).toMatchObject({ kind: 'dropped', netns: 'node2', reason: 'NETFILTER_RULE' });
    expect(seen(path)).toBe('silence');
  });

  it('without a route of the node nobody answers for the gateway of the container', () => {
    const world = overlay('ipip');
    const node = world.netns(netnsId('node1'));
    expect(node.routes.get(254)?.length).toBe(4);
  });
});

describe('a bridge', () => {
  function bridged(change: { sysctls?: Record<string, string>; hooks?: HookSpec[]; hairpin?: boolean } = {}) {
    const port = (name: string, peer: string): DeviceSpec => ({
      kind: 'veth',
      name,
      peer: { netns: netnsId(peer), device: 'eth0' },
      port: { bridge: 'br0', hairpin: change.hairpin ?? false, isolated: false, state: 'forwarding' },
    });
    const host = (name: string, n: number, at: string): NetnsSpec => ({
      id: netnsId(name),
      devices: [
        {
          kind: 'veth',
          name: 'eth0',
          peer: { netns: netnsId('machine'), device: at },
          addresses: [address(`172.17.0.${n}/16`)],
        },
      ],
      routes: [route('0.0.0.0/0', { device: 'eth0', via: ip('172.17.0.1') })],
      listeners: WEB,
    });
    return worldOf([
      host('client', 2, 'veth2'),
      host('other', 3, 'veth3'),
      {
        id: netnsId('machine'),
        devices: [
          { kind: 'bridge', name: 'br0', addresses: [address('172.17.0.1/16')] },
          port('veth2', 'client'),
          port('veth3', 'other'),
        ],
        sysctls: { ...FORWARDING, ...change.sysctls },
        ...rules(...(change.hooks ?? [])),
      },
    ]);
  }
  const OFF = { 'net.bridge.bridge-nf-call-iptables': '0' };
  const dnat = (to: string) => rule('nat', 'PREROUTING', `-d 10.96.0.1/32 -p tcp -j DNAT --to-destination ${to}:80`);

  it.each([
    ['carries frames between its ports without a hop', {}, '172.17.0.3', 'connected ttl=64 from 172.17.0.3'],
    [
      'shows frames to FORWARD while bridge-nf-call-iptables is on',
      { hooks: [rule('filter', 'FORWARD', '-i br0 -o br0 -j DROP')] },
      '172.17.0.3',
      'silence',
    ],
    [
      'hides frames from iptables while it is off',
      { sysctls: OFF, hooks: [rule('filter', 'FORWARD', '-j DROP')] },
      '172.17.0.3',
      'connected ttl=64 from 172.17.0.3',
    ],
    [
      'rejects from its own address',
      { hooks: [rule('filter', 'FORWARD', '-j REJECT')] },
      '172.17.0.3',
      'icmp 3/3 from 172.17.0.1',
    ],
    [
      'translates to a neighbour and back while iptables sees the reply',
      { hooks: [dnat('172.17.0.3')] },
      '10.96.0.1',
      'connected ttl=64 from 10.96.0.1',
    ],
    [
      'loses the reply of a translated connection that bypasses iptables',
      { sysctls: OFF, hooks: [dnat('172.17.0.3')] },
      '10.96.0.1',
      'silence',
    ],
  ] as const)('%s', (_name, change, destination, sees) => {
    const hooks = 'hooks' in change ? [...change.hooks] : [];
    const sysctls = 'sysctls' in change ? change.sysctls : {};
    expect(seen(only(bridged({ hooks, sysctls }), probe(destination)))).toBe(sees);
  });

  it.each([
    [false, 'silence'],
    [true, 'connected ttl=64 from 10.96.0.1'],
  ] as const)('with hairpin %s a container that is translated to itself sees %s', (hairpin, sees) => {
    const hooks = [dnat('172.17.0.2'), rule('nat', 'POSTROUTING', '-s 172.17.0.2/32 -d 172.17.0.2/32 -j MASQUERADE')];
    expect(seen(only(bridged({ hairpin, hooks }), probe('10.96.0.1')))).toBe(sees);
  });
});
