/** What this machine sends back to who sent it a packet. */
import { familyOf, isIp6 } from '../../../net/address.ts';
import type { Packet } from '../../../net/packet.ts';
import type { Netns } from '../../netns.ts';
import type { Listener } from '../../socket.ts';
import { replyDevice, resetFor } from '../end.ts';
import { defaultHopLimit } from '../hop-limit.ts';
import type { Run } from '../run.ts';
import type { Answer, Cursor, Next } from '../stage.ts';

/** The packet is taken, and this goes back; without a listener the kernel itself answers. */
export function answered(run: Run, netns: Netns, at: Cursor, listener: Listener | undefined, reply: Packet): Next {
  const { packet } = at.skb;
  run.emit({ kind: 'answer', netns: netns.id, packet, answer: reply, refusal: false });
  const kernelMade = listener === undefined;
  return {
    kind: 'end',
    disposition: { kind: 'delivered', netns: netns.id, listener },
    packet,
    answer: answerFrom(netns, at, reply, kernelMade),
  };
}

/** Nothing attaches it to a connection, other than nf_ct_attach() an error or a reset: tracking knows it by its tuple. */
export function answerFrom(netns: Netns, at: Cursor, packet: Packet, kernelMade: boolean): Answer {
  return { netns: netns.id, packet, anySource: false, connection: undefined, kernelMade, ...replyDevice(at) };
}

/** The IP header, from the address that was asked. */
export function answerHeader(netns: Netns, packet: Packet): Omit<Packet, 'length' | 'transport'> {
  return {
    src: packet.dst,
    dst: packet.src,
    ttl: defaultHopLimit(netns, familyOf(packet.dst)),
    dontFragment: packet.dontFragment,
  };
}

/** Bytes of the IP header, without options. */
export function headerLength(packet: Packet): number {
  return isIp6(packet.dst) ? 40 : 20;
}

/** tcp_v4_send_reset(), tcp_v6_send_reset(): other than a rule's RST it has the type of service of what it answers. */
export function socketReset(netns: Netns, packet: Packet): Packet {
  const { dscp } = packet;
  return { ...resetFor(netns, packet), ...(dscp === undefined ? {} : { dscp }) };
}
