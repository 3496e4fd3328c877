/** Random machines and clusters in the emulator and in real network namespaces: every probe's outcome. */
import { describe, test } from 'vitest';
import { type Batch, checkBatch } from './lab/check-batch.ts';
import { kernelOrReason, readSettings } from './lab/settings.ts';

const { seed, topologies, probes, reportFile } = readSettings();
const kernel = kernelOrReason();
const part = (of: number): number => Math.floor(topologies / of);
const usual = { probes, trace: false };
const clusters = { ...usual, clusters: true };

describe.runIf(kernel !== undefined)('random topologies', () => {
  test.each<Batch>([
    ['every probe between machines ends as in the kernel', 'machines', { ...usual, seed, count: topologies - part(3) }],
    ['every probe in clusters ends as in the kernel', 'clusters', { ...clusters, seed, count: part(3) }],
    [
      'every probe between machines of IPv6 ends as in the kernel',
      'ipv6',
      // A gateway must be on the link in the route's own table first (ip6_route_check_nh()): some routes of other tables are refused.
      { ...usual, seed: seed + 300_000, count: part(8), ipv6: true, mostRefused: 0.1 },
    ],
    [
      'every probe in clusters of IPv6 and of both families ends as in the kernel',
      'ipv6Clusters',
      { ...clusters, seed: seed + 600_000, count: part(15), ipv6: true },
    ],
    [
      'every probe in clusters of IPv6 with nftables ends as in the kernel',
      'ipv6Nftables',
      { ...clusters, seed: seed + 700_000, count: part(30), ipv6: true, proxy: 'nftables' },
    ],
    [
      'every probe in clusters with nftables ends as in the kernel',
      'nftables',
      { ...clusters, seed: seed + 400_000, count: part(15), proxy: 'nftables' },
    ],
    [
      'rules that remember do so as in the kernel',
      'remembering',
      { ...usual, seed: seed + 200_000, count: 10, probes: 30, remembers: true },
    ],
  ])('%s', (_, name, options) => checkBatch(name, options, { kernel, reportFile }));
});
