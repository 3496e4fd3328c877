/** What Calico does with policies and an author may not expect. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { AdminPolicy, AdminPolicyRule } from '../../../cluster/policy/admin-policy.ts';
import { REFUSED_WORDS, refusedFamilies } from '../../../cluster/policy/refused-rule.ts';
import { sayKind, writtenKind } from '../../../cluster/policy/written-kind.ts';
import type { Note } from '../../parts.ts';
import { DIRECTIONS } from './policy-model.ts';
import type { CalicoVersion } from './version.ts';

export function policyNotes(cluster: Cluster, version: CalicoVersion): readonly Note[] {
  return [
    ...stagedNotes(cluster),
    ...closedNotes(cluster),
    ...ruleNotes(cluster),
    ...versionNotes(cluster, version),
    ...wildcardNotes(cluster),
  ];
}

function stagedNotes({ stagedPolicies }: Cluster): readonly Note[] {
  if (stagedPolicies.length === 0) return [];
  const names = stagedPolicies.map(({ kind, namespace, name }) => `${kind} ${place(namespace, name)}`).join(', ');
  return [{ code: 'CALICO_STAGED_POLICY', message: `staged policies are not enforced: ${names}` }];
}

/** libcalico-go conversion: what it cannot convert denies everything, or is left out where it would accept. */
function closedNotes({ adminPolicies }: Cluster): readonly Note[] {
  return adminPolicies.flatMap((policy) =>
    (['ingress', 'egress'] as const).flatMap((direction) =>
      policy[direction].flatMap((rule, index): readonly Note[] => {
        const what = unconverted(rule);
        if (what === undefined) return [];
        const effect = rule.action === 'Accept' ? 'the rule accepts nothing' : 'the rule denies everything';
        const where = `${policy.kind} ${policy.name} ${direction}[${index}]`;
        return [{ code: 'CALICO_RULE_FAILS_CLOSED', message: `${where}: Calico does not know ${what}: ${effect}` }];
      }),
    ),
  );
}

/** Rules that mean something else than they say, or whose chain iptables does not take. */
function ruleNotes({ calicoPolicies, profiles }: Cluster): readonly Note[] {
  const policies = [...calicoPolicies, ...profiles];
  return policies.flatMap((policy) =>
    DIRECTIONS.flatMap((direction) =>
      policy[direction].flatMap((rule, index): readonly Note[] => {
        const namespace = 'namespace' in policy ? policy.namespace : undefined;
        const where = `${sayKind(writtenKind(policy.kind))} ${place(namespace, policy.name)} ${direction}[${index}]`;
        const http = `${where}: http is left to an Envoy beside the workload: evaluated without it, as Felix renders it`;
        const refused = `${where}: iptables refuses protocol beside notProtocol (${REFUSED_WORDS}): Felix cannot program the chain, nor any later change of its table on that node`;
        return [
          ...(rule.http === true ? [{ code: 'CALICO_HTTP_MATCH', message: http }] : []),
          ...(refusedFamilies(rule).length > 0 ? [{ code: 'CALICO_CHAIN_REFUSED', message: refused }] : []),
        ];
      }),
    ),
  );
}

function unconverted({ peers, ports }: AdminPolicyRule): string | undefined {
  if (ports.some(({ kind }) => kind === 'named')) return 'named ports';
  for (const peer of peers) {
    if (peer.kind === 'nodes') return 'peers of nodes';
    if (peer.kind === 'domain-names') return 'domain names';
    if (peer.kind === 'unknown') return 'this kind of peer';
    if (peer.kind === 'pods' && peer.namespaces.kind !== 'selector') return 'sameLabels and notSameLabels';
  }
  return undefined;
}

/** Which minor releases of Calico enforce each API (release notes 3.29, 3.30 and 3.32). */
const SINCE: Readonly<Record<AdminPolicy['kind'], number>> = {
  AdminNetworkPolicy: 29,
  BaselineAdminNetworkPolicy: 30,
  ClusterNetworkPolicy: 32,
};

function versionNotes({ adminPolicies, tiers }: Cluster, { minor }: CalicoVersion): readonly Note[] {
  const kinds = [...new Set(adminPolicies.map(({ kind }) => kind))].filter((kind) => minor < SINCE[kind]);
  const unknown = [...kinds, ...(tiers.some(({ name }) => name !== 'default') && minor < 29 ? ['Tier'] : [])];
  if (unknown.length === 0) return [];
  const message = `Calico 3.${minor} does not know ${unknown.join(', ')}: evaluated as the first release that does would`;
  return [{ code: 'CALICO_NEWER_API', message }];
}

/** felix/dataplane/linux/endpoint_mgr.go: an untracked policy of the endpoint for all devices is ignored. */
function wildcardNotes({ hostEndpoints, calicoPolicies }: Cluster): readonly Note[] {
  const untracked = calicoPolicies.filter((policy) => policy.kind === 'GlobalNetworkPolicy' && policy.doNotTrack);
  if (untracked.length === 0 || !hostEndpoints.some(({ interfaceName }) => interfaceName === '*')) return [];
  const names = untracked.map(({ name }) => name).join(', ');
  const message = `doNotTrack policies (${names}) do not apply to host endpoints with interfaceName "*"`;
  return [{ code: 'CALICO_UNTRACKED_IGNORED', message }];
}

function place(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
