/** Cluster DNS: what a Pod's resolver asks (resolv.conf(5)), and what CoreDNS's kubernetes plugin answers. */
import { compareIp, type Family, familyOf, type IpAddr, parseIp4, parseIp6, printIp } from '../net/address.ts';
import type { Cluster } from './cluster.ts';
import type { Pod, Service } from './objects.ts';

export type ResolverConfig = {
  /** undefined: the machine's own resolver, of which nothing is known, or a cluster without a DNS Service. */
  readonly nameserver: IpAddr | undefined;
  readonly search: readonly string[];
  readonly ndots: number;
  /** Whether it asks the cluster's DNS. */
  readonly knowsCluster: boolean;
};

export type DnsAnswer =
  | {
      readonly kind: 'addresses';
      readonly addresses: readonly IpAddr[];
      readonly service?: Service;
      /** The names of an ExternalName chain, in order; empty for a name that has addresses of its own. */
      readonly aliases: readonly string[];
    }
  | { readonly kind: 'nxdomain' }
  /** The name exists and has no address of this family. */
  | { readonly kind: 'nodata' }
  /** A name outside the cluster: what the world's DNS says is not in the input. */
  | { readonly kind: 'outside'; readonly name: string };

/** A machine's own resolver: it knows no cluster names (seed S42). */
const OUTSIDE: ResolverConfig = { nameserver: undefined, search: [], ndots: 1, knowsCluster: false };

/** The cluster's DNS Service, as kubeadm names it. */
function dnsService(cluster: Cluster): Service | undefined {
  return cluster.service('kube-system', 'kube-dns') ?? cluster.service('kube-system', 'coredns');
}

/** What kubelet writes into /etc/resolv.conf of a Pod (pkg/kubelet/network/dns: GetPodDNS); undefined is a machine. */
export function resolverOf(cluster: Cluster, pod: Pod | undefined): ResolverConfig {
  if (pod === undefined) return OUTSIDE;
  const { policy, nameservers, searches, ndots } = pod.dns;
  const server = dnsService(cluster)?.clusterIps[0];
  // On the host network ClusterFirst means the node's resolver (getPodDNSType()).
  if (policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.hostNetwork)) {
    const domain = cluster.settings.clusterDomain;
    const search = [`${pod.namespace}.svc.${domain}`, `svc.${domain}`, domain];
    return { nameserver: server, search: [...new Set([...search, ...searches])], ndots, knowsCluster: true };
  }
  const nameserver = nameservers[0];
  return { nameserver, search: searches, ndots, knowsCluster: nameserver !== undefined && nameserver === server };
}

/** The text of /etc/resolv.conf (seed S40). */
export function printResolvConf({ nameserver, search, ndots, knowsCluster }: ResolverConfig): string {
  const unknown = knowsCluster
    ? '# the input has no Service kube-dns: its address would stand here'
    : "# the machine's own nameservers are not in the input; they know no cluster names";
  const lines = [
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    nameserver === undefined ? unknown : `nameserver ${printIp(nameserver)}`,
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

/** How often one ExternalName may lead to another (CoreDNS stops at 8 as well). */
const LONGEST_CHAIN = 8;

/** The answer to one query for addresses of a family. Names are compared without regard to case. */
export function askClusterDns(cluster: Cluster, asked: string, family: Family = 4): DnsAnswer {
  const domain = `.${cluster.settings.clusterDomain}`;
  const aliases: string[] = [];
  let name = asked.toLowerCase().replace(/\.$/, '');
  while (aliases.length < LONGEST_CHAIN) {
    if (!name.endsWith(domain)) return isNobodys(cluster, name) ? { kind: 'nxdomain' } : { kind: 'outside', name };
    const found = lookUp(cluster, name.slice(0, -domain.length).split('.'), family);
    if (typeof found !== 'string') return found.kind === 'addresses' ? { ...found, aliases } : found;
    aliases.push(found);
    name = found;
  }
  return { kind: 'nxdomain' };
}

type ZoneAnswer = Exclude<DnsAnswer, { kind: 'outside' }>;

/** Labels before the cluster domain: `[[endpoint,] service,] namespace, svc` or `a-b-c-d, namespace, pod`. A string is a CNAME. */
function lookUp(cluster: Cluster, labels: readonly string[], family: Family): ZoneAnswer | string {
  const type = labels.at(-1);
  const namespace = labels.at(-2);
  const names = labels.slice(0, -2);
  if (type !== 'svc' && type !== 'pod') return { kind: 'nxdomain' };
  if (namespace === undefined) return { kind: 'nodata' };
  if (!namespaceExists(cluster, namespace)) return { kind: 'nxdomain' };
  const own = names.at(-1);
  if (own === undefined) return { kind: 'nodata' };
  if (type === 'pod') return names.length === 1 ? podAddress(own, family) : { kind: 'nxdomain' };
  const service = cluster.service(namespace, own);
  if (service === undefined || names.length > 2) return { kind: 'nxdomain' };
  const [endpoint] = names.length === 2 ? names : [];
  if (service.type !== 'ExternalName') return serviceAddresses(cluster, service, endpoint, family);
  return endpoint === undefined ? (service.externalName ?? '').toLowerCase().replace(/\.$/, '') : { kind: 'nxdomain' };
}

const ALWAYS = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** A namespace that only objects name exists as well: inputs often leave out the Namespace itself. */
function namespaceExists(cluster: Cluster, name: string): boolean {
  return (
    ALWAYS.includes(name) ||
    cluster.namespaces.has(name) ||
    cluster.podsInNamespace(name).length > 0 ||
    cluster.services.some(({ namespace }) => namespace === name)
  );
}

/** No top-level name is a Service's or a namespace's: such names are mistakes, not somebody else's. */
function isNobodys(cluster: Cluster, name: string): boolean {
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  if (labels.length === 1 || last === 'svc' || last === 'pod' || namespaceExists(cluster, last)) return true;
  // `api.shop.svc.cluster` and `api.nowhere` are meant for the Service api; `api.example.com` is somebody else's.
  const [first, second = ''] = labels;
  const isMeant = labels.length === 2 || namespaceExists(cluster, second);
  return cluster.services.some(({ name: own }) => (own === first && isMeant) || own === last);
}

/** A cluster address, or the addresses of a headless Service's ready endpoints (seeds S36, S44). */
function serviceAddresses(
  cluster: Cluster,
  service: Service,
  endpoint: string | undefined,
  family: Family,
): ZoneAnswer {
  if (!service.headless && endpoint !== undefined) return { kind: 'nxdomain' };
  const all = service.headless ? endpointAddresses(cluster, service, endpoint) : service.clusterIps;
  if (all.length === 0) return { kind: 'nxdomain' };
  const addresses = all.filter((ip) => familyOf(ip) === family).sort(compareIp);
  return addresses.length === 0 ? { kind: 'nodata' } : { kind: 'addresses', addresses, service, aliases: [] };
}

/** CoreDNS endpointHostname(): the hostname of the endpoint, else its address with dashes. */
function endpointAddresses(cluster: Cluster, service: Service, wanted: string | undefined): readonly IpAddr[] {
  const ready = cluster
    .slicesOf(service)
    .flatMap(({ endpoints }) => endpoints)
    .filter((endpoint) => endpoint.ready || service.publishNotReadyAddresses)
    .filter(({ hostname, ip }) => wanted === undefined || (hostname ?? printIp(ip).replace(/[.:]/g, '-')) === wanted);
  return [...new Set(ready.map(({ ip }) => ip))];
}

/** `10-244-70-31.default.pod`: CoreDNS answers for any address (`pods insecure`, kubeadm's default). */
function podAddress(label: string, family: Family): ZoneAnswer {
  const ip = parseIp4(label.replaceAll('-', '.')) ?? parseIp6(label.replaceAll('-', ':'));
  if (ip === undefined) return { kind: 'nxdomain' };
  return familyOf(ip) === family ? { kind: 'addresses', addresses: [ip], aliases: [] } : { kind: 'nodata' };
}
