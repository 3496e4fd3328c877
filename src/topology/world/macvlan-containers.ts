/** Containers on a macvlan network. */
import type { NetnsSpec } from '../../kernel/netns-spec.ts';
import { TABLE_MAIN } from '../../kernel/route/route.ts';
import { familyOf, ip4, ip6, offsetIp, printIp } from '../../net/address.ts';
import { contains, lastIp, printPrefix } from '../../net/prefix.ts';
import type { NetworkDocument } from '../nettrace/network-document.ts';
import type { ContainerInput } from './compile-containers.ts';
import { containerIssue } from './container-issue.ts';
import type { PlacedContainer } from './place-containers.ts';

/** A macvlan child stands on the segment of its parent. That a host cannot talk to its own children is not modelled. */
export function macvlanSpec(
  { document, host, netns, listeners }: PlacedContainer,
  given: NetworkDocument & { readonly driver: 'macvlan' },
  { segmentOf, isTaken, issues }: ContainerInput,
  taken: Set<string>,
): NetnsSpec | undefined {
  const segment = segmentOf(host, given.parent);
  if (segment === undefined) {
    issues.push(
      containerIssue(
        document,
        'network',
        'unknown-interface',
        `network ${given.name}: ${host} has no network card ${given.parent}`,
      ),
    );
    return undefined;
  }
  const gateway = given.gateway ?? offsetIp(given.subnet.addr, 1);
  let address = document.address;
  if (address !== undefined && !contains(given.subnet, address)) {
    issues.push(
      containerIssue(
        document,
        'address',
        'address-outside-subnet',
        `${printIp(address)} is not in ${printPrefix(given.subnet)} of network ${given.name}`,
      ),
    );
    return undefined;
  }
  for (let offset = 2; address === undefined; offset++) {
    const candidate = offsetIp(given.subnet.addr, offset);
    if (!contains(given.subnet, candidate) || candidate === lastIp(given.subnet)) {
      issues.push(
        containerIssue(document, 'network', 'subnet-full', `no address is free in ${printPrefix(given.subnet)}`),
      );
      return undefined;
    }
    if (candidate !== gateway && !isTaken(segment, candidate) && !taken.has(`${segment} ${printIp(candidate)}`))
      address = candidate;
  }
  taken.add(`${segment} ${printIp(address)}`);
  const device = document.interface ?? 'eth0';
  return {
    id: netns,
    devices: [
      {
        kind: 'ethernet',
        name: device,
        segment,
        addresses: [{ ip: address, bits: given.subnet.bits, scope: 'global' }],
        ...(document.mac === undefined ? {} : { mac: document.mac }),
      },
    ],
    routes: [
      {
        type: 'unicast',
        destination: { addr: familyOf(gateway) === 4 ? ip4(0) : ip6(0n), bits: 0 },
        table: TABLE_MAIN,
        metric: familyOf(gateway) === 4 ? 0 : 1024,
        scope: 'global',
        protocol: 'boot',
        nexthops: [{ device, via: gateway, weight: 1 }],
      },
    ],
    listeners,
  };
}
