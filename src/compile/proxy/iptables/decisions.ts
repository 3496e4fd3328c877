/** What a node's endpoints make of a service port: which chains exist and what the filter table says instead. */
import type { OriginRole } from '../../origin.ts';
import type { EndpointSelection } from '../select-endpoints.ts';
import type { ProxyServicePort } from '../service-port.ts';
import { serviceChainName } from './chain-names.ts';

export type ChainNames = { readonly svc: string; readonly svl: string; readonly ext: string; readonly fw: string };

/** The port's chain names; hashed once, however many nodes ask. */
export const chainNames = memoizeByPort((port) => {
  const name = (kind: 'SVC' | 'SVL' | 'EXT' | 'FW') => serviceChainName(kind, port.text, port.protocol);
  return { svc: name('SVC'), svl: name('SVL'), ext: name('EXT'), fw: name('FW') };
});

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

export function decide(port: ProxyServicePort, selection: EndpointSelection, known: number): Decisions {
  const { hasAny, local } = selection;
  return {
    hasAny,
    hasInternal: hasAny && !(port.internalPolicyLocal && local.length === 0),
    hasExternal: hasAny && !(port.externalPolicyLocal && local.length === 0),
    hasExtChain: hasAny && port.external,
    hasFirewallChain: hasAny && port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0,
    noneReady: !hasAny && known > 0,
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

function memoizeByPort<V>(compute: (port: ProxyServicePort) => V): (port: ProxyServicePort) => V {
  const kept = new WeakMap<ProxyServicePort, V>();
  return (port) => {
    const known = kept.get(port);
    if (known !== undefined) return known;
    const value = compute(port);
    kept.set(port, value);
    return value;
  };
}
