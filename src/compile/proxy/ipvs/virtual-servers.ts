/** The virtual servers of a node (pkg/proxy/ipvs/proxier.go syncProxyRules()). */
import { keyOfAddress, type SchedulerName, type VirtualServer } from '../../../kernel/ipvs/virtual-server.ts';
import { type IpAddr, isIp4 } from '../../../net/address.ts';
import type { ProxyOrigins } from '../iptables/origins.ts';
import type { ServerList, Servers, ServiceEntry } from './entries.ts';

export type VirtualServerInput = {
  readonly entries: readonly ServiceEntry[];
  readonly serversOf: (entry: ServiceEntry) => Servers;
  /** Where NodePorts are answered. */
  readonly nodeAddresses: readonly IpAddr[];
  readonly scheduler: SchedulerName;
  readonly origins: ProxyOrigins;
};

/** For each service port its cluster IP, external IPs, load balancer IPs, and the NodePort on every address of the node. */
export function virtualServers({
  entries,
  serversOf,
  nodeAddresses,
  scheduler,
  origins,
}: VirtualServerInput): readonly VirtualServer[] {
  const found = new Map<string, VirtualServer>();
  for (const entry of entries) {
    const { port } = entry;
    const { internal, external } = serversOf(entry);
    const add = (address: IpAddr, number: number, { servers, role }: ServerList) => {
      const at = { kind: 'address', protocol: port.protocol, address, port: number } as const;
      const seconds = port.stickySeconds;
      // Of two Services with one address and port the second gets the virtual server.
      found.set(keyOfAddress(at), {
        at,
        scheduler,
        // FlagSourceHash is the second flag, which to mh means "the port as well".
        flags: scheduler === 'mh' ? [2] : [],
        onePacket: false,
        servers,
        ...(seconds === undefined ? {} : { persistence: { seconds, bits: isIp4(address) ? 32 : 128 } }),
        origin: origins.ofPort(port, role),
      });
    };
    add(port.clusterIp, port.port, internal);
    for (const ip of [...port.externalIps, ...port.loadBalancerIps]) add(ip, port.port, external);
    if (port.nodePort !== 0) for (const ip of nodeAddresses) add(ip, port.nodePort, external);
  }
  return [...found.values()];
}
