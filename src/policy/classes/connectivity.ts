/** All connections that the policies allow, between classes; rows between workloads are made while they are read. */
import { memoize } from '../../lib/lazy.ts';
import type { Family } from '../../net/address.ts';
import { ALL_CONNECTIONS, type ConnectionSet, PORT_CONNECTIONS } from '../connection-set.ts';
import type { End } from '../end.ts';
import { asksHosts } from '../hosts/judge-hosts.ts';
import type { PolicyWorld } from '../judge.ts';
import { DIRECTIONS, type Direction, type Policy, type PolicyRule, type TrafficTerm } from '../rule-set.ts';
import { addBit, type Bits, noBits } from './bit-set.ts';
import { ConnectionTable } from './connection-table.ts';
import { type AllowedBlock, allowedWith, directionRows, type RuleWatch, type SelectingTier } from './direction-rows.ts';
import { hostClasses } from './host-classes.ts';
import { type Meeting, meetingOf } from './meeting.ts';
import { PastHosts } from './past-hosts.ts';
import { PeerIndex } from './peer-index.ts';
import { FAMILIES, type PodClasses, podClasses } from './pod-classes.ts';
import { relevantTo } from './relevant.ts';
import { type Workload, workloadsOf } from './workloads.ts';

const BIT: Readonly<Record<Family, number>> = { 4: 1, 6: 2 };

export class Connectivity {
  readonly world: PolicyWorld;
  readonly workloads: readonly Workload[];
  readonly classes: PodClasses;
  readonly table: ConnectionTable;
  readonly index: PeerIndex;
  readonly #selecting: Readonly<Record<Direction, readonly (readonly SelectingTier[])[]>>;
  readonly #everybody: Readonly<Record<Direction, Readonly<Record<Family, Bits>>>>;
  /** Families of each slot as a sum. */
  readonly #speaks: Readonly<Record<'source' | 'destination', readonly number[]>>;
  readonly #blocks: Readonly<Record<Direction, Readonly<Record<Family, (readonly AllowedBlock[] | undefined)[]>>>> = {
    ingress: { 4: [], 6: [] },
    egress: { 4: [], 6: [] },
  };
  readonly #blocksByPolicies = new Map<string, readonly AllowedBlock[]>();
  readonly #numberOf: (policy: Policy) => number;
  /** undefined where no host endpoint has a say. */
  readonly #past: PastHosts | undefined;

  /** @param universe what counts as all, where the policies of another input decide about it, too */
  constructor(world: PolicyWorld, universe?: ConnectionSet) {
    const { cluster, tiers } = world;
    const relevant = relevantTo(cluster, tiers);
    this.world = world;
    this.workloads = workloadsOf(cluster);
    const pods = this.workloads.flatMap((workload) => workload.pods);
    const hosts = asksHosts(world) ? hostClasses(world) : undefined;
    this.classes = podClasses(cluster, pods, relevant, hosts?.ofNode ?? (() => 0));
    this.table = new ConnectionTable(universe ?? (relevant.otherProtocols ? ALL_CONNECTIONS : PORT_CONNECTIONS));
    this.#past = hosts === undefined ? undefined : new PastHosts(world, this.table, this.classes.slots, hosts);
    this.index = new PeerIndex(cluster, this.classes.slots, relevant.labelKeys);
    this.#selecting = { ingress: this.#selectingTiers('ingress'), egress: this.#selectingTiers('egress') };
    this.#everybody = { ingress: this.#everybodyAs('source'), egress: this.#everybodyAs('destination') };
    const familiesAs = (role: 'source' | 'destination') =>
      this.classes.slots.map(({ as }) =>
        FAMILIES.reduce<number>((sum, f) => (as[role][f] === undefined ? sum : sum | BIT[f]), 0),
      );
    this.#speaks = { source: familiesAs('source'), destination: familiesAs('destination') };
    let policies = 0;
    this.#numberOf = memoize(() => policies++);
  }

  /** Whether host endpoints are asked about what passes nodes. */
  get asksHosts(): boolean {
    return this.#past !== undefined;
  }

  /**
   * The number of what is allowed from a Pod of one slot to another Pod of the other, over any family that they share.
   * @param onOneNode whether both are on one node; `tellsNodes` says where that matters
   */
  between(source: number, destination: number, onOneNode = false): number {
    const { table } = this;
    const isOpen = onOneNode && this.#isOpenOnOneNode(source, destination);
    if (isOpen && this.#past === undefined) return table.all;
    const shared = (this.#speaks.source[source] ?? 0) & (this.#speaks.destination[destination] ?? 0);
    let allowed = table.none;
    for (const family of FAMILIES) {
      if ((shared & BIT[family]) === 0) continue;
      const both = isOpen ? table.all : this.#byPolicies(family, source, destination);
      const past = both === table.none ? both : this.#past?.leave(family, source, destination, onOneNode);
      allowed = table.unite(allowed, past === undefined ? both : table.intersect(both, past));
    }
    return allowed;
  }

  /** What the policies of both slots allow. */
  #byPolicies(family: Family, source: number, destination: number): number {
    const { table } = this;
    const out = allowedWith(this.blocksOf('egress', family, source), destination, table.none);
    if (out === table.none) return out;
    return table.intersect(out, allowedWith(this.blocksOf('ingress', family, destination), source, table.none));
  }

  /** Whether two Pods on one node may do something else than two on different ones. */
  tellsNodes(source: number, destination: number): boolean {
    if (this.#isOpenOnOneNode(source, destination)) return true;
    if (this.#past?.mayMeetOnOneNode(source, destination) !== true) return false;
    return this.between(source, destination, true) !== this.between(source, destination, false);
  }

  /** A node reaches its own Pods whatever their policies say. */
  #isOpenOnOneNode(source: number, destination: number): boolean {
    const { slots } = this.classes;
    return slots[source]?.kind === 'hosts' && slots[destination]?.kind === 'pods';
  }

  /** Two ends of the slots as they meet, of one node, of two, or where it is not said of any; undefined where there are none. */
  endsOf(family: Family, source: number, destination: number, onOneNode?: boolean): Meeting | undefined {
    const [from, to] = [this.classes.slots[source], this.classes.slots[destination]];
    if (from === undefined || to === undefined) return undefined;
    const meet = (together: boolean) => meetingOf(this.world.cluster, family, from, to, together);
    return onOneNode === undefined ? (meet(false) ?? meet(true)) : meet(onOneNode);
  }

  /** The number of what the policies of one slot alone allow it with the other, over any family that they share. */
  half(direction: Direction, slot: number, peer: number): number {
    const [own, other] =
      direction === 'egress' ? (['source', 'destination'] as const) : (['destination', 'source'] as const);
    const shared = (this.#speaks[own][slot] ?? 0) & (this.#speaks[other][peer] ?? 0);
    return FAMILIES.filter((family) => (shared & BIT[family]) !== 0)
      .map((family) => allowedWith(this.blocksOf(direction, family, slot), peer, this.table.none))
      .reduce((all, one) => this.table.unite(all, one), this.table.none);
  }

  /** Whether any policy selects Pods of the slot in the direction. */
  isSelected(slot: number, direction: Direction): boolean {
    return (this.#selecting[direction][slot]?.length ?? 0) > 0;
  }

  /** What the policies of one slot alone allow in one direction: blocks of peers. */
  blocksOf(direction: Direction, family: Family, slot: number): readonly AllowedBlock[] {
    const kept = this.#blocks[direction][family];
    let blocks = kept[slot];
    if (blocks === undefined) {
      blocks = this.#makeBlocks(direction, family, slot);
      kept[slot] = blocks;
    }
    return blocks;
  }

  /** Tells of each rule what it does for the Pods that its policy selects, once for each list of policies. */
  watchRules(watch: RuleWatch): void {
    const seen = new Set<string>();
    for (const direction of DIRECTIONS) {
      for (const family of FAMILIES) {
        for (const slot of this.classes.slots.keys()) {
          const subject = this.#subjectOf(direction, family, slot);
          const key = this.#listKey(direction, family, slot);
          if (subject?.pod === undefined || seen.has(key)) continue;
          seen.add(key);
          const blocks = this.#fold(direction, family, slot, subject, watch);
          this.#blocksByPolicies.set(key, blocks);
        }
      }
    }
  }

  /** Made for each list of policies, not for each slot: most slots have the list of another. */
  #makeBlocks(direction: Direction, family: Family, slot: number): readonly AllowedBlock[] {
    const subject = this.#subjectOf(direction, family, slot);
    if (subject?.pod === undefined || !this.world.profile.enforces)
      return [{ peers: this.#everybody[direction][family], allowed: this.table.all }];
    const key = this.#listKey(direction, family, slot);
    let blocks = this.#blocksByPolicies.get(key);
    if (blocks === undefined) {
      blocks = this.#fold(direction, family, slot, subject);
      this.#blocksByPolicies.set(key, blocks);
    }
    return blocks;
  }

  #subjectOf(direction: Direction, family: Family, slot: number): End | undefined {
    return this.classes.slots[slot]?.as[direction === 'ingress' ? 'destination' : 'source'][family];
  }

  /** Slots with one key have the same blocks. */
  #listKey(direction: Direction, family: Family, slot: number): string {
    const policies = (this.#selecting[direction][slot] ?? []).flatMap((tier) => tier.policies);
    const own = policies.some((policy) => dependsOnSubject(policy, direction)) ? slot : '';
    return `${direction} ${family} ${own} ${policies.map(this.#numberOf).join()}`;
  }

  #fold(direction: Direction, family: Family, slot: number, subject: End, watch?: RuleWatch): readonly AllowedBlock[] {
    const { table, index, classes, world } = this;
    const input = {
      cluster: world.cluster,
      table,
      index,
      slots: classes.slots,
      ...(watch === undefined ? {} : { watch }),
    };
    const tiers = this.#selecting[direction][slot] ?? [];
    return directionRows(input, direction, family, subject, tiers, this.#everybody[direction][family]);
  }

  #selectingTiers(direction: Direction): readonly (readonly SelectingTier[])[] {
    const selecting = this.classes.slots.map(
      (): { readonly defaultAction: 'deny' | 'pass'; readonly policies: Policy[] }[] => [],
    );
    for (const { defaultAction, policies } of this.world.tiers) {
      const inTier = new Map<number, Policy[]>();
      for (const policy of policies) {
        if (policy.rules[direction] === undefined || policy.stage !== 'normal') continue;
        for (const slot of this.index.selectedBy(policy.subject)) {
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
