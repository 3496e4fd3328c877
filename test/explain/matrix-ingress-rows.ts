/** Rows of the matrix of reason codes behind an ingress controller. */
import { parseIp4 } from '../../src/net/address.ts';
import { cluster } from './matrix-labs.ts';
import type { Row } from './matrix-rows.ts';

/** A controller on the network of n1, and an Ingress of these parts. */
function ingress({
  className = 'nginx',
  host = 'web.example.com',
  path = '/',
  service = 'web',
  annotations = '{}',
}): string {
  return `---
apiVersion: v1
kind: Pod
metadata: {name: controller, namespace: ingress-nginx, labels: {app.kubernetes.io/name: ingress-nginx}}
spec: {nodeName: n1, hostNetwork: true, containers: [{name: controller, ports: [{containerPort: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: ${annotations}}
spec:
  ingressClassName: ${className}
  rules:
    - host: ${host}
      http: {paths: [{path: ${path}, pathType: Prefix, backend: {service: {name: ${service}, port: {number: 80}}}}]}
`;
}

const QUESTION = 'host/outside http://web.example.com/shop';
const N1 = parseIp4('192.168.0.11');
const more = { hosts: new Map(N1 === undefined ? [] : [['web.example.com', N1]]) };

export const INGRESS_ROWS: readonly Row[] = [
  {
    code: 'INGRESS_HOST_UNMATCHED',
    topology: cluster({ more: ingress({ host: '<<www||web>>.example.com' }) }),
    question: QUESTION,
    more,
    outcome: 'rejected http-404',
    summary: 'No Ingress rule names the host of http://web.example.com/shop: the controller answers 404.',
  },
  {
    code: 'INGRESS_PATH_UNMATCHED',
    topology: cluster({ more: ingress({ path: '/<<shops||shop>>' }) }),
    question: QUESTION,
    more,
    outcome: 'rejected http-404',
    summary:
      'The Ingress rules for the host of http://web.example.com/shop have no path that matches: the controller answers 404.',
  },
  {
    code: 'INGRESS_CLASS_UNHANDLED',
    topology: cluster({ more: ingress({ className: '<<traefik||nginx>>' }) }),
    question: QUESTION,
    more,
    outcome: 'rejected http-404',
    summary: 'No controller handles the class of the Ingress behind http://web.example.com/shop.',
  },
  {
    code: 'INGRESS_SOURCE_DENIED',
    topology: cluster({
      more: ingress({ annotations: '{nginx.ingress.kubernetes.io/whitelist-source-range: "<<10||192>>.0.0.0/8"}' }),
    }),
    question: QUESTION,
    more,
    outcome: 'rejected http-403',
    summary:
      'The Ingress behind http://web.example.com/shop does not admit 192.168.0.100, the address that the controller sees: it answers 403.',
  },
  {
    code: 'INGRESS_BACKEND_UNAVAILABLE',
    topology: cluster({ webReady: '"<<False||True>>"', more: ingress({}) }),
    question: QUESTION,
    more,
    outcome: 'rejected http-503',
    summary:
      'The controller takes the request for http://web.example.com/shop but reaches no backend of default/web. Service default/web has no ready endpoint.',
  },
];
