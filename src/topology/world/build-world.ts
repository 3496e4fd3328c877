/** From documents to the world: who exists and who is on which wire is known at once, what is in a machine when it is visited. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Note } from '../../cluster/note.ts';
import { positionOf } from '../../cluster/source.ts';
import { type Calico, compileCalico } from '../../compile/cni/calico/calico.ts';
import { CNI_PLUGINS } from '../../compile/cni/index.ts';
import { layer2Responders } from '../../compile/metallb/layer2.ts';
import { unannouncedNotes } from '../../compile/metallb/unannounced.ts';
import { nodeNetnsId } from '../../compile/netns-names.ts';
import type { OriginTable } from '../../compile/origin.ts';
import { pendingNotes } from '../../compile/pod-listeners.ts';
import { PROXY_MODES } from '../../compile/proxy/index.ts';
import type { DeviceRef } from '../../kernel/link/device.ts';
import { invariant } from '../../lib/assert.ts';
import { lazy } from '../../lib/lazy.ts';
import { plain } from '../../lib/quote.ts';
import { type Issue, issue } from '../../lib/result.ts';
import type { IpAddr } from '../../net/address.ts';
import type { NettraceDocuments } from '../nettrace/read-nettrace.ts';
import { buildWithFaults } from './apply-faults.ts';
import { checkDuplicates } from './check-addresses.ts';
import { type CompiledContainers, compileContainers } from './compile-containers.ts';
import { segmentFilter, targetFaults } from './fault-targets.ts';
import { planGateway } from './gateway.ts';
import { impliedGateways } from './implied-gateways.ts';
import { Inventory } from './inventory.ts';
import { handWritten, specFinder } from './machine-specs.ts';
import { placeContainers } from './place-containers.ts';
import { type Components, machinesOf, type Scene, segmentOf } from './scene.ts';
import { Segments } from './segments.ts';
import { addStations, machineAddresses } from './stations.ts';

export type WorldInput = {
  /** undefined where the input has neither nodes nor Kubernetes objects. */
  readonly cluster: Cluster | undefined;
  readonly documents: NettraceDocuments;
  readonly origins: OriginTable;
};

export type BuiltWorld = {
  readonly inventory: Inventory;
  /** Set where the cluster's CNI is Calico. */
  readonly calico: Calico | undefined;
  /** Whether NetworkPolicies have any effect. */
  readonly enforcesPolicies: boolean;
  readonly notes: readonly Note[];
  readonly issues: readonly Issue[];
};

export function buildWorld({ cluster, documents, origins }: WorldInput): BuiltWorld {
  const issues: Issue[] = [];
  const machines = machinesOf(cluster?.settings.nodes ?? [], documents);
  const { onSegments } = machineAddresses(machines);
  const placement = placeContainers(documents.containers, documents.networks, machines.names, issues);
  const containers = compileContainers({
    placement,
    networks: documents.networks,
    machines: [...machines.names].map((name) => ({
      name,
      docker: machines.hosts.get(name)?.docker ?? machines.entries.get(name)?.docker,
      source: machines.hosts.get(name)?.source ?? machines.nodes.get(name)?.source,
    })),
    nodes: machines.nodes,
    segmentOf: (machine, device) => segmentOf(machines, machine, device),
    isTaken: (segment, ip) => onSegments.some((other) => other.segment === segment && other.ip === ip),
    tunnels: usesTunnels(cluster),
    origins,
    issues,
  });
  const components = cluster === undefined ? undefined : componentsOf(cluster, containers, origins);
  refuseCalicoContainers(containers, components, issues);
  const scene: Scene = { cluster, documents, origins, machines, placement, containers, components, issues };

  const written = handWritten(scene);
  const gateway = planGateway(impliedGateways(machines, written, onSegments));
  const specOf = specFinder(scene, written, gateway);
  const faults = targetFaults(documents.faults, machines, placement, issues);
  const build = (id: Parameters<typeof specOf>[0]) => {
    const spec = specOf(id);
    invariant(spec !== undefined, `no network namespace ${plain(id)}`);
    return buildWithFaults(spec, faults.get(id) ?? [], origins);
  };

  const segments = new Segments();
  addStations(scene, gateway, segments);
  issues.push(...checkDuplicates([...onSegments, ...macvlanAddresses(containers)]));
  const blocked = segmentFilter(documents.faults, segments.names, origins, issues);
  const inventory = new Inventory({
    scene,
    gateway,
    segments,
    onSegments,
    responders: lazy(() => loadBalancerResponders(cluster)),
    blocked,
    build: (id) => build(id).netns,
  });
  // Faults are few: what one cannot do to its machine is told at once.
  if (!hasErrors(issues)) for (const id of faults.keys()) issues.push(...build(id).issues);
  const { calico } = components ?? {};
  return {
    inventory,
    calico,
    enforcesPolicies: components?.cni.enforcesPolicies ?? false,
    notes: notesOf(scene),
    issues,
  };
}

function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some(({ severity }) => severity === 'error');
}

function usesTunnels(cluster: Cluster | undefined): boolean {
  const cni = cluster?.settings.cni;
  return cni?.plugin === 'calico' && cni.calico.encapsulation !== 'none';
}

function componentsOf(cluster: Cluster, { workloads }: CompiledContainers, origins: OriginTable): Components {
  const { cni, proxy } = cluster.settings;
  const calico = cni.plugin === 'calico' ? compileCalico({ cluster, origins, containers: workloads }) : undefined;
  return {
    calico,
    cni: calico ?? CNI_PLUGINS[cni.plugin].forCluster(cluster, origins),
    proxy: PROXY_MODES[proxy.mode].forCluster(cluster, origins),
    kubernetes: workloads.length === 0 || cluster.pods.length > 0 || cluster.services.length > 0,
  };
}

function refuseCalicoContainers(
  { workloads }: CompiledContainers,
  components: Components | undefined,
  issues: Issue[],
): void {
  if (components?.calico !== undefined) return;
  for (const { name, source } of workloads) {
    const at = source === undefined ? {} : { at: positionOf(source, 'spec', 'network') };
    issues.push(issue('no-calico-node', `container ${name}: the cluster's CNI plugin is not calico`, at));
  }
}

function macvlanAddresses({ specs }: CompiledContainers) {
  return [...specs.values()].flatMap((spec) =>
    spec.devices.flatMap((device) =>
      device.kind === 'ethernet'
        ? (device.addresses ?? []).map(({ ip, bits }) => ({
            segment: device.segment,
            ip,
            bits,
            owner: spec.id.replace(':', ' '),
            at: undefined,
          }))
        : [],
    ),
  );
}

function notesOf({ cluster, machines, containers, components }: Scene): readonly Note[] {
  const notes: Note[] = [...containers.docker.values()].flatMap((compiled) => compiled.notes);
  if (machines.nodes.size > 0) notes.push(...(components?.cni.notes ?? []), ...(components?.proxy.notes ?? []));
  if (cluster !== undefined) notes.push(...pendingNotes(cluster.pods), ...unannouncedNotes(cluster));
  return notes;
}

type Responder = { readonly segment: string; readonly at: DeviceRef };

/** MetalLB in layer-2 mode: who answers for the addresses of LoadBalancer Services. */
function loadBalancerResponders(cluster: Cluster | undefined): ReadonlyMap<IpAddr, readonly Responder[]> {
  const responders = new Map<IpAddr, Responder[]>();
  for (const { ip, node } of cluster === undefined ? [] : layer2Responders(cluster)) {
    const responder = { segment: node.segment, at: { netns: nodeNetnsId(node.name), device: node.interface } };
    responders.set(ip, [...(responders.get(ip) ?? []), responder]);
  }
  return responders;
}
