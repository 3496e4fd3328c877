/** Everything on the segments, found in the documents alone: no machine is built for it. */

import { nodeAddresses, nodePodRanges, nodeTunnelAddresses } from '../../cluster/node-networks.ts';
import { positionOf } from '../../cluster/source.ts';
import { netnsId } from '../../kernel/netns-id.ts';
import { type IpAddr, isIp6 } from '../../net/address.ts';
import { deriveMac } from '../../net/mac.ts';
import { network, type Prefix } from '../../net/prefix.ts';
import type { HostDocument, InterfaceSpec } from '../nettrace/host-document.ts';
import type { NamedNetwork, SegmentAddress } from './check-addresses.ts';
import { type GatewayPlan, gatewayAddresses, gatewayDevices } from './gateway.ts';
import type { Scene } from './scene.ts';
import type { Segments } from './segments.ts';

/** Addresses on segments, for finding two of one, and the networks that machines are on. */
export type Addresses = { readonly onSegments: readonly SegmentAddress[]; readonly networks: readonly NamedNetwork[] };

export function machineAddresses({ nodes, hosts }: Scene['machines']): Addresses {
  const onSegments: SegmentAddress[] = [];
  const networks: NamedNetwork[] = [];
  for (const node of nodes.values()) {
    const { name, segment, source } = node;
    const at = source === undefined ? undefined : positionOf(source, 'address');
    for (const prefix of nodeAddresses(node)) {
      onSegments.push({ segment, ip: prefix.addr, bits: prefix.bits, owner: `node ${name}`, at });
      networks.push({ what: `node ${name}`, prefix, at });
    }
  }
  for (const host of hosts.values()) {
    for (const device of host.interfaces) {
      const what = `${host.name}'s ${device.name}`;
      for (const [index, prefix] of device.addresses.entries()) {
        const at = positionOf(device.source, 'addresses', index);
        // An address alone, such as a router's on lo, is no network that others could be on.
        if (device.kind !== 'loopback' && prefix.bits < 31) networks.push({ what, prefix, at });
        for (const segment of reachedSegments(device, host)) {
          onSegments.push({ segment, ip: prefix.addr, bits: prefix.bits, owner: what, at });
        }
      }
    }
  }
  return { onSegments, networks };
}

/** A card's segment; of a bridge, those of its cards. */
function reachedSegments(device: InterfaceSpec, host: HostDocument): readonly string[] {
  if (device.kind === 'ethernet') return [device.segment];
  if (device.kind !== 'bridge') return [];
  return host.interfaces.flatMap((port) =>
    port.kind === 'ethernet' && device.ports.includes(port.name) ? [port.segment] : [],
  );
}

export function addStations(scene: Scene, gateway: GatewayPlan | undefined, segments: Segments): void {
  const { machines, containers, documents } = scene;
  const dockerAddresses = (name: string): readonly IpAddr[] =>
    (containers.docker.get(name)?.host.devices ?? []).flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip));
  const proxyArp = machinesWithProxyArp(scene);
  for (const node of machines.nodes.values()) {
    const own = machines.hosts.get(node.name);
    segments.add(node.segment, {
      at: { netns: netnsId(node.name), device: node.interface },
      mac: deriveMac(`${node.name}/${node.interface}`),
      addresses: [
        ...nodeAddresses(node).flatMap(answeredFor),
        ...nodeTunnelAddresses(node),
        ...dockerAddresses(node.name),
        ...ownAddresses(own),
      ],
      ranges: [...nodePodRanges(node), ...(node.podCIDR === undefined ? [] : [node.podCIDR])],
      hearsAll: proxyArp.has(node.name) || isPort(own, node.interface),
    });
  }
  for (const host of documents.hosts) {
    for (const device of host.interfaces) {
      if (device.kind !== 'ethernet') continue;
      segments.add(device.segment, {
        at: { netns: netnsId(host.name), device: device.name },
        mac: device.mac ?? deriveMac(`${host.name}/${device.name}`),
        addresses: [...ownAddresses(host), ...dockerAddresses(host.name)],
        ranges: [],
        hearsAll: proxyArp.has(host.name) || isPort(host, device.name),
      });
    }
  }
  for (const spec of containers.specs.values()) {
    for (const device of spec.devices) {
      if (device.kind !== 'ethernet') continue;
      segments.add(device.segment, {
        at: { netns: spec.id, device: device.name },
        mac: device.mac ?? deriveMac(`${spec.id}/${device.name}`),
        addresses: (device.addresses ?? []).flatMap(({ ip, bits }) => answeredFor({ addr: ip, bits })),
        ranges: [],
        hearsAll: false,
      });
    }
  }
  for (const { device, segment } of gateway === undefined ? [] : gatewayDevices(gateway)) {
    if (gateway === undefined) continue;
    segments.add(segment, {
      at: { netns: gateway.netns, device },
      mac: deriveMac(`${gateway.netns}/${device}`),
      addresses: [...gatewayAddresses(gateway), ...gateway.addresses.flatMap(({ address }) => answeredFor(address))],
      ranges: [],
      hearsAll: false,
    });
  }
}

function ownAddresses(host: HostDocument | undefined): readonly IpAddr[] {
  return (host?.interfaces ?? []).flatMap(({ addresses }) => addresses.flatMap(answeredFor));
}

/** addrconf_join_anycast(): a router answers for its subnet's address with all host bits 0, too. Whether it is one it knows itself. */
function answeredFor({ addr, bits }: Prefix): readonly IpAddr[] {
  return isIp6(addr) && bits < 127 ? [addr, network({ addr, bits }).addr] : [addr];
}

function isPort(host: HostDocument | undefined, device: string): boolean {
  return (host?.interfaces ?? []).some((other) => other.kind === 'bridge' && other.ports.includes(device));
}

/** They may answer for any address: which, their routes decide. */
function machinesWithProxyArp({ machines, documents }: Scene): ReadonlySet<string> {
  const on = (sysctls: Readonly<Record<string, string>>): boolean =>
    Object.entries(sysctls).some(([name, value]) => name.endsWith('.proxy_arp') && value !== '0');
  return new Set([
    ...[...machines.nodes.values()].flatMap(({ name, sysctls }) => (on(sysctls) ? [name] : [])),
    ...documents.hosts.flatMap(({ name, sysctls }) => (on(sysctls) ? [name] : [])),
    ...documents.faults.flatMap((fault) => (fault.kind === 'sysctl' && on(fault.sysctls) ? [fault.machine] : [])),
  ]);
}
