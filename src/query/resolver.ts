/** Cluster DNS: what a resolver asks (resolv.conf(5)), and what CoreDNS's kubernetes plugin answers. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Pod, Service } from '../cluster/objects.ts';
import { compareIp, type IpAddr, isIp4, parseIp4, printIp } from '../net/address.ts';

export type ResolverConfig = {
  /** undefined: the machine's own resolver, of which nothing is known. */
  readonly nameserver: IpAddr | undefined;
  readonly search: readonly string[];
  readonly ndots: number;
  /** Whether it asks the cluster's DNS. */
  readonly knowsCluster: boolean;
};

export type DnsAnswer =
  | { readonly kind: 'addresses'; readonly addresses: readonly IpAddr[]; readonly service?: Service }
  | { readonly kind: 'nxdomain' }
  /** A name outside the cluster: what the world's DNS says is not in the input. */
  | { readonly kind: 'outside'; readonly name: string };

const OUTSIDE: ResolverConfig = { nameserver: undefined, search: [], ndots: 1, knowsCluster: false };

/** The cluster's DNS Service, as kubeadm names it. */
function dnsService(cluster: Cluster): Service | undefined {
  return cluster.service('kube-system', 'kube-dns') ?? cluster.service('kube-system', 'coredns');
}

/** What kubelet writes into /etc/resolv.conf (pkg/kubelet/network/dns GetPodDNS()); a machine's own knows no cluster names. */
export function resolverOf(cluster: Cluster, pod: Pod | undefined): ResolverConfig {
  if (pod === undefined) return OUTSIDE;
  const { policy, nameservers, searches, ndots } = pod.dns;
  const clusterFirst = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.hostNetwork);
  const own = nameservers[0];
  const server = dnsService(cluster)?.clusterIps[0];
  if (!clusterFirst)
    return { nameserver: own, search: searches, ndots, knowsCluster: own !== undefined && own === server };
  const domain = cluster.settings.clusterDomain;
  return {
    nameserver: server,
    search: [`${pod.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...searches],
    ndots,
    knowsCluster: true,
  };
}

export function printResolvConf({ nameserver, search, ndots }: ResolverConfig): string {
  const lines = [
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    nameserver === undefined
      ? "# the machine's own nameservers are not in the input; they know no cluster names"
      : `nameserver ${printIp(nameserver)}`,
    ...(ndots === 1 ? [] : [`options ndots:${ndots}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The names that are asked for, in order: with fewer dots than ndots the search path comes first. */
export function namesToAsk(name: string, { search, ndots }: ResolverConfig): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = search.map((domain) => `${name}.${domain}`);
  return name.split('.').length - 1 >= ndots ? [name, ...searched] : [...searched, name];
}

/** How often one ExternalName may lead to another. */
const LONGEST_CHAIN = 8;

export function askClusterDns(cluster: Cluster, asked: string): DnsAnswer {
  let name = asked.toLowerCase().replace(/\.$/, '');
  for (let hop = 0; hop < LONGEST_CHAIN; hop++) {
    const domain = `.${cluster.settings.clusterDomain}`;
    if (!name.endsWith(domain)) return isNobodys(cluster, name) ? { kind: 'nxdomain' } : { kind: 'outside', name };
    const labels = name.slice(0, -domain.length).split('.');
    const type = labels.pop();
    const namespace = labels.pop();
    if (namespace === undefined || labels.length === 0) return { kind: 'nxdomain' };
    if (type === 'pod') return labels.length === 1 ? podName(labels[0] ?? '') : { kind: 'nxdomain' };
    const service = type === 'svc' ? cluster.service(namespace, labels.at(-1) ?? '') : undefined;
    if (service === undefined || labels.length > 2) return { kind: 'nxdomain' };
    const hostname = labels.length === 2 ? labels[0] : undefined;
    if (service.type !== 'ExternalName') return serviceAddresses(cluster, service, hostname);
    name = (service.externalName ?? '').toLowerCase().replace(/\.$/, '');
  }
  return { kind: 'nxdomain' };
}

/** No top-level name is a Service's: such names are mistakes, not somebody else's. */
function isNobodys(cluster: Cluster, name: string): boolean {
  const labels = name.split('.');
  if (labels.length === 1) return true;
  const last = labels.at(-1) ?? '';
  return (
    last === 'svc' || cluster.namespaces.has(last) || cluster.services.some((service) => service.name === labels[0])
  );
}

function serviceAddresses(cluster: Cluster, service: Service, hostname: string | undefined): DnsAnswer {
  if (!service.headless) {
    if (hostname !== undefined || service.clusterIps.length === 0) return { kind: 'nxdomain' };
    return { kind: 'addresses', addresses: service.clusterIps.filter(isIp4), service };
  }
  const endpoints = cluster.slicesOf(service).flatMap((slice) => slice.endpoints);
  const named = endpoints.filter(
    (endpoint) =>
      hostname === undefined || (endpoint.hostname ?? printIp(endpoint.ip).replaceAll('.', '-')) === hostname,
  );
  const ready = named.filter((endpoint) => endpoint.ready || service.publishNotReadyAddresses);
  const addresses = [...new Set(ready.map(({ ip }) => ip))].filter(isIp4).sort(compareIp);
  return addresses.length === 0 ? { kind: 'nxdomain' } : { kind: 'addresses', addresses, service };
}

/** `10-244-70-31.default.pod`: CoreDNS answers for any address (pods insecure, kubeadm's default). */
function podName(label: string): DnsAnswer {
  const ip = parseIp4(label.replaceAll('-', '.'));
  return ip === undefined ? { kind: 'nxdomain' } : { kind: 'addresses', addresses: [ip] };
}
