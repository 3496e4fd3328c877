/** Address translation: net/netfilter/nf_nat_core.c, nf_nat_proto.c, nf_nat_masquerade.c, nf_nat_redirect.c. */
import { type IpAddr, ip4, ip6, isIp4 } from '../../net/address.ts';
import { isIcmpError, type Packet, type Transport } from '../../net/packet.ts';
import type { Attachment, Connection, ConnectionTable } from './conntrack.ts';
import { invert, sameTuple } from './conntrack.ts';
import type { Hook } from './hook.ts';
import { jhash2 } from './jhash.ts';
import type { Tuple } from './match.ts';
import type { NatRange } from './target.ts';

/** Which end of a connection is translated (enum nf_nat_manip_type). */
export type Manip = 'src' | 'dst';

/** HOOK2MANIP(): which side a hook may translate. */
export function manipOf(hook: Hook): Manip {
  return hook === 'POSTROUTING' || hook === 'INPUT' ? 'src' : 'dst';
}

/** nf_nat_initialized(): it is bound at this end, if only to what it was. */
export function natDone(connection: Connection, manip: Manip): boolean {
  return manip === 'src' ? connection.srcNatDone : connection.dstNatDone;
}

/** nf_nat_setup_info(): binds one side of the connection, once for all its packets. */
export function setupNat(
  table: ConnectionTable,
  connection: Connection,
  manip: Manip,
  range: NatRange | undefined,
): void {
  const current = invert(connection.reply);
  const wanted = uniqueTuple(table, connection, current, manip, range);
  if (!sameTuple(wanted, current)) {
    connection.reply = invert(wanted);
    if (manip === 'src') connection.srcNat = true;
    else connection.dstNat = true;
  }
  if (manip === 'src') connection.srcNatDone = true;
  else connection.dstNatDone = true;
}

/** get_unique_tuple(): the tuple after translation, with ports moved only where they must. */
function uniqueTuple(
  table: ConnectionTable,
  connection: Connection,
  current: Tuple,
  manip: Manip,
  range: NatRange | undefined,
): Tuple {
  const addressed =
    range?.addresses === undefined ? current : withAddress(current, manip, chooseAddress(current, manip, range));
  const random = range?.random === true || range?.randomFully === true;
  if (!random) {
    if (range?.ports !== undefined) {
      const { first, last } = range.ports;
      const port = manip === 'src' ? addressed.sport : addressed.dport;
      const fits = range.basePort === undefined && first <= port && port <= last;
      if (fits && (first === last || !table.replyTaken(invert(addressed), connection))) return addressed;
    } else if (!table.replyTaken(invert(addressed), connection)) return addressed;
  }
  return uniquePort(table, connection, addressed, manip, range, random);
}

/** find_best_ips_proto(): of a range of addresses, the one a hash of the flow picks; of one address, that. */
function chooseAddress(current: Tuple, manip: Manip, range: NatRange): IpAddr {
  const addresses = range.addresses;
  const old = manip === 'src' ? current.src : current.dst;
  if (addresses === undefined) return old;
  const { first, last } = addresses;
  if (range.netmap !== undefined) return mapNetwork(first, old, range.netmap);
  if (first === last) return first;
  const persistent = range.persistent === true;
  const [source, destination] = [wordsOf(current.src), wordsOf(current.dst)];
  const [lowest, highest] = [wordsOf(first), wordsOf(last)];
  // struct nf_inet_addr has four words whatever the family; they are in network byte order, as jhash2() sees them.
  let hash = jhash2(
    [0, 1, 2, 3].map((i) => swap(source[i] ?? 0)),
    persistent ? 0 : swap(destination.at(-1) ?? 0),
  );
  let full = false;
  const chosen = lowest.map((low, i) => {
    const high = highest[i] ?? 0;
    // A word's whole range counts once a word before it lies below the end of the range.
    const word = full ? scale(hash, 0xffffffff) : low + scale(hash, high - low + 1);
    if (word !== high) full = true;
    // For DNAT the word has been overwritten by then.
    if (!persistent) hash = (hash ^ swap(manip === 'dst' ? word >>> 0 : (destination[i] ?? 0))) >>> 0;
    return word >>> 0;
  });
  if (isIp4(first)) return ip4(chosen[0] ?? 0);
  return ip6(chosen.reduce((value, word) => (value << 32n) | BigInt(word), 0n));
}

/** netmap_tg4(), netmap_tg6(): the network's bits of the new address, the host's of the old one. */
function mapNetwork(first: IpAddr, old: IpAddr, bits: number): IpAddr {
  if (isIp4(first) && isIp4(old)) {
    const mask = bits === 0 ? 0 : -1 << (32 - bits);
    return ip4((first & mask) | (old & ~mask));
  }
  return isIp4(first) || isIp4(old) ? first : ip6(maskIp6(first, bits) | (old ^ maskIp6(old, bits)));
}

function maskIp6(address: bigint, bits: number): bigint {
  const shift = BigInt(128 - bits);
  return (address >> shift) << shift;
}

/** One word of an IPv4 address, four of an IPv6 address, the first being the highest. */
function wordsOf(address: IpAddr): readonly number[] {
  if (isIp4(address)) return [address];
  return [96n, 64n, 32n, 0n].map((shift) => Number((address >> shift) & 0xffffffffn));
}

/** htonl() on a little-endian machine. */
function swap(a: number): number {
  return (((a & 255) << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24)) >>> 0;
}

/** reciprocal_scale() */
function scale(hash: number, range: number): number {
  return Number((BigInt(hash) * BigInt(range)) >> 32n);
}

function withAddress(tuple: Tuple, manip: Manip, address: IpAddr): Tuple {
  return manip === 'src' ? { ...tuple, src: address } : { ...tuple, dst: address };
}

function withPort(tuple: Tuple, manip: Manip, port: number): Tuple {
  if (tuple.protocol === 1 || tuple.protocol === 58) return { ...tuple, sport: port };
  return manip === 'src' ? { ...tuple, sport: port } : { ...tuple, dport: port };
}

const HAS_PORTS = new Set([1, 6, 17, 33, 58, 132, 136]);

/** nf_nat_l4proto_unique_tuple(): another port, from the range given or the one of the old port's class. */
function uniquePort(
  table: ConnectionTable,
  connection: Connection,
  tuple: Tuple,
  manip: Manip,
  range: NatRange | undefined,
  random: boolean,
): Tuple {
  if (!HAS_PORTS.has(tuple.protocol)) return tuple;
  const icmp = tuple.protocol === 1 || tuple.protocol === 58;
  const old = manip === 'src' || icmp ? tuple.sport : tuple.dport;
  if (range?.ports === undefined && manip === 'dst' && !icmp) return tuple;
  const { first, last } = range?.ports ?? (icmp ? { first: 0, last: 65535 } : portClass(old));
  const size = last - first + 1;
  const start = startOffset(connection, manip, range, old, random);
  if (range?.basePort === undefined && manip === 'src' && !icmp && size > 1) connection.drawnFrom = { first, last };
  for (let i = 0; i < size; i++) {
    const candidate = withPort(tuple, manip, first + ((start + i) % size));
    if (!table.replyTaken(invert(candidate), connection)) return candidate;
  }
  return withPort(tuple, manip, first + (start % size));
}

/** The kernel draws a random offset here; ours is a fixed function of the flow, so that runs repeat. */
function startOffset(
  connection: Connection,
  manip: Manip,
  range: NatRange | undefined,
  old: number,
  random: boolean,
): number {
  if (range?.basePort !== undefined) return (old - range.basePort + 65536) % 65536;
  if (!random && manip === 'dst') return 0;
  const { sport, dport, protocol } = connection.original;
  return jhash2([sport, dport, protocol], 0) & 0xffff;
}

function portClass(port: number): { first: number; last: number } {
  if (port < 512) return { first: 1, last: 511 };
  if (port < 1024) return { first: 600, last: 1023 };
  return { first: 1024, last: 65535 };
}

/**
 * nf_nat_packet(), or nf_nat_icmp_reply_translation() for ICMP errors: the packet as it looks behind this hook.
 * Returns the same object when nothing changes.
 */
export function translate(packet: Packet, attachment: Attachment, hook: Hook): Packet {
  const { connection, direction } = attachment;
  const manip = manipOf(hook);
  // IPS_NAT_MASK is inverted for replies: what was source translation is now destination translation.
  const side = direction === 'ORIGINAL' ? manip : manip === 'src' ? 'dst' : 'src';
  if (!(side === 'src' ? connection.srcNat : connection.dstNat)) return packet;
  const opposite = direction === 'ORIGINAL' ? connection.reply : connection.original;
  const target = invert(opposite);
  if (attachment.info === 'RELATED' && isIcmpError(packet)) return translateIcmpError(packet, opposite, target, manip);
  return rewrite(packet, manip, target);
}

/** nf_nat_manip_pkt(): address and port of one side. */
function rewrite(packet: Packet, manip: Manip, target: Tuple): Packet {
  const transport = rewritePort(packet.transport, manip, target);
  return manip === 'src' ? { ...packet, src: target.src, transport } : { ...packet, dst: target.dst, transport };
}

function rewritePort(transport: Transport, manip: Manip, target: Tuple): Transport {
  switch (transport.proto) {
    case 'tcp':
    case 'udp':
    case 'sctp':
      return manip === 'src' ? { ...transport, sport: target.sport } : { ...transport, dport: target.dport };
    case 'icmp':
    case 'icmpv6':
      return transport.id === undefined ? transport : { ...transport, id: target.sport };
    case 'ipip':
    case 'other':
      return transport;
  }
}

/** The quoted packet goes the other way, so its other side is translated; the outer header like a reply's. */
function translateIcmpError(packet: Packet, opposite: Tuple, target: Tuple, manip: Manip): Packet {
  const t = packet.transport;
  if ((t.proto !== 'icmp' && t.proto !== 'icmpv6') || t.quoted === undefined) return packet;
  const quoted = rewrite(t.quoted, manip === 'src' ? 'dst' : 'src', opposite);
  const outer = manip === 'src' ? { ...packet, src: target.src } : { ...packet, dst: target.dst };
  return { ...outer, transport: { ...t, quoted } };
}
