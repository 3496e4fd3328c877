/** What the policies of a cluster look at: whatever differs in nothing of it is the same to all of them. */
import { ipPools } from '../../cluster/calico-pools.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { failsafesOf } from '../../cluster/failsafe-ports.ts';
import { nodeAddress } from '../../cluster/node-networks.ts';
import type { LabelSelector } from '../../cluster/objects.ts';
import type { HostEndpoint } from '../../cluster/policy/calico-policy.ts';
import { printSelector, type Selector, selects } from '../../cluster/policy/selector.ts';
import { memoize } from '../../lib/lazy.ts';
import type { IpAddr } from '../../net/address.ts';
import { hostPrefix, network, type Prefix } from '../../net/prefix.ts';
import {
  ALL_CONNECTIONS,
  type ConnectionSet,
  intersect,
  isEmpty,
  PORT_CONNECTIONS,
  subtract,
} from '../connection-set.ts';
import { hostEndpointLabels, SERVICE_ACCOUNT_LABEL } from '../endpoint-labels.ts';
import { fromCalicoRules } from '../from-calico-policy.ts';
import { hostEndpointsAt } from '../match-end.ts';
import {
  DIRECTIONS,
  type EndTerm,
  type PolicyRule,
  type PolicySubject,
  type PolicyTier,
  type TrafficTerm,
} from '../rule-set.ts';

export type Relevant = {
  readonly labelKeys: ReadonlySet<string>;
  readonly portNames: ReadonlySet<string>;
  readonly nets: readonly Prefix[];
  /** Addresses that host endpoints expect, with what the rules see of these: those with one text are alike. */
  readonly expected: ReadonlyMap<IpAddr, string>;
  readonly serviceAccounts: boolean;
  /** A rule tells protocols other than TCP, UDP and SCTP apart. */
  readonly otherProtocols: boolean;
};

export function relevantTo(cluster: Cluster, tiers: readonly PolicyTier[]): Relevant {
  const collector = new Collector(cluster);
  for (const { policies } of tiers) {
    for (const { subject, rules } of policies) {
      collector.subject(subject);
      for (const rule of [...(rules.ingress ?? []), ...(rules.egress ?? [])]) collector.rule(rule);
    }
  }
  if (cluster.hostEndpoints.length > 0) {
    for (const profile of cluster.profiles) {
      for (const direction of DIRECTIONS) {
        for (const rule of fromCalicoRules(profile[direction], direction, undefined)) collector.rule(rule);
      }
    }
  }
  return { ...collector.relevant, expected: expectedAddresses(cluster, collector) };
}

/**
 * What host endpoints tell addresses apart by: failsafe ports are open to ranges, pools have tunnels and natOutgoing, and a
 * node asks IPv6 neighbours for their addresses, and for others the gateway for its own.
 */
function netsOnTheWay(cluster: Cluster): readonly Prefix[] {
  if (cluster.hostEndpoints.length === 0) return [];
  const { inbound, outbound } = failsafesOf(cluster.felixConfiguration);
  return [
    ...[...inbound, ...outbound].flatMap(({ net }) => net ?? []),
    ...ipPools(cluster).map(({ cidr }) => cidr),
    ...cluster.settings.nodes.flatMap((node) => nodeAddress(node, 6) ?? []).map(network),
  ];
}

/** Labels are seen through selectors only: the name of its node makes no endpoint another one. */
function expectedAddresses(cluster: Cluster, { selectors, relevant }: Collector): ReadonlyMap<IpAddr, string> {
  const textOf = memoize((endpoint: HostEndpoint): string => {
    const labels = hostEndpointLabels(cluster, endpoint);
    const fitting = [...selectors].filter(([, selector]) => selects(selector, labels)).map(([text]) => text);
    const ports = endpoint.ports.filter(({ name }) => relevant.portNames.has(name));
    return JSON.stringify([fitting, ports]);
  });
  const ips = new Set(cluster.hostEndpoints.flatMap(({ expectedIps }) => expectedIps));
  return new Map([...ips].map((ip) => [ip, hostEndpointsAt(cluster, ip).map(textOf).join()]));
}

const OTHER = subtract(ALL_CONNECTIONS, PORT_CONNECTIONS);

class Collector {
  readonly relevant: {
    readonly labelKeys: Set<string>;
    readonly portNames: Set<string>;
    readonly nets: Prefix[];
    serviceAccounts: boolean;
    otherProtocols: boolean;
  };
  /** Of rules, by their texts. */
  readonly selectors = new Map<string, Selector>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.relevant = {
      ...{ labelKeys: new Set(), portNames: new Set(), serviceAccounts: false, otherProtocols: false },
      nets: [...cluster.networkSets.flatMap(({ nets }) => nets), ...netsOnTheWay(cluster)],
    };
  }

  subject(subject: PolicySubject): void {
    if (subject.kind === 'pods') this.#labels(subject.pods);
    else for (const { selector } of subject.selectors) this.#selector(selector);
  }

  rule({ peers, own, traffic }: PolicyRule): void {
    for (const term of [...(peers ?? []), ...(own === undefined ? [] : [own])]) this.term(term);
    for (const each of traffic ?? []) this.traffic(each);
  }

  term(term: EndTerm): void {
    const { nets } = this.relevant;
    if (term.kind === 'pods') this.#labels(term.pods);
    if (term.kind === 'nets') nets.push(...term.nets, ...term.except);
    if (term.kind !== 'entity') return;
    nets.push(...term.nets, ...term.notNets);
    for (const part of [term.selector, term.notSelector]) {
      if (part === undefined) continue;
      this.selectors.set(printSelector(part.selector), part.selector);
      this.#selector(part.selector);
    }
    if (term.service === undefined) return;
    const service = this.#cluster.service(term.service.namespace, term.service.name);
    for (const { endpoints } of service === undefined ? [] : this.#cluster.slicesOf(service))
      nets.push(...endpoints.map(({ ip }) => hostPrefix(ip)));
  }

  traffic({ connections, ports, notPorts, sourcePorts, notSourcePorts }: TrafficTerm): void {
    this.relevant.otherProtocols ||= tellsOthersApart(connections);
    for (const port of [...ports, ...notPorts, ...sourcePorts, ...notSourcePorts]) {
      if (port.kind === 'named') this.relevant.portNames.add(port.name);
    }
  }

  #labels(selector: LabelSelector | undefined): void {
    for (const key of Object.keys(selector?.matchLabels ?? {})) this.relevant.labelKeys.add(key);
    for (const { key } of selector?.matchExpressions ?? []) this.relevant.labelKeys.add(key);
  }

  /** A Pod may have any label as its own, also one that it would inherit otherwise. */
  #selector(selector: Selector): void {
    if ('operand' in selector) this.#selector(selector.operand);
    if ('operands' in selector) for (const operand of selector.operands) this.#selector(operand);
    if (!('label' in selector)) return;
    const { label } = selector;
    this.relevant.labelKeys.add(label);
    this.relevant.serviceAccounts ||= label === SERVICE_ACCOUNT_LABEL || label.startsWith('pcsa.');
  }
}

/** Of the protocols without ports it has some and not all, or it has all of them and lacks a whole protocol with ports. */
function tellsOthersApart(connections: ConnectionSet): boolean {
  const others = intersect(connections, OTHER);
  return !isEmpty(others) && !isEmpty(subtract(ALL_CONNECTIONS, connections));
}
