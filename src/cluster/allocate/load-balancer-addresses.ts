/** Gives LoadBalancer Services their outside addresses, as MetalLB does: the next free one of the pool, in order. */
import { compareIp, familyOf, type IpAddr, offsetIp, printIp } from '../../net/address.ts';
import type { Note } from '../note.ts';
import type { Service } from '../objects.ts';
import type { ServiceDraft } from '../read/read-service.ts';
import type { ClusterSettings } from '../settings.ts';

/** How many addresses of a pool are looked at before it counts as full: ranges may be huge. */
const MOST_TRIES = 65_536;

export function giveLoadBalancerAddresses(
  drafts: readonly ServiceDraft[],
  { loadBalancer }: ClusterSettings,
  notes: Note[],
): readonly Service[] {
  const used = new Set<IpAddr>();
  for (const { service } of drafts) for (const { ip } of service.loadBalancerIps) used.add(ip);
  return drafts.map(({ service, wantedLoadBalancerIps, loadBalancerClass }) => {
    if (service.type !== 'LoadBalancer') return { ...service, loadBalancerIps: [] };
    if (service.loadBalancerIps.length > 0) return service;
    const about = `Service ${service.namespace}/${service.name}`;
    const pending = (why: string): Service => {
      notes.push({ code: 'LOADBALANCER_PENDING', message: `${about} stays <pending>: ${why}`, about });
      return service;
    };
    if (loadBalancer.provider === 'none') return pending('no load balancer provider gives out addresses');
    // MetalLB leaves Services with a class of somebody else's alone.
    if (loadBalancerClass !== undefined) return pending('its loadBalancerClass is not MetalLB’s default');
    const pool = loadBalancer.addresses;
    if (wantedLoadBalancerIps.length > 0) {
      const outside = wantedLoadBalancerIps.find(
        (ip) => !pool.some(({ first, last }) => compareIp(first, ip) <= 0 && compareIp(ip, last) <= 0),
      );
      if (outside !== undefined) return pending(`${printIp(outside)} is in no address pool`);
      for (const ip of wantedLoadBalancerIps) used.add(ip);
      return { ...service, loadBalancerIps: wantedLoadBalancerIps.map((ip) => ({ ip, mode: 'VIP' as const })) };
    }
    const families = new Set(service.clusterIps.map(familyOf));
    const ip = nextFree(
      pool.filter(({ first }) => families.has(familyOf(first))),
      used,
    );
    if (ip === undefined) return pending('the address pool is used up');
    used.add(ip);
    notes.push({
      code: 'LOADBALANCER_IP_ASSUMED',
      message: `${about} is taken to have the outside address ${printIp(ip)}`,
      about,
    });
    return { ...service, loadBalancerIps: [{ ip, mode: 'VIP' as const }] };
  });
}

function nextFree(
  pool: readonly { readonly first: IpAddr; readonly last: IpAddr }[],
  used: ReadonlySet<IpAddr>,
): IpAddr | undefined {
  for (const { first, last } of pool) {
    for (let n = 0; n < MOST_TRIES; n++) {
      const ip = offsetIp(first, n);
      if (compareIp(ip, last) > 0) break;
      if (!used.has(ip)) return ip;
    }
  }
  return undefined;
}
