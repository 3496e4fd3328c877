/** Hand-made walks: a Pod on vms83 asks a Service whose backends run on vms82. Nothing is emulated here. */
import type { SourceDocument } from '../../src/cluster/source.ts';
import { type Origin, OriginTable } from '../../src/compile/origin.ts';
import type { Asked, ExplainContext } from '../../src/explain/context.ts';
import type { DropReason } from '../../src/kernel/drop-reason.ts';
import { VirtualServerTable } from '../../src/kernel/ipvs/virtual-server-table.ts';
import type { Match } from '../../src/kernel/netfilter/match.ts';
import type { Rule } from '../../src/kernel/netfilter/ruleset.ts';
import { type NetnsId, netnsId } from '../../src/kernel/netns-id.ts';
import type { OriginId } from '../../src/kernel/origin.ts';
import { Sysctls } from '../../src/kernel/sysctl.ts';
import type { Choice, Leg, NetfilterStep, Observation, Path, Step } from '../../src/kernel/walk/step.ts';
import { type Fraction, fraction } from '../../src/lib/fraction.ts';
import { type IpAddr, parseIp } from '../../src/net/address.ts';
import type { Packet } from '../../src/net/packet.ts';
import { parsePrefix } from '../../src/net/prefix.ts';

export function ip(text: string): IpAddr {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

export const POD1 = netnsId('default/pod1');
export const POD2 = netnsId('default/pod2');
export const NODE83 = netnsId('vms83');
export const NODE82 = netnsId('vms82');

export function tcp(src: string, dst: string, dport = 80, ttl = 64): Packet {
  return {
    src: ip(src),
    dst: ip(dst),
    ttl,
    length: 60,
    dontFragment: true,
    transport: { proto: 'tcp', sport: 40000, dport, flags: ['SYN'] },
  };
}

export function rule(words: string, target: string, origin?: OriginId): Rule {
  const match: Match = { name: 'header', test: () => true, print: () => words };
  return {
    matches: words === '' ? [] : [match],
    target: { name: target, fire: () => ({ kind: 'accept' }), print: () => `-j ${target}` },
    ...(origin === undefined ? {} : { origin }),
  };
}

export function netfilter(netns: NetnsId, packet: Packet, fields: Partial<NetfilterStep> = {}): NetfilterStep {
  return {
    kind: 'netfilter',
    netns,
    packet,
    hook: 'FORWARD',
    table: 'filter',
    chain: 'FORWARD',
    event: 'rule',
    number: 1,
    rule: undefined,
    action: 'ACCEPT',
    verdict: 'continue',
    mark: 0,
    markAfter: 0,
    ctState: 'NEW',
    inDevice: 'eth0',
    outDevice: undefined,
    ...fields,
  };
}

export function drop(netns: NetnsId, packet: Packet, reason: DropReason): Step {
  return { kind: 'drop', netns, packet, reason };
}

export function delivered(steps: readonly Step[], packet: Packet, netns: NetnsId): Leg {
  return { steps, packet, answer: undefined, disposition: { kind: 'delivered', netns, listener: undefined } };
}

export function dropped(steps: readonly Step[], packet: Packet, reason: DropReason, step: Step): Leg {
  return { steps, packet, answer: undefined, disposition: { kind: 'dropped', netns: step.netns, reason, step } };
}

export function path(request: Leg, observation: Observation, more: Partial<Path> & { share?: Fraction } = {}): Path {
  const { share, ...rest } = more;
  return {
    probability: share ?? fraction(1),
    choices: [],
    presumed: [],
    request,
    answer: undefined,
    observation,
    stats: { rulesExamined: 31, chainsEntered: 12 },
    ...rest,
  };
}

export function choice(taken: string, probability: Fraction | undefined): Choice {
  return { what: 'statistic', taken, probability };
}

export const ASKED: Asked = {
  source: 'pod1',
  destination: 'svc2:80',
  probe: { netns: POD1, destination: ip('10.96.3.4'), protocol: 'tcp', sport: 40000, dport: 80 },
};

/** A source whose every position is one line of one file. */
export function sourceAt(file: string, line: number) {
  const document: SourceDocument = { file, value: {}, locate: () => ({ file, line, column: 1 }) };
  return { document, path: [] };
}

/** A context without a cluster: places by the names of the namespaces, both Pods on their nodes. */
export function contextWith(origins: OriginTable = new OriginTable()): ExplainContext {
  return {
    cluster: undefined,
    origins,
    world: {
      netns: (id) => ({
        id,
        arpResponders: [],
        devices: new Map(),
        routes: new Map(),
        rules: [],
        rules6: [],
        proxyNeighbours: [],
        neighbours: [],
        fdb: [],
        sysctls: new Sysctls(),
        iptables: () => new Map(),
        ip6tables: () => new Map(),
        nftables: () => [],
        ipsets: new Map(),
        ipvs: () => new VirtualServerTable([]),
        listeners: [{ protocol: 'tcp', port: 9999, address: ip('127.0.0.1') }],
      }),
      answering: () => [],
      hearing: () => [],
      blocked: () => undefined,
    },
    place: (netns) => {
      const [, name] = netns.split('/');
      if (name === undefined) return { machine: netns, inside: undefined };
      return { machine: netns === POD1 ? 'vms83' : 'vms82', inside: name };
    },
    ownerKind: (netns) => (netns === POD1 || netns === POD2 ? 'pod' : 'node'),
    routeNotLearned: () => false,
    addressOf: (netns) => (netns === POD1 ? ip('10.244.70.31') : undefined),
    serviceAt: () => undefined,
  };
}

export function minted(origin: Origin): { readonly origins: OriginTable; readonly id: OriginId } {
  const origins = new OriginTable();
  return { origins, id: origins.mint(origin) };
}

/** The way to a backend: out of the Pod, DNAT on its node, across to vms82. */
export function wayToBackend(backend: string, origin?: OriginId): readonly Step[] {
  const asked = tcp('10.244.70.31', '10.96.3.4');
  const translated = tcp('10.244.70.31', backend, 8080);
  const forwarded = { ...translated, ttl: 63 };
  const route = {
    destination: parsePrefix('10.244.171.128/26') ?? { addr: ip('0.0.0.0'), bits: 0 },
    table: 254,
    metric: 0,
    scope: 'global',
    protocol: 'bird',
    type: 'unicast',
    nexthops: [{ device: 'ens32', via: ip('192.168.26.82'), weight: 1 }],
  } as const;
  return [
    { kind: 'originate', netns: POD1, packet: asked, by: 'process' },
    { kind: 'transmit', netns: POD1, packet: asked, device: 'eth0', destinationMac: undefined },
    { kind: 'receive', netns: NODE83, packet: asked, device: 'cali83' },
    netfilter(NODE83, asked, {
      hook: 'PREROUTING',
      table: 'nat',
      chain: 'PREROUTING',
      number: 1,
      rule: rule('', 'KUBE-SERVICES'),
      action: 'jump KUBE-SERVICES',
    }),
    netfilter(NODE83, asked, {
      hook: 'PREROUTING',
      table: 'nat',
      chain: 'KUBE-SERVICES',
      number: 7,
      rule: rule('-d 10.96.3.4/32 -p tcp', 'KUBE-SVC-X'),
      action: 'jump KUBE-SVC-X',
    }),
    netfilter(NODE83, asked, {
      hook: 'PREROUTING',
      table: 'nat',
      chain: 'KUBE-SVC-X',
      number: 1,
      verdict: 'accept',
      action: `DNAT ${backend}:8080`,
      rule: rule('-p tcp', `DNAT --to-destination ${backend}:8080`, origin),
    }),
    { kind: 'nat', netns: NODE83, packet: asked, hook: 'PREROUTING', manip: 'dst', reply: false, after: translated },
    {
      kind: 'route',
      netns: NODE83,
      packet: translated,
      direction: 'input',
      rule: undefined,
      outcome: { kind: 'forward', device: 'ens32', via: ip('192.168.26.82'), route },
    },
    { kind: 'ttl', netns: NODE83, packet: translated, after: forwarded },
    { kind: 'transmit', netns: NODE83, packet: forwarded, device: 'ens32', destinationMac: undefined },
    { kind: 'receive', netns: NODE82, packet: forwarded, device: 'ens32' },
  ];
}
