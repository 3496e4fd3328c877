/** What an explanation needs to know beside the walk itself. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Service } from '../cluster/objects.ts';
import type { OriginTable } from '../compile/origin.ts';
import type { NetnsId } from '../kernel/netns-id.ts';
import type { Probe } from '../kernel/walk/step.ts';
import type { World } from '../kernel/world.ts';
import { type IpAddr, printIp } from '../net/address.ts';

/** Where a network namespace is: the machine, and the Pod or container, if it is not the machine's own. */
export type Place = { readonly machine: string; readonly inside: string | undefined };

type OwnerKind = 'node' | 'host' | 'pod' | 'container' | 'gateway' | 'outside';

/** An address that kube-proxy translates, and whose it is. */
export type ServiceAddress = {
  readonly service: Service;
  readonly how: 'cluster-ip' | 'external-ip' | 'load-balancer';
};

export type ExplainContext = {
  readonly cluster: Cluster | undefined;
  readonly origins: OriginTable;
  readonly world: World;
  place(netns: NetnsId): Place;
  /** What the namespace belongs to. */
  ownerKind(netns: NetnsId): OwnerKind;
  /** Whether the machine should know the way to the address by BGP and has not learned it. */
  routeNotLearned(netns: NetnsId, ip: IpAddr): boolean;
  /** The address of the namespace's Pod, container or machine by which others know it. */
  addressOf(netns: NetnsId): IpAddr | undefined;
  serviceAt(ip: IpAddr): ServiceAddress | undefined;
};

/** One question, as it was asked and as it was sent. */
export type Asked = {
  readonly source: string;
  readonly destination: string;
  readonly probe: Probe;
  /** Set where the question names a Pod or machine and not an address: others may have the same address. */
  readonly wanted?: NetnsId;
};

/** Whose address it is, over all Services of the cluster. */
export function indexServices(services: readonly Service[]): (ip: IpAddr) => ServiceAddress | undefined {
  const byIp = new Map<string, ServiceAddress>();
  const put = (ip: IpAddr, address: ServiceAddress) => {
    const key = printIp(ip);
    if (!byIp.has(key)) byIp.set(key, address);
  };
  for (const service of services) {
    for (const ip of service.clusterIps) put(ip, { service, how: 'cluster-ip' });
    for (const ip of service.externalIps) put(ip, { service, how: 'external-ip' });
    for (const { ip } of service.loadBalancerIps) put(ip, { service, how: 'load-balancer' });
  }
  return (ip) => byIp.get(printIp(ip));
}
