/** Container documents as namespaces: on Docker's bridges, on a Calico network, on a macvlan, or on nothing. */
import type { NodeSettings } from '../../cluster/settings.ts';
import type { Workload } from '../../compile/cni/calico/workload.ts';
import type { CompiledDockerHost } from '../../compile/docker/docker.ts';
import type { OriginTable } from '../../compile/origin.ts';
import type { NetnsId } from '../../kernel/netns-id.ts';
import type { NetnsSpec } from '../../kernel/netns-spec.ts';
import { type Issue, issue } from '../../lib/result.ts';
import type { IpAddr } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { ContainerDocument } from '../nettrace/container-document.ts';
import type { DockerSpec, HostDocument } from '../nettrace/host-document.ts';
import type { NetworkDocument } from '../nettrace/network-document.ts';
import { calicoWorkloads } from './calico-containers.ts';
import { compileDockerMachines } from './docker-machines.ts';
import { compileRoutes } from './host-routes.ts';
import { checkedIptables } from './host-spec.ts';
import { lineOrigins } from './line-origins.ts';
import { macvlanSpec } from './macvlan-containers.ts';
import { mergeSpec } from './merge-spec.ts';
import type { Placement } from './place-containers.ts';

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
    const extra = extraOf(document, specs.get(netns), input);
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
  { origins, issues }: ContainerInput,
): Omit<NetnsSpec, 'id'> | undefined {
  const { routes, iptables, sysctls } = document;
  if (routes.length === 0 && iptables === undefined && Object.keys(sysctls).length === 0) return undefined;
  const { name, source } = document;
  const lines = lineOrigins(origins, { role: 'hand-written', kind: 'Container', name, source });
  const networks = new Map(
    (spec?.devices ?? []).map(({ name, addresses = [] }) => [
      name,
      addresses.map(({ ip, bits }): Prefix => ({ addr: ip, bits })),
    ]),
  );
  return {
    devices: [],
    routes: compileRoutes(routes, { networks, complete: spec !== undefined, issues, originAt: lines('spec.routes') }),
    sysctls,
    ...checkedIptables(iptables, 4, lines('spec.iptables'), issues),
  };
}
