/** net/core/dev.c __netif_receive_skb_core(), net/ipv4/ip_input.c ip_rcv(), ip_rcv_finish(). */
import { isIp6 } from '../../../net/address.ts';
import { BROADCAST_MAC } from '../../../net/mac.ts';
import { runHook } from '../../netfilter/hook-run.ts';
import type { Netns } from '../../netns.ts';
import { type InputRoute, routeInput } from '../../route/input.ts';
import { refusedAtReceipt } from '../../route/ipv6/input.ts';
import { emitRoute } from '../emit.ts';
import { drop, refuse, stopped } from '../end.ts';
import { icmpMessage } from '../icmp-error.ts';
import type { Run } from '../run.ts';
import { type Cursor, go, type Next, type Stage } from '../stage.ts';
import type { RouteOutcome } from '../step.ts';

/** Frames of one conversation before the walk is given up: far above 64 hops with tunnels and bridges between. */
const HOP_LIMIT = 1024;

/** A frame arrives on a device. */
export const receive: Stage = (run, netns, at) => {
  const name = at.inDevice ?? 'lo';
  const device = netns.devices.get(name);
  run.emit({ kind: 'receive', netns: netns.id, packet: at.skb.packet, device: name });
  if (++run.hops > HOP_LIMIT) return drop(run, netns, at, 'HOP_LIMIT');
  if (device === undefined || !device.up) return drop(run, netns, at, 'DEV_DOWN', { detail: name });
  // is_skb_forwardable(): a veth pair drops what exceeds the receiver's MTU and a VLAN tag; a network card does alike.
  const wired = device.kind === 'veth' || device.kind === 'ethernet';
  if (wired && at.skb.packet.length > device.mtu + 4) return drop(run, netns, at, 'PKT_TOO_BIG', { detail: name });
  const { frame, vlan } = at.skb;
  if (vlan !== undefined) {
    const tagged = [...netns.devices.values()].find((d) => d.kind === 'vlan' && d.parent === name && d.vlan === vlan);
    if (tagged !== undefined)
      return go('receive', { ...at, inDevice: tagged.name, skb: { ...at.skb, vlan: undefined } });
    if (device.port === undefined)
      return drop(run, netns, at, 'UNICAST_IGNORED', { detail: `no device for VLAN ${vlan}` });
  }
  if (device.port !== undefined) return go('bridge', at);
  // eth_type_trans() marks a frame for another address PACKET_OTHERHOST; ip_rcv_core() drops it.
  if (frame !== undefined && frame.destination !== device.mac && frame.destination !== BROADCAST_MAC) {
    return drop(run, netns, at, 'UNICAST_IGNORED', { detail: frame.destination });
  }
  return go('prerouting', at);
};

/** ip_rcv(): PREROUTING, unless the bridge has asked it already. */
export const prerouting: Stage = (run, netns, at) => {
  const refused = refusedAtReceipt(at.skb, netns.devices.get(at.inDevice ?? 'lo')?.kind === 'loopback');
  if (refused !== undefined) return drop(run, netns, at, refused);
  if (at.prerouted === true) return go('route', at);
  const result = runHook(run, netns, 'PREROUTING', at.skb, { inDevice: at.inDevice });
  if (result.kind !== 'accept') return stopped(run, netns, at, result);
  return go('route', { ...at, skb: result.skb });
};

/** ip_rcv_finish_core(): the route of the packet, unless it came with one over the loopback device. */
export const route: Stage = (run, netns, at) => {
  const { skb } = at;
  const device = at.inDevice ?? 'lo';
  const kept: InputRoute | undefined = skb.route === undefined ? undefined : { outcome: skb.route, rule: undefined };
  const found = kept ?? routeInput(run, netns, skb, device);
  const { outcome, redirects } = found;
  emitRoute(run, netns, skb.packet, 'input', found);
  const routed = { ...at, skb: { ...skb, route: undefined } };
  switch (outcome.kind) {
    case 'local':
      return go('input', outcome.route.type === 'anycast' ? { ...routed, anycast: true } : routed);
    case 'forward':
      return go('forward', {
        ...routed,
        outDevice: outcome.device,
        nexthop: outcome.via ?? skb.packet.dst,
        routeMtu: outcome.route.mtu,
        ...(redirects === true ? { redirects } : {}),
      });
    case 'fail':
      return isIp6(skb.packet.dst)
        ? unrouted6(run, netns, routed, outcome)
        : unrouted4(run, netns, routed, device, outcome);
  }
};

type RouteFailure = Extract<RouteOutcome, { kind: 'fail' }>;

/** ip_error(): where forwarding is off, or the packet is a martian, nobody is told. */
function unrouted4(run: Run, netns: Netns, at: Cursor, device: string, { reason, error }: RouteFailure): Next {
  const silent = netns.sysctls.device(device, 'forwarding') === 0;
  const martian = reason === 'IP_LOCALNET' || reason === 'IP_INVALID_SOURCE' || reason === 'IP_INVALID_DEST';
  if (silent || martian) return drop(run, netns, at, reason);
  const { packet } = at.skb;
  switch (error) {
    case 'EHOSTUNREACH':
      return refuse(run, netns, at, reason, icmpMessage(packet, 'host-unreachable'));
    case 'ENETUNREACH':
      return refuse(run, netns, at, reason, icmpMessage(packet, 'no-route'));
    case 'EACCES':
      return refuse(run, netns, at, reason, icmpMessage(packet, 'prohibited'));
    case 'EINVAL':
    case 'EXDEV':
    case 'EADDRNOTAVAIL':
      return drop(run, netns, at, reason);
  }
}

/** ip6_pkt_drop(): a machine that does not forward tells all the same that it has no route. */
function unrouted6(run: Run, netns: Netns, at: Cursor, { reason }: RouteFailure): Next {
  const { packet } = at.skb;
  switch (reason) {
    case 'ROUTE_PROHIBIT':
      return refuse(run, netns, at, reason, icmpMessage(packet, 'prohibited'));
    case 'ROUTE_UNREACHABLE':
    case 'IP_INNOROUTES':
      return refuse(run, netns, at, reason, icmpMessage(packet, 'no-route'));
    default:
      return drop(run, netns, at, reason);
  }
}
