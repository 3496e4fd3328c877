/** Who has an IPv6 address on the link: net/ipv6/ndisc.c ndisc_solicit(), ndisc_recv_ns(). */
import { compareIp, type Ip6, isIp6 } from '../../../net/address.ts';
import type { DeviceRef } from '../../link/device.ts';
import { flood } from '../../link/flood.ts';
import type { Netns } from '../../netns.ts';
import { neighbourKey, type Run } from '../../walk/run.ts';
import type { Resolution } from '../neighbour.ts';
import { TABLE_LOCAL } from '../route.ts';
import { isLinkLocal } from './scope.ts';
import { holdsAddress6 } from './source-address.ts';

/** The MAC address of `target` on the device's link; undefined when nobody answers. Static entries were looked at before. */
export function solicitNeighbour(
  run: Run,
  netns: Netns,
  device: string,
  target: Ip6,
  packetSource: Ip6,
): Resolution | undefined {
  const sender = solicitationSource(netns, device, packetSource);
  const own = netns.devices.get(device)?.mac;
  if (sender === undefined || own === undefined) return undefined;
  for (const ref of flood(run.world, netns, device, (segment) => run.world.answering(segment, target))) {
    const answerer = run.world.netns(ref.netns);
    const how = answersSolicitation(answerer, ref, target);
    const mac = answerer.devices.get(ref.device)?.mac;
    if (how === undefined || mac === undefined) continue;
    run.memory(netns.id).neighbours.set(neighbourKey(device, target), mac);
    // ndisc_recv_ns(): the one who is asked learns the asker by the option of the solicitation.
    run.memory(ref.netns).neighbours.set(neighbourKey(ref.device, sender), own);
    return { mac, how, answeredBy: ref.netns };
  }
  return undefined;
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
