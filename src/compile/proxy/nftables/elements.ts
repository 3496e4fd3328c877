/** What one service port puts into the maps and sets that all Services share (syncProxyRules(), "Capture the clusterIP" and on). */
import type { MapData } from '../../../kernel/nftables/expression.ts';
import type { NftElement } from '../../../kernel/nftables/ruleset.ts';
import { eager, lazy } from '../../../lib/lazy.ts';
import type { IpAddr } from '../../../net/address.ts';
import { type Decisions, refusal } from '../decisions.ts';
import type { ProxyOrigins } from '../iptables/origins.ts';
import type { ProxyServicePort } from '../service-port.ts';
import { type PortChainKind, portChain } from './names.ts';

export type PortElements = {
  readonly clusterIps: readonly NftElement[];
  readonly serviceIps: readonly NftElement[];
  readonly serviceNodePorts: readonly NftElement[];
  readonly noEndpointServices: readonly NftElement[];
  readonly noEndpointNodePorts: readonly NftElement[];
  readonly firewallIps: readonly NftElement[];
};

/** IANA numbers: keys hold them, names are for the listing. */
const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const;

export function value(of: number | IpAddr): { readonly kind: 'value'; readonly value: number | bigint } {
  return { kind: 'value', value: of };
}

export function protocolOf({ protocol }: ProxyServicePort): number {
  return PROTOCOLS[protocol];
}

/** The name is hashed when a packet comes to it. */
function leadTo(kind: PortChainKind, port: ProxyServicePort): NftElement['data'] {
  return lazy((): MapData => ({ kind: 'verdict', verdict: { kind: 'goto', chain: portChain(kind, port) } }));
}

const REJECT: NftElement['data'] = eager({ kind: 'verdict', verdict: { kind: 'goto', chain: 'reject-chain' } });
const DROP: NftElement['data'] = eager({ kind: 'verdict', verdict: { kind: 'drop' } });

/** usesFWChain: source ranges hold also where no endpoint is, unlike in iptables mode. */
export function hasFirewall(port: ProxyServicePort): boolean {
  return port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0;
}

export function portElements(port: ProxyServicePort, decisions: Decisions, origins: ProxyOrigins): PortElements {
  const { hasAny, hasInternal, hasExternal } = decisions;
  const protocol = value(protocolOf(port));
  const at = (ip: IpAddr) => [value(ip), protocol, value(port.port)];
  const nodePort = [protocol, value(port.nodePort)];
  const service = origins.ofPort(port, 'service');
  const lead = (key: NftElement['key'], kind: PortChainKind): NftElement => {
    const data = leadTo(kind, port);
    return { key, origin: service, ...(data === undefined ? {} : { data }) };
  };
  const no = refusal(port, decisions);
  const refuse = (key: NftElement['key']): NftElement => {
    const data = no.target === 'REJECT' ? REJECT : DROP;
    return { key, comment: port.text, origin: origins.ofPort(port, no.role), ...(data === undefined ? {} : { data }) };
  };
  const outside = [...port.externalIps, ...port.loadBalancerIps];
  const firewall = hasFirewall(port) ? port.loadBalancerIps : [];
  return {
    clusterIps: [{ key: [value(port.clusterIp)], origin: service }],
    serviceIps: [
      ...(hasInternal ? [lead(at(port.clusterIp), port.internalPolicyLocal ? 'local' : 'service')] : []),
      ...(hasAny ? outside.map((ip) => lead(at(ip), 'external')) : []),
    ],
    serviceNodePorts: port.nodePort !== 0 && hasAny ? [lead(nodePort, 'external')] : [],
    noEndpointServices: [
      ...(hasInternal ? [] : [refuse(at(port.clusterIp))]),
      ...(hasExternal ? [] : outside.map((ip) => refuse(at(ip)))),
    ],
    noEndpointNodePorts: port.nodePort !== 0 && !hasExternal ? [refuse(nodePort)] : [],
    firewallIps: firewall.map((ip) => ({
      ...lead(at(ip), 'firewall'),
      origin: origins.ofPort(port, 'service-source-range'),
    })),
  };
}
