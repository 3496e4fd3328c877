/** Random machines and clusters in the emulator and in real network namespaces: every probe's outcome. */
import { describe, test } from 'vitest';
import { checkBatch } from './lab/check-batch.ts';
import { kernelOrReason, readSettings } from './lab/settings.ts';

const { seed, topologies, probes, reportFile } = readSettings();
const kernel = kernelOrReason();

describe.runIf(kernel !== undefined)('random topologies', () => {
  const clusters = Math.floor(topologies / 3);
  const run = { kernel, reportFile };

  test('every probe between machines ends as in the kernel', () =>
    checkBatch('machines', { seed, count: topologies - clusters, probes, trace: false }, run));

  test('every probe in clusters ends as in the kernel', () =>
    checkBatch('clusters', { seed, count: clusters, probes, trace: false, clusters: true }, run));

  test('every probe between machines of IPv6 ends as in the kernel', () =>
    checkBatch(
      'ipv6',
      { seed: seed + 300_000, count: Math.floor(topologies / 5), probes, trace: false, ipv6: true },
      // A gateway must be on the link in the route's own table first (ip6_route_check_nh()): some routes of other tables are refused.
      { ...run, mostRefused: 0.1 },
    ));

  test('every probe in clusters of IPv6 and of both families ends as in the kernel', () =>
    checkBatch(
      'ipv6Clusters',
      {
        seed: seed + 600_000,
        count: Math.floor(topologies / 15),
        probes,
        trace: false,
        clusters: true,
        ipv6: true,
      },
      run,
    ));

  test('every probe in clusters of IPv6 with nftables ends as in the kernel', () =>
    checkBatch(
      'ipv6Nftables',
      {
        seed: seed + 700_000,
        count: Math.floor(topologies / 30),
        probes,
        trace: false,
        clusters: true,
        ipv6: true,
        proxy: 'nftables',
      },
      run,
    ));

  test('every probe in clusters with nftables ends as in the kernel', () =>
    checkBatch(
      'nftables',
      {
        seed: seed + 400_000,
        count: Math.floor(topologies / 10),
        probes,
        trace: false,
        clusters: true,
        proxy: 'nftables',
      },
      run,
    ));

  test('rules that remember do so as in the kernel', () =>
    checkBatch('remembering', { seed: seed + 200_000, count: 10, probes: 30, trace: false, remembers: true }, run));
});
