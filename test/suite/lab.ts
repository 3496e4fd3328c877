/** A small cluster with one policy of each API, for tests of suites. */
const pod = (name: string, namespace: string, ip: string, labels: string): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {${labels}}}
spec: {nodeName: n1, containers: [{name: main, image: main, ports: [{containerPort: 80}, {containerPort: 81}]}]}
status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: "True"}]}
`;

export const LAB = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  podCIDRs: [10.244.0.0/16]
  proxy: {mode: iptables}
  cni: {plugin: calico}
  nodes: [{name: n1, address: 192.168.1.11/24, interface: eth0, gateway: 192.168.1.1, podCIDR: 10.244.1.0/24}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: ops, labels: {kubernetes.io/metadata.name: ops}}
${pod('web', 'shop', '10.244.1.2', 'app: web, example.com/part: front')}${pod('api', 'shop', '10.244.1.3', 'app: api')}${pod('db', 'shop', '10.244.1.4', 'app: db')}${pod('admin', 'ops', '10.244.1.5', 'app: admin')}---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {clusterIP: 10.96.0.20, selector: {app: api}, ports: [{name: http, port: 80}, {name: more, port: 8081, targetPort: 81}]}
`;

export const DB_POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: api}}
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}
      ports:
        - port: 80
        - port: 81
    - from:
        - ipBlock: {cidr: 10.9.0.0/16}
`;

export const ADMIN_POLICY = `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 10
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}
  ingress:
    - name: no-admins
      action: Deny
      from:
        - namespaces: {matchLabels: {kubernetes.io/metadata.name: ops}}
      ports:
        - portNumber: {port: 81}
`;

export const CALICO_POLICY = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: {selector: app == 'api'}
      destination: {ports: [80]}
`;
