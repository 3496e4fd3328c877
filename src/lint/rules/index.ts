/** All rules. The list is in the order of their ids; findings are in the order of the files. */
import type { LintRule } from '../rule.ts';
import { addressOutside } from './address-outside.ts';
import { allEgressAllowed } from './all-egress-allowed.ts';
import { allEgressBlocked } from './all-egress-blocked.ts';
import { allIngressAllowed } from './all-ingress-allowed.ts';
import { allIngressBlocked } from './all-ingress-blocked.ts';
import { baselineHidden } from './baseline-hidden.ts';
import { deadUnderAdminPolicy } from './dead-under-admin-policy.ts';
import { dnsBlockedTcp } from './dns-blocked-tcp.ts';
import { dnsBlockedUdp } from './dns-blocked-udp.ts';
import { dnsEgressForgotten } from './dns-egress-forgotten.ts';
import { duplicatePolicyName } from './duplicate-policy-name.ts';
import { emptyPeerList } from './empty-peer-list.ts';
import { hostBits } from './host-bits.ts';
import { hostNetworkPodSelected } from './host-network-pod-selected.ts';
import { identicalPolicies } from './identical-policies.ts';
import { ipBlockOverPods } from './ip-block-over-pods.ts';
import { ipBlockOverServices } from './ip-block-over-services.ts';
import { joinedPeer } from './joined-peer.ts';
import { missingNamespace } from './missing-namespace.ts';
import { missingPolicyTypeEgress } from './missing-policy-type-egress.ts';
import { missingPolicyTypeIngress } from './missing-policy-type-ingress.ts';
import { missingPolicyTypes } from './missing-policy-types.ts';
import { missingProtocol } from './missing-protocol.ts';
import { namedPortMissing } from './named-port-missing.ts';
import { noService } from './no-service.ts';
import { notModelled } from './not-modelled.ts';
import { oneFamilyIpBlock } from './one-family-ip-block.ts';
import { oneSidedAllow } from './one-sided-allow.ts';
import { policiesNotEnforced } from './policies-not-enforced.ts';
import { policyNamespaceEmpty } from './policy-namespace-empty.ts';
import { portNotDeclared } from './port-not-declared.ts';
import { rangeOverlap } from './range-overlap.ts';
import { redundantPolicy } from './redundant-policy.ts';
import { redundantRule } from './redundant-rule.ts';
import { samePriority } from './same-priority.ts';
import { selectorMatchesNothing } from './selector-matches-nothing.ts';
import { servicePortInPolicy } from './service-port-in-policy.ts';
import { shadowedPolicy } from './shadowed-policy.ts';
import { shadowedRule } from './shadowed-rule.ts';
import { splitPeer } from './split-peer.ts';
import { stagedPolicy } from './staged-policy.ts';
import { targetPortMatchesNothing } from './target-port-matches-nothing.ts';
import { unknownField } from './unknown-field.ts';
import { unknownNode } from './unknown-node.ts';
import { unknownPeer } from './unknown-peer.ts';
import { unknownProfile } from './unknown-profile.ts';
import { unknownSuppression } from './unknown-suppression.ts';
import { unsupportedPeer } from './unsupported-peer.ts';
import { yamlBoolean } from './yaml-boolean.ts';

export const RULES: readonly LintRule[] = [
  addressOutside,
  allEgressAllowed,
  allEgressBlocked,
  allIngressAllowed,
  allIngressBlocked,
  baselineHidden,
  deadUnderAdminPolicy,
  dnsBlockedTcp,
  dnsBlockedUdp,
  dnsEgressForgotten,
  duplicatePolicyName,
  emptyPeerList,
  hostBits,
  hostNetworkPodSelected,
  identicalPolicies,
  ipBlockOverPods,
  ipBlockOverServices,
  joinedPeer,
  missingNamespace,
  missingPolicyTypeEgress,
  missingPolicyTypeIngress,
  missingPolicyTypes,
  missingProtocol,
  namedPortMissing,
  noService,
  notModelled,
  oneFamilyIpBlock,
  oneSidedAllow,
  policiesNotEnforced,
  policyNamespaceEmpty,
  portNotDeclared,
  rangeOverlap,
  redundantPolicy,
  redundantRule,
  samePriority,
  selectorMatchesNothing,
  servicePortInPolicy,
  shadowedPolicy,
  shadowedRule,
  splitPeer,
  stagedPolicy,
  targetPortMatchesNothing,
  unknownField,
  unknownNode,
  unknownPeer,
  unknownProfile,
  unsupportedPeer,
  yamlBoolean,
  unknownSuppression(() => RULE_IDS),
].sort((a, b) => (a.id < b.id ? -1 : 1));

export const RULE_IDS: ReadonlySet<string> = new Set(RULES.map(({ id }) => id));
