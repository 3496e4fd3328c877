/** One question between two Pods as a line of a suite, with what is true today. */
import type { Pod } from '../cluster/objects.ts';
import { type ConnectionSet, hasConnection, LANES, type Lane } from '../policy/connection-set.ts';
import { answerQuery } from '../query/answer-query.ts';
import type { Loaded } from '../topology/load.ts';

export type PodQuestion = { readonly from: Pod; readonly to: Pod; readonly lane: Lane; readonly port: number };

/** A port that the Pod declares, if it is among the connections; else the first number of the first protocol with ports. */
export function firstPort(connections: ConnectionSet, to: Pod): Pick<PodQuestion, 'lane' | 'port'> | undefined {
  for (const { port, protocol } of to.ports) {
    if (hasConnection(connections, protocol, port)) return { lane: protocol, port };
  }
  for (const lane of LANES) {
    const first = connections[lane][0]?.first;
    if ((lane === 'TCP' || lane === 'UDP' || lane === 'SCTP') && first !== undefined) {
      return { lane, port: first <= 1 ? 80 : first };
    }
  }
  return undefined;
}

/** The question with the answer of today. */
export function questionLine({ from, to, lane, port }: PodQuestion, loaded: Loaded): string | undefined {
  // With the kind, since a Service or a workload may have the same name.
  const source = `${from.namespace}/pod/${from.name}`;
  const destination = `${to.namespace}/pod/${to.name}:${port}`;
  const protocol = lane === 'UDP' ? 'udp' : lane === 'SCTP' ? 'sctp' : 'tcp';
  const answer = answerQuery(loaded, { source, destination, protocol, steps: false });
  if (!answer.ok) return undefined;
  const { verdict, code } = answer.value.result;
  const words = [verdict, ...(code === null ? [] : [code])].join(' ');
  return `${source} -> ${destination}${protocol === 'tcp' ? '' : ` ${protocol}`}: ${words}`;
}
