/**
 * Where host endpoints have a part, on random clusters: the truth function against the compiled chains, which a matrix walks,
 * and against the rows of connectivity.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toNumber } from '../../src/lib/fraction.ts';
import { printIp } from '../../src/net/address.ts';
import { Connectivity } from '../../src/policy/classes/connectivity.ts';
import { connectivityRows } from '../../src/policy/classes/rows.ts';
import { intersect, isEmpty, NO_CONNECTIONS, only } from '../../src/policy/connection-set.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import { findEnd, meet } from '../../src/query/policy/policy-ends.ts';
import type { PathView } from '../../src/query/trace.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { Random } from '../kernel/lab/random.ts';
import { generateCluster, loadDocuments, type Network } from './generate.ts';

const PACKETS = [
  ['tcp', 'TCP', 80],
  ['tcp', 'TCP', 22],
  ['tcp', 'TCP', 8080],
  ['udp', 'UDP', 53],
  ['icmp', 'ICMP', 8],
] as const;

/** Names of everything that can send or receive. */
function namesOf({ cluster }: Loaded): readonly string[] {
  return [
    ...cluster.pods.map(({ namespace, name }) => `${namespace}/pod/${name}`),
    ...cluster.settings.nodes.map(({ name }) => `node/${name}`),
    'host/client',
  ];
}

/** `front/pod/p0` as rows call it. */
function labelOf(name: string): string {
  return `${name.replace('/pod/', '/')}[Pod]`;
}

/**
 * A source port that masquerading draws may be a failsafe port of the other direction (6 of 64,512): such a packet is not
 * what the truth function judges.
 */
function likeliestCode(paths: readonly PathView[]): string {
  const [likeliest] = [...paths].sort((a, b) => toNumber(b.probability) - toNumber(a.probability));
  return likeliest?.code ?? 'delivered';
}

function disagreements(loaded: Loaded, sourcePort?: number): readonly string[] {
  const world = policyWorld(loaded.cluster);
  const connectivity = new Connectivity(world);
  const { table } = connectivity;
  const rows = new Map(
    [...connectivityRows(connectivity)].map(({ src, dst, allowed }) => [`${src} ${dst}`, table.setOf(allowed)]),
  );
  const found: string[] = [];
  const names = namesOf(loaded);
  for (const from of names) {
    for (const to of names) {
      const [source, destination] = [from, to].map((text) => findEnd(text, loaded, 'default'));
      if (from === to || source?.ok !== true || destination?.ok !== true) continue;
      const met = meet(loaded, source.value, destination.value, undefined);
      if (met === undefined) continue;
      for (const [protocol, lane, port] of PACKETS) {
        const number = lane === 'ICMP' ? port * 256 : port;
        const asked = only(lane, [{ first: number, last: number }]);
        const allowed = !isEmpty(judgeConnection(world, met.source, met.destination, asked, sourcePort).allowed);
        const address = `${printIp(met.destination.ip)}${lane === 'ICMP' ? '' : `:${port}`}`;
        const answer = answerQuery(loaded, {
          source: from,
          destination: address,
          protocol,
          reply: false,
          steps: false,
          ...(sourcePort === undefined || lane === 'ICMP' ? {} : { sourcePort }),
        });
        const code = answer.ok ? likeliestCode(answer.value.paths) : answer.issues.map(({ message }) => message).join();
        const isRow =
          sourcePort === undefined &&
          from.includes('/pod/') &&
          to.includes('/pod/') &&
          !isEmpty(intersect(table.universe, asked));
        const row = rows.get(`${labelOf(from)} ${labelOf(to)}`) ?? NO_CONNECTIONS;
        if (isRow && isEmpty(intersect(row, asked)) === allowed)
          found.push(`${from} -> ${to} ${protocol} ${port}: connectivity says otherwise than ${allowed}`);
        const passed = code === 'delivered' || code === 'SOCKET_NOT_LISTENING';
        if (passed !== allowed)
          found.push(
            `${from} -> ${to} ${protocol} ${port}: ${code}, the truth function ${allowed ? 'allows' : 'denies'} it`,
          );
      }
    }
  }
  return found;
}

describe('the chains of host endpoints and the rows of connectivity say what the truth function says', () => {
  it.each<readonly [string, Partial<Network>, number]>([
    ['without tunnels', {}, 8],
    ['in VXLAN', { encapsulation: 'vxlan' }, 4],
    ['in IPIP', { encapsulation: 'ipip' }, 4],
    ['behind the address of the node', { natOutgoing: true }, 4],
  ])('%s', (_, network, numRuns) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const base: Network = {
          ...{ nodes: 2, pods: [2, 3], encapsulation: 'none', natOutgoing: false, dualStack: false },
          ...network,
        };
        const loaded = loadDocuments(
          generateCluster(random, { admin: false, calico: random.chance(0.5), hosts: true }, base),
        );
        // One that a machine may lead out from or into: raw lets what comes from there pass as answers.
        const sourcePort = !base.natOutgoing && random.chance(0.3) ? random.pick([80, 6443]) : undefined;
        expect(disagreements(loaded, sourcePort)).toEqual([]);
      }),
      { numRuns, endOnFailure: true },
    );
  });
});
