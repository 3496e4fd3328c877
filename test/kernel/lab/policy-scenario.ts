/** Random clusters with policies of every API as scenarios: who asks whom, and what the policies alone say about it. */
import { invariant } from '../../../src/lib/assert.ts';
import { type Family, familyOf, type IpAddr, printIp } from '../../../src/net/address.ts';
import { isEmpty, only } from '../../../src/policy/connection-set.ts';
import { judgeConnection, policyWorld } from '../../../src/policy/judge.ts';
import { meet, type NamedEnd } from '../../../src/query/policy/policy-ends.ts';
import { podMachine } from '../../../src/topology/world/inventory.ts';
import { type Apis, generateCluster, type Network } from '../../policy/generate.ts';
import { type LoadedCluster, loadCluster } from './load-cluster.ts';
import { policyToIpv6 } from './policy-ipv6.ts';
import { Random } from './random.ts';
import type { ProbeText, Scenario } from './scenario.ts';

/** One probe of the scenario, between two ends as policies know them. */
export type PolicyProbe = { readonly probe: ProbeText; readonly text: string; readonly allowed: boolean };

export type PolicyScenario = { readonly scenario: Scenario; readonly asked: readonly PolicyProbe[] };

const APIS: readonly [Apis, ...Apis[]] = [
  { admin: true, calico: true },
  { admin: false, calico: true },
  { admin: true, calico: false },
  { admin: false, calico: false },
];

const PACKETS = [
  ['tcp', 'TCP', 80],
  ['tcp', 'TCP', 8080],
  ['tcp', 'TCP', 8500],
  ['udp', 'UDP', 53],
] as const;
/** Echo requests. */
const PINGS = { 4: ['icmp', 'ICMP', 8], 6: ['icmp', 'ICMPv6', 128] } as const;

/** A place that sends, takes, or both. */
type Place = {
  readonly machine: string;
  readonly end: NamedEnd;
  readonly address: IpAddr;
  /** What to bind to, where the machine has several addresses. */
  readonly source?: string;
};

type Question = {
  readonly from: Place;
  readonly to: Place;
  readonly protocol: ProbeText['protocol'];
  readonly port: number;
  readonly allowed: boolean;
};

export function generatePolicyScenario(seed: number, probes: number): PolicyScenario {
  const random = new Random(seed ^ 0x9011c4);
  const network: Network = {
    nodes: random.weighted([1, () => 1], [3, () => 2]),
    pods: [4, 8],
    encapsulation: random.pick(['none', 'vxlan', 'vxlan-cross-subnet']),
    natOutgoing: random.chance(0.4),
    dualStack: random.chance(0.35),
  };
  const documents = generateCluster(random, random.pick(APIS), network);
  const texts = documents.map((document) => {
    const text = JSON.stringify(document);
    const moves = network.dualStack && /"kind":"\w*(Policy|NetworkSet)"/.test(text) && random.chance(0.5);
    return `---\n${moves ? policyToIpv6(text) : text}\n`;
  });
  const files = [{ file: 'cluster.yaml', text: texts.join('') }];
  const loaded = loadCluster(files);
  const asked = askAll(random, loaded, probes);
  const scenario = { name: `policies-${seed}`, seed, machines: [], files, probes: asked.map(({ probe }) => probe) };
  return { scenario, asked };
}

function askAll(random: Random, loaded: LoadedCluster, count: number): readonly PolicyProbe[] {
  const world = policyWorld(loaded.cluster);
  const places = placesOf(loaded);
  const pairs = places.flatMap((from) => places.filter((to) => mayBeJudged(from, to)).map((to) => [from, to] as const));
  const questions = pairs.flatMap(([from, to]) =>
    [...PACKETS, PINGS[familyOf(to.address)]].map(([protocol, lane, port]): Question => {
      const ends = meet(loaded, from.end, to.end, undefined);
      invariant(ends !== undefined, 'both ends are of one family');
      const number = protocol === 'icmp' ? port * 256 : port;
      const asked = only(lane, [{ first: number, last: number }]);
      const allowed = !isEmpty(judgeConnection(world, ends.source, ends.destination, asked).allowed);
      return { from, to, protocol, port: protocol === 'icmp' ? 0 : port, allowed };
    }),
  );
  return balanced(random, questions, count).map(({ from, to, protocol, port, allowed }, index) => ({
    text: `${from.end.name} -> ${to.end.name} ${protocol} ${port}`,
    allowed,
    probe: {
      ...{ machine: from.machine, protocol, destination: printIp(to.address), dport: port, sport: 20_000 + index },
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

/** Policies select Pods only: between two others they have nothing to say. */
function mayBeJudged(from: Place, to: Place): boolean {
  return familyOf(from.address) === familyOf(to.address) && (from.end.pod !== undefined || to.end.pod !== undefined);
}

/** Pods, nodes, and the machine outside, by each address: a place of its own. */
function placesOf({ cluster, world }: LoadedCluster): readonly Place[] {
  const noPort = { port: undefined, portName: undefined };
  const pods = cluster.pods.flatMap((pod) =>
    pod.ips.map((address): Place => {
      const end = { name: pod.name, addresses: [address], pod, node: undefined, ...noPort };
      return { machine: podMachine(pod).netns, end, address };
    }),
  );
  const machines = world.machines.flatMap(({ kind, name, netns, addresses }): readonly Place[] => {
    if (kind !== 'node' && kind !== 'host') return [];
    // Other addresses of a node are ends of tunnels, to which nobody connects.
    const own = kind === 'host' ? addresses : firstOfEach(addresses);
    return own.map((address) => ({
      ...{ machine: netns, address, ...(kind === 'host' ? { source: printIp(address) } : {}) },
      end: {
        name: printIp(address),
        addresses: [address],
        pod: undefined,
        ...noPort,
        node: kind === 'node' ? name : undefined,
      },
    }));
  });
  return [...pods, ...machines];
}

function firstOfEach(addresses: readonly IpAddr[]): readonly IpAddr[] {
  const families: readonly Family[] = [4, 6];
  return families.flatMap((family) => addresses.find((address) => familyOf(address) === family) ?? []);
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
