/** Random machines and clusters in the emulator and in real network namespaces: every rule on every probe's way. */
import { describe, test } from 'vitest';
import { type Batch, checkBatch } from './lab/check-batch.ts';
import { kernelOrReason, readSettings } from './lab/settings.ts';

const { seed, tracedTopologies, tracedProbes, reportFile } = readSettings();
const kernel = kernelOrReason();
const part = (of: number): number => Math.floor(tracedTopologies / of);
const usual = { probes: tracedProbes, trace: true };
const clusters = { ...usual, probes: tracedProbes / 4, clusters: true };

describe.runIf(kernel !== undefined)('random topologies, traced', () => {
  test.each<Batch>([
    [
      'every rule between machines is met as in the kernel',
      'tracedMachines',
      { ...usual, seed: seed + 100_000, count: tracedTopologies - part(3) },
    ],
    [
      'every rule between machines of IPv6 is met as in the kernel',
      'tracedIpv6',
      { ...usual, seed: seed + 500_000, count: part(5), probes: tracedProbes / 2, ipv6: true },
    ],
    [
      'every rule in clusters of IPv6 and of both families is met as in the kernel',
      'tracedIpv6Clusters',
      { ...clusters, seed: seed + 800_000, count: part(10), ipv6: true },
    ],
    [
      'every rule of nftables in clusters is met as in the kernel',
      'tracedNftables',
      { ...clusters, seed: seed + 900_000, count: part(6), proxy: 'nftables' },
    ],
    [
      'every rule of nftables in clusters of IPv6 and of both families is met as in the kernel',
      'tracedIpv6Nftables',
      { ...clusters, seed: seed + 1_000_000, count: part(10), ipv6: true, proxy: 'nftables' },
    ],
    [
      'every rule in clusters is met as in the kernel',
      'tracedClusters',
      { ...usual, seed: seed + 100_000, count: part(3), clusters: true },
    ],
  ])('%s', (_, name, options) => checkBatch(name, options, { kernel, reportFile }));
});
