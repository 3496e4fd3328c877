/**
 * What host endpoints cannot tell apart: nodes, and ends of connections. What they leave of a connection is the same for all
 * that are alike, so that few judgements stand for all pairs of Pods.
 */
import { ipPools } from '../../cluster/calico-pools.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { nodeAddresses, nodeTunnelAddresses } from '../../cluster/node-networks.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { memoize } from '../../lib/lazy.ts';
import { familyOf } from '../../net/address.ts';
import { contains, network, type Prefix, printPrefix } from '../../net/prefix.ts';
import type { End } from '../end.ts';
import { endsOfDiscovery } from '../hosts/discovery.ts';
import {
  EVERY_DEVICE,
  type GovernedDevice,
  type GovernedDevices,
  HOST_STAGES,
  TUNNELS,
} from '../hosts/governed-devices.ts';
import type { PolicyWorld } from '../judge.ts';
import { missOfTerm } from '../match-end.ts';
import { DIRECTIONS, type EndTerm, type Policy } from '../rule-set.ts';
import { addressAtoms } from './address-atoms.ts';
import { termKey } from './peer-index.ts';
import { FAMILIES, labelsAndPorts, type Slot } from './pod-classes.ts';
import { relevantTo } from './relevant.ts';

export type HostClasses = {
  /** The class of the node with the name. */
  ofNode(name: string | undefined): number;
  /** The class of the ends of a slot and of their nodes. */
  ofSlot(slot: Slot): number;
};

export function hostClasses({ cluster, governed }: PolicyWorld): HostClasses {
  const policies = governingPolicies(governed);
  const lookOf = endLooks(cluster, policies);
  const ofText = numbering<string>();
  const textOfNode = nodeTexts(cluster, governed, lookOf);
  const nodes = new Map(cluster.settings.nodes.map((node) => [node.name, ofText(textOfNode(node))]));
  const elsewhere = ofText('');
  const ofSlot = ({ kind, nodes: ofNodes, as: { source, destination } }: Slot): number => {
    const ends = FAMILIES.flatMap((family) => [source[family], destination[family]]);
    return ofText(JSON.stringify([kind, ofNodes ?? null, ends.map((end) => (end === undefined ? '' : lookOf(end)))]));
  };
  return { ofNode: (name) => (name === undefined ? elsewhere : (nodes.get(name) ?? elsewhere)), ofSlot };
}

/** Every endpoint has its own copy of its profiles. */
function governingPolicies(governed: GovernedDevices): readonly Policy[] {
  const found = new Set<Policy>();
  const profiles = new Map<string, Policy>();
  for (const { tiers, profiles: own } of [...governed.values()].flatMap((devices) => [...devices.values()])) {
    for (const { policies } of HOST_STAGES.flatMap((stage) => tiers[stage]))
      for (const each of policies) found.add(each);
    for (const profile of own.policies) profiles.set(profile.name, profile);
  }
  return [...found, ...profiles.values()];
}

/** What rules for host endpoints see of an end, as a text: which ranges hold it, which terms mean it, its named ports. */
function endLooks(cluster: Cluster, policies: readonly Policy[]): (end: End) => string {
  const relevant = relevantTo(cluster, [{ name: '', order: 0, defaultAction: 'pass', policies }]);
  const atoms = {
    4: addressAtoms(4, relevant.nets, relevant.expected),
    6: addressAtoms(6, relevant.nets, relevant.expected),
  };
  const terms = distinctTerms(policies);
  return memoize((end: End): string => {
    const family = familyOf(end.ip);
    // Of terms of Calico's rules none compares the end with the subject.
    const fitting = terms.flatMap((term, index) => (missOfTerm(cluster, term, end, end) === undefined ? [index] : []));
    // Names of ports are those of a Pod that the selector means by itself, and not by its address.
    const named = end.pod !== undefined && relevant.portNames.size > 0 ? labelsAndPorts(end.pod, relevant) : '';
    return JSON.stringify([family, atoms[family].kindOf(end.ip), fitting, named]);
  });
}

function distinctTerms(policies: readonly Policy[]): readonly EndTerm[] {
  const rules = policies.flatMap((policy) => DIRECTIONS.flatMap((direction) => policy.rules[direction] ?? []));
  const terms = rules.flatMap(({ peers, own }) => [...(peers ?? []), ...(own === undefined ? [] : [own])]);
  return [...new Map(terms.map((term) => [termKey(term, undefined), term])).values()];
}

/**
 * What governs the devices of a node, how its addresses look where it masquerades, builds tunnels or is asked for, and which it
 * takes for near.
 */
function nodeTexts(
  cluster: Cluster,
  governed: GovernedDevices,
  lookOf: (end: End) => string,
): (node: NodeSettings) => string {
  const numberOf = numbering<Policy>();
  const textOfDevice = memoize((device: GovernedDevice | undefined): string => {
    if (device === undefined) return '';
    const { tiers, profiles } = device;
    const stages = HOST_STAGES.map((stage) => tiers[stage].map(({ name, policies }) => [name, policies.map(numberOf)]));
    return JSON.stringify([stages, profiles.policies.map(({ name }) => name)]);
  });
  const networks = comparedNetworks(cluster);
  return (node) => {
    const devices = governed.get(node.name);
    const names = [node.interface, ...Object.values(TUNNELS), LOOPBACK, EVERY_DEVICE];
    const addresses = nodeAddresses(node);
    return JSON.stringify([
      names.map((name) => textOfDevice(devices?.get(name) ?? devices?.get(EVERY_DEVICE))),
      addresses.map(({ addr }) => lookOf({ ip: addr, node: node.name })),
      nodeTunnelAddresses(node).map((ip) => lookOf({ ip, node: node.name })),
      endsOfDiscovery(node).map(lookOf),
      networks.length === 0 ? [] : addresses.map((own) => printPrefix(network(own))),
      addresses.map(({ addr }) => networks.flatMap((range, index) => (contains(range, addr) ? [index] : []))),
    ]);
  };
}

const LOOPBACK = 'lo';

/** Networks of nodes, where a tunnel leads only to addresses outside of them, and those whose addresses IPv6 asks for itself. */
function comparedNetworks(cluster: Cluster): readonly Prefix[] {
  const isNear = ipPools(cluster).some(({ ipip, vxlan }) => ipip === 'CrossSubnet' || vxlan === 'CrossSubnet');
  const networks = cluster.settings.nodes
    .flatMap((node) => nodeAddresses(node).map(network))
    .filter(({ addr }) => isNear || familyOf(addr) === 6);
  return [...new Map(networks.map((range) => [printPrefix(range), range])).values()];
}

/** Numbers from 0 in the order in which they are asked for. */
function numbering<K>(): (key: K) => number {
  let next = 0;
  return memoize((_: K) => next++);
}
