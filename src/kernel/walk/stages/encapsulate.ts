/** A packet into a tunnel: net/ipv4/ip_tunnel.c, drivers/net/vxlan/vxlan_core.c, and the process behind a TUN device. */
import { familyOf, type IpAddr, isIp4 } from '../../../net/address.ts';
import { type Mac, ZERO_MAC } from '../../../net/mac.ts';
import type { Packet } from '../../../net/packet.ts';
import { contains } from '../../../net/prefix.ts';
import type { Device } from '../../link/device.ts';
import type { Netns } from '../../netns.ts';
import { routeOutput } from '../../route/output.ts';
import { drop, refuse } from '../end.ts';
import { defaultHopLimit } from '../hop-limit.ts';
import { icmpMessage } from '../icmp-error.ts';
import { pathMtu } from '../path-mtu.ts';
import type { Run } from '../run.ts';
import { type Skb, scrub } from '../skb.ts';
import { type Cursor, go, type Next } from '../stage.ts';

/** net/ipv4/ip_tunnel.c ip_tunnel_xmit(): the remote end is the device's, or the gateway of the route (NBMA). */
export function encapsulateIpip(
  run: Run,
  netns: Netns,
  at: Cursor,
  device: Extract<Device, { kind: 'ipip' }>,
  nexthop: IpAddr,
): Next {
  const { packet } = at.skb;
  if (!device.up) return drop(run, netns, at, 'DEV_DOWN', { detail: device.name });
  const remote = device.remote ?? nexthop;
  // ipip_tunnel_xmit(): a device of mode ipip takes IPv4 alone.
  if (!isIp4(remote) || !isIp4(packet.dst)) return drop(run, netns, at, 'TUNNEL_NO_REMOTE', { detail: device.name });
  const outer: Packet = {
    src: device.local ?? remote,
    dst: remote,
    ttl: device.ttl ?? packet.ttl,
    length: packet.length + 20,
    dontFragment: true,
    transport: { proto: 'ipip', inner: packet },
  };
  return sendOuter(run, netns, at, device.name, outer, device.local);
}

/**
 * drivers/net/tun.c tun_net_xmit(): the packet is the process's, which forwards it as a router would: by its own table,
 * with one hop less. It says so where it knows no peer, and is silent where the TTL ends (flannel's proxy_amd64.c).
 */
export function sendByProcess(run: Run, netns: Netns, at: Cursor, device: Extract<Device, { kind: 'tun' }>): Next {
  const { packet } = at.skb;
  if (!device.up) return drop(run, netns, at, 'DEV_DOWN', { detail: device.name });
  const peer = device.peers.find(({ prefix }) => contains(prefix, packet.dst));
  if (peer === undefined) return refuse(run, netns, at, 'TUNNEL_NO_REMOTE', icmpMessage(packet, 'no-route'));
  if (packet.ttl <= 1) return drop(run, netns, at, 'IP_TTL', { detail: `the process behind ${device.name}` });
  const outer: Packet = {
    src: device.local,
    dst: peer.remote,
    ttl: defaultHopLimit(netns, familyOf(peer.remote)),
    length: packet.length + 28,
    // IP_PMTUDISC_WANT, the default of a UDP socket.
    dontFragment: true,
    transport: {
      proto: 'udp',
      sport: device.udpPort,
      dport: device.udpPort,
      payload: { kind: 'tun', frame: { packet: { ...packet, ttl: packet.ttl - 1 } } },
    },
  };
  return sendOuter(run, netns, at, device.name, outer, device.local);
}

/** drivers/net/vxlan/vxlan_core.c vxlan_xmit(): the forwarding database says behind which machine the MAC address is. */
export function encapsulateVxlan(
  run: Run,
  netns: Netns,
  at: Cursor,
  device: Extract<Device, { kind: 'vxlan' }>,
  mac: Mac,
): Next {
  const { packet } = at.skb;
  const entries = netns.fdb.filter((f) => f.device === device.name);
  // The all-zero address stands for every MAC that has no entry. Copies to several such remotes are not modelled.
  const others = entries.filter((f) => f.mac === ZERO_MAC);
  const entry = entries.find((f) => f.mac === mac) ?? (others.length === 1 ? others[0] : undefined);
  if (entry === undefined)
    return drop(run, netns, at, 'TUNNEL_NO_REMOTE', { detail: `no forwarding entry for ${mac} on ${device.name}` });
  const frame = { source: device.mac, destination: mac, packet };
  const outer: Packet = {
    src: device.local ?? entry.remote,
    dst: entry.remote,
    // vxlan_xmit_one(): ip4_dst_hoplimit(), unless the device has a TTL of its own.
    ttl: defaultHopLimit(netns, familyOf(entry.remote)),
    length: packet.length + (isIp4(entry.remote) ? 50 : 70),
    dontFragment: false,
    transport: {
      proto: 'udp',
      sport: flowPort(at.skb),
      dport: device.udpPort,
      payload: { kind: 'vxlan', vni: device.vni, frame },
    },
  };
  return sendOuter(run, netns, at, device.name, outer, device.local);
}

/**
 * udp_flow_src_port(): by skb->hash into the ephemeral range; a fixed port for the request and one for the answer. A hash of
 * a socket (sk_set_txhash()) or of ports stays through all tunnels. That of an answer by ICMP, which has neither, is
 * forgotten (skb_clear_hash_if_not_l4()), so that a tunnel around the first one's datagram takes another port.
 */
function flowPort({ packet, hash = 0 }: Skb): number {
  let dissected = packet;
  while (dissected.transport.proto === 'ipip') dissected = dissected.transport.inner;
  const carried = dissected.transport.proto === 'udp' ? innermost(dissected).transport : undefined;
  return 49152 + hash + (carried?.proto === 'icmp' && carried.type !== ECHO_REQUEST ? 2 : 0);
}

const ECHO_REQUEST = 8;

function innermost(packet: Packet): Packet {
  let last = packet;
  for (let inner = innerOf(last); inner !== undefined; inner = innerOf(last)) last = inner;
  return last;
}

/**
 * iptunnel_xmit() drops beyond IP_TUNNEL_RECURSION_LIMIT (5) calls inside each other, and every tunnel takes two: its own and
 * that of __dev_queue_xmit(). Kernels before 2026 stop at XMIT_RECURSION_LIMIT, which is 8 tunnels.
 */
const DEEPEST_TUNNEL = 3;

/** How many packets are inside this one. */
function depthOf(packet: Packet): number {
  let depth = 0;
  for (let inner = innerOf(packet); inner !== undefined; inner = innerOf(inner)) depth++;
  return depth;
}

function innerOf({ transport }: Packet): Packet | undefined {
  if (transport.proto === 'ipip') return transport.inner;
  return transport.proto === 'udp' ? transport.payload?.frame.packet : undefined;
}

/** iptunnel_xmit(): the outer packet is one of this machine's own, and starts at OUTPUT. */
function sendOuter(run: Run, netns: Netns, at: Cursor, device: string, outer: Packet, local: IpAddr | undefined): Next {
  if (depthOf(outer) > DEEPEST_TUNNEL) return drop(run, netns, at, 'TUNNEL_LOOP');
  const { outcome, source } = routeOutput(run, netns, outer, { source: local, mark: 0 });
  // ip_tunnel_xmit(), vxlan_xmit_one(): label tx_error counts and frees the packet, and tells nobody.
  if (outcome.kind === 'fail' || source === undefined)
    return drop(run, netns, at, 'TUNNEL_NO_REMOTE', { detail: device });
  if (outcome.device === device) return drop(run, netns, at, 'TUNNEL_LOOP', { detail: device });
  const mtu = pathMtu(netns, outcome.device, outcome.route.mtu) - (outer.length - at.skb.packet.length);
  // tnl_update_pmtu(): the sender of the inner packet is told when the outer one would not fit.
  if (outer.dontFragment && at.skb.packet.dontFragment && at.skb.packet.length > mtu) {
    return refuse(run, netns, at, 'PKT_TOO_BIG', icmpMessage(at.skb.packet, 'too-big', { mtu }));
  }
  const packet = { ...outer, src: source };
  run.emit({ kind: 'encapsulate', netns: netns.id, packet: at.skb.packet, device, outer: packet });
  const skb = { ...scrub(at.skb, false), packet, kernelMade: true };
  const byProcess = netns.devices.get(device)?.kind === 'tun';
  return go('output', { netns: netns.id, skb, source, ...(byProcess ? {} : { fromTunnel: device }) });
}
