/**
 * A look-up or a neighbour request that fails is often only the echo of a link that is broken: a device that is down takes
 * its routes along, and nobody answers through it.
 */
import type { DropReason } from '../kernel/drop-reason.ts';
import type { Device, DeviceRef } from '../kernel/link/device.ts';
import type { Netns } from '../kernel/netns.ts';
import type { Leg, Step } from '../kernel/walk/step.ts';
import type { IpAddr } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { ReasonCode } from './codes.ts';
import type { ExplainContext } from './context.ts';

export type BrokenLink = { readonly code?: ReasonCode; readonly at?: DeviceRef; readonly target?: IpAddr };

/** What lies behind the reason; empty where the reason is all there is to say. */
export function brokenLink(leg: Leg, reason: DropReason, context: ExplainContext): BrokenLink {
  const { netns: id } = leg.disposition;
  const netns = context.world.netns(id);
  switch (reason) {
    case 'IP_OUTNOROUTES':
    case 'IP_INNOROUTES': {
      const links = [...netns.devices.values()].filter(isLink);
      const down = links.filter(({ up }) => !up);
      const meant =
        down.find(({ addresses }) => addresses.some(({ ip, bits }) => contains({ addr: ip, bits }, leg.packet.dst))) ??
        (down.length === links.length ? down[0] : undefined);
      return meant === undefined ? {} : { code: 'LINK_DOWN', at: { netns: id, device: meant.name } };
    }
    case 'NEIGH_FAILED': {
      const failed = leg.steps.findLast((step) => step.kind === 'neighbour' && step.how === 'failed');
      return failed?.kind === 'neighbour' ? silentNeighbour(failed, context) : {};
    }
    default:
      return {};
  }
}

/** A way out with an address: a card or a veth end. Dummies are down by design (kube-ipvs0). */
function isLink({ kind, addresses }: Device): boolean {
  return addresses.length > 0 && (kind === 'ethernet' || kind === 'veth' || kind === 'vlan');
}

function silentNeighbour(step: Extract<Step, { kind: 'neighbour' }>, context: ExplainContext): BrokenLink {
  const { target } = step;
  const netns = context.world.netns(step.netns);
  const device = netns.devices.get(step.device);
  if (device?.kind === 'veth') {
    const peer = device.peer && context.world.netns(device.peer.netns).devices.get(device.peer.device);
    if (peer?.up !== true) return { code: 'VETH_PEER_MISSING', target };
  }
  if (device?.kind === 'ethernet') {
    const asleep = context.world.answering(device.segment, target).find((ref) => {
      const other = context.world.netns(ref.netns).devices.get(ref.device);
      return other !== undefined && !other.up && other.addresses.some(({ ip }) => ip === target);
    });
    if (asleep !== undefined) return { code: 'LINK_DOWN', at: asleep, target };
  }
  return isOnLink(netns, step.device, target) ? { target } : { code: 'ROUTE_NEXTHOP_INVALID', target };
}

/** Whether a route without a gateway leads to the address through the device (fib_check_nh() asks the same). */
function isOnLink(netns: Netns, device: string, target: IpAddr): boolean {
  return [...netns.routes.values()].some((routes) =>
    routes.some(
      (route) =>
        route.type === 'unicast' &&
        contains(route.destination, target) &&
        route.nexthops.some((hop) => hop.device === device && hop.via === undefined),
    ),
  );
}
