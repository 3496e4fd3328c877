/** Service -> EndpointSlices, as the endpointslice controller makes them (kubernetes/endpointslice: reconciler, utils). */
import { type Family, familyOf, type IpAddr } from '../net/address.ts';
import type { Endpoint, EndpointSlice, Pod, Service } from './objects.ts';

type SlicePorts = EndpointSlice['ports'];

/**
 * Slices of the Pods that the Service selects: one for each family and for each set of port numbers that a named
 * targetPort resolves to. A Pod without the named port is in no slice.
 *
 * @param pods those the selector picks, in order
 */
export function makeSlices(
  service: Service,
  pods: readonly Pod[],
  families: readonly Family[],
): readonly EndpointSlice[] {
  const samePorts = portsOfEveryPod(service);
  return families.flatMap((family) => {
    const groups = new Map<string, { readonly ports: SlicePorts; readonly endpoints: Endpoint[] }>();
    for (const pod of pods) {
      const endpoint = endpointOf(service, pod, family);
      const ports = samePorts ?? slicePorts(service, pod);
      if (endpoint === undefined || (ports.length === 0 && service.ports.length > 0)) continue;
      const key = ports === samePorts ? '' : ports.map(({ name, port }) => `${name}=${port}`).join(',');
      const group = groups.get(key) ?? { ports, endpoints: [] };
      group.endpoints.push(endpoint);
      groups.set(key, group);
    }
    return [...groups.values()].map((group, index) => sliceOf(service, family, index, group));
  });
}

function sliceOf(
  service: Service,
  family: Family,
  index: number,
  group: { readonly ports: SlicePorts; readonly endpoints: readonly Endpoint[] },
): EndpointSlice {
  const { name, namespace, source } = service;
  return {
    kind: 'EndpointSlice',
    name: `${name}-v${family}-${index}`,
    namespace,
    labels: { 'kubernetes.io/service-name': name },
    annotations: {},
    ...(source === undefined ? {} : { source }),
    service: name,
    family,
    ...group,
  };
}

/** podToEndpoint() and ShouldPodBeInEndpoints(): Pods that ended, and those without an address, are left out. */
function endpointOf(service: Service, pod: Pod, family: Family): Endpoint | undefined {
  const { namespace, name, node, terminating, hostname, phase } = pod;
  const ip = addressOf(pod, family);
  if (ip === undefined || phase === 'Succeeded' || phase === 'Failed') return undefined;
  const serving = pod.ready && phase === 'Running';
  const ready = service.publishNotReadyAddresses || (serving && !terminating);
  const endpoint = { ip, node, pod: { namespace, name }, ready, serving, terminating };
  return hostname !== undefined && pod.subdomain === service.name ? { ...endpoint, hostname } : endpoint;
}

function addressOf({ ips }: Pod, family: Family): IpAddr | undefined {
  for (const ip of ips) if (familyOf(ip) === family) return ip;
  return undefined;
}

/** The slices' ports where no targetPort is a name, and so no Pod makes a difference. */
function portsOfEveryPod({ ports }: Service): SlicePorts | undefined {
  const same = ports.flatMap(({ name, protocol, targetPort }) =>
    typeof targetPort === 'number' ? [{ name, protocol, port: targetPort }] : [],
  );
  return same.length === ports.length ? same : undefined;
}

function slicePorts(service: Service, pod: Pod): SlicePorts {
  return service.ports.flatMap(({ name, protocol, targetPort }) => {
    const port = resolvePort(pod, targetPort, protocol);
    return port === undefined ? [] : [{ name, protocol, port }];
  });
}

/** FindPort() of the controller: a name is looked up among the container ports of the same protocol. */
function resolvePort(pod: Pod, target: number | string, protocol: string): number | undefined {
  if (typeof target === 'number') return target;
  return pod.ports.find((port) => port.name === target && port.protocol === protocol)?.port;
}
