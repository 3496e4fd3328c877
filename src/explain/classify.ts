/** Reason codes from the kernel's reasons and from what the deciding rule or route was made for. */
import type { Origin } from '../compile/origin.ts';
import type { DropReason } from '../kernel/drop-reason.ts';
import type { DeviceRef } from '../kernel/link/device.ts';
import type { NetnsId } from '../kernel/netns-id.ts';
import { isNftRule, printRule as printNftRule } from '../kernel/nftables/print-rule.ts';
import type { Leg, NetfilterStep, Step } from '../kernel/walk/step.ts';
import { type IpAddr, printIp } from '../net/address.ts';
import { type Packet, portsOf } from '../net/packet.ts';
import { brokenLink } from './broken-link.ts';
import type { ReasonCode } from './codes.ts';
import type { Asked, ExplainContext } from './context.ts';
import { decidingStep, originIdOf, reasonOf } from './deciding-step.ts';
import { isNetfilter, LOST_ROUTE, serviceMisuse } from './service-misuse.ts';
import { isTranslated } from './translation.ts';

/** Why a leg did not arrive; undefined when it did. */
export type Cause = {
  readonly code: ReasonCode;
  readonly step: Step | undefined;
  readonly origin: Origin | undefined;
  readonly packet: Packet;
  /** Where the packet ended, which may be far behind the step that decided. */
  readonly end: NetnsId;
  /** The device at fault, where it is not the step's own. */
  readonly at?: DeviceRef;
  /** The address that was asked for by ARP. */
  readonly target?: IpAddr;
};

export function classifyRequest(leg: Leg, asked: Asked, context: ExplainContext): Cause | undefined {
  const reason = reasonOf(leg.disposition);
  if (reason === undefined) return undefined;
  const base = causeOf(leg, reason, context);
  const packet = innermost(base.packet);
  const ruled = isNetfilter(reason) && base.origin?.role !== 'service-address';
  const misuse = ruled ? undefined : serviceMisuse(packet, reason, base.end, asked, context);
  if (misuse !== undefined) return { ...base, code: misuse };
  if (reason === 'IP_LOCAL_SOURCE' && isTranslated(leg.steps) && leg.disposition.netns === asked.probe.netns) {
    return { ...base, code: 'HAIRPIN_NOT_MASQUERADED' };
  }
  return missingBgpRoute(leg, reason, packet, context) ?? base;
}

export function classifyReply(request: Leg, reply: Leg, asked: Asked, context: ExplainContext): Cause | undefined {
  const reason = reasonOf(reply.disposition);
  if (reason === undefined) {
    if (reply.disposition.netns === asked.probe.netns) return undefined;
    // It arrived at another machine that holds the address.
    const { netns: end } = reply.disposition;
    return { code: 'NAT_REPLY_ASYMMETRIC', step: decidingStep(reply), origin: undefined, packet: reply.packet, end };
  }
  const base = causeOf(reply, reason, context);
  const strange =
    reason === 'NO_CONNECTION' || (reason === 'SOCKET_CLOSED' && reply.disposition.netns === asked.probe.netns);
  if (strange || reason === 'IP_LOCAL_SOURCE') {
    const hairpin = request.disposition.netns === asked.probe.netns;
    if (isTranslated(request.steps))
      return { ...base, code: hairpin ? 'HAIRPIN_NOT_MASQUERADED' : 'NAT_REPLY_ASYMMETRIC' };
  }
  return missingBgpRoute(reply, reason, innermost(base.packet), context) ?? base;
}

function causeOf(leg: Leg, reason: DropReason, context: ExplainContext): Cause {
  const step = decidingStep(leg);
  const id = step === undefined ? undefined : originIdOf(step);
  const origin = id === undefined ? undefined : context.origins.get(id);
  const packet = step?.packet ?? leg.packet;
  const base = { code: codeOf(reason, step, origin, leg, context), step, origin, packet, end: leg.disposition.netns };
  return { ...base, ...brokenLink(leg, reason, context) };
}

function codeOf(
  reason: DropReason,
  step: Step | undefined,
  origin: Origin | undefined,
  leg: Leg,
  context: ExplainContext,
): ReasonCode {
  switch (reason) {
    case 'NETFILTER_RULE':
      return codeOfRule(step, origin, 'NETFILTER_RULE_DROP');
    case 'NETFILTER_REJECT':
      return codeOfRule(step, origin, 'NETFILTER_RULE_REJECT');
    case 'NETFILTER_POLICY':
      return 'NETFILTER_POLICY_DROP';
    case 'IPVS_NO_DESTINATION':
      return codeOfRule(
        step,
        origin,
        origin?.kind === 'Service' ? 'SERVICE_NO_READY_ENDPOINTS' : 'NETFILTER_RULE_REJECT',
      );
    case 'IP_TTL':
    case 'HOP_LIMIT':
      return reason === 'HOP_LIMIT' || goesRound(leg) ? 'ROUTE_LOOP' : 'TTL_EXCEEDED';
    case 'SEGMENT_BLOCKED':
      return step !== undefined && isEncapsulated(step.packet) ? 'TUNNEL_BLOCKED' : 'SEGMENT_BLOCKED';
    case 'PKT_TOO_BIG':
      return leg.disposition.kind === 'refused' || leg.answer !== undefined || isLocalError(leg)
        ? 'MTU_EXCEEDED_DF'
        : 'PMTU_BLACKHOLE';
    case 'SOCKET_CLOSED':
      return codeOfClosedSocket(leg, context);
    default:
      return PLAIN_CODES[reason];
  }
}

/** Reasons that stand for one code whatever the rest of the path says. */
const PLAIN_CODES: Readonly<
  Record<
    Exclude<
      DropReason,
      | 'NETFILTER_RULE'
      | 'NETFILTER_REJECT'
      | 'NETFILTER_POLICY'
      | 'IPVS_NO_DESTINATION'
      | 'IP_TTL'
      | 'HOP_LIMIT'
      | 'SEGMENT_BLOCKED'
      | 'PKT_TOO_BIG'
      | 'SOCKET_CLOSED'
    >,
    ReasonCode
  >
> = {
  IP_INNOROUTES: 'ROUTE_NOT_FOUND',
  IP_OUTNOROUTES: 'ROUTE_NOT_FOUND',
  ROUTE_BLACKHOLE: 'ROUTE_BLACKHOLE',
  ROUTE_UNREACHABLE: 'ROUTE_UNREACHABLE',
  ROUTE_PROHIBIT: 'ROUTE_UNREACHABLE',
  NEXTHOP_INVALID: 'ROUTE_NEXTHOP_INVALID',
  IP_FORWARD_DISABLED: 'IP_FORWARD_DISABLED',
  IP_RPFILTER: 'RPF_MISMATCH',
  IP_LOCAL_SOURCE: 'MARTIAN_ADDRESS',
  IP_LOCALNET: 'MARTIAN_ADDRESS',
  IP_INVALID_SOURCE: 'MARTIAN_ADDRESS',
  IP_INVALID_DEST: 'MARTIAN_ADDRESS',
  NEIGH_FAILED: 'NEIGHBOUR_FAILED',
  UNICAST_IGNORED: 'MAC_MISMATCH',
  NO_LISTENER_FOR_MAC: 'MAC_MISMATCH',
  DEV_DOWN: 'LINK_DOWN',
  VETH_PEER: 'VETH_PEER_MISSING',
  BRIDGE_PORT: 'BRIDGE_PORT_BLOCKED',
  BRIDGE_HAIRPIN: 'HAIRPIN_OFF',
  TUNNEL_NO_REMOTE: 'TUNNEL_ENDPOINT_UNKNOWN',
  TUNNEL_LOOP: 'ROUTE_LOOP',
  TUNNEL_NO_DEVICE: 'TUNNEL_ENDPOINT_UNKNOWN',
  PROTOCOL_UNKNOWN: 'SOCKET_NOT_LISTENING',
  NO_CONNECTION: 'NAT_REPLY_ASYMMETRIC',
  ECHO_IGNORED: 'ICMP_ECHO_IGNORED',
  LOCAL_SEND_FAILED: 'BROADCAST_NOT_PERMITTED',
};

function codeOfRule(step: Step | undefined, origin: Origin | undefined, otherwise: ReasonCode): ReasonCode {
  switch (origin?.role) {
    case 'policy-default':
      return origin.direction === 'egress' ? 'POLICY_EGRESS_NO_MATCH' : 'POLICY_INGRESS_NO_MATCH';
    case 'policy-deny':
      return origin.direction === 'egress' ? 'POLICY_EGRESS_DENY' : 'POLICY_INGRESS_DENY';
    case 'host-endpoint':
      return 'HOST_ENDPOINT_DENY';
    case 'service-no-endpoints':
      return 'SERVICE_NO_ENDPOINTS';
    case 'service-no-ready-endpoints':
      return 'SERVICE_NO_READY_ENDPOINTS';
    case 'service-no-local-endpoints':
      return 'SERVICE_NO_LOCAL_ENDPOINTS';
    case 'service-source-range':
      return 'SERVICE_SOURCE_RANGE_DENIED';
    case 'tunnel-filter':
      return 'TUNNEL_BLOCKED';
    case 'rpf':
      return 'RPF_MISMATCH';
    default:
      break;
  }
  if (step?.kind !== 'netfilter') return otherwise;
  if (isInvalidDrop(step)) return 'CONNTRACK_INVALID';
  return isEncapsulated(step.packet) ? 'TUNNEL_BLOCKED' : otherwise;
}

/** The rule asked for the state INVALID, as Calico's and kube-proxy's own rules do. */
function isInvalidDrop(step: NetfilterStep): boolean {
  const { rule } = step;
  if (step.ctState !== 'INVALID' || rule === undefined) return false;
  if (isNftRule(rule)) return printNftRule(rule).includes('ct state invalid');
  return rule.matches.some((match) => match.print().includes('state INVALID'));
}

function isEncapsulated(packet: Packet): boolean {
  return (
    packet.transport.proto === 'ipip' || (packet.transport.proto === 'udp' && packet.transport.payload !== undefined)
  );
}

/** The packet inside all tunnels. */
export function innermost(packet: Packet): Packet {
  let inner = packet;
  for (;;) {
    const { transport } = inner;
    if (transport.proto === 'ipip') inner = transport.inner;
    else if (transport.proto === 'udp' && transport.payload !== undefined) inner = transport.payload.frame.packet;
    else return inner;
  }
}

/** A machine that forwarded the packet twice on its way, by the routing decisions of its own namespace. */
function goesRound(leg: Leg): boolean {
  const visits = new Map<string, number>();
  for (const step of leg.steps) if (step.kind === 'ttl') visits.set(step.netns, (visits.get(step.netns) ?? 0) + 1);
  return [...visits.values()].some((count) => count > 1);
}

function isLocalError(leg: Leg): boolean {
  return leg.disposition.kind === 'dropped' && leg.disposition.errno !== undefined;
}

function codeOfClosedSocket(leg: Leg, context: ExplainContext): ReasonCode {
  const packet = innermost(leg.packet);
  const dport = portsOf(packet)?.dport;
  const protocol = packet.transport.proto;
  const { listeners } = context.world.netns(leg.disposition.netns);
  if (
    listeners.some(
      (l) => l.protocol === protocol && l.port === dport && l.address !== undefined && isLoopback(l.address),
    )
  ) {
    return 'SOCKET_LOOPBACK_ONLY';
  }
  const range = context.cluster?.settings.nodePortRange;
  const { netns } = leg.disposition;
  const onNode = context.ownerKind(netns) === 'node';
  const inRange = range !== undefined && dport !== undefined && dport >= range.first && dport <= range.last;
  // A translated packet came to an endpoint; a port that a Pod on the host network declares is that Pod's.
  const meantForPod = context.cluster
    ?.podsOnNode(context.place(netns).machine)
    .some((pod) => pod.hostNetwork && pod.ports.some(({ port }) => port === dport));
  return onNode && inRange && !isTranslated(leg.steps) && meantForPod !== true
    ? 'NODE_PORT_NOT_BOUND'
    : 'SOCKET_NOT_LISTENING';
}

function isLoopback(ip: IpAddr): boolean {
  const printed = printIp(ip);
  return printed.startsWith('127.') || printed === '::1';
}

/**
 * A packet to a Pod of another node ends astray when BGP did not spread the route of its block: the blame lies with the
 * first machine that had to know it, not with the router where the packet ends.
 */
function missingBgpRoute(leg: Leg, reason: DropReason, packet: Packet, context: ExplainContext): Cause | undefined {
  if (!LOST_ROUTE.has(reason)) return undefined;
  const step = leg.steps.find(
    (candidate) =>
      candidate.kind === 'route' &&
      candidate.packet.dst === packet.dst &&
      context.routeNotLearned(candidate.netns, packet.dst),
  );
  if (step === undefined) return undefined;
  return { code: 'BGP_ROUTE_NOT_LEARNED', step, origin: undefined, packet, end: leg.disposition.netns };
}
