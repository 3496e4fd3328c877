/** Any network namespace of the world as a thing to build, made when it is asked for. */

import { nodeAddresses } from '../../cluster/node-networks.ts';
import type { CompiledDockerHost } from '../../compile/docker/docker.ts';
import { metalLbRoutes } from '../../compile/metallb/bgp.ts';
import { compileNode } from '../../compile/node.ts';
import { type NetnsId, netnsId } from '../../kernel/netns-id.ts';
import type { NetnsSpec } from '../../kernel/netns-spec.ts';
import { type Route, TABLE_MAIN } from '../../kernel/route/route.ts';
import type { Listener } from '../../kernel/socket.ts';
import { invariant } from '../../lib/assert.ts';
import { familyOf, type IpAddr } from '../../net/address.ts';
import { type Prefix, printPrefix } from '../../net/prefix.ts';
import { compileGateway, type GatewayPlan } from './gateway.ts';
import { compileRoutes } from './host-routes.ts';
import { compileHost } from './host-spec.ts';
import { lineOrigins } from './line-origins.ts';
import { mergeSpec, specOf } from './merge-spec.ts';
import { findPeers, key } from './peers.ts';
import type { Scene } from './scene.ts';

/** What documents say of each machine beside its components: read once, as mistakes in it are told at load. */
export function handWritten(scene: Scene): ReadonlyMap<string, NetnsSpec> {
  const { machines, containers, documents, origins, issues } = scene;
  const peers = findPeers(documents.hosts, issues);
  const specs = new Map<string, NetnsSpec>();
  for (const host of documents.hosts) {
    const node = machines.nodes.get(host.name);
    const others = new Map<string, readonly Prefix[]>(dockerDevices(containers.docker.get(host.name)));
    if (node !== undefined) others.set(node.interface, nodeAddresses(node));
    const peerOf = (name: string, device: { readonly name: string }) => peers.get(key(name, device.name));
    specs.set(host.name, compileHost({ host, others, complete: node === undefined, peerOf, origins, issues }));
  }
  for (const { name, routes, source } of machines.entries.values()) {
    const node = machines.nodes.get(name);
    if (node === undefined || routes.length === 0) continue;
    const networks = new Map([
      [node.interface, nodeAddresses(node)] as const,
      ...dockerDevices(containers.docker.get(name)),
    ]);
    const originAt = lineOrigins(origins, { role: 'hand-written', kind: 'Cluster', name, source })('routes');
    const made = compileRoutes(routes, { networks, complete: false, issues, originAt });
    const id = netnsId(name);
    specs.set(name, mergeSpec({ id, devices: [], routes: made }, specs.get(name) ?? { devices: [] }));
  }
  return specs;
}

function dockerDevices(docker: CompiledDockerHost | undefined): readonly (readonly [string, readonly Prefix[]])[] {
  return (docker?.host.devices ?? []).map(({ name, addresses = [] }) => [
    name,
    addresses.map(({ ip, bits }) => ({ addr: ip, bits })),
  ]);
}

/** undefined where no namespace has that name. */
export function specFinder(
  scene: Scene,
  written: ReadonlyMap<string, NetnsSpec>,
  gateway: GatewayPlan | undefined,
): (id: NetnsId) => NetnsSpec | undefined {
  const { cluster, machines, containers, components, origins } = scene;
  const workloads = new Map(containers.workloads.map((workload) => [workload.netns, workload]));
  return (id) => {
    if (machines.names.has(id)) return machineSpec(scene, id, written.get(id));
    const made = containers.specs.get(id);
    if (made !== undefined) return made;
    const workload = workloads.get(id);
    if (workload !== undefined) {
      const spec = components?.calico?.workload(workload);
      const extra = containers.extras.get(id);
      return spec === undefined || extra === undefined ? spec : mergeSpec(spec, extra);
    }
    if (id === gateway?.netns) return compileGateway(gateway, learnedRoutes(scene, gateway), origins);
    const slash = id.indexOf('/');
    const pod = slash < 0 ? undefined : cluster?.pod(id.slice(0, slash), id.slice(slash + 1));
    return pod === undefined || pod.hostNetwork || pod.node === undefined ? undefined : components?.cni.pod(pod);
  };
}

function machineSpec(scene: Scene, name: string, written: NetnsSpec | undefined): NetnsSpec {
  const { cluster, machines, containers, components, origins } = scene;
  const docker = containers.docker.get(name)?.host;
  const listeners: NetnsSpec = { id: netnsId(name), devices: [], listeners: hostNetworkListeners(scene, name) };
  const node = machines.nodes.get(name);
  if (node === undefined || cluster === undefined || components === undefined) {
    invariant(written !== undefined, `machine ${name} has no document`);
    const own = mergeSpec(written, { devices: [], routes: learnedByHost(scene, name, written) });
    return mergeSpec(docker === undefined ? own : mergeSpec(own, specOf(docker)), listeners);
  }
  const { cni, proxy, kubernetes } = components;
  const spec = compileNode({
    cluster,
    node,
    cni,
    proxy,
    origins,
    kubernetes,
    ...(docker === undefined ? {} : { docker }),
  });
  return mergeSpec(written === undefined ? spec : mergeSpec(spec, written), listeners);
}

function hostNetworkListeners({ placement }: Scene, name: string): readonly Listener[] {
  return placement.containers
    .filter(({ host, connection }) => host === name && connection.kind === 'host')
    .flatMap(({ listeners }) => listeners);
}

/** What BGP peers tell the implied router: nothing unless a BGPPeer names one of its addresses. */
function learnedRoutes(scene: Scene, gateway: GatewayPlan): readonly Route[] {
  const device = new Map(
    [...new Set(gateway.addresses.map(({ segment }) => segment))].map((segment, index) => [segment, `eth${index}`]),
  );
  return gateway.addresses.flatMap(({ segment, address }) =>
    learnedAt(scene, device.get(segment) ?? 'eth0', address.addr),
  );
}

/** The same for a router that is written as a Host; a route of its document wins over a learnt one. */
function learnedByHost(scene: Scene, name: string, { routes = [] }: NetnsSpec): readonly Route[] {
  const written = new Set(routes.map(({ destination }) => printPrefix(destination)));
  return (scene.machines.hosts.get(name)?.interfaces ?? [])
    .flatMap((device) => device.addresses.flatMap(({ addr }) => learnedAt(scene, device.name, addr)))
    .filter(({ destination }) => !written.has(printPrefix(destination)));
}

function learnedAt({ components, cluster }: Scene, device: string, address: IpAddr): readonly Route[] {
  const learned = (destination: Prefix, [first, ...others]: readonly IpAddr[]): readonly Route[] => {
    if (first === undefined) return [];
    const nexthop = (via: IpAddr) => ({ device, via, weight: 1 });
    return [
      {
        type: 'unicast',
        destination,
        table: TABLE_MAIN,
        metric: familyOf(destination.addr) === 4 ? 0 : 1024,
        scope: 'global',
        protocol: 'bird',
        nexthops: [nexthop(first), ...others.map(nexthop)],
      },
    ];
  };
  return [
    ...(components?.calico?.bgpRoutesFor(address) ?? []).flatMap(({ destination, via }) => learned(destination, [via])),
    ...(cluster === undefined ? [] : metalLbRoutes(cluster, address)).flatMap(({ destination, via }) =>
      learned(destination, via),
    ),
  ];
}
