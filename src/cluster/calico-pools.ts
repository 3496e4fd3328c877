/** Calico's IP pools: the given IPPool objects, or one for each Pod network as an installation makes them. */

import { type Family, familyOf, type IpAddr, isIp4 } from '../net/address.ts';
import { contains, network, type Prefix, printPrefix } from '../net/prefix.ts';
import type { Cluster } from './cluster.ts';
import type { IpPool } from './objects.ts';
import type { CalicoSettings } from './settings.ts';
import type { Source } from './source.ts';

export type EncapsulationMode = 'Never' | 'Always' | 'CrossSubnet';

export type Pool = {
  readonly name: string;
  readonly cidr: Prefix;
  readonly blockSize: number;
  readonly ipip: EncapsulationMode;
  readonly vxlan: EncapsulationMode;
  readonly natOutgoing: boolean;
  readonly disabled: boolean;
  readonly source?: Source;
};

/** Settings of a cluster whose Cluster document says nothing about Calico. */
const DEFAULT_CALICO: CalicoSettings = {
  encapsulation: 'none',
  blockSize: 26,
  natOutgoing: true,
  bgp: { asNumber: 64512, nodeToNodeMesh: true },
};

export function calicoSettings(cluster: Cluster): CalicoSettings {
  const { cni } = cluster.settings;
  return cni.plugin === 'calico' ? cni.calico : DEFAULT_CALICO;
}

/**
 * Pools in order of their names, which is the order in which Calico allocates from them. For a family without any IPPool
 * object calico-node makes one of each Pod network (node/pkg/lifecycle/startup: configureIPPools).
 */
export function ipPools(cluster: Cluster): readonly Pool[] {
  const settings = calicoSettings(cluster);
  const given = cluster.ipPools.map(fromObject);
  return ([4, 6] as const).flatMap((family) => {
    const own = ofFamily(given, family);
    if (own.length > 0) return own;
    return cluster.settings.podCIDRs
      .filter(({ addr }) => familyOf(addr) === family)
      .map((cidr, index) => fromSettings(network(cidr), index, settings));
  });
}

export function ofFamily(pools: readonly Pool[], family: Family): readonly Pool[] {
  return pools.filter(({ cidr }) => familyOf(cidr.addr) === family);
}

function fromObject(pool: IpPool): Pool {
  return {
    name: pool.name,
    cidr: network(pool.cidr),
    blockSize: pool.blockSize,
    ipip: pool.ipipMode,
    vxlan: pool.vxlanMode,
    natOutgoing: pool.natOutgoing,
    disabled: pool.disabled,
    ...(pool.source === undefined ? {} : { source: pool.source }),
  };
}

const MODES: Readonly<Record<CalicoSettings['encapsulation'], Pick<Pool, 'ipip' | 'vxlan'>>> = {
  none: { ipip: 'Never', vxlan: 'Never' },
  ipip: { ipip: 'Always', vxlan: 'Never' },
  'ipip-cross-subnet': { ipip: 'CrossSubnet', vxlan: 'Never' },
  vxlan: { ipip: 'Never', vxlan: 'Always' },
  'vxlan-cross-subnet': { ipip: 'Never', vxlan: 'CrossSubnet' },
};

/** IPv6 pools have blocks of 64 addresses too, and no IPIP: the kernel's tunnel carries IPv4 alone. */
function fromSettings(cidr: Prefix, index: number, settings: CalicoSettings): Pool {
  const { natOutgoing, encapsulation } = settings;
  const version4 = isIp4(cidr.addr);
  const version = version4 ? 'ipv4' : 'ipv6';
  const name = index === 0 ? `default-${version}-ippool` : `${version}-ippool-${printPrefix(cidr)}`;
  const { ipip, vxlan } = MODES[encapsulation];
  const blockSize = version4 ? settings.blockSize : IP6_BLOCK_SIZE;
  return { name, cidr, blockSize, ipip: version4 ? ipip : 'Never', vxlan, natOutgoing, disabled: false };
}

const IP6_BLOCK_SIZE = 122;

export function poolOf(pools: readonly Pool[], address: IpAddr): Pool | undefined {
  return pools.find(({ cidr }) => contains(cidr, address));
}

/** What the pools in use need on a node. A disabled pool gives out no addresses but its tunnel stays. */
export function encapsulations(pools: readonly Pool[]): { readonly ipip: boolean; readonly vxlan: boolean } {
  return { ipip: pools.some(({ ipip }) => ipip !== 'Never'), vxlan: pools.some(({ vxlan }) => vxlan !== 'Never') };
}
