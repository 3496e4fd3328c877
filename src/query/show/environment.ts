/** The variables that kubelet sets in a container for Services (pkg/kubelet/envvars/envvars.go FromServices()). */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Pod, Service } from '../../cluster/objects.ts';
import { type IpAddr, isIp4, printIp } from '../../net/address.ts';

/** `NAME=value` lines: first the API server's Service, which every namespace gets, then those of the Pod's own namespace. */
export function printEnvironment(cluster: Cluster, pod: Pod): string {
  const own = cluster.services.filter((service) => service.namespace === pod.namespace && !isApiServer(service));
  const api = cluster.services.filter(isApiServer);
  return [...api, ...own]
    .flatMap(variablesOf)
    .map((line) => `${line}\n`)
    .join('');
}

function isApiServer(service: Service): boolean {
  return service.namespace === 'default' && service.name === 'kubernetes';
}

function variablesOf(service: Service): readonly string[] {
  const [ip] = service.clusterIps;
  const [first] = service.ports;
  if (ip === undefined || first === undefined || service.headless) return [];
  const name = variableName(service.name);
  const host = printIp(ip);
  return [
    `${name}_SERVICE_HOST=${host}`,
    `${name}_SERVICE_PORT=${first.port}`,
    ...service.ports
      .filter((port) => port.name !== '')
      .map((port) => `${name}_SERVICE_PORT_${variableName(port.name)}=${port.port}`),
    ...linkVariables(name, ip, service),
  ];
}

/** makeLinkVariables(): what Docker's links set. */
function linkVariables(name: string, ip: IpAddr, service: Service): readonly string[] {
  return service.ports.flatMap(({ port, protocol }, index) => {
    const proto = protocol.toLowerCase();
    const url = `${proto}://${isIp4(ip) ? printIp(ip) : `[${printIp(ip)}]`}:${port}`;
    const prefix = `${name}_PORT_${port}_${protocol}`;
    const first = index === 0 ? [`${name}_PORT=${url}`] : [];
    return [
      ...first,
      `${prefix}=${url}`,
      `${prefix}_PROTO=${proto}`,
      `${prefix}_PORT=${port}`,
      `${prefix}_ADDR=${printIp(ip)}`,
    ];
  });
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
