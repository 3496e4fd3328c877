/** Classes and blocks against the truth function for every pair of Pods and addresses, on random clusters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/cluster/objects.ts';
import { familyOf, type IpAddr, parseIp, printIp } from '../../src/net/address.ts';
import { Connectivity } from '../../src/policy/classes/connectivity.ts';
import { printConnections } from '../../src/policy/connection-set.ts';
import { type End, isHost, podEnd } from '../../src/policy/end.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { nodeEnd } from '../../src/policy/node-end.ts';
import { Random } from '../kernel/lab/random.ts';
import { type Apis, generateCluster, loadDocuments } from './generate.ts';

type Side = { readonly name: string; readonly end: End; readonly pod: Pod | undefined; readonly slot: number };

function sidesOf(connectivity: Connectivity): readonly Side[] {
  const { cluster } = connectivity.world;
  const { slotOf, atoms, outside } = connectivity.classes;
  const pods = cluster.pods.flatMap((pod) =>
    pod.ips.slice(0, 1).map((ip): Side => ({ name: pod.name, end: podEnd(pod, ip), pod, slot: slotOf.get(pod) ?? -1 })),
  );
  const addresses = ['192.168.1.50', '192.168.1.63', '192.168.1.64', '10.244.1.15', '10.244.1.16', '192.0.2.7', '::1'];
  return [
    ...pods,
    ...addresses
      .flatMap((text): readonly IpAddr[] => [parseIp(text)].flatMap((ip) => ip ?? []))
      .map((ip): Side => {
        const family = familyOf(ip);
        return { name: printIp(ip), end: { ip }, pod: undefined, slot: outside(family, atoms[family].kindOf(ip)) };
      }),
  ];
}

/** A machine has more than one address: which one counts depends on the other end. */
function meetingEnds({ world: { cluster } }: Connectivity, from: Side, to: Side): { source: End; destination: End } {
  const node = cluster.settings.nodes.find(({ name }) => isHost(from.end) && name === from.end.node);
  const source = node === undefined ? from.end : nodeEnd(cluster, node, from.end.ip, to.end, 'source');
  return { source, destination: to.end };
}

describe('what classes are allowed is what each pair of their members is allowed', () => {
  it.each<readonly [string, Apis, number]>([
    ['NetworkPolicies alone', { admin: false, calico: false }, 20],
    ['with AdminNetworkPolicies and ClusterNetworkPolicies', { admin: true, calico: false }, 25],
    ['with all APIs', { admin: true, calico: true }, 40],
    ['with host endpoints', { admin: false, calico: true, hosts: true }, 40],
  ])('%s', (_, apis, numRuns) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { cluster } = loadDocuments(generateCluster(new Random(seed), apis));
        const connectivity = new Connectivity(policyWorld(cluster));
        const { universe } = connectivity.table;
        const wrong: string[] = [];
        for (const from of sidesOf(connectivity)) {
          for (const to of sidesOf(connectivity)) {
            if (from.pod === undefined && to.pod === undefined) continue;
            // Rows say by themselves that a node reaches its own Pods.
            if (isHost(from.end) && from.end.node === to.end.node) continue;
            if (from.pod === to.pod || familyOf(from.end.ip) !== familyOf(to.end.ip)) continue;
            const ends = meetingEnds(connectivity, from, to);
            const { allowed } = judgeConnection(connectivity.world, ends.source, ends.destination, universe);
            const wanted = printConnections(allowed, universe);
            const got = printConnections(connectivity.table.setOf(connectivity.between(from.slot, to.slot)), universe);
            if (got !== wanted) wrong.push(`${from.name} -> ${to.name}: ${got}, and one by one ${wanted}`);
          }
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns },
    );
  });
});
