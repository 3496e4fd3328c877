/** Calico in one cluster: what its nodes, Pods and Docker containers get, and what BGP tells whom. */

import { ipPools, ofFamily, poolOf } from '../../../cluster/calico-pools.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { nodeOfFamily } from '../../../cluster/node-networks.ts';
import type { Pod } from '../../../cluster/objects.ts';
import { parseSelector } from '../../../cluster/policy/selector-parse.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { NetnsSpec } from '../../../kernel/netns-spec.ts';
import { invariant } from '../../../lib/assert.ts';
import { groupBy } from '../../../lib/group-by.ts';
import { type Lazy, memoize } from '../../../lib/lazy.ts';
import { type Family, familyOf, type IpAddr } from '../../../net/address.ts';
import { contains, type Prefix } from '../../../net/prefix.ts';
import type { OriginTable } from '../../origin.ts';
import type { CniPlugin, Note, Parts } from '../../parts.ts';
import { BgpNetwork, type Speaker } from './bgp.ts';
import { type NotLearned, routeLearner, whyNotLearned } from './bgp-routes.ts';
import { allocateBlocks, type Block } from './blocks.ts';
import type { CalicoContext } from './context.ts';
import { policySets, staticSets } from './ipsets.ts';
import { type NodeIptables, nodeIptables, type PolicyRenderers } from './node-iptables.ts';
import { blockRoutes, destinationsOf, programmer } from './node-routes.ts';
import { printNodeStatus } from './node-status.ts';
import { makeOrigins } from './origins.ts';
import { policyRenderer } from './policy-chains.ts';
import { policyNotes } from './policy-notes.ts';
import { renderContext, staticInput } from './static.ts';
import { tunnelDevices, vtepEntries } from './tunnel-devices.ts';
import { calicoVersion } from './version.ts';
import { hostDevice, hostDeviceSysctls, workloadNetns, workloadRoutes } from './wiring.ts';
import { isEndpoint, podWorkload, type Workload } from './workload.ts';

export type CalicoInput = {
  readonly cluster: Cluster;
  readonly origins: OriginTable;
  /** Endpoints that are no Pods: Docker containers on a Calico network. */
  readonly containers?: readonly Workload[];
  /** FelixConfiguration's ipv6Support, where it is set whatever pools there are. */
  readonly ipv6Support?: boolean;
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

export function compileCalico({ cluster, origins, containers = [], ipv6Support = false }: CalicoInput): Calico {
  const allPools = ipPools(cluster);
  const nodes = new Map(cluster.settings.nodes.map((node) => [node.name, node]));
  const nodeOf = (name: string): NodeSettings => {
    const node = nodes.get(name);
    invariant(node !== undefined, `no node ${name}`);
    return node;
  };
  const containersByNode = groupBy(containers, ({ node }) => node);
  const others = new Map<string, Lazy<readonly IpAddr[]>>();
  const shared = {
    cluster,
    allPools,
    version: calicoVersion(cluster.settings.calicoVersion),
    origins: makeOrigins(cluster, origins, allPools),
    othersOn: (name: string) => others.get(name)?.() ?? [],
    workloadsOn: memoize((name: string) => [
      ...cluster.podsOnNode(name).filter(isEndpoint).map(podWorkload),
      ...(containersByNode.get(name) ?? []),
    ]),
  };
  const holders = [...cluster.pods.filter(isEndpoint).map(({ node = '', ips }) => ({ node, ips })), ...containers];
  const half = (family: Family): Half => {
    const pools = ofFamily(allPools, family);
    const own = cluster.settings.nodes.flatMap((node) => nodeOfFamily(node, family) ?? []);
    const byName = new Map(own.map((node) => [node.name, node]));
    const blocks = allocateBlocks({
      family,
      nodes: own,
      pools,
      holders,
    });
    const bgp = new BgpNetwork(cluster, own, family);
    const context: CalicoContext = { ...shared, family, pools, nodes: own, blocks, bgp };
    return {
      context,
      nodeOf: (name) => byName.get(name),
      rulesOf: nodeIptables(context, policyRenderers(context)),
      makeSet: policySets(context),
    };
  };
  const version4 = half(4);
  // FelixConfiguration's ipv6Support, which an installation turns on when there is an IPv6 pool.
  const version6 = ipv6Support || ofFamily(allPools, 6).length > 0 ? half(6) : undefined;
  const { context } = version4;
  const halfOf = (address: IpAddr): Half | undefined => (familyOf(address) === 4 ? version4 : version6);

  const compileNode = memoize((name: string): Parts => {
    const node = nodeOf(name);
    const workloads = context.workloadsOn(name);
    const shares = [version4, ...(version6 === undefined ? [] : [version6])].map((each) => halfOfNode(each, name));
    const [share4, share6] = shares;
    return {
      devices: [
        ...shares.flatMap(({ devices }) => devices),
        ...workloads.map((workload) => hostDevice(context, workload, node)),
      ],
      routes: shares.flatMap(({ routes }) => routes),
      neighbours: shares.flatMap(({ neighbours }) => neighbours),
      fdb: shares.flatMap(({ fdb }) => fdb),
      sysctls: Object.assign(
        { 'net.ipv4.ip_forward': '1' },
        version6 === undefined ? {} : { 'net.ipv6.conf.all.forwarding': '1' },
        ...workloads.map(hostDeviceSysctls),
      ),
      ...(share4 === undefined ? {} : { iptables: share4.rules }),
      ...(share6 === undefined ? {} : { ip6tables: share6.rules }),
      ipsets: shares.flatMap(({ ipsets }) => ipsets),
    };
  });

  return {
    enforcesPolicies: true,
    notes: [...notesOn(context), ...policyNotes(cluster, context.version)],
    node: (name, addresses) => {
      if (addresses !== undefined) others.set(name, addresses);
      return compileNode(name);
    },
    pod: (pod: Pod) => workloadNetns(context, podWorkload(pod), nodeOf(pod.node ?? '')),
    workload: (workload) => workloadNetns(context, workload, nodeOf(workload.node)),
    blocksOf: (node) => [...context.blocks.of(node), ...(version6?.context.blocks.of(node) ?? [])],
    nodeStatus: (name) => printNodeStatus(statusSide(version4, name), version6 && statusSide(version6, name)),
    bgpRoutesFor: (address) => {
      const found = halfOf(address);
      return found === undefined ? [] : learnedOutside(found.context, address);
    },
    missingBlockReason: (name, address) => {
      const found = halfOf(address);
      const node = found?.nodeOf(name);
      return found === undefined || node === undefined ? undefined : missingBlock(found.context, node, address);
    },
  };
}

/** One family's side of the cluster. */
type Half = {
  readonly context: CalicoContext;
  /** The node as the family sees it; undefined where it has no address of the family. */
  readonly nodeOf: (name: string) => NodeSettings | undefined;
  readonly rulesOf: (node: string) => NodeIptables;
  readonly makeSet: ReturnType<typeof policySets>;
};

function statusSide({ context, nodeOf }: Half, name: string): Parameters<typeof printNodeStatus>[0] {
  return { bgp: context.bgp, node: nodeOf(name) };
}

function policyRenderers(context: CalicoContext): PolicyRenderers {
  const { version, origins } = context;
  const input = staticInput(context);
  return {
    filter: policyRenderer(version, origins, renderContext(input)),
    others: policyRenderer(version, origins, renderContext(input, 'raw')),
  };
}

/** One family's share of a node. Felix writes the chains of every endpoint in both, whatever addresses it has. */
function halfOfNode({ context, nodeOf, rulesOf, makeSet }: Half, name: string) {
  const node = nodeOf(name);
  const workloads = context.workloadsOn(name);
  const { iptables, sets } = rulesOf(name);
  const entries = node === undefined ? { neighbours: [], fdb: [] } : vtepEntries(context, node);
  return {
    ...entries,
    devices: node === undefined ? [] : tunnelDevices(context, node),
    routes: [
      ...workloads.flatMap((workload) => workloadRoutes(context, workload)),
      ...(node === undefined ? [] : blockRoutes(context, node)),
    ],
    rules: iptables,
    ipsets: [...staticSets(context, name), ...new Set(sets.map(makeSet))],
  };
}

/** Each node's own announcements if it has a session; else those that a node with one has learnt. */
function learnedOutside(context: CalicoContext, address: IpAddr): readonly LearnedRoute[] {
  const { bgp, nodes } = context;
  const router = bgp.outside.find((speaker) => speaker.address === address);
  if (router === undefined) return [];
  const connected = nodes.filter((node) => bgp.connected({ kind: 'node', node }, router));
  const direct = new Set(connected);
  const learners = connected.map((node) => ({ node, learns: routeLearner(bgp, { kind: 'node', node }) }));
  return nodes.flatMap((owner) => {
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
  const { blocks, bgp, nodes, pools, version } = context;
  const block = blocks.containing(address);
  if (block === undefined || block.node === node.name) return undefined;
  if (programmer(poolOf(pools, address), version.minor) === 'felix') return undefined;
  const owner = nodes.find(({ name }) => name === block.node);
  if (owner === undefined) return undefined;
  const learner: Speaker = { kind: 'node', node };
  return routeLearner(bgp, learner)(owner) ? undefined : { block, why: whyNotLearned(bgp, node, owner) };
}

function notesOn({ cluster, allPools: pools, bgp }: CalicoContext): readonly Note[] {
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
