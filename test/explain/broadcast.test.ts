/** Sockets do not ask for broadcasts by themselves: the send call fails, and the route is not to blame. */
import { describe, expect, it } from 'vitest';
import { say } from '../../src/explain/language.ts';
import type { ProbeProtocol } from '../../src/query/query.ts';

import { ask, loadText } from '../seeds/support.ts';
import { hosts } from './matrix-labs.ts';

const UNASKED = 'it has not set SO_BROADCAST (permission denied)';
const OF_TCP = 'TCP connects to one machine, never to all of a network (network is unreachable)';

describe('a socket may not send to a broadcast address', () => {
  const loaded = loadText(hosts());
  const rows: readonly (readonly [string, ProbeProtocol, string, string, string])[] = [
    ['UDP to that of the own network', 'udp', '10.0.1.255', 'permission-denied', UNASKED],
    ['ping to that of the own network', 'icmp', '10.0.1.255', 'permission-denied', UNASKED],
    ['TCP to that of the own network', 'tcp', '10.0.1.255', 'unreachable', OF_TCP],
    ['UDP to all there is', 'udp', '255.255.255.255', 'permission-denied', UNASKED],
  ];
  it.each(rows)('%s', (_, protocol, destination, symptom, why) => {
    const { result } = ask(loaded, 'a', protocol === 'icmp' ? destination : `${destination}:9`, { protocol });
    expect(result).toMatchObject({ verdict: 'dropped', code: 'BROADCAST_NOT_PERMITTED', symptom });
    expect(say(result.summary, 'en')).toBe(
      `The socket of a may not send to ${destination}, which is a broadcast address: ${why}.`,
    );
    expect(say(result.summary, 'zh')).toContain(`不能向广播地址 ${destination} 发送`);
  });

  it('but to the broadcast address of another network, which is a routed address as any other here', () => {
    const { result } = ask(loaded, 'a', '10.0.2.255:9', { protocol: 'udp' });
    expect(result.code).not.toBe('BROADCAST_NOT_PERMITTED');
  });
});
