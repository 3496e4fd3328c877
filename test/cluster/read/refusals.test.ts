/** What the API server refuses, in its sentence: one row for each, with the place where it stands. */
import { describe, expect, it } from 'vitest';
import { problems } from '../load.ts';

/** What is wrong (the spec, in flow form), and what is said of it, without the subject. */
type Row = readonly [name: string, spec: string, says: string];

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const NO_LABEL = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const NO_SUBDOMAIN = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${LABEL}(\\.${LABEL})*')`;
const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const NO_PORT = 'must be between 1 and 65535, inclusive';

function refuses(kind: string, apiVersion: string, rows: readonly Row[]): void {
  describe(kind, () => {
    it.each(rows)('%s', (_, spec, says) => {
      const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\nspec: {${spec}}\n`;
      expect(problems(text).map((line) => line.replace(/ \S+ (default\/)?x: /, ' '))).toEqual([says]);
    });
  });
}

refuses('Service', 'v1', [
  [
    'an unknown type',
    'type: NodePrt, ports: [{port: 80}]',
    'error 4:14 spec.type: Unsupported value: "NodePrt": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort" (did you mean NodePort?)',
  ],
  ['a port out of range', 'ports: [{port: 70000}]', `error 4:23 spec.ports[0].port: Invalid value: 70000: ${NO_PORT}`],
  [
    'a port that is no int32',
    'ports: [{port: 5000000000}]',
    'error 4:23 spec.ports[0].port: json: cannot unmarshal number 5000000000 into Go struct field ServicePort.spec.ports.port of type int32',
  ],
  [
    'a port left out',
    'ports: [{name: a}]',
    `error 4:16 spec.ports[0].port: Invalid value: 0: ${NO_PORT} (expected an integer 1-65535)`,
  ],
  [
    'ports that are no list',
    'ports: {port: 80}',
    'error 4:15 spec.ports: json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort (put "- " before the item)',
  ],
  [
    'a port that is no object',
    'ports: [80]',
    'error 4:16 spec.ports[0]: json: cannot unmarshal number into Go struct field ServiceSpec.spec.ports of type v1.ServicePort',
  ],
  [
    'an unknown protocol',
    'ports: [{port: 80, protocol: tcp}]',
    'error 4:37 spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP" (did you mean TCP?)',
  ],
  [
    'a name of a port',
    'ports: [{port: 80, name: Http}]',
    `error 4:33 spec.ports[0].name: Invalid value: "Http": ${NO_LABEL} (write http)`,
  ],
  [
    'a targetPort out of range',
    'ports: [{port: 80, targetPort: 70000}]',
    `error 4:39 spec.ports[0].targetPort: Invalid value: 70000: ${NO_PORT}`,
  ],
  [
    'a name of a targetPort that is too long',
    'ports: [{port: 80, targetPort: a-very-long-name}]',
    'error 4:39 spec.ports[0].targetPort: Invalid value: "a-very-long-name": must be no more than 15 bytes',
  ],
  [
    'a name of a targetPort with two hyphens',
    'ports: [{port: 80, targetPort: a--b}]',
    'error 4:39 spec.ports[0].targetPort: Invalid value: "a--b": must not contain consecutive hyphens',
  ],
  [
    'a targetPort that is neither',
    'ports: [{port: 80, targetPort: true}]',
    'error 4:39 spec.ports[0].targetPort: json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32',
  ],
  [
    'a negative nodePort',
    'type: NodePort, ports: [{port: 80, nodePort: -1}]',
    'error 4:53 spec.ports[0].nodePort: Invalid value: -1: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
  [
    'a nodePort twice',
    'type: NodePort, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, nodePort: 30080}]',
    'error 4:100 spec.ports[1].nodePort: Duplicate value: 30080',
  ],
  [
    'a health check port in use',
    'type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30080, ports: [{port: 80, nodePort: 30080}]',
    'error 4:79 spec.healthCheckNodePort: failed to allocate requested HealthCheck NodePort 30080: provided port is already allocated (Service default/x has it)',
  ],
  [
    'a health check port out of range',
    'type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 80, ports: [{port: 80}]',
    'error 4:79 spec.healthCheckNodePort: failed to allocate requested HealthCheck NodePort 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
  [
    'a health check port elsewhere',
    'healthCheckNodePort: 30080, ports: [{port: 80}]',
    "error 4:29 spec.healthCheckNodePort: Invalid value: 30080: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    'a clusterIP that is no address',
    'clusterIP: 10.96.0.300, ports: [{port: 80}]',
    `error 4:19 spec.clusterIP: Invalid value: "10.96.0.300": ${NO_IP}`,
  ],
  [
    'clusterIPs that differ',
    'clusterIP: 10.96.0.7, clusterIPs: [10.96.0.8], ports: [{port: 80}]',
    'error 4:42 spec.clusterIPs: Invalid value: ["10.96.0.8"]: first value must match `clusterIP`',
  ],
  [
    'None and an address',
    'clusterIPs: [None, 10.96.0.8], ports: [{port: 80}]',
    `error 4:20 spec.clusterIPs: Invalid value: ["None","10.96.0.8"]: 'None' must be the first and only value`,
  ],
  [
    'two addresses of one family',
    'clusterIPs: [10.96.0.7, 10.96.0.8], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]',
    'error 4:8 spec.clusterIPs: Invalid value: ["10.96.0.7","10.96.0.8"]: may specify no more than one IP for each IP family',
  ],
  [
    'an externalIP that is no address',
    'externalIPs: [a], ports: [{port: 80}]',
    `error 4:22 spec.externalIPs[0]: Invalid value: "a": ${NO_IP}`,
  ],
  [
    'a source range that is none',
    'type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0], ports: [{port: 80}]',
    `error 4:55 spec.loadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": ${NO_CIDR} (write 10.0.0.0/32 for the one address)`,
  ],
  [
    'source ranges elsewhere',
    'loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]',
    "error 4:8 spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    'an unknown affinity',
    'sessionAffinity: ClientIp, ports: [{port: 80}]',
    'error 4:25 spec.sessionAffinity: Unsupported value: "ClientIp": supported values: "ClientIP", "None" (did you mean ClientIP?)',
  ],
  [
    'an affinity of more than a day',
    'sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}, ports: [{port: 80}]',
    'error 4:86 spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
  ],
  [
    'an unknown internalTrafficPolicy',
    'internalTrafficPolicy: local, ports: [{port: 80}]',
    'error 4:31 spec.internalTrafficPolicy: Unsupported value: "local": supported values: "Cluster", "Local" (did you mean Local?)',
  ],
  [
    'an unknown family',
    'ipFamilies: [ipv4], ports: [{port: 80}]',
    'error 4:21 spec.ipFamilies[0]: Unsupported value: "ipv4": supported values: "IPv4", "IPv6" (did you mean IPv4?)',
  ],
  [
    'a family twice',
    'ipFamilies: [IPv4, IPv4], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]',
    'error 4:27 spec.ipFamilies[1]: Duplicate value: "IPv4"',
  ],
  [
    'an unknown policy of families',
    'ipFamilyPolicy: DualStack, ports: [{port: 80}]',
    'error 4:24 spec.ipFamilyPolicy: Unsupported value: "DualStack": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
  [
    'a word where a boolean stands',
    'publishNotReadyAddresses: "true", ports: [{port: 80}]',
    'error 4:34 spec.publishNotReadyAddresses: json: cannot unmarshal string into Go struct field ServiceSpec.spec.publishNotReadyAddresses of type bool (write true or false without quotes)',
  ],
  [
    'an externalName that is none',
    'type: ExternalName, externalName: a_b',
    `error 4:42 spec.externalName: Invalid value: "a_b": ${NO_SUBDOMAIN}`,
  ],
  [
    'an ExternalName of a family',
    'type: ExternalName, externalName: a.b, ipFamilies: [IPv4]',
    'error 4:47 spec.ipFamilies: Forbidden: may not be set for ExternalName services',
  ],
]);

refuses('Ingress', 'networking.k8s.io/v1', [
  [
    'neither rules nor a backend',
    'ingressClassName: nginx',
    'error 4:7 spec: Invalid value: []: either `defaultBackend` or `rules` must be specified',
  ],
  ['a rule without paths', 'rules: [{http: {}}]', 'error 4:23 spec.rules[0].http.paths: Required value'],
  [
    'no pathType',
    'rules: [{http: {paths: [{backend: {service: {name: a, port: {number: 80}}}}]}}]',
    'error 4:32 spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified (expected one of Exact, ImplementationSpecific, Prefix)',
  ],
  [
    'an unknown pathType',
    'rules: [{http: {paths: [{pathType: prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]',
    'error 4:43 spec.rules[0].http.paths[0].pathType: Unsupported value: "prefix": supported values: "Exact", "ImplementationSpecific", "Prefix" (did you mean Prefix?)',
  ],
  [
    'a path without /',
    'rules: [{http: {paths: [{path: a, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]',
    'error 4:39 spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path',
  ],
  [
    'a path with //',
    'rules: [{http: {paths: [{path: /a//b, pathType: Exact, backend: {service: {name: a, port: {number: 80}}}}]}}]',
    `error 4:39 spec.rules[0].http.paths[0].path: Invalid value: "/a//b": must not contain '//'`,
  ],
  [
    'a path that ends with /..',
    'rules: [{http: {paths: [{path: /a/.., pathType: Exact, backend: {service: {name: a, port: {number: 80}}}}]}}]',
    `error 4:39 spec.rules[0].http.paths[0].path: Invalid value: "/a/..": cannot end with '/..'`,
  ],
  [
    'a path without a backend',
    'rules: [{http: {paths: [{path: /, pathType: Exact}]}}]',
    'error 4:32 spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
  ],
  [
    'a backend of both kinds',
    'defaultBackend: {service: {name: a, port: {number: 80}}, resource: {kind: A, name: a}}',
    'error 4:24 spec.defaultBackend: Invalid value: "": cannot set both resource and service backends',
  ],
  [
    'a backend of two ports',
    'defaultBackend: {service: {name: a, port: {number: 80, name: b}}}',
    'error 4:24 spec.defaultBackend: Invalid value: "": cannot set both port name & port number',
  ],
  [
    'a backend without a port',
    'defaultBackend: {service: {name: a}}',
    'error 4:24 spec.defaultBackend: Required value: port name or number is required',
  ],
  [
    'a port out of range',
    'defaultBackend: {service: {name: a, port: {number: 70000}}}',
    `error 4:59 spec.defaultBackend.service.port.number: Invalid value: 70000: ${NO_PORT}`,
  ],
  [
    'a name of a port without a letter',
    'defaultBackend: {service: {name: a, port: {name: "80"}}}',
    'error 4:57 spec.defaultBackend.service.port.name: Invalid value: "80": must contain at least one letter (a-z) (write the number without quotes)',
  ],
  [
    'a number that is a string',
    'defaultBackend: {service: {name: a, port: {number: "80"}}}',
    'error 4:59 spec.defaultBackend.service.port.number: json: cannot unmarshal string into Go struct field ServiceBackendPort.spec.defaultBackend.service.port.number of type int32 (write the number without quotes)',
  ],
  [
    'a host that is an address',
    'rules: [{host: 10.0.0.1}]',
    'error 4:23 spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
  ],
  [
    'a host with a port',
    'rules: [{host: "a.b:80"}]',
    `error 4:23 spec.rules[0].host: Invalid value: "a.b:80": ${NO_SUBDOMAIN}`,
  ],
  [
    'a wildcard that is none',
    'rules: [{host: "a.*"}]',
    `error 4:23 spec.rules[0].host: Invalid value: "a.*": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.${LABEL}(\\.${LABEL})*')`,
  ],
  [
    'a TLS host that is none',
    'defaultBackend: {service: {name: a, port: {number: 80}}}, tls: [{hosts: [A]}]',
    `error 4:81 spec.tls[0].hosts[0]: Invalid value: "A": ${NO_SUBDOMAIN}`,
  ],
]);

refuses('NetworkPolicy', 'networking.k8s.io/v1', [
  [
    'a cidr left out',
    'podSelector: {}, ingress: [{from: [{ipBlock: {}}]}]',
    'error 4:53 spec.ingress[0].from[0].ipBlock.cidr: Required value (expected an address range in CIDR form, such as 10.244.0.0/16)',
  ],
  [
    'a cidr that is none',
    'podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1}}]}]',
    `error 4:60 spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.1": ${NO_CIDR} (write 10.0.0.1/32 for the one address)`,
  ],
  [
    'a port out of range',
    'podSelector: {}, ingress: [{ports: [{port: 0}]}]',
    `error 4:51 spec.ingress[0].ports[0].port: Invalid value: 0: ${NO_PORT}`,
  ],
  [
    'an endPort out of range',
    'podSelector: {}, ingress: [{ports: [{port: 1, endPort: 70000}]}]',
    `error 4:63 spec.ingress[0].ports[0].endPort: Invalid value: 70000: ${NO_PORT}`,
  ],
  [
    'a key of a label',
    'podSelector: {matchExpressions: [{key: "a b", operator: Exists}]}',
    `error 4:47 spec.podSelector.matchExpressions[0].key: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  ],
  [
    'three policyTypes',
    'podSelector: {}, policyTypes: [Ingress, Egress, Ingress]',
    'error 4:25 spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
  ],
  [
    'peers that are no list',
    'podSelector: {}, ingress: [{from: {podSelector: {}}}]',
    'error 4:42 spec.ingress[0].from: json: cannot unmarshal object into Go struct field NetworkPolicyIngressRule.spec.ingress.from of type []v1.NetworkPolicyPeer (put "- " before the item)',
  ],
]);

refuses('Pod', 'v1', [
  [
    'a name of a port with an underscore',
    'containers: [{ports: [{containerPort: 80, name: h_p}]}]',
    'error 4:56 spec.containers[0].ports[0].name: Invalid value: "h_p": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ],
  [
    'a name of a port without a letter',
    'containers: [{ports: [{containerPort: 80, name: "80"}]}]',
    'error 4:56 spec.containers[0].ports[0].name: Invalid value: "80": must contain at least one letter (a-z) (write the number without quotes)',
  ],
  [
    'a name of a port twice',
    'containers: [{ports: [{containerPort: 80, name: a}, {containerPort: 81, name: a}]}]',
    'error 4:86 spec.containers[0].ports[1].name: Duplicate value: "a"',
  ],
  [
    'a port left out',
    'containers: [{ports: [{name: a}]}]',
    'error 4:30 spec.containers[0].ports[0].containerPort: Required value (expected an integer 1-65535)',
  ],
  [
    'a hostPort out of range',
    'containers: [{ports: [{containerPort: 80, hostPort: 70000}]}]',
    `error 4:60 spec.containers[0].ports[0].hostPort: Invalid value: 70000: ${NO_PORT}`,
  ],
  [
    'a hostPort beside the containerPort on the host network',
    'hostNetwork: true, containers: [{ports: [{containerPort: 80, hostPort: 81}]}]',
    'error 4:65 spec.containers[0].ports[0].containerPort: Invalid value: 80: must match `hostPort` when `hostNetwork` is true',
  ],
  [
    'an unknown dnsPolicy',
    'dnsPolicy: Clusterfirst',
    'error 4:19 spec.dnsPolicy: Unsupported value: "Clusterfirst": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None" (did you mean ClusterFirst?)',
  ],
  [
    'dnsPolicy None without a server',
    'dnsPolicy: None, dnsConfig: {}',
    'error 4:36 spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
  ],
]);

describe('EndpointSlice', () => {
  it.each([
    ['no addressType', 'endpoints: []', 'addressType: Required value (expected one of FQDN, IPv4, IPv6)'],
    [
      'an unknown addressType',
      'addressType: ipv4',
      'addressType: Unsupported value: "ipv4": supported values: "FQDN", "IPv4", "IPv6" (did you mean IPv4?)',
    ],
    [
      'an endpoint without an address',
      'addressType: IPv4, endpoints: [{addresses: []}]',
      'endpoints[0].addresses: Required value: must contain at least 1 address',
    ],
    [
      'an address of loopback',
      'addressType: IPv4, endpoints: [{addresses: [127.0.0.1]}]',
      'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      'an address of the other family',
      'addressType: IPv6, endpoints: [{addresses: [10.0.0.1]}]',
      'endpoints[0].addresses[0]: Invalid value: "10.0.0.1": must be a valid IPv6 address',
    ],
    [
      'a name of a port twice',
      'addressType: IPv4, ports: [{name: a, port: 80}, {name: a, port: 81}]',
      'ports[1].name: Duplicate value: "a"',
    ],
    [
      'an unknown protocol',
      'addressType: IPv4, ports: [{protocol: tcp}]',
      'ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP" (did you mean TCP?)',
    ],
    [
      'a condition that is no boolean',
      'addressType: IPv4, endpoints: [{addresses: [10.0.0.1], conditions: {ready: "yes"}}]',
      'endpoints[0].conditions.ready: json: cannot unmarshal string into Go struct field EndpointConditions.endpoints.conditions.ready of type bool (write true or false without quotes)',
    ],
  ])('%s', (_, fields, says) => {
    const head = '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: x, labels: {';
    const text = `${head}kubernetes.io/service-name: web}}, ${fields}}\n`;
    const found = problems(text).map((line) => line.replace(/^error \d+:\d+ EndpointSlice (default\/)?x: /, ''));
    expect(found).toEqual([says]);
  });
});

describe('a label that is a number', () => {
  it.each([
    ...['v1 Service', 'v1 Pod', 'v1 Endpoints', 'v1 Namespace', 'v1 Node', 'v1 ServiceAccount'],
    ...['v1 ReplicationController', 'apps/v1 Deployment', 'apps/v1 ReplicaSet', 'apps/v1 StatefulSet'],
    ...['apps/v1 DaemonSet', 'batch/v1 Job', 'batch/v1 CronJob', 'discovery.k8s.io/v1 EndpointSlice'],
    ...['networking.k8s.io/v1 NetworkPolicy', 'networking.k8s.io/v1 Ingress', 'networking.k8s.io/v1 IngressClass'],
  ])('of %s is told as Go decodes it', (id) => {
    const [apiVersion, kind] = id.split(' ');
    const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x, labels: {a: 1}}\n`;
    expect(problems(text).filter((line) => line.includes('labels'))).toEqual([
      `error 3:33 ${kind} x: metadata.labels.a: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string (write "1" in quotes)`,
    ]);
  });
});

describe('the configuration of kube-proxy', () => {
  const CIDR = 'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)';

  it.each([
    [
      'ipvs: {scheduler: rrr}',
      `ipvs.scheduler: Could not create dummy VS with scheduler "rrr": can't use the IPVS proxier: no such file or directory (did you mean rr?)`,
    ],
    [
      'detectLocalMode: Bridge',
      'detectLocalMode: Unsupported value: "Bridge": supported values: "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix", "" (did you mean BridgeInterface?)',
    ],
    ['nodePortAddresses: [10.0.0.0]', 'nodePortAddresses[0]: Invalid value: "10.0.0.0": must be a valid CIDR'],
    ['clusterCIDR: 10.0.0.0', `clusterCIDR: Invalid value: "10.0.0.0": ${CIDR}`],
  ])('%s', (config, says) => {
    const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-proxy, namespace: kube-system}\ndata:\n';
    const text = `${head}  config.conf: |\n    kind: KubeProxyConfiguration\n    ${config}\n`;
    expect(problems(text)).toEqual([`error 5:3 KubeProxyConfiguration: ${says}`]);
  });
});

refuses('Gateway', 'gateway.networking.k8s.io/v1', [
  [
    'no class',
    'listeners: [{name: a, port: 80, protocol: HTTP}]',
    'error 4:7 spec.gatewayClassName: Required value (expected a string)',
  ],
  ['no listeners', 'gatewayClassName: a', 'error 4:7 spec.listeners: Required value'],
  [
    'a port out of range',
    'gatewayClassName: a, listeners: [{name: a, port: 70000, protocol: HTTP}]',
    'error 4:57 spec.listeners[0].port: Invalid value: 70000: spec.listeners[0].port in body should be less than or equal to 65535',
  ],
  [
    'a port that is a string',
    'gatewayClassName: a, listeners: [{name: a, port: "80", protocol: HTTP}]',
    'error 4:57 spec.listeners[0].port: Invalid value: "string": spec.listeners[0].port in body must be of type integer: "string" (write the number without quotes)',
  ],
  [
    'a name twice',
    'gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP}, {name: a, port: 81, protocol: HTTP}]',
    'error 4:85 spec.listeners[1]: Duplicate value: map[string]interface {}{"name":"a"}',
  ],
  [
    'an unknown word',
    'gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: all}}}]',
    'error 4:112 spec.listeners[0].allowedRoutes.namespaces.from: Unsupported value: "all": supported values: "All", "Selector", "Same" (did you mean All?)',
  ],
  [
    'an unknown field',
    'gatewayClassName: a, listeners: [], listners: []',
    'error 4:44 strict decoding error: unknown field "spec.listners" (did you mean listeners?)',
  ],
]);

refuses('HTTPRoute', 'gateway.networking.k8s.io/v1', [
  [
    'a path without /',
    'rules: [{matches: [{path: {type: Exact, value: a}}]}]',
    `error 4:55 spec.rules[0].matches[0].path: Invalid value: "object": value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']`,
  ],
  [
    'a backend without a port',
    'rules: [{backendRefs: [{name: a}]}]',
    'error 4:31 spec.rules[0].backendRefs[0]: Invalid value: "object": Must have port for Service reference',
  ],
]);
