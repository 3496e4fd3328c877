/** Random clusters with policies of every API as scenarios: who asks whom, and what the policies alone say about it. */
import { invariant } from '../../../src/lib/assert.ts';
import { type Family, familyOf, printIp } from '../../../src/net/address.ts';
import { intersect, isEmpty, only } from '../../../src/policy/connection-set.ts';
import { judgeConnection, policyWorld } from '../../../src/policy/judge.ts';
import { meet } from '../../../src/query/policy/policy-ends.ts';
import { type Apis, generateCluster, type Network } from '../../policy/generate.ts';
import { OF_HOSTS, OF_PODS, someToDiscovery, someToIpv6, someToManyAddresses } from '../../policy/two-families.ts';
import { type LoadedCluster, loadCluster } from './load-cluster.ts';
import { mayBeJudged, type Place, placesOf } from './policy-places.ts';
import { Random } from './random.ts';
import type { ProbeText, Scenario } from './scenario.ts';

/** One probe of the scenario, between two ends as policies know them. */
export type PolicyProbe = {
  readonly probe: ProbeText;
  readonly text: string;
  readonly allowed: boolean;
  /** What the policies of Pods let pass host endpoints do not. */
  readonly stoppedByHosts?: boolean;
};

export type PolicyScenario = { readonly scenario: Scenario; readonly asked: readonly PolicyProbe[] };

type Transport = readonly ['tcp', 'TCP', number] | readonly ['udp', 'UDP', number];

/** What random clusters are made of, and what is asked of them. */
type Batch = {
  readonly salt: number;
  readonly apis: readonly [Apis, ...Apis[]];
  readonly packets: readonly Transport[];
  /** How many clusters have both families. */
  readonly dualStack: number;
  /** What some of their documents say instead. */
  twoFamilies(random: Random, documents: readonly object[]): readonly object[];
};

export type BatchName = 'policies' | 'host-endpoints' | 'neighbours';

const PACKETS: readonly Transport[] = [
  ['tcp', 'TCP', 80],
  ['tcp', 'TCP', 8080],
  ['tcp', 'TCP', 8500],
  ['udp', 'UDP', 53],
];
/** Echo requests. */
const PINGS = { 4: ['icmp', 'ICMP', 8], 6: ['icmp', 'ICMPv6', 128] } as const;

const HOST_APIS: Batch['apis'] = [
  { admin: false, calico: false, hosts: true },
  { admin: false, calico: true, hosts: true },
  { admin: true, calico: true, hosts: true },
];
/** A failsafe port, where none are configured. */
const HOST_PACKETS: readonly Transport[] = [...PACKETS, ['tcp', 'TCP', 22]];

const BATCHES: Readonly<Record<BatchName, Batch>> = {
  policies: {
    salt: 0x9011c4,
    apis: [
      { admin: true, calico: true },
      { admin: false, calico: true },
      { admin: true, calico: false },
      { admin: false, calico: false },
    ],
    packets: PACKETS,
    dualStack: 0.35,
    twoFamilies: (random, documents) => someToIpv6(random, documents, OF_PODS),
  },
  'host-endpoints': {
    salt: 0x4e9d05,
    ...{ apis: HOST_APIS, packets: HOST_PACKETS, dualStack: 0.35 },
    twoFamilies: (random, documents) => someToIpv6(random, documents, OF_HOSTS),
  },
  neighbours: {
    salt: 0x135136,
    ...{ apis: HOST_APIS, packets: HOST_PACKETS, dualStack: 1 },
    twoFamilies: (random, documents) => someToManyAddresses(random, someToDiscovery(random, documents)),
  },
};

/** Failsafe ports that a machine may lead out from or into: raw takes what comes from there for an answer. Nobody is asked on them. */
const ANSWERING: readonly Transport[] = [
  ...[179, 2380, 5473, 6443, 6666, 6667].map((port) => ['tcp', 'TCP', port] as const),
  ...[67, 68].map((port) => ['udp', 'UDP', port] as const),
];

type Packet = Transport | (typeof PINGS)[Family];

type Question = {
  readonly from: Place;
  readonly to: Place;
  readonly protocol: ProbeText['protocol'];
  readonly port: number;
  /** Any, if undefined. */
  readonly sourcePort?: number;
  readonly allowed: boolean;
  readonly stoppedByHosts: boolean;
};

export function generatePolicyScenario(seed: number, probes: number, name: BatchName = 'policies'): PolicyScenario {
  const batch = BATCHES[name];
  const random = new Random(seed ^ batch.salt);
  const network: Network = {
    nodes: random.weighted([1, () => 1], [3, () => 2]),
    pods: [4, 8],
    encapsulation: random.pick(['none', 'vxlan', 'vxlan-cross-subnet']),
    natOutgoing: random.chance(0.4),
    dualStack: random.chance(batch.dualStack),
  };
  const made = generateCluster(random, random.pick(batch.apis), network);
  const documents = network.dualStack ? batch.twoFamilies(random, made) : made;
  const texts = documents.map((document) => `---\n${JSON.stringify(document)}\n`);
  const files = [{ file: 'cluster.yaml', text: texts.join('') }];
  const asked = askAll(random, loadCluster(files), probes, name, network);
  const scenario = { name: `${name}-${seed}`, seed, machines: [], files, probes: asked.map(({ probe }) => probe) };
  return { scenario, asked };
}

function askAll(
  random: Random,
  loaded: LoadedCluster,
  count: number,
  batch: BatchName,
  { natOutgoing }: Network,
): readonly PolicyProbe[] {
  const world = policyWorld(loaded.cluster);
  const places = placesOf(loaded);
  const hosts = batch !== 'policies';
  const pairs = places.flatMap((from) =>
    places.filter((to) => mayBeJudged(from, to, hosts)).map((to) => [from, to] as const),
  );
  const ask = (from: Place, to: Place, packet: Packet, sourcePort?: number): Question => {
    const [protocol, lane, port] = packet;
    const ends = meet(loaded, from.end, to.end, undefined);
    invariant(ends !== undefined, 'both ends are of one family');
    const number = protocol === 'icmp' ? port * 256 : port;
    const asked = only(lane, [{ first: number, last: number }]);
    const judged = judgeConnection(world, ends.source, ends.destination, asked, sourcePort);
    const allowed = !isEmpty(judged.allowed);
    const stoppedByHosts = !allowed && !isEmpty(intersect(judged.egress.allowed, judged.ingress.allowed));
    return {
      ...{ from, to, protocol, port: protocol === 'icmp' ? 0 : port, allowed, stoppedByHosts },
      ...(sourcePort === undefined ? {} : { sourcePort }),
    };
  };
  const questions = pairs.flatMap(([from, to]) =>
    [...BATCHES[batch].packets, PINGS[familyOf(to.address)]].map((packet) => ask(from, to, packet)),
  );
  // What masquerading makes of the port is drawn (src/policy/hosts/README.md).
  const answering = hosts && !natOutgoing ? ANSWERING : [];
  const special = answering.flatMap(([protocol, , port]) => {
    const [from, to] = random.pick(pairs) ?? [];
    if (from === undefined || to === undefined) return [];
    return [ask(from, to, protocol === 'tcp' ? [protocol, 'TCP', 80] : [protocol, 'UDP', 53], port)];
  });
  const chosen = [...special, ...balanced(random, questions, count - special.length)];
  return chosen.map(({ from, to, protocol, port, sourcePort, allowed, stoppedByHosts }, index) => ({
    text: `${from.end.name} -> ${to.end.name} ${protocol} ${port}`,
    allowed,
    stoppedByHosts,
    probe: {
      ...{ machine: from.machine, protocol, destination: printIp(to.address), dport: port },
      sport: sourcePort ?? 20_000 + index,
      ...(from.source === undefined ? {} : { source: from.source }),
    },
  }));
}

/** Half of them denied, as far as there are so many: most clusters allow most connections. */
function balanced(random: Random, questions: readonly Question[], count: number): readonly Question[] {
  const mixed = shuffled(random, questions);
  const denied = mixed.filter(({ allowed }) => !allowed);
  const allowed = mixed.filter((question) => question.allowed);
  const few = denied.slice(0, Math.max(Math.ceil(count / 2), count - allowed.length));
  return shuffled(random, [...few, ...allowed.slice(0, count - few.length)]);
}

/** Fisher and Yates. */
function shuffled<T>(random: Random, values: readonly T[]): readonly T[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = random.int(0, last);
    const [a, b] = [mixed[last], mixed[other]];
    if (a === undefined || b === undefined) continue;
    mixed[last] = b;
    mixed[other] = a;
  }
  return mixed;
}
