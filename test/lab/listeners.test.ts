/** One socket for an address and port: what a plan opens twice does not come up (EADDRINUSE). */
import { expect, it } from 'vitest';
import { buildNetns } from '../../src/kernel/netns-build.ts';
import { netnsId } from '../../src/kernel/netns-id.ts';
import type { Listener } from '../../src/kernel/socket.ts';
import { planLab } from '../../src/lab/plan-lab.ts';
import { ip4 } from '../../src/net/address.ts';

const LOOPBACK = ip4(0x7f000001);

function plannedListeners(listeners: readonly Listener[]): readonly string[] {
  const { plan } = planLab([buildNetns({ id: netnsId('node'), devices: [], listeners })]);
  const machine = plan.machines.find(({ name }) => name === 'node');
  return (machine?.listeners ?? []).map(({ protocol, port, address }) => `${protocol} ${address}:${port}`);
}

it.each<readonly [string, readonly Listener[], readonly string[]]>([
  [
    'two processes on one port',
    [
      { protocol: 'tcp', port: 10250 },
      { protocol: 'tcp', port: 10250, process: 'kubelet' },
    ],
    ['tcp :10250'],
  ],
  [
    'one on all addresses and one on loopback',
    [
      { protocol: 'tcp', port: 80, address: LOOPBACK },
      { protocol: 'tcp', port: 80 },
    ],
    ['tcp :80'],
  ],
  [
    'two protocols',
    [
      { protocol: 'tcp', port: 53 },
      { protocol: 'udp', port: 53, address: LOOPBACK },
    ],
    ['tcp :53', 'udp 127.0.0.1:53'],
  ],
])('%s', (_, listeners, expected) => {
  expect(plannedListeners(listeners)).toEqual(expected);
});
