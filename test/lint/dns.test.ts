/** What lint says of Pods that cannot ask the cluster's DNS: by the side that denies, with the policy that does. */
import { describe, expect, it } from 'vitest';
import { say } from '../../src/explain/language.ts';
import { lintText, policy, yaml } from './support.ts';

const CLUSTER = yaml(
  'apiVersion: nettrace/v1alpha1\nkind: Cluster\nmetadata: {name: lab}\nspec:\n  cni: {plugin: calico}\n  nodes: [{name: n1, address: 192.168.1.11/24}]',
  '{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}',
  '{apiVersion: v1, kind: Pod, metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}, spec: {containers: [{name: c, image: i, ports: [{containerPort: 53, protocol: UDP}]}]}}',
  '{apiVersion: v1, kind: Service, metadata: {name: kube-dns, namespace: kube-system}, spec: {selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}]}}',
);

function calico(name: string, spec: string): string {
  return `{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: ${name}}, spec: {${spec}}}`;
}

const TO_DNS = 'allow egress to the Pods of kube-dns in kube-system, port 53/UDP';
const FROM_ALL = 'allow ingress from all Pods to port 53/UDP';

describe('DNS that policies block', () => {
  it.each<readonly [row: string, policies: readonly string[], said: string]>([
    [
      'is blocked at the client by a policy that admits something else',
      [policy('web', '  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{ports: [{port: 80}]}]')],
      `NetworkPolicy shop/web: Pods of shop/web are isolated and may not ask the cluster DNS over UDP (${TO_DNS}, in NetworkPolicy shop/web or another policy that selects them)`,
    ],
    [
      'is blocked at the client by a rule',
      [calico('stop', 'selector: app == "web", egress: [{action: Deny, protocol: UDP}, {action: Allow}]')],
      `GlobalNetworkPolicy stop: egress[0] denies Pods of shop/web the cluster DNS over UDP (${TO_DNS}, before egress[0] of GlobalNetworkPolicy stop is asked)`,
    ],
    [
      'is blocked at the servers by a policy of their namespace',
      [policy('lock', '  podSelector: {}\n  policyTypes: [Ingress]', 'kube-system')],
      `NetworkPolicy kube-system/lock: the DNS Pods that it selects admit no UDP from shop/web (${FROM_ALL}, in NetworkPolicy kube-system/lock or another policy that selects the DNS Pods)`,
    ],
    [
      'is blocked at the servers by a policy that selects the clients, too',
      [calico('all', 'selector: all(), types: [Ingress, Egress], egress: [{action: Allow}]')],
      `GlobalNetworkPolicy all: the DNS Pods that it selects admit no UDP from shop/web (${FROM_ALL}, in GlobalNetworkPolicy all or another policy that selects the DNS Pods)`,
    ],
    [
      'is blocked at the servers by a rule, behind a policy that does not decide',
      [
        calico('first', 'order: 1, selector: all(), types: [Ingress], ingress: [{action: Allow, protocol: TCP}]'),
        calico('second', 'order: 2, selector: all(), types: [Ingress], ingress: [{action: Deny, protocol: UDP}]'),
      ],
      `GlobalNetworkPolicy second: ingress[0] keeps UDP from shop/web away from the DNS Pods (${FROM_ALL}, before ingress[0] of GlobalNetworkPolicy second is asked)`,
    ],
  ])('%s', (_, policies, said) => {
    const found = lintText(yaml(CLUSTER, ...policies)).filter(({ rule }) => rule === 'dns-blocked-udp');
    expect(
      found.map(({ object, message, hint }) => `${object}: ${say(message, 'en')} (${hint && say(hint, 'en')})`),
    ).toEqual([said]);
  });
});
