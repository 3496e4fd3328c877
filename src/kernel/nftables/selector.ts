/**
 * What rules may read: packet headers (net/netfilter/nft_payload.c), meta data (nft_meta.c) and the connection (nft_ct.c).
 * A reader gives undefined where the kernel breaks off the rule: the header is of another protocol, or absent.
 */
import { BROADCAST_MAC } from '../../net/mac.ts';
import type { Packet } from '../../net/packet.ts';
import { portsOf, protocolNumber } from '../../net/packet.ts';
import type { CtState, MatchEnv, Tuple } from '../netfilter/match.ts';
import type { DatatypeName } from './datatype.ts';
import type { Value } from './expression.ts';

/** A field of the packet, or of what the kernel knows beside it, that a rule can ask for. */
export type Selector = {
  /** As nft lists it: `ip saddr`, `meta mark`, `iifname`. */
  readonly name: string;
  readonly type: DatatypeName;
  /**
   * What the packet must be for the header to be there. nft puts such a condition in front by itself and does not list
   * it: payload_gen_dependency() of src/payload.c.
   */
  readonly needs?: { readonly family?: 4 | 6; readonly protocol?: number };
  /** Loading a rule with it switches connection tracking on (nf_ct_netns_get()). */
  readonly needsConntrack?: true;
  read(env: MatchEnv): Value | undefined;
};

/** Of a packet of the network protocol only. */
function ofFamily(family: 4 | 6, read: (packet: Packet) => Value | undefined): Pick<Selector, 'needs' | 'read'> {
  return {
    needs: { family },
    read: ({ packet }) => ((typeof packet.src === 'number') === (family === 4) ? read(packet) : undefined),
  };
}

/** Of a packet of the transport protocol only, its first fragment. */
function ofProtocol(protocol: number, read: (packet: Packet) => Value | undefined): Pick<Selector, 'needs' | 'read'> {
  return {
    needs: { protocol },
    read: ({ packet }) =>
      packet.laterFragment !== true && protocolNumber(packet) === protocol ? read(packet) : undefined,
  };
}

/** NF_CT_STATE_INVALID_BIT, NF_CT_STATE_BIT(), NF_CT_STATE_UNTRACKED_BIT */
const STATE_BITS: Readonly<Record<CtState, number>> = {
  INVALID: 1,
  ESTABLISHED: 2,
  RELATED: 4,
  NEW: 8,
  UNTRACKED: 64,
};

function ctStatus({ connection }: MatchEnv): number | undefined {
  if (connection === undefined) return undefined;
  const { srcNat, dstNat, seenReply, assured, confirmed } = connection.status;
  return (seenReply ? 2 : 0) | (assured ? 4 : 0) | (confirmed ? 8 : 0) | (srcNat ? 16 : 0) | (dstNat ? 32 : 0);
}

function tupleReader(direction: 'original' | 'reply', read: (tuple: Tuple) => Value): Selector['read'] {
  return ({ connection }) => (connection === undefined ? undefined : read(connection[direction]));
}

function addressOf(tuple: Tuple, side: 'src' | 'dst', family: 4 | 6): Value | undefined {
  const address = tuple[side];
  return (typeof address === 'number') === (family === 4) ? address : undefined;
}

const TCP_BITS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 } as const;

const ports = (protocol: number, name: string): readonly Selector[] => [
  { name: `${name} sport`, type: 'inet_service', ...ofProtocol(protocol, (p) => portsOf(p)?.sport) },
  { name: `${name} dport`, type: 'inet_service', ...ofProtocol(protocol, (p) => portsOf(p)?.dport) },
];

const icmp = (protocol: 1 | 58): readonly Selector[] => {
  const [name, type, code] =
    protocol === 1
      ? (['icmp', 'icmp_type', 'icmp_code'] as const)
      : (['icmpv6', 'icmpv6_type', 'icmpv6_code'] as const);
  const field = (read: 'type' | 'code' | 'id') =>
    ofProtocol(protocol, ({ transport: t }) => (t.proto === 'icmp' || t.proto === 'icmpv6' ? t[read] : undefined));
  return [
    { name: `${name} type`, type, ...field('type') },
    { name: `${name} code`, type: code, ...field('code') },
    { name: `${name} id`, type: 'integer', ...field('id') },
  ];
};

const ctTuple = (direction: 'original' | 'reply'): readonly Selector[] => {
  const needsConntrack = true as const;
  const address = (side: 'src' | 'dst', family: 4 | 6): Selector => ({
    name: `ct ${direction} ${family === 4 ? 'ip' : 'ip6'} ${side === 'src' ? 'saddr' : 'daddr'}`,
    type: family === 4 ? 'ipv4_addr' : 'ipv6_addr',
    needsConntrack,
    read: ({ connection }) => (connection === undefined ? undefined : addressOf(connection[direction], side, family)),
  });
  return [
    ...([4, 6] as const).flatMap((family) => [address('src', family), address('dst', family)]),
    {
      name: `ct ${direction} proto-src`,
      type: 'inet_service',
      needsConntrack,
      read: tupleReader(direction, (t) => t.sport),
    },
    {
      name: `ct ${direction} proto-dst`,
      type: 'inet_service',
      needsConntrack,
      read: tupleReader(direction, (t) => t.dport),
    },
  ];
};

const SELECTORS: readonly Selector[] = [
  { name: 'ip saddr', type: 'ipv4_addr', ...ofFamily(4, (p) => p.src) },
  { name: 'ip daddr', type: 'ipv4_addr', ...ofFamily(4, (p) => p.dst) },
  { name: 'ip protocol', type: 'inet_proto', ...ofFamily(4, protocolNumber) },
  { name: 'ip ttl', type: 'integer', ...ofFamily(4, (p) => p.ttl) },
  { name: 'ip length', type: 'integer', ...ofFamily(4, (p) => p.length) },
  { name: 'ip dscp', type: 'dscp', ...ofFamily(4, (p) => p.dscp ?? 0) },
  { name: 'ip version', type: 'integer', ...ofFamily(4, () => 4) },
  // Of the offset only whether it is 0 is known.
  {
    name: 'ip frag-off',
    type: 'integer',
    ...ofFamily(4, (p) => (p.dontFragment ? 0x4000 : 0) | (p.laterFragment === true ? 1 : 0)),
  },
  { name: 'ip6 saddr', type: 'ipv6_addr', ...ofFamily(6, (p) => p.src) },
  { name: 'ip6 daddr', type: 'ipv6_addr', ...ofFamily(6, (p) => p.dst) },
  { name: 'ip6 nexthdr', type: 'inet_proto', ...ofFamily(6, protocolNumber) },
  { name: 'ip6 hoplimit', type: 'integer', ...ofFamily(6, (p) => p.ttl) },
  { name: 'ip6 length', type: 'integer', ...ofFamily(6, (p) => p.length - 40) },
  { name: 'ip6 dscp', type: 'dscp', ...ofFamily(6, (p) => p.dscp ?? 0) },
  { name: 'ip6 version', type: 'integer', ...ofFamily(6, () => 6) },
  ...ports(6, 'tcp'),
  ...ports(17, 'udp'),
  ...ports(132, 'sctp'),
  {
    name: 'tcp flags',
    type: 'tcp_flag',
    ...ofProtocol(6, ({ transport: t }) =>
      t.proto === 'tcp' ? t.flags.reduce((all, flag) => all | TCP_BITS[flag], 0) : undefined,
    ),
  },
  ...icmp(1),
  ...icmp(58),
  // What stands where ports do in other protocols (a checksum, in ICMP) is not modelled: the rule is left.
  {
    name: 'th sport',
    type: 'inet_service',
    read: ({ packet }) => (packet.laterFragment ? undefined : portsOf(packet)?.sport),
  },
  {
    name: 'th dport',
    type: 'inet_service',
    read: ({ packet }) => (packet.laterFragment ? undefined : portsOf(packet)?.dport),
  },
  { name: 'ether saddr', type: 'ether_addr', read: ({ sourceMac }) => sourceMac },
  { name: 'meta mark', type: 'mark', read: ({ mark }) => mark },
  { name: 'meta l4proto', type: 'inet_proto', read: ({ packet }) => protocolNumber(packet) },
  { name: 'meta nfproto', type: 'nf_proto', read: ({ packet }) => (typeof packet.src === 'number' ? 2 : 10) },
  { name: 'meta length', type: 'integer', read: ({ packet }) => packet.length },
  {
    name: 'meta pkttype',
    type: 'pkt_type',
    read: ({ addressType, packet, inDevice, destinationMac = BROADCAST_MAC }) => {
      const to = inDevice === undefined ? 'UNICAST' : addressType(packet.dst);
      return to === 'BROADCAST' && destinationMac === BROADCAST_MAC ? 1 : to === 'MULTICAST' ? 2 : 0;
    },
  },
  { name: 'meta skuid', type: 'uid', read: ({ socket }) => socket?.uid },
  { name: 'meta skgid', type: 'gid', read: ({ socket }) => socket?.gid },
  // nft_meta_store_ifname(): without a device the register is empty, and the rule goes on.
  { name: 'iifname', type: 'ifname', read: ({ inDevice }) => inDevice ?? '' },
  { name: 'oifname', type: 'ifname', read: ({ outDevice }) => outDevice ?? '' },
  { name: 'iif', type: 'iface_index', read: ({ inDevice }) => inDevice ?? '' },
  { name: 'oif', type: 'iface_index', read: ({ outDevice }) => outDevice ?? '' },
  { name: 'ct state', type: 'ct_state', needsConntrack: true, read: ({ ctState }) => STATE_BITS[ctState] },
  { name: 'ct status', type: 'ct_status', needsConntrack: true, read: ctStatus },
  { name: 'ct mark', type: 'mark', needsConntrack: true, read: ({ connection }) => connection?.mark },
  {
    name: 'ct direction',
    type: 'ct_dir',
    needsConntrack: true,
    read: ({ connection }) => (connection === undefined ? undefined : connection.direction === 'ORIGINAL' ? 0 : 1),
  },
  { name: 'ct protocol', type: 'inet_proto', needsConntrack: true, read: tupleReader('original', (t) => t.protocol) },
  {
    name: 'ct l3proto',
    type: 'nf_proto',
    needsConntrack: true,
    read: tupleReader('original', (t) => (typeof t.src === 'number' ? 2 : 10)),
  },
  ...ctTuple('original'),
  ...ctTuple('reply'),
];

/** Other ways to write a selector. */
const ALIASES: readonly (readonly [string, string])[] = [
  ['mark', 'meta mark'],
  ['l4proto', 'meta l4proto'],
  ['nfproto', 'meta nfproto'],
  ['skuid', 'meta skuid'],
  ['skgid', 'meta skgid'],
  ['pkttype', 'meta pkttype'],
  ['meta iif', 'iif'],
  ['meta oif', 'oif'],
  ['meta iifname', 'iifname'],
  ['meta oifname', 'oifname'],
  ['ct original l3proto', 'ct l3proto'],
  ['ct original protocol', 'ct protocol'],
];

const BY_NAME: ReadonlyMap<string, Selector> = new Map([
  ...SELECTORS.map((selector) => [selector.name, selector] as const),
  ...ALIASES.flatMap(([alias, name]) => {
    const selector = SELECTORS.find((one) => one.name === name);
    return selector === undefined ? [] : [[alias, selector] as const];
  }),
]);

/** The selector written so, of one to four words. */
export function findSelector(name: string): Selector | undefined {
  return BY_NAME.get(name);
}
