/** The truth function against the compiled chains, which the emulator walks, on random clusters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printIp } from '../../src/net/address.ts';
import { isEmpty, only } from '../../src/policy/connection-set.ts';
import { podEnd } from '../../src/policy/end.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { Random } from '../kernel/lab/random.ts';
import { type Apis, generateCluster, loadDocuments, outsideAddress } from './generate.ts';

const PACKETS = [
  ['tcp', 'TCP', 80],
  ['tcp', 'TCP', 8080],
  ['udp', 'UDP', 53],
  ['icmp', 'ICMP', 8],
] as const;

function disagreements(loaded: Loaded): readonly string[] {
  const { cluster } = loaded;
  const world = policyWorld(cluster);
  const outside = { text: 'host/client', end: { ip: outsideAddress(loaded) } };
  const ends = [
    ...cluster.pods.flatMap((pod) =>
      pod.ips.slice(0, 1).map((ip) => ({ text: `${pod.namespace}/pod/${pod.name}`, end: podEnd(pod, ip) })),
    ),
    outside,
  ];
  const found: string[] = [];
  for (const from of ends) {
    for (const to of ends) {
      if (from === to) continue;
      for (const [protocol, lane, port] of PACKETS) {
        const number = lane === 'ICMP' ? port * 256 : port;
        const asked = only(lane, [{ first: number, last: number }]);
        const allowed = !isEmpty(judgeConnection(world, from.end, to.end, asked).allowed);
        const destination = `${printIp(to.end.ip)}${lane === 'ICMP' ? '' : `:${port}`}`;
        const answer = answerQuery(loaded, { source: from.text, destination, protocol, reply: false, steps: false });
        const code = answer.ok
          ? (answer.value.result.code ?? 'delivered')
          : answer.issues.map((one) => one.message).join();
        const passed = code === 'delivered' || code === 'SOCKET_NOT_LISTENING';
        const dropped = code.startsWith('POLICY_');
        if (passed === dropped || passed !== allowed)
          found.push(
            `${from.text} -> ${to.text} ${protocol} ${port}: ${code}, the truth function ${allowed ? 'allows' : 'denies'} it`,
          );
      }
    }
  }
  return found;
}

describe('the chains decide what the truth function says', () => {
  it.each<readonly [string, Apis, number]>([
    ['NetworkPolicies alone', { admin: false, calico: false }, 6],
    ['with AdminNetworkPolicies and ClusterNetworkPolicies', { admin: true, calico: false }, 6],
    ["with Calico's policies", { admin: false, calico: true }, 10],
    ['with all of them', { admin: true, calico: true }, 6],
  ])('%s', (_, apis, numRuns) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const loaded = loadDocuments(generateCluster(new Random(seed), apis));
        expect(disagreements(loaded)).toEqual([]);
      }),
      { numRuns },
    );
  });
});
