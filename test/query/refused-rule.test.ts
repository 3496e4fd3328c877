/** Rules that iptables refuses, and rules of which Felix renders a part: the walk and the policies say the same. */
import { describe, expect, it } from 'vitest';
import { run } from '../seeds/support.ts';

const CLUSTER = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  cni: {plugin: calico, calico: {encapsulation: none}}
  podCIDRs: [10.244.0.0/16]
  nodes:
    - {name: n1, address: 192.168.1.11/24, gateway: 192.168.1.1}
    - {name: n2, address: 192.168.1.12/24, gateway: 192.168.1.1}
---
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {app: b}}
spec: {nodeName: n2, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: c, labels: {app: c}}
spec: {nodeName: n2, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
---
`;

const policy = (ingress: string, more = ''): string =>
  `apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {selector: app == 'b', ingress: [${ingress}]${more}}\n`;

const IGNORED = '{action: Deny, ipVersion: 6, protocol: TCP, notProtocol: UDP}, {action: Allow}';
const NO_EGRESS = `---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: closed}
spec: {selector: app == 'a', types: [Egress]}
`;
const FIRST = `---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: first}
spec: {selector: app == 'b', order: 1, ingress: [{action: Allow, protocol: TCP, destination: {ports: [80]}}]}
`;

type Verdict = 'delivered' | 'dropped' | 'undetermined';
const WALKED: Readonly<Record<Verdict, number>> = { delivered: 0, dropped: 1, undetermined: 3 };

describe('a packet', () => {
  const rows: readonly (readonly [row: string, manifests: string, expected: Verdict, protocol?: 'icmp'])[] = [
    [
      'to a Pod whose policy has TCP beside not UDP',
      policy('{action: Allow, protocol: TCP, notProtocol: UDP}'),
      'undetermined',
    ],
    [
      'to a Pod whose policy has TCP beside not TCP',
      policy('{action: Deny, protocol: TCP, notProtocol: TCP}'),
      'undetermined',
    ],
    [
      'to a Pod whose policy has numbers for both',
      policy('{action: Allow, protocol: 6, notProtocol: 17}'),
      'undetermined',
    ],
    [
      'to a Pod whose policy has SCTP beside not SCTP',
      policy('{action: Allow, protocol: SCTP, notProtocol: SCTP}'),
      'undetermined',
    ],
    ['to a Pod whose policy logs so', policy('{action: Log, protocol: TCP, notProtocol: UDP}'), 'undetermined'],
    ['to a Pod whose policy passes so', policy('{action: Pass, protocol: TCP, notProtocol: UDP}'), 'undetermined'],
    [
      'that another rule of the chain allows before',
      policy('{action: Allow}, {action: Deny, protocol: UDP, notProtocol: TCP}'),
      'undetermined',
    ],
    [
      'of ICMP, where the policy has ICMP beside not ICMP',
      policy('{action: Allow, protocol: ICMP, notProtocol: ICMP}'),
      'undetermined',
      'icmp',
    ],
    [
      'that a policy before allows',
      policy('{action: Deny, protocol: TCP, notProtocol: UDP}', ', order: 9') + FIRST,
      'delivered',
    ],
    ['that may not leave anyway', policy('{action: Allow, protocol: TCP, notProtocol: UDP}') + NO_EGRESS, 'dropped'],
    ['whose family the rule is not rendered for', policy(IGNORED), 'delivered'],
    [
      'whose family the ICMPv6 of the rule is not of',
      policy('{action: Deny, protocol: ICMPv6, notProtocol: TCP}, {action: Allow}'),
      'delivered',
    ],
    [
      'whose family the networks of the rule are not of',
      policy('{action: Deny, protocol: TCP, notProtocol: UDP, source: {nets: ["fd00::/8"]}}, {action: Allow}'),
      'delivered',
    ],
    ['to a Pod whose policy has one of them', policy('{action: Allow, notProtocol: UDP}'), 'delivered'],
    ['to a Pod whose policy allows one HTTP method', policy('{action: Allow, http: {methods: [GET]}}'), 'delivered'],
    [
      'to a Pod whose policy allows one path on another port',
      policy('{action: Allow, protocol: TCP, destination: {ports: [81]}, http: {paths: [{exact: /a}, {prefix: /b}]}}'),
      'dropped',
    ],
  ];
  it.each(rows.map(([row, ...rest]) => [row, rest] as const))('%s', async (_, [manifests, expected, protocol]) => {
    const files = { 'a.yaml': `${CLUSTER}${manifests}` };
    const rest =
      protocol === undefined ? ['default/b:80', '-f', 'a.yaml'] : ['default/b', '-p', protocol, '-f', 'a.yaml'];
    const walked = await run(['trace', 'default/a', ...rest], files);
    const asked = await run(['policy', 'default/a', ...rest], files);
    expect({ walked: walked.code, asked: asked.code }).toEqual({ walked: WALKED[expected], asked: WALKED[expected] });
  });

  it('to a Pod of the same node that the policy does not select is not in doubt', async () => {
    const files = { 'a.yaml': `${CLUSTER}${policy('{action: Allow, protocol: TCP, notProtocol: UDP}')}` };
    expect((await run(['trace', 'default/a', 'default/c:80', '-f', 'a.yaml'], files)).code).toBe(0);
  });
});

describe('a packet to a node', () => {
  const host = (options: string): string =>
    `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: n2, labels: {host: n2}}
spec: {node: n2, interfaceName: eth0, profiles: [projectcalico-default-allow]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: g}
spec: {selector: host == 'n2', ${options}ingress: [{action: Allow, protocol: TCP, notProtocol: UDP}]}
`;
  it.each<readonly [stage: string, options: string, destination: string, expected: Verdict]>([
    ['whose policy is refused', '', 'node/n2:8080', 'undetermined'],
    ['whose untracked policy is refused', 'doNotTrack: true, applyOnForward: true, ', 'node/n2:8080', 'undetermined'],
    [
      'whose policy before DNAT is refused',
      'preDNAT: true, applyOnForward: true, types: [Ingress], ',
      'node/n2:8080',
      'undetermined',
    ],
    [
      'that hands it on to a Pod, its policy for that refused',
      'applyOnForward: true, ',
      'default/b:80',
      'undetermined',
    ],
    ['that hands it on to a Pod, its policy for itself refused', '', 'default/b:80', 'delivered'],
  ])('%s', async (_, options, destination, expected) => {
    const listening = CLUSTER.replace('name: n2, ', 'name: n2, listen: [8080/tcp], ');
    const files = { 'a.yaml': `${listening}${host(options)}` };
    const walked = await run(['trace', 'node/n1', destination, '-f', 'a.yaml'], files);
    const asked = await run(['policy', 'node/n1', destination, '-f', 'a.yaml'], files);
    expect({ walked: walked.code, asked: asked.code }).toEqual({ walked: WALKED[expected], asked: WALKED[expected] });
  });
});

describe('a rule that iptables refuses is named', () => {
  const files = { 'a.yaml': `${CLUSTER}${policy('{action: Allow, protocol: TCP, notProtocol: UDP}')}` };
  it.each<readonly [where: string, args: readonly string[], said: string]>([
    [
      'by the trace, as what it takes for granted',
      ['trace', 'default/a', 'default/b:80'],
      'Calico NetworkPolicy default/p ingress[0]: iptables refuses protocol beside notProtocol (multiple -p flags not allowed)',
    ],
    [
      'by policy, as what leaves it open',
      ['policy', 'default/a', 'default/b:80'],
      'Calico NetworkPolicy default/p (a.yaml:29) ingress[0]',
    ],
    [
      'by policy, in a note',
      ['policy', 'default/a', 'default/b:80'],
      'Calico NetworkPolicy default/p ingress[0] has protocol beside notProtocol, which iptables refuses',
    ],
    [
      'by connectivity, in a note',
      ['connectivity'],
      'Calico NetworkPolicy default/p ingress[0] has protocol beside notProtocol, which iptables refuses',
    ],
    ['by lint', ['lint'], 'iptables refuses protocol beside notProtocol'],
  ])('%s', async (_, args, said) => {
    expect((await run([...args, '-f', 'a.yaml'], files)).stdout).toContain(said);
  });
  it('by validate, with its place', async () => {
    const { stdout, stderr } = await run(['validate', '-f', 'a.yaml'], files);
    expect(`${stdout}${stderr}`).toContain('a.yaml:29:');
    expect(`${stdout}${stderr}`).toContain('iptables refuses protocol beside notProtocol');
  });
});
