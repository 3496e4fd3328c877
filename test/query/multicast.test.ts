/** Multicast is not modelled: nobody can say who gets the packet, so no verdict is given. */
import { describe, expect, it } from 'vitest';
import { say } from '../../src/explain/language.ts';
import { cluster, hosts } from '../explain/matrix-labs.ts';
import { ask, loadText } from '../seeds/support.ts';

describe('a packet to a multicast group is undetermined', () => {
  const loaded = { cluster: loadText(cluster()), hosts: loadText(hosts()) };
  const rows: readonly (readonly [string, keyof typeof loaded, string, string])[] = [
    ['from a Pod', 'cluster', 'client', '224.0.0.251'],
    ['from a node', 'cluster', 'node/n1', '239.255.255.250'],
    ['from a host outside the cluster', 'cluster', 'outside', '224.0.0.1'],
    ['from a host', 'hosts', 'a', '232.1.2.3'],
    ['over IPv6', 'hosts', 'a', 'ff02::1'],
    ['over IPv6 from a Pod', 'cluster', 'client', 'ff05::1:3'],
  ];
  it.each(rows)('%s', (_, lab, source, group) => {
    for (const protocol of ['tcp', 'udp', 'icmp'] as const) {
      const destination = protocol === 'icmp' ? group : `[${group}]:5353`;
      const { result, paths } = ask(loaded[lab], source, destination, { protocol });
      expect({ ...result, summary: say(result.summary, 'en') }, protocol).toMatchObject({
        verdict: 'undetermined',
        code: 'MODEL_UNSUPPORTED',
        summary: `The verdict depends on something nettrace cannot decide: multicast is not modelled, and ${group} is an address of a multicast group.`,
      });
      expect(say(result.summary, 'zh')).toContain(`未模拟组播，而 ${group} 是组播地址`);
      expect(paths).toEqual([]);
    }
  });

  it.each(['223.255.255.255', '240.0.0.1', 'fe80::1'])('but not to %s, which is none', (other) => {
    expect(ask(loaded.hosts, 'a', other, { protocol: 'icmp' }).result.verdict).not.toBe('undetermined');
  });
});
