/** Who can ask and be asked in a cluster with policies: Pods, nodes, and the machine outside, by each address a place of its own. */
import { type Family, familyOf, type IpAddr, printIp } from '../../../src/net/address.ts';
import type { NamedEnd } from '../../../src/query/policy/policy-ends.ts';
import { podMachine } from '../../../src/topology/world/inventory.ts';
import type { LoadedCluster } from './load-cluster.ts';

/** A place that sends, takes, or both. */
export type Place = {
  readonly machine: string;
  readonly end: NamedEnd;
  readonly address: IpAddr;
  /** What to bind to, where the machine has several addresses. */
  readonly source?: string;
};

export function placesOf({ cluster, world }: LoadedCluster): readonly Place[] {
  const noPort = { port: undefined, portName: undefined };
  const pods = cluster.pods.flatMap((pod) =>
    pod.ips.map((address): Place => {
      const node = pod.hostNetwork ? pod.node : undefined;
      const end = { name: pod.name, addresses: [address], pod, node, ...noPort };
      return { machine: podMachine(pod).netns, end, address };
    }),
  );
  const machines = world.machines.flatMap(({ kind, name, netns, addresses }): readonly Place[] => {
    if (kind !== 'node' && kind !== 'host') return [];
    // Other addresses of a node are ends of tunnels, to which nobody connects.
    const own = kind === 'host' ? addresses : firstOfEach(addresses);
    return own.map((address) => ({
      ...{ machine: netns, address, ...(kind === 'host' ? { source: printIp(address) } : {}) },
      end: {
        name: printIp(address),
        addresses: [address],
        pod: undefined,
        ...noPort,
        node: kind === 'node' ? name : undefined,
      },
    }));
  });
  return [...pods, ...machines];
}

function firstOfEach(addresses: readonly IpAddr[]): readonly IpAddr[] {
  const families: readonly Family[] = [4, 6];
  return families.flatMap((family) => addresses.find((address) => familyOf(address) === family) ?? []);
}

/** Policies of Pods have nothing to say between two others; those of host endpoints have, save between the client and itself. */
export function mayBeJudged(from: Place, to: Place, hosts: boolean): boolean {
  if (familyOf(from.address) !== familyOf(to.address)) return false;
  const isPod = ({ end }: Place): boolean => end.pod !== undefined;
  const isNode = ({ end }: Place): boolean => end.node !== undefined;
  return isPod(from) || isPod(to) || (hosts && (isNode(from) || isNode(to)) && from !== to);
}
