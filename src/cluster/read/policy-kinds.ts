/** Readers of the kinds of all policy APIs but NetworkPolicy of networking.k8s.io, and of what those policies name. */
import type { FieldReader } from '../field-reader.ts';
import type { ServiceAccount } from '../objects.ts';
import type { AdminPolicy } from '../policy/admin-policy.ts';
import type { CalicoPolicy, HostEndpoint, NetworkSet, Profile, StagedPolicy, Tier } from '../policy/calico-policy.ts';
import {
  readAdminNetworkPolicy,
  readBaselineAdminNetworkPolicy,
  readClusterNetworkPolicy,
} from './read-admin-policy.ts';
import {
  readGlobalNetworkSet,
  readHostEndpoint,
  readNetworkSet,
  readProfile,
  readTier,
} from './read-calico-endpoint.ts';
import { readCalicoNetworkPolicy, readGlobalNetworkPolicy, readStagedPolicy } from './read-calico-policy.ts';
import type { ReadOptions } from './read-options.ts';
import { readServiceAccount } from './read-service-account.ts';

export type PolicyObjects = {
  readonly adminPolicies: AdminPolicy[];
  readonly calicoPolicies: CalicoPolicy[];
  readonly stagedPolicies: StagedPolicy[];
  readonly tiers: Tier[];
  readonly networkSets: NetworkSet[];
  readonly hostEndpoints: HostEndpoint[];
  readonly profiles: Profile[];
  readonly serviceAccounts: ServiceAccount[];
};

export function noPolicyObjects(): PolicyObjects {
  return {
    ...{ adminPolicies: [], calicoPolicies: [], stagedPolicies: [], tiers: [] },
    ...{ networkSets: [], hostEndpoints: [], profiles: [], serviceAccounts: [] },
  };
}

type PolicyKind = {
  readonly kind: string;
  readonly versions: readonly string[];
  read(reader: FieldReader, into: PolicyObjects, options: ReadOptions): void;
};

export const CALICO_VERSIONS = ['projectcalico.org/v3', 'crd.projectcalico.org/v1'];
const ADMIN_VERSIONS = ['policy.networking.k8s.io/v1alpha1'];

function keep<T>(list: T[], object: T | undefined): void {
  if (object !== undefined) list.push(object);
}

function staged(kind: StagedPolicy['kind']): PolicyKind {
  return {
    kind,
    versions: CALICO_VERSIONS,
    read: (reader, into, options) => keep(into.stagedPolicies, readStagedPolicy(kind, reader, options)),
  };
}

export const POLICY_KINDS: readonly PolicyKind[] = [
  {
    kind: 'AdminNetworkPolicy',
    versions: ADMIN_VERSIONS,
    read: (reader, into) => keep(into.adminPolicies, readAdminNetworkPolicy(reader)),
  },
  {
    kind: 'BaselineAdminNetworkPolicy',
    versions: ADMIN_VERSIONS,
    read: (reader, into) => keep(into.adminPolicies, readBaselineAdminNetworkPolicy(reader)),
  },
  {
    kind: 'ClusterNetworkPolicy',
    versions: ['policy.networking.k8s.io/v1alpha2'],
    read: (reader, into) => keep(into.adminPolicies, readClusterNetworkPolicy(reader)),
  },
  {
    kind: 'NetworkPolicy',
    versions: CALICO_VERSIONS,
    read: (reader, into, options) => keep(into.calicoPolicies, readCalicoNetworkPolicy(reader, options)),
  },
  {
    kind: 'GlobalNetworkPolicy',
    versions: CALICO_VERSIONS,
    read: (reader, into) => keep(into.calicoPolicies, readGlobalNetworkPolicy(reader)),
  },
  staged('StagedNetworkPolicy'),
  staged('StagedGlobalNetworkPolicy'),
  staged('StagedKubernetesNetworkPolicy'),
  { kind: 'Tier', versions: CALICO_VERSIONS, read: (reader, into) => keep(into.tiers, readTier(reader)) },
  {
    kind: 'NetworkSet',
    versions: CALICO_VERSIONS,
    read: (reader, into, options) => keep(into.networkSets, readNetworkSet(reader, options)),
  },
  {
    kind: 'GlobalNetworkSet',
    versions: CALICO_VERSIONS,
    read: (reader, into) => keep(into.networkSets, readGlobalNetworkSet(reader)),
  },
  {
    kind: 'HostEndpoint',
    versions: CALICO_VERSIONS,
    read: (reader, into) => keep(into.hostEndpoints, readHostEndpoint(reader)),
  },
  { kind: 'Profile', versions: CALICO_VERSIONS, read: (reader, into) => keep(into.profiles, readProfile(reader)) },
  {
    kind: 'ServiceAccount',
    versions: ['v1'],
    read: (reader, into, options) => keep(into.serviceAccounts, readServiceAccount(reader, options)),
  },
];
