/** What kube-proxy serves: one entry for each port of each Service (pkg/proxy/serviceport.go), the same in every mode. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Service } from '../../cluster/objects.ts';
import { type Family, familyOf, type IpAddr } from '../../net/address.ts';
import { network, type Prefix } from '../../net/prefix.ts';

export type ProxyServicePort = {
  readonly service: Service;
  /** Place in spec.ports. */
  readonly index: number;
  /** As rules print it: `ns/name:portName`, `ns/name` where the port has no name (ServicePortName.String()). */
  readonly text: string;
  readonly portName: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** 0 when there is none. It counts whatever the Service's type is. */
  readonly nodePort: number;
  readonly clusterIp: IpAddr;
  readonly externalIps: readonly IpAddr[];
  /** Of status.loadBalancer, those with ipMode VIP. */
  readonly loadBalancerIps: readonly IpAddr[];
  readonly sourceRanges: readonly Prefix[];
  readonly externalPolicyLocal: boolean;
  readonly internalPolicyLocal: boolean;
  /** Seconds of ClientIP affinity; undefined without affinity. */
  readonly stickySeconds: number | undefined;
  /** 0 unless the Service is a LoadBalancer with externalTrafficPolicy Local. */
  readonly healthCheckNodePort: number;
  /** Reachable by anything but its cluster IP. */
  readonly external: boolean;
  readonly usesClusterEndpoints: boolean;
  readonly usesLocalEndpoints: boolean;
};

/** All service ports of one family, in the order of the cluster's Services. Headless and ExternalName Services have none. */
export function proxyServicePorts(cluster: Cluster, family: Family): readonly ProxyServicePort[] {
  return cluster.services.flatMap((service) => portsOf(service, family));
}

function portsOf(service: Service, family: Family): readonly ProxyServicePort[] {
  if (service.headless || service.type === 'ExternalName') return [];
  const clusterIp = service.clusterIps.find((ip) => familyOf(ip) === family);
  if (clusterIp === undefined) return [];
  const ofFamily = (ip: IpAddr) => familyOf(ip) === family;
  const externalIps = service.externalIps.filter(ofFamily);
  const loadBalancerIps = service.loadBalancerIps.flatMap(({ ip, mode }) =>
    mode === 'VIP' && ofFamily(ip) ? [ip] : [],
  );
  const sourceRanges = service.loadBalancerSourceRanges.filter(({ addr }) => ofFamily(addr)).map(network);
  const externalPolicyLocal = service.externalTrafficPolicy === 'Local' && mayBeExternal(service);
  const internalPolicyLocal = service.internalTrafficPolicy === 'Local';
  return service.ports.map((port, index) => {
    const external = port.nodePort !== 0 || loadBalancerIps.length > 0 || externalIps.length > 0;
    return {
      service,
      index,
      text: `${service.namespace}/${service.name}${port.name === '' ? '' : `:${port.name}`}`,
      portName: port.name,
      protocol: lowerProtocol(port.protocol),
      port: port.port,
      nodePort: port.nodePort,
      clusterIp,
      externalIps,
      loadBalancerIps,
      sourceRanges,
      externalPolicyLocal,
      internalPolicyLocal,
      stickySeconds: service.sessionAffinity.kind === 'ClientIP' ? service.sessionAffinity.timeoutSeconds : undefined,
      healthCheckNodePort: service.type === 'LoadBalancer' && externalPolicyLocal ? service.healthCheckNodePort : 0,
      external,
      usesClusterEndpoints: !internalPolicyLocal || external,
      usesLocalEndpoints: internalPolicyLocal || (externalPolicyLocal && external),
    };
  });
}

/** ExternalPolicyLocal() of apiservice helpers: a plain ClusterIP Service has an external policy only with externalIPs. */
function mayBeExternal(service: Service): boolean {
  return service.type === 'LoadBalancer' || service.type === 'NodePort' || service.externalIps.length > 0;
}

export function lowerProtocol(protocol: 'TCP' | 'UDP' | 'SCTP'): 'tcp' | 'udp' | 'sctp' {
  switch (protocol) {
    case 'TCP':
      return 'tcp';
    case 'UDP':
      return 'udp';
    case 'SCTP':
      return 'sctp';
  }
}
