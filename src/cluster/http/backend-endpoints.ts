/** The endpoints of a backend as a proxy that watches EndpointSlices sees them. */
import { compareIp, type IpAddr } from '../../net/address.ts';
import type { Cluster } from '../cluster.ts';
import type { Service } from '../objects.ts';

export type BackendEndpoint = {
  readonly ip: IpAddr;
  readonly port: number;
  readonly pod: { readonly namespace: string; readonly name: string } | undefined;
};

export type BackendEndpoints =
  | { readonly kind: 'endpoints'; readonly service: Service; readonly endpoints: readonly BackendEndpoint[] }
  | { readonly kind: 'no-service' }
  | { readonly kind: 'no-port' }
  | { readonly kind: 'external-name' };

/**
 * Ready endpoints of the Service's port, by number or name, each address once (ingress-nginx: controller/endpointslices.go
 * getEndpointsFromSlices()).
 */
export function backendEndpoints(
  cluster: Cluster,
  namespace: string,
  name: string,
  port: number | string,
): BackendEndpoints {
  const service = cluster.service(namespace, name);
  if (service === undefined) return { kind: 'no-service' };
  if (service.type === 'ExternalName') return { kind: 'external-name' };
  const wanted = service.ports.find((each) => (typeof port === 'number' ? each.port === port : each.name === port));
  if (wanted === undefined) return { kind: 'no-port' };
  const found = new Map<string, BackendEndpoint>();
  for (const slice of cluster.slicesOf(service)) {
    for (const slicePort of slice.ports) {
      if (slicePort.name !== wanted.name || slicePort.protocol !== wanted.protocol || slicePort.port === undefined)
        continue;
      for (const { ip, ready, pod } of slice.endpoints) {
        if (ready) found.set(`${ip} ${slicePort.port}`, { ip, port: slicePort.port, pod });
      }
    }
  }
  const endpoints = [...found.values()].sort((a, b) => compareIp(a.ip, b.ip) || a.port - b.port);
  return { kind: 'endpoints', service, endpoints };
}
