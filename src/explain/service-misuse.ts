/** Questions for an address of a Service that no rule of kube-proxy takes: what was asked for wrongly. */
import type { DropReason } from '../kernel/drop-reason.ts';
import type { NetnsId } from '../kernel/netns-id.ts';
import type { Packet } from '../net/packet.ts';
import { contains } from '../net/prefix.ts';
import type { ReasonCode } from './codes.ts';
import type { Asked, ExplainContext } from './context.ts';

/** The packet ended where nobody knew a way for it. */
export const LOST_ROUTE: ReadonlySet<DropReason> = new Set([
  'IP_INNOROUTES',
  'IP_OUTNOROUTES',
  'NEIGH_FAILED',
  'ROUTE_UNREACHABLE',
  'IP_TTL',
  'HOP_LIMIT',
]);

export function isNetfilter(reason: DropReason): boolean {
  return (
    reason === 'NETFILTER_RULE' ||
    reason === 'NETFILTER_REJECT' ||
    reason === 'NETFILTER_POLICY' ||
    reason === 'IPVS_NO_DESTINATION'
  );
}

/** The packet went to an address that only kube-proxy's rules know, and none of them took it. */
export function serviceMisuse(
  packet: Packet,
  reason: DropReason,
  end: NetnsId,
  asked: Asked,
  context: ExplainContext,
): ReasonCode | undefined {
  if (packet.dst !== asked.probe.destination) return undefined;
  const at = context.serviceAt(packet.dst);
  const refused = isNetfilter(reason);
  if (at === undefined) {
    const ofServices = context.cluster?.settings.serviceCIDRs.some((range) => contains(range, packet.dst)) === true;
    return ofServices && (refused || LOST_ROUTE.has(reason)) ? 'CLUSTER_IP_UNALLOCATED' : undefined;
  }
  const { protocol, dport } = asked.probe;
  if (at.how === 'cluster-ip' && protocol === 'icmp') return 'CLUSTER_IP_NO_ICMP';
  // Where the sender's own question for the address fails, nobody announces it: that is the mistake then.
  if (protocol === 'icmp' && (refused || (LOST_ROUTE.has(reason) && end !== asked.probe.netns)))
    return 'EXTERNAL_IP_NO_ICMP';
  if (at.how === 'cluster-ip' && isOutside(asked, context)) return 'CLUSTER_IP_FROM_OUTSIDE';
  const exposed = at.service.ports.some((port) => port.port === dport && port.protocol.toLowerCase() === protocol);
  return exposed || protocol === 'icmp' || reason === 'ECHO_IGNORED' ? undefined : 'SERVICE_PORT_NOT_EXPOSED';
}

/** Neither a node nor a Pod of the cluster: nothing translates the addresses of Services for it. */
function isOutside(asked: Asked, context: ExplainContext): boolean {
  const kind = context.ownerKind(asked.probe.netns);
  return kind !== 'node' && kind !== 'pod';
}
