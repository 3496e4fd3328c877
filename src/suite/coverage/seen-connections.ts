/** The connections that an answer stands for, as the policies at both ends see them. */
import type { Cluster } from '../../cluster/cluster.ts';
import { familyOf, type IpAddr, parseIp } from '../../net/address.ts';
import { type ConnectionSet, type Lane, only } from '../../policy/connection-set.ts';
import { type End, podEnd } from '../../policy/end.ts';
import { nodeOfAddress } from '../../policy/node-end.ts';
import type { Trace } from '../../query/trace.ts';

export type SeenConnection = {
  /** The client in front of the source's policies. */
  readonly source: End;
  /** The client in front of the destination's policies: a node that translates stands in its place. */
  readonly seenAs: End;
  readonly destination: End;
  readonly asked: ConnectionSet;
};

const LANES: ReadonlyMap<string, Lane> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['sctp', 'SCTP'],
]);
const ECHO_REQUEST = { 4: 8, 6: 128 } as const;

/** One for each path; a question that sent nothing has none. */
export function seenConnections(
  { query, paths }: Pick<Trace, 'query' | 'paths'>,
  cluster: Cluster,
): readonly SeenConnection[] {
  const own = query.sourceAddress === null ? undefined : parseIp(query.sourceAddress);
  if (own === undefined) return [];
  return paths.flatMap(({ backend, sourceSeen, policySaw }) => {
    const to = parseIp(backend?.ip ?? query.destinationAddress ?? '');
    const seen = parseIp(policySaw ?? sourceSeen ?? '');
    if (to === undefined) return [];
    const number = backend?.port ?? query.port ?? ECHO_REQUEST[familyOf(to)];
    const lane = LANES.get(query.protocol) ?? (familyOf(to) === 4 ? 'ICMP' : 'ICMPv6');
    const asked = only(lane, [{ first: number, last: number }]);
    const source = endOf(cluster, own);
    return [
      { source, seenAs: seen === undefined ? source : endOf(cluster, seen), destination: endOf(cluster, to), asked },
    ];
  });
}

function endOf(cluster: Cluster, ip: IpAddr): End {
  const pod = cluster.podByIp(ip);
  if (pod !== undefined) return podEnd(pod, ip);
  const node = nodeOfAddress(cluster, ip);
  return node === undefined ? { ip } : { ip, node: node.name };
}
