/** All connections that the policies allow, between classes; rows between workloads are made while they are read. */
import { memoize } from '../../lib/lazy.ts';
import type { Family } from '../../net/address.ts';
import { ALL_CONNECTIONS, PORT_CONNECTIONS } from '../connection-set.ts';
import type { End } from '../end.ts';
import type { PolicyWorld } from '../judge.ts';
import type { Direction, Policy, PolicyRule, TrafficTerm } from '../rule-set.ts';
import { addBit, type Bits, noBits } from './bit-set.ts';
import { ConnectionTable } from './connection-table.ts';
import { type AllowedBlock, allowedWith, directionRows, type SelectingTier } from './direction-rows.ts';
import { PeerIndex } from './peer-index.ts';
import { FAMILIES, type PodClasses, podClasses } from './pod-classes.ts';
import { relevantTo } from './relevant.ts';
import { type Workload, workloadsOf } from './workloads.ts';

export class Connectivity {
  readonly world: PolicyWorld;
  readonly workloads: readonly Workload[];
  readonly classes: PodClasses;
  readonly table: ConnectionTable;
  readonly #selecting: Readonly<Record<Direction, readonly (readonly SelectingTier[])[]>>;
  readonly #everybody: Readonly<Record<Direction, Readonly<Record<Family, Bits>>>>;
  readonly #index: PeerIndex;
  readonly #blocks = new Map<string, readonly AllowedBlock[]>();
  readonly #numberOf: (policy: Policy) => number;

  constructor(world: PolicyWorld) {
    const { cluster, tiers } = world;
    const relevant = relevantTo(cluster, tiers);
    this.world = world;
    this.workloads = workloadsOf(cluster);
    const pods = this.workloads.flatMap((workload) => workload.pods);
    this.classes = podClasses(cluster, pods, relevant);
    this.table = new ConnectionTable(relevant.otherProtocols ? ALL_CONNECTIONS : PORT_CONNECTIONS);
    this.#index = new PeerIndex(cluster, this.classes.slots, relevant.labelKeys);
    this.#selecting = { ingress: this.#selectingTiers('ingress'), egress: this.#selectingTiers('egress') };
    this.#everybody = { ingress: this.#everybodyAs('source'), egress: this.#everybodyAs('destination') };
    let policies = 0;
    this.#numberOf = memoize(() => policies++);
  }

  /** The number of what is allowed from a Pod of one slot to another Pod of the other, over any family that they share. */
  between(source: number, destination: number): number {
    const { table } = this;
    let allowed = table.none;
    for (const family of FAMILIES) {
      const out = this.#allowed('egress', family, source, destination);
      if (out !== table.none)
        allowed = table.unite(allowed, table.intersect(out, this.#allowed('ingress', family, destination, source)));
    }
    return allowed;
  }

  /** Whether any policy selects Pods of the slot in the direction. */
  isSelected(slot: number, direction: Direction): boolean {
    return (this.#selecting[direction][slot]?.length ?? 0) > 0;
  }

  #allowed(direction: Direction, family: Family, subject: number, peer: number): number {
    const role = direction === 'ingress' ? 'source' : 'destination';
    const { slots } = this.classes;
    const end = slots[subject]?.as[role === 'source' ? 'destination' : 'source'][family];
    if (end === undefined || slots[peer]?.as[role][family] === undefined) return this.table.none;
    if (end.pod === undefined || !this.world.profile.enforces) return this.table.all;
    return allowedWith(this.#blocksOf(direction, family, subject, end), peer, this.table.none);
  }

  /** Kept for each list of policies, not for each slot: most slots have the list of another. */
  #blocksOf(direction: Direction, family: Family, slot: number, subject: End): readonly AllowedBlock[] {
    const tiers = this.#selecting[direction][slot] ?? [];
    const policies = tiers.flatMap((tier) => tier.policies);
    const own = policies.some((policy) => dependsOnSubject(policy, direction)) ? slot : '';
    const key = `${direction} ${family} ${own} ${policies.map(this.#numberOf).join()}`;
    let blocks = this.#blocks.get(key);
    if (blocks === undefined) {
      const input = { cluster: this.world.cluster, table: this.table, index: this.#index, slots: this.classes.slots };
      blocks = directionRows(input, direction, family, subject, tiers, this.#everybody[direction][family]);
      this.#blocks.set(key, blocks);
    }
    return blocks;
  }

  #selectingTiers(direction: Direction): readonly (readonly SelectingTier[])[] {
    const selecting = this.classes.slots.map(
      (): { readonly defaultAction: 'deny' | 'pass'; readonly policies: Policy[] }[] => [],
    );
    for (const { defaultAction, policies } of this.world.tiers) {
      const inTier = new Map<number, Policy[]>();
      for (const policy of policies) {
        if (policy.rules[direction] === undefined) continue;
        for (const slot of this.#index.selectedBy(policy.subject)) {
          const list = inTier.get(slot);
          if (list === undefined) inTier.set(slot, [policy]);
          else list.push(policy);
        }
      }
      for (const [slot, list] of inTier) selecting[slot]?.push({ defaultAction, policies: list });
    }
    return selecting;
  }

  #everybodyAs(role: 'source' | 'destination'): Readonly<Record<Family, Bits>> {
    const { slots } = this.classes;
    const everybody = { 4: noBits(slots.length), 6: noBits(slots.length) };
    for (const [index, slot] of slots.entries()) {
      for (const family of FAMILIES) if (slot.as[role][family] !== undefined) addBit(everybody[family], index);
    }
    return everybody;
  }
}

/** Rules of the policy may say something else for each Pod that it selects. */
const dependsOnSubject = (policy: Policy, direction: Direction): boolean =>
  (policy.rules[direction] ?? []).some((rule) => ruleDependsOnSubject(rule, direction));

function ruleDependsOnSubject({ own, peers, traffic }: PolicyRule, direction: Direction): boolean {
  if (own !== undefined) return true;
  const ofSubject = ({ ports, notPorts, sourcePorts, notSourcePorts }: TrafficTerm) =>
    direction === 'ingress' ? [...ports, ...notPorts] : [...sourcePorts, ...notSourcePorts];
  if ((traffic ?? []).some((term) => ofSubject(term).some(({ kind }) => kind === 'named'))) return true;
  return (peers ?? []).some(
    (term) =>
      term.kind === 'pods' && (term.namespaces.kind === 'same-labels' || term.namespaces.kind === 'not-same-labels'),
  );
}
