/** Where a received packet goes: net/ipv4/route.c ip_route_input_slow(), net/ipv4/fib_frontend.c fib_validate_source(). */
import { type IpAddr, isIp4, isIp6 } from '../../net/address.ts';
import { type Packet, portsOf, protocolNumber } from '../../net/packet.ts';
import { contains } from '../../net/prefix.ts';
import type { DropReason } from '../drop-reason.ts';
import type { ReversePathOptions } from '../netfilter/match.ts';
import type { Netns } from '../netns.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import type { RouteOutcome } from '../walk/step.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isZeronet } from './address-type.ts';
import { inputFailure } from './failure.ts';
import { type FibResult, type Flow, fibLookup, holdsAddress } from './fib.ts';
import { reversePath6, routeInput6 } from './ipv6/input.ts';
import { chooseNexthop } from './multipath.ts';
import type { Nexthop, PolicyRule } from './route.ts';

/** Where a received packet goes. `rule` is the policy rule that sent it there; undefined where none did. */
export type InputRoute = {
  readonly outcome: RouteOutcome;
  readonly rule: PolicyRule | undefined;
  /** IPSKB_DOREDIRECT: the packet leaves by the device it came in by, and its source is a neighbour there. */
  readonly redirects?: boolean;
};

/**
 * The route of a packet that came in by `device`; martians and rp_filter included.
 * @param bridged a bridge asks where DNAT has sent it. IPv4 says no where forwarding is off, IPv6 only when it forwards.
 */
export function routeInput(run: Run, netns: Netns, skb: Skb, device: string, bridged = false): InputRoute {
  const { src, dst } = skb.packet;
  if (isIp6(dst)) return routeInput6(run, netns, skb, device, dst, bridged);
  const martian = martianReason(netns, device, skb.packet);
  if (martian !== undefined) return inputFailure(martian, 'EINVAL');
  const ports = portsOf(skb.packet);
  const flow: Flow = { src, dst, mark: skb.mark, iif: device, protocol: protocolNumber(skb.packet), ...(ports ?? {}) };
  const found = fibLookup(netns, flow);
  const forwarding = netns.sysctls.device(device, 'forwarding') !== 0;
  if (found.kind === 'fail') {
    if (!forwarding) return inputFailure('IP_FORWARD_DISABLED', 'EHOSTUNREACH', found.route);
    return inputFailure(found.reason, found.error, found.route);
  }
  const { route, rule } = found;
  // brd_input: a broadcast of one of this machine's subnets is taken by whatever device it comes (bc_forwarding is 0).
  if (route.type === 'local' || route.type === 'broadcast') {
    const source = validateSource(netns, skb, device, undefined);
    if (typeof source !== 'string') return source;
    return { outcome: { kind: 'local', device: route.device, route }, rule };
  }
  if (!forwarding) return inputFailure('IP_FORWARD_DISABLED', 'EHOSTUNREACH', found.route);
  const hop = route.type === 'unicast' ? chooseNexthop(run, netns, route, found.nexthops, skb.packet, src) : undefined;
  if (hop === undefined || route.type !== 'unicast') return inputFailure('IP_INVALID_DEST', 'EINVAL', found.route);
  const source = validateSource(netns, skb, device, hop.device);
  if (typeof source !== 'string') return source;
  const outcome: RouteOutcome = { kind: 'forward', device: hop.device, via: hop.via, route };
  const redirects = source === 'neighbour' && device === hop.device && mayRedirect(netns, skb, hop);
  return redirects ? { outcome, rule, redirects } : { outcome, rule };
}

/** ip_route_input_slow(): addresses that no packet on a wire has. */
function martianReason(netns: Netns, device: string, { src, dst }: Packet): DropReason | undefined {
  if (isMulticast(src) || isLimitedBroadcast(src) || isZeronet(src)) return 'IP_INVALID_SOURCE';
  if (isLimitedBroadcast(dst) || isZeronet(dst)) return 'IP_INVALID_DEST';
  if (!isLoopback(src) && !isLoopback(dst)) return undefined;
  return netns.sysctls.effective(device, 'route_localnet', 'or') === 0 ? 'IP_LOCALNET' : undefined;
}

/** __mkroute_input(): on a medium that is shared, as all are unless told otherwise, every gateway is a better one. */
function mayRedirect(netns: Netns, { packet: { src } }: Skb, { device, via }: Nexthop): boolean {
  if (netns.sysctls.effective(device, 'send_redirects', 'or') === 0) return false;
  if (netns.sysctls.effective(device, 'shared_media', 'or') !== 0) return true;
  // inet_addr_onlink()
  const addresses = netns.devices.get(device)?.addresses ?? [];
  return addresses.some(({ ip, bits }) => {
    const subnet = { addr: ip, bits };
    return contains(subnet, src) && (via === undefined || contains(subnet, via));
  });
}

/** What is known of a source that may come in: whether the way back to it leads through a gateway (nhc_scope). */
type Source = 'neighbour' | 'elsewhere';

/** fib_validate_source(): a failure where the source may not come in by this device. */
function validateSource(netns: Netns, skb: Skb, device: string, outDevice: string | undefined): InputRoute | Source {
  const mode = netns.sysctls.effective(device, 'rp_filter', 'max');
  const acceptLocal = netns.sysctls.effective(device, 'accept_local', 'or') !== 0;
  const redirects = netns.sysctls.effective(device, 'send_redirects', 'or') !== 0;
  if (mode === 0 && (device !== outDevice || !redirects)) {
    if (acceptLocal || !holdsAddress(netns, skb.packet.src)) return 'elsewhere';
    return inputFailure('IP_LOCAL_SOURCE', 'EINVAL');
  }
  return reverseCheck(netns, skb, device, outDevice, mode, acceptLocal);
}

/** __fib_validate_source(): looks the source up as if it were a destination. */
function reverseCheck(
  netns: Netns,
  skb: Skb,
  device: string,
  outDevice: string | undefined,
  mode: number,
  acceptLocal: boolean,
): InputRoute | Source {
  const useMark = netns.sysctls.effective(device, 'src_valid_mark', 'or') !== 0;
  // fib4_rules_early_flow_dissect(): protocol and ports count only once some rule asks for them, here the other way round.
  const ports = portsOf(skb.packet);
  const back = ports === undefined ? {} : { sport: ports.dport, dport: ports.sport };
  const dissect = netns.rules.some((r) => r.protocol !== undefined || r.sport !== undefined || r.dport !== undefined);
  const flow: Flow = {
    src: skb.packet.dst,
    dst: skb.packet.src,
    mark: useMark ? skb.mark : 0,
    iif: outDevice ?? 'lo',
    ...(dissect ? { protocol: protocolNumber(skb.packet), ...back } : {}),
  };
  const spoofed = inputFailure('IP_RPFILTER', 'EXDEV');
  const found = fibLookup(netns, flow);
  if (found.kind === 'fail') return mode !== 0 ? spoofed : 'elsewhere';
  if (found.route.type !== 'unicast' && !(found.route.type === 'local' && acceptLocal))
    return inputFailure('IP_LOCAL_SOURCE', 'EINVAL');
  if (usesDevice(found, device)) return sourceBehind(found);
  const noAddress = netns.devices.get(device)?.addresses.some(({ ip }) => isIp4(ip)) !== true;
  if (noAddress) return mode !== 0 ? spoofed : 'elsewhere';
  if (mode === 1) return spoofed;
  const here = fibLookup(netns, { ...flow, oif: device });
  return here.kind === 'route' && here.route.type === 'unicast' ? sourceBehind(here) : 'elsewhere';
}

/** fib_create_info(): a next hop without a gateway is of scope `host`. */
function sourceBehind({ route, nexthops }: Extract<FibResult, { kind: 'route' }>): Source {
  return route.type === 'unicast' && nexthops[0]?.via !== undefined ? 'elsewhere' : 'neighbour';
}

/** fib_info_nh_uses_dev() */
function usesDevice(found: Extract<FibResult, { kind: 'route' }>, device: string): boolean {
  if (found.route.type === 'unicast') return found.route.nexthops.some((hop) => hop.device === device);
  return (found.route.type === 'local' || found.route.type === 'broadcast') && found.route.device === device;
}

/** net/ipv4/netfilter/ipt_rpfilter.c rpfilter_lookup_reverse(): the look-up of the iptables match. */
export function reversePath(netns: Netns, skb: Skb, device: string, options: ReversePathOptions): boolean {
  const { src, dst } = skb.packet;
  if (netns.devices.get(device)?.kind === 'loopback') return true;
  if (isIp6(src)) return reversePath6(netns, skb, device, options);
  if (isMulticast(src) || (isZeronet(src) && (isMulticast(dst) || isLimitedBroadcast(dst)))) return true;
  const found = fibLookup(netns, {
    src: reverseSource(dst),
    dst: src,
    mark: options.validMark ? skb.mark : 0,
    iif: 'lo',
  });
  if (found.kind === 'fail') return false;
  if (found.route.type !== 'unicast' && !(found.route.type === 'local' && options.acceptLocal)) return false;
  return usesDevice(found, device) || options.loose;
}

/** rpfilter_get_saddr(): the destination is the source of the way back, unless it is no address to speak from. */
function reverseSource(dst: IpAddr): IpAddr | undefined {
  return isMulticast(dst) || isLimitedBroadcast(dst) || isZeronet(dst) ? undefined : dst;
}
