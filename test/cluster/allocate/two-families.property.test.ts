import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ClusterSettings } from '../../../src/cluster/settings.ts';
import { familyOf } from '../../../src/net/address.ts';
import { contains, overlaps, printPrefix } from '../../../src/net/prefix.ts';
import { clusterOf, node, prefix } from '../load.ts';

const PLUGINS: readonly ClusterSettings['cni'][] = [
  { plugin: 'flannel', flannel: { backend: 'vxlan' } },
  {
    plugin: 'calico',
    calico: { encapsulation: 'vxlan', blockSize: 30, natOutgoing: true, bgp: { asNumber: 1, nodeToNodeMesh: true } },
  },
];

const NETWORKS = [['10.244.0.0/20'], ['fd00::/56'], ['10.244.0.0/20', 'fd00::/56'], ['fd00::/56', '10.244.0.0/20']];

it('every Pod gets one address of each family, its own and out of its node’s ranges; no two nodes share a range', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...PLUGINS),
      fc.constantFrom(...NETWORKS),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 25 }),
      (cni, networks, nodeCount, places) => {
        const nodes = Array.from({ length: nodeCount }, (_, i) =>
          node(`n${i}`, `192.0.2.${i + 1}/24`, { secondAddress: prefix(`2001:db8::${i + 1}/64`) }),
        );
        const text = places
          .map(
            (place, i) =>
              `apiVersion: v1\nkind: Pod\nmetadata: {name: p${i}}\nspec: {nodeName: n${place % nodeCount}, containers: []}\n`,
          )
          .join('---\n');
        const cluster = clusterOf(text, { cni, podCIDRs: networks.map(prefix), nodes });
        const families = networks.map((text_) => familyOf(prefix(text_).addr)).sort();
        const ranges = new Map(cluster.settings.nodes.map(({ name, blocks = [] }) => [name, blocks]));
        const all = [...ranges.values()].flat();
        for (const [i, a] of all.entries()) {
          for (const b of all.slice(i + 1)) expect([printPrefix(a), printPrefix(b), overlaps(a, b)]).toContain(false);
        }
        for (const pod of cluster.pods) {
          expect([...pod.ips.map(familyOf)].sort()).toEqual(families);
          for (const ip of pod.ips) expect(ranges.get(pod.node ?? '')?.some((range) => contains(range, ip))).toBe(true);
        }
        const ips = cluster.pods.flatMap((pod) => pod.ips);
        expect(new Set(ips).size).toBe(ips.length);
      },
    ),
    { numRuns: 60 },
  );
});
