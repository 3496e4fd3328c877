/** Where the host of a URL leads that no DNS of the input knows: people put such names into /etc/hosts or their own DNS. */
import type { Cluster } from '../../cluster/cluster.ts';
import { matchesLabels, matchesOneLabel } from '../../cluster/http/host-match.ts';
import { type HttpProxy, httpProxies } from '../../cluster/http/http-proxy.ts';
import { classAnswer } from '../../cluster/http/ingress-class.ts';
import type { Ingress, Pod } from '../../cluster/objects.ts';
import { matchesLabels as carries } from '../../cluster/selector.ts';
import { type IpAddr, isIp4, printIp } from '../../net/address.ts';
import type { AssumptionView } from '../trace.ts';

export type KnownHost = { readonly address: IpAddr; readonly note: AssumptionView };

/** The address at which whatever serves the host can be reached; what is assumed is told. */
export function knownHost(cluster: Cluster, host: string): KnownHost | undefined {
  const found = ofIngress(cluster, host) ?? ofGateway(cluster, host);
  if (found === undefined) return undefined;
  const message = `${host} is taken to resolve to ${printIp(found.address)}, ${found.why}`;
  return { address: found.address, note: { code: 'HOST_NAME_ASSUMED', message } };
}

type Found = { readonly address: IpAddr; readonly why: string };

function ofIngress(cluster: Cluster, host: string): Found | undefined {
  const ingress = cluster.ingresses.find(({ rules }) =>
    rules.some((rule) => rule.host !== undefined && matchesOneLabel(rule.host, host)),
  );
  if (ingress === undefined) return undefined;
  const label = `${ingress.namespace}/${ingress.name}`;
  const given = ingress.addresses.find(isIp4) ?? ingress.addresses[0];
  if (given !== undefined) return { address: given, why: `the address in the status of Ingress ${label}` };
  const controllers = httpProxies(cluster).filter(({ proxy }) => handles(cluster, ingress, proxy));
  return firstReachable(
    cluster,
    controllers.map(({ pod }) => pod),
  );
}

function handles(cluster: Cluster, ingress: Ingress, proxy: HttpProxy): boolean {
  return proxy.kind === 'ingress' && classAnswer(cluster, ingress, proxy.controller) === 'handled';
}

function ofGateway(cluster: Cluster, host: string): Found | undefined {
  const named = cluster.httpRoutes.filter(({ hostnames }) => hostnames.some((each) => matchesLabels(each, host)));
  const gateways = cluster.gateways.filter(
    ({ name, namespace, listeners }) =>
      listeners.some(({ hostname }) => hostname !== undefined && matchesLabels(hostname, host)) ||
      named.some(({ parents }) => parents.some((each) => each.name === name && each.namespace === namespace)),
  );
  for (const gateway of gateways) {
    const address = gateway.addresses.find(isIp4) ?? gateway.addresses[0];
    const why = `the address of Gateway ${gateway.namespace}/${gateway.name}`;
    if (address !== undefined) return { address, why };
    const proxies = httpProxies(cluster).filter(({ proxy }) => proxy.kind === 'gateway' && proxy.gateway === gateway);
    const found = firstReachable(
      cluster,
      proxies.map(({ pod }) => pod),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A load balancer's address in front of the Pods; else that of a node on whose network or hostPort one listens. */
function firstReachable(cluster: Cluster, pods: readonly Pod[]): Found | undefined {
  for (const service of cluster.services) {
    const { selector, namespace, name } = service;
    if (selector === undefined || Object.keys(selector).length === 0) continue;
    if (!pods.some((pod) => pod.namespace === namespace && carries(selector, pod.labels))) continue;
    const address = service.loadBalancerIps[0]?.ip ?? service.externalIps[0];
    if (address !== undefined) return { address, why: `the external address of Service ${namespace}/${name}` };
  }
  for (const pod of pods) {
    if (!pod.hostNetwork && !pod.ports.some(({ hostPort }) => hostPort !== undefined)) continue;
    const node = cluster.settings.nodes.find(({ name }) => name === pod.node);
    if (node === undefined) continue;
    return { address: node.address.addr, why: `node ${node.name}, where ${pod.namespace}/${pod.name} listens` };
  }
  return undefined;
}
