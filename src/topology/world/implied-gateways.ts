/** Which gateway addresses nobody holds. */
import { nodeAddresses, nodeGateways } from '../../cluster/node-networks.ts';
import type { NetnsSpec } from '../../kernel/netns-spec.ts';
import { TABLE_MAIN } from '../../kernel/route/route.ts';
import { type IpAddr, printIp } from '../../net/address.ts';
import { contains, type Prefix } from '../../net/prefix.ts';
import type { SegmentAddress } from './check-addresses.ts';
import type { GatewayAddress } from './gateway.ts';
import type { Machines } from './scene.ts';

/**
 * Gateways of nodes, and of Host documents' default routes, in the order of the input. Other routes of Host documents name
 * machines that are meant to be there: a wrong address in one has to show as a neighbour that does not answer.
 */
export function impliedGateways(
  { nodes, hosts }: Machines,
  written: ReadonlyMap<string, NetnsSpec>,
  onSegments: readonly SegmentAddress[],
): readonly GatewayAddress[] {
  const held = new Set(onSegments.map(({ segment, ip }) => key(segment, ip)));
  const found = new Map<string, GatewayAddress>();
  const add = (segment: string, gateway: IpAddr, own: Prefix): void => {
    if (held.has(key(segment, gateway)) || found.has(key(segment, gateway))) return;
    found.set(key(segment, gateway), { segment, address: { addr: gateway, bits: own.bits } });
  };
  for (const node of nodes.values()) {
    for (const gateway of nodeGateways(node)) {
      const own = nodeAddresses(node).find((address) => contains(address, gateway));
      if (own !== undefined) add(node.segment, gateway, own);
    }
  }
  for (const host of hosts.values()) {
    for (const route of written.get(host.name)?.routes ?? []) {
      if (route.type !== 'unicast' || route.destination.bits !== 0 || route.table !== TABLE_MAIN) continue;
      for (const { device: name, via } of route.nexthops) {
        const device = host.interfaces.find((other) => other.name === name);
        const own = via === undefined ? undefined : device?.addresses.find((address) => contains(address, via));
        if (via !== undefined && own !== undefined && device?.kind === 'ethernet') add(device.segment, via, own);
      }
    }
  }
  return [...found.values()];
}

function key(segment: string, ip: IpAddr): string {
  return `${segment} ${printIp(ip)}`;
}
