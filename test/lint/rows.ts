/** Inputs for each rule. The lines that end in `# <-` are those of the findings. */
import { DB, DNS, NAMESPACES, PROBE, pod, policy, SHOP, service, WEB, yaml } from './support.ts';

export type Row = { readonly rule: string; readonly hit: string; readonly miss: string; readonly lenient?: boolean };

const ALLOW_WEB = `
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
      ports:
        - {protocol: TCP, port: 5432}`;

const GOOD = yaml(SHOP, policy('db', ALLOW_WEB));

const CLUSTER = (settings: string): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
${settings}`;

const NODES = `  nodes:
    - {name: n1, address: 192.168.0.1/24, interface: eth0}
    - {name: n2, address: 192.168.0.2/24, interface: eth0}`;

const admin = (name: string, priority: number, spec: string): string => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata:
  name: ${name}
spec:
  priority: ${priority}
${spec.replace(/^\n/, '')}`;

const baseline = (spec: string): string => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec:
${spec.replace(/^\n/, '')}`;

const SUBJECT = '  subject: {namespaces: {matchLabels: {team: shop}}}';
const DENY_MON = `${SUBJECT}
  ingress:
    - name: no-mon
      action: Deny
      from:
        - namespaces: {matchLabels: {team: mon}}`;

const ingress = (name: string, spec: string): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: shop}
spec:
${spec.replace(/^\n/, '')}`;

const CLASS =
  '{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}';
const WEB_SERVICE = service('web', 'app: web', '[{name: http, port: 80, targetPort: 8080}]');
const PATH = 'paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]';

const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: any
  listeners:
    - {name: http, port: 80, protocol: HTTP, hostname: "*.example.com"}`;

const route = (spec: string, name = 'web'): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}, namespace: shop}
spec:
${spec.replace(/^\n/, '')}`;

const GOOD_ROUTE = route(`
  parentRefs: [{name: edge}]
  hostnames: [a.example.com]
  rules:
    - backendRefs: [{name: web, port: 80}]`);
const HTTP = yaml(SHOP, WEB_SERVICE, GATEWAY);
const GOOD_HTTP = yaml(HTTP, GOOD_ROUTE);

const CALICO = (kind: string, metadata: string, spec: string): string => `apiVersion: projectcalico.org/v3
kind: ${kind}
metadata: ${metadata}
spec:
${spec.replace(/^\n/, '')}`;

const HOST_ENDPOINT = CALICO('HostEndpoint', '{name: h1, labels: {role: node}}', '  node: n1\n  interfaceName: eth0');
const LOCAL_WEB = pod('web', 'app: web', { spec: 'nodeName: n1, ' });

export const ROWS: readonly Row[] = [
  {
    rule: 'missing-namespace',
    hit: yaml(
      WEB,
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: # <-\n  name: a\nspec: {podSelector: {}}',
    ),
    miss: GOOD,
  },
  {
    rule: 'missing-protocol',
    hit: yaml(SHOP, policy('db', '  podSelector: {}\n  ingress:\n    - ports:\n        - port: 5432 # <-')),
    miss: GOOD,
  },
  {
    rule: 'missing-policy-types',
    hit: yaml(SHOP, policy('db', '  podSelector: {}\n').replace('spec:', 'spec: # <-')),
    miss: GOOD,
  },
  {
    rule: 'missing-policy-type-ingress',
    hit: yaml(SHOP, policy('db', '  podSelector: {}\n  policyTypes: [Egress]\n  ingress: # <-\n    - {}')),
    miss: GOOD,
  },
  {
    rule: 'missing-policy-type-egress',
    hit: yaml(SHOP, policy('db', '  podSelector: {}\n  policyTypes: [Ingress]\n  egress: # <-\n    - {}')),
    miss: GOOD,
  },
  {
    rule: 'duplicate-policy-name',
    hit: yaml(
      GOOD,
      'apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata:\n  name: db # <-\n  namespace: shop\nspec: {selector: app == "db", types: [Ingress]}',
    ),
    miss: GOOD,
  },
  {
    rule: 'dns-blocked-udp',
    hit: yaml(
      SHOP,
      DNS,
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress: # <-\n    - to: [{podSelector: {matchLabels: {app: db}}}]',
      ),
    ),
    miss: yaml(
      SHOP,
      DNS,
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress:\n    - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]\n      ports: [{protocol: UDP, port: 53}]',
      ),
    ),
  },
  {
    rule: 'dns-blocked-tcp',
    hit: yaml(
      SHOP,
      DNS,
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress: # <-\n    - to: [{namespaceSelector: {}}]\n      ports: [{protocol: UDP, port: 53}]',
      ),
    ),
    miss: yaml(SHOP, DNS, policy('web', '  podSelector: {}\n  policyTypes: [Egress]')),
  },
  {
    rule: 'dns-egress-forgotten',
    hit: yaml(
      SHOP,
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress: # <-\n    - ports: [{protocol: TCP, port: 5432}]',
      ),
    ),
    miss: yaml(
      SHOP,
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress:\n    - ports: [{protocol: TCP, port: 5432}]',
      ),
      policy('dns', '  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - ports: [{protocol: UDP, port: 53}]'),
    ),
  },
  {
    rule: 'all-ingress-blocked',
    hit: yaml(SHOP, policy('deny', '  podSelector: {}\n  policyTypes: [Ingress]').replace('spec:', 'spec: # <-')),
    miss: GOOD,
  },
  {
    rule: 'all-egress-blocked',
    hit: yaml(SHOP, policy('deny', '  podSelector: {}\n  policyTypes: [Egress]').replace('spec:', 'spec: # <-')),
    miss: GOOD,
  },
  {
    rule: 'all-ingress-allowed',
    hit: yaml(SHOP, policy('open', '  podSelector: {}\n  policyTypes: [Ingress]\n  ingress: # <-\n    - {}')),
    miss: GOOD,
  },
  {
    rule: 'all-egress-allowed',
    hit: yaml(SHOP, policy('open', '  podSelector: {}\n  policyTypes: [Egress]\n  egress: # <-\n    - {}')),
    miss: GOOD,
  },
  {
    rule: 'selector-matches-nothing',
    hit: yaml(SHOP, policy('db', '  podSelector: {matchLabels: {app: dd}} # <-\n  policyTypes: [Ingress]')),
    miss: GOOD,
  },
  {
    rule: 'selector-matches-nothing',
    hit: yaml(
      SHOP,
      admin(
        'a',
        1,
        '  subject: {namespaces: {matchLabels: {team: none}}} # <-\n  ingress:\n    - {action: Deny, from: [{namespaces: {}}]}',
      ),
    ),
    miss: yaml(SHOP, admin('a', 1, DENY_MON)),
  },
  {
    rule: 'selector-matches-nothing',
    hit: yaml(
      SHOP,
      admin(
        'a',
        1,
        `${SUBJECT}\n  ingress:\n    - action: Deny\n      from:\n        - namespaces: {matchLabels: {team: none}} # <-`,
      ),
    ),
    miss: yaml(SHOP, service('web', 'app: web', '[{port: 8080}]')),
  },
  {
    rule: 'target-port-matches-nothing',
    hit: yaml(
      SHOP,
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  ports:\n    - port: 80\n      targetPort: htpp # <-',
    ),
    miss: yaml(SHOP, service('web', 'app: web', '[{port: 80, targetPort: http}]')),
  },
  {
    rule: 'policy-namespace-empty',
    hit: yaml(SHOP, policy('a', '  podSelector: {}\n  policyTypes: [Ingress]', 'shopp # <-')),
    miss: GOOD,
  },
  {
    rule: 'service-port-in-policy',
    hit: yaml(
      SHOP,
      WEB_SERVICE,
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress:\n    - ports:\n        - {protocol: TCP, port: 80} # <-',
      ),
    ),
    miss: yaml(
      SHOP,
      WEB_SERVICE,
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress:\n    - ports:\n        - {protocol: TCP, port: 8080}',
      ),
    ),
  },
  {
    rule: 'port-not-declared',
    hit: yaml(SHOP, policy('db', ALLOW_WEB.replace('5432}', '5433} # <-'))),
    miss: GOOD,
  },
  {
    rule: 'named-port-missing',
    hit: yaml(SHOP, policy('db', ALLOW_WEB.replace('5432}', 'sqll} # <-'))),
    miss: yaml(SHOP, policy('db', ALLOW_WEB.replace('5432', 'sql'))),
  },
  {
    rule: 'redundant-rule',
    hit: yaml(
      SHOP,
      policy(
        'db',
        `${ALLOW_WEB}\n    - from: [{podSelector: {matchLabels: {app: web, tier: front}}}] # <-\n      ports: [{protocol: TCP, port: sql}, {protocol: TCP, port: 5432}]\n    - from: [{podSelector: {matchLabels: {app: web}}}]\n      ports: [{protocol: TCP, port: sql}]`,
      ),
    ),
    miss: yaml(
      SHOP,
      policy(
        'db',
        `${ALLOW_WEB}\n    - from: [{podSelector: {matchLabels: {app: web}}}]\n      ports: [{protocol: UDP, port: 5432}]`,
      ),
    ),
  },
  {
    rule: 'redundant-policy',
    hit: yaml(
      SHOP,
      policy('db', ALLOW_WEB),
      policy(
        'narrow # <-',
        ALLOW_WEB.replace('app: db}', 'app: db, tier: back}').replace('app: web}', 'app: web, tier: front}'),
      ),
    ),
    miss: yaml(GOOD, policy('other', ALLOW_WEB.replace('Ingress', 'Egress, Ingress').replace('5432', '5433'))),
  },
  {
    rule: 'identical-policies',
    hit: yaml(SHOP, policy('db', ALLOW_WEB), policy('web # <-', ALLOW_WEB)),
    miss: yaml(SHOP, policy('db', ALLOW_WEB), policy('web', ALLOW_WEB.replace('5432', '5433'))),
  },
  {
    rule: 'shadowed-rule',
    hit: yaml(
      SHOP,
      admin(
        'a',
        1,
        `${DENY_MON}\n    - action: Allow # <-\n      from: [{pods: {namespaceSelector: {matchLabels: {team: mon}}, podSelector: {matchLabels: {app: probe}}}}]`,
      ),
    ),
    miss: yaml(
      SHOP,
      admin('a', 1, `${DENY_MON}\n    - {action: Allow, from: [{namespaces: {matchLabels: {team: shop}}}]}`),
    ),
  },
  {
    rule: 'shadowed-policy',
    hit: yaml(SHOP, admin('a', 1, DENY_MON), admin('b # <-', 2, DENY_MON.replace('Deny', 'Allow'))),
    miss: yaml(SHOP, admin('a', 1, DENY_MON), admin('b', 2, DENY_MON.replace('team: mon', 'team: shop'))),
  },
  {
    rule: 'dead-under-admin-policy',
    hit: yaml(
      SHOP,
      admin('a', 1, DENY_MON),
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress:\n    - from: [{podSelector: {matchLabels: {app: db}}}]\n    - from: [{namespaceSelector: {matchLabels: {team: mon}}}] # <-',
      ),
    ),
    miss: yaml(
      SHOP,
      admin('a', 1, DENY_MON.replace('Deny', 'Pass')),
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress:\n    - from: [{namespaceSelector: {matchLabels: {team: mon}}}]',
      ),
    ),
  },
  {
    rule: 'baseline-hidden',
    hit: yaml(
      SHOP,
      baseline(DENY_MON).replace('metadata: {name: default}', 'metadata: {name: default} # <-'),
      policy('all', '  podSelector: {}\n  policyTypes: [Ingress]'),
    ),
    miss: yaml(SHOP, baseline(DENY_MON), policy('db', ALLOW_WEB)),
  },
  {
    rule: 'one-sided-allow',
    hit: yaml(
      SHOP,
      policy('db', ALLOW_WEB.replace('app: web}}', 'app: web}} # <-')),
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress:\n    - to:\n        - podSelector: {matchLabels: {app: db}} # <-\n      ports: [{protocol: TCP, port: 6432}]',
      ),
    ),
    miss: yaml(
      GOOD,
      policy(
        'web',
        '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  egress:\n    - to: [{podSelector: {matchLabels: {app: db}}}]\n      ports: [{protocol: TCP, port: 5432}]',
      ),
    ),
  },
  {
    rule: 'one-sided-allow',
    hit: yaml(
      SHOP,
      policy('db', ALLOW_WEB.replace('app: web}}', 'app: web}} # <-')),
      policy('web', '  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]'),
    ),
    miss: GOOD,
  },
  {
    rule: 'ip-block-over-pods',
    hit: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - ipBlock: {cidr: 10.0.0.0/8} # <-',
      ),
    ),
    miss: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - ipBlock: {cidr: 172.16.0.0/12}\n        - ipBlock: {cidr: 0.0.0.0/0}',
      ),
    ),
  },
  {
    rule: 'ip-block-over-services',
    hit: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - to:\n        - ipBlock: {cidr: 10.96.0.10/32} # <-',
      ),
    ),
    miss: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - to:\n        - ipBlock: {cidr: 172.16.0.0/12}',
      ),
    ),
  },
  {
    rule: 'host-network-pod-selected',
    hit: yaml(
      SHOP,
      pod('agent', 'app: agent', { spec: 'hostNetwork: true, ' }),
      policy('a', '  podSelector: {matchLabels: {app: agent}} # <-\n  policyTypes: [Ingress]'),
    ),
    miss: yaml(GOOD, pod('agent', 'app: agent', { spec: 'hostNetwork: true, ' })),
  },
  {
    rule: 'one-family-ip-block',
    hit: yaml(
      CLUSTER('  podCIDRs: [10.244.0.0/16, "fd00:10:244::/56"]'),
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - to:\n        - ipBlock: {cidr: 198.51.100.0/24} # <-',
      ),
    ),
    miss: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - to:\n        - ipBlock: {cidr: 198.51.100.0/24}',
      ),
    ),
  },
  {
    rule: 'split-peer',
    hit: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - namespaceSelector: {matchLabels: {team: mon}}\n        - podSelector: {matchLabels: {app: probe}} # <-',
      ),
    ),
    miss: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - namespaceSelector: {matchLabels: {team: mon}}\n          podSelector: {matchLabels: {app: probe}}',
      ),
    ),
  },
  {
    rule: 'joined-peer',
    hit: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - namespaceSelector: {matchLabels: {team: mon}} # <-\n          podSelector: {matchLabels: {app: web}}',
      ),
    ),
    miss: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - namespaceSelector: {matchLabels: {team: mon}}\n        - podSelector: {matchLabels: {app: web}}',
      ),
    ),
  },
  {
    rule: 'empty-peer-list',
    hit: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Ingress]\n  ingress:\n    - from: [] # <-\n      ports: [{protocol: TCP, port: 8080}]',
      ),
    ),
    miss: GOOD,
  },
  {
    rule: 'policies-not-enforced',
    hit: yaml(
      CLUSTER('  cni: {plugin: flannel, flannel: {backend: vxlan}}'),
      SHOP,
      policy('db', ALLOW_WEB).replace('spec:', 'spec: # <-'),
    ),
    miss: GOOD,
  },
  {
    rule: 'unsupported-peer',
    hit: yaml(
      SHOP,
      admin('a', 1, `${SUBJECT}\n  egress:\n    - action: Deny # <-\n      to: [{nodes: {matchLabels: {a: b}}}]`),
    ),
    miss: yaml(SHOP, admin('a', 1, DENY_MON)),
  },
  {
    rule: 'staged-policy',
    hit: yaml(
      SHOP,
      CALICO('StagedNetworkPolicy # <-', '{name: s, namespace: shop}', '  selector: all()\n  types: [Ingress]'),
    ),
    miss: GOOD,
  },
  {
    rule: 'yaml-boolean',
    hit: yaml(
      WEB,
      '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, labels: {old: yes}}, spec: {selector: {app: web}, ports: [{port: 8080}]}} # <-',
    ),
    miss: yaml(
      WEB,
      '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, labels: {old: "yes"}}, spec: {selector: {app: web}, ports: [{port: 8080}]}}',
    ),
  },
  {
    rule: 'host-bits',
    hit: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - to:\n        - ipBlock: {cidr: 198.51.100.7/24} # <-',
      ),
    ),
    miss: yaml(
      SHOP,
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n    - to:\n        - ipBlock: {cidr: 198.51.100.7/32}',
      ),
    ),
  },
  {
    rule: 'same-priority',
    hit: yaml(
      SHOP,
      admin('a', 1, DENY_MON),
      admin('b', 1, DENY_MON.replace('team: mon', 'team: shop')).replace('priority: 1', 'priority: 1 # <-'),
    ),
    miss: yaml(SHOP, admin('a', 1, DENY_MON), admin('b', 2, DENY_MON.replace('team: mon', 'team: shop'))),
  },
  {
    rule: 'unknown-peer',
    lenient: true,
    hit: yaml(SHOP, admin('a', 1, `${SUBJECT}\n  egress:\n    - action: Deny\n      to:\n        - {moons: {}} # <-`)),
    miss: yaml(SHOP, admin('a', 1, DENY_MON)),
  },
  {
    rule: 'unknown-profile',
    hit: yaml(
      CLUSTER(NODES),
      CALICO('HostEndpoint', '{name: h1}', '  node: n1\n  interfaceName: eth0\n  profiles: [nobody] # <-'),
    ),
    miss: yaml(CLUSTER(NODES), HOST_ENDPOINT),
  },
  {
    rule: 'unknown-node',
    hit: yaml(CLUSTER(NODES), CALICO('HostEndpoint', '{name: h1}', '  node: n9 # <-\n  interfaceName: eth0')),
    miss: yaml(CLUSTER(NODES), HOST_ENDPOINT),
  },
  {
    rule: 'range-overlap',
    hit: yaml(
      CLUSTER(
        `  podCIDRs: [192.168.0.0/16] # <-\n${NODES.replaceAll('}', ', podCIDR: 192.168.128.0/24}').replace('128.0', '129.0')}`,
      ),
      WEB,
    ),
    miss: yaml(CLUSTER(`  podCIDRs: [10.244.0.0/16]\n${NODES}`), WEB),
  },
  {
    rule: 'address-outside',
    hit: yaml(
      CLUSTER(`  podCIDRs: [10.244.0.0/16]\n${NODES}`),
      'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {nodeName: n1, containers: [{name: c, image: i}]}\nstatus:\n  podIP: 10.9.0.9 # <-',
    ),
    miss: yaml(CLUSTER(`  podCIDRs: [10.244.0.0/16]\n${NODES}`), WEB),
  },
  {
    rule: 'no-service',
    hit: yaml(
      WEB,
      'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, namespace: shop} # <-\naddressType: IPv4\nendpoints: []\nports: []',
    ),
    miss: yaml(
      WEB,
      'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, namespace: shop, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\nendpoints: []\nports: []',
    ),
  },
  {
    rule: 'unknown-field',
    lenient: true,
    hit: yaml(SHOP, policy('db', '  podSelecter: {} # <-\n  podSelector: {}\n  policyTypes: [Ingress]')),
    miss: GOOD,
  },
  {
    rule: 'target-port-not-listened',
    hit: yaml(
      SHOP,
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  ports:\n    - port: 80\n      targetPort: 8081 # <-',
    ),
    miss: yaml(
      SHOP,
      WEB_SERVICE,
      pod('any', 'app: any', { ports: '[]' }),
      service('any', 'app: any', '[{port: 80, targetPort: 9}]'),
    ),
  },
  {
    rule: 'port-name-clash',
    hit: 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers: # <-\n    - {name: a, image: i, ports: [{name: http, containerPort: 80}]}\n    - {name: b, image: i, ports: [{name: http, containerPort: 81}]}',
    miss: WEB,
  },
  {
    rule: 'external-traffic-local-gap',
    hit: yaml(
      CLUSTER(NODES),
      LOCAL_WEB,
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  type: NodePort\n  externalTrafficPolicy: Local # <-\n  selector: {app: web}\n  ports: [{port: 8080}]',
    ),
    miss: yaml(CLUSTER(NODES), LOCAL_WEB, service('web', 'app: web', '[{port: 8080}]', 'type: NodePort, ')),
  },
  {
    rule: 'internal-traffic-local-gap',
    hit: yaml(
      CLUSTER(NODES),
      LOCAL_WEB,
      pod('db', 'app: db', { spec: 'nodeName: n2, ' }),
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  internalTrafficPolicy: Local # <-\n  selector: {app: web}\n  ports: [{port: 8080}]',
    ),
    miss: yaml(
      CLUSTER(NODES),
      LOCAL_WEB,
      service('web', 'app: web', '[{port: 8080}]', 'internalTrafficPolicy: Local, '),
    ),
  },
  {
    rule: 'headless-port-mapping',
    hit: yaml(
      WEB,
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  clusterIP: None\n  selector: {app: web}\n  ports:\n    - port: 80\n      targetPort: 8080 # <-',
    ),
    miss: yaml(WEB, WEB_SERVICE),
  },
  {
    rule: 'external-name-extras',
    hit: yaml(
      WEB,
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  type: ExternalName\n  externalName: example.com\n  selector: {app: web} # <-',
    ),
    miss: yaml(
      WEB,
      '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: ExternalName, externalName: example.com}}',
    ),
  },
  {
    rule: 'no-ready-endpoints',
    hit: yaml(
      '{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {nodeName: n1, containers: [{name: c, image: i}]}, status: {phase: Running, podIP: 10.244.1.9, conditions: [{type: Ready, status: "False"}]}}',
      CLUSTER(`  podCIDRs: [10.244.0.0/16]\n${NODES}`),
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web} # <-\n  ports: [{port: 80}]',
    ),
    miss: yaml(WEB, WEB_SERVICE),
  },
  {
    rule: 'load-balancer-without-address',
    hit: yaml(
      WEB,
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  type: LoadBalancer # <-\n  selector: {app: web}\n  ports: [{port: 8080}]',
    ),
    miss: yaml(WEB, WEB_SERVICE),
  },
  {
    rule: 'ingress-backend-missing',
    hit: yaml(
      WEB,
      WEB_SERVICE,
      ingress(
        'i',
        '  rules:\n    - http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend: {service: {name: wbe, port: {number: 80}}} # <-\n          - path: /a\n            pathType: Prefix\n            backend: {service: {name: web, port: {number: 81}}} # <-',
      ),
    ),
    miss: yaml(WEB, WEB_SERVICE, ingress('i', `  rules: [{http: {${PATH}}}]`)),
  },
  {
    rule: 'ingress-class-unhandled',
    hit: yaml(WEB, WEB_SERVICE, CLASS, ingress('i', `  ingressClassName: ngnix # <-\n  rules: [{http: {${PATH}}}]`)),
    miss: yaml(WEB, WEB_SERVICE, CLASS, ingress('i', `  ingressClassName: nginx\n  rules: [{http: {${PATH}}}]`)),
  },
  {
    rule: 'ingress-path-duplicate',
    hit: yaml(
      WEB,
      WEB_SERVICE,
      ingress('a', `  rules: [{http: {${PATH}}}]`),
      ingress('b', `  rules: [{http: {${PATH}}}] # <-`),
    ),
    miss: yaml(
      WEB,
      WEB_SERVICE,
      ingress('a', `  rules: [{http: {${PATH}}}]`),
      ingress('b', `  rules: [{host: b.example.com, http: {${PATH}}}]`),
    ),
  },
  {
    rule: 'ingress-tls-host-mismatch',
    hit: yaml(
      WEB,
      WEB_SERVICE,
      ingress(
        'a',
        `  tls:\n    - hosts: [b.example.com] # <-\n  rules:\n    - host: a.example.com # <-\n      http: {${PATH}}`,
      ),
    ),
    miss: yaml(
      WEB,
      WEB_SERVICE,
      ingress('a', `  tls: [{hosts: ["*.example.com"]}]\n  rules: [{host: a.example.com, http: {${PATH}}}]`),
    ),
  },
  {
    rule: 'route-parent-missing',
    hit: yaml(
      HTTP,
      GOOD_ROUTE.replace(
        'parentRefs: [{name: edge}]',
        'parentRefs:\n    - name: egde # <-\n    - name: edge\n      sectionName: https # <-',
      ),
    ),
    miss: GOOD_HTTP,
  },
  {
    rule: 'route-backend-missing',
    hit: yaml(HTTP, GOOD_ROUTE.replace('{name: web, port: 80}]', '{name: wbe, port: 80}] # <-')),
    miss: GOOD_HTTP,
  },
  {
    rule: 'reference-grant-missing',
    hit: yaml(HTTP, GOOD_ROUTE.replace('{name: web, port: 80}]', '{name: web, namespace: mon, port: 80}] # <-')),
    miss: GOOD_HTTP,
  },
  {
    rule: 'route-hostname-unmatched',
    hit: yaml(HTTP, GOOD_ROUTE.replace('hostnames: [a.example.com]', 'hostnames: [a.example.org] # <-')),
    miss: GOOD_HTTP,
  },
  {
    rule: 'route-match-duplicate',
    hit: yaml(
      GOOD_HTTP,
      GOOD_ROUTE.replace('name: web, namespace', 'name: zweb, namespace').replace('80}]', '80}] # <-'),
    ),
    miss: yaml(
      GOOD_HTTP,
      GOOD_ROUTE.replace('name: web, namespace', 'name: zweb, namespace').replace('a.example', 'b.example'),
    ),
  },
  {
    rule: 'ip-pool-overlap',
    hit: yaml(
      CLUSTER(NODES),
      CALICO('IPPool', '{name: a}', '  cidr: 10.244.0.0/16'),
      CALICO('IPPool', '{name: b}', '  cidr: 10.244.128.0/17 # <-'),
    ),
    miss: yaml(
      CLUSTER(NODES),
      CALICO('IPPool', '{name: a}', '  cidr: 10.244.0.0/16'),
      CALICO('IPPool', '{name: b}', '  cidr: 10.245.0.0/16'),
    ),
  },
  {
    rule: 'host-endpoint-without-policy',
    hit: yaml(CLUSTER(NODES), HOST_ENDPOINT.replace('{role: node}}', '{role: node}} # <-')),
    miss: yaml(
      CLUSTER(NODES),
      HOST_ENDPOINT,
      CALICO('GlobalNetworkPolicy', '{name: g}', "  selector: role == 'node'\n  types: [Ingress]"),
    ),
  },
  {
    rule: 'unprotected-pods',
    hit: yaml(SHOP, policy('db', ALLOW_WEB, 'shop # <-')),
    miss: yaml(SHOP, policy('all', '  podSelector: {}\n  policyTypes: [Ingress]')),
  },
  {
    rule: 'not-modelled',
    hit: yaml(WEB, 'apiVersion: cilium.io/v2 # <-\nkind: CiliumNetworkPolicy\nmetadata: {name: none, namespace: shop}'),
    miss: GOOD,
  },
  {
    rule: 'input-warning',
    hit: yaml(
      WEB,
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  clusterIP: 172.30.0.5 # <-\n  ports: [{port: 8080}]',
      'apiVersion: v1\nkind: Service\nmetadata: {name: zweb, namespace: shop}\nspec:\n  selector: {app: web}\n  clusterIP: 10.96.0.5\n  ports: [{port: 8080}]',
    ),
    miss: GOOD,
  },
  {
    rule: 'unknown-suppression',
    hit: yaml(NAMESPACES, `# nettrace-lint-disable-next-line splt-peer # <-\n${DB}`, PROBE),
    miss: yaml(NAMESPACES, `# nettrace-lint-disable-next-line split-peer, host-bits -- known\n${DB}`),
  },
];
