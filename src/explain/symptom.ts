/** What the client's program sees. */
import type { Observation, Probe } from '../kernel/walk/step.ts';
import { assertNever } from '../lib/assert.ts';
import { isIp6 } from '../net/address.ts';
import type { Symptom } from './codes/entry.ts';

type IcmpMessage = Extract<Observation, { kind: 'icmp' }>;

/**
 * By `type/code`: what a socket hears of an ICMP error, where it is not that the other end is out of reach.
 * net/ipv4/icmp.c icmp_err_convert[]: ENOPROTOOPT, ECONNREFUSED, EMSGSIZE.
 */
const ICMP4_SYMPTOMS: ReadonlyMap<string, Symptom> = new Map([
  ['3/2', 'refused'],
  ['3/3', 'refused'],
  ['3/4', 'hangs'],
]);

/** net/ipv6/icmp.c icmpv6_err_convert(): tab_unreach[], EMSGSIZE; an unknown next header is IPv4's unknown protocol. */
const ICMP6_SYMPTOMS: ReadonlyMap<string, Symptom> = new Map([
  ['1/1', 'permission-denied'],
  ['1/4', 'refused'],
  ['1/5', 'permission-denied'],
  ['1/6', 'permission-denied'],
  ['2/0', 'hangs'],
  ['4/1', 'refused'],
]);

export function symptomOf(observation: Observation, protocol: Probe['protocol']): Symptom {
  switch (observation.kind) {
    case 'connected':
      return 'connected';
    case 'reset':
      return 'refused';
    case 'silence':
      return 'timeout';
    case 'icmp':
      return symptomOfIcmp(observation, protocol);
    case 'errno':
      return ERRNO_SYMPTOMS.get(observation.errno) ?? 'unreachable';
    default:
      return assertNever(observation);
  }
}

/** The family is that of who answers. ping reads the message itself, and what prohibits it is an unreachable host to it. */
function symptomOfIcmp({ type, code, from }: IcmpMessage, protocol: Probe['protocol']): Symptom {
  const symptom = (isIp6(from) ? ICMP6_SYMPTOMS : ICMP4_SYMPTOMS).get(`${type}/${code}`) ?? 'unreachable';
  return symptom === 'permission-denied' && protocol === 'icmp' ? 'unreachable' : symptom;
}

/** Errors of the send call. tcp_connect() ignores EPERM of a dropped SYN and sends again until it gives up. */
const ERRNO_SYMPTOMS: ReadonlyMap<string, Symptom> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['EACCES', 'permission-denied'],
  ['EPERM', 'timeout'],
  ['EMSGSIZE', 'hangs'],
  ['ETIMEDOUT', 'timeout'],
]);
