/** Random machines and clusters in the emulator and in real network namespaces: every rule on every probe's way. */
import { describe, test } from 'vitest';
import { checkBatch } from './lab/check-batch.ts';
import { kernelOrReason, readSettings } from './lab/settings.ts';

const { seed, tracedTopologies, tracedProbes, reportFile } = readSettings();
const kernel = kernelOrReason();

describe.runIf(kernel !== undefined)('random topologies, traced', () => {
  const clusters = Math.floor(tracedTopologies / 3);
  const options = { seed: seed + 100_000, probes: tracedProbes, trace: true };
  const run = { kernel, reportFile };

  test('every rule between machines is met as in the kernel', () =>
    checkBatch('tracedMachines', { ...options, count: tracedTopologies - clusters }, run));

  test('every rule between machines of IPv6 is met as in the kernel', () =>
    checkBatch(
      'tracedIpv6',
      {
        ...options,
        seed: seed + 500_000,
        count: Math.floor(tracedTopologies / 3),
        probes: tracedProbes / 2,
        ipv6: true,
      },
      run,
    ));

  test('every rule in clusters of IPv6 and of both families is met as in the kernel', () =>
    checkBatch(
      'tracedIpv6Clusters',
      {
        ...options,
        seed: seed + 800_000,
        count: Math.floor(tracedTopologies / 10),
        probes: tracedProbes / 4,
        clusters: true,
        ipv6: true,
      },
      run,
    ));

  test('every rule of nftables in clusters is met as in the kernel', () =>
    checkBatch(
      'tracedNftables',
      {
        seed: seed + 900_000,
        count: Math.floor(tracedTopologies / 6),
        probes: tracedProbes / 4,
        trace: true,
        clusters: true,
        proxy: 'nftables',
      },
      run,
    ));

  test('every rule of nftables in clusters of IPv6 and of both families is met as in the kernel', () =>
    checkBatch(
      'tracedIpv6Nftables',
      {
        seed: seed + 1_000_000,
        count: Math.floor(tracedTopologies / 10),
        probes: tracedProbes / 4,
        trace: true,
        clusters: true,
        ipv6: true,
        proxy: 'nftables',
      },
      run,
    ));

  test('every rule in clusters is met as in the kernel', () =>
    checkBatch('tracedClusters', { ...options, count: clusters, clusters: true }, run));
});
