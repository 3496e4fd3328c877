/** A probe and what comes back: the request is walked, then its answer through the same memories. */
import { assertNever } from '../../lib/assert.ts';
import { familyOf, type IpAddr, ip4, ip6, isIp4 } from '../../net/address.ts';
import type { Packet, Transport } from '../../net/packet.ts';
import { tupleOf } from '../netfilter/conntrack.ts';
import { routeOutput } from '../route/output.ts';
import { defaultHopLimit } from './hop-limit.ts';
import type { Run } from './run.ts';
import { type Answer, go, type Next } from './stage.ts';
import type { Leg, Observation, Probe } from './step.ts';
import { type Walk, walk } from './walk.ts';

/** The address of a packet whose source is still to be chosen. */
const UNSPECIFIED = ip4(0);
const UNSPECIFIED6 = ip6(0n);
const LOOPBACK = ip4(0x7f000001);
const LOOPBACK6 = ip6(1n);

type Conversation = {
  readonly request: Leg;
  readonly answer: Leg | undefined;
  readonly further?: readonly Leg[];
  readonly observation: Observation;
};

/** An answer is walked through the memories that the request has left: conntrack knows it. */
export function roundTrip(run: Run, probe: Probe): Conversation {
  const request = walk(run, send(run, probe));
  if (request.answer === undefined)
    return { request: request.leg, answer: undefined, observation: silent(probe, request.leg) };
  const answer = walk(run, reply(run, request.answer));
  const further = answer.answer === undefined ? [] : run.aside(() => consequences(run, probe, answer)).result;
  const last = further.at(-1);
  return {
    request: request.leg,
    answer: answer.leg,
    ...(last === undefined ? {} : { further }),
    observation: observe(probe, request.leg, last ?? answer.leg),
  };
}

/** Two machines that answer each other's answers may do so for ever. */
const MOST_CONSEQUENCES = 4;

/**
 * An answer that is answered itself (by a RST, by an error of ICMP) is of no interest to the sender, unless conntrack leads
 * something of that to it: nf_conntrack_inet_error() knows the connection by the packet that an error quotes.
 */
function consequences(run: Run, probe: Probe, answer: Walk): readonly Leg[] {
  const legs: Leg[] = [];
  let last = answer;
  while (last.answer !== undefined && legs.length < MOST_CONSEQUENCES) {
    last = walk(run, reply(run, last.answer));
    legs.push(last.leg);
    if (isHeard(probe, last.leg)) return legs;
  }
  return [];
}

/** The sender's socket: connect() fixes the source by the first route, then the packet goes out. */
function send(run: Run, probe: Probe): Next {
  const netns = run.world.netns(probe.netns);
  const draft: Packet = {
    src: probe.source ?? (isIp4(probe.destination) ? UNSPECIFIED : UNSPECIFIED6),
    dst: peerOf(probe),
    ttl: probe.ttl ?? defaultHopLimit(netns, familyOf(probe.destination)),
    length: probe.length ?? bareLength(probe),
    // TCP sets DF (ip_no_pmtu_disc 0); ping and UDP sockets do as well unless told otherwise.
    dontFragment: probe.dontFragment ?? true,
    transport: transportOf(probe),
  };
  const first = routeOutput(run, netns, draft, { source: probe.source, mark: probe.mark ?? 0 });
  const { source } = first;
  const packet: Packet = { ...draft, src: source ?? draft.src };
  run.client = { netns: probe.netns, tuple: tupleOf(packet) };
  run.emit({ kind: 'originate', netns: probe.netns, packet, by: 'process' });
  const skb = { packet, mark: probe.mark ?? 0, socket: { uid: probe.uid ?? 0, gid: probe.gid ?? 0 } };
  // ip6_dst_store(): a connected socket of IPv6 keeps this route; ip_route_connect() asks once more with the source.
  const routed = isIp4(probe.destination) ? {} : { routed: first };
  return go('output', { netns: probe.netns, skb, source: source ?? probe.source, inSendCall: true, ...routed });
}

/**
 * Whom 0.0.0.0 and :: stand for: the sender, at the address it has chosen to speak from or at the loopback one
 * (ip_route_output_key_hash_rcu(); tcp_v6_connect() and ip6_datagram_connect() take ::1 always).
 */
function peerOf({ destination, source }: Probe): IpAddr {
  if (destination === UNSPECIFIED) return source ?? LOOPBACK;
  return destination === UNSPECIFIED6 ? LOOPBACK6 : destination;
}

/** A SYN with its options, 56 bytes of ping, a datagram with 4. */
function bareLength({ protocol, destination }: Probe): number {
  return (protocol === 'tcp' ? 40 : protocol === 'icmp' ? 64 : 12) + (isIp4(destination) ? 20 : 40);
}

function transportOf(probe: Probe): Transport {
  const { sport, dport, protocol } = probe;
  switch (protocol) {
    case 'tcp':
      return { proto: 'tcp', sport, dport, flags: ['SYN'] };
    case 'udp':
      return { proto: 'udp', sport, dport };
    case 'sctp':
      return { proto: 'sctp', sport, dport, chunk: 'INIT' };
    case 'icmp':
      return isIp4(probe.destination)
        ? { proto: 'icmp', type: 8, code: 0, id: sport }
        : { proto: 'icmpv6', type: 128, code: 0, id: sport };
    default:
      return assertNever(protocol);
  }
}

/** Answers of a listening process are root's as far as is known; the kernel's own sockets have no owner (xt_owner). */
const ROOT = { uid: 0, gid: 0 };
const KERNEL_SOCKET = { uid: undefined, gid: undefined };

function reply(run: Run, answer: Answer): Next {
  const { netns, packet, connection, straightOut, anySource, routed, oif } = answer;
  run.emit({ kind: 'originate', netns, packet, by: answer.kernelMade ? 'kernel' : 'process' });
  const skb = {
    packet,
    mark: 0,
    hash: 1,
    kernelMade: answer.kernelMade,
    ...(connection === undefined ? {} : { connection }),
    ...(answer.socketless === true ? {} : { socket: answer.kernelMade ? KERNEL_SOCKET : ROOT }),
    ...(answer.attachedNothing === true ? { attachedNothing: true } : {}),
    ...(isIcmp(packet) && answer.kernelMade ? { insideIcmpSend: true } : {}),
  };
  if (straightOut !== undefined) {
    const { source, destination, device } = straightOut;
    return go('port', { netns, skb: { ...skb, frame: { source, destination } }, outDevice: device });
  }
  return go('output', { netns, skb, source: packet.src, anySource, routed, oif });
}

function isIcmp({ transport: { proto } }: Packet): boolean {
  return proto === 'icmp' || proto === 'icmpv6';
}

/** Without an answer the sender learns only what its own system call returned. */
function silent(probe: Probe, request: Leg): Observation {
  const { disposition } = request;
  if (disposition.kind === 'delivered' || disposition.errno === undefined) return { kind: 'silence' };
  // tcp_connect() goes on retransmitting when a filter refuses the SYN; only a missing route ends connect() at once.
  if (probe.protocol === 'tcp' && disposition.errno === 'EPERM') return { kind: 'silence' };
  return { kind: 'errno', errno: disposition.errno };
}

/** Where a socket that listens took it, the sender's own did not. */
function isHeard(probe: Probe, { disposition }: Leg): boolean {
  return disposition.kind === 'delivered' && disposition.netns === probe.netns && disposition.listener === undefined;
}

function observe(probe: Probe, request: Leg, answer: Leg): Observation {
  if (!isHeard(probe, answer)) return silent(probe, request);
  const { src, ttl, transport } = answer.packet;
  switch (transport.proto) {
    case 'icmp':
    case 'icmpv6': {
      if (transport.quoted === undefined) return { kind: 'connected', ttl, from: src };
      const mtu = transport.mtu === undefined ? {} : { mtu: transport.mtu };
      return { kind: 'icmp', type: transport.type, code: transport.code, from: src, ttl, ...mtu };
    }
    case 'tcp':
      return { kind: transport.flags.includes('RST') ? 'reset' : 'connected', ttl, from: src };
    case 'sctp':
      return { kind: transport.chunk === 'ABORT' ? 'reset' : 'connected', ttl, from: src };
    default:
      return { kind: 'connected', ttl, from: src };
  }
}
