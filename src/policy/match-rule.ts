/** What a rule matches between two ends: the connections, or why there are none. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Protocol } from '../cluster/objects.ts';
import type { HostEndpoint } from '../cluster/policy/calico-policy.ts';
import { selects } from '../cluster/policy/selector.ts';
import { familyOf } from '../net/address.ts';
import { inPortRange, type PortRange } from '../net/port-range.ts';
import {
  ALL_CONNECTIONS,
  type ConnectionSet,
  intersect,
  NO_CONNECTIONS,
  only,
  subtract,
  unite,
} from './connection-set.ts';
import type { End } from './end.ts';
import { hostEndpointLabels, podLabels } from './endpoint-labels.ts';
import { type EndMiss, hostEndpointsAt, meansHosts, missOfTerm } from './match-end.ts';
import type { Direction, EndTerm, PolicyRule, PortTerm, TrafficTerm } from './rule-set.ts';

/** The port that the client takes: rules about source ports are judged by it. */
export const CLIENT_PORT = 40000;

export type RuleMatch = {
  /** Empty where an end does not fit. */
  readonly connections: ConnectionSet;
  readonly misses: readonly RuleMiss[];
};

export type RuleMiss =
  | { readonly kind: 'family'; readonly wanted: 4 | 6 }
  /** One for each peer of the rule. */
  | { readonly kind: 'peer' | 'own'; readonly miss: EndMiss }
  /** Named ports that the destination does not have. */
  | { readonly kind: 'unresolved-port'; readonly names: readonly string[] };

export type Ends = { readonly subject: End; readonly peer: End; readonly sourcePort?: number };

export function matchRule(cluster: Cluster, rule: PolicyRule, direction: Direction, ends: Ends): RuleMatch {
  const { subject, peer } = ends;
  if (rule.family !== undefined && rule.family !== familyOf(peer.ip)) {
    return { connections: NO_CONNECTIONS, misses: [{ kind: 'family', wanted: rule.family }] };
  }
  const own = rule.own === undefined ? undefined : missOfTerm(cluster, rule.own, subject, subject);
  if (own !== undefined) return { connections: NO_CONNECTIONS, misses: [{ kind: 'own', miss: own }] };
  const peers = matchPeers(cluster, rule, ends);
  if (peers.length > 0) return { connections: NO_CONNECTIONS, misses: peers };
  const connections = trafficOfRule(cluster, rule, direction, ends);
  const [terms, destination] = direction === 'ingress' ? [ownTerms(rule), subject] : [rule.peers ?? [], peer];
  const names = unresolvedNames(rule, {
    ...destination,
    hostPorts: withPortNames(cluster, terms, destination, subject).hostPorts ?? [],
  });
  return { connections, misses: names.length === 0 ? [] : [{ kind: 'unresolved-port', names }] };
}

/** The connections that the rule is for, between ends that fit. */
export function trafficOfRule(cluster: Cluster, rule: PolicyRule, direction: Direction, ends: Ends): ConnectionSet {
  const subject = withPortNames(cluster, ownTerms(rule), ends.subject, ends.subject);
  const peer = withPortNames(cluster, rule.peers ?? [], ends.peer, ends.subject);
  const [source, destination] = direction === 'ingress' ? [peer, subject] : [subject, peer];
  const traffic = trafficBetween(rule, source, destination, ends.sourcePort);
  return intersect(traffic, portsOfServices(cluster, rule, direction, destination));
}

/**
 * Names of ports are those of endpoints that the selector selects by themselves: an address that a network set brings in has
 * none (felix/calc/rule_scanner.go makes one set of the selector and the name).
 */
function withPortNames(cluster: Cluster, terms: readonly EndTerm[], end: End, subject: End): End {
  const [term] = terms;
  const selector = term?.kind === 'entity' ? term.selector?.selector : undefined;
  const { ip, pod } = end;
  const hostPorts = hostEndpointsAt(cluster, ip)
    .filter((endpoint) => terms.length === 0 || terms.some((each) => hasNamesOf(cluster, each, endpoint, end, subject)))
    .flatMap(({ ports }) => ports);
  const named =
    selector === undefined || pod === undefined || selects(selector, podLabels(cluster, pod)) ? end : { ip };
  return hostPorts.length === 0 ? named : { ...named, hostPorts };
}

/** Kubernetes' selectors mean no host endpoints, also where one expects the address of a Pod; a range names everybody. */
function hasNamesOf(cluster: Cluster, term: EndTerm, endpoint: HostEndpoint, end: End, subject: End): boolean {
  if (term.kind === 'entity')
    return term.selector === undefined || selects(term.selector.selector, hostEndpointLabels(cluster, endpoint));
  if (missOfTerm(cluster, term, end, subject) !== undefined) return false;
  return term.kind !== 'pods' || meansHosts(term);
}

function ownTerms({ own }: PolicyRule): readonly EndTerm[] {
  return own === undefined ? [] : [own];
}

/** Whether the traffic of the rule is the same whoever the peer is: no name of a port, no Service of the peer matters. */
export function isPeerNeutral(rule: PolicyRule, direction: Direction): boolean {
  const isNamed = ({ kind }: PortTerm): boolean => kind === 'named';
  const ofPeer = ({ ports, notPorts, sourcePorts, notSourcePorts }: TrafficTerm): readonly PortTerm[] =>
    direction === 'ingress' ? [...sourcePorts, ...notSourcePorts] : [...ports, ...notPorts];
  const hasService = (rule.peers ?? []).some((term) => term.kind === 'entity' && term.service !== undefined);
  if (direction === 'egress' && hasService) return false;
  return !(rule.traffic ?? []).some((traffic) => ofPeer(traffic).some(isNamed));
}

/** Nothing where one of the peers fits, or where the rule has none. */
function matchPeers(cluster: Cluster, { peers }: PolicyRule, { subject, peer }: Ends): readonly RuleMiss[] {
  const misses: RuleMiss[] = [];
  for (const term of peers ?? []) {
    const miss = missOfTerm(cluster, term, peer, subject);
    if (miss === undefined) return [];
    misses.push({ kind: 'peer', miss });
  }
  return misses;
}

/** The connections of all traffic terms, with named ports as the destination has them. */
export function trafficBetween(
  rule: PolicyRule,
  source: End,
  destination: End,
  sourcePort: number = CLIENT_PORT,
): ConnectionSet {
  if (rule.traffic === undefined) return ALL_CONNECTIONS;
  return rule.traffic
    .map((term) => (isFromPort(term, source, sourcePort) ? trafficTo(term, destination) : NO_CONNECTIONS))
    .reduce(unite, NO_CONNECTIONS);
}

function trafficTo({ connections, ports, notPorts }: TrafficTerm, destination: End): ConnectionSet {
  const wanted = ports.length === 0 ? connections : intersect(connections, portsOf(ports, destination));
  return notPorts.length === 0 ? wanted : subtract(wanted, portsOf(notPorts, destination));
}

function portsOf(ports: readonly PortTerm[], destination: End): ConnectionSet {
  return ports
    .map((port) => (port.kind === 'range' ? onPorts(port.range) : namedPort(port.name, destination)))
    .reduce(unite, NO_CONNECTIONS);
}

function onPorts(range: PortRange): ConnectionSet {
  const [TCP, UDP, SCTP] = (['TCP', 'UDP', 'SCTP'] as const).map((protocol) => only(protocol, [range]));
  return [TCP, UDP, SCTP].reduce<ConnectionSet>(
    (all, one) => (one === undefined ? all : unite(all, one)),
    NO_CONNECTIONS,
  );
}

/** The container ports, and those of host endpoints, of that name. */
function namedPort(name: string, end: End): ConnectionSet {
  return portsCalled(name, end)
    .map(({ lane, port }) => only(lane, [{ first: port, last: port }]))
    .reduce(unite, NO_CONNECTIONS);
}

type LanePort = { readonly lane: Protocol; readonly port: number };

function portsCalled(name: string, { pod, hostPorts = [] }: End): readonly LanePort[] {
  const own = (pod?.ports ?? []).filter((each) => each.name === name);
  const ofHosts = hostPorts.filter((each) => each.name === name);
  return [
    ...own.map(({ protocol, port }) => ({ lane: protocol, port })),
    ...ofHosts.flatMap(({ protocol, port }) => {
      const lane = LANES_OF_NUMBERS.get(protocol.number);
      return lane === undefined ? [] : [{ lane, port }];
    }),
  ];
}

const LANES_OF_NUMBERS: ReadonlyMap<number, Protocol> = new Map([
  [6, 'TCP'],
  [17, 'UDP'],
  [132, 'SCTP'],
]);

function isFromPort({ sourcePorts, notSourcePorts }: TrafficTerm, source: End, port: number): boolean {
  const has = (term: PortTerm): boolean =>
    term.kind === 'range'
      ? inPortRange(term.range, port)
      : portsCalled(term.name, source).some((each) => each.port === port);
  return (sourcePorts.length === 0 || sourcePorts.some(has)) && !notSourcePorts.some(has);
}

/** A Service as a destination means its endpoints with their ports. */
function portsOfServices(cluster: Cluster, rule: PolicyRule, direction: Direction, destination: End): ConnectionSet {
  const terms: readonly EndTerm[] =
    direction === 'egress' ? (rule.peers ?? []) : rule.own === undefined ? [] : [rule.own];
  return terms
    .flatMap((term) => (term.kind === 'entity' && term.service !== undefined ? [term.service] : []))
    .map(({ namespace, name }) => portsOfService(cluster, namespace, name, destination))
    .reduce(intersect, ALL_CONNECTIONS);
}

function portsOfService(cluster: Cluster, namespace: string, name: string, destination: End): ConnectionSet {
  const service = cluster.service(namespace, name);
  if (service === undefined) return NO_CONNECTIONS;
  return cluster
    .slicesOf(service)
    .filter(({ endpoints }) => endpoints.some(({ ip }) => ip === destination.ip))
    .flatMap(({ ports }) => ports)
    .map(({ protocol, port }) => (port === undefined ? NO_CONNECTIONS : only(protocol, [{ first: port, last: port }])))
    .reduce(unite, NO_CONNECTIONS);
}

/** Names of ports that the destination does not have for the protocol they are wanted of. */
export function unresolvedNames({ traffic }: PolicyRule, destination: End): readonly string[] {
  const names = (traffic ?? []).flatMap(({ ports, connections }) =>
    ports.flatMap((port) =>
      port.kind === 'named' && !hasPort(port.name, connections, destination) ? [port.name] : [],
    ),
  );
  return [...new Set(names)];
}

function hasPort(name: string, connections: ConnectionSet, end: End): boolean {
  return portsCalled(name, end).some(({ lane }) => connections[lane].length > 0);
}
