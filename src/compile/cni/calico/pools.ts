/** Calico's IP pools: the given IPPool objects, or one for each Pod network as an installation makes them. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { IpPool } from '../../../cluster/objects.ts';
import type { CalicoSettings } from '../../../cluster/settings.ts';
import type { Source } from '../../../cluster/source.ts';
import { type IpAddr, isIp4 } from '../../../net/address.ts';
import { contains, network, type Prefix, printPrefix } from '../../../net/prefix.ts';

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

/** IPv4 pools in order of their names, which is the order in which Calico allocates from them. */
export function ipPools(cluster: Cluster): readonly Pool[] {
  const given = cluster.ipPools.filter(({ cidr }) => isIp4(cidr.addr)).map(fromObject);
  if (given.length > 0) return given;
  const settings = calicoSettings(cluster);
  return cluster.settings.podCIDRs
    .filter(({ addr }) => isIp4(addr))
    .map((cidr, index) => fromSettings(network(cidr), index, settings));
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

function fromSettings(cidr: Prefix, index: number, settings: CalicoSettings): Pool {
  const { blockSize, natOutgoing, encapsulation } = settings;
  const name = index === 0 ? 'default-ipv4-ippool' : `ipv4-ippool-${printPrefix(cidr)}`;
  return { name, cidr, blockSize, ...MODES[encapsulation], natOutgoing, disabled: false };
}

export function poolOf(pools: readonly Pool[], address: IpAddr): Pool | undefined {
  return pools.find(({ cidr }) => contains(cidr, address));
}

/** What the pools in use need on a node. A disabled pool gives out no addresses but its tunnel stays. */
export function encapsulations(pools: readonly Pool[]): { readonly ipip: boolean; readonly vxlan: boolean } {
  return { ipip: pools.some(({ ipip }) => ipip !== 'Never'), vxlan: pools.some(({ vxlan }) => vxlan !== 'Never') };
}
