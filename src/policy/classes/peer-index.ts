/** Which slots a term of a rule means. Indexes say whom to ask; `missOfTerm` answers. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { LabelSelector } from '../../cluster/objects.ts';
import { printSelector, type Selector } from '../../cluster/policy/selector.ts';
import { labelOf } from '../../cluster/selector.ts';
import type { Family } from '../../net/address.ts';
import { printPrefix } from '../../net/prefix.ts';
import type { End } from '../end.ts';
import { NAMESPACE_LABEL } from '../endpoint-labels.ts';
import { hostEndpointsAt, missOfSubject, missOfTerm } from '../match-end.ts';
import type { EndTerm, PolicySubject } from '../rule-set.ts';
import { addBit, type Bits, noBits } from './bit-set.ts';
import type { Slot } from './pod-classes.ts';

type Role = 'source' | 'destination';

export class PeerIndex {
  readonly #cluster: Cluster;
  readonly #slots: readonly Slot[];
  readonly #byTerm = new Map<string, Bits>();
  /** Slots of Pods by namespace, and by label. */
  readonly #byNamespace = new Map<string, number[]>();
  readonly #byLabel = new Map<string, number[]>();
  readonly #everySlot: readonly number[];
  /** Slots with an address that a host endpoint expects: its labels are theirs, too. */
  readonly #expected: readonly number[];

  constructor(cluster: Cluster, slots: readonly Slot[], labelKeys: ReadonlySet<string>) {
    this.#cluster = cluster;
    this.#slots = slots;
    this.#everySlot = slots.map((_, index) => index);
    this.#expected = this.#everySlot.filter((index) => {
      const { source, destination } = slots[index]?.as ?? { source: {}, destination: {} };
      return [source[4], source[6], destination[4], destination[6]].some(
        (end) => end !== undefined && hostEndpointsAt(cluster, end.ip).length > 0,
      );
    });
    for (const [index, slot] of slots.entries()) {
      const pod = (slot.as.source[4] ?? slot.as.source[6])?.pod;
      if (pod === undefined) continue;
      put(this.#byNamespace, pod.namespace, index);
      for (const key of Object.keys(pod.labels)) {
        if (labelKeys.has(key)) put(this.#byLabel, `${key}=${labelOf(pod.labels, key)}`, index);
      }
    }
  }

  /** Slots that the term means in the role, seen from the Pod that the policy selects. */
  bitsOf(term: EndTerm, family: Family, role: Role, subject: End): Bits {
    const key = `${family} ${role} ${termKey(term, subject)}`;
    let bits = this.#byTerm.get(key);
    if (bits === undefined) {
      bits = noBits(this.#slots.length);
      for (const index of this.#candidates(term)) {
        const end = this.#slots[index]?.as[role][family];
        if (end !== undefined && missOfTerm(this.#cluster, term, end, subject) === undefined) addBit(bits, index);
      }
      this.#byTerm.set(key, bits);
    }
    return bits;
  }

  /** Slots of Pods that the policy selects. */
  selectedBy(subject: PolicySubject): readonly number[] {
    const candidates = subject.kind === 'pods' ? this.#podCandidates(subject) : this.#labelCandidates(subject);
    return candidates.filter((index) => {
      const slot = this.#slots[index];
      const end = slot?.as.source[4] ?? slot?.as.source[6];
      return end !== undefined && missOfSubject(this.#cluster, subject, end) === undefined;
    });
  }

  #candidates(term: EndTerm): readonly number[] {
    if (term.kind === 'pods') return term.andNetworkSets ? this.#everySlot : this.#podCandidates(term);
    if (term.kind === 'unsupported') return [];
    // A network set may satisfy the selector for any address.
    if (term.kind === 'nets' || term.selector === undefined || this.#cluster.networkSets.length > 0)
      return this.#everySlot;
    return [...this.#selectorCandidates(term.selector.selector), ...this.#expected];
  }

  #podCandidates({
    namespaces,
    pods,
  }: Pick<Extract<EndTerm, { readonly kind: 'pods' }>, 'namespaces' | 'pods'>): readonly number[] {
    const byLabel = this.#labelledCandidates(pods);
    if (namespaces.kind !== 'named') return byLabel ?? this.#everySlot;
    const byNamespace = this.#byNamespace.get(namespaces.name) ?? [];
    return byLabel === undefined || byNamespace.length < byLabel.length ? byNamespace : byLabel;
  }

  #labelledCandidates(selector: LabelSelector | undefined): readonly number[] | undefined {
    const [pair] = Object.entries(selector?.matchLabels ?? {});
    return pair === undefined ? undefined : (this.#byLabel.get(`${pair[0]}=${pair[1]}`) ?? []);
  }

  #labelCandidates({ namespace, selectors }: Extract<PolicySubject, { readonly kind: 'labels' }>): readonly number[] {
    const own = namespace === undefined ? this.#everySlot : (this.#byNamespace.get(namespace) ?? []);
    return selectors.map(({ selector }) => this.#selectorCandidates(selector)).reduce(shorter, own);
  }

  /** Those that have the one label value without which the selector cannot hold. */
  #selectorCandidates(selector: Selector): readonly number[] {
    if (selector.kind === 'and') {
      return selector.operands.map((operand) => this.#selectorCandidates(operand)).reduce(shorter, this.#everySlot);
    }
    if (selector.kind !== 'equal') return this.#everySlot;
    if (selector.label === NAMESPACE_LABEL) return this.#byNamespace.get(selector.value) ?? [];
    const isOwn = !/^(projectcalico\.org\/|pcns\.|pcsa\.)/.test(selector.label);
    return isOwn ? (this.#byLabel.get(`${selector.label}=${selector.value}`) ?? []) : this.#everySlot;
  }
}

function shorter(a: readonly number[], b: readonly number[]): readonly number[] {
  return b.length < a.length ? b : a;
}

function put(lists: Map<string, number[]>, key: string, index: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [index]);
  else list.push(index);
}

/** Terms that mean the same for every subject, or for all Pods of the subject's namespace, share their slots. */
export function termKey(term: EndTerm, subject: End | undefined): string {
  switch (term.kind) {
    case 'pods': {
      const { kind } = term.namespaces;
      const from = kind === 'same-labels' || kind === 'not-same-labels' ? subject?.pod?.namespace : '';
      return `${from} ${JSON.stringify(term)}`;
    }
    case 'nets':
      return `${term.nets.map(printPrefix).join()} except ${term.except.map(printPrefix).join()}`;
    case 'entity': {
      const selectors = [term.selector, term.notSelector].map((each) =>
        each === undefined ? '' : printSelector(each.selector),
      );
      const nets = [term.nets, term.notNets].map((each) => each.map(printPrefix).join());
      return JSON.stringify([selectors, nets, term.service ?? null]);
    }
    case 'unsupported':
      return term.what;
  }
}
