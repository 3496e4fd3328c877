/** Random clusters with policies of every API as scenarios: who asks whom, and what the policies alone say about it. */
import type { Pod } from '../../../src/cluster/objects.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { type IpAddr, printIp } from '../../../src/net/address.ts';
import { isEmpty, only } from '../../../src/policy/connection-set.ts';
import { judgeConnection, policyWorld } from '../../../src/policy/judge.ts';
import { meet, type NamedEnd } from '../../../src/query/policy/policy-ends.ts';
import { podMachine } from '../../../src/topology/world/inventory.ts';
import { type Apis, generateCluster, type Network } from '../../policy/generate.ts';
import { type LoadedCluster, loadCluster } from './load-cluster.ts';
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
  ['icmp', 'ICMP', 8],
] as const;

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
  };
  const documents = generateCluster(random, random.pick(APIS), network);
  const files = [
    { file: 'cluster.yaml', text: documents.map((document) => `---\n${JSON.stringify(document)}\n`).join('') },
  ];
  const loaded = loadCluster(files);
  const asked = askAll(random, loaded, probes);
  const scenario = { name: `policies-${seed}`, seed, machines: [], files, probes: asked.map(({ probe }) => probe) };
  return { scenario, asked };
}

function askAll(random: Random, loaded: LoadedCluster, count: number): readonly PolicyProbe[] {
  const world = policyWorld(loaded.cluster);
  const places = placesOf(loaded);
  // Policies select Pods only: between two others they have nothing to say.
  const pairs = places.flatMap((from) =>
    places.filter((to) => from.end.pod !== undefined || to.end.pod !== undefined).map((to) => [from, to] as const),
  );
  const questions = pairs.flatMap(([from, to]) =>
    PACKETS.map(([protocol, lane, port]): Question => {
      const ends = meet(loaded, from.end, to.end, undefined);
      invariant(ends !== undefined, 'both ends have IPv4');
      const number = lane === 'ICMP' ? port * 256 : port;
      const asked = only(lane, [{ first: number, last: number }]);
      const allowed = !isEmpty(judgeConnection(world, ends.source, ends.destination, asked).allowed);
      return { from, to, protocol, port: lane === 'ICMP' ? 0 : port, allowed };
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

/** Pods, nodes, and the machine outside by each of its addresses. */
function placesOf({ cluster, world }: LoadedCluster): readonly Place[] {
  const own = (pod: Pod): Place | undefined => {
    const [address] = pod.ips;
    if (address === undefined) return undefined;
    const node = pod.hostNetwork ? pod.node : undefined;
    const end = { name: pod.name, addresses: [address], pod, node, port: undefined, portName: undefined };
    return { machine: podMachine(pod).netns, end, address };
  };
  const pods = cluster.pods.flatMap((pod) => own(pod) ?? []);
  const machines = world.machines.flatMap(({ kind, name, netns, addresses }): readonly Place[] => {
    if (kind !== 'node' && kind !== 'host') return [];
    const node = kind === 'node' ? name : undefined;
    return addresses.slice(0, kind === 'node' ? 1 : undefined).map((address, index) => ({
      ...{ machine: netns, address, ...(index === 0 ? {} : { source: printIp(address) }) },
      end: {
        name: `${name}#${index}`,
        addresses: [address],
        pod: undefined,
        node,
        port: undefined,
        portName: undefined,
      },
    }));
  });
  return [...pods, ...machines];
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
