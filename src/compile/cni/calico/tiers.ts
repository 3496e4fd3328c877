/** Tiers and the policies in them, in the order in which Felix runs them (felix/calc/policy_sorter.go). */
import type { Cluster } from '../../../cluster/cluster.ts';
import { compareText } from '../../../cluster/policy/selector.ts';
import { groupBy } from '../../../lib/group-by.ts';
import { lazy, memoize } from '../../../lib/lazy.ts';
import { convertAdminPolicy } from './convert-admin-policy.ts';
import { convertCalicoPolicy } from './convert-calico-policy.ts';
import { convertNetworkPolicy } from './convert-network-policy.ts';
import type { Policy } from './policy-model.ts';
import { type CalicoVersion, calicoVersion } from './version.ts';

export type TierPolicies = {
  readonly name: string;
  readonly defaultAction: 'Deny' | 'Pass';
  readonly policies: readonly Policy[];
};

/** Tiers that Calico has by itself; a Tier object of the name may change the action. */
const OWN_TIERS = [
  { name: 'adminnetworkpolicy', order: 1_000, defaultAction: 'Pass' },
  { name: 'kube-admin', order: 1_000, defaultAction: 'Pass' },
  { name: 'default', order: 1_000_000, defaultAction: 'Deny' },
  { name: 'baselineadminnetworkpolicy', order: 10_000_000, defaultAction: 'Pass' },
  { name: 'kube-baseline', order: 10_000_000, defaultAction: 'Pass' },
] as const;

export type PolicyBook = {
  /** Every tier that has a policy. */
  readonly tiers: readonly TierPolicies[];
  /** Tiers with the policies that can select endpoints of the namespace. */
  inNamespace(namespace: string): readonly TierPolicies[];
  /** Tiers with the policies that can select host endpoints. */
  readonly global: readonly TierPolicies[];
};

const books = new WeakMap<Cluster, PolicyBook>();

/** Converted once for a cluster: every node and every question reads the same. */
export function policyBook(cluster: Cluster): PolicyBook {
  const known = books.get(cluster);
  if (known !== undefined) return known;
  const book = makeBook(cluster);
  books.set(cluster, book);
  return book;
}

function makeBook(cluster: Cluster): PolicyBook {
  const version = calicoVersion(cluster.settings.calicoVersion);
  const tiers = tiersOf(cluster);
  const all = lazy(() => {
    const policies = [
      ...cluster.policies.map(convertNetworkPolicy),
      ...cluster.adminPolicies.map(convertAdminPolicy),
      ...cluster.calicoPolicies.map(convertCalicoPolicy),
    ].sort(before(version));
    return groupBy(policies, ({ namespace }) => namespace);
  });
  const only = (chosen: readonly Policy[]): readonly TierPolicies[] => {
    const byTier = groupBy(chosen, ({ tier }) => tier);
    return tiers.flatMap((tier) => {
      const policies = byTier.get(tier.name);
      return policies === undefined ? [] : [{ ...tier, policies }];
    });
  };
  const global = lazy(() => only(all().get(undefined) ?? []));
  return {
    get tiers() {
      return only([...all().values()].flat().sort(before(version)));
    },
    get global() {
      return global();
    },
    inNamespace: memoize((namespace: string) => {
      const own = all().get(namespace);
      if (own === undefined) return global();
      return only([...own, ...(all().get(undefined) ?? [])].sort(before(version)));
    }),
  };
}

/** Those without an order last; one that is not among the objects does not count (Felix skips its policies). */
function tiersOf({ tiers }: Cluster): readonly Omit<TierPolicies, 'policies'>[] {
  const given = new Map(tiers.map((tier) => [tier.name, tier]));
  const own = OWN_TIERS.map(({ name, order, defaultAction }) => ({
    name,
    order,
    defaultAction: given.get(name)?.defaultAction ?? defaultAction,
  }));
  const others = tiers
    .filter(({ name }) => !OWN_TIERS.some((tier) => tier.name === name))
    .map(({ name, order, defaultAction }) => ({ name, order: order ?? Number.POSITIVE_INFINITY, defaultAction }));
  return [...own, ...others].sort((a, b) => compareNumbers(a.order, b.order) || compareText(a.name, b.name));
}

function before(version: CalicoVersion): (a: Policy, b: Policy) => number {
  return (a, b) =>
    compareNumbers(a.order, b.order) || compareText(version.policySortKey(a.id), version.policySortKey(b.id));
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
