/** Routes and policy rules as data: what `ip route` and `ip rule` list. */
import { type Family, familyOf, type IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Scope } from '../link/device.ts';
import type { OriginId } from '../origin.ts';

/** RT_TABLE_LOCAL, RT_TABLE_MAIN, RT_TABLE_DEFAULT (include/uapi/linux/rtnetlink.h). */
export const TABLE_LOCAL = 255;
/** RT_TABLE_MAIN */
export const TABLE_MAIN = 254;
/** RT_TABLE_DEFAULT */
export const TABLE_DEFAULT = 253;

/** One way of a route; several share its packets by weight. */
export type Nexthop = {
  readonly device: string;
  readonly via?: IpAddr;
  /** ECMP weight, 1 or more. */
  readonly weight: number;
  /** RTNH_F_ONLINK: the gateway is taken to be on the link whatever the addresses say. */
  readonly onlink?: boolean;
};

/** The types that end a look-up without a next hop (RTN_*). */
type RouteVerdict = 'blackhole' | 'unreachable' | 'prohibit' | 'throw';

export type Route = {
  readonly destination: Prefix;
  readonly table: number;
  /** 0 is the best. */
  readonly metric: number;
  readonly scope: Scope;
  /** As iproute2 prints it: kernel, boot, static, bird, 80, … */
  readonly protocol: string;
  readonly prefSrc?: IpAddr;
  readonly mtu?: number;
  readonly tos?: number;
  readonly origin?: OriginId;
} & (
  | { readonly type: 'unicast'; readonly nexthops: readonly [Nexthop, ...Nexthop[]] }
  | { readonly type: 'local' | 'broadcast'; readonly device: string }
  /** IPv6's own: a router's share in its subnet's address, and ff00::/8 of each device. */
  | { readonly type: 'anycast' | 'multicast'; readonly device: string }
  | { readonly type: RouteVerdict }
);

/** One line of `ip rule`. */
export type PolicyRule = {
  readonly priority: number;
  /** Of a rule without addresses: `ip -6 rule` keeps a list of its own. */
  readonly family?: Family;
  readonly not?: boolean;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly iif?: string;
  readonly oif?: string;
  readonly mark?: { readonly value: number; readonly mask: number };
  readonly tos?: number;
  readonly protocol?: number;
  readonly sport?: { readonly first: number; readonly last: number };
  readonly dport?: { readonly first: number; readonly last: number };
  readonly action:
    | { readonly kind: 'lookup'; readonly table: number; readonly suppressPrefixLength?: number }
    | { readonly kind: 'goto'; readonly priority: number }
    | { readonly kind: 'nop' }
    | { readonly kind: Exclude<RouteVerdict, 'throw'> };
  readonly origin?: OriginId;
};

/** A process that answers ARP requests for an address that no device of the machine holds. */
export type ArpResponder = { readonly device: string; readonly ip: IpAddr };

/** The list that a rule belongs to: its addresses say so, else `family`, else it is IPv4's. */
export function familyOfRule(rule: PolicyRule): Family {
  const selector = rule.from ?? rule.to;
  return selector === undefined ? (rule.family ?? 4) : familyOf(selector.addr);
}

/** An address that the machine answers neighbour solicitations for (`ip -6 neigh add proxy`), where proxy_ndp is on. */
export type ProxyNeighbour = { readonly device: string; readonly ip: IpAddr };

/** A neighbour entry (`ip neigh`), permanent unless said otherwise. */
export type StaticNeighbour = { readonly device: string; readonly ip: IpAddr; readonly mac: Mac };
