/** A packet for this machine: net/ipv4/ip_input.c ip_local_deliver(), then the protocol's receive function. */
import { runHook } from '../../netfilter/hook-run.ts';
import { drop, refuse, stopped } from '../end.ts';
import { icmpMessage } from '../icmp-error.ts';
import { cameToAll } from '../skb.ts';
import { go, type Stage } from '../stage.ts';
import { fromIpipTunnel, fromUdpTunnel } from './decapsulate.ts';
import { echo } from './echo.ts';
import { isAnswer, toClient } from './to-client.ts';
import { toListener } from './to-listener.ts';

/** ip_local_deliver(): the INPUT hook */
export const input: Stage = (run, netns, at) => {
  const result = runHook(run, netns, 'INPUT', at.skb, { inDevice: at.inDevice });
  if (result.kind !== 'accept') return stopped(run, netns, at, result);
  return go('deliver', { ...at, skb: result.skb });
};

/** ip_protocol_deliver_rcu(): to a tunnel, to the socket that asked, or to one that listens. */
export const deliver: Stage = (run, netns, at) => {
  const { packet } = at.skb;
  const t = packet.transport;
  switch (t.proto) {
    case 'tcp':
      // tcp_v4_rcv() takes what came to this machine alone.
      if (cameToAll(at.skb)) return drop(run, netns, at, 'UNICAST_IGNORED', { detail: 'a segment in a frame to all' });
      if (!t.flags.includes('SYN') || t.flags.includes('ACK')) return toClient(run, netns, at);
      return toListener(run, netns, at, t);
    case 'udp':
      return (
        fromUdpTunnel(run, netns, at) ??
        (isAnswer(run, netns, packet) ? toClient(run, netns, at) : toListener(run, netns, at, t))
      );
    case 'sctp':
      return t.chunk === 'INIT' ? toListener(run, netns, at, t) : toClient(run, netns, at);
    case 'icmp':
      return t.type === 8 ? echo(run, netns, at, { ...t, type: 0 }) : toClient(run, netns, at);
    case 'icmpv6':
      return t.type === 128 ? echo(run, netns, at, { ...t, type: 129 }) : toClient(run, netns, at);
    case 'ipip':
      return fromIpipTunnel(run, netns, at, t.inner);
    case 'other':
      return refuse(run, netns, at, 'PROTOCOL_UNKNOWN', icmpMessage(packet, 'protocol-unreachable', { local: true }));
  }
};
