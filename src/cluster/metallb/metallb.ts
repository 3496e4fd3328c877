/** What MetalLB is told (metallb.io/v1beta1 and v1beta2), reduced to what decides about packets. */
import type { IpAddr } from '../../net/address.ts';
import { compareIp } from '../../net/address.ts';
import type { LabelSelector, Labels } from '../objects.ts';
import { matchesSelector } from '../selector.ts';
import type { ClusterSettings } from '../settings.ts';
import type { Source } from '../source.ts';

type MetalLbBase = { readonly name: string; readonly labels: Labels; readonly source?: Source };

type AddressRange = { readonly first: IpAddr; readonly last: IpAddr };

export type AddressPool = MetalLbBase & {
  readonly ranges: readonly AddressRange[];
  /** false: only for Services that ask for the pool or one of its addresses. */
  readonly autoAssign: boolean;
  /** Leaves out x.x.x.0 and x.x.x.255. */
  readonly avoidBuggyIps: boolean;
  /** Only for these Services, and before pools that are for all. */
  readonly allocation?: {
    /** 1 is the first; 0 stands behind all others. */
    readonly priority: number;
    readonly namespaces: readonly string[];
    readonly namespaceSelectors: readonly LabelSelector[];
    readonly serviceSelectors: readonly LabelSelector[];
  };
};

/** Which pools an advertisement is of, and from which nodes. Empty lists mean all. */
type AdvertisementBase = MetalLbBase & {
  readonly pools: readonly string[];
  readonly poolSelectors: readonly LabelSelector[];
  readonly nodeSelectors: readonly LabelSelector[];
};
export type L2Advertisement = AdvertisementBase & {
  /** Empty: all interfaces. */
  readonly interfaces: readonly string[];
};
export type BgpAdvertisement = AdvertisementBase & {
  readonly aggregationLength: number;
  readonly aggregationLengthV6: number;
  /** Names of BGPPeers; empty: all. */
  readonly peers: readonly string[];
};
export type MetalLbPeer = MetalLbBase & {
  readonly myAsn: number;
  /** undefined: taken from the session (dynamicASN). */
  readonly peerAsn: number | undefined;
  readonly address: IpAddr;
  readonly nodeSelectors: readonly LabelSelector[];
  readonly ebgpMultiHop: boolean;
};

export type MetalLb = {
  readonly pools: readonly AddressPool[];
  readonly l2Advertisements: readonly L2Advertisement[];
  readonly bgpAdvertisements: readonly BgpAdvertisement[];
  readonly peers: readonly MetalLbPeer[];
};

/** The same while it is read. */
export type MetalLbObjects = { readonly [K in keyof MetalLb]: MetalLb[K][number][] };

export function noMetalLbObjects(): MetalLbObjects {
  return { pools: [], l2Advertisements: [], bgpAdvertisements: [], peers: [] };
}

/**
 * The objects of the input where there are pools among them, else what the Cluster document says in short: one pool,
 * advertised by everybody; in BGP mode every node peers with its default gateway. undefined: no MetalLB runs.
 */
export function metalLbOf(settings: ClusterSettings, objects: MetalLb | undefined): MetalLb | undefined {
  if (objects !== undefined && objects.pools.length > 0) return inOrder(objects);
  const { loadBalancer, nodes } = settings;
  if (loadBalancer.provider !== 'metallb') return undefined;
  const base = { name: 'default', labels: {} };
  const everywhere = { ...base, pools: [], poolSelectors: [], nodeSelectors: [] };
  const gateways = new Set(nodes.flatMap(({ gateway }) => gateway ?? []));
  const bgp = loadBalancer.mode === 'bgp';
  return {
    pools: [{ ...base, ranges: loadBalancer.addresses, autoAssign: true, avoidBuggyIps: false }],
    l2Advertisements: bgp ? [] : [{ ...everywhere, interfaces: [] }],
    bgpAdvertisements: bgp ? [{ ...everywhere, aggregationLength: 32, aggregationLengthV6: 128, peers: [] }] : [],
    peers: bgp
      ? [...gateways].map((address, index) => ({
          ...base,
          name: `gateway-${index}`,
          ...{ myAsn: 64512, peerAsn: 64512, address, nodeSelectors: [], ebgpMultiHop: false },
        }))
      : [],
  };
}

function inOrder(objects: MetalLb): MetalLb {
  const byName = (a: MetalLbBase, b: MetalLbBase): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return {
    pools: [...objects.pools].sort(byName),
    l2Advertisements: [...objects.l2Advertisements].sort(byName),
    bgpAdvertisements: [...objects.bgpAdvertisements].sort(byName),
    peers: [...objects.peers].sort(byName),
  };
}

export function poolHolding({ pools }: MetalLb, ip: IpAddr): AddressPool | undefined {
  return pools.find(({ ranges }) => ranges.some((range) => inRange(range, ip)));
}

function inRange({ first, last }: AddressRange, ip: IpAddr): boolean {
  return typeof first === typeof ip && compareIp(first, ip) <= 0 && compareIp(ip, last) <= 0;
}

/** Whether the advertisement is of the pool: named or selected; where neither is said, of every pool. */
export function advertises({ pools, poolSelectors }: AdvertisementBase, pool: AddressPool): boolean {
  if (pools.length === 0 && poolSelectors.length === 0) return true;
  return pools.includes(pool.name) || poolSelectors.some((selector) => matchesSelector(selector, pool.labels));
}

/** Selectors are alternatives; without one every node is meant. */
export function selectsNode(selectors: readonly LabelSelector[], labels: Labels): boolean {
  return selectors.length === 0 || selectors.some((selector) => matchesSelector(selector, labels));
}
