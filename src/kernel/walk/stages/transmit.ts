/** From the IP layer onto the wire: net/ipv4/ip_output.c ip_finish_output2(), net/core/dev.c __dev_queue_xmit(). */
import { familyOf, type IpAddr, isIp4 } from '../../../net/address.ts';
import { BROADCAST_MAC, type Mac, ZERO_MAC } from '../../../net/mac.ts';
import type { Packet } from '../../../net/packet.ts';
import { contains } from '../../../net/prefix.ts';
import type { Device } from '../../link/device.ts';
import { bridgePorts, leadsTo, takes } from '../../link/flood.ts';
import type { Netns } from '../../netns.ts';
import { addressType } from '../../route/address-type.ts';
import { resolveNeighbour } from '../../route/neighbour.ts';
import { routeOutput } from '../../route/output.ts';
import { discoveryFilter } from '../discovery-filter.ts';
import { drop, refuse } from '../end.ts';
import { defaultHopLimit } from '../hop-limit.ts';
import { icmpMessage } from '../icmp-error.ts';
import { pathMtu } from '../path-mtu.ts';
import { neighbourKey, type Run } from '../run.ts';
import { type Skb, scrub } from '../skb.ts';
import { type Cursor, go, type Next, type Stage } from '../stage.ts';

/** Finds the next hop's link address and hands the frame to the device. */
export const transmit: Stage = (run, netns, at) => {
  const device = netns.devices.get(at.outDevice ?? '');
  if (device === undefined) return drop(run, netns, at, 'DEV_DOWN', { detail: at.outDevice ?? '' });
  const target = at.nexthop ?? at.skb.packet.dst;
  switch (device.kind) {
    case 'loopback':
      run.emit({
        kind: 'transmit',
        netns: netns.id,
        packet: at.skb.packet,
        device: device.name,
        destinationMac: undefined,
      });
      // loopback_xmit(): the packet keeps its connection, its mark and its route.
      return go('receive', { netns: netns.id, inDevice: device.name, skb: { ...later(at).skb, frame: undefined } });
    case 'dummy':
      run.emit({
        kind: 'transmit',
        netns: netns.id,
        packet: at.skb.packet,
        device: device.name,
        destinationMac: undefined,
      });
      return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: 'a dummy device swallows what is sent' });
    case 'ipip':
      return encapsulateIpip(run, netns, at, device, target);
    case 'tun':
      return sendByProcess(run, netns, later(at), device);
    default:
      break;
  }
  if (!device.up) return drop(run, netns, at, 'DEV_DOWN', { detail: device.name });
  const mac = linkAddress(run, netns, at, device, target);
  if (mac === undefined) {
    // arp_error_report(), ndisc_error_report(): after three unanswered requests, to the sender wherever it is.
    return refuse(run, netns, later(at), 'NEIGH_FAILED', icmpMessage(at.skb.packet, 'host-unreachable'));
  }
  const framed: Cursor = { ...at, skb: { ...at.skb, frame: { source: device.mac, destination: mac } } };
  return sendFrame(run, netns, framed, device, mac);
};

/** What comes now comes when the call that sent the packet has returned. */
function later(at: Cursor): Cursor {
  return at.skb.insideIcmpSend === undefined ? at : { ...at, skb: { ...at.skb, insideIcmpSend: undefined } };
}

function linkAddress(run: Run, netns: Netns, at: Cursor, device: Device, target: IpAddr): Mac | undefined {
  const kind = addressType(netns, target);
  if (kind === 'BROADCAST') return BROADCAST_MAC;
  const silent = run.memory(netns.id).silentNeighbours;
  const key = neighbourKey(device.name, target);
  // neigh_invalidate(): an error that leaves by the very neighbour who did not answer is thrown away, whoever it asks as.
  const found = silent.has(key)
    ? undefined
    : resolveNeighbour(run, netns, device.name, target, at.skb.packet.src, discoveryFilter(run));
  if (found === undefined) silent.add(key);
  run.emit({
    kind: 'neighbour',
    netns: netns.id,
    packet: at.skb.packet,
    device: device.name,
    target,
    mac: found?.mac,
    how: found?.how ?? 'failed',
    answeredBy: found?.answeredBy,
  });
  return found?.mac;
}

/** dev_queue_xmit() of a frame that is complete already. */
export const port: Stage = (run, netns, at) => {
  const device = netns.devices.get(at.outDevice ?? '');
  const mac = at.skb.frame?.destination;
  if (device === undefined || mac === undefined) return drop(run, netns, at, 'DEV_DOWN');
  return sendFrame(run, netns, at, device, mac);
};

/** Puts a frame on the device: the driver's ndo_start_xmit. */
export function sendFrame(run: Run, netns: Netns, at: Cursor, device: Device, mac: Mac): Next {
  if (!device.up) return drop(run, netns, at, 'DEV_DOWN', { detail: device.name });
  const { packet } = at.skb;
  run.emit({ kind: 'transmit', netns: netns.id, packet, device: device.name, destinationMac: mac });
  const wire = scrub(at.skb, true);
  const skb = { ...wire, frame: at.skb.frame };
  switch (device.kind) {
    case 'veth': {
      const peer =
        device.peer === undefined ? undefined : run.world.netns(device.peer.netns).devices.get(device.peer.device);
      if (device.peer === undefined || peer === undefined || !peer.up)
        return drop(run, netns, at, 'VETH_PEER', { detail: device.name });
      return go('receive', { netns: device.peer.netns, inDevice: device.peer.device, skb });
    }
    case 'ethernet': {
      const blocked = run.world.blocked(device.segment, packet);
      if (blocked !== undefined) {
        const origin = blocked.origin === undefined ? {} : { origin: blocked.origin };
        const step = {
          kind: 'drop',
          netns: netns.id,
          packet,
          reason: 'SEGMENT_BLOCKED',
          detail: blocked.reason,
          ...origin,
        } as const;
        run.emit(step);
        return drop(run, netns, at, 'SEGMENT_BLOCKED', { step });
      }
      run.emit({ kind: 'segment', netns: netns.id, packet, segment: device.segment });
      for (const other of run.world.hearing(device.segment, mac)) {
        if (other.netns === netns.id && other.device === device.name) continue;
        const there = run.world.netns(other.netns);
        const receiver = there.devices.get(other.device);
        if (receiver === undefined) continue;
        const reached =
          receiver.port === undefined
            ? receiver.mac === mac || mac === BROADCAST_MAC
            : reachesThroughBridge(run, there, receiver, mac);
        if (reached) return go('receive', { netns: other.netns, inDevice: other.device, skb });
      }
      return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: mac });
    }
    case 'bridge': {
      const port = bridgePorts(netns, device.name).find((p) => leadsTo(run.world, netns, p.name, mac));
      run.emit({
        kind: 'bridge',
        netns: netns.id,
        packet,
        bridge: device.name,
        inPort: undefined,
        outPort: port?.name,
        flooded: false,
      });
      if (port === undefined) return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: mac });
      return sendFrame(run, netns, at, port, mac);
    }
    case 'vlan': {
      const parent = netns.devices.get(device.parent);
      if (parent === undefined) return drop(run, netns, at, 'DEV_DOWN', { detail: device.parent });
      return sendFrame(run, netns, { ...at, skb: { ...at.skb, vlan: device.vlan } }, parent, mac);
    }
    case 'macvlan': {
      const parent = netns.devices.get(device.parent);
      if (parent === undefined) return drop(run, netns, at, 'DEV_DOWN', { detail: device.parent });
      return sendFrame(run, netns, at, parent, mac);
    }
    case 'vxlan':
      return encapsulateVxlan(run, netns, at, device, mac);
    case 'loopback':
    case 'dummy':
    case 'ipip':
    case 'tun':
      return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: device.name });
  }
}

/** Whether the bridge behind this port takes the frame or passes it on to somebody who does. */
function reachesThroughBridge(run: Run, netns: Netns, port: Device, mac: Mac): boolean {
  const bridge = port.port?.bridge;
  if (bridge === undefined || !port.up) return false;
  if (takes(netns, bridge, mac)) return true;
  return bridgePorts(netns, bridge).some((p) => p.name !== port.name && leadsTo(run.world, netns, p.name, mac));
}

/** net/ipv4/ip_tunnel.c ip_tunnel_xmit(): the remote end is the device's, or the gateway of the route (NBMA). */
function encapsulateIpip(
  run: Run,
  netns: Netns,
  at: Cursor,
  device: Extract<Device, { kind: 'ipip' }>,
  nexthop: IpAddr,
): Next {
  const { packet } = at.skb;
  run.emit({ kind: 'transmit', netns: netns.id, packet, device: device.name, destinationMac: undefined });
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
function sendByProcess(run: Run, netns: Netns, at: Cursor, device: Extract<Device, { kind: 'tun' }>): Next {
  const { packet } = at.skb;
  run.emit({ kind: 'transmit', netns: netns.id, packet, device: device.name, destinationMac: undefined });
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
function encapsulateVxlan(
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
