/** What the client's program sees. */
import type { Observation } from '../kernel/walk/step.ts';
import { assertNever } from '../lib/assert.ts';
import type { Symptom } from './codes/entry.ts';

/** ICMP codes of type 3 that connect() returns as ECONNREFUSED: protocol and port unreachable (icmp_err_convert[]). */
const REFUSING_CODES: ReadonlySet<number> = new Set([2, 3]);
const FRAGMENTATION_NEEDED = 4;

export function symptomOf(observation: Observation): Symptom {
  switch (observation.kind) {
    case 'connected':
      return 'connected';
    case 'reset':
      return 'refused';
    case 'silence':
      return 'timeout';
    case 'icmp':
      if (observation.type !== 3) return 'unreachable';
      if (observation.code === FRAGMENTATION_NEEDED) return 'hangs';
      return REFUSING_CODES.has(observation.code) ? 'refused' : 'unreachable';
    case 'errno':
      return ERRNO_SYMPTOMS.get(observation.errno) ?? 'unreachable';
    default:
      return assertNever(observation);
  }
}

/** Errors of the send call. tcp_connect() ignores EPERM of a dropped SYN and sends again until it gives up. */
const ERRNO_SYMPTOMS: ReadonlyMap<string, Symptom> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['EACCES', 'permission-denied'],
  ['EPERM', 'timeout'],
  ['EMSGSIZE', 'hangs'],
  ['ETIMEDOUT', 'timeout'],
]);
