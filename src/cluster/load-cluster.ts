/** Documents and settings -> Cluster: objects read, checked against each other, and completed. */
import { fail, type Issue, ok, type Result } from '../lib/result.ts';
import { expandWorkloads } from './allocate/expand-workloads.ts';
import { giveLoadBalancerAddresses } from './allocate/load-balancer-addresses.ts';
import { givePodAddresses } from './allocate/pod-addresses.ts';
import { type Candidate, schedulePods } from './allocate/schedule.ts';
import { giveServiceAddresses } from './allocate/service-addresses.ts';
import { checkPods, withoutDuplicates } from './check-objects.ts';
import { checkPolicies } from './check-policies.ts';
import { checkRanges, type MachineNetwork } from './check-ranges.ts';
import { checkSelectors } from './check-selectors.ts';
import { checkTargetPorts } from './check-target-ports.ts';
import type { Cluster } from './cluster.ts';
import { isAtLeast } from './kubernetes-version.ts';
import { makeCluster } from './make-cluster.ts';
import { metalLbOf } from './metallb/metallb.ts';
import { nodeAddresses } from './node-networks.ts';
import type { Note } from './note.ts';
import type { Node } from './objects.ts';
import { isPlainObject, ownField } from './plain-object.ts';
import { type ClusterObjects, readObjects } from './read/read-objects.ts';
import type { ClusterSettings, NodeSettings } from './settings.ts';
import type { SourceDocument } from './source.ts';

export type LoadOptions = {
  /** Unknown fields are warnings. */
  readonly lenient?: boolean;
  /** Networks of machines that are no nodes. */
  readonly machines?: readonly MachineNetwork[];
  /** Notes of earlier stages: they come first. */
  readonly notes?: readonly Note[];
};

export type LoadedCluster = {
  readonly cluster: Cluster;
  readonly warnings: readonly Issue[];
  /** Kinds that were passed over, with their number. */
  readonly skipped: ReadonlyMap<string, number>;
};

/**
 * Every problem is reported at once. The settings of the resulting cluster hold, beside what was given, the ranges and
 * tunnel addresses of its nodes.
 */
export function loadCluster(
  documents: readonly SourceDocument[],
  settings: ClusterSettings,
  options: LoadOptions = {},
): Result<LoadedCluster> {
  const issues: Issue[] = [];
  const notes: Note[] = [...(options.notes ?? [])];
  const { defaultNamespace } = settings;
  const read = readObjects(documents, { issues, lenient: options.lenient ?? false, defaultNamespace });
  const objects = distinct(read, issues);
  issues.push(...checkRanges(settings, options.machines ?? []));
  const nodes = completeNodes(objects.nodes, settings);
  const nodeIndex = new Map(nodes.map((node) => [node.name, node]));
  const candidates = settings.nodes.map(
    (node): Candidate => ({
      name: node.name,
      controlPlane: node.controlPlane || isControlPlane(nodeIndex.get(node.name)),
      unschedulable: nodeIndex.get(node.name)?.unschedulable ?? false,
      labels: nodeIndex.get(node.name)?.labels ?? {},
    }),
  );
  const made = expandWorkloads(objects.workloads, objects.pods, candidates, notes, issues);
  const drafts = withoutDuplicates([...objects.pods, ...made], ({ pod }) => pod, issues);
  const placed = schedulePods(drafts, candidates, notes);
  checkPods(placed, settings, objects.ipPools, issues);
  const { calicoVersion } = settings;
  const named = {
    services: objects.services.map(({ service }) => service),
    nodes: settings.nodes.map(({ name }) => name),
  };
  checkPolicies({ ...objects, ...named, calicoVersion }, issues);
  const { ipPools } = objects;
  const addressed = givePodAddresses({ pods: placed, settings, nodes: nodeIndex, ipPools, notes });
  const rangesGiven = isWritten(settings, 'serviceCIDRs');
  const services = giveServiceAddresses({ drafts: objects.services, settings, rangesGiven, notes, issues });
  const problems = withoutRepeats(issues);
  if (problems.some(({ severity }) => severity === 'error')) return fail(...problems);
  const { bgpConfigurations, felixConfigurations, metalLb: ofMetalLb, skipped, mirrored, slices, ...kept } = objects;
  const metalLb = metalLbOf(settings, ofMetalLb);
  const sliced = new Set(slices.map(({ namespace, service }) => `${namespace}/${service}`));
  const [bgpConfiguration] = bgpConfigurations;
  const [felixConfiguration] = felixConfigurations;
  const cluster = makeCluster({
    ...kept,
    settings: { ...settings, nodes: addressed.nodes },
    nodes: withRanges(nodes, addressed.nodes, settings),
    pods: addressed.pods,
    services: giveLoadBalancerAddresses(services, metalLb, objects.namespaces, notes),
    ...(metalLb === undefined ? {} : { metalLb }),
    slices: [...slices, ...mirrored.filter(({ namespace, service }) => !sliced.has(`${namespace}/${service}`))],
    notes,
    ...(bgpConfiguration === undefined ? {} : { bgpConfiguration }),
    ...(felixConfiguration === undefined ? {} : { felixConfiguration }),
  });
  // Controllers have made the slices before any packet moves: the first trace must not pay for those of all Services.
  for (const service of cluster.services) cluster.slicesOf(service);
  const endpointsGiven = new Set([...sliced, ...mirrored.map(({ namespace, service }) => `${namespace}/${service}`)]);
  return ok({
    cluster,
    warnings: [...problems, ...checkSelectors(cluster, endpointsGiven), ...checkTargetPorts(cluster, endpointsGiven)],
    skipped,
  });
}

function distinct(objects: ClusterObjects, issues: Issue[]): ClusterObjects {
  return {
    ...objects,
    namespaces: [...withoutDuplicates(objects.namespaces, (object) => object, issues)],
    nodes: [...withoutDuplicates(objects.nodes, (object) => object, issues)],
    workloads: [...withoutDuplicates(objects.workloads, (object) => object, issues)],
    services: [...withoutDuplicates(objects.services, ({ service }) => service, issues)],
    slices: [...withoutDuplicates(objects.slices, (object) => object, issues)],
    policies: [...withoutDuplicates(objects.policies, (object) => object, issues)],
    ingresses: [...withoutDuplicates(objects.ingresses, (object) => object, issues)],
    ingressClasses: [...withoutDuplicates(objects.ingressClasses, (object) => object, issues)],
    gatewayClasses: [...withoutDuplicates(objects.gatewayClasses, (object) => object, issues)],
    gateways: [...withoutDuplicates(objects.gateways, (object) => object, issues)],
    httpRoutes: [...withoutDuplicates(objects.httpRoutes, (object) => object, issues)],
    referenceGrants: [...withoutDuplicates(objects.referenceGrants, (object) => object, issues)],
    ipPools: [...withoutDuplicates(objects.ipPools, (object) => object, issues)],
    bgpPeers: [...withoutDuplicates(objects.bgpPeers, (object) => object, issues)],
    adminPolicies: [...withoutDuplicates(objects.adminPolicies, (object) => object, issues)],
    calicoPolicies: [...withoutDuplicates(objects.calicoPolicies, (object) => object, issues)],
    stagedPolicies: [...withoutDuplicates(objects.stagedPolicies, (object) => object, issues)],
    tiers: [...withoutDuplicates(objects.tiers, (object) => object, issues)],
    networkSets: [...withoutDuplicates(objects.networkSets, (object) => object, issues)],
    hostEndpoints: [...withoutDuplicates(objects.hostEndpoints, (object) => object, issues)],
    profiles: [...withoutDuplicates(objects.profiles, (object) => object, issues)],
    serviceAccounts: [...withoutDuplicates(objects.serviceAccounts, (object) => object, issues)],
  };
}

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
const NO_BALANCER = 'node.kubernetes.io/exclude-from-external-load-balancers';

function isControlPlane(node: Node | undefined): boolean {
  if (node === undefined) return false;
  return Object.hasOwn(node.labels, CONTROL_PLANE) || Object.hasOwn(node.labels, 'node-role.kubernetes.io/master');
}

/** A Node object for every node of the settings, with the labels that kubelet and kubeadm put on it. */
function completeNodes(
  given: readonly Node[],
  { nodes, kubeadm, kubernetesVersion }: ClusterSettings,
): readonly Node[] {
  const known = new Set(given.map(({ name }) => name));
  // cmd/kubeadm/app/phases/markcontrolplane: labelsToAdd
  const marks = {
    [CONTROL_PLANE]: '',
    ...(kubeadm === true && isAtLeast(kubernetesVersion, 21) ? { [NO_BALANCER]: '' } : {}),
  };
  const missing = nodes
    .filter(({ name }) => !known.has(name))
    .map((node): Node => {
      const { name, controlPlane, source } = node;
      return {
        kind: 'Node',
        name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          ...(controlPlane ? marks : {}),
        },
        annotations: {},
        ...(source === undefined ? {} : { source }),
        internalIps: nodeAddresses(node).map(({ addr }) => addr),
        podCIDRs: [],
        unschedulable: false,
      };
    });
  return [...given, ...missing];
}

/** Nodes without podCIDRs get those that were derived, where kube-controller-manager would have written them. */
function withRanges(
  nodes: readonly Node[],
  settings: readonly NodeSettings[],
  { cni }: ClusterSettings,
): readonly Node[] {
  if (cni.plugin === 'calico') return nodes;
  const ranges = new Map(settings.map(({ name, blocks }) => [name, blocks ?? []]));
  return nodes.map((node) => (node.podCIDRs.length > 0 ? node : { ...node, podCIDRs: ranges.get(node.name) ?? [] }));
}

/** Whether the Cluster document itself gives the field. */
function isWritten({ source }: ClusterSettings, field: string): boolean {
  let value: unknown = source?.document.value;
  for (const segment of [...(source?.path ?? []), 'spec'])
    value = isPlainObject(value) ? ownField(value, String(segment)) : undefined;
  return isPlainObject(value) && ownField(value, field) !== undefined;
}

/** Two readers of one field may find the same thing wrong. */
function withoutRepeats(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Set<string>();
  return issues.filter(({ message, at }) => {
    const key = `${at?.file}:${at?.line}:${at?.column} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
