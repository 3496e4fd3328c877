/** The policies of all APIs with the classes of Pods that they select and mean, and what each rule decides. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/objects.ts';
import type { PathSegment } from '../cluster/source.ts';
import { type Lazy, lazy } from '../lib/lazy.ts';
import { addBit, type Bits, indexesOf, noBits, orBits } from '../policy/classes/bit-set.ts';
import { Connectivity } from '../policy/classes/connectivity.ts';
import { FAMILIES } from '../policy/classes/pod-classes.ts';
import { type RuleEffect, ruleEffects } from '../policy/classes/rule-effects.ts';
import type { End } from '../policy/end.ts';
import { judgeDirection, policyWorld } from '../policy/judge.ts';
import { isPeerNeutral, trafficOfRule } from '../policy/match-rule.ts';
import {
  DIRECTIONS,
  type Direction,
  type EndTerm,
  type Policy,
  type PolicyRule,
  type PolicyTier,
} from '../policy/rule-set.ts';
import { sayPolicy } from '../policy/say-policy.ts';

export type PolicyEntry = {
  readonly tier: PolicyTier;
  readonly policy: Policy;
  /** Classes of Pods that it selects. */
  readonly slots: readonly number[];
};

export type RuleEntry = PolicyEntry & {
  readonly direction: Direction;
  readonly rule: PolicyRule;
  readonly index: number;
};

export class PolicyFacts {
  readonly connectivity: Connectivity;
  /** In the order in which they are asked. */
  readonly entries: readonly PolicyEntry[];
  readonly effects: Lazy<ReadonlyMap<PolicyRule, RuleEffect>>;
  readonly #podsOfSlots: Lazy<ReadonlyMap<number, readonly Pod[]>>;
  readonly #extremes = new Map<string, { readonly left: 'all' | 'nothing' | undefined }>();
  readonly #entryOf: Lazy<ReadonlyMap<PolicyRule, RuleEntry>>;

  constructor(cluster: Cluster) {
    const world = policyWorld(cluster);
    const connectivity = new Connectivity(world);
    this.connectivity = connectivity;
    this.entries = world.tiers.flatMap((tier) =>
      tier.policies.map((policy) => ({ tier, policy, slots: connectivity.index.selectedBy(policy.subject) })),
    );
    this.effects = lazy(() => ruleEffects(connectivity));
    this.#podsOfSlots = lazy(() => podsOfSlots(connectivity));
    this.#entryOf = lazy(() => new Map(this.rules().map((entry) => [entry.rule, entry])));
  }

  rules(): readonly RuleEntry[] {
    return this.entries.flatMap((entry) => rulesOf(entry));
  }

  podsOf(slot: number): readonly Pod[] {
    return this.#podsOfSlots().get(slot) ?? [];
  }

  /** `shop/web` of the Pods' owners, sorted, each once. */
  workloadsOf(slots: Iterable<number>): readonly string[] {
    const names = [...slots]
      .flatMap((slot) => this.podsOf(slot))
      .map(({ namespace, name, owner }) => `${namespace}/${owner?.name ?? name}`);
    return [...new Set(names)].sort();
  }

  /** Slots that the term means in any family, for any of the Pods that the policy selects. */
  meantBy({ slots }: PolicyEntry, direction: Direction, term: EndTerm): Bits {
    const { classes, index } = this.connectivity;
    const role = direction === 'ingress' ? 'source' : 'destination';
    const ofSubject = term.kind === 'pods' && /same-labels$/.test(term.namespaces.kind);
    let meant = noBits(classes.slots.length);
    for (const slot of ofSubject ? slots : slots.slice(0, 1)) {
      for (const family of FAMILIES) {
        const subject = this.endOf(slot);
        if (subject !== undefined) meant = orBits(meant, index.bitsOf(term, family, role, subject));
      }
    }
    return meant;
  }

  /** Slots of Pods among the rule's peers; undefined where it names none, or means addresses as well. */
  podPeers(entry: RuleEntry): readonly number[] | undefined {
    const { peers } = entry.rule;
    if (peers === undefined || peers.some(({ kind }) => kind === 'nets' || kind === 'unsupported')) return undefined;
    const meant = peers.map((term) => this.meantBy(entry, entry.direction, term));
    const all = meant.reduce(orBits, noBits(this.connectivity.classes.slots.length));
    return [...indexesOf(all)].filter((slot) => this.connectivity.classes.slots[slot]?.kind === 'pods');
  }

  /** Classes of Pods at the receiving end of the rule; undefined where anybody may be there. */
  destinations(entry: RuleEntry): readonly number[] | undefined {
    return entry.direction === 'ingress' ? entry.slots : this.podPeers(entry);
  }

  endOf(slot: number): End | undefined {
    const ends = this.connectivity.classes.slots[slot]?.as.destination;
    return ends?.[4] ?? ends?.[6];
  }

  /** The number of what the rule is for, where that does not depend on who the Pods are. */
  trafficOf(entry: RuleEntry): number | undefined {
    const { rule, direction, slots } = entry;
    const subject = slots[0] === undefined ? undefined : this.endOf(slots[0]);
    const names = (rule.traffic ?? []).flatMap((term) => [
      ...term.ports,
      ...term.notPorts,
      ...term.sourcePorts,
      ...term.notSourcePorts,
    ]);
    if (subject === undefined || names.some(({ kind }) => kind === 'named') || !isPeerNeutral(rule, direction))
      return undefined;
    const { world, table } = this.connectivity;
    return table.numberOf(trafficOfRule(world.cluster, rule, direction, { subject, peer: subject }));
  }

  /** Rules that decide, in a case where it fits, what the rule is for. */
  decidersBefore(effect: RuleEffect, rule: PolicyRule): readonly RuleEntry[] {
    const { direction, family, subject, peer } = effect.sample;
    const role = direction === 'ingress' ? 'source' : 'destination';
    const end = this.connectivity.classes.slots[peer]?.as[role][family];
    if (end === undefined) return [];
    const { world, table } = this.connectivity;
    const { tiers } = judgeDirection(world, direction, { subject, peer: end }, table.universe);
    const deciders: RuleEntry[] = [];
    for (const judged of tiers.flatMap(({ policies }) => policies.flatMap(({ rules }) => rules))) {
      if (judged.rule === rule) break;
      const entry = this.#entryOf().get(judged.rule);
      const decides = table.numberOf(judged.decided) !== table.none && judged.rule.action !== 'log';
      if (decides && entry !== undefined) deciders.push(entry);
    }
    return deciders;
  }

  /** Whether the slot is left with all, or with nothing, in the direction; undefined for anything between. */
  extremeOf(direction: Direction, slot: number): 'all' | 'nothing' | undefined {
    const key = `${direction} ${slot}`;
    const known = this.#extremes.get(key);
    if (known !== undefined) return known.left;
    const { table, classes } = this.connectivity;
    const role = direction === 'ingress' ? 'destination' : 'source';
    const families = FAMILIES.filter((family) => classes.slots[slot]?.as[role][family] !== undefined);
    const allowed = new Set(
      families.flatMap((family) => this.connectivity.blocksOf(direction, family, slot).map((block) => block.allowed)),
    );
    const [only] = allowed.size === 1 ? allowed : [];
    const left = only === table.all ? 'all' : only === table.none ? 'nothing' : undefined;
    this.#extremes.set(key, { left });
    return left;
  }
}

function podsOfSlots({ classes }: Connectivity): ReadonlyMap<number, readonly Pod[]> {
  const pods = new Map<number, Pod[]>();
  for (const [pod, slot] of classes.slotOf) {
    const list = pods.get(slot);
    if (list === undefined) pods.set(slot, [pod]);
    else list.push(pod);
  }
  return pods;
}

export function rulesOf(entry: PolicyEntry): readonly RuleEntry[] {
  return DIRECTIONS.flatMap((direction) =>
    (entry.policy.rules[direction] ?? []).map((rule, index) => ({ ...entry, direction, rule, index })),
  );
}

/** Where the rule stands below its policy. */
export function pathOfRule({ direction, index }: RuleEntry): readonly PathSegment[] {
  return ['spec', direction, index];
}

/** Where a peer of the rule stands. */
export function pathOfPeer(entry: RuleEntry, peer: number): readonly PathSegment[] {
  const ingress = entry.direction === 'ingress';
  if (entry.policy.api === 'calico') return [...pathOfRule(entry), ingress ? 'source' : 'destination'];
  return [...pathOfRule(entry), ingress ? 'from' : 'to', peer];
}

/** `NetworkPolicy shop/db ingress[0]` */
export function nameOfRule({ policy, direction, index }: RuleEntry): string {
  return `${sayPolicy(policy)} ${direction}[${index}]`;
}

export function bitsOfSlots(slots: Iterable<number>, size: number): Bits {
  const bits = noBits(size);
  for (const slot of slots) addBit(bits, slot);
  return bits;
}
