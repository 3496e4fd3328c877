/** Rules between policies and what they name: tiers, priorities, Services, nodes and profiles. */
import { nearest } from '../lib/nearest.ts';
import type { Issue } from '../lib/result.ts';
import { atField } from './allocate/at-field.ts';
import type { AdminPolicy } from './policy/admin-policy.ts';
import type { CalicoPolicy, HostEndpoint, Profile, StagedPolicy, Tier } from './policy/calico-policy.ts';
import type { PathSegment } from './source.ts';

export type PolicyInput = {
  readonly adminPolicies: readonly AdminPolicy[];
  readonly calicoPolicies: readonly CalicoPolicy[];
  readonly stagedPolicies: readonly StagedPolicy[];
  readonly tiers: readonly Tier[];
  readonly hostEndpoints: readonly HostEndpoint[];
  readonly profiles: readonly Profile[];
  readonly services: readonly { readonly namespace: string; readonly name: string }[];
  readonly nodes: readonly string[];
  readonly calicoVersion: string;
};

/** Tiers that Calico makes by itself. */
const OWN_TIERS = ['default', 'adminnetworkpolicy', 'baselineadminnetworkpolicy', 'kube-admin', 'kube-baseline'];

export function checkPolicies(input: PolicyInput, issues: Issue[]): void {
  checkTiers(input, issues);
  checkPriorities(input.adminPolicies, issues);
  checkServices(input, issues);
  checkHostEndpoints(input, issues);
}

/** The API server takes a policy only into a tier that exists; up to 3.31 its name begins with that of the tier. */
function checkTiers({ calicoPolicies, stagedPolicies, tiers, calicoVersion }: PolicyInput, issues: Issue[]): void {
  const names = new Set([...OWN_TIERS, ...tiers.map(({ name }) => name)]);
  const staged = stagedPolicies.flatMap(({ policy }) => (policy.kind === 'NetworkPolicy' ? [] : [policy]));
  const prefixed = Number(/^v?3\.(\d{1,3})/.exec(calicoVersion)?.[1] ?? 31) < 32;
  for (const policy of [...calicoPolicies, ...staged]) {
    const { tier, name } = policy;
    if (!names.has(tier)) {
      const [best] = nearest(tier, names, 1);
      const hint =
        best === undefined ? 'add the Tier object: its order says when the policy is asked' : `did you mean ${best}?`;
      issues.push({ ...atField('error', 'unknown-tier', policy, ['spec', 'tier'], `there is no tier ${tier}`), hint });
    } else if (prefixed && tier !== 'default' && !name.startsWith(`${tier}.`)) {
      const message = `Incorrectly formatted policy name ${name}: before Calico 3.32 it begins with the tier's`;
      const hint = `write name: ${tier}.${name}`;
      issues.push({ ...atField('error', 'wrong-value', policy, ['metadata', 'name'], message), hint });
    }
  }
}

/** Which of two policies of one priority is asked first is not defined. */
function checkPriorities(policies: readonly AdminPolicy[], issues: Issue[]): void {
  const first = new Map<string, AdminPolicy>();
  for (const policy of policies) {
    const key = `${policy.kind} ${policy.tier} ${policy.priority}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, policy);
    else if (policy.kind !== 'BaselineAdminNetworkPolicy') {
      const message = `${other.name} has the priority ${policy.priority} as well: which of the two is asked first is not defined`;
      issues.push(atField('warning', 'same-priority', policy, ['spec', 'priority'], message));
    }
  }
}

function checkServices({ calicoPolicies, services }: PolicyInput, issues: Issue[]): void {
  const known = new Set(services.map(({ namespace, name }) => `${namespace}/${name}`));
  for (const policy of calicoPolicies) {
    for (const direction of ['ingress', 'egress'] as const) {
      for (const [place, rule] of policy[direction].entries()) {
        const named = rule.from.services ?? rule.to.services;
        if (named === undefined || named.namespace === '' || known.has(`${named.namespace}/${named.name}`)) continue;
        const side = rule.from.services === undefined ? 'destination' : 'source';
        // Rules that could not be read are not among them: where it was written says its number.
        const index = rule.source?.path.at(-1) ?? place;
        const path: readonly PathSegment[] = ['spec', direction, index, side, 'services', 'name'];
        const message = `there is no Service ${named.namespace}/${named.name}: the rule matches nothing`;
        issues.push(atField('warning', 'selector-matches-nothing', policy, path, message));
      }
    }
  }
}

function checkHostEndpoints({ hostEndpoints, nodes, profiles }: PolicyInput, issues: Issue[]): void {
  const known = new Set(profiles.map(({ name }) => name));
  for (const endpoint of hostEndpoints) {
    if (!nodes.includes(endpoint.node)) {
      const [best] = nearest(endpoint.node, nodes, 1);
      const hint = best === undefined ? `nodes: ${[...nodes].sort().slice(0, 10).join(', ')}` : `did you mean ${best}?`;
      const message = `there is no node ${endpoint.node}`;
      issues.push({ ...atField('warning', 'unknown-node', endpoint, ['spec', 'node'], message), hint });
    }
    for (const [index, profile] of endpoint.profiles.entries()) {
      if (known.has(profile) || /^(kns\.|ksa\.|projectcalico-default-allow$)/.test(profile)) continue;
      const message = `there is no profile ${profile}: what no policy decides about is dropped`;
      issues.push(atField('warning', 'unknown-profile', endpoint, ['spec', 'profiles', index], message));
    }
  }
}
