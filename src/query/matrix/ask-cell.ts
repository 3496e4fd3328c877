import type { Result } from '../../lib/result.ts';
import type { Loaded } from '../../topology/load.ts';
import { answerQuery } from '../answer-query.ts';
import type { MatrixCell, MatrixDestination, MatrixSource } from './matrix.ts';

/** One place of the matrix, walked in full; names are taken for what they stand for. */
export function askCell(loaded: Loaded, source: MatrixSource, destination: MatrixDestination): Result<MatrixCell> {
  const { port, protocol } = destination;
  const query = { source: source.text, destination: destination.text, protocol, dns: false, steps: false };
  const answer = answerQuery(loaded, query);
  if (!answer.ok) return answer;
  const { verdict, code } = answer.value.result;
  return { ok: true, value: { source: source.name, destination: destination.name, port, verdict, code } };
}
