/** On random clusters with host endpoints the compiled chains and the rows of connectivity say what the truth function says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../kernel/lab/random.ts';
import { disagreements } from './disagreements.ts';
import { generateCluster, loadDocuments, type Network } from './generate.ts';
import { someToDiscovery } from './two-families.ts';

describe('the chains of host endpoints and the rows of connectivity say what the truth function says', () => {
  it.each<readonly [string, Partial<Network>, number]>([
    ['without tunnels', {}, 8],
    ['in VXLAN', { encapsulation: 'vxlan' }, 4],
    ['in IPIP', { encapsulation: 'ipip' }, 4],
    ['behind the address of the node', { natOutgoing: true }, 4],
    ['over IPv6', { dualStack: true }, 6],
    ['over IPv6 in VXLAN', { dualStack: true, encapsulation: 'vxlan' }, 4],
    ['over IPv6 behind the address of the node', { dualStack: true, natOutgoing: true }, 4],
  ])('%s', (_, network, numRuns) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const base: Network = {
          ...{ nodes: 2, pods: [2, 3], encapsulation: 'none', natOutgoing: false, dualStack: false },
          ...network,
        };
        const documents = generateCluster(random, { admin: false, calico: random.chance(0.5), hosts: true }, base);
        const loaded = loadDocuments(base.dualStack ? someToDiscovery(random, documents) : documents);
        // One that a machine may lead out from or into: raw lets what comes from there pass as answers.
        const sourcePort = !base.natOutgoing && random.chance(0.3) ? random.pick([80, 6443]) : undefined;
        expect(disagreements(loaded, sourcePort).found).toEqual([]);
      }),
      { numRuns, endOnFailure: true },
    );
  });
});
