/** Host endpoints that drop messages by which IPv6 finds neighbours: what the policies say of it, and what the chains do. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { type Family, printIp } from '../../src/net/address.ts';
import { isEmpty, only } from '../../src/policy/connection-set.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import { findEnd, meet, type NamedEnd } from '../../src/query/policy/policy-ends.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { ask, loadText } from '../seeds/support.ts';

const cluster = (encapsulation = 'none'): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  podCIDRs: [10.244.0.0/16, "fd00:10:244::/56"]
  serviceCIDRs: [10.96.0.0/16, "fd00:10:96::/112"]
  cni: {plugin: calico, calico: {encapsulation: ${encapsulation}}}
  nodes:
    - {name: n1, interface: eth0, address: [192.168.1.11/24, "fd00:1::11/64"], gateway: [192.168.1.1, "fd00:1::1"], podCIDRs: [10.244.1.0/26, "fd00:10:244:1::/122"]}
    - {name: n2, interface: eth0, address: [192.168.1.12/24, "fd00:1::12/64"], gateway: [192.168.1.1, "fd00:1::1"], podCIDRs: [10.244.2.0/26, "fd00:10:244:2::/122"]}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: client}
spec:
  interfaces: [{name: eth0, segment: lan, addresses: [192.168.1.50/24, "fd00:1::50/64"]}]
  routes: [10.244.1.0/26 via 192.168.1.11 dev eth0, "fd00:10:244:1::/122 via fd00:1::11 dev eth0"]
  listen: [80/tcp]
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: router}
spec:
  interfaces:
    - {name: eth0, segment: lan, addresses: [192.168.1.1/24, "fd00:1::1/64"]}
    - {name: eth1, segment: wan, addresses: [192.0.2.7/24, "2001:db8:2::7/64"]}
  listen: [80/tcp]
---
${POD('a', 'n1')}${POD('b', 'n1')}${POD('far', 'n2')}`;

function POD(name: string, node: string, more = ''): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: web}}
spec: {nodeName: ${node}${more}, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
---
`;
}

const ENDPOINT = (node: string, place: string): string => `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: ${node}, labels: {role: machine}}
spec: {node: ${node}, ${place}}
---
`;
const CARD = ENDPOINT('n1', 'interfaceName: eth0');
const OPEN_CARD = ENDPOINT('n1', 'interfaceName: eth0, profiles: [projectcalico-default-allow]');
const EVERY_DEVICE = ENDPOINT('n1', 'interfaceName: "*", profiles: [projectcalico-default-allow]');

type Rules = { readonly ingress?: string; readonly egress?: string; readonly stage?: string };

function policy({ ingress, egress, stage = '' }: Rules): string {
  const types = [...(ingress === undefined ? [] : ['Ingress']), ...(egress === undefined ? [] : ['Egress'])];
  return `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: machines}
spec:
  selector: role == 'machine'
  types: [${types.join()}]
  ${stage}
  ${ingress === undefined ? '' : `ingress: [${ingress}]`}
  ${egress === undefined ? '' : `egress: [${egress}]`}
---
`;
}

const ALL = '{action: Allow}';
const TCP = '{action: Allow, protocol: TCP}';
const NO_SOLICITATION = '{action: Deny, protocol: ICMPv6, icmp: {type: 135}}';
const NO_ADVERTISEMENT = '{action: Deny, protocol: ICMPv6, icmp: {type: 136}}';
const ICMP6 = (entity: string): string => `{action: Allow, protocol: ICMPv6, ${entity}}`;
const FORWARD = 'applyOnForward: true';
const PRE_DNAT = 'applyOnForward: true\n  preDNAT: true';
const UNTRACKED = 'applyOnForward: true\n  doNotTrack: true';

const [CLIENT, N1, A, B, FAR] = ['host/client', 'node/n1', 'default/pod/a', 'default/pod/b', 'default/pod/far'];
const BEYOND = '2001:db8:2::7';

type Row = {
  readonly name: string;
  readonly endpoint?: string;
  readonly rules: Rules;
  readonly from: string;
  readonly to: string;
  readonly family?: Family;
  readonly port?: number;
  readonly encapsulation?: string;
  /** Messages that are dropped, `node device direction message`; without any the connection is allowed. */
  readonly dropped: readonly string[];
};

const ROWS: readonly Row[] = [
  {
    name: 'a card whose policies say nothing of ICMPv6 takes no connections to the port that they allow',
    ...{ rules: { ingress: TCP, egress: TCP }, from: CLIENT, to: N1 },
    dropped: ['n1 eth0 ingress solicitation', 'n1 eth0 egress advertisement'],
  },
  {
    name: 'over IPv4 it does, because ARP meets no policy',
    ...{ rules: { ingress: TCP, egress: TCP }, from: CLIENT, to: N1, family: 4, dropped: [] },
  },
  {
    name: 'an endpoint that expects the IPv4 address of the card is for IPv6 on it, too',
    endpoint: ENDPOINT('n1', 'expectedIPs: [192.168.1.11]'),
    ...{ rules: { ingress: TCP, egress: ALL }, from: CLIENT, to: N1 },
    dropped: ['n1 eth0 ingress solicitation'],
  },
  {
    name: 'a profile that allows everything lets the messages pass as well',
    ...{ endpoint: OPEN_CARD, rules: { egress: ALL }, from: CLIENT, to: N1, dropped: [] },
  },
  {
    name: 'a machine that drops solicitations is not found',
    ...{ rules: { ingress: `${NO_SOLICITATION}, ${ALL}`, egress: ALL }, from: CLIENT, to: N1 },
    dropped: ['n1 eth0 ingress solicitation'],
  },
  {
    name: 'a machine that may send no advertisement is not found',
    ...{ rules: { ingress: ALL, egress: `${NO_ADVERTISEMENT}, ${ALL}` }, from: CLIENT, to: N1 },
    dropped: ['n1 eth0 egress advertisement'],
  },
  {
    name: 'a machine that may send no solicitation finds nobody',
    ...{ rules: { ingress: ALL, egress: `${NO_SOLICITATION}, ${ALL}` }, from: N1, to: CLIENT },
    dropped: ['n1 eth0 egress solicitation'],
  },
  {
    name: 'a machine that drops advertisements finds nobody',
    ...{ rules: { ingress: `${NO_ADVERTISEMENT}, ${ALL}`, egress: ALL }, from: N1, to: CLIENT },
    dropped: ['n1 eth0 ingress advertisement'],
  },
  {
    name: 'who has asked is known to the neighbour, which need not ask in turn',
    ...{ rules: { ingress: `${NO_SOLICITATION}, ${ALL}`, egress: ALL }, from: N1, to: CLIENT, dropped: [] },
  },
  {
    name: 'who asks speaks to the group of the address: a rule for the address itself is none for the question',
    ...{ rules: { ingress: ALL, egress: `${TCP}, ${ICMP6('destination: {nets: ["fd00:1::/64"]}')}` } },
    ...{ from: N1, to: CLIENT, dropped: ['n1 eth0 egress solicitation'] },
  },
  {
    name: 'a rule for the group of the last 24 bits lets the question out',
    ...{ rules: { ingress: ALL, egress: `${TCP}, ${ICMP6('destination: {nets: ["ff02::1:ff00:50/128"]}')}` } },
    ...{ from: N1, to: CLIENT, dropped: [] },
  },
  {
    name: 'for what is not on the link the gateway is asked',
    ...{ rules: { ingress: ICMP6('source: {nets: ["fd00:1::1/128"]}'), egress: ALL } },
    ...{ from: N1, to: BEYOND, dropped: [] },
  },
  {
    name: 'a rule for answers of the gateway is none for those of a neighbour',
    ...{ rules: { ingress: ICMP6('source: {nets: ["fd00:1::1/128"]}'), egress: ALL } },
    ...{ from: N1, to: CLIENT, dropped: ['n1 eth0 ingress advertisement'] },
  },
  {
    name: 'a failsafe port does not help where its machine is not found',
    ...{ rules: { ingress: `${NO_SOLICITATION}, ${ALL}`, egress: ALL }, from: CLIENT, to: N1, port: 22 },
    dropped: ['n1 eth0 ingress solicitation'],
  },
  {
    name: 'a policy without applyOnForward closes the way to Pods, whose node has to be found',
    ...{ rules: { ingress: `${NO_SOLICITATION}, ${ALL}`, egress: ALL }, from: CLIENT, to: A },
    dropped: ['n1 eth0 ingress solicitation'],
  },
  {
    name: 'a policy with applyOnForward does so, too',
    ...{ rules: { ingress: `${NO_SOLICITATION}, ${ALL}`, egress: ALL, stage: FORWARD }, from: CLIENT, to: A },
    dropped: ['n1 eth0 ingress solicitation'],
  },
  {
    name: 'between Pods of one node no card is passed and nobody asked for on it',
    ...{ rules: { ingress: `${NO_SOLICITATION}, ${ALL}`, egress: ALL }, from: A, to: B, dropped: [] },
  },
  {
    name: 'the endpoint for all devices asks nothing about messages of Pods in its policies for the machine itself',
    ...{ endpoint: EVERY_DEVICE, rules: { ingress: `${NO_ADVERTISEMENT}, ${ALL}` }, from: A, to: B, dropped: [] },
  },
  {
    name: 'its preDNAT policies are asked about the answer of a Pod that its own node asks for',
    ...{ endpoint: EVERY_DEVICE, rules: { ingress: `${NO_ADVERTISEMENT}, ${ALL}`, stage: PRE_DNAT }, from: N1, to: A },
    dropped: ['n1 - ingress advertisement'],
  },
  {
    name: 'and about the question of a Pod for its gateway',
    ...{ endpoint: EVERY_DEVICE, rules: { ingress: `${NO_SOLICITATION}, ${ALL}`, stage: PRE_DNAT }, from: A, to: N1 },
    dropped: ['n1 - ingress solicitation'],
  },
  {
    name: 'a doNotTrack policy drops messages before all others',
    ...{
      endpoint: OPEN_CARD,
      rules: { ingress: `${NO_SOLICITATION}, ${ALL}`, stage: UNTRACKED },
      from: CLIENT,
      to: N1,
    },
    dropped: ['n1 eth0 ingress solicitation'],
  },
  {
    name: 'what a doNotTrack policy lets pass is not asked about again',
    ...{ rules: { ingress: ALL, egress: ALL, stage: UNTRACKED }, from: CLIENT, to: N1, dropped: [] },
  },
  {
    name: 'around packets in VXLAN it is the other node that is asked for',
    ...{ encapsulation: 'vxlan', rules: { ingress: `${NO_ADVERTISEMENT}, ${ALL}`, egress: ALL }, from: A, to: FAR },
    dropped: ['n1 eth0 ingress advertisement'],
  },
];

function endOf(loaded: Loaded, text: string): NamedEnd {
  const found = findEnd(text, loaded, 'default');
  invariant(found.ok, `${text} is unknown`);
  return found.value;
}

describe('neighbours of IPv6', () => {
  it.each(ROWS)('$name', ({ endpoint = CARD, rules, from, to, family = 6, port = 80, encapsulation, dropped }) => {
    const loaded = loadText(cluster(encapsulation) + endpoint + policy(rules));
    const met = meet(loaded, endOf(loaded, from), endOf(loaded, to), family);
    invariant(met !== undefined, 'both have an address of the family');
    const asked = only('TCP', [{ first: port, last: port }]);
    const { hosts, allowed } = judgeConnection(policyWorld(loaded.cluster), met.source, met.destination, asked);
    const messages = hosts
      .filter(({ passage: { way } }) => way === 'solicitation' || way === 'advertisement')
      .map(({ passage: { node, device = '-', direction, way } }) => `${node} ${device} ${direction} ${way}`);
    expect(messages).toEqual(dropped);
    expect(isEmpty(allowed)).toBe(dropped.length > 0);
    const ip = printIp(met.destination.ip);
    const { paths } = ask(loaded, from, `${family === 6 ? `[${ip}]` : ip}:${port}`, { reply: false });
    const codes = paths.map(({ code }) => code);
    expect(codes).toEqual([dropped.length > 0 ? 'NEIGHBOUR_FAILED' : expect.toBeOneOf([null, 'SOCKET_NOT_LISTENING'])]);
  });
});
