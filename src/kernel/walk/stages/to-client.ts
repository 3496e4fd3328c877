/** An answer, or an ICMP error, at the machine that asked. */
import type { Packet } from '../../../net/packet.ts';
import { invert, sameTuple, tupleOf } from '../../netfilter/conntrack.ts';
import type { Netns } from '../../netns.ts';
import { addressType } from '../../route/address-type.ts';
import { drop } from '../end.ts';
import type { Run } from '../run.ts';
import type { Cursor, Next } from '../stage.ts';
import { answerFrom, socketReset } from './local-answer.ts';

/** It ends at the socket that waits for it, if there is one. */
export function toClient(run: Run, netns: Netns, at: Cursor): Next {
  const { packet } = at.skb;
  const t = packet.transport;
  const error = (t.proto === 'icmp' || t.proto === 'icmpv6') && t.quoted !== undefined;
  const waiting = isAnswer(run, netns, packet);
  run.emit({
    kind: 'deliver',
    netns: netns.id,
    packet,
    to: !waiting ? 'nothing' : error ? 'icmp-error' : 'socket',
    listener: undefined,
  });
  if (!waiting) return unexpected(run, netns, at);
  return {
    kind: 'end',
    disposition: { kind: 'delivered', netns: netns.id, listener: undefined },
    packet,
    answer: undefined,
  };
}

/** tcp_v4_rcv(): a segment that belongs to no connection gets a RST, on a port that somebody listens on as well. */
function unexpected(run: Run, netns: Netns, at: Cursor): Next {
  const end = drop(run, netns, at, 'NO_CONNECTION');
  const { packet } = at.skb;
  const t = packet.transport;
  if (end.kind !== 'end' || t.proto !== 'tcp' || t.flags.includes('RST')) return end;
  if (addressType(netns, packet.dst) !== 'LOCAL') return end;
  return { ...end, answer: answerFrom(netns, at, socketReset(netns, packet), true) };
}

/** Protocol numbers of ping sockets. */
const PING = { icmp: 1, icmpv6: 58 } as const;
const ECHO_REQUEST = { icmp: 8, icmpv6: 128 } as const;

/** Whether the sender's socket is here and takes the packet as the answer to its probe. */
export function isAnswer(run: Run, netns: Netns, packet: Packet): boolean {
  const { client } = run;
  if (client === undefined || client.netns !== netns.id) return false;
  const t = packet.transport;
  if ((t.proto === 'icmp' || t.proto === 'icmpv6') && t.quoted !== undefined) {
    const quoted = t.quoted.transport;
    // ping_err(): a ping socket knows the errors about its echo requests by the identifier alone.
    const own =
      quoted.proto === t.proto &&
      quoted.type === ECHO_REQUEST[t.proto] &&
      quoted.id === client.tuple.sport &&
      client.tuple.protocol === PING[t.proto];
    return (own && packet.dst === client.tuple.src) || sameTuple(tupleOf(t.quoted), client.tuple);
  }
  // ping_lookup(): a ping socket takes every echo reply with its identifier, whoever sends it.
  if ((t.proto === 'icmp' && t.type === 0) || (t.proto === 'icmpv6' && t.type === 129))
    return client.tuple.protocol === PING[t.proto] && t.id === client.tuple.sport && packet.dst === client.tuple.src;
  return sameTuple(tupleOf(packet), invert(client.tuple));
}
