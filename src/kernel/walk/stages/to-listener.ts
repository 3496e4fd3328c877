/** A request at the machine it is for. */
import { isIp6 } from '../../../net/address.ts';
import type { Packet, Transport } from '../../../net/packet.ts';
import type { DropReason } from '../../drop-reason.ts';
import type { Netns } from '../../netns.ts';
import { addressType } from '../../route/address-type.ts';
import type { Listener } from '../../socket.ts';
import { answerWith, drop, refuse } from '../end.ts';
import { icmpMessage } from '../icmp-error.ts';
import type { Run } from '../run.ts';
import type { Cursor, Next } from '../stage.ts';
import { findListener } from './find-listener.ts';
import { answered, answerFrom, answerHeader, headerLength, socketReset } from './local-answer.ts';

type Segment = Extract<Transport, { proto: 'tcp' | 'udp' | 'sctp' }>;

/** Somebody listens and answers, or nobody does and the kernel refuses. */
export function toListener(run: Run, netns: Netns, at: Cursor, request: Segment): Next {
  const { packet } = at.skb;
  const listener = findListener(netns, request.proto, request.dport, packet.dst);
  if (addressType(netns, packet.dst) === 'BROADCAST') return toAll(run, netns, at, listener);
  // tcp_v6_conn_request(), tcp_v6_send_reset(): ipv6_unicast_destination() is asked for, which an anycast address is not.
  if (at.anycast === true && request.proto !== 'udp')
    return drop(run, netns, at, 'IP_INVALID_DEST', { detail: 'a connection to an anycast address' });
  return listener === undefined ? refused(run, netns, at, request) : accepted(run, netns, at, request, listener);
}

function accepted(run: Run, netns: Netns, at: Cursor, request: Segment, listener: Listener): Next {
  const { packet } = at.skb;
  run.emit({ kind: 'deliver', netns: netns.id, packet, to: 'socket', listener });
  // udp_sendmsg(): EACCES without SO_BROADCAST; a source like this is the work of NAT.
  if (request.proto === 'udp' && addressType(netns, packet.src) === 'BROADCAST')
    return { kind: 'end', disposition: { kind: 'delivered', netns: netns.id, listener }, packet, answer: undefined };
  const transport = replyTo(request);
  const length = lengthOf(transport) + headerLength(packet);
  return answered(run, netns, at, listener, { ...answerHeader(netns, packet), length, transport });
}

function refused(run: Run, netns: Netns, at: Cursor, request: Segment): Next {
  const { packet } = at.skb;
  const reason: DropReason = 'SOCKET_CLOSED';
  switch (request.proto) {
    case 'udp': {
      // __udp4_lib_rcv(): nf_reset_ct() comes before icmp_send(), so the error is not attached to the connection.
      const { connection: _, untracked: __, ...skb } = at.skb;
      return refuse(run, netns, { ...at, skb }, reason, icmpMessage(packet, 'port-unreachable', { local: true }));
    }
    case 'tcp': {
      // tcp_v6_send_response() gives its buffer to no socket, as ip_send_unicast_reply() does.
      const socketless = isIp6(packet.dst) ? { socketless: true } : {};
      const reset = answerFrom(netns, at, socketReset(netns, packet), true);
      return answerWith(run, netns, at, reason, { ...reset, ...socketless });
    }
    case 'sctp': {
      const transport: Segment = { ...request, sport: request.dport, dport: request.sport, chunk: 'ABORT' };
      const abort: Packet = { ...answerHeader(netns, packet), length: 20 + headerLength(packet), transport };
      return answerWith(run, netns, at, reason, answerFrom(netns, at, abort, true));
    }
  }
}

/**
 * __udp4_lib_mcast_deliver(), tcp_v4_conn_request(): a datagram to all is taken, a connection to all is not, and nobody
 * is refused.
 */
function toAll(run: Run, netns: Netns, at: Cursor, listener: Listener | undefined): Next {
  const { packet } = at.skb;
  if (packet.transport.proto !== 'udp')
    return drop(run, netns, at, 'IP_INVALID_DEST', { detail: 'a connection to a broadcast address' });
  if (listener === undefined) return drop(run, netns, at, 'SOCKET_CLOSED');
  run.emit({ kind: 'deliver', netns: netns.id, packet, to: 'socket', listener });
  return { kind: 'end', disposition: { kind: 'delivered', netns: netns.id, listener }, packet, answer: undefined };
}

/** What a service answers first. */
function replyTo(request: Segment): Segment {
  const ports = { sport: request.dport, dport: request.sport };
  switch (request.proto) {
    case 'tcp':
      return { ...request, ...ports, flags: ['SYN', 'ACK'] };
    case 'udp':
      return { proto: 'udp', ...ports };
    case 'sctp':
      return { ...request, ...ports, chunk: 'INIT_ACK' };
  }
}

/** Behind the IP header. */
function lengthOf({ proto }: Segment): number {
  return proto === 'tcp' ? 40 : proto === 'sctp' ? 32 : 12;
}
