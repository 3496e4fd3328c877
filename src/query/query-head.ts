/** The question as a report repeats it: with what its names turned out to be. */
import type { Service } from '../cluster/objects.ts';
import { familyOf, type IpAddr, printIp } from '../net/address.ts';
import type { SourceEndpoint } from '../topology/endpoints.ts';
import type { Query } from './query.ts';
import type { Trace } from './trace.ts';

type Target = {
  readonly address: IpAddr | undefined;
  readonly port: number | undefined;
  /** Whose address it is. */
  readonly service: Service | undefined;
};

export function queryHead(
  { source, destination, protocol = 'tcp' }: Query,
  sender: SourceEndpoint,
  { address, port, service }: Target,
): Trace['query'] {
  const held = sender.machine.addresses;
  const alike = (ip: IpAddr): boolean => address === undefined || familyOf(ip) === familyOf(address);
  const own = sender.address ?? held.find(alike) ?? held[0];
  return {
    source,
    destination,
    protocol,
    port: port ?? null,
    sourceAddress: own === undefined ? null : printIp(own),
    destinationAddress: address === undefined ? null : printIp(address),
    destinationKind: service === undefined || address === undefined ? null : kindOf(service, address),
  };
}

function kindOf(service: Service, address: IpAddr): string {
  if (service.clusterIps.includes(address)) return 'ClusterIP';
  return service.headless ? 'headless' : 'LoadBalancer';
}
