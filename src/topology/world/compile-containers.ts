/** Container documents as namespaces: on Docker's bridges, on a Calico network, on a macvlan, or on nothing. */
import { createHash } from 'node:crypto';
import type { NodeSettings } from '../../cluster/settings.ts';
import type { Workload } from '../../compile/cni/calico/workload.ts';
import { compileDockerHost } from '../../compile/docker/compile-docker-host.ts';
import type { CompiledDockerHost, DockerNetwork } from '../../compile/docker/docker.ts';
import type { OriginTable } from '../../compile/origin.ts';
import { type NetnsId, netnsId } from '../../kernel/netns-id.ts';
import type { NetnsSpec } from '../../kernel/netns-spec.ts';
import { TABLE_MAIN } from '../../kernel/route/route.ts';
import { type Issue, issue } from '../../lib/result.ts';
import { familyOf, type IpAddr, ip4, ip6, offsetIp, printIp } from '../../net/address.ts';
import { type Mac, parseMac } from '../../net/mac.ts';
import { contains, lastIp, network, type Prefix, printPrefix } from '../../net/prefix.ts';
import type { ContainerDocument } from '../nettrace/container-document.ts';
import type { DockerSpec, HostDocument } from '../nettrace/host-document.ts';
import type { NetworkDocument } from '../nettrace/network-document.ts';
import { checkedIptables, compileRoutes } from './host-spec.ts';
import { mergeSpec } from './merge-spec.ts';
import type { PlacedContainer, Placement } from './place-containers.ts';

type DockerMachine = {
  readonly name: string;
  readonly docker: DockerSpec | undefined;
  readonly source: HostDocument['source'] | undefined;
};

export type CompiledContainers = {
  /** Docker's share of each machine that runs it. */
  readonly docker: ReadonlyMap<string, CompiledDockerHost>;
  /** Endpoints of Calico networks; their namespaces come from Calico's compiler. */
  readonly workloads: readonly Workload[];
  /** Namespaces of the others. */
  readonly specs: ReadonlyMap<NetnsId, NetnsSpec>;
  readonly addressOf: ReadonlyMap<NetnsId, readonly IpAddr[]>;
  /** Routes, rules and sysctls that a document adds to its namespace. */
  readonly extras: ReadonlyMap<NetnsId, Omit<NetnsSpec, 'id'>>;
};

export type ContainerInput = {
  readonly placement: Placement;
  readonly networks: readonly NetworkDocument[];
  readonly machines: readonly DockerMachine[];
  readonly nodes: ReadonlyMap<string, NodeSettings>;
  /** The segment of a machine's network card; undefined where it has no such card. */
  readonly segmentOf: (machine: string, device: string) => string | undefined;
  /** Whether somebody on the segment has the address. */
  readonly isTaken: (segment: string, ip: IpAddr) => boolean;
  /** Calico's tunnel device takes the first address of a block. */
  readonly tunnels: boolean;
  readonly origins: OriginTable;
  readonly issues: Issue[];
};

export function compileContainers(input: ContainerInput): CompiledContainers {
  const { placement, issues } = input;
  const docker = compileDockerMachines(input);
  const workloads = calicoWorkloads(input);
  const specs = new Map<NetnsId, NetnsSpec>();
  const addressOf = new Map<NetnsId, readonly IpAddr[]>();
  for (const compiled of docker.values()) for (const spec of compiled.containers) specs.set(spec.id, spec);
  const macvlanTaken = new Set<string>();
  for (const container of placement.containers) {
    const { netns, connection, listeners } = container;
    if (connection.kind === 'none') specs.set(netns, { id: netns, devices: [], listeners });
    if (connection.kind === 'macvlan') {
      const spec = macvlanSpec(container, connection.network, input, macvlanTaken);
      if (spec !== undefined) specs.set(netns, spec);
    }
    const spec = specs.get(netns);
    if (spec !== undefined)
      addressOf.set(
        netns,
        spec.devices.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)),
      );
  }
  for (const { netns, ips } of workloads) addressOf.set(netns, ips);
  const extras = new Map<NetnsId, Omit<NetnsSpec, 'id'>>();
  for (const { document, netns, connection } of placement.containers) {
    const extra = extraOf(document, specs.get(netns), issues);
    if (extra === undefined) continue;
    if (connection.kind === 'host') {
      const at = document.source.document.locate([...document.source.path, 'spec']);
      issues.push(
        issue(
          'host-network',
          `container ${document.name} uses its host's network: give routes, iptables and sysctls there`,
          { at },
        ),
      );
      continue;
    }
    const spec = specs.get(netns);
    if (spec === undefined) extras.set(netns, extra);
    else specs.set(netns, mergeSpec(spec, extra));
  }
  return { docker, workloads, specs, addressOf, extras };
}

function extraOf(
  document: ContainerDocument,
  spec: NetnsSpec | undefined,
  issues: Issue[],
): Omit<NetnsSpec, 'id'> | undefined {
  const { routes, iptables, sysctls } = document;
  if (routes.length === 0 && iptables === undefined && Object.keys(sysctls).length === 0) return undefined;
  const networks = new Map(
    (spec?.devices ?? []).map(({ name, addresses = [] }) => [
      name,
      addresses.map(({ ip, bits }): Prefix => ({ addr: ip, bits })),
    ]),
  );
  return {
    devices: [],
    routes: compileRoutes(routes, { networks, complete: spec !== undefined, issues }),
    sysctls,
    ...checkedIptables(iptables, 4, issues),
  };
}

function compileDockerMachines({
  placement,
  networks,
  machines,
  origins,
  issues,
}: ContainerInput): ReadonlyMap<string, CompiledDockerHost> {
  const compiled = new Map<string, CompiledDockerHost>();
  for (const { name, docker, source } of machines) {
    const own = placement.containers.filter(({ host, connection }) => host === name && connection.kind === 'docker');
    if (docker === undefined && own.length === 0) continue;
    const used = new Set(own.flatMap(({ connection }) => (connection.kind === 'docker' ? [connection.network] : [])));
    const result = compileDockerHost(
      {
        name,
        netns: netnsId(name),
        networks: [...defaultNetwork(docker), ...networks.flatMap((given) => dockerNetwork(given, name, used))],
        containers: own.map(({ document, netns, connection, listeners }) => ({
          name: document.name,
          netns,
          network: connection.kind === 'docker' ? connection.network : 'none',
          publish: document.publish.map(({ address, ...port }) => ({
            ...port,
            ...(address === undefined ? {} : { hostIp: address }),
          })),
          listeners,
          source: document.source,
          ...(document.address === undefined ? {} : { address: document.address }),
          ...(document.mac === undefined ? {} : { mac: document.mac }),
          ...(document.interface === undefined ? {} : { interface: document.interface }),
          ...(document.hostInterface === undefined ? {} : { hostInterface: document.hostInterface }),
        })),
        ...(source === undefined ? {} : { source }),
      },
      origins,
    );
    if (result.ok) compiled.set(name, result.value);
    else issues.push(...result.issues);
  }
  return compiled;
}

function defaultNetwork(docker: DockerSpec | undefined): readonly DockerNetwork[] {
  if (docker === undefined) return [];
  const { bridge, address } = docker;
  return [{ name: 'bridge', bridge, subnet: network(address), gateway: address.addr }];
}

/** A bridge network is on the host it names, or on each whose containers use it. */
function dockerNetwork(given: NetworkDocument, host: string, used: ReadonlySet<string>): readonly DockerNetwork[] {
  if (given.driver !== 'bridge' || (given.host === undefined ? !used.has(given.name) : given.host !== host)) return [];
  const { name, bridge, subnet, gateway, icc, source } = given;
  return [
    {
      name,
      icc,
      source,
      ...(bridge === undefined ? {} : { bridge }),
      ...(subnet === undefined ? {} : { subnet }),
      ...(gateway === undefined ? {} : { gateway }),
    },
  ];
}

/** libnetwork-plugin gave both ends of the pair this address (seed: Cluster A). */
const CALICO_MAC: Mac | undefined = parseMac('ee:ee:ee:ee:ee:ee');

function calicoWorkloads({ placement, nodes, tunnels, issues }: ContainerInput): readonly Workload[] {
  const containers = placement.containers.filter(({ connection }) => connection.kind === 'calico');
  const used = new Map<IpAddr, string>();
  for (const { document } of containers) {
    const { address, name } = document;
    if (address === undefined) continue;
    const owner = used.get(address);
    if (owner === undefined) used.set(address, name);
    else
      issues.push(
        fieldIssue(
          document,
          'address',
          'duplicate-address',
          `${printIp(address)} belongs to container ${owner} and to container ${name}`,
        ),
      );
  }
  return containers.flatMap(({ document, host, netns, connection, listeners }): readonly Workload[] => {
    const node = nodes.get(host);
    if (node === undefined) {
      issues.push(
        fieldIssue(
          document,
          'host',
          'no-calico-node',
          `container ${document.name}: ${host} is no node of the Cluster document, so no Calico runs there`,
        ),
      );
      return [];
    }
    const ip = document.address ?? freeInBlocks(node, used, tunnels);
    if (ip === undefined) {
      issues.push(
        fieldIssue(
          document,
          'address',
          'no-address',
          `container ${document.name}: node ${host} has no block with a free address`,
          'give the container an address, or the node a podCIDR',
        ),
      );
      return [];
    }
    used.set(ip, document.name);
    const mac = document.mac ?? CALICO_MAC;
    if (mac === undefined || connection.kind !== 'calico') return [];
    return [
      {
        kind: 'Container',
        name: document.name,
        node: host,
        netns,
        ips: [ip],
        hostInterface:
          document.hostInterface ?? `cali${createHash('sha1').update(document.name).digest('hex').slice(0, 11)}`,
        containerInterface: document.interface ?? 'cali0',
        mac,
        // calicoctl's network profile: its members may talk to each other, and nobody is kept out by default here.
        profiles: [{ name: connection.network.name, allows: true }],
        listeners,
        ports: [],
        source: document.source,
      },
    ];
  });
}

function freeInBlocks(node: NodeSettings, used: ReadonlyMap<IpAddr, string>, tunnels: boolean): IpAddr | undefined {
  const blocks = node.blocks ?? (node.podCIDR === undefined ? [] : [node.podCIDR]);
  for (const [index, block] of blocks.entries()) {
    const last = lastIp(block);
    let candidate = tunnels && index === 0 ? offsetIp(block.addr, 1) : block.addr;
    while (candidate !== last && used.has(candidate)) candidate = offsetIp(candidate, 1);
    if (!used.has(candidate)) return candidate;
  }
  return undefined;
}

/** A macvlan child stands on the segment of its parent. That a host cannot talk to its own children is not modelled. */
function macvlanSpec(
  { document, host, netns, listeners }: PlacedContainer,
  given: NetworkDocument & { readonly driver: 'macvlan' },
  { segmentOf, isTaken, issues }: ContainerInput,
  taken: Set<string>,
): NetnsSpec | undefined {
  const segment = segmentOf(host, given.parent);
  if (segment === undefined) {
    issues.push(
      fieldIssue(
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
      fieldIssue(
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
      issues.push(fieldIssue(document, 'network', 'subnet-full', `no address is free in ${printPrefix(given.subnet)}`));
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
        metric: 0,
        scope: 'global',
        protocol: 'boot',
        nexthops: [{ device, via: gateway, weight: 1 }],
      },
    ],
    listeners,
  };
}

function fieldIssue(document: ContainerDocument, field: string, code: string, message: string, hint?: string): Issue {
  const { source } = document;
  return issue(code, message, {
    at: source.document.locate([...source.path, 'spec', field]),
    ...(hint === undefined ? {} : { hint }),
  });
}
