/**
 * What a Pod that does not exist yet could reach, or be reached by, as the policies of both ends say. Such Pods become Pods of
 * the cluster like all others, so that a row says what `rows.ts` would say of a real one.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { LabelSelector, Pod } from '../../cluster/objects.ts';
import { groupBy } from '../../lib/group-by.ts';
import { ip4 } from '../../net/address.ts';
import type { ConnectionSet } from '../connection-set.ts';
import { type End, podEnd } from '../end.ts';
import { isFor, type PolicyWorld } from '../judge.ts';
import { missOfTerm } from '../match-end.ts';
import { DIRECTIONS, type Direction, type EndTerm, type NamespaceTerm } from '../rule-set.ts';
import { Connectivity } from './connectivity.ts';
import { rowBetween, type SharesOf, sharesOf } from './rows.ts';
import { exceptionsOf, labelsFor, namespaceFor, type Place, type Stranger, Strangers } from './strangers.ts';
import type { Workload } from './workloads.ts';

export type Exposure = {
  /** Workloads that no policy selects in the direction. */
  readonly unprotected: Readonly<Record<Direction, readonly string[]>>;
  readonly potential: readonly PotentialRow[];
};

type PotentialRow = {
  readonly workload: string;
  readonly direction: Direction;
  /** Pods with just the labels that it asks for; undefined: of no labels, in a namespace to come without any. */
  readonly peer: PotentialPeer | undefined;
  /** Nothing where a row before, which means them, too, says more. */
  readonly allowed: ConnectionSet;
  /** The Pod that stands for them. */
  readonly stranger: Stranger;
};

export type PotentialPeer = {
  readonly namespaces: NamespaceTerm | { readonly kind: 'listed'; readonly names: readonly string[] };
  readonly pods: LabelSelector | undefined;
};

type PodTerm = Extract<EndTerm, { readonly kind: 'pods' }>;

/** One Pod to come, as a workload asks about it. */
type Candidate = {
  /** Whom it stands for; undefined: everybody. */
  readonly term: PodTerm | undefined;
  readonly stranger: Stranger;
};

/** A workload with the Pods to come that its policies may treat in their own way, from the general to the special. */
type Question = {
  readonly workload: Workload;
  readonly direction: Direction;
  readonly subject: End;
  readonly candidates: readonly Candidate[];
};

/** @param focus workloads that are asked about */
export function exposureOf(connectivity: Connectivity, focus: (workload: Workload) => boolean = () => true): Exposure {
  const { world, table } = connectivity;
  const shares = sharesOf(connectivity);
  const strangers = new Strangers(world.cluster, world.tiers);
  const unprotected: Record<Direction, string[]> = { egress: [], ingress: [] };
  const questions: Question[] = [];
  for (const workload of connectivity.workloads.filter(focus)) {
    for (const direction of DIRECTIONS) {
      if (!shares(workload).some(({ slot }) => connectivity.isSelected(slot, direction))) {
        unprotected[direction].push(workload.label);
        continue;
      }
      questions.push(...questionAbout(connectivity, strangers, shares, workload, direction));
    }
  }
  const { cluster } = strangers;
  const extended = new Connectivity({ ...world, cluster }, table.universe);
  const sharesThen = sharesOf(extended);
  return { unprotected, potential: questions.flatMap((question) => answer(extended, sharesThen, question)) };
}

function questionAbout(
  { world }: Connectivity,
  strangers: Strangers,
  shares: SharesOf,
  workload: Workload,
  direction: Direction,
): readonly Question[] {
  const subjects = shares(workload).flatMap(({ pods: [pod] }) => (pod === undefined ? [] : [endOf(pod)]));
  const [subject] = subjects;
  if (subject === undefined) return [];
  const terms = subjects.flatMap((end) => termsFor(world, direction, end));
  return [{ workload, direction, subject, candidates: candidatesFor(world.cluster, strangers, terms, subject) }];
}

/** Peers of all rules, whatever these do with them: a Deny makes an exception of those whom it names. */
function termsFor({ cluster, tiers }: PolicyWorld, direction: Direction, subject: End): readonly PodTerm[] {
  const rules = tiers.flatMap(({ policies }) =>
    policies
      .filter((policy) => isFor(cluster, policy, direction, subject))
      .flatMap((policy) => policy.rules[direction] ?? []),
  );
  const terms = rules.flatMap(({ peers }) => (peers ?? []).flatMap((term) => (term.kind === 'pods' ? [term] : [])));
  return terms.flatMap((term) => [term, ...exceptionsOf(term)]);
}

function candidatesFor(
  cluster: Cluster,
  strangers: Strangers,
  terms: readonly PodTerm[],
  subject: End,
): readonly Candidate[] {
  const found = new Map<Stranger, Candidate>();
  const add = (term: PodTerm | undefined, place: Place): void => {
    const stranger = strangers.at(place, labelsFor(term?.pods));
    if (stranger !== undefined && !found.has(stranger)) found.set(stranger, { term, stranger });
  };
  const addNew = (term: PodTerm): void => {
    if (term.namespaces.kind === 'named') return;
    const own = cluster.namespaceLabels(subject.pod?.namespace ?? '');
    add(term, { kind: 'new', labels: namespaceFor(term.namespaces, own) });
  };
  const addExisting = (term: PodTerm): void => {
    const names = term.namespaces.kind === 'named' ? [term.namespaces.name] : strangers.namespaces;
    for (const name of names) {
      if (!isMeantAt(cluster, term, name, subject)) continue;
      add({ ...term, namespaces: { kind: 'named', name } }, { kind: 'existing', name });
    }
  };
  add(undefined, { kind: 'new', labels: {} });
  for (const term of terms.filter(isOfNamespaces)) addNew(term);
  addExisting(ANYBODY);
  for (const term of terms) addNew(term);
  for (const term of terms) addExisting(term);
  return [...found.values()];
}

const ANYBODY: PodTerm = {
  kind: 'pods',
  namespaces: { kind: 'selector', selector: { matchLabels: {}, matchExpressions: [] } },
  ...{ pods: undefined, andNetworkSets: false },
};

/** Whether it means Pods by their namespaces alone. */
function isOfNamespaces({ pods }: PodTerm): boolean {
  return Object.keys(pods?.matchLabels ?? {}).length + (pods?.matchExpressions.length ?? 0) === 0;
}

function isMeantAt(cluster: Cluster, term: PodTerm, namespace: string, subject: End): boolean {
  if (subject.pod === undefined) return false;
  const pod = { ...subject.pod, namespace, labels: labelsFor(term.pods) };
  return missOfTerm(cluster, term, { ip: subject.ip, pod }, subject) === undefined;
}

/** Everybody first; then those who may do something else than a row before says that means them, too. */
function answer(connectivity: Connectivity, shares: SharesOf, question: Question): readonly PotentialRow[] {
  const { workload, direction, subject, candidates } = question;
  const { table, world } = connectivity;
  const shown = new ShownRows(world.cluster, subject);
  for (const { term, stranger } of candidates) {
    if (term !== undefined && missOfTerm(world.cluster, term, endOf(stranger.pod), subject) !== undefined) continue;
    const [from, to] = direction === 'egress' ? [workload, stranger.workload] : [stranger.workload, workload];
    shown.offer({ term, stranger, allowed: rowBetween(connectivity, from, to, shares)?.allowed ?? table.none });
  }
  return shown.grouped
    .filter(({ peer, allowed }) => peer !== undefined || allowed !== table.none)
    .map(({ allowed, ...row }) => ({ workload: workload.label, direction, ...row, allowed: table.setOf(allowed) }));
}

type ShownRow = Candidate & { readonly allowed: number };

class ShownRows {
  readonly #rows: ShownRow[] = [];
  /** Those that mean more than one namespace, and those that mean one by its name. */
  readonly #wide: ShownRow[] = [];
  readonly #inNamespace = new Map<string, ShownRow[]>();
  readonly #cluster: Cluster;
  readonly #subject: End;

  constructor(cluster: Cluster, subject: End) {
    this.#cluster = cluster;
    this.#subject = subject;
  }

  /** Takes it where those who are told of would be told of wrongly. */
  offer(row: ShownRow): void {
    const { stranger, allowed, term } = row;
    const own = this.#inNamespace.get(stranger.pod.namespace) ?? [];
    const covering = [...this.#wide, ...own].filter((each) => this.#means(each, stranger));
    const before = covering.length === 0 ? this.#rows.slice(0, 1) : covering;
    if (term !== undefined && before.every((each) => each.allowed === allowed)) return;
    this.#rows.push(row);
    if (term?.namespaces.kind === 'named') this.#inNamespace.set(stranger.pod.namespace, [...own, row]);
    else if (term !== undefined) this.#wide.push(row);
  }

  #means({ term }: ShownRow, { pod }: Stranger): boolean {
    return term !== undefined && missOfTerm(this.#cluster, term, endOf(pod), this.#subject) === undefined;
  }

  /** Namespaces of which the same is said stand in one row. */
  get grouped(): readonly (Pick<PotentialRow, 'peer' | 'stranger'> & Pick<ShownRow, 'allowed'>)[] {
    const alike = groupBy(this.#rows, ({ term, allowed }) =>
      term?.namespaces.kind === 'named'
        ? JSON.stringify([allowed, term.pods ?? null])
        : JSON.stringify([term ?? null, allowed]),
    );
    return [...alike.values()].flatMap((rows) => {
      const [first] = rows;
      if (first === undefined) return [];
      const { term, allowed, stranger } = first;
      const names = rows.map((row) => row.stranger.pod.namespace);
      const namespaces = rows.length > 1 ? { kind: 'listed' as const, names } : term?.namespaces;
      const peer = term === undefined || namespaces === undefined ? undefined : { namespaces, pods: term.pods };
      return [{ peer, allowed, stranger }];
    });
  }
}

function endOf(pod: Pod): End {
  const [ip] = pod.ips;
  return ip === undefined ? { ip: ip4(0), pod } : podEnd(pod, ip);
}
