/** Rows of the matrix of reason codes that only policies with a rule to deny, or for hosts, have. */
import { cluster } from './matrix-labs.ts';
import type { Row } from './matrix-rows.ts';

const TO_WEB = 'client 10.96.0.20:80';

function administrator(direction: string): string {
  return `---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: rule}
spec: {priority: 1, subject: {namespaces: {}}, ${direction}}
`;
}

const HOST_ENDPOINT = `---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: n2, labels: {host: n2}}
spec: {node: n2, interfaceName: eth0}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: rule}
spec: {selector: host == 'n2', applyOnForward: true, ingress: [{action: Allow, protocol: <<UDP||TCP>>}]}
`;

export const POLICY_ROWS: readonly Row[] = [
  {
    code: 'POLICY_EGRESS_DENY',
    topology: cluster({
      more: administrator(
        'egress: [{action: <<Deny||Allow>>, to: [{pods: {podSelector: {matchLabels: {app: web}}}}]}]',
      ),
    }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary:
      'AdminNetworkPolicy rule (lab.yaml:49) denies egress of default/client to default/web-0 (10.244.1.5, an endpoint of Service default/web) on tcp/80.',
  },
  {
    code: 'POLICY_INGRESS_DENY',
    topology: cluster({
      more: administrator(
        'ingress: [{action: <<Deny||Pass>>, from: [{pods: {podSelector: {matchLabels: {app: client}}}}]}]',
      ),
    }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary:
      'AdminNetworkPolicy rule (lab.yaml:49) denies ingress from client (10.244.0.5) to default/web-0 on tcp/80.',
  },
  {
    code: 'HOST_ENDPOINT_DENY',
    topology: cluster({ more: HOST_ENDPOINT }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary:
      'The policies of the host endpoint on n2 do not admit 10.244.0.5 > 10.244.1.5 on tcp/80 (GlobalNetworkPolicy rule (lab.yaml:54)).',
  },
];
