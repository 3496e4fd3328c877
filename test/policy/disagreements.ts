/**
 * Where host endpoints have a part, on a random cluster: the truth function against the compiled chains, which are walked, and
 * against the rows of connectivity.
 */
import { nodeAddresses } from '../../src/cluster/node-networks.ts';
import { toNumber } from '../../src/lib/fraction.ts';
import { type Family, familyOf, printIp } from '../../src/net/address.ts';
import { Connectivity } from '../../src/policy/classes/connectivity.ts';
import { connectivityRows } from '../../src/policy/classes/rows.ts';
import { type ConnectionSet, intersect, isEmpty, NO_CONNECTIONS, only } from '../../src/policy/connection-set.ts';
import { judgeConnection, type PolicyWorld, policyWorld } from '../../src/policy/judge.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import { findEnd, meet } from '../../src/query/policy/policy-ends.ts';
import type { PathView } from '../../src/query/trace.ts';
import type { Loaded } from '../../src/topology/load.ts';

const PACKETS = [
  ['tcp', 'TCP', 80],
  ['tcp', 'TCP', 22],
  ['tcp', 'TCP', 8080],
  ['udp', 'UDP', 53],
] as const;
/** Echo requests. */
const PINGS = { 4: ['icmp', 'ICMP', 8], 6: ['icmp', 'ICMPv6', 128] } as const;

type Packet = (typeof PACKETS)[number] | (typeof PINGS)[Family];

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

/** One text for each; and how many pairs of ends and packets were compared. */
export function disagreements(
  loaded: Loaded,
  sourcePort?: number,
): { readonly found: readonly string[]; readonly compared: number } {
  const world = policyWorld(loaded.cluster);
  const inRows = rowsOf(world);
  const found: string[] = [];
  let compared = 0;
  const names = namesOf(loaded);
  // Where rows are for both families, that there are pings over one of them is not to be seen.
  const [family, another] = new Set(
    loaded.cluster.settings.nodes.flatMap((node) => nodeAddresses(node).map(({ addr }) => familyOf(addr))),
  );
  const pings = family === undefined || another !== undefined ? [] : [PINGS[family]];
  for (const from of names) {
    for (const to of names) {
      if (from === to) continue;
      const allowed = new Set<Packet>();
      for (const family of [4, 6] as const) {
        for (const packet of [...PACKETS, PINGS[family]]) {
          const said = compare(loaded, world, [from, to], family, packet, sourcePort);
          if (said === undefined) continue;
          compared++;
          if (said.allowed) allowed.add(packet);
          if (said.passed !== said.allowed) {
            const denies = `the truth function ${said.allowed ? 'allows' : 'denies'} it`;
            found.push(`${from} -> ${to} IPv${family} ${packet[0]} ${packet[2]}: ${said.code}, ${denies}`);
          }
        }
      }
      if (sourcePort !== undefined || !from.includes('/pod/') || !to.includes('/pod/')) continue;
      for (const packet of [...PACKETS, ...pings]) {
        const row = inRows(from, to, packet);
        if (row !== undefined && row !== allowed.has(packet))
          found.push(`${from} -> ${to} ${packet[0]} ${packet[2]}: connectivity says ${row ? 'allowed' : 'denied'}`);
      }
    }
  }
  return { found, compared };
}

/** Whether a row allows the packet; undefined where rows say nothing of its protocol. */
function rowsOf(world: PolicyWorld): (from: string, to: string, packet: Packet) => boolean | undefined {
  const connectivity = new Connectivity(world);
  const { table } = connectivity;
  const rows = new Map(
    [...connectivityRows(connectivity)].map(({ src, dst, allowed }) => [`${src} ${dst}`, table.setOf(allowed)]),
  );
  return (from, to, packet) => {
    const asked = askedFor(packet);
    if (isEmpty(intersect(table.universe, asked))) return undefined;
    return !isEmpty(intersect(rows.get(`${labelOf(from)} ${labelOf(to)}`) ?? NO_CONNECTIONS, asked));
  };
}

function askedFor([protocol, lane, port]: Packet): ConnectionSet {
  const number = protocol === 'icmp' ? port * 256 : port;
  return only(lane, [{ first: number, last: number }]);
}

/** Of several addresses that are alike IPv6 sends with the one that the device got last (ipv6_link_dev_addr()). */
const LAST_ADDRESS = 'fd00:1::51';

/** What the truth function says and what the chains do; undefined where the two have no addresses of the family. */
function compare(
  loaded: Loaded,
  world: PolicyWorld,
  [from, to]: readonly [string, string],
  family: Family,
  packet: Packet,
  sourcePort: number | undefined,
): { readonly allowed: boolean; readonly passed: boolean; readonly code: string } | undefined {
  const sender = from === 'host/client' && family === 6 ? LAST_ADDRESS : from;
  const [source, destination] = [sender, to].map((text) => findEnd(text, loaded, 'default'));
  if (source?.ok !== true || destination?.ok !== true) return undefined;
  const met = meet(loaded, source.value, destination.value, family);
  if (met === undefined) return undefined;
  const [protocol, , port] = packet;
  const judged = judgeConnection(world, met.source, met.destination, askedFor(packet), sourcePort);
  const ip = printIp(met.destination.ip);
  const answer = answerQuery(loaded, {
    source: from,
    destination: protocol === 'icmp' ? ip : family === 6 ? `[${ip}]:${port}` : `${ip}:${port}`,
    ...{ protocol, reply: false, steps: false },
    ...(sourcePort === undefined || protocol === 'icmp' ? {} : { sourcePort }),
  });
  const code = answer.ok ? likeliestCode(answer.value.paths) : answer.issues.map(({ message }) => message).join();
  return { allowed: !isEmpty(judged.allowed), passed: code === 'delivered' || code === 'SOCKET_NOT_LISTENING', code };
}
