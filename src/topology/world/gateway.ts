/**
 * The implied router: addresses that machines name as their gateway and that nobody holds are one machine, which knows the
 * segments it is on and, behind one more device, the outside world.
 */
import type { OriginTable } from '../../compile/origin.ts';
import type { Scope } from '../../kernel/link/device.ts';
import { type NetnsId, netnsId } from '../../kernel/netns-id.ts';
import type { DeviceSpec, NetnsSpec } from '../../kernel/netns-spec.ts';
import { type Nexthop, type Route, TABLE_MAIN } from '../../kernel/route/route.ts';
import { type Family, familyOf, type IpAddr, ip4, ip6, printIp } from '../../net/address.ts';
import { hostPrefix, type Prefix } from '../../net/prefix.ts';

/** The segment between the implied router and outside hosts. No document can name it: `:` is not for names. */
export const OUTSIDE_SEGMENT = 'outside:';
/** Documentation addresses (RFC 5737, RFC 3849): the router's own side towards the outside. */
const OUTSIDE_ADDRESSES: readonly IpAddr[] = [ip4(0xc0000201), ip6((0x20010db8n << 96n) | 1n)];
const OUTSIDE_DEVICE = 'wan0';

/** One gateway address: with the prefix length of the network it serves. */
export type GatewayAddress = { readonly segment: string; readonly address: Prefix };

export type GatewayPlan = {
  readonly netns: NetnsId;
  readonly addresses: readonly GatewayAddress[];
};

/** undefined where nobody names a gateway. */
export function planGateway(addresses: readonly GatewayAddress[]): GatewayPlan | undefined {
  const [first] = addresses;
  return first === undefined ? undefined : { netns: netnsId(`gateway:${printIp(first.address.addr)}`), addresses };
}

/** A device for each segment, in the order in which they are named, and the one that leads outside. */
export function compileGateway(plan: GatewayPlan, routes: readonly Route[], origins: OriginTable): NetnsSpec {
  const origin = origins.mint({
    role: 'plumbing',
    kind: 'Gateway',
    name: printIp(plan.addresses[0]?.address.addr ?? ip4(0)),
  });
  const segments = [...new Set(plan.addresses.map(({ segment }) => segment))];
  const cards = segments.map((segment, index): DeviceSpec => {
    const own = plan.addresses.filter((entry) => entry.segment === segment);
    const addresses = own.map(({ address }) => ({ ip: address.addr, bits: address.bits, scope: 'global' as const }));
    return { kind: 'ethernet', name: `eth${index}`, segment, addresses, origin };
  });
  const outside: DeviceSpec = {
    kind: 'ethernet',
    name: OUTSIDE_DEVICE,
    segment: OUTSIDE_SEGMENT,
    addresses: OUTSIDE_ADDRESSES.map((ip) => ({ ip, bits: hostPrefix(ip).bits, scope: 'global' as const })),
    origin,
  };
  return {
    id: plan.netns,
    devices: [...cards, outside],
    // Outside hosts answer ARP for themselves. For an address without a host nobody does: ICMP host unreachable.
    routes: [
      defaultRoute(4, 'link', { device: OUTSIDE_DEVICE, weight: 1 }),
      defaultRoute(6, 'global', { device: OUTSIDE_DEVICE, weight: 1 }),
      ...routes,
    ],
    sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' },
  };
}

function defaultRoute(family: Family, scope: Scope, nexthop: Nexthop): Route {
  return {
    type: 'unicast',
    destination: { addr: family === 4 ? ip4(0) : ip6(0n), bits: 0 },
    table: TABLE_MAIN,
    metric: family === 4 ? 0 : 1024,
    scope,
    protocol: 'static',
    nexthops: [nexthop],
  };
}

export function gatewayDevices(plan: GatewayPlan): readonly { readonly device: string; readonly segment: string }[] {
  const segments = [...new Set(plan.addresses.map(({ segment }) => segment))];
  return [
    ...segments.map((segment, index) => ({ device: `eth${index}`, segment })),
    { device: OUTSIDE_DEVICE, segment: OUTSIDE_SEGMENT },
  ];
}

export function gatewayAddresses(plan: GatewayPlan): readonly IpAddr[] {
  return [...plan.addresses.map(({ address }) => address.addr), ...OUTSIDE_ADDRESSES];
}

/**
 * A host outside with the address and nothing but a default route. It listens on every port: about it nothing is known.
 * @param attached where it stands: behind the implied router, or on a segment whose network its address is of.
 */
export function compileOutsideHost(
  ip: IpAddr,
  attached: { readonly segment: string; readonly bits: number; readonly gateway: IpAddr | undefined } | undefined,
): NetnsSpec {
  const family = familyOf(ip);
  const gateway =
    attached === undefined ? OUTSIDE_ADDRESSES.find((address) => familyOf(address) === family) : attached.gateway;
  return {
    id: outsideNetnsId(ip),
    devices: [
      {
        kind: 'ethernet',
        name: 'eth0',
        segment: attached?.segment ?? OUTSIDE_SEGMENT,
        addresses: [{ ip, bits: attached?.bits ?? hostPrefix(ip).bits, scope: 'global' }],
      },
    ],
    routes:
      gateway === undefined
        ? []
        : [
            defaultRoute(family, 'global', {
              device: 'eth0',
              via: gateway,
              weight: 1,
              ...(attached === undefined ? { onlink: true } : {}),
            }),
          ],
    listeners: (['tcp', 'udp', 'sctp'] as const).map((protocol) => ({ protocol, port: 'any' })),
  };
}

export function outsideNetnsId(ip: IpAddr): NetnsId {
  return netnsId(`outside:${printIp(ip)}`);
}
