/** Sets and elements in words, what the kernel lists for them, and what is found in them. */
import type { IpsetType } from '../../../../src/kernel/netfilter/ipset.ts';

/** `create t TYPE …` and what `ipset save` prints of it, without the bucketsize and initval that the kernel adds. */
export const CREATE_ROWS: readonly (readonly [words: string, printed: string])[] = [
  ['hash:ip', 'hash:ip family inet hashsize 1024 maxelem 65536'],
  ['hash:net', 'hash:net family inet hashsize 1024 maxelem 65536'],
  ['hash:ip,port', 'hash:ip,port family inet hashsize 1024 maxelem 65536'],
  ['hash:ip,port,ip', 'hash:ip,port,ip family inet hashsize 1024 maxelem 65536'],
  ['hash:ip,port,net', 'hash:ip,port,net family inet hashsize 1024 maxelem 65536'],
  ['hash:net,port', 'hash:net,port family inet hashsize 1024 maxelem 65536'],
  ['hash:net,iface', 'hash:net,iface family inet hashsize 1024 maxelem 65536'],
  ['hash:ip family inet6', 'hash:ip family inet6 hashsize 1024 maxelem 65536'],
  ['hash:ip -6', 'hash:ip family inet6 hashsize 1024 maxelem 65536'],
  ['hash:ip family ipv4 hashsize 4', 'hash:ip family inet hashsize 64 maxelem 65536'],
  ['hash:net maxelem 10 hashsize 1000', 'hash:net family inet hashsize 1024 maxelem 10'],
  ['hash:net hashsize 1025', 'hash:net family inet hashsize 2048 maxelem 65536'],
  [
    'hash:ip family inet6 skbinfo comment counters timeout 600 netmask 64',
    'hash:ip family inet6 hashsize 1024 maxelem 65536 netmask 64 timeout 600 counters comment skbinfo',
  ],
  ['hash:ip netmask 32', 'hash:ip family inet hashsize 1024 maxelem 65536'],
  ['hash:ip bitmask 255.255.0.255', 'hash:ip family inet hashsize 1024 maxelem 65536 bitmask 255.255.0.255'],
  ['hash:ip,port netmask 24', 'hash:ip,port family inet hashsize 1024 maxelem 65536 netmask 24'],
  ['hash:ip forceadd probes 4 resize 50', 'hash:ip family inet hashsize 1024 maxelem 65536'],
  ['bitmap:port range 0-65535', 'bitmap:port range 0-65535'],
  ['bitmap:port timeout 5 range 200-100', 'bitmap:port range 100-200 timeout 5'],
  ['bitmap:port range tcp:80-90', 'bitmap:port range 80-90'],
  ['bitmap:ip range 10.0.0.0/24', 'bitmap:ip range 10.0.0.0-10.0.0.255'],
  ['bitmap:ip netmask 24 range 10.0.0.0-10.0.3.255', 'bitmap:ip range 10.0.0.0-10.0.3.255 netmask 24'],
  ['list:set', 'list:set size 8'],
  ['list:set size 4 comment counters timeout 7', 'list:set size 4 timeout 7 counters comment'],
];

/** Create lines that ipset refuses. */
export const WRONG_CREATE_ROWS: readonly (readonly [words: string, column: number, message: string])[] = [
  ['hash:foo', 10, 'unknown set type'],
  ['hash:ip foo 3', 18, 'unknown option'],
  ['hash:ip netmask 0', 26, 'from 1 to 32'],
  ['hash:net netmask 24', 19, 'unknown option'],
  ['hash:ip bitmask 0.0.0.0', 26, 'other than zero'],
  ['hash:ip family inet7', 25, 'unknown family'],
  ['bitmap:port', 10, 'needs range'],
  ['bitmap:port range 80', 28, 'FIRST-LAST'],
  ['bitmap:ip range 10.0.0.0/8', 26, 'at most 65536'],
  ['hash:ip hashsize', 18, 'expected a value'],
];

/** A set's create words, an `add` of it, and the elements it makes. */
export type ElementRow = readonly [set: string, element: string, elements: readonly string[]];

const timed = 'hash:net timeout 9 counters comment skbinfo';

export const ELEMENT_ROWS: readonly ElementRow[] = [
  ['hash:ip', '10.0.0.1', ['10.0.0.1']],
  ['hash:ip', '10.0.0.1/32', ['10.0.0.1']],
  ['hash:ip', '10.0.0.0/30', ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3']],
  ['hash:ip', '10.0.0.3-10.0.0.1', ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
  ['hash:ip netmask 24', '10.0.0.1', ['10.0.0.0']],
  ['hash:ip netmask 24', '10.0.0.5-10.0.2.9', ['10.0.0.0', '10.0.1.0', '10.0.2.0']],
  ['hash:ip bitmask 255.255.0.255', '10.0.9.1', ['10.0.0.1']],
  ['hash:ip family inet6', '2001:DB8:0::1', ['2001:db8::1']],
  ['hash:ip family inet6', '2001:db8::1/128', ['2001:db8::1']],
  ['hash:ip family inet6 netmask 64', '2001:db8::1', ['2001:db8::']],
  [timed, '10.0.0.0/8', ['10.0.0.0/8 timeout 9 packets 0 bytes 0']],
  [
    timed,
    '10.0.0.0/8 comment x nomatch bytes 6 packets 5',
    ['10.0.0.0/8 timeout 9 nomatch packets 5 bytes 6 comment "x"'],
  ],
  [
    timed,
    '10.0.0.0/8 skbqueue 3 comment "it\'s x" skbmark 0x5/0xff skbprio 1:A',
    ['10.0.0.0/8 timeout 9 packets 0 bytes 0 comment "it\'s x" skbmark 0x5/0xff skbprio 1:a skbqueue 3'],
  ],
  [timed, '10.0.0.0/8 timeout 0 skbmark 0x5', ['10.0.0.0/8 timeout 0 packets 0 bytes 0 skbmark 0x5']],
  ['hash:net', '10.1.2.3/8', ['10.0.0.0/8']],
  ['hash:net', '10.1.2.3/32', ['10.1.2.3']],
  ['hash:net', '0.0.0.0/1', ['0.0.0.0/1']],
  ['hash:net', '0.0.0.0', ['0.0.0.0']],
  ['hash:net', '10.0.0.0-10.0.0.9', ['10.0.0.0/29', '10.0.0.8/31']],
  ['hash:net', '10.0.0.1-10.0.0.6', ['10.0.0.1', '10.0.0.2/31', '10.0.0.4/31', '10.0.0.6']],
  ['hash:net', '10.0.0.0/8 nomatch', ['10.0.0.0/8 nomatch']],
  ['hash:net family inet6', '2001:db8::1/32', ['2001:db8::/32']],
  ['hash:net family inet6', '2001:db8::1', ['2001:db8::1']],
  ['hash:ip,port', '10.0.0.1,80', ['10.0.0.1,tcp:80']],
  ['hash:ip,port', '10.0.0.1,TCP:0x50', ['10.0.0.1,tcp:80']],
  ['hash:ip,port', '10.0.0.1,udp:53', ['10.0.0.1,udp:53']],
  ['hash:ip,port', '10.0.0.1,udplite:0', ['10.0.0.1,udplite:0']],
  [
    'hash:ip,port',
    '10.0.0.1-10.0.0.2,sctp:81-80',
    ['10.0.0.1,sctp:80', '10.0.0.1,sctp:81', '10.0.0.2,sctp:80', '10.0.0.2,sctp:81'],
  ],
  ['hash:ip,port', '10.0.0.1,icmp:8/0', ['10.0.0.1,icmp:echo-request']],
  ['hash:ip,port', '10.0.0.1,icmp:ping', ['10.0.0.1,icmp:echo-request']],
  ['hash:ip,port', '10.0.0.1,icmp:TOS-host-redirect', ['10.0.0.1,icmp:TOS-host-redirect']],
  ['hash:ip,port', '10.0.0.1,icmp:3/9', ['10.0.0.1,icmp:network-prohibited']],
  ['hash:ip,port', '10.0.0.1,icmp:11/9', ['10.0.0.1,icmp:11/9']],
  ['hash:ip,port', '10.0.0.1,47:0', ['10.0.0.1,gre:0']],
  ['hash:ip,port', '10.0.0.1,99:0', ['10.0.0.1,99:0']],
  ['hash:ip,port netmask 24', '10.0.0.7,tcp:80', ['10.0.0.0,tcp:80']],
  ['hash:ip,port family inet6', '[2001:db8::1],tcp:80', ['2001:db8::1,tcp:80']],
  ['hash:ip,port family inet6', '2001:db8::1,icmpv6:128/0', ['2001:db8::1,ipv6-icmp:echo-request']],
  ['hash:ip,port family inet6', '2001:db8::1,ipv6-icmp:no-route', ['2001:db8::1,ipv6-icmp:no-route']],
  [
    'hash:ip,port,ip',
    '10.0.0.0/31,tcp:80-81,10.0.0.2',
    ['10.0.0.0,tcp:80,10.0.0.2', '10.0.0.0,tcp:81,10.0.0.2', '10.0.0.1,tcp:80,10.0.0.2', '10.0.0.1,tcp:81,10.0.0.2'],
  ],
  ['hash:ip,port,ip', '0.0.0.0,tcp:80,0.0.0.0', ['0.0.0.0,tcp:80,0.0.0.0']],
  ['hash:ip,port,ip family inet6', '2001:db8::1,udp:53,2001:db8::2', ['2001:db8::1,udp:53,2001:db8::2']],
  ['hash:ip,port,net', '10.0.0.1,80,10.1.0.2/8', ['10.0.0.1,tcp:80,10.0.0.0/8']],
  [
    'hash:ip,port,net',
    '10.0.0.0/31,udp:5,10.0.0.0-10.0.0.2 nomatch',
    [
      '10.0.0.0,udp:5,10.0.0.0/31 nomatch',
      '10.0.0.0,udp:5,10.0.0.2 nomatch',
      '10.0.0.1,udp:5,10.0.0.0/31 nomatch',
      '10.0.0.1,udp:5,10.0.0.2 nomatch',
    ],
  ],
  ['hash:ip,port,net family inet6', '2001:db8::1,tcp:80,2001:db8::/32', ['2001:db8::1,tcp:80,2001:db8::/32']],
  [
    'hash:net,port',
    '10.0.0.0-10.0.0.5,udp:5-6',
    ['10.0.0.0/30,udp:5', '10.0.0.0/30,udp:6', '10.0.0.4/31,udp:5', '10.0.0.4/31,udp:6'],
  ],
  ['hash:net,port', '10.0.0.0/8,udp:53 nomatch', ['10.0.0.0/8,udp:53 nomatch']],
  ['hash:net,port family inet6', '2001:db8::/32,tcp:80', ['2001:db8::/32,tcp:80']],
  ['hash:net,iface', '10.0.0.0/8,eth0', ['10.0.0.0/8,eth0']],
  ['hash:net,iface', '0.0.0.0/0,cali wildcard nomatch', ['0.0.0.0/0,cali nomatch wildcard']],
  ['hash:net,iface', '10.0.0.0/8,physdev:eth0', ['10.0.0.0/8,physdev:eth0']],
  ['hash:net,iface', '10.0.0.0-10.0.0.5,eth+', ['10.0.0.0/30,eth+', '10.0.0.4/31,eth+']],
  ['hash:net,iface family inet6', '::/0,eth0', ['::/0,eth0']],
  ['bitmap:port range 0-65535', 'tcp:82-80', ['80', '81', '82']],
  ['bitmap:port range 100-200 counters', '150', ['150 packets 0 bytes 0']],
  ['bitmap:ip range 10.0.0.0/24', '10.0.0.5-10.0.0.6', ['10.0.0.5', '10.0.0.6']],
  ['bitmap:ip range 10.0.0.0/16 netmask 24', '10.0.3.1', ['10.0.3.0']],
  ['list:set', 'member', ['member']],
];

/** Elements that ipset refuses (or reads as something else than it says: octal, host names). */
export const WRONG_ELEMENT_ROWS: readonly (readonly [set: string, element: string, message: string])[] = [
  ['hash:ip', '0.0.0.0', 'cannot hold'],
  ['hash:ip', '::1', 'no IPv4 address'],
  ['hash:ip', '10.0.0.1 nomatch', 'unknown option'],
  ['hash:ip', '10.0.0.1 timeout 5', 'created without timeout'],
  ['hash:ip', '10.0.0.1,tcp:80', 'no IPv4 address'],
  ['hash:ip', '10.0.0.0/8', 'more than'],
  ['hash:ip maxelem 2', '10.0.0.0/30', 'at most 2 elements'],
  ['hash:ip family inet6', '2001:db8::1-2001:db8::3', 'no IPv6 address'],
  ['hash:ip family inet6', '2001:db8::/127', 'no IPv6 address'],
  ['hash:ip family inet6', '::', 'cannot hold'],
  ['hash:net', '0.0.0.0/0', 'length 0'],
  ['hash:net', '10.0.0.0/255.0.0.0', 'no IPv4 network'],
  ['hash:net', '10.0.0.0/33', 'no IPv4 network'],
  ['hash:net', '10.0.0.0/8 nomatch comment x', 'created without comment'],
  ['hash:net comment', '10.0.0.0/8 comment ""', '1 to 255'],
  ['hash:net skbinfo', '10.0.0.0/8 skbmark 5', '0xMARK'],
  ['hash:net family inet6', '::/0', 'length 0'],
  ['hash:ip,port', '10.0.0.1', 'is no element'],
  ['hash:ip,port', '0.0.0.0,tcp:80', 'cannot hold'],
  ['hash:ip,port', '10.0.0.1,gre:1', 'has no ports'],
  ['hash:ip,port', '10.0.0.1,dccp:80', 'has no ports'],
  ['hash:ip,port', '10.0.0.1,all:80', 'unknown protocol'],
  ['hash:ip,port', '10.0.0.1,tcp:70000', 'is no port'],
  ['hash:ip,port', '10.0.0.1,icmpv6:128/0', 'IPv4'],
  ['hash:ip,port', '10.0.0.1,icmp:8', 'no ICMP type'],
  ['hash:ip,port family inet6', '2001:db8::1,icmp:8/0', 'IPv6'],
  ['hash:ip,port,ip', '10.0.0.1,tcp:80', 'is no element'],
  ['hash:ip,port,ip', '10.0.0.1,tcp:80,10.0.0.0/31', 'no IPv4 address'],
  ['hash:ip,port,net', '10.0.0.1,tcp:80,0.0.0.0/0', 'length 0'],
  ['hash:net,iface', '10.0.0.0/8,abcdefghijklmnopq', 'no name of an interface'],
  ['hash:net,iface', '10.0.0.0/8,', 'is no element'],
  ['bitmap:port range 100-200', '190-210', 'outside'],
  ['bitmap:port range 0-65535', '70000', 'is no port'],
  ['bitmap:ip range 10.0.0.0/24', '10.0.1.1', 'outside'],
  ['list:set', 'nope', 'no set nope'],
  ['list:set', 'list', 'cannot hold lists'],
];

/** Elements and what `ipset test` finds, or not. */
export type LookupRow = {
  readonly set: string;
  readonly elements: readonly string[];
  readonly found: readonly string[];
  readonly missing: readonly string[];
};

export const LOOKUP_ROWS: readonly LookupRow[] = [
  {
    set: 'hash:ip',
    elements: ['10.0.0.1', '10.0.0.4-10.0.0.6'],
    found: ['10.0.0.1', '10.0.0.5'],
    missing: ['10.0.0.2', '10.0.0.7'],
  },
  { set: 'hash:ip netmask 24', elements: ['10.0.0.1'], found: ['10.0.0.200'], missing: ['10.0.1.1'] },
  { set: 'hash:ip bitmask 255.255.0.255', elements: ['10.0.9.1'], found: ['10.0.77.1'], missing: ['10.0.9.2'] },
  { set: 'hash:ip family inet6', elements: ['2001:db8::1'], found: ['2001:db8::1'], missing: ['2001:db8::2'] },
  {
    set: 'hash:ip family inet6 netmask 64',
    elements: ['2001:db8::1'],
    found: ['2001:db8::99'],
    missing: ['2001:db8:0:1::1'],
  },
  {
    set: 'hash:net',
    elements: ['10.0.0.0/8', '10.1.0.0/16 nomatch', '10.1.1.0/24', '10.1.1.1 nomatch', '0.0.0.0/1'],
    found: ['10.0.0.1', '10.1.1.2', '11.0.0.1', '1.2.3.4'],
    missing: ['10.1.0.1', '10.1.1.1', '128.0.0.1'],
  },
  {
    set: 'hash:net family inet6',
    elements: ['2001:db8::/32', '2001:db8:1::/48 nomatch'],
    found: ['2001:db8::1'],
    missing: ['2001:db8:1::1', '2001:db9::1'],
  },
  {
    set: 'hash:ip,port',
    elements: ['10.0.0.1,tcp:80', '10.0.0.1,icmp:ping', '10.0.0.1,gre:0'],
    found: ['10.0.0.1,tcp:80', '10.0.0.1,icmp:8/0', '10.0.0.1,gre:0'],
    missing: ['10.0.0.1,udp:80', '10.0.0.1,tcp:81', '10.0.0.2,tcp:80', '10.0.0.1,icmp:0/0'],
  },
  {
    set: 'hash:ip,port netmask 24',
    elements: ['10.0.0.1,tcp:80'],
    found: ['10.0.0.9,tcp:80'],
    missing: ['10.0.1.1,tcp:80'],
  },
  {
    set: 'hash:ip,port,ip',
    elements: ['10.0.0.1,tcp:80,10.0.0.2'],
    found: ['10.0.0.1,tcp:80,10.0.0.2'],
    missing: ['10.0.0.2,tcp:80,10.0.0.1', '10.0.0.1,udp:80,10.0.0.2'],
  },
  {
    set: 'hash:ip,port,net',
    elements: ['10.0.0.1,tcp:80,10.0.0.0/8', '10.0.0.1,tcp:80,10.1.0.0/16 nomatch', '10.0.0.2,tcp:80,10.1.0.0/16'],
    found: ['10.0.0.1,tcp:80,10.2.0.1', '10.0.0.2,tcp:80,10.1.0.1'],
    missing: ['10.0.0.1,tcp:80,10.1.0.1', '10.0.0.2,tcp:80,10.2.0.1', '10.0.0.1,tcp:81,10.2.0.1'],
  },
  {
    set: 'hash:net,port',
    elements: ['10.0.0.0/8,tcp:80', '10.1.0.0/16,tcp:80 nomatch', '10.1.0.0/16,udp:53'],
    found: ['10.0.0.1,tcp:80', '10.1.0.1,udp:53'],
    missing: ['10.1.0.1,tcp:80', '10.0.0.1,udp:53', '10.0.0.1,tcp:81'],
  },
  {
    set: 'hash:net,iface',
    // The last row of `missing` is the surprise: 10.1.0.0/16 holds the address, so that 10.0.0.0/8 is not asked.
    elements: [
      '10.0.0.0/8,eth0',
      '10.1.0.0/16,eth1',
      '10.2.0.0/16,cali wildcard',
      '10.3.0.0/16,eth0 nomatch',
      '10.4.0.0/16,physdev:eth1',
    ],
    found: ['10.0.0.1,eth0', '10.1.0.1,eth1', '10.2.0.1,cali7', '10.4.0.1,eth0'],
    missing: ['10.0.0.1,eth1', '10.2.0.1,cal', '10.3.0.1,eth0', '10.4.0.1,eth1', '10.1.0.1,eth0'],
  },
  { set: 'bitmap:port range 0-65535', elements: ['80-82'], found: ['80', '82'], missing: ['79', '83'] },
  {
    set: 'bitmap:ip range 10.0.0.0/16 netmask 24',
    elements: ['10.0.3.1'],
    found: ['10.0.3.99'],
    missing: ['10.0.4.1'],
  },
];

export function typeOf(set: string): string {
  return set.split(' ')[0] ?? '';
}

/** Every type there is, so that a test can say that none was forgotten. */
export const ALL_TYPES: readonly IpsetType[] = [
  'hash:ip',
  'hash:net',
  'hash:ip,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:net,port',
  'hash:net,iface',
  'bitmap:ip',
  'bitmap:port',
  'list:set',
];
