/** Ends of a question that are written as addresses: who holds them, or the host outside that is made for them. */
import type { Cluster } from '../cluster/cluster.ts';
import { fail, issue, ok, type Result } from '../lib/result.ts';
import { type IpAddr, printIp } from '../net/address.ts';
import { contains, type Prefix, parsePrefix } from '../net/prefix.ts';
import {
  baseOf,
  type DestinationEndpoint,
  displayOf,
  machineSource,
  numberOf,
  type SourceEndpoint,
} from './endpoint.ts';
import type { EndpointText } from './endpoint-text.ts';
import type { Loaded } from './load.ts';

/** Whoever holds the address sends with it; nobody does: a host is made for it. */
export function addressSource(ip: IpAddr, loaded: Loaded): Result<SourceEndpoint> {
  const holders = loaded.world.holdersOf(ip);
  const [holder, second] = holders;
  if (holder !== undefined && second !== undefined) {
    return fail(
      issue('ambiguous-name', `${printIp(ip)} is an address of ${holders.map(displayOf).join(' and of ')}`, {
        hint: 'name the one that is meant',
      }),
    );
  }
  if (holder !== undefined) {
    const pod = loaded.cluster.podByIp(ip);
    return ok({ ...machineSource(holder, ip), ...(holder.kind === 'pod' && pod !== undefined ? { pod } : {}) });
  }
  const outside = loaded.world.addOutsideHost(ip);
  if (!outside.ok) return outside;
  const { machine, note } = outside.value;
  return ok(machineSource(machine, ip, [{ code: 'OUTSIDE_HOST', message: note }]));
}

export function addressDestination(text: EndpointText, address: IpAddr, loaded: Loaded): DestinationEndpoint {
  const base = { ...baseOf(text, printIp(address)), ...numberOf(text) };
  const [holder] = loaded.world.holdersOf(address);
  if (holder !== undefined) return { ...base, kind: 'address', address, holder };
  // A host is made only where one could be: a private address that nobody holds has no host behind the gateway.
  if (!isPublic(address) || loaded.world.segmentOf(address) !== undefined || ofCluster(address, loaded.cluster)) {
    return { ...base, kind: 'address', address };
  }
  const outside = loaded.world.addOutsideHost(address);
  if (!outside.ok) return { ...base, kind: 'address', address };
  const { machine, note } = outside.value;
  return { ...base, kind: 'address', address, holder: machine, notes: [{ code: 'OUTSIDE_HOST', message: note }] };
}

/** Special-purpose address ranges (RFC 6890) that no host outside has. */
const NOT_PUBLIC: readonly Prefix[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ...['224.0.0.0/3', '::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
].flatMap((text) => parsePrefix(text) ?? []);

function isPublic(ip: IpAddr): boolean {
  return !NOT_PUBLIC.some((range) => contains(range, ip));
}

/** Addresses of Services: kube-proxy's rules decide about them, whether they are public or not. */
function ofCluster(ip: IpAddr, { settings, services }: Cluster): boolean {
  if ([...settings.podCIDRs, ...settings.serviceCIDRs].some((range) => contains(range, ip))) return true;
  return services.some(
    ({ externalIps, loadBalancerIps }) => externalIps.includes(ip) || loadBalancerIps.some((entry) => entry.ip === ip),
  );
}
