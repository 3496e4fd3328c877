/** What a Pod that does not exist yet could reach, or be reached by: the half of each workload's policies, by itself. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { LabelSelector, Labels, Pod } from '../../cluster/objects.ts';
import type { IpAddr } from '../../net/address.ts';
import { ip4, isIp4, offsetIp } from '../../net/address.ts';
import { lastIp } from '../../net/prefix.ts';
import { type ConnectionSet, isEmpty, keyOf } from '../connection-set.ts';
import type { End } from '../end.ts';
import { isFor, judgeDirection, type PolicyWorld } from '../judge.ts';
import { missOfTerm } from '../match-end.ts';
import { DIRECTIONS, type Direction, type EndTerm } from '../rule-set.ts';
import type { Connectivity } from './connectivity.ts';
import { sharesOf } from './rows.ts';

export type Exposure = {
  /** Workloads that no policy selects in the direction. */
  readonly unprotected: Readonly<Record<Direction, readonly string[]>>;
  readonly potential: readonly PotentialRow[];
};

type PotentialRow = {
  readonly workload: string;
  readonly direction: Direction;
  /** Pods that fit it; undefined: whoever they are. */
  readonly peer: PodTerm | undefined;
  readonly allowed: ConnectionSet;
};

/** A namespace that no document can have: names have no space. */
const NOWHERE = 'a namespace to come';

export function exposureOf(connectivity: Connectivity): Exposure {
  const { workloads, world } = connectivity;
  const shares = sharesOf(connectivity);
  const unprotected: Record<Direction, string[]> = { egress: [], ingress: [] };
  const potential: PotentialRow[] = [];
  for (const workload of workloads) {
    for (const direction of DIRECTIONS) {
      const slots = shares(workload).map(({ slot }) => slot);
      const ends = slots.flatMap((slot) => endOf(connectivity, slot) ?? []);
      if (!slots.some((slot) => connectivity.isSelected(slot, direction))) {
        unprotected[direction].push(workload.label);
        continue;
      }
      const [subject] = ends;
      if (subject === undefined) continue;
      for (const row of potentialPeers(world, direction, subject, connectivity.table.universe))
        potential.push({ workload: workload.label, direction, ...row });
    }
  }
  return { unprotected, potential };
}

function endOf({ classes }: Connectivity, slot: number): End | undefined {
  const ends = classes.slots[slot]?.as.source;
  const end = ends?.[4] ?? ends?.[6];
  return end?.pod === undefined ? undefined : end;
}

/** Everybody first; then those whom a rule means and who may do more or less than everybody. */
function potentialPeers(
  world: PolicyWorld,
  direction: Direction,
  subject: End,
  universe: ConnectionSet,
): readonly Omit<PotentialRow, 'workload' | 'direction'>[] {
  const allowedWith = ({ cluster, end }: Stranger): ConnectionSet =>
    judgeDirection({ ...world, cluster }, direction, { subject, peer: end }, universe).byPolicies;
  const everybody = allowedWith(stranger(world.cluster, NOWHERE, {}, {}));
  const rows = new Map<string, Omit<PotentialRow, 'workload' | 'direction'>>([
    ['', { peer: undefined, allowed: everybody }],
  ]);
  for (const term of termsFor(world, direction, subject)) {
    const peer = strangerOf(world.cluster, term, subject);
    if (peer === undefined) continue;
    const allowed = allowedWith(peer);
    if (keyOf(allowed) !== keyOf(everybody)) rows.set(JSON.stringify(term), { peer: term, allowed });
  }
  return [...rows.values()].filter(({ allowed }) => !isEmpty(allowed));
}

export type PodTerm = Extract<EndTerm, { readonly kind: 'pods' }>;

function termsFor({ cluster, tiers }: PolicyWorld, direction: Direction, subject: End): readonly PodTerm[] {
  return tiers.flatMap(({ policies }) =>
    policies
      .filter((policy) => isFor(cluster, policy, direction, subject))
      .flatMap(({ rules }) =>
        (rules[direction] ?? []).flatMap(({ peers }) =>
          (peers ?? []).flatMap((term) => (term.kind === 'pods' ? [term] : [])),
        ),
      ),
  );
}

type Stranger = { readonly cluster: Cluster; readonly end: End };

/** A Pod that fits the term; undefined where its selectors cannot be met with one value for each key. */
function strangerOf(cluster: Cluster, term: PodTerm, subject: End): Stranger | undefined {
  const { namespaces, pods } = term;
  const found =
    namespaces.kind === 'named'
      ? stranger(cluster, namespaces.name, cluster.namespaceLabels(namespaces.name), labelsFor(pods))
      : stranger(
          cluster,
          NOWHERE,
          namespaces.kind === 'selector' ? labelsFor(namespaces.selector) : {},
          labelsFor(pods),
        );
  return missOfTerm(found.cluster, term, found.end, subject) === undefined ? found : undefined;
}

function labelsFor(selector: LabelSelector | undefined): Labels {
  const wanted = (selector?.matchExpressions ?? []).flatMap(({ key, operator, values }) =>
    operator === 'In' ? [[key, values[0] ?? ''] as const] : operator === 'Exists' ? [[key, 'any'] as const] : [],
  );
  return Object.fromEntries([...wanted, ...Object.entries(selector?.matchLabels ?? {})]);
}

function stranger(cluster: Cluster, namespace: string, namespaceLabels: Labels, labels: Labels): Stranger {
  const ip = freeAddress(cluster);
  const pod: Pod = {
    ...{ kind: 'Pod', name: 'a Pod to come', namespace, labels, annotations: {}, node: '', ips: [ip] },
    ...{ hostNetwork: false, phase: 'Running', ready: true, terminating: false, serviceAccount: '', ports: [] },
    dns: { policy: 'Default', nameservers: [], searches: [], ndots: 1 },
  };
  const labelsOf = (name: string): Labels => (name === namespace ? namespaceLabels : cluster.namespaceLabels(name));
  return { cluster: { ...cluster, namespaceLabels: labelsOf }, end: { ip, pod, node: '' } };
}

/** The last address but one of the Pod network. */
function freeAddress({ settings }: Cluster): IpAddr {
  const [range] = settings.podCIDRs.filter(({ addr }) => isIp4(addr));
  return range === undefined ? ip4(0) : offsetIp(lastIp(range), -1);
}
