/** Every form of every target: the words of a rule, what iptables-save makes of them, and what happens to a packet. */
import type { Hook, TableName } from '../../../../src/kernel/netfilter/hook.ts';
import type { TargetOutcome } from '../../../../src/kernel/netfilter/target.ts';
import { type IpAddr, parseIp } from '../../../../src/net/address.ts';

export type Row = {
  readonly name: string;
  readonly family: 4 | 6;
  readonly table: TableName;
  readonly chain: Hook;
  /** What stands in front of -j, in iptables-save's own form. */
  readonly header: string;
  /** Target and options as somebody may write them. */
  readonly words: readonly string[];
  /** As iptables-save prints target and options. */
  readonly printed: string;
  /** For the packet of packet.ts: mark 0x5, connection mark 0xab00, TTL 64, DSCP 1. */
  readonly outcome: TargetOutcome;
  readonly needsConntrack?: true;
  readonly standard?: true;
};

export function ip(text: string): IpAddr {
  const address = parseIp(text);
  if (address === undefined) throw new Error(text);
  return address;
}

type Place = Pick<Row, 'table' | 'chain'> & Partial<Pick<Row, 'family' | 'header' | 'needsConntrack' | 'standard'>>;

const on = (
  place: Place,
  rows: readonly (readonly [
    name: string,
    words: string | readonly string[],
    printed: string,
    outcome: TargetOutcome,
  ])[],
): readonly Row[] =>
  rows.map(([name, words, printed, outcome]) => ({
    family: 4,
    header: '',
    ...place,
    name,
    words: typeof words === 'string' ? words.split(' ') : words,
    printed,
    outcome,
  }));

const range = (first: string, last = first) => ({ addresses: { first: ip(first), last: ip(last) } });
const ports = (first: number, last = first) => ({ ports: { first, last } });
const reject = (kind: Extract<TargetOutcome, { kind: 'reject' }>['with']): TargetOutcome => ({
  kind: 'reject',
  with: kind,
});
const mark = (value: number): TargetOutcome => ({ kind: 'mark', mark: value });
const connmark = (value: number): TargetOutcome => ({ kind: 'connmark', mark: value });
const alter = (what: string, more: { readonly ttl?: number; readonly dscp?: number } = {}): TargetOutcome => ({
  kind: 'alter',
  what,
  ...more,
});

const tcp = { header: '-p tcp' } as const;
const input = { table: 'filter', chain: 'INPUT' } as const;
const mangle = { table: 'mangle', chain: 'PREROUTING' } as const;
const raw = { table: 'raw', chain: 'PREROUTING' } as const;
const nat = { table: 'nat', needsConntrack: true, ...tcp } as const;
const syn = '-p tcp -m tcp --tcp-flags SYN,RST SYN';

export const ROWS: readonly Row[] = [
  ...on({ ...input, standard: true }, [
    ['ACCEPT takes nothing', 'ACCEPT', '-j ACCEPT', { kind: 'accept' }],
    ['DROP takes nothing', 'DROP', '-j DROP', { kind: 'drop' }],
    ['RETURN takes nothing', 'RETURN', '-j RETURN', { kind: 'return' }],
    [
      'QUEUE is queue 0 of old',
      'QUEUE',
      '-j QUEUE',
      { kind: 'unknown', what: 'a program behind queue 0 decides', otherwise: 'accept' },
    ],
  ]),
  ...on(input, [
    [
      'NFQUEUE has queue 0',
      'NFQUEUE',
      '-j NFQUEUE --queue-num 0',
      { kind: 'unknown', what: 'a program behind queue 0 decides', otherwise: 'accept' },
    ],
    [
      'NFQUEUE names its queue',
      'NFQUEUE --queue-num 5 --queue-bypass',
      '-j NFQUEUE --queue-num 5 --queue-bypass',
      { kind: 'unknown', what: 'a program behind queue 5 decides', otherwise: 'accept' },
    ],
    [
      'NFQUEUE spreads over queues',
      'NFQUEUE --queue-cpu-fanout --queue-bypass --queue-balance 1:4',
      '-j NFQUEUE --queue-balance 1:4 --queue-bypass --queue-cpu-fanout',
      { kind: 'unknown', what: 'a program behind queue 1 to 4 decides', otherwise: 'accept' },
    ],
    [
      'REJECT says port unreachable',
      'REJECT',
      '-j REJECT --reject-with icmp-port-unreachable',
      reject('icmp-port-unreachable'),
    ],
    [
      'REJECT net-unreach',
      'REJECT --reject-with net-unreach',
      '-j REJECT --reject-with icmp-net-unreachable',
      reject('icmp-net-unreachable'),
    ],
    [
      'REJECT host-unreach',
      'REJECT --reject-with host-unreach',
      '-j REJECT --reject-with icmp-host-unreachable',
      reject('icmp-host-unreachable'),
    ],
    [
      'REJECT proto-unreach',
      'REJECT --reject-with proto-unreach',
      '-j REJECT --reject-with icmp-proto-unreachable',
      reject('icmp-proto-unreachable'),
    ],
    [
      'REJECT port-unreach',
      'REJECT --reject-with port-unreach',
      '-j REJECT --reject-with icmp-port-unreachable',
      reject('icmp-port-unreachable'),
    ],
    [
      'REJECT net-prohib',
      'REJECT --reject-with net-prohib',
      '-j REJECT --reject-with icmp-net-prohibited',
      reject('icmp-net-prohibited'),
    ],
    [
      'REJECT host-prohib',
      'REJECT --reject-with host-prohib',
      '-j REJECT --reject-with icmp-host-prohibited',
      reject('icmp-host-prohibited'),
    ],
    [
      'REJECT admin-prohib',
      'REJECT --reject-with admin-prohib',
      '-j REJECT --reject-with icmp-admin-prohibited',
      reject('icmp-admin-prohibited'),
    ],
    [
      'REJECT by the long name',
      'REJECT --reject-with=icmp-host-prohibited',
      '-j REJECT --reject-with icmp-host-prohibited',
      reject('icmp-host-prohibited'),
    ],
    [
      'REJECT by the beginning of a name',
      'REJECT --reject-with icmp-p',
      '-j REJECT --reject-with icmp-proto-unreachable',
      reject('icmp-proto-unreachable'),
    ],
    ['LOG has level 4 and no prefix', 'LOG', '-j LOG', { kind: 'log', prefix: '' }],
    ['LOG leaves the default level out', 'LOG --log-level warning', '-j LOG', { kind: 'log', prefix: '' }],
    ['LOG takes a level by name', 'LOG --log-level debug', '-j LOG --log-level 7', { kind: 'log', prefix: '' }],
    [
      'LOG prints a plain prefix bare',
      'LOG --log-prefix abc_1-2',
      '-j LOG --log-prefix abc_1-2',
      { kind: 'log', prefix: 'abc_1-2' },
    ],
    [
      'LOG quotes other prefixes',
      ['LOG', '--log-prefix', 'a b: "c" \\d \'e\' '],
      '-j LOG --log-prefix "a b: \\"c\\" \\\\d \\\'e\\\' "',
      { kind: 'log', prefix: 'a b: "c" \\d \'e\' ' },
    ],
    [
      'LOG cuts the prefix at 29 characters',
      'LOG --log-prefix 123456789012345678901234567890',
      '-j LOG --log-prefix 12345678901234567890123456789',
      { kind: 'log', prefix: '12345678901234567890123456789' },
    ],
    [
      'LOG prints its flags in order',
      'LOG --log-macdecode --log-uid --log-ip-options --log-tcp-options --log-tcp-sequence --log-level 0 --log-prefix x',
      '-j LOG --log-prefix x --log-level 0 --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode',
      { kind: 'log', prefix: 'x' },
    ],
    ['NFLOG has group 0', 'NFLOG', '-j NFLOG', { kind: 'log', prefix: '' }],
    [
      'NFLOG prints all',
      'NFLOG --nflog-size 4 --nflog-threshold 9 --nflog-prefix pf --nflog-group 5',
      '-j NFLOG --nflog-prefix pf --nflog-group 5 --nflog-size 4 --nflog-threshold 9',
      { kind: 'log', prefix: 'pf' },
    ],
    [
      'NFLOG prints the range that never worked',
      'NFLOG --nflog-group 3 --nflog-range 9',
      '-j NFLOG --nflog-group 3 --nflog-range 9',
      { kind: 'log', prefix: '' },
    ],
  ]),
  ...on({ ...input, ...tcp }, [
    ['REJECT with a reset', 'REJECT --reject-with tcp-rst', '-j REJECT --reject-with tcp-reset', reject('tcp-reset')],
  ]),
  ...on({ ...input, family: 6 }, [
    [
      'REJECT of IPv6 says port unreachable',
      'REJECT',
      '-j REJECT --reject-with icmp6-port-unreachable',
      reject('icmp6-port-unreachable'),
    ],
    [
      'REJECT no-route',
      'REJECT --reject-with no-route',
      '-j REJECT --reject-with icmp6-no-route',
      reject('icmp6-no-route'),
    ],
    [
      'REJECT adm-prohibited',
      'REJECT --reject-with adm-prohibited',
      '-j REJECT --reject-with icmp6-adm-prohibited',
      reject('icmp6-adm-prohibited'),
    ],
    [
      'REJECT addr-unreach',
      'REJECT --reject-with addr-unreach',
      '-j REJECT --reject-with icmp6-addr-unreachable',
      reject('icmp6-addr-unreachable'),
    ],
    [
      'REJECT port-unreach of IPv6',
      'REJECT --reject-with port-unreach',
      '-j REJECT --reject-with icmp6-port-unreachable',
      reject('icmp6-port-unreachable'),
    ],
    [
      'REJECT policy-fail',
      'REJECT --reject-with policy-fail',
      '-j REJECT --reject-with icmp6-policy-fail',
      reject('icmp6-policy-fail'),
    ],
    [
      'REJECT reject-route',
      'REJECT --reject-with reject-route',
      '-j REJECT --reject-with icmp6-reject-route',
      reject('icmp6-reject-route'),
    ],
  ]),
  ...on({ ...input, ...tcp, family: 6 }, [
    [
      'REJECT of IPv6 with a reset',
      'REJECT --reject-with tcp-reset',
      '-j REJECT --reject-with tcp-reset',
      reject('tcp-reset'),
    ],
  ]),
  ...on(mangle, [
    ['MARK sets', 'MARK --set-mark 0x10', '-j MARK --set-xmark 0x10/0xffffffff', mark(0x10)],
    ['MARK sets under a mask', 'MARK --set-mark 0x10/0xf0', '-j MARK --set-xmark 0x10/0xf0', mark(0x15)],
    [
      'MARK --set-mark widens the mask to the value',
      'MARK --set-mark 0x10/0x1',
      '-j MARK --set-xmark 0x10/0x11',
      mark(0x14),
    ],
    [
      'MARK --set-xmark flips what the mask leaves',
      'MARK --set-xmark 0x4/0x0',
      '-j MARK --set-xmark 0x4/0x0',
      mark(0x1),
    ],
    ['MARK --set-xmark without a mask', 'MARK --set-xmark 7', '-j MARK --set-xmark 0x7/0xffffffff', mark(7)],
    ['MARK ors', 'MARK --or-mark 0x4000', '-j MARK --set-xmark 0x4000/0x4000', mark(0x4005)],
    ['MARK ands', 'MARK --and-mark 0x4', '-j MARK --set-xmark 0x0/0xfffffffb', mark(0x4)],
    ['MARK xors', 'MARK --xor-mark 0x3', '-j MARK --set-xmark 0x3/0x0', mark(0x6)],
    [
      'MARK uses all 32 bits',
      'MARK --set-mark 0xffffffff',
      '-j MARK --set-xmark 0xffffffff/0xffffffff',
      mark(0xffffffff),
    ],
    ['MARK reads octal', 'MARK --set-mark 010', '-j MARK --set-xmark 0x8/0xffffffff', mark(8)],
  ]),
  ...on({ ...mangle, needsConntrack: true }, [
    ['CONNMARK sets', 'CONNMARK --set-mark 1', '-j CONNMARK --set-xmark 0x1/0xffffffff', connmark(1)],
    [
      'CONNMARK sets under a mask',
      'CONNMARK --set-xmark 0x1/0xff00',
      '-j CONNMARK --set-xmark 0x1/0xff00',
      connmark(1),
    ],
    ['CONNMARK ors', 'CONNMARK --or-mark 1', '-j CONNMARK --set-xmark 0x1/0x1', connmark(0xab01)],
    ['CONNMARK ands', 'CONNMARK --and-mark 0xff00ff', '-j CONNMARK --set-xmark 0x0/0xff00ff00', connmark(0)],
    ['CONNMARK xors', 'CONNMARK --xor-mark 0xff00', '-j CONNMARK --set-xmark 0xff00/0x0', connmark(0x5400)],
    [
      'CONNMARK saves',
      'CONNMARK --save-mark',
      '-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff',
      connmark(5),
    ],
    [
      'CONNMARK saves under one mask',
      'CONNMARK --save-mark --mask 0xff',
      '-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff',
      connmark(0xab05),
    ],
    [
      'CONNMARK saves under two masks',
      'CONNMARK --save-mark --ctmask 0xf00 --nfmask 0x1',
      '-j CONNMARK --save-mark --nfmask 0x1 --ctmask 0xf00',
      connmark(0xa001),
    ],
    [
      'CONNMARK restores',
      'CONNMARK --restore-mark',
      '-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff',
      mark(0xab00),
    ],
    [
      'CONNMARK restores under masks',
      'CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf00',
      '-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf00',
      mark(0xb00),
    ],
    [
      'CONNMARK restores shifted',
      'CONNMARK --restore-mark --right-shift-mark 8',
      '-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 8',
      mark(0xab),
    ],
    [
      'CONNMARK saves shifted',
      'CONNMARK --save-mark --left-shift-mark 4',
      '-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 4',
      connmark(0x50),
    ],
  ]),
  ...on({ ...nat, chain: 'PREROUTING' }, [
    [
      'DNAT to an address',
      'DNAT --to-destination 10.0.0.1',
      '-j DNAT --to-destination 10.0.0.1',
      { kind: 'dnat', range: range('10.0.0.1') },
    ],
    [
      'DNAT to a port of it',
      'DNAT --to-destination 10.0.0.1:80',
      '-j DNAT --to-destination 10.0.0.1:80',
      { kind: 'dnat', range: { ...range('10.0.0.1'), ...ports(80) } },
    ],
    [
      'DNAT to a range',
      'DNAT --to-destination 10.0.0.1-10.0.0.9:80-90',
      '-j DNAT --to-destination 10.0.0.1-10.0.0.9:80-90',
      { kind: 'dnat', range: { ...range('10.0.0.1', '10.0.0.9'), ...ports(80, 90) } },
    ],
    [
      'DNAT prints a range of one as one',
      'DNAT --to-destination 10.0.0.1-10.0.0.1:80-80',
      '-j DNAT --to-destination 10.0.0.1:80',
      { kind: 'dnat', range: { ...range('10.0.0.1'), ...ports(80) } },
    ],
    [
      'DNAT to a port alone',
      'DNAT --to-destination :8080',
      '-j DNAT --to-destination :8080',
      { kind: 'dnat', range: ports(8080) },
    ],
    [
      'DNAT with a base port',
      'DNAT --to-destination 10.0.0.1:80-90/100',
      '-j DNAT --to-destination 10.0.0.1:80-90/100',
      { kind: 'dnat', range: { ...range('10.0.0.1'), ...ports(80, 90), basePort: 100 } },
    ],
    [
      'DNAT with flags',
      'DNAT --persistent --random --to-destination 10.0.0.1',
      '-j DNAT --to-destination 10.0.0.1 --random --persistent',
      { kind: 'dnat', range: { ...range('10.0.0.1'), random: true, persistent: true } },
    ],
    [
      'DNAT abbreviated',
      'DNAT --to 10.0.0.1 --rand',
      '-j DNAT --to-destination 10.0.0.1 --random',
      { kind: 'dnat', range: { ...range('10.0.0.1'), random: true } },
    ],
    ['REDIRECT keeps the port', 'REDIRECT', '-j REDIRECT', { kind: 'redirect', range: {} }],
    [
      'REDIRECT to a port',
      'REDIRECT --to-port 3128',
      '-j REDIRECT --to-ports 3128',
      { kind: 'redirect', range: ports(3128) },
    ],
    [
      'REDIRECT to ports at random',
      'REDIRECT --random --to-ports 80-90',
      '-j REDIRECT --to-ports 80-90 --random',
      { kind: 'redirect', range: { ...ports(80, 90), random: true } },
    ],
    [
      'NETMAP maps destinations where packets come in',
      'NETMAP --to 10.1.2.3/24',
      '-j NETMAP --to 10.1.2.0/24',
      { kind: 'dnat', range: { ...range('10.1.2.0', '10.1.2.255'), netmap: 24 } },
    ],
  ]),
  ...on({ ...nat, chain: 'PREROUTING', header: '-p icmp' }, [
    [
      'DNAT takes the identifier of ICMP for a port',
      'DNAT --to-destination 10.0.0.1:5',
      '-j DNAT --to-destination 10.0.0.1:5',
      { kind: 'dnat', range: { ...range('10.0.0.1'), ...ports(5) } },
    ],
  ]),
  ...on({ ...nat, chain: 'PREROUTING', family: 6 }, [
    [
      'DNAT to an IPv6 address',
      'DNAT --to-destination [2001:db8::1]',
      '-j DNAT --to-destination 2001:db8::1',
      { kind: 'dnat', range: range('2001:db8::1') },
    ],
    [
      'DNAT to a port of an IPv6 address',
      'DNAT --to-destination [2001:db8::1]:80',
      '-j DNAT --to-destination [2001:db8::1]:80',
      { kind: 'dnat', range: { ...range('2001:db8::1'), ...ports(80) } },
    ],
    [
      'DNAT to an IPv6 range',
      'DNAT --to-destination 2001:db8::1-2001:db8::9',
      '-j DNAT --to-destination 2001:db8::1-2001:db8::9',
      { kind: 'dnat', range: range('2001:db8::1', '2001:db8::9') },
    ],
    [
      'DNAT to an IPv6 range with ports',
      'DNAT --to-destination [2001:db8::1-2001:db8::9]:80-90/7',
      '-j DNAT --to-destination [2001:db8::1-2001:db8::9]:80-90/7',
      { kind: 'dnat', range: { ...range('2001:db8::1', '2001:db8::9'), ...ports(80, 90), basePort: 7 } },
    ],
    [
      'DNAT of IPv6 to a port alone',
      'DNAT --to-destination :80',
      '-j DNAT --to-destination :80',
      { kind: 'dnat', range: ports(80) },
    ],
    ['REDIRECT of IPv6', 'REDIRECT --to-ports 80', '-j REDIRECT --to-ports 80', { kind: 'redirect', range: ports(80) }],
    [
      'NETMAP of IPv6',
      'NETMAP --to 2001:db8::1/64',
      '-j NETMAP --to 2001:db8::/64',
      { kind: 'dnat', range: { ...range('2001:db8::', '2001:db8::ffff:ffff:ffff:ffff'), netmap: 64 } },
    ],
  ]),
  ...on({ ...nat, chain: 'POSTROUTING' }, [
    [
      'SNAT to an address',
      'SNAT --to-source 10.0.0.1',
      '-j SNAT --to-source 10.0.0.1',
      { kind: 'snat', range: range('10.0.0.1') },
    ],
    [
      'SNAT with all flags',
      'SNAT --persistent --random-fully --random --to-source 10.0.0.1-10.0.0.9:1024-2048',
      '-j SNAT --to-source 10.0.0.1-10.0.0.9:1024-2048 --random --random-fully --persistent',
      {
        kind: 'snat',
        range: {
          ...range('10.0.0.1', '10.0.0.9'),
          ...ports(1024, 2048),
          random: true,
          randomFully: true,
          persistent: true,
        },
      },
    ],
    ['SNAT to a port alone', 'SNAT --to-source :99', '-j SNAT --to-source :99', { kind: 'snat', range: ports(99) }],
    ['MASQUERADE keeps the port', 'MASQUERADE', '-j MASQUERADE', { kind: 'masquerade', range: {} }],
    [
      'MASQUERADE fully at random',
      'MASQUERADE --random-fully',
      '-j MASQUERADE --random-fully',
      { kind: 'masquerade', range: { randomFully: true } },
    ],
    [
      'MASQUERADE with all',
      'MASQUERADE --random-fully --random --to-ports 1024-31000',
      '-j MASQUERADE --to-ports 1024-31000 --random --random-fully',
      { kind: 'masquerade', range: { ...ports(1024, 31000), random: true, randomFully: true } },
    ],
    [
      'NETMAP maps sources where packets go out',
      'NETMAP --to 10.1.2.3',
      '-j NETMAP --to 10.1.2.3/32',
      { kind: 'snat', range: { ...range('10.1.2.3'), netmap: 32 } },
    ],
  ]),
  ...on({ ...nat, chain: 'POSTROUTING', family: 6 }, [
    [
      'SNAT to a port of an IPv6 address',
      'SNAT --to-source [2001:db8::1]:80',
      '-j SNAT --to-source [2001:db8::1]:80',
      { kind: 'snat', range: { ...range('2001:db8::1'), ...ports(80) } },
    ],
    [
      'MASQUERADE of IPv6',
      'MASQUERADE --to-ports 80',
      '-j MASQUERADE --to-ports 80',
      { kind: 'masquerade', range: ports(80) },
    ],
  ]),
  ...on(raw, [
    ['CT --notrack needs no conntrack', 'CT --notrack', '-j CT --notrack', { kind: 'notrack' }],
    ['NOTRACK keeps its old name', 'NOTRACK', '-j NOTRACK', { kind: 'notrack' }],
    ['TRACE takes nothing', 'TRACE', '-j TRACE', { kind: 'trace' }],
  ]),
  ...on({ ...raw, ...tcp, needsConntrack: true }, [
    ['CT may say nothing', 'CT', '-j CT', alter('a template for the connection')],
    ['CT with a helper', 'CT --helper ftp', '-j CT --helper ftp', alter('a template for the connection')],
    ['CT with a zone', 'CT --zone 5', '-j CT --zone 5', alter('conntrack zone 5 (zones are not modelled)')],
    [
      'CT with a zone for one direction',
      'CT --zone-orig 0x5',
      '-j CT --zone-orig 5',
      alter('conntrack zone 5 (zones are not modelled)'),
    ],
    [
      'CT with the mark for a zone',
      'CT --zone-reply mark',
      '-j CT --zone-reply mark',
      alter('conntrack zone mark (zones are not modelled)'),
    ],
    ['CT does not print zone 0', 'CT --zone 0', '-j CT', alter('a template for the connection')],
    [
      'CT sorts events',
      'CT --zone 3 --expevents new --ctevents assured,new,related',
      '-j CT --ctevents new,related,assured --expevents new --zone 3',
      alter('conntrack zone 3 (zones are not modelled)'),
    ],
  ]),
  ...on({ table: 'mangle', chain: 'FORWARD', header: syn }, [
    ['TCPMSS sets', 'TCPMSS --set-mss 0x500', '-j TCPMSS --set-mss 1280', alter('MSS 1280')],
    [
      'TCPMSS clamps',
      'TCPMSS --clamp-mss-to-pmtu',
      '-j TCPMSS --clamp-mss-to-pmtu',
      alter('MSS clamped to the path MTU'),
    ],
  ]),
  ...on({ table: 'mangle', chain: 'POSTROUTING' }, [
    [
      'CLASSIFY pads the class',
      'CLASSIFY --set-class 1:B',
      '-j CLASSIFY --set-class 0001:000b',
      alter('class 0001:000b'),
    ],
    ['CHECKSUM fills in', 'CHECKSUM --checksum-fill', '-j CHECKSUM --checksum-fill', alter('checksum filled in')],
  ]),
  ...on(mangle, [
    ['DSCP by number', 'DSCP --set-dscp 10', '-j DSCP --set-dscp 0x0a', alter('DSCP 0x0a', { dscp: 10 })],
    ['DSCP by class', 'DSCP --set-dscp-class EF', '-j DSCP --set-dscp 0x2e', alter('DSCP 0x2e', { dscp: 46 })],
    ['DSCP class AF43', 'DSCP --set-dscp-class af43', '-j DSCP --set-dscp 0x26', alter('DSCP 0x26', { dscp: 38 })],
    ['DSCP class CS7', 'DSCP --set-dscp-class CS7', '-j DSCP --set-dscp 0x38', alter('DSCP 0x38', { dscp: 56 })],
    ['DSCP class BE', 'DSCP --set-dscp-class BE', '-j DSCP --set-dscp 0x00', alter('DSCP 0x00', { dscp: 0 })],
    ['TOS sets the byte', 'TOS --set-tos 16', '-j TOS --set-tos 0x10/0xff', alter('TOS 0x10/0xff', { dscp: 4 })],
    [
      'TOS sets under a mask',
      'TOS --set-tos 0x10/0x10',
      '-j TOS --set-tos 0x10/0x10',
      alter('TOS 0x10/0x10', { dscp: 5 }),
    ],
    ['TOS by name', 'TOS --set-tos Minimize-Delay', '-j TOS --set-tos 0x10/0x3f', alter('TOS 0x10/0x3f', { dscp: 4 })],
    ['TOS ands', 'TOS --and-tos 0x3', '-j TOS --set-tos 0x00/0xfc', alter('TOS 0x00/0xfc', { dscp: 0 })],
    ['TOS ors', 'TOS --or-tos 0x8', '-j TOS --set-tos 0x08/0x08', alter('TOS 0x08/0x08', { dscp: 3 })],
    ['TOS xors', 'TOS --xor-tos 0xc', '-j TOS --set-tos 0x0c/0x00', alter('TOS 0x0c/0x00', { dscp: 2 })],
    ['TTL sets', 'TTL --ttl-set 1', '-j TTL --ttl-set 1', alter('TTL 1', { ttl: 1 })],
    ['TTL adds up to 255', 'TTL --ttl-inc 250', '-j TTL --ttl-inc 250', alter('TTL 255', { ttl: 255 })],
    ['TTL takes away down to 0', 'TTL --ttl-dec 3', '-j TTL --ttl-dec 3', alter('TTL 61', { ttl: 61 })],
  ]),
  ...on({ ...mangle, family: 6 }, [
    ['HL sets', 'HL --hl-set 9', '-j HL --hl-set 9', alter('HL 9', { ttl: 9 })],
    ['HL adds', 'HL --hl-inc 1', '-j HL --hl-inc 1', alter('HL 65', { ttl: 65 })],
    ['HL takes away', 'HL --hl-dec 99', '-j HL --hl-dec 99', alter('HL 0', { ttl: 0 })],
  ]),
  ...on({ table: 'mangle', chain: 'FORWARD' }, [
    [
      'SET adds',
      'SET --add-set one src',
      '-j SET --add-set one src',
      alter('an entry added to set one (sets keep their entries in this model)'),
    ],
    [
      'SET adds with a timeout',
      'SET --exist --timeout 5 --add-set timed dst',
      '-j SET --add-set timed dst --exist --timeout 5',
      alter('an entry added to set timed (sets keep their entries in this model)'),
    ],
    [
      'SET adds and removes',
      'SET --del-set two src,dst --add-set one src',
      '-j SET --add-set one src --del-set two src,dst',
      alter('an entry added to set one, an entry removed from set two (sets keep their entries in this model)'),
    ],
    [
      'SET maps the priority',
      'SET --map-set timed src --map-prio',
      '-j SET --map-set timed src --map-prio',
      alter('metadata taken from set timed (sets keep their entries in this model)'),
    ],
    [
      'SET maps a mark that nobody knows',
      'SET --map-queue --map-mark --map-set timed src',
      '-j SET --map-set timed src --map-mark --map-queue',
      { kind: 'unknown', what: 'the mark comes from the entries of set timed' },
    ],
  ]),
  ...on({ ...mangle, ...tcp }, [
    [
      'TPROXY prints all it does not say',
      'TPROXY --on-port 80',
      '-j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0',
      { kind: 'unknown', what: 'a transparent socket on 0.0.0.0 port 80 may take the packet', otherwise: 'accept' },
    ],
    [
      'TPROXY with an address and a mark',
      'TPROXY --tproxy-mark 1 --on-ip 10.0.0.1 --on-port 80',
      '-j TPROXY --on-port 80 --on-ip 10.0.0.1 --tproxy-mark 0x1/0xffffffff',
      { kind: 'unknown', what: 'a transparent socket on 10.0.0.1 port 80 may take the packet', otherwise: 'accept' },
    ],
  ]),
  ...on({ ...mangle, ...tcp, family: 6 }, [
    [
      'TPROXY of IPv6',
      'TPROXY --on-port 80 --tproxy-mark 0x1/0xff',
      '-j TPROXY --on-port 80 --on-ip :: --tproxy-mark 0x1/0xff',
      { kind: 'unknown', what: 'a transparent socket on :: port 80 may take the packet', otherwise: 'accept' },
    ],
  ]),
];

/** Words that iptables refuses, with the place of the word that is wrong and a part of the message. */
export type WrongRow = Pick<Row, 'family' | 'table' | 'chain' | 'header' | 'words'> & {
  readonly at: number;
  readonly message: string;
};

const wrong = (
  place: Place,
  rows: readonly (readonly [words: string | readonly string[], at: number, message: string])[],
): readonly WrongRow[] =>
  rows.map(([words, at, message]) => ({
    family: 4,
    header: '',
    ...place,
    words: typeof words === 'string' ? words.split(' ') : words,
    at,
    message,
  }));

export const WRONG_ROWS: readonly WrongRow[] = [
  ...wrong(input, [
    ['REJECT --reject-with echo-reply', 2, 'unknown reject type'],
    ['REJECT --reject-with tcp-reset', 2, 'needs -p tcp'],
    ['REJECT --reject-with', 1, 'expected a value'],
    ['LOG --log-level err', 2, 'unknown log level'],
    ['LOG --log-level 8', 2, 'unknown log level'],
    ['LOG --log-prefix a --log-prefix b', 3, 'only once'],
    [['LOG', '--log-prefix', ''], 2, 'at least one'],
    ['NFLOG --nflog-group 65536', 2, 'from 0 to 65535'],
    ['NFQUEUE --queue-balance 4:4', 2, 'FIRST:LAST'],
    ['NFQUEUE --queue-num 1 --queue-cpu-fanout', 3, 'needs --queue-balance'],
    ['NFQUEUE --queue-num 70000', 2, 'from 0 to 65535'],
    ['MARK', 0, 'needs one of'],
    ['MARK --set-mark 0x1ffffffff', 2, '32 bits'],
    ['MARK --set-mark 1/2/3', 2, '32 bits'],
    ['MARK --and-mark 1/3', 2, 'no mask'],
    ['MARK --set-mark 1 --or-mark 2', 4, 'exclude'],
    ['CONNMARK --mask 3', 2, 'needs one of'],
    ['CONNMARK --save-mark --mask 1 --nfmask 2', 5, 'exclude'],
    ['CONNMARK --save-mark --left-shift-mark 33', 3, 'from 0 to 31'],
  ]),
  ...wrong({ ...input, family: 6 }, [['REJECT --reject-with icmp6-not-neighbour', 2, 'unknown reject type']]),
  ...wrong({ table: 'nat', chain: 'PREROUTING' }, [
    ['DNAT --to-destination 10.0.0.1:80', 2, 'needs -p tcp'],
    ['REDIRECT --to-ports 80', 2, 'needs -p tcp'],
    ['NETMAP', 0, 'needs --to'],
  ]),
  ...wrong({ table: 'nat', chain: 'PREROUTING', ...tcp }, [
    ['DNAT', 0, 'needs --to-destination'],
    ['DNAT --to-destination 10.0.0.1:', 2, 'is no port'],
    ['DNAT --to-destination 10.0.0.1:90-80', 2, 'is no port'],
    ['DNAT --to-destination 10.0.0.1:80/8', 2, 'is no port'],
    ['DNAT --to-destination 10.0.0.1:80-90/0', 2, 'is no port'],
    ['DNAT --to-destination 010.0.0.1', 2, 'is no IPv4 address'],
    ['DNAT --to-destination [::1]', 2, 'is no IPv4 address'],
    ['REDIRECT --to-ports 80-90/100', 2, 'base port'],
    ['REDIRECT --random --random', 2, 'only once'],
  ]),
  ...wrong({ table: 'nat', chain: 'PREROUTING', ...tcp, family: 6 }, [
    ['DNAT --to-destination 10.0.0.1', 2, 'is no IPv6 address'],
    ['DNAT --to-destination [2001:db8::1]:', 2, 'is no port'],
    ['DNAT --to-destination [2001:db8::1]-[2001:db8::9]:80', 2, 'is no IPv6 address'],
  ]),
  ...wrong({ ...raw, ...tcp }, [
    ['CT --ctevents foo', 2, 'unknown event'],
    ['CT --zone 65536', 2, '65535'],
  ]),
  ...wrong(raw, [['CT --helper ftp', 2, 'needs -p']]),
  ...wrong({ table: 'mangle', chain: 'FORWARD', header: syn }, [
    ['TCPMSS', 0, 'needs one of'],
    ['TCPMSS --set-mss 70000', 2, '65515'],
  ]),
  ...wrong({ table: 'mangle', chain: 'FORWARD' }, [
    ['TCPMSS --set-mss 5', 2, 'needs -p tcp'],
    ['SET', 0, 'needs --add-set'],
    ['SET --map-set timed src', 3, '--map-mark'],
    ['SET --add-set one up', 3, 'src and dst'],
    ['CLASSIFY --set-class 1', 2, 'no class'],
  ]),
  ...wrong(mangle, [
    ['CHECKSUM', 0, 'needs one of'],
    ['DSCP --set-dscp 64', 2, 'from 0 to 63'],
    ['DSCP --set-dscp-class CS8', 2, 'unknown DSCP class'],
    ['DSCP --set-dscp 5 --set-dscp-class CS1', 4, 'exclude'],
    ['TOS --set-tos 256', 2, 'no TOS value'],
    ['TTL --ttl-dec 0', 2, 'from 1 to 255'],
    ['TTL --ttl-set 5 --ttl-inc 1', 4, 'exclude'],
    ['TPROXY --on-port 80', 2, 'needs -p tcp'],
  ]),
  ...wrong({ ...mangle, family: 6 }, [['TTL --ttl-set 5', 0, 'IPv4 only']]),
];
