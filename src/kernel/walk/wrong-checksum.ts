/** The one case where a packet on this machine has a wrong checksum that nobody meant it to have. */
import type { Cursor } from './stage.ts';

/**
 * Whether NAT has given a datagram of VXLAN a checksum that this machine finds wrong.
 *
 * inet_proto_csum_replace4() takes the checksum of the outer datagram for one still to be completed (CHECKSUM_PARTIAL), as
 * that of the segment inside is. Nobody looks at it on the wire between veth devices, but the loopback device has no
 * hw_enc_features: skb_checksum_help() completes the inner one, and the outer one is wrong for udp_lib_checksum_complete()
 * and nf_ip_checksum().
 */
export function hasWrongChecksum({ inDevice, skb }: Cursor): boolean {
  const { transport: outer } = skb.packet;
  const { srcNat, dstNat } = skb.connection?.connection ?? {};
  if (inDevice !== 'lo' || (srcNat !== true && dstNat !== true)) return false;
  if (outer.proto !== 'udp' || outer.payload?.kind !== 'vxlan') return false;
  const { transport } = outer.payload.frame.packet;
  return transport.proto === 'udp' || (transport.proto === 'tcp' && transport.flags.includes('SYN'));
}
