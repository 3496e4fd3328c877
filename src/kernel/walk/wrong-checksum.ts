/** The one case where a packet has a wrong checksum that nobody meant it to have: a datagram of VXLAN behind NAT. */
import type { Packet } from '../../net/packet.ts';
import type { Cursor } from './stage.ts';

/**
 * The packet after NAT. inet_proto_csum_replace4() takes the checksum of the outer datagram, which is none, for one still to be
 * completed (CHECKSUM_PARTIAL), as that of the segment inside is. While nobody completes that one, nobody looks at it.
 */
export function mangleChecksum(packet: Packet): Packet {
  return packet.checksum === undefined && carriesSegment(packet) ? { ...packet, checksum: 'mangled' } : packet;
}

/** skb_checksum_help(), for ip_do_fragment(): with the inner checksum completed the outer one counts. */
export function completeChecksum(packet: Packet): Packet {
  if (packet.checksum === 'mangled') return { ...packet, checksum: 'wrong' };
  return packet.checksum === undefined && carriesSegment(packet) ? { ...packet, checksum: 'complete' } : packet;
}

/**
 * Whether udp_lib_checksum_complete() and nf_ip_checksum() say no on this machine: the inner checksum was completed on the way,
 * or by the loopback device, which has no hw_enc_features (veth devices have).
 */
export function hasWrongChecksum({ inDevice, skb: { packet } }: Cursor): boolean {
  return packet.checksum === 'wrong' || (packet.checksum === 'mangled' && inDevice === 'lo');
}

/** Of the segments that a sender leaves to its card to complete: datagrams, and what opens a connection. */
function carriesSegment({ transport: outer }: Packet): boolean {
  if (outer.proto !== 'udp' || outer.payload?.kind !== 'vxlan') return false;
  const { transport } = outer.payload.frame.packet;
  return transport.proto === 'udp' || (transport.proto === 'tcp' && transport.flags.includes('SYN'));
}
