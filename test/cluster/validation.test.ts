import { describe, expect, it } from 'vitest';
import { prefix, problems } from './load.ts';

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');
const service = (spec: string, name = 'web'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec:\n${indent(spec)}\n`;
const policy = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n${indent(spec)}\n`;
const pod = (name: string, rest = 'spec: {}'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n${rest}\n`;
const two = (a: string, b: string): string => `${a}---\n${b}`;

type Row = { readonly name: string; readonly text: string; readonly problems: readonly string[] };

function check(rows: readonly Row[]): void {
  it.each(rows)('$name', (row) => {
    expect(problems(row.text)).toEqual(row.problems);
  });
}

describe('Service', () => {
  check([
    {
      name: 'S31: a node port outside the range is refused in the words of the API server',
      text: service('type: NodePort\nports:\n- port: 80\n  nodePort: 18000'),
      problems: [
        'error 8:15 Service default/web: spec.ports[0].nodePort: Invalid value: 18000: provided port is not in the valid range. The range of valid ports is 30000-32767',
      ],
    },
    {
      name: 'a node port that another Service has is refused',
      text: two(
        service('type: NodePort\nports: [{port: 80, nodePort: 30080}]'),
        service('type: NodePort\nports: [{port: 80, nodePort: 30080}]', 'other'),
      ),
      problems: [
        'error 13:32 Service default/other: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated (Service default/web has it)',
      ],
    },
    {
      name: 'one node port may serve two protocols',
      text: service(
        'type: NodePort\nports: [{name: t, port: 53, nodePort: 30053}, {name: u, protocol: UDP, port: 53, nodePort: 30053}]',
      ),
      problems: [],
    },
    {
      name: 'a cluster address that another Service has is refused',
      text: two(
        service('clusterIP: 10.96.0.9\nports: [{port: 80}]'),
        service('clusterIP: 10.96.0.9\nports: [{port: 80}]', 'other'),
      ),
      problems: [
        'error 12:14 Service default/other: spec.clusterIPs: Invalid value: ["10.96.0.9"]: failed to allocate IP 10.96.0.9: provided IP is already allocated (Service default/web has it)',
      ],
    },
    {
      name: 'a name that begins with a digit is refused',
      text: service('ports: [{port: 80}]', '1web'),
      problems: [
        `error 3:18 Service 1web: metadata.name: Invalid value: "1web": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
      ],
    },
    {
      name: "a load balancer's own fields are refused elsewhere",
      text: service('loadBalancerClass: a/b\nallocateLoadBalancerNodePorts: false\nports: [{port: 80}]'),
      problems: [
        "error 5:3 Service web: spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "error 6:3 Service web: spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ],
    },
    {
      name: "kubelet's port is refused on a load balancer",
      text: service('type: LoadBalancer\nports: [{port: 10250}]'),
      problems: [
        'error 6:18 Service web: spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet',
      ],
    },
    ...(
      [
        ['0.0.0.0', 'may not be unspecified (0.0.0.0 or ::)'],
        ['127.0.0.1', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
        ['169.254.1.1', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
        ['224.0.0.5', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
      ] as const
    ).map(([ip, words]) => ({
      name: `the externalIP ${ip} is refused`,
      text: service(`externalIPs: [${ip}]\nports: [{port: 80}]`),
      problems: [`error 5:17 Service web: spec.externalIPs[0]: Invalid value: "${ip}": ${words}`],
    })),
    {
      name: 'an ipMode without an address is refused',
      text: `${service('type: LoadBalancer\nports: [{port: 80}]')}status:\n  loadBalancer: {ingress: [{hostname: a.b, ipMode: Proxy}]}\n`,
      problems: [
        'error 8:44 Service web: status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set',
      ],
    },
    {
      name: 'a targetPort that no Pod has a name for is a warning',
      text: two(
        service('selector: {app: web}\nports: [{port: 80, targetPort: htpp}]'),
        'apiVersion: v1\nkind: Pod\nmetadata: {name: web-0, labels: {app: web}}\nspec: {containers: [{name: c, image: c, ports: [{name: http, containerPort: 80}]}]}\n',
      ),
      problems: [
        'warning 6:34 Service default/web: spec.ports[0].targetPort: no Pod that the Service selects has a port named htpp: it has no endpoints on this port (did you mean http?)',
      ],
    },
    {
      name: 'a cluster address outside of assumed Service networks is a warning',
      text: service('clusterIP: 10.1.0.9\nports: [{port: 80}]'),
      problems: [
        'warning 5:14 Service default/web: spec.clusterIPs: Invalid value: ["10.1.0.9"]: failed to allocate IP 10.1.0.9: the provided IP (10.1.0.9) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
      ],
    },
    {
      name: 'several ports need names of their own and numbers of their own',
      text: service('ports: [{port: 80}, {name: a, port: 81}, {name: a, port: 82}, {name: b, port: 82}]'),
      problems: [
        'error 5:11 Service web: spec.ports[0].name: Required value (every port needs a name when there are several)',
        'error 5:51 Service web: spec.ports[2].name: Duplicate value: "a"',
        'error 5:81 Service web: spec.ports[3]: Duplicate value: core.ServicePort{Name:"", Protocol:"TCP", AppProtocol:(*string)(nil), Port:82, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0} (82/TCP is there already)',
      ],
    },
    {
      name: 'a NodePort Service cannot be headless',
      text: service('type: NodePort\nclusterIP: None\nports: [{port: 80}]'),
      problems: [
        `error 6:14 Service web: spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`,
      ],
    },
    { name: 'a headless Service needs no ports', text: service('clusterIP: None'), problems: [] },
    {
      name: 'an ExternalName Service needs its name',
      text: service('type: ExternalName'),
      problems: [
        'error 5:3 Service web: spec.externalName: Required value (an ExternalName Service names where it leads)',
      ],
    },
    {
      name: 'an ExternalName Service has no cluster address',
      text: service('type: ExternalName\nexternalName: example.com\nclusterIP: 10.96.0.4'),
      problems: ['error 7:14 Service web: spec.clusterIPs: Forbidden: may not be set for ExternalName services'],
    },
    {
      name: 'a Service needs ports',
      text: service('selector: {app: x}'),
      problems: [
        'error 5:3 Service web: spec.ports: Required value (a Service needs ports unless it is headless or an ExternalName)',
      ],
    },
    {
      name: 'externalTrafficPolicy is for traffic from outside',
      text: service('externalTrafficPolicy: Local\nports: [{port: 80}]'),
      problems: [
        'error 5:26 Service web: spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
      ],
    },
    {
      name: 'a word of a closed list is answered with the nearest one',
      text: service('type: NodePort\nexternalTrafficPolicy: local\nports: [{port: 80}]'),
      problems: [
        'error 6:26 Service web: spec.externalTrafficPolicy: Unsupported value: "local": supported values: "Cluster", "Local" (did you mean Local?)',
      ],
    },
    {
      name: 'a ClusterIP Service has no node ports',
      text: service('ports: [{port: 80, nodePort: 30001}]'),
      problems: [
        "error 5:32 Service web: spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
      ],
    },
    {
      name: 'unknown fields are errors at their keys, with the nearest field',
      text: service('slector: {app: x}\nports: [{port: 80, targetport: 8080}]'),
      problems: [
        'error 6:22 Service web: strict decoding error: unknown field "spec.ports[0].targetport" (did you mean targetPort?)',
        'error 5:3 Service web: strict decoding error: unknown field "spec.slector" (did you mean selector?)',
      ],
    },
    {
      name: 'numbers in quotes are no numbers',
      text: service('ports: [{port: "80", targetPort: "8080"}]'),
      problems: [
        'error 5:18 Service web: spec.ports[0].port: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32 (write the number without quotes)',
        'error 5:36 Service web: spec.ports[0].targetPort: Invalid value: "8080": must contain at least one letter (a-z) (write the number without quotes)',
      ],
    },
    {
      name: 'affinity settings need affinity',
      text: service('sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}\nports: [{port: 80}]'),
      problems: [
        'error 5:3 Service web: spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None',
      ],
    },
    {
      name: 'yes is a string in YAML 1.2 and a boolean for kubectl, and true is no string for anybody',
      text: service('selector: {app: yes, on: true}\nports: [{port: 80}]'),
      problems: [
        'error 5:28 Service web: spec.selector.on: json: cannot unmarshal bool into Go struct field ServiceSpec.spec.selector of type string (write "true" in quotes)',
        'warning 5:19 Service web: spec.selector.app: kubectl reads yes without quotes as a boolean (YAML 1.1), which is no label value (write "yes" in quotes)',
      ],
    },
  ]);
});

describe('NetworkPolicy', () => {
  check([
    {
      name: 'keys of labels are booleans for kubectl, too, and items of a List are read alike',
      text: `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a, labels: {"y": x, on: x, b: No}}\n  spec: {}\n`,
      problems: [
        'warning 6:40 Pod a: metadata.labels.on: kubectl reads the key on without quotes as a boolean (YAML 1.1) and sends the label "true" (write "on" in quotes)',
        'warning 6:50 Pod a: metadata.labels.b: kubectl reads No without quotes as a boolean (YAML 1.1), which is no label value (write "No" in quotes)',
      ],
    },
    {
      name: 'words in quotes are strings for kubectl as well, and values of expressions are asked, too',
      text: policy(
        'podSelector:\n  matchLabels: {a: "yes", b: y1}\n  matchExpressions: [{key: c, operator: In, values: [\'no\', Off]}]',
      ),
      problems: [
        'warning 7:62 NetworkPolicy p: spec.podSelector.matchExpressions[0].values[1]: kubectl reads Off without quotes as a boolean (YAML 1.1), which is no label value (write "Off" in quotes)',
        'warning 6:5 NetworkPolicy default/p: spec.podSelector: matches no Pod of namespace default: the policy does nothing',
      ],
    },
    {
      name: 'S65: a podSelector nested in matchLabels is told with its line and column',
      text: policy(
        'podSelector: {}\ningress:\n- from:\n  - namespaceSelector: {}\n  - podSelector:\n      matchLabels:\n        podSelector:\n          matchLabels:\n            run: testpod',
      ),
      problems: [
        'error 11:11 NetworkPolicy p: spec.ingress[0].from[1].podSelector.matchLabels.podSelector: json: cannot unmarshal object into Go struct field LabelSelector.spec.ingress.from.podSelector.matchLabels of type string (labels are one level of names and strings)',
      ],
    },
    {
      name: 'an unknown field is an error',
      text: policy('podSelector: {}\ningres:\n- {}'),
      problems: [
        'error 6:3 NetworkPolicy p: strict decoding error: unknown field "spec.ingres" (did you mean ingress?)',
      ],
    },
    {
      name: 'podSelector is optional and then selects every Pod, which is told',
      text: two(policy('ingress: [{}]'), pod('a')),
      problems: [
        'warning 5:3 NetworkPolicy p: spec: podSelector is left out: the policy is for all Pods of the namespace (write podSelector: {}, or select some of them)',
      ],
    },
    {
      name: 'so is spec',
      text: two('apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n', pod('a')),
      problems: [
        'warning 1:1 NetworkPolicy p: spec is left out: the policy is for all Pods of the namespace (write spec: {podSelector: {}}, or select some of them)',
      ],
    },
    {
      name: 'a spec that is no mapping is told once',
      text: 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: []\n',
      problems: [
        'error 4:7 NetworkPolicy p: spec: json: cannot unmarshal array into Go struct field NetworkPolicy.spec of type v1.NetworkPolicySpec',
      ],
    },
    {
      name: 'a wrong item of a list does not shift the places of the others',
      text: policy(
        'podSelector:\n  matchExpressions: [{key: a, operator: In, values: [1, ok, "no way"]}]\ningress:\n- from:\n  - ipBlock: {cidr: 10.0.0.0/8, except: [x, 10.0.0.0/16, 11.0.0.0/16]}',
      ),
      problems: [
        'error 6:56 NetworkPolicy p: spec.podSelector.matchExpressions[0].values[0]: json: cannot unmarshal number into Go struct field LabelSelectorRequirement.spec.podSelector.matchExpressions.values of type string (write "1" in quotes)',
        `error 6:63 NetworkPolicy p: spec.podSelector.matchExpressions[0].values[2]: Invalid value: "no way": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
        'error 9:44 NetworkPolicy p: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'error 9:60 NetworkPolicy p: spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr` (cidr is 10.0.0.0/8)',
      ],
    },
    {
      name: 'a peer is an ipBlock or selectors',
      text: policy('podSelector: {}\ningress:\n- from:\n  - ipBlock: {cidr: 10.0.0.0/8}\n    podSelector: {}'),
      problems: [
        'error 8:7 NetworkPolicy p: spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer (write two items of the list)',
      ],
    },
    {
      name: 'a peer is not empty',
      text: policy('podSelector: {}\ningress:\n- from:\n  - {}'),
      problems: [
        'error 8:7 NetworkPolicy p: spec.ingress[0].from[0]: Required value: must specify a peer (write podSelector, namespaceSelector or ipBlock; an empty rule ({} in the list of rules) allows everybody)',
      ],
    },
    {
      name: 'an exception lies inside its range',
      text: policy('podSelector: {}\ningress:\n- from:\n  - ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/8]}'),
      problems: [
        'error 8:44 NetworkPolicy p: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/8": must be a strict subset of `cidr` (cidr is 10.0.0.0/8)',
      ],
    },
    {
      name: 'host bits of a range are a warning',
      text: policy('podSelector: {}\negress:\n- to:\n  - ipBlock: {cidr: 10.1.0.0/8}'),
      problems: [
        'warning 8:23 NetworkPolicy p: spec.egress[0].to[0].ipBlock.cidr: 10.1.0.0/8 has host bits set; it is read as 10.0.0.0/8 (write 10.0.0.0/8, or 10.1.0.0/32 for the one address)',
      ],
    },
    {
      name: 'endPort needs a number before it that is not larger',
      text: policy(
        'podSelector: {}\ningress:\n- ports:\n  - {port: 90, endPort: 80}\n  - {endPort: 80}\n  - {port: http, endPort: 80}\n  - {port: 80, endPort: 80}',
      ),
      problems: [
        'error 8:27 NetworkPolicy p: spec.ingress[0].ports[0].endPort: Invalid value: 90: must be greater than or equal to `port` (endPort is 80)',
        'error 9:17 NetworkPolicy p: spec.ingress[0].ports[1].endPort: Invalid value: 80: may not be specified when `port` is not specified',
        'error 10:29 NetworkPolicy p: spec.ingress[0].ports[2].endPort: Invalid value: 80: may not be specified when `port` is non-numeric',
      ],
    },
    {
      name: 'operators take values or none',
      text: policy(
        'podSelector: {matchExpressions: [{key: a, operator: In}, {key: a, operator: Exists, values: [x]}, {key: a, operator: in, values: [x]}]}',
      ),
      problems: [
        "error 5:36 NetworkPolicy p: spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        "error 5:87 NetworkPolicy p: spec.podSelector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        'error 5:120 NetworkPolicy p: spec.podSelector.matchExpressions[2].operator: Invalid value: "in": not a valid selector operator (did you mean In?)',
      ],
    },
    {
      name: 'a range of ports is two fields',
      text: policy(
        'podSelector: {}\ningress:\n- ports: [{port: 80-90}, {port: "80:90"}, {port: 90-80}, {port: 1-70000}]',
      ),
      problems: [
        'error 7:20 NetworkPolicy p: spec.ingress[0].ports[0].port: Invalid value: "80-90": must contain at least one letter (a-z) (write a range as port: 80 and endPort: 90)',
        'error 7:35 NetworkPolicy p: spec.ingress[0].ports[1].port: Invalid value: "80:90": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-) (write a range as port: 80 and endPort: 90)',
        'error 7:35 NetworkPolicy p: spec.ingress[0].ports[1].port: Invalid value: "80:90": must contain at least one letter (a-z) (write a range as port: 80 and endPort: 90)',
        'error 7:52 NetworkPolicy p: spec.ingress[0].ports[2].port: Invalid value: "90-80": must contain at least one letter (a-z)',
        'error 7:67 NetworkPolicy p: spec.ingress[0].ports[3].port: Invalid value: "1-70000": must contain at least one letter (a-z)',
      ],
    },
    {
      name: 'protocols are upper case and ports are numbers',
      text: policy('podSelector: {}\ningress:\n- ports: [{port: "80"}, {protocol: tcp}]\npolicyTypes: [ingress]'),
      problems: [
        'error 7:20 NetworkPolicy p: spec.ingress[0].ports[0].port: Invalid value: "80": must contain at least one letter (a-z) (write the number without quotes)',
        'error 7:38 NetworkPolicy p: spec.ingress[0].ports[1].protocol: Unsupported value: "tcp": supported values: "TCP", "UDP", "SCTP" (did you mean TCP?)',
        'error 8:17 NetworkPolicy p: spec.policyTypes[0]: Unsupported value: "ingress": supported values: "Ingress", "Egress" (did you mean Ingress?)',
      ],
    },
  ]);

  it('takes unknown fields as warnings when it is told to be lenient', () => {
    expect(problems(policy('podSelector: {}\ningres: []'), {}, { lenient: true })).toEqual([
      'warning 6:3 NetworkPolicy p: strict decoding error: unknown field "spec.ingres" (did you mean ingress?)',
    ]);
  });
});

describe('names', () => {
  check([
    {
      name: 'control characters are refused, and never printed',
      text: pod('"a\\x1b[31m"'),
      problems: [
        `error 3:18 Pod "a\\u001b[31m": metadata.name: Invalid value: "a\\u001b[31m": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      ],
    },
    {
      name: 'upper case is answered with lower case',
      text: pod('Web_1'),
      problems: [
        `error 3:18 Pod Web_1: metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (write web-1)`,
      ],
    },
    {
      name: 'a namespace is no path',
      text: pod('web, namespace: ../etc'),
      problems: [
        `error 3:34 Pod ../etc/web: metadata.namespace: Invalid value: "../etc": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
      ],
    },
    {
      name: 'labels have keys and values of their own form',
      text: pod('web, labels: {"a b": c, d: "x y"}'),
      problems: [
        `error 3:45 Pod web: metadata.labels.d: Invalid value: "x y": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
        `error 3:32 Pod web: metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      ],
    },
    {
      name: 'an object defined twice is told with both places',
      text: two(pod('p, namespace: a'), pod('p, namespace: a')),
      problems: ['error 8:18 Pod a/p: metadata.name: is defined twice: also at a.yaml:3:18'],
    },
    {
      name: '__proto__ is a label key like any other wrong one',
      text: pod('web, labels: {__proto__: x}'),
      problems: [
        `error 3:32 Pod web: metadata.labels: Invalid value: "__proto__": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      ],
    },
  ]);
});

describe('Pods', () => {
  check([
    {
      name: 'an unknown node is answered with the nearest',
      text: pod('p', 'spec: {nodeName: worker9}'),
      problems: ['error 4:18 Pod default/p: spec.nodeName: there is no node worker9 (did you mean worker1?)'],
    },
    {
      name: 'nettrace/listen is checked',
      text: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations: {nettrace/listen: 80/tpc}\nspec: {}\n',
      problems: [
        'error 5:34 Pod web: metadata.annotations[nettrace/listen]: expected what is listened on, such as 80/tcp, 127.0.0.1:8080/tcp or none, got "80/tpc"',
      ],
    },
    {
      name: 'an address given twice names both Pods',
      text: two(pod('p', 'spec: {}\nstatus: {podIP: 10.244.1.9}'), pod('q', 'spec: {}\nstatus: {podIP: 10.244.1.9}')),
      problems: [
        'error 11:17 Pod default/q: status.podIP: 10.244.1.9 is also the address of Pod default/p: also at a.yaml:3:18',
      ],
    },
    {
      name: 'an ended Pod has given its address back',
      text: two(
        pod('p', 'spec: {}\nstatus: {phase: Succeeded, podIP: 10.244.1.9}'),
        pod('q', 'spec: {}\nstatus: {podIP: 10.244.1.9}'),
      ),
      problems: [],
    },
    {
      name: "a node's address is not a Pod's",
      text: pod('p', 'spec: {}\nstatus: {podIP: 10.0.0.81}'),
      problems: [
        'error 5:17 Pod default/p: status.podIP: 10.0.0.81 is the address of node worker1',
        'warning 5:17 Pod default/p: status.podIP: its address 10.0.0.81 is in no Pod network (10.244.0.0/16)',
      ],
    },
    {
      name: 'fields that do not matter are not checked',
      text: pod('p', 'spec: {anything: [1, 2], containers: [{name: c, image: x, whatever: {}}]}'),
      problems: [],
    },
  ]);
});

describe('kinds', () => {
  check([
    {
      name: 'a mistyped kind of a known API is an error',
      text: 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolcy\nmetadata: {name: x}\n',
      problems: ['error 2:7 networking.k8s.io/v1 has no kind NetworkPolcy (did you mean NetworkPolicy?)'],
    },
    {
      name: 'an old version of a known kind is an error',
      text: 'apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: x}\n',
      problems: [
        'error 1:13 NetworkPolicy of extensions/v1beta1 is not read: expected apiVersion networking.k8s.io/v1 (write apiVersion: networking.k8s.io/v1)',
      ],
    },
    {
      name: 'policies of APIs that are not evaluated are told',
      text: 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\n',
      problems: ['warning 1:1 cilium.io/v2 CiliumNetworkPolicy is not evaluated yet: answers leave it out'],
    },
    {
      name: 'a namespace on a kind of the whole cluster is told',
      text: 'apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec: {selector: all()}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n',
      problems: [
        'warning 3:32 GlobalNetworkPolicy shop/x: metadata.namespace: a GlobalNetworkPolicy is of the whole cluster: the API server takes the namespace away (leave it out, or write a NetworkPolicy of Calico, which is of one namespace)',
        'warning 8:32 Namespace b/a: metadata.namespace: a Namespace is of the whole cluster: the API server takes the namespace away (leave it out)',
      ],
    },
    {
      name: 'other kinds are passed over',
      text: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: x}\n',
      problems: [],
    },
    {
      name: 'more Pods than a cluster can hold are not made',
      text: 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: 2000000000, template: {spec: {}}}\n',
      problems: ['error 4:18 Deployment default/x: 2000000000 Pods are more than a cluster can hold (150000)'],
    },
    {
      name: 'the fields of an IPPool are checked',
      text: 'apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: x}\nspec: {cidr: 10.244.0.0/16, ipipMode: always, blocksize: 26}\n',
      problems: [
        'error 4:39 IPPool x: spec.ipipMode: expected one of Never, Always, CrossSubnet, got "always" (did you mean Always?)',
        'error 4:47 IPPool x: unknown field blocksize in spec (did you mean blockSize?)',
      ],
    },
    {
      name: 'addresses of an EndpointSlice are of its family',
      text: 'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: x, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\nendpoints:\n- addresses: ["fd00::1"]\n- conditions: {redy: true}\n',
      problems: [
        'error 6:15 EndpointSlice x: endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address',
        'error 7:3 EndpointSlice x: endpoints[1].addresses: Required value: must contain at least 1 address',
        'error 7:16 EndpointSlice x: strict decoding error: unknown field "endpoints[1].conditions.redy" (did you mean ready?)',
      ],
    },
    {
      name: 'an Ingress of the old API is told field by field',
      text: 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x}\nspec:\n  rules:\n  - http: {paths: [{path: /, pathType: Prefix, backend: {serviceName: x}}]}\n',
      problems: [
        'error 6:57 Ingress x: spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
        'error 6:58 Ingress x: strict decoding error: unknown field "spec.rules[0].http.paths[0].backend.serviceName" (valid here: resource, service)',
      ],
    },
    {
      name: "kube-proxy's configuration is checked at the key that holds it",
      text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-proxy, namespace: kube-system}\ndata:\n  config.conf: |\n    kind: KubeProxyConfiguration\n    mode: ipvz\n',
      problems: [
        'error 5:3 KubeProxyConfiguration: mode: Invalid value: "ipvz": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables]) (did you mean ipvs?)',
      ],
    },
  ]);
});

describe('ranges', () => {
  it('S39: a Service network that covers the network of nodes is an error that names both', () => {
    expect(problems('', { serviceCIDRs: [prefix('10.0.0.0/16')] })).toEqual([
      'error - the Service network 10.0.0.0/16 overlaps the network 10.0.0.0/24 of node master, the network 10.0.0.0/24 of node worker1, the network 10.0.0.0/24 of node worker2',
    ]);
  });
  it('S39: so is one that covers another machine', () => {
    const machines = [{ machine: 'host laptop', network: prefix('192.168.26.0/24') }];
    expect(problems('', { serviceCIDRs: [prefix('192.168.0.0/16')] }, { machines })).toEqual([
      'error - the Service network 192.168.0.0/16 overlaps the network 192.168.26.0/24 of host laptop',
    ]);
  });
  it('Pod and Service networks do not overlap', () => {
    expect(problems('', { serviceCIDRs: [prefix('10.244.128.0/20')] })).toEqual([
      'error - the Service network 10.244.128.0/20 overlaps the Pod network 10.244.0.0/16',
    ]);
  });
  it('a Pod network over the network of nodes is a warning: Calico works so', () => {
    expect(problems('', { podCIDRs: [prefix('10.0.0.0/12')] })).toEqual([
      'warning - the Pod network 10.0.0.0/12 overlaps the network 10.0.0.0/24 of node master, the network 10.0.0.0/24 of node worker1, the network 10.0.0.0/24 of node worker2',
    ]);
  });
});
