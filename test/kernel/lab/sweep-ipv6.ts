/** Rows for IPv6: client - router - two servers, as in sweep-scene.ts. */
import type { MachineText, ProbeText } from './scenario.ts';
import { type Changes, type Row, rules } from './sweep-scene.ts';

type Probe = Omit<ProbeText, 'sport'>;

const lo = { name: 'lo', kind: 'loopback', addresses: ['127.0.0.1/8', '::1/128'] } as const;
const LISTEN = ['8080/tcp', '8080/udp', '80/tcp'];
const FORWARD6 = { 'net.ipv6.conf.all.forwarding': '1' };

const card = (name: string, segment: string, mac: string, ...addresses: string[]) =>
  ({ name, kind: 'ethernet', segment, mac: `02:00:00:00:${mac}`, addresses }) as const;

function with_(machine: MachineText, changes: Partial<MachineText> = {}): MachineText {
  return {
    ...machine,
    ...changes,
    devices: [...machine.devices, ...(changes.devices ?? [])],
    routes: [...(machine.routes ?? []), ...(changes.routes ?? [])],
    sysctls: { ...machine.sysctls, ...changes.sysctls },
  };
}

function scene6({ client, router, server }: Changes): readonly MachineText[] {
  const right = (name: string, number: number): MachineText => ({
    name,
    devices: [lo, card('eth0', 'b', `01:0${number}`, `fd00:b::${number}/64`)],
    routes: ['default via fd00:b::1 dev eth0'],
    listen: LISTEN,
  });
  return [
    with_(
      {
        name: 'client',
        devices: [lo, card('eth0', 'a', '00:02', 'fd00:9::9/128', 'fd00:a::ff:fe00:2/64', 'fd00:a::2/64')],
        routes: ['default via fd00:a::1 dev eth0'],
        listen: LISTEN,
      },
      client,
    ),
    with_(
      {
        name: 'router',
        devices: [lo, card('eth0', 'a', '00:01', 'fd00:a::1/64'), card('eth1', 'b', '01:01', 'fd00:b::1/64')],
        sysctls: FORWARD6,
      },
      router,
    ),
    with_(right('server', 2), server),
    right('second', 3),
  ];
}

type More = Partial<Probe>;

const tcp = (destination = 'fd00:b::2', more: More = {}): Probe => ({
  machine: 'client',
  protocol: 'tcp',
  destination,
  dport: 8080,
  ...more,
});
const udp = (destination = 'fd00:b::2', more: More = {}): Probe => ({ ...tcp(destination, more), protocol: 'udp' });
const icmp = (destination = 'fd00:b::2', more: More = {}): Probe => ({
  ...tcp(destination, more),
  protocol: 'icmp',
  dport: 0,
});

function row(sentence: string, covers: readonly string[], changes: Changes, probes: Row['probes']): Row {
  return { sentence: `IPv6: ${sentence}`, covers, machines: scene6(changes), probes };
}

const ROUTES: readonly Row[] = [
  row('hosts reach each other across a router', [], {}, [
    [tcp(), 'connected'],
    [udp(), 'connected from fd00:b::2 ttl 63 (at server, [fd00:a::2]:'],
    [icmp(), 'connected from fd00:b::2 ttl 63'],
    [tcp('fd00:b::2', { dport: 81 }), 'reset'],
    [udp('fd00:b::2', { dport: 81 }), 'icmp 1/4 from fd00:b::2 ttl 63'],
    [icmp('fd00:b::1'), 'connected from fd00:b::1 ttl 64'],
    [icmp('::1'), 'connected from ::1 ttl 64'],
    [icmp('fd00:a::2'), 'connected from fd00:a::2'],
    [udp('fd00:a::2', { dport: 81 }), 'icmp 1/4 from fd00:a::2'],
  ]),
  row('the hop limit runs out at the router, which speaks from the device it heard it on', [], {}, [
    [udp('fd00:b::2', { ttl: 1 }), 'icmp 3/0 from fd00:a::1 ttl 64'],
    [udp('fd00:b::2', { ttl: 2 }), 'connected'],
    [tcp('fd00:b::2', { ttl: 1 }), 'icmp 3/0 from fd00:a::1'],
  ]),
  row(
    'errors speak from the device the packet came in by, though the way back is another',
    [],
    {
      client: { routes: ['fd00:b::/64 via fd00:a::1 dev eth0 src fd00:9::9'] },
      router: { routes: ['fd00:9::9/128 via fd00:b::3 dev eth1'] },
      server: {},
    },
    [[udp('fd00:b::2', { ttl: 1 }), 'silence']],
  ),
  row('nobody has the address: address unreachable', [], {}, [
    [udp('fd00:b::9'), 'icmp 1/3 from fd00:a::1'],
    [tcp('fd00:a::9'), 'icmp 1/3 from fd00:a::2'],
    [udp('fd00:a::9'), 'icmp 1/3 from fd00:a::2'],
  ]),
  row(
    'the kinds of routes',
    [],
    {
      router: {
        routes: [
          'blackhole fd00:c::/64',
          'unreachable fd00:d::/64',
          'prohibit fd00:e::/64',
          'throw fd00:f::/64',
          'local fd00:80::/64 dev lo table local',
          'fd00:81::/64 via fd00:b::3 dev eth1',
          'fd00:82::/64 via fe80::ff:fe00:103 dev eth1',
          'fd00:83::/64 via fd00:77::1 dev eth1 onlink',
        ],
        listen: LISTEN,
      },
    },
    [
      [udp('fd00:c::1'), 'silence'],
      [udp('fd00:d::1'), 'icmp 1/0 from fd00:a::1'],
      [udp('fd00:e::1'), 'icmp 1/1 from fd00:a::1'],
      [udp('fd00:f::1'), 'icmp 1/0 from fd00:a::1'],
      [udp('fd00:7::1'), 'icmp 1/0 from fd00:a::1'],
      [tcp('fd00:80::1'), '(at router'],
      [udp('fd00:81::1'), 'silence'],
      [udp('fd00:82::1'), 'silence'],
      [udp('fd00:83::1'), 'icmp 1/3 from fd00:a::1'],
      [tcp('fd00:c::1', { machine: 'router' }), 'EINVAL'],
      [tcp('fd00:d::1', { machine: 'router' }), 'EHOSTUNREACH'],
      [tcp('fd00:e::1', { machine: 'router' }), 'EACCES'],
      [tcp('fd00:f::1', { machine: 'router' }), 'ENETUNREACH'],
      [tcp('fd00:7::1', { machine: 'router' }), 'ENETUNREACH'],
      [tcp('fe80::ff:fe00:103', { machine: 'router' }), 'EINVAL'],
    ],
  ),
  row(
    'without forwarding packets for others are dropped, but no route is still told',
    [],
    {
      router: { sysctls: { 'net.ipv6.conf.all.forwarding': '0' } },
    },
    [
      [udp(), 'silence'],
      [udp('fd00:7::1'), 'icmp 1/0 from fd00:a::1'],
      [icmp('fd00:b::1'), 'connected'],
      [udp('fd00:b::'), 'silence'],
    ],
  ),
  row("a router takes what is for its subnet's anycast address", ['route:anycast'], {}, [
    [icmp('fd00:a::'), 'connected'],
    [udp('fd00:a::'), 'icmp 1/4'],
    [tcp('fd00:b::'), 'silence'],
  ]),
  row(
    "no error is sent to a subnet's anycast address, which NAT alone makes a source",
    [],
    {
      client: { sysctls: FORWARD6, ip6tables: rules('nat -A POSTROUTING -p udp -j SNAT --to-source fd00:a::') },
    },
    [
      [udp('fd00:a::1', { dport: 9 }), 'silence'],
      [tcp('fd00:a::1', { dport: 9 }), 'reset'],
    ],
  ),
  row(
    "a RST is no socket's, an error is the kernel's own",
    [],
    {
      router: {
        ip6tables: rules(
          'filter -A OUTPUT -p tcp -m owner --socket-exists -j DROP',
          'filter -A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type 1 -m owner --socket-exists -j DROP',
        ),
      },
    },
    [
      [tcp('fd00:a::1', { dport: 9 }), 'reset'],
      [udp('fd00:a::1', { dport: 9 }), 'silence'],
    ],
  ),
  row(
    'a rule for a mark leads to its own table',
    [],
    {
      router: {
        rules: [
          '100: from ::/0 fwmark 0x1 lookup 100',
          '101: from fd00:9::9 lookup 101',
          '102: from ::/0 to fd00:e::/64 prohibit',
        ],
        routes: ['unreachable ::/0 table 100', 'blackhole ::/0 table 101'],
        ip6tables: rules('mangle -A PREROUTING -p udp -j MARK --set-xmark 0x1/0xffffffff'),
      },
    },
    [
      [udp(), 'icmp 1/0'],
      [tcp(), 'connected'],
      [tcp('fd00:b::2', { source: 'fd00:9::9' }), 'silence'],
      [tcp('fd00:e::1'), 'icmp 1/1'],
    ],
  ),
  row(
    'too big a packet is told with the MTU, whatever the sender allows',
    [],
    {
      router: { routes: ['fd00:b::/64 dev eth1 mtu 1300 metric 1'] },
    },
    [
      [udp('fd00:b::2', { length: 1400 }), 'icmp 2/0 from fd00:a::1 ttl 64 mtu 1300'],
      [udp('fd00:b::2', { length: 1300 }), 'connected'],
    ],
  ),
  row('too big for the own device', [], {}, [[udp('fd00:b::2', { length: 1600 }), 'EMSGSIZE']]),
  row(
    'the longest prefix and the smallest metric',
    [],
    {
      router: {
        routes: [
          'fd00:b::2/128 via fd00:a::9 dev eth0',
          'fd00:b::3/128 via fd00:a::9 dev eth0 metric 2',
          'fd00:b::3/128 dev eth1 metric 1',
        ],
      },
    },
    [
      [udp(), 'icmp 1/3 from fd00:a::1'],
      [udp('fd00:b::3'), 'connected'],
    ],
  ),
  row(
    'disable_ipv6 takes the addresses away',
    [],
    {
      router: { sysctls: { ...FORWARD6, 'net.ipv6.conf.eth1.disable_ipv6': '1' } },
    },
    [
      [udp(), 'icmp 1/0 from fd00:a::1'],
      [udp('fd00:b::1'), 'icmp 1/0 from fd00:a::1'],
    ],
  ),
  row(':: is the sender itself, at its loopback address', [], { router: { listen: ['[::1]:8080/tcp', '8082/udp'] } }, [
    [tcp('::', { machine: 'router' }), 'connected (at router, [::1]'],
    [tcp('::', { machine: 'router', dport: 8081 }), 'reset'],
    [udp('::', { machine: 'router', dport: 8082 }), 'connected'],
  ]),
  row('echo_ignore_all', [], { server: { sysctls: { 'net.ipv6.icmp.echo_ignore_all': '1' } } }, [
    [icmp(), 'silence'],
    [tcp(), 'connected'],
  ]),
];

const SOURCES: readonly Row[] = [
  row(
    'the address with the longest common prefix, of the device before of others',
    [],
    {
      client: {
        devices: [
          { name: 'lo2', kind: 'bridge', mac: '02:00:00:00:00:aa', addresses: ['fd00:b::77/128', 'fd00:a::77/128'] },
        ],
      },
    },
    [
      [udp(), '(at server, [fd00:a::2]:'],
      [udp('fd00:a::1', { dport: 81 }), 'icmp 1/4 from fd00:a::1'],
    ],
  ),
  row(
    'of equal addresses the newest',
    [],
    {
      client: { devices: [card('eth1', 'c', '02:02', 'fd00:c::5/64')], routes: ['fd00:c:1::/64 dev eth0'] },
      router: { devices: [card('eth2', 'c', '02:01', 'fd00:c::1/64')] },
    },
    [[udp('fd00:c::1', { dport: 81 }), 'icmp 1/4 from fd00:c::1']],
  ),
  row(
    'src of the route',
    [],
    {
      client: { routes: ['fd00:b::2/128 via fd00:a::1 dev eth0 src fd00:9::9'] },
      router: { routes: ['fd00:9::9/128 dev eth0'] },
    },
    [
      [udp(), '(at server, [fd00:9::9]:'],
      [udp('fd00:b::3'), '(at second, [fd00:a::2]:'],
    ],
  ),
  row(
    'the same label before the longer prefix',
    [],
    {
      client: {
        devices: [{ name: 'lo2', kind: 'bridge', mac: '02:00:00:00:00:aa', addresses: [] }],
      },
      server: {},
    },
    [[udp(), '(at server, [fd00:a::2]:']],
  ),
];

const HIT = 'icmp 1/1';
const REJECT = '-j REJECT --reject-with icmp6-adm-prohibited';

function match(
  name: string,
  words: string,
  yes: readonly Probe[],
  no: readonly Probe[],
  more: { readonly before?: readonly string[]; readonly ipsets?: string; readonly chain?: string } = {},
): Row {
  const ip6tables = rules(...(more.before ?? []), `${more.chain ?? 'filter -A FORWARD'} ${words} ${REJECT}`);
  return {
    sentence: `IPv6: ${words} matches ${yes.length} and misses ${no.length} kinds of packets`,
    covers: [`match:${name}`],
    machines: scene6({ router: { ip6tables, ...(more.ipsets === undefined ? {} : { ipsets: more.ipsets }) } }),
    probes: [...yes.map((probe) => [probe, HIT] as const), ...no.map((probe) => [probe, 'connected'] as const)],
  };
}

const second = 'fd00:b::3';
const dnat = ['nat -A PREROUTING -p tcp -m tcp --dport 8081 -j DNAT --to-destination [fd00:b::2]:8080'];
const to8081 = tcp('fd00:b::2', { dport: 8081 });
const odd = { source: 'fd00:9::9' };

const MATCHES: readonly Row[] = [
  match('header', '-d fd00:b::2/128 -i eth0 -o eth1', [tcp(), udp()], [tcp(second)]),
  match('header', '! -d fd00:b::2/128', [tcp(second)], []),
  match('header', '-s fd00:a::/64 -p ipv6-icmp', [icmp()], [tcp(), udp()]),
  match('icmp6', '-p ipv6-icmp -m icmp6 --icmpv6-type 128', [icmp()], [tcp()]),
  match('icmp6', '-p ipv6-icmp -m icmp6 ! --icmpv6-type 129', [icmp()], [tcp()]),
  match('hl', '-d fd00:b::2/128 -m hl --hl-eq 63', [tcp()], []),
  match('hl', '-d fd00:b::2/128 -m hl --hl-lt 10', [tcp('fd00:b::2', { ttl: 9 })], [tcp()]),
  match('hl', '-d fd00:b::2/128 -m hl --hl-gt 63', [], [tcp()]),
  match('addrtype', '-d fd00:b::2/128 -m addrtype --dst-type UNICAST', [tcp()], [tcp(second)]),
  match('addrtype', '-m addrtype --dst-type LOCAL', [], [tcp()]),
  match('addrtype', '-i eth0 -m addrtype ! --src-type LOCAL', [tcp()], []),
  match('addrtype', '-m addrtype --src-type MULTICAST', [], [tcp()]),
  match('conntrack', '-m conntrack --ctstate NEW -d fd00:b::2/128', [tcp(), udp(), icmp()], [tcp(second)]),
  match('conntrack', '-m conntrack --ctstate RELATED,INVALID', [], [tcp(), udp(), icmp()]),
  match('conntrack', '-m conntrack --ctstate DNAT', [to8081], [tcp()], { before: dnat }),
  match('conntrack', '-i eth0 -m conntrack --ctorigdst fd00:b::2', [tcp()], [tcp(second)]),
  match('multiport', '-p tcp -m multiport --dports 80,8080', [tcp()], [udp()]),
  match('iprange', '-m iprange --dst-range fd00:b::1-fd00:b::2', [tcp()], [tcp(second)]),
  match('set', '-m set --match-set s dst', [tcp()], [tcp(second)], {
    ipsets: 'create s hash:ip family inet6\nadd s fd00:b::2\n',
  }),
  match('set', '-m set --match-set s src', [tcp()], [], {
    ipsets: 'create s hash:net family inet6\nadd s fd00:a::/64\nadd s fd00:a::9 nomatch\n',
  }),
  match('set', '-m set --match-set s dst,dst', [tcp(), icmp(second)], [udp(), tcp(second)], {
    ipsets: 'create s hash:ip,port family inet6\nadd s fd00:b::2,tcp:8080\nadd s fd00:b::3,icmpv6:128/0\n',
  }),
  match('mac', '-m mac --mac-source 02:00:00:00:00:02', [tcp()], []),
  match('length', '-i eth0 -p udp -m length --length 52', [udp()], [udp('fd00:b::2', { length: 60 })]),
  match(
    'recent',
    '-i eth0 -m recent --rcheck --name r --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource',
    [],
    [tcp()],
  ),
  match('frag', '-m frag --fragfirst', [], [tcp()]),
  match('rt', '-m rt --rt-type 0', [], [tcp()]),
  match('hbh', '-m hbh', [], [tcp()]),
  match('dst', '-m dst ! --dst-len 4', [], [tcp()]),
  match('ipv6header', '-i eth0 -m ipv6header --header prot', [tcp(), udp(), icmp()], []),
  match('ipv6header', '-i eth0 -m ipv6header --header hop,prot --soft', [], [tcp()]),
  match('ipv6header', '-i eth0 -m ipv6header ! --header frag', [tcp()], []),
  match('eui64', '-i eth0 -m eui64', [tcp('fd00:b::2', { source: 'fd00:a::ff:fe00:2' })], [tcp()]),
  {
    ...row(
      'rpfilter looks at the way back',
      ['match:rpfilter'],
      {
        client: { neighbours: [{ device: 'eth0', ip: 'fd00:a::1', mac: '02:00:00:00:00:01' }] },
        router: {
          routes: ['fd00:9::9/128 via fd00:b::3 dev eth1'],
          ip6tables: rules(
            'raw -A PREROUTING -i eth0 -p udp -m rpfilter --invert -j DROP',
            'raw -A PREROUTING -i eth0 -p ipv6-icmp -m rpfilter --loose --invert -j DROP',
          ),
        },
      },
      [
        [udp(), 'connected'],
        [udp('fd00:b::2', odd), 'silence'],
        [icmp('fd00:b::2', odd), 'silence'],
      ],
    ),
  },
];

const REJECTS: readonly Row[] = [
  ['icmp6-no-route', '1/0'],
  ['icmp6-adm-prohibited', '1/1'],
  ['icmp6-addr-unreachable', '1/3'],
  ['icmp6-port-unreachable', '1/4'],
  ['icmp6-policy-fail', '1/5'],
  ['icmp6-reject-route', '1/6'],
].map(([form, code]) =>
  row(
    `REJECT with ${form} is ICMPv6 ${code} in FORWARD, INPUT and OUTPUT`,
    ['target:REJECT', `reject:${form}`],
    {
      router: {
        ip6tables: rules(
          ...['FORWARD', 'INPUT', 'OUTPUT'].map(
            (hook) => `filter -A ${hook} ! -p ipv6-icmp -j REJECT --reject-with ${form}`,
          ),
        ),
      },
    },
    [
      [tcp(), `icmp ${code} from fd00:a::1`],
      [udp(), `icmp ${code} from fd00:a::1`],
      [udp('fd00:b::1'), `icmp ${code} from fd00:b::1`],
      [udp('fd00:b::2', { machine: 'router' }), `EPERM`],
    ],
  ),
);

const TARGETS: readonly Row[] = [
  row(
    'tcp-reset is a RST',
    [],
    {
      router: {
        ip6tables: rules(
          'filter -A FORWARD -p tcp -j REJECT --reject-with tcp-reset',
          'filter -A INPUT -p tcp -j REJECT --reject-with tcp-reset',
        ),
      },
    },
    [
      [tcp(), 'reset'],
      [tcp('fd00:b::1'), 'reset'],
      [udp(), 'connected'],
    ],
  ),
  row(
    'HL sets the hop limit',
    ['target:HL'],
    {
      router: {
        ip6tables: rules(
          'mangle -A PREROUTING -p tcp -j HL --hl-set 1',
          'mangle -A PREROUTING -d fd00:b::2/128 -p udp -j HL --hl-dec 10',
          'mangle -A POSTROUTING -s fd00:b::2/128 -p udp -j HL --hl-inc 5',
        ),
      },
    },
    [
      [tcp(), 'icmp 3/0 from fd00:a::1'],
      [udp(), 'connected from fd00:b::2 ttl 68'],
    ],
  ),
  row(
    'DNAT to an address and port',
    ['target:DNAT'],
    {
      router: {
        ip6tables: rules(
          'nat -A PREROUTING -d fd00:99::1/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00:b::2]:8080',
          'nat -A PREROUTING -d fd00:99::2/128 -j DNAT --to-destination fd00:b::3',
          'nat -A OUTPUT -d fd00:99::1/128 -p tcp -j DNAT --to-destination [fd00:b::2]:8080',
        ),
      },
    },
    [
      [tcp('fd00:99::1', { dport: 80 }), '(at server, [fd00:a::2]:'],
      [udp('fd00:99::2'), 'connected from fd00:99::2 ttl 63 (at second'],
      [icmp('fd00:99::2'), 'connected from fd00:99::2'],
      [udp('fd00:99::2', { dport: 81 }), 'icmp 1/4 from fd00:99::2'],
      [tcp('fd00:99::1', { machine: 'router' }), 'ENETUNREACH'],
      [udp('fd00:99::1'), 'icmp 1/0'],
    ],
  ),
  row(
    'DNAT over a range of addresses',
    ['target:DNAT'],
    {
      router: {
        ip6tables: rules(
          'nat -A PREROUTING -d fd00:99::1/128 -j DNAT --to-destination fd00:b::2-fd00:b::3',
          'nat -A PREROUTING -d fd00:99::2/128 -j DNAT --to-destination fd00:b::2-fd00:b::3 --persistent',
        ),
      },
    },
    [
      [udp('fd00:99::1'), 'connected'],
      [udp('fd00:99::1', odd), 'silence (at server'],
      [tcp('fd00:99::2'), 'connected'],
    ],
  ),
  row(
    'SNAT and its replies',
    ['target:SNAT'],
    {
      router: {
        ip6tables: rules(
          'nat -A POSTROUTING -o eth1 -p udp -j SNAT --to-source fd00:b::1',
          'nat -A POSTROUTING -o eth1 -p tcp -j SNAT --to-source [fd00:b::1]:5000-5100',
        ),
      },
    },
    [
      [udp(), 'connected from fd00:b::2 ttl 63 (at server, [fd00:b::1]:'],
      [tcp(), '(at server, [fd00:b::1]:50'],
      [udp('fd00:b::2', { dport: 81 }), 'icmp 1/4 from fd00:b::2'],
      [icmp(), 'connected'],
    ],
  ),
  row(
    'MASQUERADE takes the source RFC 6724 would',
    ['target:MASQUERADE'],
    {
      router: {
        devices: [{ name: 'dum', kind: 'bridge', mac: '02:00:00:00:00:bb', addresses: ['fd00:b::66/128'] }],
        ip6tables: rules('nat -A POSTROUTING -o eth1 -j MASQUERADE'),
      },
    },
    [
      [udp(), '(at server, [fd00:b::1]:'],
      [icmp(), 'connected'],
      [tcp(), '(at server, [fd00:b::1]:'],
    ],
  ),
  row(
    'REDIRECT to this machine',
    ['target:REDIRECT'],
    {
      router: {
        listen: ['8088/tcp'],
        ip6tables: rules(
          'nat -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8088',
          'nat -A OUTPUT -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8088',
        ),
      },
    },
    [
      [tcp('fd00:b::2', { dport: 80 }), '(at router, [fd00:a::2]:'],
      [tcp('fd00:b::2', { dport: 80, machine: 'router' }), '(at router'],
    ],
  ),
  row(
    'NETMAP maps the network and keeps the host',
    ['target:NETMAP'],
    {
      router: {
        ip6tables: rules(
          'nat -A PREROUTING -d fd00:99::/64 -j NETMAP --to fd00:b::/64',
          'nat -A POSTROUTING -s fd00:a::/64 -j NETMAP --to fd00:98::/64',
        ),
        routes: ['fd00:98::/64 via fd00:b::3 dev eth1'],
      },
    },
    [
      [udp('fd00:99::2'), '(at server, [fd00:98::2]:'],
      [tcp('fd00:99::3'), '(at second, [fd00:98::2]:'],
      [udp('fd00:99::2', { dport: 81 }), 'icmp 1/4 from fd00:99::2'],
    ],
  ),
  row(
    'errors about a translated flow are RELATED and translated back',
    [],
    {
      router: {
        ip6tables: rules(
          'nat -A PREROUTING -d fd00:99::2/128 -j DNAT --to-destination fd00:b::2',
          'filter -A FORWARD -m conntrack --ctstate RELATED -j ACCEPT',
          'filter -A FORWARD -i eth1 -p ipv6-icmp -j DROP',
        ),
      },
    },
    [
      [udp('fd00:99::2', { dport: 81 }), 'icmp 1/4 from fd00:99::2'],
      [icmp(), 'silence'],
    ],
  ),
  row(
    'a filter that forgets NDP cuts the link',
    ['ndp'],
    { server: { ip6tables: rules('filter -A INPUT -p ipv6-icmp -j DROP') } },
    [
      [udp(), 'icmp 1/3 from fd00:a::1'],
      [udp('fd00:b::3'), 'connected'],
    ],
  ),
  row(
    'NDP is untracked and passes a filter on states that knows it',
    ['ndp'],
    {
      server: {
        ip6tables: rules(
          'filter -A INPUT -m conntrack --ctstate INVALID -j DROP',
          'filter -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT',
          'filter -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 136 -j ACCEPT',
          'filter -A INPUT -p ipv6-icmp -j DROP',
        ),
      },
    },
    [
      [udp(), 'connected'],
      [icmp(), 'silence'],
    ],
  ),
];

const NEIGHBOURS: readonly Row[] = [
  row(
    'a machine answers only for addresses of the device that is asked',
    ['ndp'],
    {
      client: { routes: ['fd00:b::1/128 dev eth0'] },
    },
    [[udp('fd00:b::1'), 'icmp 1/3 from fd00:a::2']],
  ),
  row(
    'proxy_ndp answers for the entries it has',
    ['proxy_ndp'],
    {
      client: { routes: ['fd00:b::2/128 dev eth0', 'fd00:b::3/128 dev eth0'] },
      router: {
        sysctls: { ...FORWARD6, 'net.ipv6.conf.eth0.proxy_ndp': '1' },
        proxies: [{ device: 'eth0', ip: 'fd00:b::2' }],
      },
    },
    [
      [udp(), 'connected'],
      [udp('fd00:b::3'), 'icmp 1/3 from fd00:a::2'],
    ],
  ),
  row(
    'a proxy entry without proxy_ndp does nothing',
    ['proxy_ndp'],
    {
      client: { routes: ['fd00:b::2/128 dev eth0'] },
      router: { proxies: [{ device: 'eth0', ip: 'fd00:b::2' }] },
    },
    [[udp(), 'icmp 1/3 from fd00:a::2']],
  ),
  row(
    'a static neighbour is not asked for',
    ['ndp'],
    {
      router: { neighbours: [{ device: 'eth1', ip: 'fd00:b::9', mac: '02:00:00:00:01:02' }] },
      server: { devices: [] },
    },
    [[udp('fd00:b::9'), 'silence']],
  ),
  row(
    'the gateway is an address of the link',
    ['ndp'],
    {
      client: { routes: ['fd00:b::/64 via fe80::ff:fe00:1 dev eth0'] },
    },
    [
      [tcp(), 'connected'],
      [udp('fd00:b::2', { ttl: 1 }), 'icmp 3/0 from fd00:a::1'],
    ],
  ),
];

/** Two guests on a bridge of the host. */
function bridged(host: Partial<MachineText>): readonly MachineText[] {
  const guest = (name: string, address: string): MachineText => ({
    name,
    devices: [lo, { name: 'eth0', kind: 'veth', peer: ['host', `to-${name}`], addresses: [`${address}/64`] }],
    routes: ['default via fd00:5::1 dev eth0'],
    listen: LISTEN,
  });
  const wire = (name: string) => ({ name: `to-${name}`, kind: 'veth', peer: [name, 'eth0'], bridge: 'br0' }) as const;
  return [
    {
      name: 'host',
      devices: [lo, { name: 'br0', kind: 'bridge', addresses: ['fd00:5::1/64'] }, wire('one'), wire('two')],
      listen: LISTEN,
      ...host,
      sysctls: { ...FORWARD6, ...host.sysctls },
    },
    guest('one', 'fd00:5::2'),
    guest('two', 'fd00:5::3'),
  ];
}

/** Two machines, each with a VXLAN device over the wire between them; `under` is the family of the wire. */
function tunnelled(under: 4 | 6): readonly MachineText[] {
  const wire = (number: number): string => (under === 4 ? `192.168.7.${number}` : `fd00:7::${number}`);
  const end = (name: string, own: 1 | 2, other: 1 | 2): MachineText => {
    const mac = `02:00:00:00:44:0${other}`;
    return {
      name,
      devices: [
        lo,
        { name: 'eth0', kind: 'ethernet', segment: 'wire', addresses: [`${wire(own)}/${under === 4 ? 24 : 64}`] },
        {
          name: 'vxlan1',
          kind: 'vxlan',
          vni: 7,
          local: wire(own),
          parent: 'eth0',
          mtu: under === 4 ? 1450 : 1430,
          mac: `02:00:00:00:44:0${own}`,
          addresses: [`fd00:44::${own}/64`, `10.44.0.${own}/24`],
        },
      ],
      neighbours: [
        { device: 'vxlan1', ip: `fd00:44::${other}`, mac },
        { device: 'vxlan1', ip: `10.44.0.${other}`, mac },
      ],
      fdb: [{ device: 'vxlan1', mac, remote: wire(other) }],
      listen: LISTEN,
    };
  };
  return [end('left', 1, 2), end('right', 2, 1)];
}

const one = { machine: 'one' };
const call = (on: boolean) => ({ 'net.bridge.bridge-nf-call-ip6tables': on ? '1' : '0' });
const dnatTo = (to: string) => rules(`nat -A PREROUTING -d fd00:5::1/128 -p tcp -j DNAT --to-destination ${to}`);

function links(sentence: string, machines: readonly MachineText[], probes: Row['probes']): Row {
  return { sentence: `IPv6: ${sentence}`, covers: ['bridge'], machines, probes };
}

const LINKS: readonly Row[] = [
  links(
    'a bridge without bridge-nf-call-ip6tables asks no rule',
    bridged({ sysctls: call(false), ip6tables: rules('filter -A FORWARD -j DROP') }),
    [[tcp('fd00:5::3', one), 'connected']],
  ),
  links(
    'a bridge with bridge-nf-call-ip6tables asks FORWARD',
    bridged({
      sysctls: call(true),
      ip6tables: rules(
        'filter -A FORWARD -p tcp -j DROP',
        'filter -A FORWARD -m physdev --physdev-in to-one --physdev-is-bridged -p udp -j REJECT --reject-with icmp6-adm-prohibited',
      ),
    }),
    [
      [tcp('fd00:5::3', one), 'silence'],
      [udp('fd00:5::3', one), 'icmp 1/1'],
      [icmp('fd00:5::3', one), 'connected'],
    ],
  ),
  links(
    'a reset on a bridge goes straight back',
    bridged({ sysctls: call(true), ip6tables: rules('filter -A FORWARD -p tcp -j REJECT --reject-with tcp-reset') }),
    [[tcp('fd00:5::3', one), 'reset']],
  ),
  links(
    'DNAT to a neighbour on the bridge, without bridge-nf-call-ip6tables',
    bridged({ sysctls: call(false), ip6tables: dnatTo('fd00:5::3') }),
    [[tcp('fd00:5::1', one), 'silence']],
  ),
  links(
    'DNAT to a neighbour on the bridge, with bridge-nf-call-ip6tables',
    bridged({ sysctls: call(true), ip6tables: dnatTo('fd00:5::3') }),
    [[tcp('fd00:5::1', one), '(at two']],
  ),
  links(
    'DNAT on the bridge to where no route leads',
    bridged({ sysctls: call(true), ip6tables: dnatTo('fd00:66::3') }),
    [[tcp('fd00:5::1', one), 'silence']],
  ),
  links('VXLAN carries IPv6 over IPv4', tunnelled(4), [
    [tcp('fd00:44::2', { machine: 'left' }), '(at right, [fd00:44::1]:'],
    [icmp('fd00:44::2', { machine: 'left' }), 'connected from fd00:44::2 ttl 64'],
    [udp('fd00:44::2', { machine: 'left', length: 1450 }), 'connected'],
    [udp('fd00:44::2', { machine: 'left', length: 1451 }), 'EMSGSIZE'],
  ]),
  links('VXLAN carries both families over IPv6', tunnelled(6), [
    [tcp('fd00:44::2', { machine: 'left' }), '(at right, [fd00:44::1]:'],
    [tcp('10.44.0.2', { machine: 'left' }), '(at right, 10.44.0.1:'],
    [icmp('10.44.0.2', { machine: 'left' }), 'connected from 10.44.0.2 ttl 64'],
    [udp('fd00:44::2', { machine: 'left', length: 1430 }), 'connected'],
  ]),
  {
    ...row(
      'next hops of equal cost: whichever is taken',
      ['multipath'],
      {
        router: {
          routes: ['fd00:e::/64 nexthop via fd00:b::2 dev eth1 nexthop via fd00:b::3 dev eth1 weight 2'],
        },
        server: { devices: [card('eth1', 'd', '03:02', 'fd00:e::2/64')] },
      },
      [
        [udp('fd00:e::2'), ''],
        [udp('fd00:e::2', { source: 'fd00:9::9' }), ''],
        [tcp('fd00:e::2'), ''],
        [icmp('fd00:e::2'), ''],
      ],
    ),
  },
];

export const IPV6_ROWS: readonly Row[] = [
  ...ROUTES,
  ...SOURCES,
  ...MATCHES,
  ...REJECTS,
  ...TARGETS,
  ...NEIGHBOURS,
  ...LINKS,
];
