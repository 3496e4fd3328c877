/** The chains of one service port: KUBE-SVC, KUBE-SVL, KUBE-EXT, KUBE-FW and a KUBE-SEP for each endpoint. */
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { ChainSpec } from '../../../kernel/netns-spec.ts';
import { type Lazy, lazy } from '../../../lib/lazy.ts';
import { type IpAddr, printIp } from '../../../net/address.ts';
import { contains, printPrefix } from '../../../net/prefix.ts';
import type { Decisions } from '../decisions.ts';
import type { ProxyEndpoint } from '../endpoints.ts';
import type { LocalDetector } from '../local-detector.ts';
import type { EndpointSelection } from '../select-endpoints.ts';
import type { ProxyServicePort } from '../service-port.ts';
import { chainName } from './chain-name.ts';
import { endpointChainName } from './chain-names.ts';
import type { ProxyOrigins } from './origins.ts';
import { comment, protocol, towards } from './words.ts';

/** What the chains' contents depend on besides the port and its endpoints. */
export type ChainContext = {
  readonly detector: LocalDetector | undefined;
  readonly masqueradeAll: boolean;
  /** More than 1000 endpoints in the cluster: rules that exist once per endpoint carry no comment. */
  readonly large: Lazy<boolean>;
  /** The node's address: source ranges that hold it let its own traffic to the load balancer through. */
  readonly nodeIp: IpAddr | undefined;
  readonly origins: ProxyOrigins;
};

export function serviceChains(
  port: ProxyServicePort,
  selection: EndpointSelection,
  decisions: Decisions,
  context: ChainContext,
): readonly ChainSpec[] {
  const { cluster, local, allReachable } = selection;
  const chain = (name: string, rules: () => readonly RuleSpec[]): ChainSpec => ({
    table: 'nat',
    chain: name,
    rules: lazy(rules),
  });
  const policyChain = (name: string, endpoints: readonly ProxyEndpoint[]) => {
    const internal =
      decisions.hasInternal && name === (port.internalPolicyLocal ? chainName('SVL', port) : chainName('SVC', port));
    return chain(name, () => [
      ...(internal ? clusterIpMasquerade(port, context) : []),
      ...balance(port, endpoints, context),
    ]);
  };
  return [
    ...(decisions.hasExtChain ? [chain(chainName('EXT', port), () => externalRules(port, decisions, context))] : []),
    ...(decisions.hasFirewallChain ? [chain(chainName('FW', port), () => firewallRules(port, context))] : []),
    ...(port.usesClusterEndpoints && cluster.length > 0 ? [policyChain(chainName('SVC', port), cluster)] : []),
    ...(port.usesLocalEndpoints && local.length > 0 ? [policyChain(chainName('SVL', port), local)] : []),
    ...allReachable.map((endpoint) =>
      chain(endpointChain(port, endpoint), () => endpointRules(port, endpoint, context)),
    ),
  ];
}

const endpointChains = new WeakMap<ProxyEndpoint, string>();

/** The name of the endpoint's chain, hashed once: each endpoint is of one port. */
function endpointChain(port: ProxyServicePort, endpoint: ProxyEndpoint): string {
  let name = endpointChains.get(endpoint);
  if (name === undefined) {
    name = endpointChainName(port.text, port.protocol, endpoint.text);
    endpointChains.set(endpoint, name);
  }
  return name;
}

/** Traffic to the cluster IP from outside the cluster's Pods: its answers have to come back through this node. */
function clusterIpMasquerade(
  port: ProxyServicePort,
  { masqueradeAll, detector, origins }: ChainContext,
): readonly RuleSpec[] {
  if (!masqueradeAll && detector === undefined) return [];
  const from = masqueradeAll ? [] : (detector?.ifNotLocal ?? []);
  return [
    {
      args: [...comment(`${port.text} cluster IP`), ...towards(port, port.clusterIp), ...from, '-j', 'KUBE-MARK-MASQ'],
      origin: origins.ofPort(port, 'masquerade'),
    },
  ];
}

/** Sticky clients first, then each endpoint with an equal chance: 1/n of all, 1/(n-1) of the rest, … (writeServiceToEndpointRules()). */
function balance(
  port: ProxyServicePort,
  endpoints: readonly ProxyEndpoint[],
  context: ChainContext,
): readonly RuleSpec[] {
  const large = context.large();
  const rule = (endpoint: ProxyEndpoint, match: readonly string[], target: string): RuleSpec => ({
    args: [...(large ? [] : comment(`${port.text} -> ${endpoint.text}`)), ...match, '-j', target],
    origin: context.origins.ofPort(port, 'service'),
  });
  const targets = endpoints.map((endpoint) => ({ endpoint, chain: endpointChain(port, endpoint) }));
  const seconds = port.stickySeconds;
  return [
    ...(seconds === undefined
      ? []
      : targets.map(({ endpoint, chain }) =>
          rule(endpoint, ['-m', 'recent', '--name', chain, '--rcheck', '--seconds', String(seconds), '--reap'], chain),
        )),
    ...targets.map(({ endpoint, chain }, i) => rule(endpoint, chance(targets.length - i), chain)),
  ];
}

/** One of the `remaining`; the last one needs no dice. */
function chance(remaining: number): readonly string[] {
  return remaining === 1 ? [] : ['-m', 'statistic', '--mode', 'random', '--probability', (1 / remaining).toFixed(10)];
}

function externalRules(
  port: ProxyServicePort,
  { hasExternal }: Decisions,
  { detector, origins }: ChainContext,
): readonly RuleSpec[] {
  const [svc, svl] = [chainName('SVC', port), chainName('SVL', port)];
  const service = origins.ofPort(port, 'service');
  const masquerade = origins.ofPort(port, 'masquerade');
  const words = `${port.text} external destinations`;
  if (!port.externalPolicyLocal) {
    return [
      { args: [...comment(`masquerade traffic for ${words}`), '-j', 'KUBE-MARK-MASQ'], origin: masquerade },
      { args: ['-j', svc], origin: service },
    ];
  }
  // Pods and the node itself do not go out to the load balancer and back: they use all endpoints at once.
  const fromNode = ['-m', 'addrtype', '--src-type', 'LOCAL'];
  return [
    ...(detector === undefined
      ? []
      : [{ args: [...comment(`pod traffic for ${words}`), ...detector.ifLocal, '-j', svc], origin: service }]),
    {
      args: [...comment(`masquerade LOCAL traffic for ${words}`), ...fromNode, '-j', 'KUBE-MARK-MASQ'],
      origin: masquerade,
    },
    { args: [...comment(`route LOCAL traffic for ${words}`), ...fromNode, '-j', svc], origin: service },
    ...(hasExternal ? [{ args: ['-j', svl], origin: service }] : []),
  ];
}

/** What matches nothing here stays untranslated and is dropped by filter KUBE-PROXY-FIREWALL. */
function firewallRules(port: ProxyServicePort, { nodeIp, origins }: ChainContext): readonly RuleSpec[] {
  const ext = chainName('EXT', port);
  const origin = origins.ofPort(port, 'service-source-range');
  const allow = (source: string): RuleSpec => ({
    args: [...comment(`${port.text} loadbalancer IP`), '-s', source, '-j', ext],
    origin,
  });
  // The balancer's address may be local to the node, and so be the source of what the node sends to it.
  const fromNode = nodeIp !== undefined && port.sourceRanges.some((range) => contains(range, nodeIp));
  return [
    ...port.sourceRanges.map((range) => allow(printPrefix(range))),
    ...(fromNode ? port.loadBalancerIps.map((ip) => allow(printIp(ip))) : []),
    { args: [...comment(`other traffic to ${port.text} will be dropped by KUBE-PROXY-FIREWALL`)], origin },
  ];
}

function endpointRules(
  port: ProxyServicePort,
  endpoint: ProxyEndpoint,
  { large, origins }: ChainContext,
): readonly RuleSpec[] {
  const origin = origins.ofEndpoint(endpoint);
  const text = large() ? [] : comment(port.text);
  const remember =
    port.stickySeconds === undefined ? [] : ['-m', 'recent', '--name', endpointChain(port, endpoint), '--set'];
  return [
    // A Pod that reaches itself through the Service has to get its answers from the node, not from itself.
    { args: [...text, '-s', printIp(endpoint.endpoint.ip), '-j', 'KUBE-MARK-MASQ'], origin },
    { args: [...text, ...remember, ...protocol(port), '-j', 'DNAT', '--to-destination', endpoint.text], origin },
  ];
}
