/** A row for every match, target, form of REJECT and type of set. */
import { icmp, type Row, rules, scene, tcp, udp } from './sweep-scene.ts';

type Probe = Row['probes'][number][0];

const HIT = 'icmp 3/13';
const REJECT = '-j REJECT --reject-with icmp-admin-prohibited';

/** `yes` probes meet a REJECT behind the match, `no` probes go on. */
function match(
  name: string,
  words: string,
  yes: readonly Probe[],
  no: readonly Probe[],
  more: {
    readonly before?: readonly string[];
    readonly ipsets?: string;
    readonly covers?: readonly string[];
    readonly remembers?: boolean;
  } = {},
): Row {
  const iptables = rules(...(more.before ?? []), `filter -A FORWARD ${words} ${REJECT}`);
  return {
    sentence: `${words} matches ${yes.length} and misses ${no.length} kinds of packets`,
    covers: [`match:${name}`, ...(words.includes('! ') ? [`not:${name}`] : []), ...(more.covers ?? [])],
    machines: scene({ router: { iptables, ...(more.ipsets === undefined ? {} : { ipsets: more.ipsets }) } }),
    probes: [...yes.map((probe) => [probe, HIT] as const), ...no.map((probe) => [probe, 'connected'] as const)],
    ...(more.remembers === true ? { remembers: true } : {}),
  };
}

const second = '10.0.1.3';
const markUdp = ['mangle -A PREROUTING -p udp -j MARK --set-xmark 0x5/0xffffffff'];
const connmarkUdp = ['mangle -A PREROUTING -p udp -j CONNMARK --set-xmark 0x5/0xffffffff'];
const dscpUdp = ['mangle -A PREROUTING -p udp -j DSCP --set-dscp 0x0a'];
const dnat = ['nat -A PREROUTING -p tcp -m tcp --dport 8081 -j DNAT --to-destination 10.0.1.2:8080'];
const to8081 = tcp('10.0.1.2', { dport: 8081 });

const MATCHES: readonly Row[] = [
  match('header', '-d 10.0.1.2/32 -i eth0 -o eth1', [tcp(), udp()], [tcp(second)]),
  match('header', '! -d 10.0.1.2/32', [tcp(second)], []),
  match('header', '-i eth0 ! -p tcp', [udp(), icmp()], [tcp()]),
  match('header', '-s 10.0.0.2/32 ! -o eth1', [], [tcp()]),
  match('addrtype', '-m addrtype --src-type UNICAST', [tcp()], []),
  match('addrtype', '-m addrtype ! --dst-type LOCAL -d 10.0.1.2/32', [tcp()], [tcp(second)]),
  match('comment', '-d 10.0.1.2/32 -m comment --comment "two words"', [tcp()], [tcp(second)]),
  match('connmark', '-m connmark --mark 0x5', [udp()], [tcp()], { before: connmarkUdp }),
  match('connmark', '-i eth0 -m connmark ! --mark 0x5', [tcp()], [udp()], { before: connmarkUdp }),
  match('conntrack', '-m conntrack --ctstate NEW -d 10.0.1.2/32', [tcp(), udp(), icmp()], [tcp(second)], {
    covers: ['state:NEW'],
  }),
  match('conntrack', '-m conntrack --ctstate RELATED,INVALID', [], [tcp(), udp(), icmp()], {
    covers: ['state:INVALID'],
  }),
  match('conntrack', '-m conntrack --ctstate DNAT', [to8081], [tcp()], { before: dnat }),
  match('conntrack', '-i eth0 -m conntrack ! --ctstate DNAT', [tcp()], [to8081], { before: dnat }),
  match('conntrack', '-i eth0 -m conntrack --ctorigdstport 8081 --ctdir ORIGINAL', [to8081], [tcp()], { before: dnat }),
  match('conntrack', '-m conntrack --ctstate UNTRACKED', [udp()], [tcp()], {
    before: ['raw -A PREROUTING -p udp -j CT --notrack'],
    covers: ['state:UNTRACKED'],
  }),
  match('dscp', '-m dscp --dscp 0x0a', [udp()], [tcp()], { before: dscpUdp }),
  match('dscp', '-i eth0 -m dscp ! --dscp 0x0a', [tcp()], [udp()], { before: dscpUdp }),
  match(
    'hashlimit',
    '-p udp -m hashlimit --hashlimit-upto 1/min --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name sweep1',
    [udp()],
    [tcp()],
    { remembers: true },
  ),
  match(
    'hashlimit',
    '-p udp -m hashlimit --hashlimit-above 1/min --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name sweep2',
    [],
    [udp()],
    { remembers: true },
  ),
  match('icmp', '-p icmp -m icmp --icmp-type 8', [icmp()], [tcp()]),
  match('icmp', '-i eth0 -p icmp -m icmp ! --icmp-type 0', [icmp()], [udp()]),
  match('iprange', '-m iprange --dst-range 10.0.1.3-10.0.1.9', [tcp(second)], [tcp()]),
  match('iprange', '-i eth0 -m iprange ! --dst-range 10.0.1.3-10.0.1.9', [tcp()], [tcp(second)]),
  match('length', '-m length --length 500:1400', [udp('10.0.1.2', { length: 700 })], [udp()]),
  match('length', '-i eth0 -p udp -m length ! --length 500:1400', [udp()], [udp('10.0.1.2', { length: 700 })]),
  match('limit', '-p udp -m limit --limit 1/min --limit-burst 1', [udp()], [tcp()], { remembers: true }),
  match('mac', '-m mac --mac-source 02:00:00:00:00:02', [tcp()], []),
  match(
    'mac',
    '-i eth1 -m mac ! --mac-source 02:00:00:00:01:02',
    [tcp('10.0.0.2', { machine: 'second' })],
    [tcp('10.0.0.2', { machine: 'server' })],
  ),
  match('mark', '-m mark --mark 0x5/0xff', [udp()], [tcp()], { before: markUdp }),
  match('mark', '-i eth0 -m mark ! --mark 0x5', [tcp()], [udp()], { before: markUdp }),
  match('multiport', '-p tcp -m multiport --dports 81,8000:8090', [tcp()], [tcp('10.0.1.2', { dport: 80 })]),
  match('multiport', '-i eth0 -p tcp -m multiport ! --dports 81,8000:8090', [tcp('10.0.1.2', { dport: 80 })], [tcp()]),
  match('nfacct', '-p udp -m nfacct --nfacct-name sweep', [udp()], [tcp()]),
  match('pkttype', '-m pkttype --pkt-type unicast', [tcp()], []),
  match('pkttype', '-m pkttype --pkt-type multicast', [], [tcp()]),
  match('pkttype', '-m pkttype ! --pkt-type broadcast', [tcp()], []),
  match('recent', '-p udp -m recent --set --name sweep --mask 255.255.255.255 --rsource', [udp()], [tcp()], {
    remembers: true,
  }),
  match('recent', '-m recent --rcheck --name sweep2 --mask 255.255.255.255 --rsource', [], [udp()], {
    remembers: true,
  }),
  match('sctp', '-p sctp -m sctp --dport 8080', [], [tcp()]),
  match('set', '-m set ! --match-set s dst -i eth0', [tcp(second)], [tcp()], {
    ipsets: 'create s hash:ip family inet hashsize 1024 maxelem 65536\nadd s 10.0.1.2\n',
  }),
  match('state', '-m state --state NEW -d 10.0.1.2/32', [tcp()], [tcp(second)]),
  match('state', '-i eth0 -m state ! --state ESTABLISHED', [tcp()], []),
  match('statistic', '-p udp -m statistic --mode nth --every 1 --packet 0', [udp()], [tcp()], { remembers: true }),
  match('statistic', '-i eth0 -p udp -m statistic --mode nth --every 2 --packet 1', [], [udp()], { remembers: true }),
  match('statistic', '-p udp -m statistic --mode random ! --probability 0.00000000000', [udp()], [tcp()]),
  match('string', '-m string --string "not in there" --algo bm', [], [tcp()]),
  match('tcp', '-p tcp -m tcp --tcp-flags SYN,ACK SYN', [tcp()], [udp()]),
  match('tcp', '-i eth0 -p tcp -m tcp ! --dport 80', [tcp()], [tcp('10.0.1.2', { dport: 80 })]),
  match('time', '-m time --datestart 2000-01-01T00:00:00', [tcp()], []),
  match('tos', '-m tos --tos 0x28/0xff', [udp()], [tcp()], { before: dscpUdp }),
  match('tos', '-i eth0 -m tos ! --tos 0x28/0xff', [tcp()], [udp()], { before: dscpUdp }),
  match('ttl', '-m ttl --ttl-lt 10', [tcp('10.0.1.2', { ttl: 5 })], [tcp()]),
  match('ttl', '-i eth0 -m ttl ! --ttl-eq 63', [tcp('10.0.1.2', { ttl: 5 })], [tcp()]),
  match('udp', '-p udp -m udp --dport 8000:8080', [udp()], [tcp()]),
  match('udp', '-i eth0 -p udp -m udp ! --dport 53', [udp()], [tcp()]),
  {
    sentence: 'rpfilter --invert meets a source without a route back',
    covers: ['match:rpfilter'],
    machines: scene({ router: { iptables: rules('raw -A PREROUTING -m rpfilter --invert -j DROP') } }),
    probes: [
      [tcp('10.0.1.2', { source: '10.9.9.9' }), 'silence'],
      [tcp(), 'connected'],
    ],
  },
  {
    sentence: 'owner knows the user of a local packet, and ! the others',
    covers: ['match:owner', 'not:owner'],
    machines: scene({
      client: {
        iptables: rules(
          'filter -A OUTPUT -p udp -m owner --uid-owner 1000 -j DROP',
          'filter -A OUTPUT -p tcp -m owner ! --uid-owner 1000 -j DROP',
        ),
      },
    }),
    probes: [
      [udp('10.0.1.2', { uid: 1000, gid: 1000 }), 'EPERM'],
      [udp(), 'connected'],
      [tcp('10.0.1.2', { uid: 1000, gid: 1000 }), 'connected'],
    ],
  },
];

const HASH = 'family inet hashsize 1024 maxelem 65536';

function set(
  type: string,
  create: string,
  directions: string,
  entries: readonly string[],
  yes: readonly Probe[],
  no: readonly Probe[],
): Row {
  const ipsets = [`create s ${type} ${create}`, ...entries.map((entry) => `add s ${entry}`), ''].join('\n');
  return match('set', `-i eth0 -m set --match-set s ${directions}`, yes, no, { ipsets, covers: [`set:${type}`] });
}

const SETS: readonly Row[] = [
  set('hash:ip', HASH, 'dst', ['10.0.1.2'], [tcp(), icmp()], [tcp(second)]),
  set('hash:net', HASH, 'dst', ['10.0.1.0/24', '10.0.1.3 nomatch'], [tcp()], [tcp(second)]),
  set(
    'hash:ip,port',
    HASH,
    'dst,dst',
    ['10.0.1.2,udp:8080', '10.0.1.2,icmp:echo-request'],
    [udp(), icmp()],
    [tcp(), udp(second)],
  ),
  set('hash:ip,port,ip', HASH, 'dst,dst,src', ['10.0.1.2,tcp:8080,10.0.0.2'], [tcp()], [udp(), tcp(second)]),
  set('hash:ip,port,net', HASH, 'dst,dst,src', ['10.0.1.2,tcp:8080,10.0.0.0/24'], [tcp()], [udp(), tcp(second)]),
  set('hash:net,port', HASH, 'dst,dst', ['10.0.1.2/31,tcp:8080'], [tcp(), tcp(second)], [udp()]),
  set('hash:net,iface', HASH, 'dst,src', ['10.0.1.2/32,eth0'], [tcp()], [tcp(second)]),
  set('bitmap:ip', 'range 10.0.1.0-10.0.1.255', 'dst', ['10.0.1.2'], [tcp()], [tcp(second)]),
  set('bitmap:port', 'range 0-65535', 'dst', ['8080'], [tcp(), udp()], [tcp('10.0.1.2', { dport: 80 })]),
  match('set', '-i eth0 -m set --match-set l dst', [tcp()], [tcp(second)], {
    ipsets: `create s hash:ip ${HASH}\nadd s 10.0.1.2\ncreate l list:set size 8\nadd l s\n`,
    covers: ['set:list:set'],
  }),
];

const REJECTS: readonly Row[] = [
  ['icmp-net-unreachable', '3/0'],
  ['icmp-host-unreachable', '3/1'],
  ['icmp-proto-unreachable', '3/2'],
  ['icmp-port-unreachable', '3/3'],
  ['icmp-net-prohibited', '3/9'],
  ['icmp-host-prohibited', '3/10'],
  ['icmp-admin-prohibited', '3/13'],
].map(
  ([form, code]): Row => ({
    sentence: `REJECT with ${form} is ICMP ${code} to TCP, UDP and ICMP`,
    covers: ['target:REJECT', `reject:${form}`],
    machines: scene({ router: { iptables: rules(`filter -A FORWARD -j REJECT --reject-with ${form}`) } }),
    probes: [
      [tcp(), `icmp ${code} from 10.0.0.1`],
      [udp(), `icmp ${code} from 10.0.0.1`],
      [icmp(), `icmp ${code} from 10.0.0.1`],
    ],
  }),
);

/** A rule of the router, and what its probes see. */
function target(
  name: string,
  sentence: string,
  lines: readonly string[],
  probes: Row['probes'],
  more: { readonly ipsets?: string } = {},
): Row {
  return {
    sentence: `${name}: ${sentence}`,
    covers: [`target:${name}`],
    machines: scene({ router: { iptables: rules(...lines), ...more } }),
    probes,
  };
}

const MARKED = `filter -A FORWARD -m mark --mark 0x7 ${REJECT}`;

const TARGETS: readonly Row[] = [
  target(
    'ACCEPT',
    'ends its chain before the DROP behind it',
    ['filter -A FORWARD -p tcp -j ACCEPT', 'filter -A FORWARD -j DROP'],
    [
      [tcp(), 'connected'],
      [udp(), 'silence'],
    ],
  ),
  target('DROP', 'is silence', ['filter -A FORWARD -j DROP'], [[tcp(), 'silence']]),
  target(
    'RETURN',
    'goes on behind the jump',
    [
      'filter :user',
      'filter -A FORWARD -j user',
      `filter -A FORWARD ${REJECT}`,
      'filter -A user -j RETURN',
      'filter -A user -j DROP',
    ],
    [[tcp(), HIT]],
  ),
  target('QUEUE', 'drops where nobody reads the queue', ['filter -A FORWARD -j QUEUE'], [[tcp(), 'silence']]),
  target(
    'NFQUEUE',
    'drops where nobody reads the queue, except with --queue-bypass',
    [
      'filter -A FORWARD -p tcp -j NFQUEUE --queue-num 1 --queue-bypass',
      'filter -A FORWARD -p udp -j NFQUEUE --queue-num 2',
    ],
    [
      [tcp(), 'connected'],
      [udp(), 'silence'],
    ],
  ),
  {
    ...target(
      'REJECT',
      'tcp-reset is a RST',
      ['filter -A FORWARD -p tcp -j REJECT --reject-with tcp-reset'],
      [
        [tcp(), 'reset'],
        [udp(), 'connected'],
      ],
    ),
    covers: ['target:REJECT', 'reject:tcp-reset'],
  },
  target(
    'LOG',
    'changes nothing',
    ['filter -A FORWARD -j LOG --log-prefix "x "', `filter -A FORWARD ${REJECT}`],
    [[tcp(), HIT]],
  ),
  target(
    'NFLOG',
    'changes nothing',
    ['filter -A FORWARD -j NFLOG --nflog-group 5', `filter -A FORWARD ${REJECT}`],
    [[tcp(), HIT]],
  ),
  target(
    'MARK',
    'sets bits under a mask',
    [
      'mangle -A PREROUTING -p udp -j MARK --set-xmark 0x3/0x3',
      'mangle -A PREROUTING -p udp -j MARK --set-xmark 0x4/0x0',
      MARKED,
    ],
    [
      [udp(), HIT],
      [tcp(), 'connected'],
    ],
  ),
  target(
    'CONNMARK',
    'restores what was saved',
    [
      'mangle -A PREROUTING -p udp -j MARK --set-xmark 0x7/0xffffffff',
      'mangle -A PREROUTING -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff',
      'mangle -A PREROUTING -j MARK --set-xmark 0x0/0xffffffff',
      'mangle -A FORWARD -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff',
      MARKED,
    ],
    [
      [udp(), HIT],
      [tcp(), 'connected'],
    ],
  ),
  target(
    'DNAT',
    'to another address and port',
    ['nat -A PREROUTING -d 10.0.0.1/32 -p tcp -m tcp --dport 90 -j DNAT --to-destination 10.0.1.3:8080'],
    [[tcp('10.0.0.1', { dport: 90 }), '(at second']],
  ),
  target(
    'DNAT',
    'to a range of addresses takes one of them',
    ['nat -A PREROUTING -d 10.0.0.1/32 -p tcp -j DNAT --to-destination 10.0.1.2-10.0.1.3'],
    [[tcp('10.0.0.1'), 'connected']],
  ),
  target(
    'SNAT',
    'the server sees the given address',
    ['nat -A POSTROUTING -o eth1 -j SNAT --to-source 10.0.1.1'],
    [
      [tcp(), ', 10.0.1.1:'],
      [udp(), ', 10.0.1.1:'],
    ],
  ),
  target(
    'SNAT',
    'in a chain behind POSTROUTING that sees by which device the packet came in',
    [
      'nat :came-in',
      'nat -A came-in -i eth0 -p tcp -j SNAT --to-source 10.0.1.1',
      'nat -A came-in -i eth1 -p udp -j SNAT --to-source 10.0.1.1',
      'nat -A POSTROUTING -j came-in',
    ],
    [
      [tcp(), ', 10.0.1.1:'],
      [udp(), ', 10.0.0.2:'],
    ],
  ),
  target(
    'DROP',
    'in a chain behind POSTROUTING: what the machine sends itself came in by no device',
    ['mangle :sent', 'mangle -A sent ! -i eth+ -j DROP', 'mangle -A POSTROUTING -j sent'],
    [
      [udp(), 'connected'],
      [udp('10.0.1.2', { machine: 'router' }), 'EPERM'],
    ],
  ),
  target(
    'SNAT',
    'to a range of ports',
    ['nat -A POSTROUTING -o eth1 -p tcp -j SNAT --to-source 10.0.1.1:40000-40010'],
    [[tcp(), ', 10.0.1.1:400']],
  ),
  target(
    'MASQUERADE',
    'the server sees the address of the way out, with a port of the range',
    ['nat -A POSTROUTING -o eth1 -p tcp -j MASQUERADE --to-ports 41000-41010'],
    [[tcp(), ', 10.0.1.1:410']],
  ),
  target(
    'MASQUERADE',
    'without options',
    ['nat -A POSTROUTING -o eth1 -j MASQUERADE'],
    [
      [tcp(), ', 10.0.1.1:'],
      [icmp(), 'connected'],
    ],
  ),
  {
    ...target(
      'REDIRECT',
      'takes the packet to the router itself',
      [],
      [[tcp('10.0.1.2', { dport: 99 }), '(at router']],
    ),
    machines: scene({
      router: {
        listen: ['8080/tcp'],
        iptables: rules('nat -A PREROUTING -p tcp -m tcp --dport 99 -j REDIRECT --to-ports 8080'),
      },
    }),
  },
  target(
    'NETMAP',
    'keeps the host bits',
    ['nat -A PREROUTING -d 10.7.7.0/24 -j NETMAP --to 10.0.1.0/24'],
    [[tcp('10.7.7.3'), '(at second']],
  ),
  target(
    'CT',
    '--notrack keeps a packet from NAT',
    ['raw -A PREROUTING -p tcp -j CT --notrack', 'nat -A PREROUTING -d 10.0.0.1/32 -j DNAT --to-destination 10.0.1.2'],
    [
      [tcp('10.0.0.1'), 'reset'],
      [udp('10.0.0.1'), '(at server'],
    ],
  ),
  target(
    'NOTRACK',
    'is the old word for it',
    ['raw -A PREROUTING -p tcp -j NOTRACK', 'nat -A PREROUTING -d 10.0.0.1/32 -j DNAT --to-destination 10.0.1.2'],
    [
      [tcp('10.0.0.1'), 'reset'],
      [udp('10.0.0.1'), '(at server'],
    ],
  ),
  target(
    'TCPMSS',
    'lets the SYN go on',
    ['mangle -A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'],
    [[tcp(), 'connected']],
  ),
  target(
    'CLASSIFY',
    'lets the packet go on',
    ['mangle -A POSTROUTING -j CLASSIFY --set-class 1:2'],
    [[tcp(), 'connected']],
  ),
  target(
    'CHECKSUM',
    'lets the packet go on',
    ['mangle -A POSTROUTING -p udp -j CHECKSUM --checksum-fill'],
    [[udp(), 'connected']],
  ),
  target(
    'TRACE',
    'changes nothing',
    ['raw -A PREROUTING -p udp -j TRACE', `filter -A FORWARD ${REJECT}`],
    [[udp(), HIT]],
  ),
  target(
    'DSCP',
    'is seen by the match',
    [...dscpUdp, `filter -A FORWARD -m dscp --dscp 0x0a ${REJECT}`],
    [
      [udp(), HIT],
      [tcp(), 'connected'],
    ],
  ),
  target(
    'TOS',
    'is seen by the match',
    ['mangle -A PREROUTING -p udp -j TOS --set-tos 0x10/0xff', `filter -A FORWARD -m tos --tos 0x10/0xff ${REJECT}`],
    [
      [udp(), HIT],
      [tcp(), 'connected'],
    ],
  ),
  target(
    'TTL',
    'set to 1 ends the packet at the router',
    ['mangle -A PREROUTING -p udp -j TTL --ttl-set 1'],
    [
      [udp(), 'icmp 11/0 from 10.0.0.1'],
      [tcp(), 'connected'],
    ],
  ),
  target(
    'SET',
    'lets the packet go on',
    ['filter -A FORWARD -j SET --add-set s src', `filter -A FORWARD -p udp ${REJECT}`],
    [
      [tcp(), 'connected'],
      [udp(), HIT],
    ],
    { ipsets: `create s hash:ip ${HASH}\n` },
  ),
  target(
    'TPROXY',
    'without a socket drops the packet',
    ['mangle -A PREROUTING -p tcp -j TPROXY --on-port 9999 --on-ip 127.0.0.1 --tproxy-mark 0x1/0x1'],
    [
      [tcp(), 'silence'],
      [udp(), 'connected'],
    ],
  ),
];

export const NETFILTER_ROWS: readonly Row[] = [...MATCHES, ...SETS, ...REJECTS, ...TARGETS];
