/** net/core/dev.c __netif_receive_skb_core(), net/ipv4/ip_input.c ip_rcv(), ip_rcv_finish(). */
import { BROADCAST_MAC } from '../../../net/mac.ts';
import { runHook } from '../../netfilter/hook-run.ts';
import { type InputRoute, routeInput } from '../../route/input.ts';
import { drop, refuse, stopped } from '../end.ts';
import { go, type Stage } from '../stage.ts';

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

export const prerouting: Stage = (run, netns, at) => {
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
  const { outcome, rule } = kept ?? routeInput(run, netns, skb, device);
  const origin = outcome.route?.origin;
  run.emit({
    kind: 'route',
    netns: netns.id,
    packet: skb.packet,
    direction: 'input',
    rule,
    outcome,
    ...(origin === undefined ? {} : { origin }),
  });
  const routed = { ...at, skb: { ...skb, route: undefined } };
  switch (outcome.kind) {
    case 'local':
      return go('input', routed);
    case 'forward':
      return go('forward', {
        ...routed,
        outDevice: outcome.device,
        nexthop: outcome.via ?? skb.packet.dst,
        routeMtu: outcome.route.mtu,
      });
    case 'fail': {
      // ip_error(): where forwarding is off, or the packet is a martian, nobody is told.
      const silent = netns.sysctls.device(device, 'forwarding') === 0;
      const martian =
        outcome.reason === 'IP_LOCALNET' ||
        outcome.reason === 'IP_INVALID_SOURCE' ||
        outcome.reason === 'IP_INVALID_DEST';
      if (silent || martian) return drop(run, netns, routed, outcome.reason);
      switch (outcome.error) {
        case 'EHOSTUNREACH':
          return refuse(run, netns, routed, outcome.reason, { type: 3, code: 1 });
        case 'ENETUNREACH':
          return refuse(run, netns, routed, outcome.reason, { type: 3, code: 0 });
        case 'EACCES':
          return refuse(run, netns, routed, outcome.reason, { type: 3, code: 13 });
        case 'EINVAL':
        case 'EXDEV':
          return drop(run, netns, routed, outcome.reason);
      }
    }
  }
};
