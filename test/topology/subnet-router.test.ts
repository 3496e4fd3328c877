/** The address of an IPv6 subnet with all host bits 0 is its routers' (RFC 4291 section 2.6.1): addrconf_join_anycast(). */
import { describe, expect, it } from 'vitest';
import { neighbours } from '../explain/matrix-labs.ts';
import { ask, loadText, outcome } from '../seeds/support.ts';

const FORWARDS = 'sysctls: {net.ipv6.conf.all.forwarding: "1"}';
const ANSWERED = 'delivered connected';
const NOBODY = 'dropped unreachable NEIGHBOUR_FAILED';

function pinged(router: string, bits: number, destination: string): string {
  const loaded = loadText(
    neighbours({
      a: `interfaces: [{name: eth0, segment: lan, addresses: ["fd00:a::1/${bits}"]}]`,
      r: `interfaces: [{name: eth0, segment: lan, addresses: ["fd00:a::fe/${bits}"]}]\n  ${router}`,
    }),
  );
  return outcome(ask(loaded, 'a', destination, { protocol: 'icmp' }));
}

describe('a ping of the subnet-router address', () => {
  it.each<readonly [row: string, router: string, bits: number, destination: string, result: string]>([
    ['is answered by a router on the link', FORWARDS, 64, 'fd00:a::', ANSWERED],
    ['is answered by nobody where no machine forwards', '', 64, 'fd00:a::', NOBODY],
    ['is that of the subnet, whatever its length', FORWARDS, 120, 'fd00:a::', ANSWERED],
    ['is no other address of the subnet', FORWARDS, 64, 'fd00:a::9', NOBODY],
  ])('%s', (_, router, bits, destination, result) => {
    expect(pinged(router, bits, destination)).toBe(result);
  });
});
