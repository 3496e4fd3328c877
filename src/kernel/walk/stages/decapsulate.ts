/** A packet out of a tunnel: net/ipv4/ip_tunnel.c, drivers/net/vxlan/vxlan_core.c, and the process behind a TUN device. */
import { isIp6 } from '../../../net/address.ts';
import type { Packet, Transport } from '../../../net/packet.ts';
import type { Netns } from '../../netns.ts';
import { drop, refuse } from '../end.ts';
import { icmpMessage } from '../icmp-error.ts';
import type { Run } from '../run.ts';
import { scrub } from '../skb.ts';
import { type Cursor, go, type Next } from '../stage.ts';
import { hasWrongChecksum } from '../wrong-checksum.ts';

/** udp_queue_rcv_one_skb(): a tunnel's socket takes the datagram (encap_rcv); undefined: it is a datagram as any other. */
export function fromUdpTunnel(run: Run, netns: Netns, at: Cursor): Next | undefined {
  const { transport } = at.skb.packet;
  if (transport.proto !== 'udp') return undefined;
  switch (transport.payload?.kind) {
    case 'tun':
      return fromPeer(run, netns, at, transport.dport, transport.payload.frame.packet);
    case 'vxlan':
      return fromVxlan(run, netns, at, transport.dport, transport.payload);
    case undefined:
      return undefined;
  }
}

/** The process writes the packet to its TUN device, with one hop less again. */
function fromPeer(run: Run, netns: Netns, at: Cursor, port: number, inner: Packet): Next | undefined {
  const { dst } = at.skb.packet;
  const tunnel = [...netns.devices.values()].find(
    (d) => d.kind === 'tun' && d.udpPort === port && d.local === dst && d.up,
  );
  if (tunnel === undefined) return undefined;
  if (inner.ttl <= 1) return drop(run, netns, at, 'IP_TTL', { detail: `the process behind ${tunnel.name}` });
  return decapsulate(run, netns, at, tunnel.name, { ...inner, ttl: inner.ttl - 1 }, undefined);
}

type VxlanPayload = Extract<NonNullable<Extract<Transport, { proto: 'udp' }>['payload']>, { kind: 'vxlan' }>;

/** vxlan_rcv(): the device is the one of the network identifier, among those that listen on the port. */
function fromVxlan(run: Run, netns: Netns, at: Cursor, port: number, { vni, frame }: VxlanPayload): Next | undefined {
  const { dst } = at.skb.packet;
  // udp_lib_checksum_complete()
  if (hasWrongChecksum(at))
    return drop(run, netns, at, 'TUNNEL_NO_DEVICE', { detail: 'NAT has given the datagram a wrong checksum' });
  // __vxlan_sock_add(): a device listens for one family, that of its local address (VXLAN_F_IPV6), else IPv4.
  const tunnels = [...netns.devices.values()]
    .filter((d) => d.kind === 'vxlan')
    .filter((d) => d.udpPort === port && (d.local !== undefined && isIp6(d.local)) === isIp6(dst) && d.up);
  // Without a device on this port (NAT may have changed it) it is a datagram as any other.
  if (tunnels.length === 0) return undefined;
  const tunnel = tunnels.find((d) => d.vni === vni);
  if (tunnel === undefined) return drop(run, netns, at, 'TUNNEL_NO_DEVICE', { detail: `VXLAN network ${vni}` });
  return decapsulate(run, netns, at, tunnel.name, frame.packet, frame);
}

/** tunnel4_rcv() (net/ipv4/tunnel4.c), which is there with the first tunnel; without it the protocol is unknown. */
export function fromIpipTunnel(run: Run, netns: Netns, at: Cursor, inner: Packet): Next {
  const { src, dst } = at.skb.packet;
  const tunnels = [...netns.devices.values()].filter((d) => d.kind === 'ipip');
  const tunnel = tunnels.find(
    (d) => (d.local === undefined || d.local === dst) && (d.remote === undefined || d.remote === src) && d.up,
  );
  if (tunnel !== undefined) return decapsulate(run, netns, at, tunnel.name, inner, undefined);
  if (isIp6(dst) || isIp6(inner.dst)) {
    const message = icmpMessage(at.skb.packet, 'protocol-unreachable', { local: true });
    return refuse(run, netns, at, 'TUNNEL_NO_DEVICE', message);
  }
  return refuse(run, netns, at, 'TUNNEL_NO_DEVICE', { type: 3, code: tunnels.length > 0 ? 3 : 2, local: true });
}

/** ip_tunnel_rcv(), vxlan_rcv(): the inner packet is received again, by the tunnel device. */
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
