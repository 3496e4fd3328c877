/** Classes and blocks against the truth function for every pair of Pods and addresses, on random clusters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/cluster/objects.ts';
import { familyOf, type IpAddr, parseIp, printIp } from '../../src/net/address.ts';
import { Connectivity } from '../../src/policy/classes/connectivity.ts';
import type { Meeting } from '../../src/policy/classes/meeting.ts';
import { NO_CONNECTIONS, printConnections, unite } from '../../src/policy/connection-set.ts';
import { type End, isHost, podEnd } from '../../src/policy/end.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { nodeEnd } from '../../src/policy/node-end.ts';
import { Random } from '../kernel/lab/random.ts';
import { type Apis, generateCluster, loadDocuments, NETWORK, type Network } from './generate.ts';
import { ofIpv6Alone, someToDiscovery } from './two-families.ts';

/** One end for each address. */
type Side = {
  readonly name: string;
  readonly ends: readonly End[];
  readonly pod: Pod | undefined;
  readonly slot: number;
};

function sidesOf(connectivity: Connectivity): readonly Side[] {
  const { cluster } = connectivity.world;
  const { slotOf, atoms, outside } = connectivity.classes;
  const pods = cluster.pods.map(
    (pod): Side => ({
      name: pod.name,
      ends: pod.ips.map((ip) => podEnd(pod, ip)),
      pod,
      slot: slotOf.get(pod) ?? -1,
    }),
  );
  const addresses = [
    ...['192.168.1.50', '192.168.1.63', '192.168.1.64', '10.244.1.15', '10.244.1.16', '192.0.2.7'],
    ...['::1', 'fd00:1::1', 'fd00:1::50', 'fd00:2::7', '2001:db8:2::7'],
  ];
  return [
    ...pods,
    ...addresses
      .flatMap((text): readonly IpAddr[] => [parseIp(text)].flatMap((ip) => ip ?? []))
      .map((ip): Side => {
        const family = familyOf(ip);
        return { name: printIp(ip), ends: [{ ip }], pod: undefined, slot: outside(family, atoms[family].kindOf(ip)) };
      }),
  ];
}

/** Of each family that both have. A machine has more than one address: which one counts depends on the other end. */
function meetings({ world: { cluster } }: Connectivity, from: Side, to: Side): readonly Meeting[] {
  return from.ends.flatMap((own) => {
    const node = cluster.settings.nodes.find(({ name }) => isHost(own) && name === own.node);
    return to.ends
      .filter(({ ip }) => familyOf(ip) === familyOf(own.ip))
      .map((destination) => {
        const source = node === undefined ? own : nodeEnd(cluster, node, own.ip, destination, 'source');
        return { source, destination };
      });
  });
}

const FOUR_NODES: Network = {
  ...{ nodes: 4, pods: [5, 8], encapsulation: 'none', natOutgoing: true, dualStack: false, twins: true },
};
const HOSTS: Apis = { admin: false, calico: true, hosts: true };

/** As rows ask: whether both are on one node is said only where it matters. */
function allowedBetween(connectivity: Connectivity, from: Side, to: Side): string {
  const { table } = connectivity;
  const onOneNode = from.pod !== undefined && to.pod !== undefined && from.pod.node === to.pod.node;
  const tells = connectivity.tellsNodes(from.slot, to.slot);
  const number = connectivity.between(from.slot, to.slot, tells ? onOneNode : undefined);
  return printConnections(table.setOf(number), table.universe);
}

describe('what classes are allowed is what each pair of their members is allowed', () => {
  it.each<readonly [string, Apis, number, Network]>([
    ['NetworkPolicies alone', { admin: false, calico: false }, 20, NETWORK],
    ['with AdminNetworkPolicies and ClusterNetworkPolicies', { admin: true, calico: false }, 25, NETWORK],
    ['with all APIs', { admin: true, calico: true }, 40, NETWORK],
    ['with host endpoints', HOSTS, 40, NETWORK],
    ['with host endpoints that are alike on two nodes each', HOSTS, 60, FOUR_NODES],
    ['with host endpoints and Pods of both families', HOSTS, 20, { ...FOUR_NODES, dualStack: true }],
    [
      'with host endpoints that tell messages of neighbour discovery apart',
      HOSTS,
      60,
      { ...FOUR_NODES, dualStack: true },
    ],
    [
      'with host endpoints and neighbours in VXLAN',
      HOSTS,
      30,
      { ...FOUR_NODES, dualStack: true, encapsulation: 'vxlan' },
    ],
    ['with host endpoints and IPIP', HOSTS, 30, { ...FOUR_NODES, encapsulation: 'ipip' }],
    [
      'with host endpoints and VXLAN between two networks of nodes',
      HOSTS,
      30,
      { ...FOUR_NODES, encapsulation: 'vxlan-cross-subnet', subnets: true },
    ],
  ])('%s', (_, apis, numRuns, network) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const documents = generateCluster(random, apis, network);
        const both = network.dualStack ? someToDiscovery(random, documents) : documents;
        // Where IPv4 is open, rows do not show what IPv6 is not.
        const { cluster } = loadDocuments(network.dualStack && random.chance(0.5) ? ofIpv6Alone(both) : both);
        const connectivity = new Connectivity(policyWorld(cluster));
        const { universe } = connectivity.table;
        const wrong: string[] = [];
        for (const from of sidesOf(connectivity)) {
          for (const to of sidesOf(connectivity)) {
            if (from.pod === undefined && to.pod === undefined) continue;
            // Rows take the address of a machine's card, also where a tunnel to another network gives it its own.
            if (network.subnets === true && from.ends.some(isHost)) continue;
            const met = from.pod === to.pod ? [] : meetings(connectivity, from, to);
            if (met.length === 0) continue;
            const allowed = met
              .map(
                ({ source, destination }) => judgeConnection(connectivity.world, source, destination, universe).allowed,
              )
              .reduce(unite, NO_CONNECTIONS);
            const wanted = printConnections(allowed, universe);
            const got = allowedBetween(connectivity, from, to);
            if (got !== wanted) wrong.push(`${from.name} -> ${to.name}: ${got}, and one by one ${wanted}`);
          }
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns },
    );
  });
});
