/** A frame on a bridge port: net/bridge/br_input.c, br_forward.c, and br_netfilter_hooks.c where iptables sees it. */

import { isIp6 } from '../../../net/address.ts';
import { BROADCAST_MAC, type Mac } from '../../../net/mac.ts';
import type { DropReason } from '../../drop-reason.ts';
import type { Device } from '../../link/device.ts';
import { bridgePorts, leadsTo, takes } from '../../link/flood.ts';
import { runHook } from '../../netfilter/hook-run.ts';
import type { Netns } from '../../netns.ts';
import { routeInput } from '../../route/input.ts';
import { resolveNeighbour } from '../../route/neighbour.ts';
import { discoveryFilter } from '../discovery-filter.ts';
import { emitBridge, emitNeighbour } from '../emit.ts';
import { drop, refuse, stopped } from '../end.ts';
import { icmpMessage } from '../icmp-error.ts';
import type { Run } from '../run.ts';
import type { Skb } from '../skb.ts';
import { type Cursor, go, type Next, type Stage } from '../stage.ts';
import { sendFrame } from './send-frame.ts';

/** The bridge, and the port by which the frame came in. */
type Way = { readonly bridge: string; readonly inPort: string };

/** A frame that came in by a port: past the rules, where they are asked, and on to who has the address. */
export const bridge: Stage = (run, netns, at) => {
  const inPort = netns.devices.get(at.inDevice ?? '');
  const port = inPort?.port;
  const device = port === undefined ? undefined : netns.devices.get(port.bridge);
  if (inPort === undefined || port === undefined || device === undefined || !device.up)
    return drop(run, netns, at, 'DEV_DOWN');
  if (port.state !== 'forwarding') return drop(run, netns, at, 'BRIDGE_PORT', { detail: inPort.name });
  const destination = at.skb.frame?.destination ?? device.mac;
  const way: Way = { bridge: device.name, inPort: inPort.name };
  const six = isIp6(at.skb.packet.src);
  const calls = six ? 'net.bridge.bridge-nf-call-ip6tables' : 'net.bridge.bridge-nf-call-iptables';
  if (netns.sysctls.number(calls) === 0 || at.skb.vlan !== undefined)
    return decide(run, netns, { ...at, prerouted: false }, way, destination);

  // br_nf_pre_routing(): iptables sees the bridge as input device, and the port as physical one.
  const before = at.skb.packet.dst;
  const shown = { ...at.skb, bridge: { physIn: inPort.name, bridged: true } };
  const result = runHook(run, netns, 'PREROUTING', shown, { inDevice: device.name });
  if (result.kind !== 'accept') return stopped(run, netns, { ...at, skb: shown }, result);
  const next: Cursor = { ...at, skb: result.skb, prerouted: true };
  if (result.skb.packet.dst === before) return decide(run, netns, next, way, destination);
  return redirected(run, netns, next, way);
};

/**
 * br_nf_pre_routing_finish(): DNAT changed where the frame belongs. ip_route_input() fails only for martians; a packet
 * without a route, or that may not be forwarded, goes up to the IP stack, which says so (ip_error()).
 */
function redirected(run: Run, netns: Netns, at: Cursor, way: Way): Next {
  const { outcome } = routeInput(run, netns, at.skb, way.bridge, true);
  // br_nf_pre_routing_finish_ipv6() tells nobody of any failure.
  const silent = isIp6(at.skb.packet.dst);
  if (outcome.kind === 'fail' && (silent || MARTIANS.has(outcome.reason))) return drop(run, netns, at, outcome.reason);
  if (outcome.kind === 'forward' && outcome.device === way.bridge) return toNeighbour(run, netns, at, way);
  return passUp(silent && outcome.kind === 'forward' ? { ...at, routedDevice: outcome.device } : at, way.bridge);
}

const MARTIANS: ReadonlySet<DropReason> = new Set<DropReason>([
  'IP_LOCALNET',
  'IP_INVALID_SOURCE',
  'IP_INVALID_DEST',
  'IP_RPFILTER',
  'IP_LOCAL_SOURCE',
]);

/** br_nf_pre_routing_finish_bridge(): stays on the bridge, to the MAC address of the new destination. */
function toNeighbour(run: Run, netns: Netns, at: Cursor, way: Way): Next {
  const { packet } = at.skb;
  const device = way.bridge;
  const found = resolveNeighbour(run, netns, device, packet.dst, packet.src, discoveryFilter(run));
  emitNeighbour(run, netns, packet, { device, target: packet.dst }, found);
  if (found === undefined) {
    // arp_error_report(); but __icmp_send() says nothing about a frame for others (PACKET_OTHERHOST, br_handle_frame()).
    const forUs = at.skb.frame?.destination === netns.devices.get(device)?.mac;
    if (!forUs) return drop(run, netns, at, 'NEIGH_FAILED');
    const here = { ...at, inDevice: device };
    return refuse(run, netns, here, 'NEIGH_FAILED', icmpMessage(packet, 'host-unreachable'));
  }
  const frame = { source: at.skb.frame?.source ?? found.mac, destination: found.mac };
  return decide(run, netns, { ...at, skb: { ...at.skb, frame } }, way, found.mac);
}

/** br_handle_frame_finish(): up to the machine itself, or out of the port behind which the address is. */
function decide(run: Run, netns: Netns, at: Cursor, way: Way, mac: Mac): Next {
  const { packet } = at.skb;
  const { bridge: bridgeName, inPort } = way;
  if (takes(netns, bridgeName, mac) || mac === BROADCAST_MAC) {
    emitBridge(run, netns, packet, { ...way, outPort: undefined });
    return passUp(at, bridgeName);
  }
  const ports = bridgePorts(netns, bridgeName);
  const own = netns.devices.get(inPort);
  const out =
    ports.find((p) => p.name !== inPort && leadsTo(run.world, netns, p.name, mac)) ??
    ports.find((p) => p.name === inPort && leadsTo(run.world, netns, p.name, mac));
  emitBridge(run, netns, packet, { ...way, outPort: out?.name }, out === undefined);
  if (out === undefined) return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: mac });
  // should_deliver()
  if (out.name === inPort && out.port?.hairpin !== true)
    return drop(run, netns, at, 'BRIDGE_HAIRPIN', { detail: inPort });
  if (out.port?.isolated === true && own?.port?.isolated === true)
    return drop(run, netns, at, 'BRIDGE_PORT', { detail: `${inPort} and ${out.name} are isolated` });
  return at.prerouted === true && at.skb.bridge !== undefined
    ? shownToRules(run, netns, at, way, out, mac)
    : sendFrame(run, netns, at, out, mac);
}

/** br_nf_forward(), br_nf_post_routing(): for iptables the packet comes in by the bridge, and leaves by it. */
function shownToRules(run: Run, netns: Netns, at: Cursor, way: Way, out: Device, mac: Mac): Next {
  const { bridge: device, inPort } = way;
  const skb: Skb = { ...at.skb, bridge: { physIn: inPort, physOut: out.name, bridged: true } };
  const forwarded = runHook(run, netns, 'FORWARD', skb, { inDevice: device, outDevice: device });
  if (forwarded.kind !== 'accept') return stopped(run, netns, { ...at, skb }, forwarded);
  const posted = runHook(run, netns, 'POSTROUTING', forwarded.skb, { outDevice: device });
  if (posted.kind !== 'accept') return stopped(run, netns, { ...at, skb: forwarded.skb }, posted);
  return sendFrame(run, netns, { ...at, skb: posted.skb }, out, mac);
}

/** br_pass_frame_up(): received by the bridge device, whose IP stack takes it from here. */
function passUp(at: Cursor, bridgeName: string): Next {
  const skb =
    at.skb.bridge === undefined ? at.skb : { ...at.skb, bridge: { physIn: at.skb.bridge.physIn, bridged: false } };
  if (skb.vlan !== undefined) return go('receive', { ...at, skb, inDevice: bridgeName });
  return go('prerouting', { ...at, skb, inDevice: bridgeName });
}
