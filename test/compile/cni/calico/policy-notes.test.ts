import { describe, expect, test } from 'vitest';
import { policyNotes } from '../../../../src/compile/cni/calico/policy-notes.ts';
import { calicoVersion } from '../../../../src/compile/cni/calico/version.ts';
import { clusterWith } from './manifests.ts';

const anp = (rule: string): string =>
  `apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\nspec:\n  priority: 1\n  subject: {namespaces: {}}\n  ${rule}\n`;
const calico = (kind: string, spec: string): string =>
  `apiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: {name: p}\nspec: ${spec}\n`;

describe('Calico says of', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['an ordinary policy nothing', anp('ingress: [{action: Deny, from: [{namespaces: {}}]}]'), '3.31', []],
    [
      'a staged policy',
      calico('StagedGlobalNetworkPolicy', '{selector: all()}'),
      '3.31',
      ['CALICO_STAGED_POLICY staged policies are not enforced: StagedGlobalNetworkPolicy p'],
    ],
    [
      'a named port of an administrator',
      anp('ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{namedPort: http}]}]'),
      '3.31',
      [
        'CALICO_RULE_FAILS_CLOSED AdminNetworkPolicy a ingress[0]: Calico does not know named ports: the rule denies everything',
      ],
    ],
    [
      'nodes that are allowed',
      anp('egress: [{action: Allow, to: [{nodes: {}}]}]'),
      '3.31',
      [
        'CALICO_RULE_FAILS_CLOSED AdminNetworkPolicy a egress[0]: Calico does not know peers of nodes: the rule accepts nothing',
      ],
    ],
    [
      'a rule that asks about HTTP',
      calico('GlobalNetworkPolicy', '{ingress: [{action: Allow}, {action: Allow, http: {methods: [GET]}}]}'),
      '3.31',
      [
        'CALICO_HTTP_MATCH GlobalNetworkPolicy p ingress[1]: http is left to an Envoy beside the workload: evaluated without it, as Felix renders it',
      ],
    ],
    [
      'a rule that iptables refuses',
      calico('Profile', '{egress: [{action: Deny, protocol: ICMP, notProtocol: ICMP}]}'),
      '3.31',
      [
        'CALICO_CHAIN_REFUSED Profile p egress[0]: iptables refuses protocol beside notProtocol (multiple -p flags not allowed): Felix cannot program the chain, nor any later change of its table on that node',
      ],
    ],
    [
      'an API that it does not know yet',
      anp('egress: [{action: Allow, to: [{namespaces: {}}]}]'),
      '3.28',
      ['CALICO_NEWER_API Calico 3.28 does not know AdminNetworkPolicy: evaluated as the first release that does would'],
    ],
    [
      'an untracked policy of the endpoint for all devices',
      `${calico('HostEndpoint', '{node: n1, interfaceName: "*"}')}---\n${calico('GlobalNetworkPolicy', '{doNotTrack: true, applyOnForward: true}')}`,
      '3.31',
      ['CALICO_UNTRACKED_IGNORED doNotTrack policies (p) do not apply to host endpoints with interfaceName "*"'],
    ],
  ])('%s', (_, manifests, version, expected) => {
    const notes = policyNotes(clusterWith(manifests), calicoVersion(version));
    expect(notes.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
  });
});
