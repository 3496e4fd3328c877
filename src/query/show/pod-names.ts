/** `show dns POD`: /etc/resolv.conf, and below it, as comments of that file, the Pod's names and what a short name becomes. */
import type { Cluster } from '../../cluster/cluster.ts';
import { askClusterDns, namesToAsk, printResolvConf, resolverOf } from '../../cluster/dns.ts';
import type { Pod } from '../../cluster/objects.ts';
import { printIp } from '../../net/address.ts';

export function printPodDns(cluster: Cluster, pod: Pod): string {
  const config = resolverOf(cluster, pod);
  const own = namesOf(cluster, pod);
  const short = shortNameFor(cluster, pod);
  const comments = [
    ...(own.length === 0 ? [] : ['', 'names of this Pod:', ...own.map((name) => `  ${name}`)]),
    ...(short === undefined || !config.knowsCluster
      ? []
      : ['', `a short name, ${short}, is asked for as:`, ...questionsFor(cluster, namesToAsk(short, config))]),
  ];
  return printResolvConf(config) + comments.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('');
}

/** The address with dashes, which CoreDNS answers for every Pod; and a name in each headless Service that has the Pod (S44). */
function namesOf(cluster: Cluster, pod: Pod): readonly string[] {
  const domain = cluster.settings.clusterDomain;
  const byAddress = pod.ips.map((ip) => `${dashed(printIp(ip))}.${pod.namespace}.pod.${domain}`);
  const inServices = cluster.services
    .filter(({ headless, namespace }) => headless && namespace === pod.namespace)
    .flatMap((service) =>
      cluster
        .slicesOf(service)
        .flatMap(({ endpoints }) => endpoints)
        .filter(({ pod: of }) => of?.namespace === pod.namespace && of.name === pod.name)
        .map(
          ({ hostname, ip }) => `${hostname ?? dashed(printIp(ip))}.${service.name}.${service.namespace}.svc.${domain}`,
        ),
    );
  return [...new Set([...byAddress, ...inServices])];
}

/** A Service of the Pod's own namespace serves as the example. */
function shortNameFor(cluster: Cluster, pod: Pod): string | undefined {
  return cluster.services.find(({ namespace }) => namespace === pod.namespace)?.name;
}

/** The questions in the resolver's order, up to the one that is answered. */
function questionsFor(cluster: Cluster, names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const name of names) {
    const answers = ([4, 6] as const).map((family) => askClusterDns(cluster, name, family));
    const addresses = answers.flatMap((answer) => (answer.kind === 'addresses' ? answer.addresses : []));
    if (addresses.length > 0) return [...lines, `  ${name}.  ${addresses.map(printIp).join(', ')}`];
    const outside = answers.some(({ kind }) => kind === 'outside');
    lines.push(`  ${name}.  ${outside ? "what the world's DNS says" : 'NXDOMAIN'}`);
  }
  return lines;
}

function dashed(address: string): string {
  return address.replace(/[.:]/g, '-');
}
