/** The endpoints of a service port as kube-proxy keeps them (pkg/proxy/endpointslicecache.go). */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Endpoint, EndpointSlice } from '../../cluster/objects.ts';
import { familyOf, printIp } from '../../net/address.ts';
import { lowerProtocol, type ProxyServicePort } from './service-port.ts';

export type ProxyEndpoint = {
  readonly endpoint: Endpoint;
  readonly slice: EndpointSlice;
  /** `10.244.1.5:80`, `[2001:db8::5]:80`: what rules print and what endpoints are sorted by. */
  readonly text: string;
  readonly port: number;
};

export type ProxyEndpoints = {
  /** By `text`; entries with the same text stand together (see forNode). */
  readonly all: readonly ProxyEndpoint[];
  readonly hasDuplicates: boolean;
  readonly hasHints: boolean;
};

/** Every endpoint of the port, ready or not. */
export function proxyEndpoints(cluster: Cluster, port: ProxyServicePort): ProxyEndpoints {
  const family = familyOf(port.clusterIp);
  const all: ProxyEndpoint[] = [];
  let hasHints = false;
  for (const slice of cluster.slicesOf(port.service)) {
    if (slice.family !== family) continue;
    for (const slicePort of slice.ports) {
      if (slicePort.name !== port.portName || lowerProtocol(slicePort.protocol) !== port.protocol) continue;
      if (slicePort.port === undefined || slicePort.port === 0) continue;
      for (const endpoint of slice.endpoints) {
        const ip = printIp(endpoint.ip);
        const text = `${family === 4 ? ip : `[${ip}]`}:${slicePort.port}`;
        all.push({ endpoint, slice, text, port: slicePort.port });
        hasHints ||= endpoint.zones !== undefined || endpoint.hintNodes !== undefined;
      }
    }
  }
  // As Go sorts strings: byte by byte, so that 10.1.1.11:80 stands before 10.1.1.1:80. Probabilities follow from this order.
  all.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return { all, hasHints, hasDuplicates: all.some(({ text }, i) => text === all[i - 1]?.text) };
}

/** The endpoints without repeated addresses: one on the node itself wins, else the first one listed. */
export function endpointsForNode(endpoints: ProxyEndpoints, node: string): readonly ProxyEndpoint[] {
  if (!endpoints.hasDuplicates) return endpoints.all;
  const byText = new Map<string, ProxyEndpoint>();
  for (const candidate of endpoints.all) {
    const known = byText.get(candidate.text);
    if (known === undefined || (known.endpoint.node !== node && candidate.endpoint.node === node))
      byText.set(candidate.text, candidate);
  }
  return [...byText.values()];
}
