/** `connectivity -o json`: `{"connections":[{"src","dst","allowed"}]}`, one row a line, in pieces. */

import { type Language, say } from '../../explain/language.ts';
import type { ConnectivityAnswer, ExposureView, RowReasons, RowView } from '../../query/policy/connectivity-answer.ts';
import { printSafeJson } from '../safe-json.ts';

export function* printConnectivityJson(answer: ConnectivityAnswer, language: Language): Generator<string> {
  const { exposure, notes } = answer;
  yield '{"connections":[';
  let between = '\n';
  for (const row of answer.rows()) {
    yield `${between}${printSafeJson(rowToJson(row))}`;
    between = ',\n';
  }
  yield between === '\n' ? ']' : '\n]';
  if (exposure !== null) yield `,\n"exposure":${printSafeJson(exposureToJson(exposure))}`;
  yield `,\n"notes":${printSafeJson(notes.map(({ code, message }) => ({ code, message: say(message, language) })))}}\n`;
}

export function rowToJson({ src, dst, allowed, always, reasons }: RowView): object {
  return {
    src,
    dst,
    allowed,
    ...(always === null ? {} : { always }),
    ...(reasons === null ? {} : reasonsToJson(reasons)),
  };
}

function reasonsToJson({ egress, ingress, hosts }: RowReasons): object {
  return { egress, ingress, ...(hosts.length === 0 ? {} : { hosts }) };
}

function exposureToJson({ unprotected, potential }: ExposureView): object {
  return {
    unprotected,
    potential: potential.map(({ peer, allowed, ...row }) => ({ ...row, peer: say(peer, 'en'), allowed })),
  };
}
