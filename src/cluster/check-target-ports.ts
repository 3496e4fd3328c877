/** Named targetPorts that no selected Pod has: legal, and the Service has no endpoint on that port. */
import { nearest } from '../lib/nearest.ts';
import type { Issue } from '../lib/result.ts';
import { atField } from './allocate/at-field.ts';
import type { Cluster } from './cluster.ts';
import type { Service } from './objects.ts';

type UnknownTargetPort = {
  readonly service: Service;
  /** Place in spec.ports. */
  readonly index: number;
  readonly name: string;
  /** Names of ports that the Pods do have. */
  readonly known: readonly string[];
};

/**
 * FindPort() of the endpointslice controller looks among the container ports of the Service port's protocol.
 * @param sliced `namespace/name` of Services whose endpoints the input gives: their Pods may be left out
 */
function unknownTargetPorts(cluster: Cluster, sliced: ReadonlySet<string>): readonly UnknownTargetPort[] {
  return cluster.services.flatMap((service) => {
    const { selector, namespace, name, ports } = service;
    if (selector === undefined || sliced.has(`${namespace}/${name}`)) return [];
    return ports.flatMap(({ targetPort, protocol }, index) => {
      if (typeof targetPort === 'number') return [];
      const pods = cluster.podsWithLabels(namespace, selector);
      const known = new Set(
        pods.flatMap((pod) => pod.ports.flatMap((port) => (port.protocol === protocol ? (port.name ?? []) : []))),
      );
      // Without any Pod it is the selector that is wrong.
      if (pods.length === 0 || known.has(targetPort)) return [];
      return [{ service, index, name: targetPort, known: [...known].sort() }];
    });
  });
}

/** With more of them than this the input is a part of something larger. */
const MOST = 20;

/** As warnings; lint tells the same, and all of them. */
export function checkTargetPorts(cluster: Cluster, sliced: ReadonlySet<string>, most: number = MOST): readonly Issue[] {
  return unknownTargetPorts(cluster, sliced)
    .slice(0, most)
    .map(({ service, index, name, known }) => {
      const path = ['spec', 'ports', index, 'targetPort'] as const;
      const message = `no Pod that the Service selects has a port named ${name}: it has no endpoints on this port`;
      const [best] = nearest(name, known, 1);
      const hint =
        best !== undefined
          ? `did you mean ${best}?`
          : known.length > 0
            ? `they have ${known.join(', ')}`
            : 'their containers give no port of this protocol a name';
      return { ...atField('warning', 'target-port-matches-nothing', service, path, message), hint };
    });
}
