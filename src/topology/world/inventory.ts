/** The world as walks see it, and the list of everything in it as people name it. */
import type { Cluster } from '../../cluster/cluster.ts';
import { nodeAddresses, nodeTunnelAddresses } from '../../cluster/node-networks.ts';
import type { Pod } from '../../cluster/objects.ts';
import { podNetnsId } from '../../compile/netns-names.ts';
import type { DeviceRef } from '../../kernel/link/device.ts';
import type { Netns } from '../../kernel/netns.ts';
import { buildNetns } from '../../kernel/netns-build.ts';
import { type NetnsId, netnsId } from '../../kernel/netns-id.ts';
import type { World } from '../../kernel/world.ts';
import type { Lazy } from '../../lib/lazy.ts';
import { fail, issue, ok, type Result } from '../../lib/result.ts';
import { familyOf, type IpAddr, printIp } from '../../net/address.ts';
import { deriveMac, type Mac } from '../../net/mac.ts';
import { contains, type Prefix, printPrefix } from '../../net/prefix.ts';
import type { SegmentAddress } from './check-addresses.ts';
import { compileOutsideHost, type GatewayPlan, gatewayAddresses, OUTSIDE_SEGMENT, outsideNetnsId } from './gateway.ts';
import type { Machine, Place } from './machine.ts';
import type { Scene } from './scene.ts';
import type { Segments } from './segments.ts';

export type InventoryInput = {
  readonly scene: Scene;
  readonly gateway: GatewayPlan | undefined;
  readonly segments: Segments;
  /** Machines' addresses with the networks they are on. */
  readonly onSegments: readonly SegmentAddress[];
  /** Which node answers ARP for an address of a load balancer. */
  readonly responders: Lazy<ReadonlyMap<IpAddr, readonly { readonly segment: string; readonly at: DeviceRef }[]>>;
  readonly blocked: World['blocked'];
  readonly build: (id: NetnsId) => Netns;
};

/** What became of an outside address: the machine that stands for it, and how it was placed. */
export type OutsideHost = {
  readonly machine: Machine;
  readonly where: 'behind-gateway' | 'on-segment';
  readonly note: string;
};

export class Inventory implements World {
  readonly #input: InventoryInput;
  readonly #cluster: Cluster | undefined;
  readonly #built = new Map<NetnsId, Netns>();
  readonly #machines = new Map<NetnsId, Machine>();
  readonly #containers = new Map<string, Machine>();
  readonly #byAddress = new Map<IpAddr, Machine[]>();
  readonly #outside = new Map<IpAddr, OutsideHost>();

  constructor(input: InventoryInput) {
    this.#input = input;
    const { scene, gateway } = input;
    this.#cluster = scene.cluster;
    for (const node of scene.machines.nodes.values()) {
      const { name, source } = node;
      this.#add({
        netns: netnsId(name),
        kind: 'node',
        name,
        machine: name,
        addresses: [
          ...nodeAddresses(node).map(({ addr }) => addr),
          ...(scene.machines.hosts.get(name)?.interfaces ?? []).flatMap((device) =>
            device.addresses.map(({ addr }) => addr),
          ),
          ...nodeTunnelAddresses(node),
        ],
        ...(source === undefined ? {} : { source }),
      });
    }
    for (const { name, interfaces, source } of scene.machines.hosts.values()) {
      if (scene.machines.nodes.has(name)) continue;
      const addresses = interfaces.flatMap((device) => device.addresses.map(({ addr }) => addr));
      this.#add({ netns: netnsId(name), kind: 'host', name, machine: name, addresses, source });
    }
    for (const { name, source } of scene.documents.containers) {
      const placed = scene.placement.byName.get(name);
      if (placed === undefined) continue;
      const addresses =
        scene.containers.addressOf.get(placed.netns) ?? this.#machines.get(placed.netns)?.addresses ?? [];
      const machine: Machine = {
        netns: placed.netns,
        kind: 'container',
        name,
        machine: placed.host,
        addresses,
        source,
      };
      this.#containers.set(name, machine);
      // A shared namespace is listed once, under the container that holds it.
      if (!this.#machines.has(placed.netns)) this.#add(machine);
    }
    if (gateway !== undefined) {
      const [first] = gateway.addresses;
      const name = first === undefined ? '' : printIp(first.address.addr);
      const addresses = gatewayAddresses(gateway);
      this.#add({ netns: gateway.netns, kind: 'gateway', name, machine: `gateway ${name}`, addresses });
    }
  }

  #add(machine: Machine): void {
    this.#machines.set(machine.netns, machine);
    for (const address of machine.addresses) {
      const there = this.#byAddress.get(address);
      if (there === undefined) this.#byAddress.set(address, [machine]);
      else there.push(machine);
    }
  }

  netns(id: NetnsId): Netns {
    let netns = this.#built.get(id);
    if (netns === undefined) {
      netns = this.#input.build(id);
      this.#built.set(id, netns);
    }
    return netns;
  }

  answering(segment: string, target: IpAddr): readonly DeviceRef[] {
    const responders = (this.#input.responders().get(target) ?? []).filter((entry) => entry.segment === segment);
    const indexed = this.#input.segments.answering(segment, target);
    return responders.length === 0 ? indexed : [...indexed, ...responders.map(({ at }) => at)];
  }

  hearing(segment: string, destination: Mac): readonly DeviceRef[] {
    return this.#input.segments.hearing(segment, destination);
  }

  blocked(...question: Parameters<World['blocked']>): ReturnType<World['blocked']> {
    return this.#input.blocked(...question);
  }

  /** Nodes, hosts, containers, the implied router and outside hosts, in this order; Pods are the cluster's to list. */
  get machines(): readonly Machine[] {
    return [...this.#machines.values()];
  }

  /** Every container, those that share a namespace included. */
  get containers(): readonly Machine[] {
    return [...this.#containers.values()];
  }

  /** The namespace's machine or Pod. */
  machine(netns: NetnsId): Machine | undefined {
    const known = this.#machines.get(netns);
    if (known !== undefined) return known;
    const slash = netns.indexOf('/');
    const pod = slash < 0 ? undefined : this.#cluster?.pod(netns.slice(0, slash), netns.slice(slash + 1));
    return pod === undefined ? undefined : podMachine(pod);
  }

  place(netns: NetnsId): Place {
    const machine = this.machine(netns);
    if (machine === undefined) return { machine: netns, inside: undefined };
    switch (machine.kind) {
      case 'pod':
        return { machine: machine.machine, inside: `${machine.namespace ?? ''}/${machine.name}` };
      case 'container':
        return { machine: machine.machine, inside: machine.name };
      case 'node':
      case 'host':
      case 'gateway':
      case 'outside':
        return { machine: machine.machine, inside: undefined };
    }
  }

  node(name: string): Machine | undefined {
    return this.#named('node', name);
  }

  host(name: string): Machine | undefined {
    return this.#named('host', name);
  }

  container(name: string): Machine | undefined {
    return this.#containers.get(name);
  }

  #named(kind: Machine['kind'], name: string): Machine | undefined {
    const machine = this.#machines.get(netnsId(name));
    return machine?.kind === kind ? machine : undefined;
  }

  /** Who holds the address: machines first, then the Pod. docker0's address may be that of many. */
  holdersOf(ip: IpAddr): readonly Machine[] {
    const pod = this.#cluster?.podByIp(ip);
    const machines = this.#byAddress.get(ip) ?? [];
    return pod === undefined || pod.hostNetwork ? machines : [...machines, podMachine(pod)];
  }

  /** The segment on whose network an address lies, with the prefix of that network. */
  segmentOf(ip: IpAddr): { readonly segment: string; readonly prefix: Prefix } | undefined {
    for (const { segment, ip: own, bits } of this.#input.onSegments) {
      const prefix = { addr: own, bits };
      if (contains(prefix, ip)) return { segment, prefix };
    }
    return undefined;
  }

  /**
   * A machine with an address that nobody holds: behind the implied router, or on the segment whose network the address is
   * of. Asked twice, it is the same machine.
   */
  addOutsideHost(ip: IpAddr): Result<OutsideHost> {
    const known = this.#outside.get(ip);
    if (known !== undefined) return ok(known);
    const { gateway, segments } = this.#input;
    const near = this.segmentOf(ip);
    if (near === undefined && gateway === undefined) {
      return fail(
        issue('no-gateway', `nobody holds ${printIp(ip)}, and no machine has a gateway behind which it could be`, {
          hint: 'name a gateway in the Cluster document, or a default route in a Host document',
        }),
      );
    }
    const router = gateway?.addresses.find(
      ({ segment, address }) => segment === near?.segment && familyOf(address.addr) === familyOf(ip),
    );
    const spec = compileOutsideHost(
      ip,
      near === undefined ? undefined : { segment: near.segment, bits: near.prefix.bits, gateway: router?.address.addr },
    );
    const netns = outsideNetnsId(ip);
    const name = printIp(ip);
    const machine: Machine = { netns, kind: 'outside', name, machine: name, addresses: [ip] };
    segments.add(near?.segment ?? OUTSIDE_SEGMENT, {
      at: { netns, device: 'eth0' },
      mac: deriveMac(`${netns}/eth0`),
      addresses: [ip],
      ranges: [],
      hearsAll: false,
    });
    this.#built.set(netns, buildNetns(spec));
    this.#add(machine);
    const note =
      near === undefined
        ? `no interface holds ${name}: it is taken for a host behind the gateway`
        : `no interface holds ${name}: it is taken for a host on segment ${near.segment} (${printPrefix(near.prefix)})`;
    const host: OutsideHost = { machine, where: near === undefined ? 'behind-gateway' : 'on-segment', note };
    this.#outside.set(ip, host);
    return ok(host);
  }
}

export function podMachine(pod: Pod): Machine {
  const node = pod.node ?? '';
  return {
    netns: pod.hostNetwork ? netnsId(node) : podNetnsId(pod.namespace, pod.name),
    kind: 'pod',
    name: pod.name,
    namespace: pod.namespace,
    machine: node,
    addresses: pod.ips,
    ...(pod.source === undefined ? {} : { source: pod.source }),
  };
}
