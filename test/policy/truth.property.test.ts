/** The truth function against the naive oracle, and one connection against all of them at once, on random clusters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { IpAddr } from '../../src/net/address.ts';
import { parseIp, printIp } from '../../src/net/address.ts';
import { ALL_CONNECTIONS, type ConnectionSet, hasConnection, isEmpty, only } from '../../src/policy/connection-set.ts';
import { type End, podEnd } from '../../src/policy/end.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { Random } from '../kernel/lab/random.ts';
import { allowedBy, type OracleEnd, type Packet } from '../oracle/all-policies.ts';
import { type Apis, generateCluster, loadDocuments } from './generate.ts';

const PACKETS: readonly Packet[] = [
  { protocol: 'TCP', port: 80 },
  { protocol: 'TCP', port: 8080 },
  { protocol: 'UDP', port: 53 },
  { protocol: 'SCTP', port: 9000 },
  { protocol: 'ICMP', port: 8 },
  { protocol: 'ICMP', port: 0 },
];

function setOf({ protocol, port }: Packet): ConnectionSet {
  const number = protocol === 'ICMP' ? port * 256 : port;
  return only(protocol, [{ first: number, last: number }]);
}

function endsOf(cluster: Cluster): readonly { readonly end: End; readonly oracle: OracleEnd; readonly name: string }[] {
  const pods = cluster.pods.flatMap((pod) =>
    pod.ips
      .slice(0, 1)
      .map((ip) => ({ end: podEnd(pod, ip), oracle: { ip, pod }, name: `${pod.namespace}/${pod.name}` })),
  );
  const outside = ['192.168.1.50', '192.168.1.51', '192.0.2.7', '10.244.1.60'].flatMap((text): readonly IpAddr[] => {
    const ip = parseIp(text);
    return ip === undefined ? [] : [ip];
  });
  return [...pods, ...outside.map((ip) => ({ end: { ip }, oracle: { ip, pod: undefined }, name: printIp(ip) }))];
}

function disagreements(cluster: Cluster): readonly string[] {
  const world = policyWorld(cluster);
  const found: string[] = [];
  for (const from of endsOf(cluster)) {
    for (const to of endsOf(cluster)) {
      if (from.end.pod === undefined && to.end.pod === undefined) continue;
      const all = judgeConnection(world, from.end, to.end, ALL_CONNECTIONS).allowed;
      for (const packet of PACKETS) {
        const asked = setOf(packet);
        const one = judgeConnection(world, from.end, to.end, asked);
        const wanted = allowedBy(cluster, from.oracle, to.oracle, packet);
        const number = packet.protocol === 'ICMP' ? packet.port * 256 : packet.port;
        const amongAll = hasConnection(all, packet.protocol, number);
        if (isEmpty(one.allowed) === wanted || amongAll !== wanted)
          found.push(`${from.name} -> ${to.name} ${packet.protocol} ${packet.port}: ${wanted} by the oracle`);
      }
    }
  }
  return found;
}

describe('the truth function says what the oracle says', () => {
  it.each<readonly [string, Apis, number]>([
    ['NetworkPolicies alone', { admin: false, calico: false }, 20],
    ['with AdminNetworkPolicies and ClusterNetworkPolicies', { admin: true, calico: false }, 25],
    ["with Calico's policies", { admin: false, calico: true }, 40],
    ['with all of them', { admin: true, calico: true }, 25],
  ])('%s', (_, apis, numRuns) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const documents = generateCluster(new Random(seed), apis);
        expect(disagreements(loadDocuments(documents).cluster)).toEqual([]);
      }),
      { numRuns },
    );
  });
});
