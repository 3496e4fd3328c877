/** Who has an address on the link: net/ipv4/arp.c arp_solicit(), arp_process(). */
import { compareIp, type IpAddr, isIp6 } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Packet } from '../../net/packet.ts';
import { contains } from '../../net/prefix.ts';
import type { DeviceRef } from '../link/device.ts';
import { flood } from '../link/flood.ts';
import type { Netns } from '../netns.ts';
import type { NetnsId } from '../netns-id.ts';
import { neighbourKey, type Run } from '../walk/run.ts';
import { addressType } from './address-type.ts';
import { routeInput } from './input.ts';
import { type DiscoveryFilter, solicitNeighbour } from './ipv6/neighbour.ts';
import { routeOutput } from './output.ts';
import { selectAddress } from './source-address.ts';

/** `answeredBy` is undefined where nobody had to be asked. */
export type Resolution = {
  readonly mac: Mac;
  readonly how: 'permanent' | 'arp' | 'proxy_arp' | 'ndp' | 'proxy_ndp';
  readonly answeredBy: NetnsId | undefined;
};

/**
 * The MAC address of `target` on the device's link; undefined when nobody answers.
 * @param filter what filters do with the messages of NDP; ARP meets none.
 * @param packetSource source of the packet that waits: arp_announce 0 asks with it where it is this machine's own.
 */
export function resolveNeighbour(
  run: Run,
  netns: Netns,
  device: string,
  target: IpAddr,
  packetSource: IpAddr,
  filter: DiscoveryFilter,
): Resolution | undefined {
  const permanent = netns.neighbours.find((n) => n.device === device && compareIp(n.ip, target) === 0);
  if (permanent !== undefined) return { mac: permanent.mac, how: 'permanent', answeredBy: undefined };
  const known = run.memory(netns.id).neighbours.get(neighbourKey(device, target));
  if (known !== undefined) return { mac: known, how: isIp6(target) ? 'ndp' : 'arp', answeredBy: undefined };
  if (isIp6(target))
    return isIp6(packetSource) ? solicitNeighbour(run, netns, device, target, packetSource, filter) : undefined;
  return askByArp(run, netns, device, target, packetSource);
}

function askByArp(
  run: Run,
  netns: Netns,
  device: string,
  target: IpAddr,
  packetSource: IpAddr,
): Resolution | undefined {
  const sender = senderAddress(netns, device, target, packetSource);
  const first = sender === undefined ? undefined : firstAnswer(run, netns, device, target, sender);
  const mac = first === undefined ? undefined : run.world.netns(first.ref.netns).devices.get(first.ref.device)?.mac;
  const own = netns.devices.get(device)?.mac;
  if (sender === undefined || first === undefined || mac === undefined || own === undefined) return undefined;
  const { ref, how } = first;
  run.memory(netns.id).neighbours.set(neighbourKey(device, target), mac);
  // arp_process(): the one who is asked learns the asker (neigh_event_ns()).
  run.memory(ref.netns).neighbours.set(neighbourKey(ref.device, sender), own);
  return { mac, how, answeredBy: ref.netns };
}

type ArpAnswer = { readonly ref: DeviceRef; readonly how: 'arp' | 'proxy_arp' };

/** The first answer counts, and who answers for others waits up to proxy_delay (0.8 s): pneigh_enqueue(). */
function firstAnswer(run: Run, netns: Netns, device: string, target: IpAddr, sender: IpAddr): ArpAnswer | undefined {
  let proxy: ArpAnswer | undefined;
  for (const ref of flood(run.world, netns, device, (segment) => run.world.answering(segment, target))) {
    const how = answersArp(run, ref, target, sender);
    if (how === 'arp') return { ref, how };
    if (how !== undefined) proxy ??= { ref, how };
  }
  return proxy;
}

/** arp_solicit(): which address to ask with. */
function senderAddress(netns: Netns, device: string, target: IpAddr, packetSource: IpAddr): IpAddr | undefined {
  const announce = netns.sysctls.effective(device, 'arp_announce', 'max');
  const local = addressType(netns, packetSource) === 'LOCAL';
  if (announce === 0 && local) return packetSource;
  if (announce === 1 && local) {
    const onLink = netns.devices
      .get(device)
      ?.addresses.some(
        (a) => contains({ addr: a.ip, bits: a.bits }, target) && contains({ addr: a.ip, bits: a.bits }, packetSource),
      );
    if (onLink) return packetSource;
  }
  return selectAddress(netns, device, target, 'link');
}

/** arp_process() on the machine that hears the request. */
function answersArp(run: Run, at: DeviceRef, target: IpAddr, sender: IpAddr): 'arp' | 'proxy_arp' | undefined {
  const netns = run.world.netns(at.netns);
  const device = netns.devices.get(at.device);
  if (device === undefined || !device.up) return undefined;
  if (netns.arpResponders.some((r) => r.device === at.device && compareIp(r.ip, target) === 0)) return 'arp';
  // Would a packet from the asker be taken here, and where would it go?
  const { outcome: route } = routeInput(run, netns, { packet: askedOf(sender, target), mark: 0 }, at.device);
  if (route.kind === 'local') {
    const silent =
      route.route.type !== 'local' ||
      arpIgnored(netns, at.device, target, sender) ||
      arpFiltered(run, netns, at.device, target, sender);
    return silent ? undefined : 'arp';
  }
  if (route.kind !== 'forward') return undefined;
  if (netns.sysctls.device(at.device, 'forwarding') === 0 || addressType(netns, target) !== 'UNICAST') return undefined;
  // arp_fwd_proxy(): never back to the device that asked.
  if (route.device === at.device) return undefined;
  return netns.sysctls.effective(at.device, 'proxy_arp', 'or') !== 0 ? 'proxy_arp' : undefined;
}

/** arp_filter(): with it a device answers only those whom packets would leave by it. */
function arpFiltered(run: Run, netns: Netns, device: string, target: IpAddr, sender: IpAddr): boolean {
  if (netns.sysctls.effective(device, 'arp_filter', 'or') === 0) return false;
  const { outcome } = routeOutput(run, netns, askedOf(target, sender), { source: target, mark: 0 });
  return outcome.kind === 'fail' || outcome.device !== device;
}

/** ARP asks the routing tables with addresses alone: of the packet nothing else counts. */
function askedOf(src: IpAddr, dst: IpAddr): Packet {
  return { src, dst, ttl: 1, length: 28, dontFragment: false, transport: { proto: 'other', number: 0 } };
}

/** arp_ignore(): 1 answers only for the device's own addresses, 2 only to the same subnet as well, 8 never. */
function arpIgnored(netns: Netns, name: string, target: IpAddr, sender: IpAddr): boolean {
  const addresses = netns.devices.get(name)?.addresses ?? [];
  const own = addresses.find((a) => compareIp(a.ip, target) === 0);
  switch (netns.sysctls.effective(name, 'arp_ignore', 'max')) {
    case 1:
      return own === undefined;
    case 2:
      return own === undefined || !contains({ addr: own.ip, bits: own.bits }, sender);
    case 8:
      return true;
    default:
      return false;
  }
}
