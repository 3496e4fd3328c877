/** The endpoints of a service port as kube-proxy keeps them (pkg/proxy/endpointslicecache.go). */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Endpoint, EndpointSlice } from '../../cluster/objects.ts';
import { type Lazy, lazy } from '../../lib/lazy.ts';
import { familyOf, type IpAddr, isIp4, printIp } from '../../net/address.ts';
import { lowerProtocol, type ProxyServicePort } from './service-port.ts';

export type ProxyEndpoint = {
  readonly endpoint: Endpoint;
  readonly slice: EndpointSlice;
  /** `10.244.1.5:80`, `[2001:db8::5]:80`: what rules print and what endpoints are sorted by. */
  readonly text: string;
  readonly port: number;
};

export type ProxyEndpoints = {
  /** Every endpoint of the port, ready or not, by `text`; entries with the same text stand together (endpointsForNode). */
  readonly all: Lazy<readonly ProxyEndpoint[]>;
  readonly count: number;
  /** Some endpoint on some node is ready, or still serves while it ends. */
  readonly usable: boolean;
  readonly hasDuplicates: boolean;
  readonly hasHints: boolean;
};

/** What decides about the port's rules at once; the endpoints themselves when somebody asks. */
export function proxyEndpoints(cluster: Cluster, port: ProxyServicePort): ProxyEndpoints {
  const found: Omit<ProxyEndpoint, 'text'>[] = [];
  const seen = new Set<number | string>();
  let hasHints = false;
  let usable = false;
  for (const slice of cluster.slicesOf(port.service)) {
    if (slice.family !== familyOf(port.clusterIp)) continue;
    for (const slicePort of slice.ports) {
      if (slicePort.name !== port.portName || lowerProtocol(slicePort.protocol) !== port.protocol) continue;
      if (slicePort.port === undefined || slicePort.port === 0) continue;
      for (const endpoint of slice.endpoints) {
        found.push({ endpoint, slice, port: slicePort.port });
        const { ip, zones, hintNodes, ready, serving, terminating } = endpoint;
        seen.add(isIp4(ip) ? ip * 65536 + slicePort.port : `${ip} ${slicePort.port}`);
        hasHints ||= zones !== undefined || hintNodes !== undefined;
        usable ||= ready || (serving && terminating);
      }
    }
  }
  return {
    all: lazy(() => found.map((each) => ({ ...each, text: textOf(each.endpoint.ip, each.port) })).sort(byText)),
    count: found.length,
    usable,
    hasHints,
    hasDuplicates: seen.size < found.length,
  };
}

function textOf(ip: IpAddr, port: number): string {
  return isIp4(ip) ? `${printIp(ip)}:${port}` : `[${printIp(ip)}]:${port}`;
}

/** As Go sorts strings: byte by byte, so that 10.1.1.11:80 stands before 10.1.1.1:80. Probabilities follow from this order. */
function byText(a: ProxyEndpoint, b: ProxyEndpoint): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

/** The endpoints without repeated addresses: one on the node itself wins, else the first one listed. */
export function endpointsForNode(endpoints: ProxyEndpoints, node: string): readonly ProxyEndpoint[] {
  if (!endpoints.hasDuplicates) return endpoints.all();
  const byText = new Map<string, ProxyEndpoint>();
  for (const candidate of endpoints.all()) {
    const known = byText.get(candidate.text);
    if (known === undefined || (known.endpoint.node !== node && candidate.endpoint.node === node))
      byText.set(candidate.text, candidate);
  }
  return [...byText.values()];
}
