/** What a node's IP sets hold. */
import { type IpAddr, printIp } from '../../../net/address.ts';
import { contains, printPrefix } from '../../../net/prefix.ts';
import { endpointsForNode } from '../endpoints.ts';
import type { ProxyServicePort } from '../service-port.ts';
import type { ServiceEntry } from './entries.ts';
import type { SetName } from './sets.ts';

export type SetInput = {
  readonly entries: readonly ServiceEntry[];
  readonly node: string;
  readonly nodeIp: IpAddr | undefined;
  /** Where NodePorts are answered; nothing is done for them where that is nowhere. */
  readonly nodeAddresses: readonly IpAddr[];
  /** Addresses on kube-ipvs0. */
  readonly bound: readonly IpAddr[];
};

/** A load balancer's address that the node itself may not use. */
type Forbidden = { readonly port: ProxyServicePort; readonly ip: IpAddr };

export type SetEntries = {
  readonly of: ReadonlyMap<SetName, readonly string[]>;
  readonly forbidden: readonly Forbidden[];
};

export function setEntries({ entries, node, nodeIp, nodeAddresses, bound }: SetInput): SetEntries {
  const sets = new Map<SetName, string[]>();
  const forbidden: Forbidden[] = [];
  const add = (name: SetName, entry: string) => {
    const entriesOf = sets.get(name);
    if (entriesOf === undefined) sets.set(name, [entry]);
    else entriesOf.push(entry);
  };
  for (const { port, endpoints } of entries) {
    const at = (ip: IpAddr) => `${printIp(ip)},${port.protocol}:${port.port}`;
    for (const { endpoint, port: number } of endpointsForNode(endpoints, node)) {
      const ip = printIp(endpoint.ip);
      if (endpoint.node === node) add('KUBE-LOOP-BACK', `${ip},${port.protocol}:${number},${ip}`);
    }
    add('KUBE-CLUSTER-IP', at(port.clusterIp));
    for (const ip of port.externalIps)
      add(port.externalPolicyLocal ? 'KUBE-EXTERNAL-IP-LOCAL' : 'KUBE-EXTERNAL-IP', at(ip));
    for (const ip of port.loadBalancerIps) {
      add('KUBE-LOAD-BALANCER', at(ip));
      if (port.externalPolicyLocal) add('KUBE-LOAD-BALANCER-LOCAL', at(ip));
      if (port.sourceRanges.length === 0) continue;
      add('KUBE-LOAD-BALANCER-FW', at(ip));
      for (const range of port.sourceRanges) {
        // A set of this type takes no prefix of length 0: kube-proxy logs the error and goes on without the entry.
        if (range.bits > 0) add('KUBE-LOAD-BALANCER-SOURCE-CIDR', `${at(ip)},${printPrefix(range)}`);
      }
      if (nodeIp !== undefined && port.sourceRanges.some((range) => contains(range, nodeIp)))
        add('KUBE-LOAD-BALANCER-SOURCE-IP', `${at(ip)},${printIp(ip)}`);
      else forbidden.push({ port, ip });
    }
    if (port.nodePort !== 0 && nodeAddresses.length > 0) addNodePort(port, nodeAddresses, add);
    if (port.healthCheckNodePort !== 0) add('KUBE-HEALTH-CHECK-NODE-PORT', String(port.healthCheckNodePort));
  }
  for (const ip of bound) add('KUBE-IPVS-IPS', printIp(ip));
  return { of: sets, forbidden };
}

/** Bitmaps hold the port alone; sets for SCTP, which bitmaps cannot tell apart, hold it with every address of the node. */
function addNodePort(
  { protocol, nodePort, externalPolicyLocal }: ProxyServicePort,
  addresses: readonly IpAddr[],
  add: (name: SetName, entry: string) => void,
): void {
  const names = NODE_PORT_SETS[protocol];
  for (const name of externalPolicyLocal ? [names.all, names.local] : [names.all]) {
    if (protocol === 'sctp') for (const ip of addresses) add(name, `${printIp(ip)},sctp:${nodePort}`);
    else add(name, String(nodePort));
  }
}

const NODE_PORT_SETS = {
  tcp: { all: 'KUBE-NODE-PORT-TCP', local: 'KUBE-NODE-PORT-LOCAL-TCP' },
  udp: { all: 'KUBE-NODE-PORT-UDP', local: 'KUBE-NODE-PORT-LOCAL-UDP' },
  sctp: { all: 'KUBE-NODE-PORT-SCTP-HASH', local: 'KUBE-NODE-PORT-LOCAL-SCTP-HASH' },
} as const satisfies Readonly<Record<ProxyServicePort['protocol'], { readonly all: SetName; readonly local: SetName }>>;
