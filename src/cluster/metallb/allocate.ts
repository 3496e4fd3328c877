/** Which address MetalLB gives a Service (metallb: internal/allocator, controller/service.go). */
import { compareIp, type Family, familyOf, type IpAddr, isIp4, offsetIp, printIp } from '../../net/address.ts';
import type { Labels, Service } from '../objects.ts';
import { labelOf, matchesSelector } from '../selector.ts';
import { type AddressPool, type MetalLb, poolHolding } from './metallb.ts';

/** How many addresses of a pool are looked at before it counts as full: ranges may be huge. */
const MOST_TRIES = 65_536;

type Use = { readonly service: Service; readonly sharing: string | undefined };
export type Allocated =
  | { readonly ok: true; readonly ips: readonly IpAddr[] }
  | { readonly ok: false; readonly why: string };

export class MetalLbAddresses {
  readonly #metalLb: MetalLb;
  readonly #namespaceLabels: (namespace: string) => Labels;
  readonly #uses = new Map<IpAddr, Use[]>();

  constructor(metalLb: MetalLb, namespaceLabels: (namespace: string) => Labels) {
    this.#metalLb = metalLb;
    this.#namespaceLabels = namespaceLabels;
  }

  /** Records an address that the Service has. */
  use(service: Service, ip: IpAddr): void {
    const uses = this.#uses.get(ip);
    const use = { service, sharing: annotation(service, 'allow-shared-ip') };
    if (uses === undefined) this.#uses.set(ip, [use]);
    else uses.push(use);
  }

  /**
   * @param wanted spec.loadBalancerIP or the annotation
   * @param oneIsEnough PreferDualStack: an address of one family will do where a pool has not both
   */
  allocate(service: Service, wanted: readonly IpAddr[], oneIsEnough: boolean): Allocated {
    const allocated = wanted.length > 0 ? this.#assign(service, wanted) : this.#fromPools(service, oneIsEnough);
    if (allocated.ok) for (const ip of allocated.ips) this.use(service, ip);
    return allocated;
  }

  #assign(service: Service, wanted: readonly IpAddr[]): Allocated {
    for (const ip of wanted) {
      const pool = poolHolding(this.#metalLb, ip);
      if (pool === undefined) return { ok: false, why: `${printIp(ip)} is in no address pool` };
      const asked = annotation(service, 'address-pool');
      if (asked !== undefined && asked !== pool.name)
        return { ok: false, why: `${printIp(ip)} is not in the address pool ${asked}` };
      if (!this.#mayServe(pool, service))
        return { ok: false, why: `the address pool ${pool.name} is not for this Service` };
      const holder = this.#conflict(ip, service);
      if (holder !== undefined)
        return { ok: false, why: `${printIp(ip)} is in use by ${holder.namespace}/${holder.name}` };
    }
    return { ok: true, ips: wanted };
  }

  #fromPools(service: Service, oneIsEnough: boolean): Allocated {
    const asked = annotation(service, 'address-pool');
    const named = this.#metalLb.pools.filter(({ name }) => name === asked);
    if (asked !== undefined && named.length === 0) return { ok: false, why: `there is no address pool ${asked}` };
    const pools = asked === undefined ? this.#candidates(service) : named;
    const families = [...new Set(service.clusterIps.map(familyOf))];
    let some: readonly IpAddr[] = [];
    for (const pool of pools) {
      const ips = families.flatMap((family) => this.#nextFree(pool, family, service) ?? []);
      if (ips.length === families.length && ips.length > 0) return { ok: true, ips };
      if (some.length === 0) some = ips;
    }
    if (oneIsEnough && some.length > 0) return { ok: true, ips: some };
    return { ok: false, why: pools.length === 0 ? 'no address pool is for it' : 'the address pool is used up' };
  }

  /** Pools that are made for the Service by priority, then those for everybody. */
  #candidates(service: Service): readonly AddressPool[] {
    const automatic = this.#metalLb.pools.filter((pool) => pool.autoAssign && this.#mayServe(pool, service));
    const rank = ({ allocation }: AddressPool): number =>
      allocation === undefined
        ? Number.POSITIVE_INFINITY
        : allocation.priority === 0
          ? Number.MAX_SAFE_INTEGER
          : allocation.priority;
    return automatic
      .map((pool) => ({ pool, rank: rank(pool) }))
      .sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank))
      .map(({ pool }) => pool);
  }

  #mayServe({ allocation }: AddressPool, service: Service): boolean {
    if (allocation === undefined) return true;
    const { namespaces, namespaceSelectors, serviceSelectors } = allocation;
    const inNamespace =
      (namespaces.length === 0 && namespaceSelectors.length === 0) ||
      namespaces.includes(service.namespace) ||
      namespaceSelectors.some((selector) => matchesSelector(selector, this.#namespaceLabels(service.namespace)));
    const selected =
      serviceSelectors.length === 0 || serviceSelectors.some((selector) => matchesSelector(selector, service.labels));
    return inNamespace && selected;
  }

  #nextFree({ ranges, avoidBuggyIps }: AddressPool, family: Family, service: Service): IpAddr | undefined {
    for (const { first, last } of ranges) {
      if (familyOf(first) !== family) continue;
      for (let n = 0; n < MOST_TRIES; n++) {
        const ip = offsetIp(first, n);
        if (compareIp(ip, last) > 0) break;
        if (avoidBuggyIps && confusesBuggyFirmwares(ip)) continue;
        if (this.#conflict(ip, service) === undefined) return ip;
      }
    }
    return undefined;
  }

  /** Who holds the address and does not share it with this Service (sharingOK()). */
  #conflict(ip: IpAddr, service: Service): Service | undefined {
    const sharing = annotation(service, 'allow-shared-ip');
    return this.#uses.get(ip)?.find((use) => use.sharing !== sharing || sharing === undefined || clash(use, service))
      ?.service;
  }
}

function clash({ service: other }: Use, service: Service): boolean {
  const samePort = other.ports.some((a) => service.ports.some((b) => a.port === b.port && a.protocol === b.protocol));
  return samePort || backendKey(other) !== backendKey(service);
}

/** Services whose traffic stays on the node must choose the same Pods to share an address (k8salloc.BackendKey()). */
function backendKey({ externalTrafficPolicy, selector }: Service): string {
  if (externalTrafficPolicy !== 'Local') return '';
  return Object.entries(selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

function confusesBuggyFirmwares(ip: IpAddr): boolean {
  return isIp4(ip) && ((ip & 255) === 0 || (ip & 255) === 255);
}

/** `metallb.io/NAME`, or the older `metallb.universe.tf/NAME`. */
function annotation({ annotations }: Service, name: string): string | undefined {
  return labelOf(annotations, `metallb.io/${name}`) ?? labelOf(annotations, `metallb.universe.tf/${name}`);
}
