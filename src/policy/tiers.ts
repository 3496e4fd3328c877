/** The policies of a cluster in the order in which its plugin asks them. */
import type { Cluster } from '../cluster/cluster.ts';
import { compareText } from '../cluster/policy/selector.ts';
import { fromAdminPolicy } from './from-admin-policy.ts';
import { fromCalicoPolicy } from './from-calico-policy.ts';
import { fromNetworkPolicy } from './from-network-policy.ts';
import type { Policy, PolicyTier } from './rule-set.ts';

/** Tiers that Calico makes itself (libcalico-go lib/names and api/pkg/apis/projectcalico/v3/tier.go). */
const OWN_TIERS: readonly Omit<PolicyTier, 'policies'>[] = [
  { name: 'adminnetworkpolicy', order: 1000, defaultAction: 'pass' },
  { name: 'kube-admin', order: 1000, defaultAction: 'pass' },
  { name: 'default', order: 1_000_000, defaultAction: 'deny' },
  { name: 'baselineadminnetworkpolicy', order: 10_000_000, defaultAction: 'pass' },
  { name: 'kube-baseline', order: 10_000_000, defaultAction: 'pass' },
];

const ADMIN_TIERS = {
  AdminNetworkPolicy: { Admin: 'adminnetworkpolicy', Baseline: 'baselineadminnetworkpolicy' },
  BaselineAdminNetworkPolicy: { Admin: 'adminnetworkpolicy', Baseline: 'baselineadminnetworkpolicy' },
  ClusterNetworkPolicy: { Admin: 'kube-admin', Baseline: 'kube-baseline' },
} as const;

/** Tiers that hold policies, each with its policies in order. */
export function tiersOf(cluster: Cluster): readonly PolicyTier[] {
  const policies = new Map<string, Policy[]>();
  const put = (tier: string, policy: Policy): void => {
    const list = policies.get(tier);
    if (list === undefined) policies.set(tier, [policy]);
    else list.push(policy);
  };
  for (const policy of cluster.adminPolicies) put(ADMIN_TIERS[policy.kind][policy.tier], fromAdminPolicy(policy));
  for (const policy of cluster.policies) put('default', fromNetworkPolicy(policy));
  for (const policy of cluster.calicoPolicies) put(policy.tier, fromCalicoPolicy(policy));
  const tiers = new Map(OWN_TIERS.map((tier) => [tier.name, tier]));
  for (const { name, order = Number.POSITIVE_INFINITY, defaultAction } of cluster.tiers) {
    const action = defaultAction === 'Pass' ? 'pass' : 'deny';
    // Those of the input say more about Calico's own tiers than we know; their orders are fixed.
    tiers.set(name, { name, order: tiers.get(name)?.order ?? order, defaultAction: action });
  }
  const minor = Number(/^v?3\.(\d{1,3})(\.|$)/.exec(cluster.settings.calicoVersion)?.[1] ?? DEFAULT_MINOR);
  return [...policies]
    .flatMap(([name, list]): readonly PolicyTier[] => {
      const tier = tiers.get(name);
      // Felix skips the policies of a tier that nobody made.
      return tier === undefined ? [] : [{ ...tier, policies: sortedPolicies(list, name, minor) }];
    })
    .sort((a, b) => compareNumber(a.order, b.order) || compareText(a.name, b.name));
}

/** Calico 3.31 reproduces every fact that is known from real clusters. */
const DEFAULT_MINOR = 31;

/**
 * By order, those without one last. Equals: until 3.31 by the one name that libcalico-go's v1 model has for a policy and its
 * namespace, later by `name/namespace/kind` (felix/calc/policy_sorter.go).
 */
function sortedPolicies(policies: readonly Policy[], tier: string, minor: number): readonly Policy[] {
  const keys = new Map(policies.map((policy) => [policy, minor < 32 ? flatName(policy, tier) : longName(policy)]));
  const key = (policy: Policy): string => keys.get(policy) ?? '';
  return [...policies].sort((a, b) => compareNumber(a.order, b.order) || compareText(key(a), key(b)));
}

function flatName({ api, namespace, name }: Policy, tier: string): string {
  const tiered = api === 'calico' && name.includes('.') ? name : `${PREFIXES[api]}${tier}.${name}`;
  return namespace === undefined ? tiered : `${namespace}/${tiered}`;
}

function longName({ api, kind, namespace, name }: Policy): string {
  return `${name}/${namespace ?? ''}/${api === 'calico' ? '' : 'Kubernetes'}${kind}`;
}

const PREFIXES: Readonly<Record<Policy['api'], string>> = {
  calico: '',
  NetworkPolicy: 'knp.',
  AdminNetworkPolicy: 'kanp.',
  BaselineAdminNetworkPolicy: 'kbanp.',
  ClusterNetworkPolicy: 'kcnp.',
};

/** Infinity minus Infinity is no number. */
function compareNumber(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
