/** Calico in one cluster: what its nodes, Pods and Docker containers get, and what BGP tells whom. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { Pod } from '../../../cluster/objects.ts';
import { parseSelector } from '../../../cluster/policy/selector-parse.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { NetnsSpec } from '../../../kernel/netns-spec.ts';
import { invariant } from '../../../lib/assert.ts';
import { groupBy } from '../../../lib/group-by.ts';
import { memoize } from '../../../lib/lazy.ts';
import type { IpAddr } from '../../../net/address.ts';
import { contains, type Prefix } from '../../../net/prefix.ts';
import type { OriginTable } from '../../origin.ts';
import type { CniPlugin, Note, Parts } from '../../parts.ts';
import { BgpNetwork, type Speaker } from './bgp.ts';
import { type NotLearned, routeLearner, whyNotLearned } from './bgp-routes.ts';
import { allocateBlocks, type Block } from './blocks.ts';
import type { CalicoContext } from './context.ts';
import { policySets, staticSets } from './ipsets.ts';
import { nodeIptables } from './node-iptables.ts';
import { blockRoutes, destinationsOf, programmer } from './node-routes.ts';
import { printNodeStatus } from './node-status.ts';
import { makeOrigins } from './origins.ts';
import { policyRenderer } from './policy-chains.ts';
import { ipPools, poolOf } from './pools.ts';
import { tunnelDevices, vtepEntries } from './tunnel-devices.ts';
import { calicoVersion } from './version.ts';
import { hostDevice, hostDeviceSysctls, workloadNetns, workloadRoutes } from './wiring.ts';
import { isEndpoint, podWorkload, type Workload } from './workload.ts';

export type CalicoInput = {
  readonly cluster: Cluster;
  readonly origins: OriginTable;
  /** Endpoints that are no Pods: Docker containers on a Calico network. */
  readonly containers?: readonly Workload[];
};

/** A route that a router outside learns from the nodes. */
type LearnedRoute = { readonly destination: Prefix; readonly via: IpAddr; readonly node: string };

type MissingRoute = { readonly block: Block; readonly why: NotLearned };

export interface Calico extends CniPlugin {
  /** The network namespace of any endpoint. */
  workload(workload: Workload): NetnsSpec;
  /** What a speaker at this address, outside the cluster, learns by BGP: nothing unless a BGPPeer names it. */
  bgpRoutesFor(address: IpAddr): readonly LearnedRoute[];
  /** Why a node has no route to an address of another node's block; undefined where BGP is not the reason. */
  missingBlockReason(node: string, address: IpAddr): MissingRoute | undefined;
  /** The text of `calicoctl node status` on a node. */
  nodeStatus(node: string): string;
  blocksOf(node: string): readonly Prefix[];
}

export function compileCalico({ cluster, origins, containers = [] }: CalicoInput): Calico {
  const pools = ipPools(cluster);
  const nodes = new Map(cluster.settings.nodes.map((node) => [node.name, node]));
  const nodeOf = (name: string): NodeSettings => {
    const node = nodes.get(name);
    invariant(node !== undefined, `no node ${name}`);
    return node;
  };
  const containersByNode = groupBy(containers, ({ node }) => node);
  const context: CalicoContext = {
    cluster,
    pools,
    version: calicoVersion(cluster.settings.calicoVersion),
    bgp: new BgpNetwork(cluster),
    origins: makeOrigins(cluster, origins, pools),
    blocks: allocateBlocks({
      nodes: cluster.settings.nodes,
      pools,
      holders: function* () {
        for (const pod of cluster.pods) if (isEndpoint(pod)) yield { node: pod.node ?? '', ips: pod.ips };
        yield* containers;
      },
    }),
    workloadsOn: memoize((name: string) => [
      ...cluster.podsOnNode(name).filter(isEndpoint).map(podWorkload),
      ...(containersByNode.get(name) ?? []),
    ]),
  };
  const renderPolicy = policyRenderer(context.version, context.origins);
  const makeSet = policySets(context);

  const compileNode = (name: string): Parts => {
    const node = nodeOf(name);
    const workloads = context.workloadsOn(name);
    const { iptables, sets } = nodeIptables(context, renderPolicy, name);
    return {
      devices: [...tunnelDevices(context, node), ...workloads.map((workload) => hostDevice(context, workload, node))],
      routes: [...workloads.flatMap((workload) => workloadRoutes(context, workload)), ...blockRoutes(context, node)],
      ...vtepEntries(context, node),
      sysctls: Object.assign({ 'net.ipv4.ip_forward': '1' }, ...workloads.map(hostDeviceSysctls)),
      iptables,
      ipsets: [...staticSets(context, node), ...new Set(sets.map(makeSet))],
    };
  };

  return {
    enforcesPolicies: true,
    notes: notesOn(context),
    node: memoize(compileNode),
    pod: (pod: Pod) => workloadNetns(context, podWorkload(pod), nodeOf(pod.node ?? '')),
    workload: (workload) => workloadNetns(context, workload, nodeOf(workload.node)),
    blocksOf: (node) => context.blocks.of(node),
    nodeStatus: (name) => printNodeStatus(context.bgp, nodeOf(name)),
    bgpRoutesFor: (address) => learnedOutside(context, address),
    missingBlockReason: (name, address) => missingBlock(context, nodeOf(name), address),
  };
}

/** Each node's own announcements if it has a session; else those that a node with one has learnt. */
function learnedOutside(context: CalicoContext, address: IpAddr): readonly LearnedRoute[] {
  const { bgp, cluster } = context;
  const router = bgp.outside.find((speaker) => speaker.address === address);
  if (router === undefined) return [];
  const connected = cluster.settings.nodes.filter((node) => bgp.connected({ kind: 'node', node }, router));
  const direct = new Set(connected);
  const learners = connected.map((node) => ({ node, learns: routeLearner(bgp, { kind: 'node', node }) }));
  return cluster.settings.nodes.flatMap((owner) => {
    const next = direct.has(owner) ? owner : learners.find(({ learns }) => learns(owner))?.node;
    if (next === undefined) return [];
    return destinationsOf(context, owner.name).map((destination) => ({
      destination,
      via: next.address.addr,
      node: next.name,
    }));
  });
}

function missingBlock(context: CalicoContext, node: NodeSettings, address: IpAddr): MissingRoute | undefined {
  const { blocks, bgp, cluster, pools, version } = context;
  const block = blocks.containing(address);
  if (block === undefined || block.node === node.name) return undefined;
  if (programmer(poolOf(pools, address), version.minor) === 'felix') return undefined;
  const owner = cluster.settings.nodes.find(({ name }) => name === block.node);
  if (owner === undefined) return undefined;
  const learner: Speaker = { kind: 'node', node };
  return routeLearner(bgp, learner)(owner) ? undefined : { block, why: whyNotLearned(bgp, node, owner) };
}

function notesOn({ cluster, pools, bgp }: CalicoContext): readonly Note[] {
  const notes: Note[] = [];
  const { nodes } = cluster.settings;
  if (nodes.some(({ blocks, podCIDR }) => blocks === undefined && podCIDR === undefined)) {
    notes.push({
      code: 'CALICO_BLOCKS_DERIVED',
      message: 'blocks of nodes without blocks or podCIDR are derived from their Pods and their names',
    });
  }
  for (const { name, podCIDR } of nodes) {
    if (podCIDR === undefined || pools.some(({ cidr }) => contains(cidr, podCIDR.addr))) continue;
    notes.push({ code: 'CALICO_BLOCK_OUTSIDE_POOLS', message: `the block of node ${name} lies in no IP pool` });
  }
  for (const { name, nodeSelector, peerSelector } of cluster.bgpPeers) {
    for (const selector of [nodeSelector, peerSelector]) {
      const parsed = parseSelector(selector ?? '');
      if (parsed.ok) continue;
      const message = `BGPPeer ${name} selects nothing: ${parsed.issues.map((each) => each.message).join('; ')}`;
      notes.push({ code: 'CALICO_INVALID_SELECTOR', message });
    }
  }
  if (bgp.outside.length > 0) {
    notes.push({
      code: 'CALICO_OUTSIDE_PEERS',
      message:
        'BGP speakers outside the cluster are taken to accept the sessions that BGPPeers describe, and to reflect routes inside their AS',
    });
  }
  return notes;
}
