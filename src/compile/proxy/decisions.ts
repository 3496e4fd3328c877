/** What a node's endpoints make of a service port: which chains exist and what the filter table says instead. */
import type { OriginRole } from '../origin.ts';
import type { ProxyServicePort } from './service-port.ts';

export type Decisions = {
  readonly hasAny: boolean;
  /** Traffic to the cluster IP finds an endpoint. */
  readonly hasInternal: boolean;
  /** Traffic from outside finds an endpoint. */
  readonly hasExternal: boolean;
  /** KUBE-EXT exists: also without local endpoints, for its short circuits. */
  readonly hasExtChain: boolean;
  readonly hasFirewallChain: boolean;
  /** Pods are selected, but not one of them can serve. */
  readonly noneReady: boolean;
};

/** `usable`: something in the cluster can serve; `local`: something on the node can; `known`: something is selected at all. */
export function decide(
  port: ProxyServicePort,
  { usable, local, known }: { readonly usable: boolean; readonly local: boolean; readonly known: boolean },
): Decisions {
  return {
    hasAny: usable,
    hasInternal: usable && !(port.internalPolicyLocal && !local),
    hasExternal: usable && !(port.externalPolicyLocal && !local),
    hasExtChain: usable && port.external,
    hasFirewallChain: usable && port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0,
    noneReady: !usable && known,
  };
}

export type Refusal = { readonly target: 'REJECT' | 'DROP'; readonly comment: string; readonly role: OriginRole };

/** What happens to traffic for which there is no endpoint: refused where none exists, dropped where only none is local. */
export function refusal(port: ProxyServicePort, { hasAny, noneReady }: Decisions): Refusal {
  if (hasAny)
    return { target: 'DROP', comment: `${port.text} has no local endpoints`, role: 'service-no-local-endpoints' };
  const role = noneReady ? 'service-no-ready-endpoints' : 'service-no-endpoints';
  return { target: 'REJECT', comment: `${port.text} has no endpoints`, role };
}
