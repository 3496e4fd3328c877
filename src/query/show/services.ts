/** `kubectl get services -A`: the columns and words of its printer (pkg/printers/internalversion printService()). */
import type { Service } from '../../cluster/objects.ts';
import { printIp } from '../../net/address.ts';
import { printColumns } from './table.ts';

const HEADER = ['NAMESPACE', 'NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'] as const;
/** kubectl's word for an object without a creation time. */
const AGE = '<unknown>';

export function printServices(services: readonly Service[]): string {
  const rows = services.map((service) => [
    service.namespace,
    service.name,
    service.type,
    printClusterIp(service),
    printExternalIp(service),
    printPorts(service),
    AGE,
  ]);
  return printColumns([HEADER, ...rows]);
}

function printClusterIp(service: Service): string {
  if (service.headless) return 'None';
  const [ip] = service.clusterIps;
  return ip === undefined || service.type === 'ExternalName' ? '<none>' : printIp(ip);
}

/** getServiceExternalIP() */
function printExternalIp(service: Service): string {
  if (service.type === 'ExternalName') return service.externalName ?? '<none>';
  const external = service.externalIps.map(printIp);
  if (service.type !== 'LoadBalancer') return external.length === 0 ? '<none>' : external.join(',');
  const all = [...service.loadBalancerIps.map(({ ip }) => printIp(ip)), ...external];
  return all.length === 0 ? '<pending>' : all.join(',');
}

/** makePortString(): `80:31158/TCP,443/TCP` */
function printPorts({ ports }: Service): string {
  if (ports.length === 0) return '<none>';
  return ports
    .map(({ port, nodePort, protocol }) => (nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`))
    .join(',');
}
