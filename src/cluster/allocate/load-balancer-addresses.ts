/** Gives LoadBalancer Services their outside addresses, where MetalLB runs; without a provider they stay <pending>. */
import { printIp } from '../../net/address.ts';
import { MetalLbAddresses } from '../metallb/allocate.ts';
import type { MetalLb } from '../metallb/metallb.ts';
import type { Note } from '../note.ts';
import type { Labels, Namespace, Service } from '../objects.ts';
import type { ServiceDraft } from '../read/read-service.ts';

/** In the order of the input, as if the Services had been created one after the other; given addresses first. */
export function giveLoadBalancerAddresses(
  drafts: readonly ServiceDraft[],
  metalLb: MetalLb | undefined,
  namespaces: readonly Namespace[],
  notes: Note[],
): readonly Service[] {
  const labels = new Map(namespaces.map((namespace) => [namespace.name, namespace.labels]));
  const namespaceLabels = (name: string): Labels => ({ ...labels.get(name), 'kubernetes.io/metadata.name': name });
  const addresses = metalLb === undefined ? undefined : new MetalLbAddresses(metalLb, namespaceLabels);
  for (const { service } of drafts) for (const { ip } of service.loadBalancerIps) addresses?.use(service, ip);
  return drafts.map(({ service, wantedLoadBalancerIps, loadBalancerClass, familyPolicy }) => {
    if (service.type !== 'LoadBalancer') return { ...service, loadBalancerIps: [] };
    if (service.loadBalancerIps.length > 0) return service;
    const about = `Service ${service.namespace}/${service.name}`;
    const pending = (why: string): Service => {
      notes.push({ code: 'LOADBALANCER_PENDING', message: `${about} stays <pending>: ${why}`, about });
      return service;
    };
    if (addresses === undefined) return pending('no load balancer provider gives out addresses');
    // MetalLB leaves Services with a class of somebody else's alone.
    if (loadBalancerClass !== undefined) return pending('its loadBalancerClass is not MetalLB’s default');
    const allocated = addresses.allocate(service, wantedLoadBalancerIps, familyPolicy === 'PreferDualStack');
    if (!allocated.ok) return pending(allocated.why);
    const { ips } = allocated;
    if (wantedLoadBalancerIps.length === 0) {
      const message = `${about} is taken to have the outside address ${ips.map(printIp).join(' and ')}`;
      notes.push({ code: 'LOADBALANCER_IP_ASSUMED', message, about });
    }
    return { ...service, loadBalancerIps: ips.map((ip) => ({ ip, mode: 'VIP' as const })) };
  });
}
