/** Classes of Pods that no policy tells apart, each with one Pod that stands for all of them. */
import { ipPools, ofFamily } from '../../cluster/calico-pools.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Pod } from '../../cluster/objects.ts';
import { labelOf } from '../../cluster/selector.ts';
import { type Family, familyOf, type IpAddr } from '../../net/address.ts';
import { type End, isSelectable, podEnd } from '../end.ts';
import { nodeEnd } from '../node-end.ts';
import { type AddressAtoms, addressAtoms } from './address-atoms.ts';
import type { Relevant } from './relevant.ts';

export const FAMILIES = [4, 6] as const satisfies readonly Family[];

type EndsOfFamilies = Readonly<Partial<Record<Family, End>>>;

/** One side of many connections: Pods of a class, Pods on the host network, or addresses outside of one kind. */
export type Slot = {
  readonly kind: 'pods' | 'hosts' | 'outside';
  /** How it is seen where it sends to, and how by those that send to it; nothing where it has no address of the family. */
  readonly as: { readonly source: EndsOfFamilies; readonly destination: EndsOfFamilies };
  readonly pods: readonly Pod[];
  /** The class of the nodes of its Pods; undefined for addresses outside. */
  readonly nodes: number | undefined;
};

export type PodClasses = {
  readonly slots: readonly Slot[];
  readonly slotOf: ReadonlyMap<Pod, number>;
  readonly atoms: Readonly<Record<Family, AddressAtoms>>;
  /** The slot of the addresses outside of one kind. */
  outside(family: Family, kind: number): number;
};

/** @param nodeClass Pods of nodes of different classes are told apart, because host endpoints are asked on the way */
export function podClasses(
  cluster: Cluster,
  pods: readonly Pod[],
  relevant: Relevant,
  nodeClass: (node: string | undefined) => number,
): PodClasses {
  const { nets, expected } = relevant;
  const atoms = { 4: addressAtoms(4, nets, expected), 6: addressAtoms(6, nets, expected) };
  const found: { readonly slot: Omit<Slot, 'pods'>; readonly pods: Pod[] }[] = [];
  const slotOf = new Map<Pod, number>();
  const byKey = new Map<string, number>();
  const place = (pod: Pod, own: string, make: () => Pick<Slot, 'kind' | 'as'>): void => {
    const nodes = nodeClass(pod.node);
    const key = `${nodes} ${own}`;
    const index = byKey.get(key) ?? found.push({ slot: { ...make(), nodes }, pods: [] }) - 1;
    byKey.set(key, index);
    slotOf.set(pod, index);
    found[index]?.pods.push(pod);
  };
  const kindsOf = (ips: readonly IpAddr[]): string =>
    ips.map((ip) => `${familyOf(ip)}:${atoms[familyOf(ip)].kindOf(ip)}`).join();
  for (const pod of pods) {
    if (isSelectable(pod)) place(pod, `${kindsOf(pod.ips)} ${labelsAndPorts(pod, relevant)}`, () => podSlot(pod));
    else {
      const slot = hostSlot(cluster, pod);
      const seen = [slot.as.source[4], slot.as.source[6], slot.as.destination[4], slot.as.destination[6]];
      place(pod, `host ${seen.map((end) => (end === undefined ? '' : kindsOf([end.ip]))).join(' ')}`, () => slot);
    }
  }
  const slots = found.map(({ slot, pods }): Slot => ({ ...slot, pods }));
  const base = { 4: slots.length, 6: slots.length + atoms[4].kinds };
  for (const family of FAMILIES) slots.push(...outsideSlots(family, atoms[family]));
  return { slots, slotOf, atoms, outside: (family, kind) => base[family] + kind };
}

/** Everything that policies look at, and the namespace, of which they see name and labels. */
export function labelsAndPorts(pod: Pod, { labelKeys, portNames, serviceAccounts }: Relevant): string {
  const parts = [pod.namespace, serviceAccounts ? pod.serviceAccount : ''];
  for (const key of Object.keys(pod.labels).sort()) {
    if (labelKeys.has(key)) parts.push(key, labelOf(pod.labels, key) ?? '');
  }
  for (const { name, port, protocol } of pod.ports) {
    if (name !== undefined && portNames.has(name)) parts.push(`:${name}`, protocol, String(port));
  }
  return parts.join('\n');
}

function podSlot(pod: Pod): Pick<Slot, 'kind' | 'as'> {
  const ends: EndsOfFamilies = Object.fromEntries(pod.ips.map((ip) => [familyOf(ip), podEnd(pod, ip)]));
  return { kind: 'pods', as: { source: ends, destination: ends } };
}

/** Pods on the host network, towards Pods of other nodes. */
function hostSlot(cluster: Cluster, pod: Pod): Pick<Slot, 'kind' | 'as'> {
  const node = cluster.settings.nodes.find(({ name }) => name === pod.node);
  const ends = (role: 'source' | 'destination'): EndsOfFamilies =>
    Object.fromEntries(
      pod.ips.map((ip) => {
        const elsewhere: End = { ip: podNetworkAddress(cluster, familyOf(ip)) ?? ip, pod, node: '' };
        return [familyOf(ip), node === undefined ? podEnd(pod, ip) : nodeEnd(cluster, node, ip, elsewhere, role)];
      }),
    );
  return { kind: 'hosts', as: { source: ends('source'), destination: ends('destination') } };
}

function podNetworkAddress(cluster: Cluster, family: Family): IpAddr | undefined {
  return ofFamily(ipPools(cluster), family)[0]?.cidr.addr;
}

function outsideSlots(family: Family, { atoms, kinds }: AddressAtoms): readonly Slot[] {
  return Array.from({ length: kinds }, (_, kind): Slot => {
    const ip = atoms.find((atom) => atom.kind === kind)?.first;
    const ends: EndsOfFamilies = ip === undefined ? {} : { [family]: { ip } };
    return { kind: 'outside', as: { source: ends, destination: ends }, pods: [], nodes: undefined };
  });
}
