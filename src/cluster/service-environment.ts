import { printIp } from '../net/address.ts';
import type { Cluster } from './cluster.ts';
import type { Pod, Service } from './objects.ts';

/**
 * The variables that kubelet puts into a Pod's containers (pkg/kubelet/envvars: FromServices): for every Service of the
 * Pod's own namespace that has a cluster address (seed S43), and for the API server's Service in every namespace.
 */
export function serviceEnvironment(cluster: Cluster, pod: Pod): ReadonlyMap<string, string> {
  const master = cluster.service('default', 'kubernetes');
  const own = cluster.services.filter(({ namespace, name }) => namespace === pod.namespace && name !== 'kubernetes');
  const variables = new Map<string, string>();
  for (const service of master === undefined ? own : [master, ...own]) addVariables(service, variables);
  return variables;
}

function addVariables(service: Service, variables: Map<string, string>): void {
  const [ip] = service.clusterIps;
  const [first] = service.ports;
  if (ip === undefined || first === undefined || service.headless) return;
  const host = printIp(ip);
  const prefix = upper(service.name);
  variables.set(`${prefix}_SERVICE_HOST`, host);
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const { name, port } of service.ports) {
    if (name !== '') variables.set(`${prefix}_SERVICE_PORT_${upper(name)}`, String(port));
  }
  for (const [index, { port, protocol }] of service.ports.entries()) {
    const lower = protocol.toLowerCase();
    const url = `${lower}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    if (index === 0) variables.set(`${prefix}_PORT`, url);
    const link = `${prefix}_PORT_${port}_${protocol}`;
    variables.set(link, url);
    variables.set(`${link}_PROTO`, lower);
    variables.set(`${link}_PORT`, String(port));
    variables.set(`${link}_ADDR`, host);
  }
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
