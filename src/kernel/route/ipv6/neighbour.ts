/** Who has an IPv6 address on the link: net/ipv6/ndisc.c ndisc_solicit(), ndisc_recv_ns(). */
import { compareIp, type Ip6, ip6, isIp6 } from '../../../net/address.ts';
import { type Mac, macFromBytes } from '../../../net/mac.ts';
import type { Packet } from '../../../net/packet.ts';
import type { DeviceRef } from '../../link/device.ts';
import { type Crossing, flood } from '../../link/flood.ts';
import type { Netns } from '../../netns.ts';
import { neighbourKey, type Run } from '../../walk/run.ts';
import type { Resolution } from '../neighbour.ts';
import { TABLE_LOCAL } from '../route.ts';
import { isLinkLocal } from './scope.ts';
import { holdsAddress6, selectAddress6 } from './source-address.ts';

type Frame = { readonly source: Mac; readonly destination: Mac };

/** Whether a message of NDP passes a machine's filters. */
export interface DiscoveryFilter {
  send(netns: Netns, device: string, message: Packet): boolean;
  /** @param port of a bridge. */
  receive(netns: Netns, device: string, message: Packet, frame: Frame, port: string | undefined): boolean;
  /** From one port of a bridge to another. */
  cross(netns: Netns, ports: Pick<Crossing, 'bridge' | 'inPort' | 'outPort'>, message: Packet, frame: Frame): boolean;
}

/** The MAC address of `target` on the device's link; undefined when nobody answers. Static entries were looked at before. */
export function solicitNeighbour(
  run: Run,
  netns: Netns,
  device: string,
  target: Ip6,
  packetSource: Ip6,
  filter: DiscoveryFilter,
): Resolution | undefined {
  const sender = solicitationSource(netns, device, packetSource);
  const own = netns.devices.get(device)?.mac;
  if (sender === undefined || own === undefined) return undefined;
  const question = message(135, sender, solicitedGroup(target));
  if (!filter.send(netns, device, question)) return undefined;
  for (const ref of flood(run.world, netns, device, (segment) => run.world.answering(segment, target))) {
    const answerer = run.world.netns(ref.netns);
    const how = answersSolicitation(answerer, ref, target);
    const mac = answerer.devices.get(ref.device)?.mac;
    if (how === undefined || mac === undefined) continue;
    const asked = { source: own, destination: groupMac(target) };
    const answered = { source: mac, destination: own };
    // ndisc_send_na(): who answers for somebody else speaks with an address of its own.
    const own6 = holdsAddress6(answerer, target, ref.device) ? target : selectAddress6(answerer, ref.device, sender);
    const answer = message(136, own6 ?? target, sender);
    const bridges = [...bridgesOf(ref.crossed)];
    const arrives =
      bridges.toReversed().every((at) => filter.cross(run.world.netns(at.netns), at, question, asked)) &&
      filter.receive(answerer, ref.device, question, asked, ref.port) &&
      filter.send(answerer, ref.device, answer) &&
      bridges.every((at) => filter.cross(run.world.netns(at.netns), turned(at), answer, answered)) &&
      filter.receive(netns, device, answer, answered, ref.leftBy);
    if (!arrives) continue;
    run.memory(netns.id).neighbours.set(neighbourKey(device, target), mac);
    // ndisc_recv_ns(): the one who is asked learns the asker by the option of the solicitation.
    run.memory(ref.netns).neighbours.set(neighbourKey(ref.device, sender), own);
    return { mac, how, answeredBy: ref.netns };
  }
  return undefined;
}

/** The bridges between, the one next to the answerer first. */
function* bridgesOf(crossed: Crossing | undefined): Generator<Crossing> {
  for (let at = crossed; at !== undefined; at = at.before) yield at;
}

/** The way back. */
function turned({ bridge, inPort, outPort }: Crossing): Pick<Crossing, 'bridge' | 'inPort' | 'outPort'> {
  return { bridge, inPort: outPort, outPort: inPort };
}

/** Messages of NDP have the hop limit 255, so that no router can have passed them on (RFC 4861 section 7.1). */
function message(type: 135 | 136, src: Ip6, dst: Ip6): Packet {
  return { src, dst, ttl: 255, length: 72, dontFragment: false, transport: { proto: 'icmpv6', type, code: 0 } };
}

/** ff02::1:ff00:0/104 and the last 24 bits of the address (RFC 4291 section 2.7.1). */
function solicitedGroup(target: Ip6): Ip6 {
  return ip6((0xff02n << 112n) | 0x1ff000000n | (target & 0xffffffn));
}

/** 33:33 and the last 32 bits of the group (RFC 2464 section 7). */
function groupMac(target: Ip6): Mac {
  const last = Number(target & 0xffffffn);
  return macFromBytes(new Uint8Array([0x33, 0x33, 0xff, last >> 16, (last >> 8) & 255, last & 255]));
}

/** The packet's source where the device holds it, else the device's address of the link; without either nobody is asked. */
function solicitationSource(netns: Netns, device: string, packetSource: Ip6): Ip6 | undefined {
  if (holdsAddress6(netns, packetSource, device)) return packetSource;
  for (const { ip } of netns.devices.get(device)?.addresses ?? []) {
    if (isIp6(ip) && isLinkLocal(ip)) return ip;
  }
  return undefined;
}

/** Unlike ARP, only for addresses of the very device, of its subnets' routers, and of proxy entries. */
function answersSolicitation(netns: Netns, at: DeviceRef, target: Ip6): 'ndp' | 'proxy_ndp' | undefined {
  const device = netns.devices.get(at.device);
  if (device === undefined || !device.up) return undefined;
  if (holdsAddress6(netns, target, at.device)) return 'ndp';
  if (netns.arpResponders.some((r) => r.device === at.device && compareIp(r.ip, target) === 0)) return 'ndp';
  if (netns.sysctls.device(at.device, 'forwarding', 'ipv6') === 0) return undefined;
  const anycast = (netns.routes.get(TABLE_LOCAL) ?? []).some(
    (route) => route.type === 'anycast' && route.device === at.device && route.destination.addr === target,
  );
  if (anycast) return 'ndp';
  const proxy = netns.sysctls.effective(at.device, 'proxy_ndp', 'or', 'ipv6') !== 0;
  const entry = netns.proxyNeighbours.some((p) => p.device === at.device && compareIp(p.ip, target) === 0);
  return proxy && entry ? 'proxy_ndp' : undefined;
}
