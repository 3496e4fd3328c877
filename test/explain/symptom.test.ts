/** What the kernel makes of ICMP errors, over IPv6 as over IPv4: icmp_err_convert[] and icmpv6_err_convert(). */
import { describe, expect, it } from 'vitest';
import type { Symptom } from '../../src/explain/codes/entry.ts';
import { symptomOf } from '../../src/explain/symptom.ts';
import { ask, loadText } from '../seeds/support.ts';
import { neighbours } from './matrix-labs.ts';
import { ip } from './walk-fixture.ts';

type Row = readonly [words: string, v4: string, v6: string, symptom: Symptom];

/** The message over IPv4 and its counterpart over IPv6, as type/code; `-` where there is none. */
const ROWS: readonly Row[] = [
  ['no route (ENETUNREACH)', '3/0', '1/0', 'unreachable'],
  ['beyond the scope of the source (EHOSTUNREACH)', '-', '1/2', 'unreachable'],
  ['nobody has the address (EHOSTUNREACH)', '3/1', '1/3', 'unreachable'],
  ['no such protocol (ENOPROTOOPT, EPROTO)', '3/2', '4/1', 'refused'],
  ['a closed port (ECONNREFUSED)', '3/3', '1/4', 'refused'],
  ['a packet that is too big (EMSGSIZE)', '3/4', '2/0', 'hangs'],
  ['a failed source route (EOPNOTSUPP)', '3/5', '-', 'unreachable'],
  ['a prohibited network (ENETUNREACH)', '3/9', '-', 'unreachable'],
  ['a prohibited host (EHOSTUNREACH)', '3/10', '-', 'unreachable'],
  ['a filter, over IPv4 (EHOSTUNREACH)', '3/13', '-', 'unreachable'],
  ['a filter, over IPv6 (EACCES)', '-', '1/1', 'permission-denied'],
  ['a policy about the source (EACCES)', '-', '1/5', 'permission-denied'],
  ['a reject route (EACCES)', '-', '1/6', 'permission-denied'],
  ['a TTL that ran out (EHOSTUNREACH)', '11/0', '3/0', 'unreachable'],
  ['a reassembly that took too long (EHOSTUNREACH)', '11/1', '3/1', 'unreachable'],
  ['a wrong header field (EPROTO)', '12/0', '4/0', 'unreachable'],
  ['an unknown option (EPROTO)', '-', '4/2', 'unreachable'],
];

function heard(message: string, from: string, protocol: 'tcp' | 'udp' | 'icmp'): Symptom {
  const [type = 0, code = 0] = message.split('/').map(Number);
  return symptomOf({ kind: 'icmp', type, code, from: ip(from), ttl: 64 }, protocol);
}

describe('the symptom of an ICMP error', () => {
  it.each(ROWS)('about %s', (_, v4, v6, symptom) => {
    for (const protocol of ['tcp', 'udp'] as const) {
      if (v4 !== '-') expect(heard(v4, '10.0.0.1', protocol), v4).toBe(symptom);
      if (v6 !== '-') expect(heard(v6, 'fd00::1', protocol), v6).toBe(symptom);
    }
  });

  it.each(['1/1', '1/5', '1/6'])('of IPv6 that ping reads itself: %s is no error of its socket', (message) => {
    expect(heard(message, 'fd00::1', 'icmp')).toBe('unreachable');
  });
});

it.each(['10.0.0.2:9', '[fd00:a::2]:9'])('UDP to the closed port %s is refused at once', (destination) => {
  const loaded = loadText(
    neighbours({
      a: 'interfaces: [{name: eth0, segment: lan, addresses: [10.0.0.1/24, "fd00:a::1/64"]}]',
      b: 'interfaces: [{name: eth0, segment: lan, addresses: [10.0.0.2/24, "fd00:a::2/64"]}]',
    }),
  );
  expect(ask(loaded, 'a', destination, { protocol: 'udp' }).result).toMatchObject({
    verdict: 'rejected',
    symptom: 'refused',
    code: 'SOCKET_NOT_LISTENING',
  });
});
