/** The chains and affinity sets of one service port. */
import type { NftRuleSpec, NftSet } from '../../../kernel/nftables/ruleset.ts';
import type { NftChainSpec } from '../../../kernel/nftables/table-spec.ts';
import { eager, lazy } from '../../../lib/lazy.ts';
import { type IpAddr, printIp } from '../../../net/address.ts';
import { contains, printPrefix } from '../../../net/prefix.ts';
import type { Decisions } from '../decisions.ts';
import type { ProxyEndpoint } from '../endpoints.ts';
import type { ProxyOrigins } from '../iptables/origins.ts';
import type { EndpointSelection } from '../select-endpoints.ts';
import type { ProxyServicePort } from '../service-port.ts';
import { hasFirewall } from './elements.ts';
import type { Generation } from './generation.ts';
import { affinitySet, endpointChain, portChain } from './names.ts';
import { type FamilyWords, MASQUERADE_MARK, type NftDetector, rule } from './words.ts';

export type ChainContext = {
  readonly words: FamilyWords;
  readonly generation: Generation;
  readonly detector: NftDetector | undefined;
  readonly masqueradeAll: boolean;
  /** The node's address: source ranges that hold it let its own traffic to the load balancer through. */
  readonly nodeIp: IpAddr | undefined;
  readonly origins: ProxyOrigins;
};

export type PortObjects = { readonly chains: readonly NftChainSpec[]; readonly sets: readonly NftSet[] };

export function portObjects(
  port: ProxyServicePort,
  selection: EndpointSelection,
  decisions: Decisions,
  context: ChainContext,
): PortObjects {
  const { cluster, local, allReachable } = selection;
  const chain = (name: string, rules: () => readonly NftRuleSpec[]): NftChainSpec => ({ name, rules: lazy(rules) });
  const sticky = port.stickySeconds !== undefined;
  const policyChain = (kind: 'service' | 'local', endpoints: readonly ProxyEndpoint[]) => {
    const internal = decisions.hasInternal && (kind === 'local') === port.internalPolicyLocal;
    return chain(portChain(kind, port), () => [
      ...(internal ? clusterIpMasquerade(port, context) : []),
      ...balance(port, endpoints, context),
    ]);
  };
  return {
    chains: [
      ...(context.generation.compact && !sticky
        ? []
        : allReachable.map((endpoint) =>
            chain(endpointChain(port, endpoint), () => endpointRules(port, endpoint, context)),
          )),
      ...(port.usesClusterEndpoints && cluster.length > 0 ? [policyChain('service', cluster)] : []),
      ...(port.usesLocalEndpoints && local.length > 0 ? [policyChain('local', local)] : []),
      ...(decisions.hasExtChain
        ? [chain(portChain('external', port), () => externalRules(port, decisions, context))]
        : []),
      ...(hasFirewall(port) ? [chain(portChain('firewall', port), () => [firewallRule(port, context)])] : []),
    ],
    sets: sticky ? allReachable.map((endpoint) => affinity(port, endpoint, context)) : [],
  };
}

function affinity(port: ProxyServicePort, endpoint: ProxyEndpoint, { words }: ChainContext): NftSet {
  return {
    name: affinitySet(port, endpoint),
    kind: 'set',
    keyTypes: [words.address],
    // What nft gives sets that rules fill when nobody says how large they may be.
    size: 65_535,
    flags: ['timeout', 'dynamic'],
    timeout: (port.stickySeconds ?? 0) * 1000,
    elements: eager([]),
  };
}

/** How a rule has a packet masqueraded: a jump in earlier releases. */
function mark({ generation }: ChainContext): string {
  return generation.compact ? `mark set mark or ${MASQUERADE_MARK}` : 'jump mark-for-masquerade';
}

/** Traffic to the cluster IP from outside the cluster's Pods: its answers have to come back through this node. */
function clusterIpMasquerade(port: ProxyServicePort, context: ChainContext): readonly NftRuleSpec[] {
  const { words, generation, detector, masqueradeAll, origins } = context;
  if (generation.compact || (!masqueradeAll && detector === undefined)) return [];
  const to = [
    `${words.ip} daddr ${printIp(port.clusterIp)}`,
    ...(generation.masqueradesByPort ? [`${port.protocol} dport ${port.port}`] : []),
    ...(masqueradeAll || detector === undefined ? [] : [detector.ifNotLocal]),
  ];
  return [rule(`${to.join(' ')} ${mark(context)}`, origins.ofPort(port, 'masquerade'))];
}

/** Sticky clients first, then each endpoint with an equal chance. */
function balance(
  port: ProxyServicePort,
  endpoints: readonly ProxyEndpoint[],
  { words: { ip }, generation, origins }: ChainContext,
): readonly NftRuleSpec[] {
  const origin = origins.ofPort(port, 'service');
  const random = `numgen random mod ${endpoints.length}`;
  if (generation.compact && port.stickySeconds === undefined) {
    const elements = endpoints.map(({ endpoint, port: number }, i) => `${i} : ${printIp(endpoint.ip)} . ${number}`);
    return [
      rule(`meta l4proto ${port.protocol} dnat ${ip} addr . port to ${random} map { ${elements.join(' , ')} }`, origin),
    ];
  }
  const elements = endpoints.map((endpoint, i) => `${i} : goto ${endpointChain(port, endpoint)}`);
  return [
    ...(port.stickySeconds === undefined
      ? []
      : endpoints.map((endpoint) =>
          rule(`${ip} saddr @${affinitySet(port, endpoint)} goto ${endpointChain(port, endpoint)}`, origin),
        )),
    rule(`${random} vmap { ${elements.join(' , ')} }`, origin),
  ];
}

function externalRules(
  port: ProxyServicePort,
  { hasExternal }: Decisions,
  context: ChainContext,
): readonly NftRuleSpec[] {
  const { detector, origins, generation } = context;
  const service = origins.ofPort(port, 'service');
  const masquerade = origins.ofPort(port, 'masquerade');
  const all = `goto ${portChain('service', port)}`;
  if (!port.externalPolicyLocal)
    return [
      rule(mark(context), masquerade, generation.compact ? 'masquerade' : undefined),
      ...(hasExternal ? [rule(all, service)] : []),
    ];
  // Pods and the node itself do not go out to the load balancer and back: they use all endpoints at once.
  return [
    ...(detector === undefined ? [] : [rule(`${detector.ifLocal} ${all}`, service, 'short-circuit pod traffic')]),
    rule(`fib saddr type local ${mark(context)}`, masquerade, 'masquerade local traffic'),
    rule(`fib saddr type local ${all}`, service, 'short-circuit local traffic'),
    ...(hasExternal ? [rule(`goto ${portChain('local', port)}`, service)] : []),
  ];
}

/** The balancer's address may be local to the node, and so be the source of what the node sends to it. */
function firewallRule(port: ProxyServicePort, { words, nodeIp, origins }: ChainContext): NftRuleSpec {
  const fromNode = nodeIp !== undefined && port.sourceRanges.some((range) => contains(range, nodeIp));
  const sources = [...port.sourceRanges.map(printPrefix), ...(fromNode ? port.loadBalancerIps.map(printIp) : [])];
  return rule(`${words.ip} saddr != { ${sources.join(', ')} } drop`, origins.ofPort(port, 'service-source-range'));
}

function endpointRules(port: ProxyServicePort, endpoint: ProxyEndpoint, context: ChainContext): readonly NftRuleSpec[] {
  const { words, generation, origins } = context;
  const origin = origins.ofEndpoint(endpoint);
  const { ip } = words;
  return [
    // A Pod that reaches itself through the Service has to get its answers from the node, not from itself.
    ...(generation.compact ? [] : [rule(`${ip} saddr ${printIp(endpoint.endpoint.ip)} ${mark(context)}`, origin)]),
    ...(port.stickySeconds === undefined
      ? []
      : [rule(`update @${affinitySet(port, endpoint)} { ${ip} saddr }`, origin)]),
    rule(`meta l4proto ${port.protocol} dnat to ${endpoint.text}`, origin),
  ];
}
