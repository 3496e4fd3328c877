/**
 * Small topologies for the matrix of reason codes. In every text `<<broken||sound>>` stands for the cause: the left half is
 * the mistake, the right half the same place without it.
 */
export function broken(text: string): string {
  return text.replace(/<<([\s\S]*?)\|\|([\s\S]*?)>>/g, '$1');
}

export function sound(text: string): string {
  return text.replace(/<<([\s\S]*?)\|\|([\s\S]*?)>>/g, '$2');
}

const HOSTS = {
  /** Fields of `spec`, one a line. */
  a: 'routes: ["default via 10.0.1.254 dev eth0"]',
  aInterface: '',
  aInterfaces: '',
  r: '',
  rLeft: '',
  rRight: '',
  rInterfaces: '',
  rSysctls: 'net.ipv4.ip_forward: "1"',
  b: 'routes: ["default via 10.0.2.254 dev eth0"]',
  bAddress: '10.0.2.1/24',
  bInterfaces: '',
  /** More documents. */
  more: '',
};

/** Host a (10.0.1.1) - segment left - router r - segment right - host b (10.0.2.1), which listens on port 80. */
export function hosts(parts: Partial<typeof HOSTS> = {}): string {
  const { a, aInterface, aInterfaces, r, rLeft, rRight, rInterfaces, rSysctls, b, bAddress, bInterfaces, more } = {
    ...HOSTS,
    ...parts,
  };
  return `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: a}
spec:
  interfaces:
    - {name: eth0, segment: left, mac: "02:00:00:00:00:0a", addresses: [10.0.1.1/24]${aInterface}}
    ${aInterfaces}
  ${a}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: r}
spec:
  interfaces:
    - {name: eth0, segment: left, mac: "02:00:00:00:00:0c", addresses: [10.0.1.254/24]${rLeft}}
    - {name: eth1, segment: right, addresses: [10.0.2.254/24]${rRight}}
    ${rInterfaces}
  sysctls: {${rSysctls}}
  ${r}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: b}
spec:
  interfaces:
    - {name: eth0, segment: right, mac: "02:00:00:00:00:0b", addresses: [${bAddress}]}
    ${bInterfaces}
  listen: [80/tcp]
  ${b}
${more}`;
}

/** Hosts on one segment: `name: fields of spec`. */
export function neighbours(specs: Readonly<Record<string, string>>): string {
  return Object.entries(specs)
    .map(([name, spec]) => `apiVersion: nettrace/v1alpha1\nkind: Host\nmetadata: {name: ${name}}\nspec:\n  ${spec}\n`)
    .join('---\n');
}

export function fault(item: string): string {
  return `<<---
apiVersion: nettrace/v1alpha1
kind: Fault
metadata: {name: broken}
spec: [${item}]
||>>`;
}

/** A router's filter table, in the form of iptables-save. */
export function filter(...lines: readonly string[]): string {
  return table('filter', ['INPUT', 'FORWARD', 'OUTPUT'], lines);
}

export function nat(...lines: readonly string[]): string {
  return table('nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], lines);
}

function table(name: string, chains: readonly string[], lines: readonly string[]): string {
  const policies = chains.map(
    (chain) =>
      `:${chain} ${
        lines
          .find((one) => one.startsWith(`:${chain} `))
          ?.split(' ')
          .slice(1)
          .join(' ') ?? 'ACCEPT'
      } [0:0]`,
  );
  const rules = lines.filter((one) => !one.startsWith(':'));
  return `iptables: |\n${[`*${name}`, ...policies, ...rules, 'COMMIT'].map((line) => `    ${line}`).join('\n')}`;
}

const CLUSTER = {
  cni: '{plugin: calico, calico: {encapsulation: none}}',
  clientPhase: 'Running',
  webLabels: '{app: web}',
  webReady: '"True"',
  webAnnotations: '{}',
  dnsReady: '"True"',
  service: '{name: web, namespace: default}',
  /** Fields of the Service's spec. */
  spec: 'selector: {app: web}, ports: [{port: 80, targetPort: 80}]',
  loadBalancer: '',
  more: '',
};

/** Pods client (on n1) and web (on n2, port 80), Service web 10.96.0.20, kube-dns; host outside on the nodes' network. */
export function cluster(parts: Partial<typeof CLUSTER> = {}): string {
  const { cni, clientPhase, webLabels, webReady, webAnnotations, dnsReady, service, spec, loadBalancer, more } = {
    ...CLUSTER,
    ...parts,
  };
  return `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  cni: ${cni}
  ${loadBalancer}
  nodes:
    - {name: n1, address: 192.168.0.11/24, interface: eth0, gateway: 192.168.0.1}
    - {name: n2, address: 192.168.0.12/24, interface: eth0, gateway: 192.168.0.1}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: outside}
spec:
  interfaces: [{name: eth0, segment: lan, addresses: [192.168.0.100/24]}]
  routes: ["default via 192.168.0.1 dev eth0"]
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: default, labels: {app: client}}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
status: {phase: ${clientPhase}, podIP: 10.244.0.5}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: default, labels: ${webLabels}, annotations: ${webAnnotations}}
spec: {nodeName: n2, containers: [{name: c, image: c, ports: [{name: http, containerPort: 80}]}]}
status: {phase: Running, podIP: 10.244.1.5, conditions: [{type: Ready, status: ${webReady}}]}
---
apiVersion: v1
kind: Service
metadata: ${service}
spec: {clusterIP: 10.96.0.20, ${spec}}
---
apiVersion: v1
kind: Pod
metadata: {name: coredns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {nodeName: n2, containers: [{name: c, image: c, ports: [{name: dns, containerPort: 53, protocol: UDP}]}]}
status: {phase: Running, podIP: 10.244.1.6, conditions: [{type: Ready, status: ${dnsReady}}]}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}]}
${more}`;
}

/** A NetworkPolicy for the Pod with the label app=SUBJECT. */
export function policy(subject: string, spec: string): string {
  return `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: rule, namespace: default}
spec: {podSelector: {matchLabels: {app: ${subject}}}, ${spec}}
`;
}
