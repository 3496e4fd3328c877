/**
 * Names of IP protocols, as iptables prints and takes them: those of Debian's /etc/protocols (package netbase), which
 * libxtables xtables_parse_protocol() and iptables' proto_to_name() look up.
 */

/** By number; the name that is printed. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [3, 'ggp'],
  [4, 'ipencap'],
  [5, 'st'],
  [6, 'tcp'],
  [8, 'egp'],
  [9, 'igp'],
  [12, 'pup'],
  [17, 'udp'],
  [20, 'hmp'],
  [22, 'xns-idp'],
  [27, 'rdp'],
  [29, 'iso-tp4'],
  [33, 'dccp'],
  [36, 'xtp'],
  [37, 'ddp'],
  [38, 'idpr-cmtp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [45, 'idrp'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [57, 'skip'],
  [58, 'ipv6-icmp'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [73, 'rspf'],
  [81, 'vmtp'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [93, 'ax.25'],
  [94, 'ipip'],
  [97, 'etherip'],
  [98, 'encap'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [124, 'isis'],
  [132, 'sctp'],
  [133, 'fc'],
  [135, 'mobility-header'],
  [136, 'udplite'],
  [137, 'mpls-in-ip'],
  [138, 'manet'],
  [139, 'hip'],
  [140, 'shim6'],
  [141, 'wesp'],
  [142, 'rohc'],
  [143, 'ethernet'],
]);

/** Names that are read but never printed: libxtables' own and the second names of /etc/protocols. 0 is any protocol. */
const ALIASES: readonly (readonly [string, number])[] = [
  ['all', 0],
  ['ip', 0],
  ['hopopt', 0],
  ['icmpv6', 58],
  ['mh', 135],
  ['ipv6-mh', 135],
  ['ip-encap', 4],
  ['ospfigp', 89],
  ['ipsec-esp', 50],
  ['ipsec-ah', 51],
];

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...[...NAMES].map(([n, name]) => [name, n] as const),
  ...ALIASES,
]);

/** The names that people do use, for messages. */
export const PROTOCOL_NAMES: readonly string[] = [
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'icmpv6',
  'igmp',
  'ipencap',
  'gre',
  'esp',
  'ah',
  'ospf',
  'vrrp',
  'all',
];

/** `tcp`, `TCP`, `6`, `0x6`; `all` is 0. undefined for what names no protocol. */
export function parseProtocol(text: string): number | undefined {
  const byName = NUMBERS.get(text.toLowerCase());
  if (byName !== undefined) return byName;
  if (!/^(\d{1,4}|0x[0-9a-f]{1,4})$/i.test(text)) return undefined;
  const octal = /^0[0-7]+$/.test(text);
  const number = octal ? Number.parseInt(text, 8) : Number(text);
  return number <= 255 ? number : undefined;
}

/** The name iptables-save prints, or the number where /etc/protocols has none. */
export function printProtocol(number: number): string {
  return NAMES.get(number) ?? String(number);
}
