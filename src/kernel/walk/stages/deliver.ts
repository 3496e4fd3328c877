/** A packet for this machine: net/ipv4/ip_input.c ip_local_deliver(), then the protocol's receive function. */
import { familyOf, type IpAddr, ip4, isIp4, isIp6 } from '../../../net/address.ts';
import type { Packet, Transport } from '../../../net/packet.ts';
import type { DropReason } from '../../drop-reason.ts';
import { invert, sameTuple, tupleOf } from '../../netfilter/conntrack.ts';
import { runHook } from '../../netfilter/hook-run.ts';
import type { Netns } from '../../netns.ts';
import { addressType } from '../../route/address-type.ts';
import { routeOutput } from '../../route/output.ts';
import type { Listener } from '../../socket.ts';
import { answerWith, drop, refuse, replyDevice, resetFor, stopped } from '../end.ts';
import { defaultHopLimit } from '../hop-limit.ts';
import { icmpMessage } from '../icmp-error.ts';
import type { Run } from '../run.ts';
import { cameToAll, scrub } from '../skb.ts';
import { type Answer, type Cursor, go, type Next, type Stage } from '../stage.ts';

export const input: Stage = (run, netns, at) => {
  const result = runHook(run, netns, 'INPUT', at.skb, { inDevice: at.inDevice });
  if (result.kind !== 'accept') return stopped(run, netns, at, result);
  return go('deliver', { ...at, skb: result.skb });
};

/** ip_protocol_deliver_rcu() */
export const deliver: Stage = (run, netns, at) => {
  const { packet } = at.skb;
  const t = packet.transport;
  switch (t.proto) {
    case 'tcp':
      // tcp_v4_rcv() takes what came to this machine alone.
      if (cameToAll(at.skb)) return drop(run, netns, at, 'UNICAST_IGNORED', { detail: 'a segment in a frame to all' });
      if (!t.flags.includes('SYN') || t.flags.includes('ACK')) return toClient(run, netns, at);
      return toListener(run, netns, at, { ...t, sport: t.dport, dport: t.sport, flags: ['SYN', 'ACK'] });
    case 'udp': {
      if (t.payload?.kind === 'tun') {
        const tunnel = [...netns.devices.values()].find(
          (d) => d.kind === 'tun' && d.udpPort === t.dport && d.local === packet.dst && d.up,
        );
        if (tunnel !== undefined) return receiveByProcess(run, netns, at, tunnel.name, t.payload.frame.packet);
      }
      if (t.payload?.kind === 'vxlan') {
        const { payload } = t;
        if (hasWrongChecksum(at, payload.frame.packet))
          return drop(run, netns, at, 'TUNNEL_NO_DEVICE', { detail: 'NAT has given the datagram a wrong checksum' });
        // __vxlan_sock_add(): a device listens for one family, that of its local address (VXLAN_F_IPV6), else IPv4.
        const tunnels = [...netns.devices.values()]
          .filter((d) => d.kind === 'vxlan')
          .filter(
            (d) => d.udpPort === t.dport && (d.local !== undefined && isIp6(d.local)) === isIp6(packet.dst) && d.up,
          );
        const tunnel = tunnels.find((d) => d.vni === payload.vni);
        if (tunnel !== undefined) return decapsulate(run, netns, at, tunnel.name, payload.frame.packet, payload.frame);
        // Without a device on this port (NAT may have changed it) it is a datagram as any other.
        if (tunnels.length > 0)
          return drop(run, netns, at, 'TUNNEL_NO_DEVICE', { detail: `VXLAN network ${payload.vni}` });
      }
      if (isAnswer(run, netns, packet)) return toClient(run, netns, at);
      return toListener(run, netns, at, { proto: 'udp', sport: t.dport, dport: t.sport });
    }
    case 'sctp':
      if (t.chunk !== 'INIT') return toClient(run, netns, at);
      return toListener(run, netns, at, { ...t, sport: t.dport, dport: t.sport, chunk: 'INIT_ACK' });
    case 'icmp':
      if (t.type === 8) return echo(run, netns, at, { ...t, type: 0 });
      return toClient(run, netns, at);
    case 'icmpv6':
      if (t.type === 128) return echo(run, netns, at, { ...t, type: 129 });
      return toClient(run, netns, at);
    case 'ipip': {
      const tunnel = [...netns.devices.values()].find(
        (d) =>
          d.kind === 'ipip' &&
          (d.local === undefined || d.local === packet.dst) &&
          (d.remote === undefined || d.remote === packet.src) &&
          d.up,
      );
      // tunnel4_rcv() (net/ipv4/tunnel4.c), which is there with the first tunnel; without it the protocol is unknown.
      if (tunnel === undefined) {
        if (isIp6(packet.dst) || isIp6(t.inner.dst))
          return refuse(
            run,
            netns,
            at,
            'TUNNEL_NO_DEVICE',
            icmpMessage(packet, 'protocol-unreachable', { local: true }),
          );
        const hasTunnels = [...netns.devices.values()].some((d) => d.kind === 'ipip');
        return refuse(run, netns, at, 'TUNNEL_NO_DEVICE', { type: 3, code: hasTunnels ? 3 : 2, local: true });
      }
      return decapsulate(run, netns, at, tunnel.name, t.inner, undefined);
    }
    case 'other':
      return refuse(run, netns, at, 'PROTOCOL_UNKNOWN', icmpMessage(packet, 'protocol-unreachable', { local: true }));
  }
};

/**
 * inet_proto_csum_replace4() takes the checksum of the outer datagram for one still to be completed (CHECKSUM_PARTIAL), as
 * that of the segment inside is. Nobody looks at it on the wire between veth devices, but the loopback device has no
 * hw_enc_features: skb_checksum_help() completes the inner one, and udp_lib_checksum_complete() finds the outer one wrong.
 */
function hasWrongChecksum({ inDevice, skb }: Cursor, { transport }: Packet): boolean {
  const { srcNat, dstNat } = skb.connection?.connection ?? {};
  if (inDevice !== 'lo' || (srcNat !== true && dstNat !== true)) return false;
  return transport.proto === 'udp' || (transport.proto === 'tcp' && transport.flags.includes('SYN'));
}

/** A request: somebody listens and answers, or nobody does and the kernel refuses. */
function toListener(run: Run, netns: Netns, at: Cursor, reply: Transport): Next {
  const { packet } = at.skb;
  const t = packet.transport;
  if (t.proto !== 'tcp' && t.proto !== 'udp' && t.proto !== 'sctp') return drop(run, netns, at, 'PROTOCOL_UNKNOWN');
  const listener = findListener(
    netns.listeners,
    t.proto,
    t.dport,
    packet.dst,
    netns.sysctls.number('net.ipv6.bindv6only') !== 0,
  );
  const kind = addressType(netns, packet.dst);
  if (kind === 'BROADCAST') return toAll(run, netns, at, listener);
  // tcp_v6_conn_request(), tcp_v6_send_reset(): ipv6_unicast_destination() is asked for, which an anycast address is not.
  if (at.anycast === true && t.proto !== 'udp')
    return drop(run, netns, at, 'IP_INVALID_DEST', { detail: 'a connection to an anycast address' });
  if (listener !== undefined) {
    run.emit({ kind: 'deliver', netns: netns.id, packet, to: 'socket', listener });
    // udp_sendmsg(): EACCES without SO_BROADCAST; a source like this is the work of NAT.
    if (t.proto === 'udp' && addressType(netns, packet.src) === 'BROADCAST')
      return { kind: 'end', disposition: { kind: 'delivered', netns: netns.id, listener }, packet, answer: undefined };
    return accepted(run, netns, at, listener, {
      ...answerHeader(netns, packet),
      length: lengthOf(reply) + headerLength(packet),
      transport: reply,
    });
  }
  const reason: DropReason = 'SOCKET_CLOSED';
  if (t.proto === 'udp') {
    // __udp4_lib_rcv(): nf_reset_ct() comes before icmp_send(), so the error is not attached to the connection.
    const { connection: _, untracked: __, ...skb } = at.skb;
    return refuse(run, netns, { ...at, skb }, reason, icmpMessage(packet, 'port-unreachable', { local: true }));
  }
  const refusal: Packet =
    t.proto === 'tcp'
      ? socketReset(netns, packet)
      : {
          ...answerHeader(netns, packet),
          length: 20 + headerLength(packet),
          transport: { ...t, sport: t.dport, dport: t.sport, chunk: 'ABORT' },
        };
  // tcp_v6_send_response() gives its buffer to no socket, as ip_send_unicast_reply() does.
  const socketless = isIp6(packet.dst) && t.proto === 'tcp' ? { socketless: true } : {};
  return answerWith(run, netns, at, reason, { ...answerFrom(netns, at, refusal, true), ...socketless });
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

function echo(run: Run, netns: Netns, at: Cursor, reply: Transport): Next {
  const { packet } = at.skb;
  const ignore = isIp6(packet.dst) ? 'net.ipv6.icmp.echo_ignore_all' : 'net.ipv4.icmp_echo_ignore_all';
  if (netns.sysctls.number(ignore) !== 0) return drop(run, netns, at, 'ECHO_IGNORED');
  // icmp_rcv(): icmp_echo_ignore_broadcasts is 1 unless somebody changed it.
  if (addressType(netns, packet.dst) === 'BROADCAST')
    return drop(run, netns, at, 'ECHO_IGNORED', { detail: 'an echo request to a broadcast address' });
  run.emit({ kind: 'deliver', netns: netns.id, packet, to: 'echo', listener: undefined });
  return accepted(run, netns, at, undefined, {
    ...answerHeader(netns, packet),
    src: echoSource(run, netns, at),
    // icmp_sk_init(): the socket of ICMP answers has IP_PMTUDISC_DONT; icmp_reply() takes over the type of service.
    dontFragment: false,
    ...(packet.dscp === undefined ? {} : { dscp: packet.dscp }),
    length: packet.length,
    transport: reply,
  });
}

function accepted(run: Run, netns: Netns, at: Cursor, listener: Listener | undefined, reply: Packet): Next {
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

/** An answer, or an ICMP error: it ends at the socket that waits for it, if there is one. */
function toClient(run: Run, netns: Netns, at: Cursor): Next {
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

/** tcp_v4_send_reset(), tcp_v6_send_reset(): other than a rule's RST it has the type of service of what it answers. */
function socketReset(netns: Netns, packet: Packet): Packet {
  const { dscp } = packet;
  return { ...resetFor(netns, packet), ...(dscp === undefined ? {} : { dscp }) };
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
function isAnswer(run: Run, netns: Netns, packet: Packet): boolean {
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

/** inet_lookup_listener(): a socket bound to the address before one bound to all. */
function findListener(
  listeners: readonly Listener[],
  protocol: 'tcp' | 'udp' | 'sctp',
  port: number,
  address: IpAddr,
  v6only: boolean,
): Listener | undefined {
  const fits = listeners.filter(
    (l) => l.protocol === protocol && (l.port === port || l.port === 'any') && isBoundTo(l, address, v6only),
  );
  return fits.find((l) => l.address === address) ?? fits.find((l) => l.port !== 'any') ?? fits[0];
}

/** Without an address both families; `::` takes IPv4 as well unless bindv6only says otherwise (ipv6_only_sock()). */
function isBoundTo(listener: Listener, address: IpAddr, v6only: boolean): boolean {
  const bound = listener.address;
  if (bound === undefined || bound === address) return true;
  if (bound === 0) return isIp4(address);
  return bound === 0n && (isIp6(address) || !v6only);
}

function answerHeader(netns: Netns, packet: Packet): Omit<Packet, 'length' | 'transport'> {
  return {
    src: packet.dst,
    dst: packet.src,
    ttl: defaultHopLimit(netns, familyOf(packet.dst)),
    dontFragment: packet.dontFragment,
  };
}

/** icmpv6_echo_reply() does not speak from an anycast address, but from the one of the way back. */
function echoSource(run: Run, netns: Netns, at: Cursor): IpAddr {
  const { packet } = at.skb;
  if (at.anycast !== true) return packet.dst;
  const back = { ...packet, src: packet.dst, dst: packet.src };
  return routeOutput(run, netns, back, { source: undefined, mark: 0, oif: at.inDevice }).source ?? packet.dst;
}

function answerFrom(netns: Netns, at: Cursor, packet: Packet, kernelMade: boolean): Answer {
  return { netns: netns.id, packet, anySource: false, connection: undefined, kernelMade, ...replyDevice(at) };
}

/** Behind the IP header. */
function lengthOf(reply: Transport): number {
  return reply.proto === 'tcp' ? 40 : reply.proto === 'sctp' ? 32 : 12;
}

function headerLength(packet: Packet): number {
  return isIp6(packet.dst) ? 40 : 20;
}

/** ip_tunnel_rcv(), vxlan_rcv(): the inner packet is received again, by the tunnel device. */
/** The process writes the packet to its TUN device, with one hop less again. */
function receiveByProcess(run: Run, netns: Netns, at: Cursor, device: string, inner: Packet): Next {
  if (inner.ttl <= 1) return drop(run, netns, at, 'IP_TTL', { detail: `the process behind ${device}` });
  return decapsulate(run, netns, at, device, { ...inner, ttl: inner.ttl - 1 }, undefined);
}

function decapsulate(
  run: Run,
  netns: Netns,
  at: Cursor,
  device: string,
  inner: Packet,
  frame: Cursor['skb']['frame'],
): Next {
  run.emit({ kind: 'decapsulate', netns: netns.id, packet: at.skb.packet, device, inner });
  return go('receive', {
    netns: netns.id,
    inDevice: device,
    skb: {
      ...scrub(at.skb, false),
      packet: inner,
      frame: frame === undefined ? undefined : { source: frame.source, destination: frame.destination },
    },
  });
}

/** 0.0.0.0, the address of a packet whose source is still to be chosen. */
export const UNSPECIFIED = ip4(0);
