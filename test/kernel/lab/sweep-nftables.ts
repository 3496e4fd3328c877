/** A row for every expression and statement of nftables that the emulator claims to know. */
import { icmp, type Row, rules, scene, tcp, udp } from './sweep-scene.ts';

type Probe = Row['probes'][number][0];

const HIT = 'icmp 3/13';
const REJECT = 'reject with icmp admin-prohibited';
const second = '10.0.1.3';

type More = {
  /** Sets, maps and chains of the table. */
  readonly table?: string;
  /** Base chains in front, of other hooks. */
  readonly before?: string;
  readonly hook?: 'forward' | 'prerouting' | 'postrouting';
  readonly remembers?: boolean;
  readonly iptables?: string;
};

/** `yes` probes meet a reject behind the condition, `no` probes go on. */
function condition(words: string, yes: readonly Probe[], no: readonly Probe[], more: More = {}): Row {
  const nftables = `table ip t {
${more.table ?? ''}
${more.before ?? ''}
 chain f {
  type filter hook ${more.hook ?? 'forward'} priority filter
  ${words} ${REJECT}
 }
}
`;
  return {
    sentence: `nftables: ${words} holds for ${yes.length} and not for ${no.length} kinds of packets`,
    covers: [],
    machines: scene({ router: { nftables, ...(more.iptables === undefined ? {} : { iptables: more.iptables }) } }),
    probes: [...yes.map((probe) => [probe, HIT] as const), ...no.map((probe) => [probe, 'connected'] as const)],
    ...(more.remembers === true ? { remembers: true } : {}),
  };
}

/** A whole rule set for the router. */
function whole(
  sentence: string,
  nftables: string,
  probes: Row['probes'],
  more: Pick<More, 'iptables' | 'remembers'> = {},
): Row {
  return {
    sentence: `nftables: ${sentence}`,
    covers: [],
    machines: scene({ router: { nftables, ...(more.iptables === undefined ? {} : { iptables: more.iptables }) } }),
    probes,
    ...(more.remembers === true ? { remembers: true } : {}),
  };
}

const chain = (name: string, type: string, body: string, policy = ''): string =>
  ` chain ${name} {\n  type ${type}; ${policy}\n  ${body.split('; ').join('\n  ')}\n }\n`;
const table = (body: string, family = 'ip'): string => `table ${family} t {\n${body}}\n`;
const markUdp = chain('m', 'filter hook prerouting priority mangle', 'meta l4proto udp mark set 0x15');
const to8081 = tcp('10.0.1.2', { dport: 8081 });
const dnat8081 = chain('d', 'nat hook prerouting priority dstnat', 'tcp dport 8081 dnat to 10.0.1.2:8080');

const CONDITIONS: readonly Row[] = [
  condition('ip daddr 10.0.1.2', [tcp(), udp(), icmp()], [tcp(second)]),
  condition('ip daddr != 10.0.1.2', [tcp(second)], []),
  condition('ip saddr 10.0.0.0/24 ip daddr 10.0.1.2-10.0.1.2', [tcp()], [tcp(second)]),
  condition('ip daddr { 10.0.1.2, 10.0.9.0/24 }', [tcp()], [tcp(second)]),
  condition('ip daddr != { 10.0.1.2, 10.0.9.0/24 } ip saddr 10.0.0.2', [tcp(second)], []),
  condition('ip daddr & 0.0.0.1 == 0.0.0.1 ip saddr 10.0.0.2', [tcp(second)], []),
  condition('tcp dport 8080 ip daddr 10.0.1.2', [tcp()], [udp(), tcp(second)]),
  condition('tcp dport 8000-9000', [tcp()], [udp(), tcp('10.0.1.2', { dport: 80 })]),
  condition('tcp dport != 8080 ip saddr 10.0.0.2', [], [tcp(), udp()]),
  condition('tcp dport > 80 ip saddr 10.0.0.2', [tcp()], [tcp('10.0.1.2', { dport: 80 }), udp()]),
  condition('udp dport 8080 ip saddr 10.0.0.2', [udp()], [tcp(), icmp()]),
  condition('th dport { 80, 8080 } meta l4proto udp', [udp()], [tcp(), icmp()]),
  condition('meta l4proto { tcp, icmp } ip daddr 10.0.1.2', [tcp(), icmp()], [udp()]),
  condition('ip protocol != tcp ip saddr 10.0.0.2', [udp(), icmp()], [tcp()]),
  condition('icmp type echo-request', [icmp()], [tcp(), udp()]),
  condition('icmp type { echo-reply, time-exceeded }', [], [tcp(), udp()]),
  condition('icmp code 0 icmp type 8', [icmp()], [tcp()]),
  condition('tcp flags syn ip saddr 10.0.0.2', [tcp()], [udp()]),
  condition('tcp flags syn / fin,syn,rst,ack', [tcp()], [udp()]),
  condition('tcp flags == ack', [], [udp()]),
  condition('tcp flags ! ack', [tcp()], [udp()]),
  condition('iifname "eth0" oifname "eth1" meta l4proto udp', [udp()], [tcp()]),
  condition('iifname "eth*" meta l4proto udp', [udp()], [tcp()]),
  condition('iifname != "eth0" ip saddr 10.0.0.2', [], [udp(), tcp()]),
  condition('iif eth0 oif != eth0 meta l4proto udp', [udp()], [tcp()]),
  condition('iifname { "lo", "eth1" } ip saddr 10.0.0.2', [], [tcp()]),
  condition('meta mark 0x15', [udp()], [tcp()], { before: markUdp }),
  condition('meta mark & 0x10 != 0', [udp()], [tcp()], { before: markUdp }),
  condition('meta mark & 0x10 == 0 ip saddr 10.0.0.2', [tcp()], [udp()], { before: markUdp }),
  condition('meta mark 0x10-0x20', [udp()], [tcp()], { before: markUdp }),
  condition('meta mark != { 0x15, 0x16 } iifname eth0', [tcp()], [udp()], { before: markUdp }),
  condition('meta length > 1000', [icmp('10.0.1.2', { length: 1200 })], [icmp()]),
  condition('ip ttl 63 ip saddr 10.0.0.2', [tcp()], []),
  condition('ip dscp 10', [], [tcp()]),
  condition('ct state new ip daddr 10.0.1.2', [tcp(), udp(), icmp()], [tcp(second)]),
  condition('ct state established,related ip daddr 10.0.1.2', [], [tcp(), udp(), icmp()]),
  condition('ct state invalid', [], [tcp()]),
  condition('ct state { new, invalid } meta l4proto udp', [udp()], [tcp()]),
  condition('ct status dnat iifname eth0', [to8081], [tcp()], { before: dnat8081 }),
  condition('ct direction original meta l4proto udp', [udp()], [tcp()]),
  condition('meta l4proto tcp ct original proto-dst 8081 iifname eth0', [to8081], [tcp()], { before: dnat8081 }),
  condition('ct original ip daddr 10.0.1.3', [tcp(second)], [tcp()]),
  condition('ct mark 0x5 iifname eth0', [udp()], [tcp()], {
    before: chain('m', 'filter hook prerouting priority mangle', 'meta l4proto udp ct mark set 0x5'),
  }),
  condition('ct state untracked iifname eth0', [udp()], [tcp()], {
    before: chain('r', 'filter hook prerouting priority raw', 'meta l4proto udp notrack'),
  }),
  condition('fib daddr type unicast meta l4proto udp', [udp()], [tcp()]),
  condition('fib saddr type local', [], [tcp()]),
  condition('fib daddr type != { local, unicast }', [], [tcp()]),
  condition('ip daddr @s', [tcp()], [tcp(second)], {
    table: ' set s {\n  type ipv4_addr\n  flags interval\n  elements = { 10.0.1.0-10.0.1.2, 10.9.0.0/16 }\n }',
  }),
  condition('ip daddr . meta l4proto . th dport @s', [tcp()], [udp(), tcp(second)], {
    table: ' set s {\n  type ipv4_addr . inet_proto . inet_service\n  elements = { 10.0.1.2 . tcp . 8080 }\n }',
  }),
  condition('ip daddr . th dport @s', [tcp(), udp(second)], [tcp('10.0.1.2', { dport: 80 })], {
    table:
      ' set s {\n  type ipv4_addr . inet_service\n  flags interval\n  elements = { 10.0.1.2 . 8000-9000, 10.0.1.3-10.0.1.9 . 8080 }\n }',
  }),
  condition('ip daddr . tcp dport { 10.0.1.2 . 8080 }', [tcp()], [udp(), tcp(second)]),
  condition('numgen random mod 1 0', [tcp()], []),
  condition('limit rate over 1/day burst 1 packets ip saddr 10.0.0.9', [], [tcp()]),
];

const VERDICTS: readonly Row[] = [
  whole(
    'drop is final, and accept ends only its own base chain',
    table(
      `${chain('a', 'filter hook forward priority 0', 'meta l4proto udp accept')}${chain('b', 'filter hook forward priority 10', 'ip daddr 10.0.1.2 drop')}`,
    ),
    [
      [udp(), 'silence'],
      [tcp(), 'silence'],
      [tcp(second), 'connected'],
    ],
  ),
  whole(
    'the policy of a base chain decides what no rule does',
    table(
      chain(
        'a',
        'filter hook forward priority 0',
        'ct state established,related accept; tcp dport 8080 accept',
        'policy drop;',
      ),
    ),
    [
      [tcp(), 'connected'],
      [udp(), 'silence'],
    ],
  ),
  whole(
    'jump comes back, goto does not',
    table(
      ` chain x {\n  meta l4proto icmp drop\n }\n chain y {\n  ip daddr 10.0.1.3 return\n  tcp dport 8080 ${REJECT}\n }\n${chain('a', 'filter hook forward priority 0', `ip saddr 10.0.0.2 jump x; meta l4proto tcp goto y; ${REJECT}`)}`,
    ),
    [
      [icmp(), 'silence'],
      [tcp(), HIT],
      [tcp(second), 'connected'],
      [udp(), HIT],
    ],
  ),
  whole(
    'a verdict map names the verdict',
    table(
      ` map v {\n  type ipv4_addr . inet_proto . inet_service : verdict\n  elements = { 10.0.1.2 . tcp . 8080 : goto x, 10.0.1.3 . udp . 8080 : drop }\n }\n chain x {\n  ${REJECT}\n }\n${chain('a', 'filter hook forward priority 0', 'ip daddr . meta l4proto . th dport vmap @v')}`,
    ),
    [
      [tcp(), HIT],
      [udp(second), 'silence'],
      [udp(), 'connected'],
    ],
  ),
  whole(
    'an anonymous verdict map with ranges and a catch-all',
    table(
      chain(
        'a',
        'filter hook forward priority 0',
        'tcp dport vmap { 80 : accept, 8000-9000 : drop, * : accept }; ip protocol vmap { icmp : drop, tcp : continue }',
      ),
    ),
    [
      [tcp(), 'silence'],
      [tcp('10.0.1.2', { dport: 80 }), 'connected'],
      [icmp(), 'silence'],
      [udp(), 'connected'],
    ],
  ),
  whole(
    'of two chains of one priority the later one runs first',
    table(
      `${chain('a', 'filter hook forward priority 0', 'mark set 0x1')}${chain('b', 'filter hook forward priority 0', 'mark set 0x2')}${chain('c', 'filter hook forward priority 1', `mark 0x1 ${REJECT}`)}`,
    ),
    [[tcp(), HIT]],
  ),
  whole(
    'reject in its forms',
    table(
      chain(
        'a',
        'filter hook forward priority 0',
        'tcp dport 80 reject with tcp reset; tcp dport 8080 reject; udp dport 8080 reject with icmp host-unreachable; icmp type echo-request reject with icmpx admin-prohibited',
      ),
      'inet',
    ),
    [
      [tcp('10.0.1.2', { dport: 80 }), 'reset'],
      [tcp(), 'icmp 3/3'],
      [udp(), 'icmp 3/1'],
      [icmp(), 'icmp 3/13'],
    ],
  ),
  whole(
    'reject with tcp reset leaves other protocols alone',
    table(chain('a', 'filter hook forward priority 0', 'ip saddr 10.0.0.2 reject with tcp reset')),
    [
      [tcp(), 'reset'],
      [udp(), 'connected'],
    ],
  ),
  whole(
    'reject at prerouting',
    table(chain('a', 'filter hook prerouting priority 0', `udp dport 8080 ${REJECT}`), 'inet'),
    [
      [udp(), HIT],
      [tcp(), 'connected'],
    ],
  ),
  whole(
    'a table of both families',
    table(
      chain(
        'a',
        'filter hook forward priority 0',
        `meta nfproto ipv6 drop; ip6 daddr ::1 drop; meta l4proto udp ${REJECT}`,
      ),
      'inet',
    ),
    [
      [udp(), HIT],
      [tcp(), 'connected'],
    ],
  ),
  whole(
    'a dormant table sleeps',
    `table ip t {\n flags dormant\n${chain('a', 'filter hook forward priority 0', 'drop')}}\n`,
    [[tcp(), 'connected']],
  ),
  whole(
    'what is done in front of a condition that fails stays done',
    table(
      `${chain('a', 'filter hook forward priority 0', 'mark set 0x7 ip daddr 10.9.9.1 accept')}${chain('b', 'filter hook forward priority 5', `mark 0x7 ${REJECT}`)}`,
    ),
    [[tcp(), HIT]],
  ),
  whole(
    'marks are masked and flipped',
    table(
      `${chain('a', 'filter hook prerouting priority 0', 'mark set 0xff; mark set mark and 0xf0; mark set mark or 0x1; mark set mark xor 0x10')}${chain('b', 'filter hook forward priority 5', `mark 0xe1 ${REJECT}`)}`,
    ),
    [[tcp(), HIT]],
  ),
  whole(
    'a mark comes from a map',
    table(
      `${chain('a', 'filter hook prerouting priority 0', 'mark set tcp dport map { 80 : 0x1, 8080 : 0x2 }')}${chain('b', 'filter hook forward priority 5', `mark 0x2 ${REJECT}`)}`,
    ),
    [
      [tcp(), HIT],
      [udp(), 'connected'],
    ],
  ),
  whole(
    'the mark of a connection comes back to its packets',
    table(
      `${chain('a', 'filter hook prerouting priority 0', 'ip protocol udp ct mark set 0x9; ct mark 0x9 mark set ct mark')}${chain('b', 'filter hook forward priority 5', `iifname eth0 mark 0x9 ${REJECT}`)}`,
    ),
    [
      [udp(), HIT],
      [tcp(), 'connected'],
    ],
  ),
  whole(
    'rules fill a set, and later rules find it',
    table(
      ` set seen {\n  type ipv4_addr\n  size 65535\n  flags dynamic,timeout\n  timeout 1h\n }\n${chain('a', 'filter hook prerouting priority 0', 'udp dport 8080 add @seen { ip daddr }')}${chain('b', 'filter hook forward priority 5', `ip daddr @seen ${REJECT}`)}`,
    ),
    [[udp(), HIT]],
  ),
  whole('the TTL is set', table(chain('a', 'filter hook prerouting priority 0', 'udp dport 8080 ip ttl set 1')), [
    [udp(), 'icmp 11/0'],
    [tcp(), 'connected'],
  ]),
  whole(
    'numgen inc takes one after the other',
    table(
      chain('a', 'filter hook forward priority 0', `ip saddr 10.0.0.2 numgen inc mod 2 vmap { 0 : drop, 1 : accept }`),
    ),
    [[udp(), 'silence']],
  ),
];

const ORDER: readonly Row[] = [
  whole(
    'in front of the filter table of iptables at -1, behind it at 1',
    table(
      `${chain('a', 'filter hook forward priority -1', 'udp dport 8080 drop')}${chain('b', 'filter hook forward priority 1', 'mark 0x3 drop')}`,
    ),
    [
      [udp(), 'silence'],
      [tcp(), 'silence'],
      [tcp(second), 'connected'],
    ],
    {
      iptables: rules(
        'mangle -A FORWARD -d 10.0.1.2/32 -p tcp -j MARK --set-xmark 0x3/0xffffffff',
        'filter -A FORWARD -p udp -j REJECT --reject-with icmp-admin-prohibited',
      ),
    },
  ),
  whole(
    'iptables loaded before stands behind a chain of the same priority',
    table(chain('a', 'filter hook forward priority 0', 'udp dport 8080 drop')),
    [
      [udp(), 'silence'],
      [tcp(), 'icmp 3/13'],
    ],
    { iptables: rules('filter -A FORWARD -d 10.0.1.2/32 -j REJECT --reject-with icmp-admin-prohibited') },
  ),
  whole(
    'filters at -110 see the destination before translation, those at 0 behind it',
    table(
      `${chain('a', 'filter hook prerouting priority -110', 'tcp dport 8082 drop')}${chain('d', 'nat hook prerouting priority dstnat', 'tcp dport 8081-8082 dnat to 10.0.1.2:8080')}${chain('b', 'filter hook forward priority 0', `tcp dport 8081 drop; tcp dport 8080 ip daddr 10.0.1.3 drop`)}`,
    ),
    [
      [to8081, 'connected'],
      [tcp('10.0.1.2', { dport: 8082 }), 'silence'],
    ],
  ),
  whole(
    'the first nat chain that translates has it; iptables is asked behind',
    table(`${chain('d', 'nat hook prerouting priority -100', 'tcp dport 8081 dnat to 10.0.1.2:8080')}`),
    [
      [to8081, 'connected'],
      [tcp('10.0.1.2', { dport: 8083 }), 'connected'],
    ],
    {
      iptables: rules(
        'nat -A PREROUTING -p tcp -m tcp --dport 8081 -j DNAT --to-destination 10.0.1.9',
        'nat -A PREROUTING -p tcp -m tcp --dport 8083 -j DNAT --to-destination 10.0.1.2:8080',
      ),
    },
  ),
];

const own = (words: string, hook = 'prerouting'): string =>
  table(chain('n', `nat hook ${hook} priority ${hook === 'postrouting' ? 'srcnat' : 'dstnat'}`, words));

const NAT: readonly Row[] = [
  whole('dnat to an address and a port', own('tcp dport 8081 dnat to 10.0.1.2:8080'), [[to8081, 'connected']]),
  whole('dnat to an address', own('ip daddr 10.0.1.77 dnat to 10.0.1.2'), [
    [tcp('10.0.1.77'), 'connected'],
    [icmp('10.0.1.77'), 'connected'],
  ]),
  whole(
    'dnat by a map of addresses and ports',
    own('meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 10.0.1.2 . 8080 }'),
    [[tcp('10.0.1.77', { dport: 5 }), 'connected']],
  ),
  whole(
    'dnat by a random choice of two',
    own(
      'meta l4proto tcp ip daddr 10.0.1.77 dnat ip to numgen random mod 2 map { 0 : 10.0.1.2 . 8080, 1 : 10.0.1.3 . 8080 }',
    ),
    [[tcp('10.0.1.77', { dport: 5 }), 'connected']],
  ),
  whole(
    'dnat through chains of endpoints',
    table(
      ` chain e0 {\n  meta l4proto tcp dnat to 10.0.1.2:8080\n }\n chain e1 {\n  meta l4proto tcp dnat to 10.0.1.3:9\n }\n chain s {\n  numgen random mod 2 vmap { 0 : goto e0, 1 : goto e1 }\n }\n${chain('n', 'nat hook prerouting priority dstnat', 'ip daddr 10.0.1.77 jump s')}`,
    ),
    [[tcp('10.0.1.77', { dport: 5 }), '']],
  ),
  whole('dnat by a map of source addresses', own('dnat to ip saddr map { 10.0.0.2 : 10.0.1.2, 10.0.0.3 : 10.0.1.3 }'), [
    [tcp('10.0.1.77'), 'connected'],
  ]),
  whole('redirect to a port of the router', own('tcp dport 8081 redirect to :8080'), [[to8081, 'reset']]),
  whole(
    'masquerade takes the address of the outgoing device',
    table(`${chain('n', 'nat hook postrouting priority srcnat', 'oifname eth1 masquerade')}`),
    [
      [tcp(), 'connected'],
      [udp(), 'connected'],
      [icmp(), 'connected'],
    ],
  ),
  whole(
    'masquerade fully-random of marked packets alone',
    table(
      `${chain('m', 'filter hook prerouting priority mangle', 'udp dport 8080 mark set mark or 0x4000')}${chain('n', 'nat hook postrouting priority srcnat', 'mark and 0x4000 == 0 return; mark set mark xor 0x4000; masquerade fully-random')}`,
    ),
    [
      [tcp(), 'connected'],
      [udp(), 'connected'],
    ],
  ),
  whole('snat to an address', own('ip daddr 10.0.1.2 snat to 10.0.1.1', 'postrouting'), [
    [tcp(), 'connected'],
    [tcp(second), 'connected'],
  ]),
  whole(
    'nat at output translates what the router sends',
    own('ip daddr 10.0.1.77 tcp dport 80 dnat to 10.0.1.2:8080', 'output'),
    [[tcp('10.0.1.77', { dport: 80, machine: 'router' }), 'connected']],
  ),
];

export const NFTABLES_ROWS: readonly Row[] = [...CONDITIONS, ...VERDICTS, ...ORDER, ...NAT];
