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
import { externalNameExtras } from './external-name-extras.ts';
import { externalTrafficLocalGap } from './external-traffic-local-gap.ts';
import { headlessPortMapping } from './headless-port-mapping.ts';
import { hostBits } from './host-bits.ts';
import { hostEndpointWithoutPolicy } from './host-endpoint-without-policy.ts';
import { hostNetworkPodSelected } from './host-network-pod-selected.ts';
import { identicalPolicies } from './identical-policies.ts';
import { ingressBackendMissing } from './ingress-backend-missing.ts';
import { ingressClassUnhandled } from './ingress-class-unhandled.ts';
import { ingressPathDuplicate } from './ingress-path-duplicate.ts';
import { ingressTlsHostMismatch } from './ingress-tls-host-mismatch.ts';
import { inputWarning } from './input-warning.ts';
import { internalTrafficLocalGap } from './internal-traffic-local-gap.ts';
import { ipBlockOverPods } from './ip-block-over-pods.ts';
import { ipBlockOverServices } from './ip-block-over-services.ts';
import { ipPoolOverlap } from './ip-pool-overlap.ts';
import { joinedPeer } from './joined-peer.ts';
import { loadBalancerWithoutAddress } from './load-balancer-without-address.ts';
import { missingNamespace } from './missing-namespace.ts';
import { missingPolicyTypeEgress } from './missing-policy-type-egress.ts';
import { missingPolicyTypeIngress } from './missing-policy-type-ingress.ts';
import { missingPolicyTypes } from './missing-policy-types.ts';
import { missingProtocol } from './missing-protocol.ts';
import { namedPortMissing } from './named-port-missing.ts';
import { noReadyEndpoints } from './no-ready-endpoints.ts';
import { noService } from './no-service.ts';
import { notModelled } from './not-modelled.ts';
import { oneFamilyIpBlock } from './one-family-ip-block.ts';
import { oneSidedAllow } from './one-sided-allow.ts';
import { policiesNotEnforced } from './policies-not-enforced.ts';
import { policyNamespaceEmpty } from './policy-namespace-empty.ts';
import { portNameClash } from './port-name-clash.ts';
import { portNotDeclared } from './port-not-declared.ts';
import { rangeOverlap } from './range-overlap.ts';
import { redundantPolicy } from './redundant-policy.ts';
import { redundantRule } from './redundant-rule.ts';
import { referenceGrantMissing } from './reference-grant-missing.ts';
import { routeBackendMissing } from './route-backend-missing.ts';
import { routeHostnameUnmatched } from './route-hostname-unmatched.ts';
import { routeMatchDuplicate } from './route-match-duplicate.ts';
import { routeParentMissing } from './route-parent-missing.ts';
import { samePriority } from './same-priority.ts';
import { selectorMatchesNothing } from './selector-matches-nothing.ts';
import { servicePortInPolicy } from './service-port-in-policy.ts';
import { shadowedPolicy } from './shadowed-policy.ts';
import { shadowedRule } from './shadowed-rule.ts';
import { splitPeer } from './split-peer.ts';
import { stagedPolicy } from './staged-policy.ts';
import { targetPortMatchesNothing } from './target-port-matches-nothing.ts';
import { targetPortNotListened } from './target-port-not-listened.ts';
import { unknownField } from './unknown-field.ts';
import { unknownNode } from './unknown-node.ts';
import { unknownPeer } from './unknown-peer.ts';
import { unknownProfile } from './unknown-profile.ts';
import { unknownSuppression } from './unknown-suppression.ts';
import { unprotectedPods } from './unprotected-pods.ts';
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
  externalNameExtras,
  externalTrafficLocalGap,
  headlessPortMapping,
  hostBits,
  hostEndpointWithoutPolicy,
  hostNetworkPodSelected,
  identicalPolicies,
  ingressBackendMissing,
  ingressClassUnhandled,
  ingressPathDuplicate,
  ingressTlsHostMismatch,
  internalTrafficLocalGap,
  ipBlockOverPods,
  ipBlockOverServices,
  ipPoolOverlap,
  joinedPeer,
  loadBalancerWithoutAddress,
  missingNamespace,
  missingPolicyTypeEgress,
  missingPolicyTypeIngress,
  missingPolicyTypes,
  missingProtocol,
  namedPortMissing,
  noReadyEndpoints,
  noService,
  notModelled,
  oneFamilyIpBlock,
  oneSidedAllow,
  policiesNotEnforced,
  policyNamespaceEmpty,
  portNameClash,
  portNotDeclared,
  rangeOverlap,
  redundantPolicy,
  redundantRule,
  referenceGrantMissing,
  routeBackendMissing,
  routeHostnameUnmatched,
  routeMatchDuplicate,
  routeParentMissing,
  samePriority,
  selectorMatchesNothing,
  servicePortInPolicy,
  shadowedPolicy,
  shadowedRule,
  splitPeer,
  stagedPolicy,
  targetPortMatchesNothing,
  targetPortNotListened,
  unknownField,
  unknownNode,
  unknownPeer,
  unknownProfile,
  unprotectedPods,
  unsupportedPeer,
  yamlBoolean,
  inputWarning(() => RULE_IDS),
  unknownSuppression(() => RULE_IDS),
].sort((a, b) => (a.id < b.id ? -1 : 1));

const RULE_IDS: ReadonlySet<string> = new Set(RULES.map(({ id }) => id));
