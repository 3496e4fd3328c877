/** Connection tracking: net/netfilter/nf_conntrack_core.c, nf_conntrack_proto_{tcp,udp,icmp}.c. */
import { isIcmpError, type Packet, portsOf, protocolNumber } from '../../net/packet.ts';
import type { PortRange } from '../../net/port-range.ts';
import type { CtState, Tuple } from './match.ts';

/** struct nf_conn. It changes while the run lasts: NAT binds it, replies are seen. */
export class Connection {
  readonly original: Tuple;
  /** The tuple replies will have; NAT alters it. */
  reply: Tuple;
  mark = 0;
  srcNat = false;
  dstNat = false;
  /** IPS_SRC_NAT_DONE, IPS_DST_NAT_DONE: the binding for this side is settled. */
  srcNatDone = false;
  dstNatDone = false;
  seenReply = false;
  confirmed = false;
  /** NAT has drawn the source port from this range: nobody can foretell it. */
  drawnFrom: PortRange | undefined;

  constructor(original: Tuple) {
    this.original = original;
    this.reply = invert(original);
  }
}

/** IP_CT_DIR_ORIGINAL, IP_CT_DIR_REPLY. */
export type Direction = 'ORIGINAL' | 'REPLY';

/** How a packet belongs to a connection (enum ip_conntrack_info). */
export type Attachment = {
  readonly connection: Connection;
  readonly direction: Direction;
  readonly info: 'NEW' | 'ESTABLISHED' | 'RELATED';
};

/** nf_ct_invert_tuple() */
export function invert(tuple: Tuple): Tuple {
  const { src, dst, protocol, sport, dport } = tuple;
  if (protocol === 1)
    return { src: dst, dst: src, protocol, sport, dport: ((INVERSE_ICMP[dport >> 8] ?? 255) << 8) | (dport & 255) };
  if (protocol === 58)
    return { src: dst, dst: src, protocol, sport, dport: ((INVERSE_ICMP6[dport >> 8] ?? 255) << 8) | (dport & 255) };
  return { src: dst, dst: src, protocol, sport: dport, dport: sport };
}

/** invmap of nf_conntrack_proto_icmp.c: which type answers which. */
const INVERSE_ICMP: Readonly<Record<number, number>> = { 8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17 };
const INVERSE_ICMP6: Readonly<Record<number, number>> = { 128: 129, 129: 128, 139: 140, 140: 139 };

/** nf_ct_tuple_equal() */
export function sameTuple(a: Tuple, b: Tuple): boolean {
  return a.src === b.src && a.dst === b.dst && a.protocol === b.protocol && a.sport === b.sport && a.dport === b.dport;
}

function keyOf(t: Tuple): string {
  return `${t.protocol} ${t.src} ${t.sport} ${t.dst} ${t.dport}`;
}

/** nf_ct_get_tuple(): ports, or identifier and type of ICMP queries. */
export function tupleOf(packet: Packet): Tuple {
  const { src, dst, transport } = packet;
  const protocol = protocolNumber(packet);
  if (transport.proto === 'icmp' || transport.proto === 'icmpv6') {
    return { src, dst, protocol, sport: transport.id ?? 0, dport: (transport.type << 8) | transport.code };
  }
  const ports = portsOf(packet);
  return { src, dst, protocol, sport: ports?.sport ?? 0, dport: ports?.dport ?? 0 };
}

/** The confirmed connections of one namespace, found by either direction's tuple. */
export class ConnectionTable {
  readonly #byTuple = new Map<string, { connection: Connection; direction: Direction }>();

  find(tuple: Tuple): { readonly connection: Connection; readonly direction: Direction } | undefined {
    return this.#byTuple.size === 0 ? undefined : this.#byTuple.get(keyOf(tuple));
  }

  /** nf_nat_used_tuple(): whether replies with this tuple already belong to another connection. */
  replyTaken(reply: Tuple, than: Connection): boolean {
    const found = this.find(reply);
    return found !== undefined && found.connection !== than;
  }

  /** __nf_conntrack_confirm(); false when another connection took one of the tuples first. */
  confirm(connection: Connection): boolean {
    if (connection.confirmed) return true;
    if (this.replyTaken(connection.reply, connection) || this.replyTaken(connection.original, connection)) return false;
    connection.confirmed = true;
    this.#byTuple.set(keyOf(connection.original), { connection, direction: 'ORIGINAL' });
    this.#byTuple.set(keyOf(connection.reply), { connection, direction: 'REPLY' });
    return true;
  }

  /** nf_ct_kill(): packets that hold the connection keep it, others do not find it any more. */
  remove(connection: Connection): void {
    for (const [key, entry] of this.#byTuple) {
      if (entry.connection === connection) this.#byTuple.delete(key);
    }
  }

  get all(): readonly Connection[] {
    return [...new Set([...this.#byTuple.values()].map((entry) => entry.connection))];
  }
}

/**
 * nf_conntrack_in(): which connection the packet belongs to; undefined is INVALID.
 * @param loose nf_conntrack_tcp_loose: a TCP packet in the middle of a connection may open an entry.
 */
export function trackPacket(table: ConnectionTable, packet: Packet, loose: boolean): Attachment | undefined {
  if (isIcmpError(packet)) return trackIcmpError(table, packet);
  const tuple = tupleOf(packet);
  const found = table.find(tuple);
  if (found === undefined)
    return mayOpen(packet, loose)
      ? { connection: new Connection(tuple), direction: 'ORIGINAL', info: 'NEW' }
      : undefined;
  const { transport } = packet;
  // nf_conntrack_tcp_packet(): "If only reply is a RST, we can consider ourselves not to have an established connection".
  if (transport.proto === 'tcp' && transport.flags.includes('RST') && !found.connection.seenReply)
    table.remove(found.connection);
  if (found.direction === 'REPLY') {
    // nf_conntrack_in() sets IPS_SEEN_REPLY with the first packet that goes the other way.
    found.connection.seenReply = true;
    return { ...found, info: 'ESTABLISHED' };
  }
  return { ...found, info: found.connection.seenReply ? 'ESTABLISHED' : 'NEW' };
}

/** The types that nf_conntrack_icmpv6_error() leaves untracked (noct_valid_new[]): group membership and NDP. */
const UNTRACKED_ICMP6: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 137, 143]);

/** Messages that IPv6 itself lives on; they belong to no connection. */
export function isNeighbourDiscovery({ transport }: Packet): boolean {
  return transport.proto === 'icmpv6' && UNTRACKED_ICMP6.has(transport.type);
}

/** Which packets open an entry: tcp_new(), icmp's valid_new, everything else does. */
function mayOpen(packet: Packet, loose: boolean): boolean {
  const t = packet.transport;
  switch (t.proto) {
    case 'tcp': {
      const has = (flag: (typeof t.flags)[number]) => t.flags.includes(flag);
      if (has('RST')) return false;
      if (has('SYN')) return !has('ACK') && !has('FIN');
      return loose && has('ACK');
    }
    case 'icmp':
      // nf_conntrack_icmp_packet() valid_new: echo, timestamp, information and address mask requests.
      return t.type === 8 || t.type === 13 || t.type === 15 || t.type === 17;
    case 'icmpv6':
      return t.type === 128 || t.type === 139;
    case 'sctp':
      return t.chunk === 'INIT';
    default:
      return true;
  }
}

/**
 * nf_conntrack_inet_error(): an ICMP error belongs to the connection of the packet it quotes, if that is known and the
 * error is addressed to the side that sent the packet.
 */
function trackIcmpError(table: ConnectionTable, packet: Packet): Attachment | undefined {
  const t = packet.transport;
  const quoted = t.proto === 'icmp' || t.proto === 'icmpv6' ? t.quoted : undefined;
  if (quoted === undefined) return undefined;
  const found = table.find(invert(tupleOf(quoted)));
  if (found === undefined) return undefined;
  const { connection, direction } = found;
  const expected = direction === 'ORIGINAL' ? connection.original.dst : connection.reply.dst;
  if (expected !== packet.dst) return undefined;
  return { connection, direction, info: 'RELATED' };
}

/** What `-m conntrack --ctstate` calls the packet. */
export function ctStateOf(attachment: Attachment | undefined, untracked: boolean): CtState {
  if (untracked) return 'UNTRACKED';
  return attachment?.info ?? 'INVALID';
}
