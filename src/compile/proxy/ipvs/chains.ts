/** The iptables chains around IPVS (writeIptablesRules(), iptablesJumpChain): they mark, accept and refuse, and translate nothing. */
import type { Hook, TableName } from '../../../kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { ChainSpec, HookSpec, IptablesSpec } from '../../../kernel/netns-spec.ts';
import { lazy } from '../../../lib/lazy.ts';
import { type Family, printIp } from '../../../net/address.ts';
import type { ProxyOrigins } from '../iptables/origins.ts';
import { comment, MASQUERADE_MARK } from '../iptables/words.ts';
import type { LocalDetector } from '../local-detector.ts';
import type { SetEntries } from './set-entries.ts';
import { SETS, type SetName, setName } from './sets.ts';
import type { IpvsFeatures } from './version.ts';

export type ChainInput = {
  readonly family: Family;
  readonly sets: SetEntries;
  readonly detector: LocalDetector | undefined;
  readonly masqueradeAll: boolean;
  readonly randomFully: boolean;
  readonly features: IpvsFeatures;
  readonly origins: ProxyOrigins;
};

const PORTALS = comment('kubernetes service portals');
const ACCESS = comment('kubernetes ipvs access filter');
const FIREWALL = comment('kube-proxy firewall rules');

type Jump = readonly [TableName, Hook, string, readonly string[], (features: IpvsFeatures) => boolean];
const always = () => true;

/** In this order, each put above what is there: a later one ends up higher. */
const JUMPS: readonly Jump[] = [
  ['nat', 'OUTPUT', 'KUBE-SERVICES', PORTALS, always],
  ['nat', 'PREROUTING', 'KUBE-SERVICES', PORTALS, always],
  ['nat', 'POSTROUTING', 'KUBE-POSTROUTING', comment('kubernetes postrouting rules'), always],
  ['filter', 'FORWARD', 'KUBE-FORWARD', comment('kubernetes forwarding rules'), always],
  ['filter', 'INPUT', 'KUBE-NODE-PORT', comment('kubernetes health check rules'), always],
  ['filter', 'INPUT', 'KUBE-PROXY-FIREWALL', FIREWALL, ({ filtersSourceRanges }) => filtersSourceRanges],
  ['filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', FIREWALL, ({ filtersSourceRanges }) => filtersSourceRanges],
  ['filter', 'INPUT', 'KUBE-IPVS-FILTER', ACCESS, ({ guardsAddresses }) => guardsAddresses],
  ['filter', 'OUTPUT', 'KUBE-IPVS-OUT-FILTER', ACCESS, ({ guardsOwnTraffic }) => guardsOwnTraffic],
];

export function ipvsIptables(input: ChainInput): IptablesSpec {
  const { features, origins } = input;
  const hooks: readonly HookSpec[] = JUMPS.flatMap(([table, chain, target, words, since]) =>
    since(features)
      ? [{ table, chain, place: 'insert', rule: { args: [...words, '-j', target], origin: origins.plumbing() } }]
      : [],
  );
  const chain = (table: TableName, name: string, rules: () => readonly RuleSpec[]): ChainSpec => ({
    table,
    chain: name,
    rules: lazy(rules),
  });
  const rules = new Rules(input);
  return {
    hooks,
    chains: [
      chain('nat', 'KUBE-SERVICES', () => rules.services()),
      chain('nat', 'KUBE-POSTROUTING', () => rules.postrouting()),
      chain('nat', 'KUBE-NODE-PORT', () => rules.nodePorts()),
      chain('nat', 'KUBE-LOAD-BALANCER', () => rules.loadBalancer()),
      chain('nat', 'KUBE-MARK-MASQ', () => [rules.masquerade('-j', 'MARK', '--or-mark', MASQUERADE_MARK)]),
      chain('filter', 'KUBE-FORWARD', () => rules.forward()),
      chain('filter', 'KUBE-NODE-PORT', () => [rules.healthChecks('ACCEPT')]),
      ...(features.filtersSourceRanges
        ? [
            chain('filter', 'KUBE-PROXY-FIREWALL', () => rules.of('KUBE-LOAD-BALANCER-FW', 'dst,dst', RANGES_FIREWALL)),
            chain('filter', RANGES_FIREWALL, () => [...rules.sourceRanges(), rules.refusal('-j', 'DROP')]),
          ]
        : [
            chain('nat', 'KUBE-FIREWALL', () => [...rules.sourceRanges(), rules.refusal('-j', 'KUBE-MARK-DROP')]),
            chain('nat', 'KUBE-MARK-DROP', () => [rules.plumbing('-j', 'MARK', '--or-mark', DROP_MARK)]),
            chain('filter', 'KUBE-FIREWALL', () => [rules.refusal(...DROP_MARKED)]),
          ]),
      ...(features.guardsAddresses ? [chain('filter', 'KUBE-IPVS-FILTER', () => rules.guard())] : []),
      ...(features.guardsOwnTraffic ? [chain('filter', 'KUBE-IPVS-OUT-FILTER', () => rules.ownTraffic())] : []),
    ],
  };
}

const RANGES_FIREWALL = 'KUBE-SOURCE-RANGES-FIREWALL';

/** kubelet's --iptables-drop-bit 15, and the rule that it adds to KUBE-FIREWALL for it. */
const DROP_MARK = '0x00008000';
const DROP_MARKED = [
  ...comment('kubernetes firewall for dropping marked packets'),
  ...['-m', 'mark', '--mark', `${DROP_MARK}/${DROP_MARK}`, '-j', 'DROP'],
];

class Rules {
  readonly #input: ChainInput;

  constructor(input: ChainInput) {
    this.#input = input;
  }

  plumbing(...args: readonly string[]): RuleSpec {
    return { args, origin: this.#input.origins.plumbing() };
  }

  masquerade(...args: readonly string[]): RuleSpec {
    return { args, origin: this.#input.origins.masquerade() };
  }

  /** What source ranges do not let in. */
  refusal(...args: readonly string[]): RuleSpec {
    return { args, origin: this.#input.origins.ofMode('service-source-range') };
  }

  #match(name: SetName, directions: string): readonly string[] {
    return ['-m', 'set', '--match-set', setName(name, this.#input.family), directions];
  }

  #has(name: SetName): boolean {
    return this.#input.sets.of.has(name);
  }

  /** A rule for everything in the set, if there is anything. */
  of(name: SetName, directions: string, target: string, before: readonly string[] = []): readonly RuleSpec[] {
    if (!this.#has(name)) return [];
    const args = [...before, ...comment(SETS[name].comment), ...this.#match(name, directions), '-j', target];
    return [target.endsWith('MASQ') ? this.masquerade(...args) : this.plumbing(...args)];
  }

  services(): readonly RuleSpec[] {
    const { family } = this.#input;
    const loopback = family === 4 ? '127.0.0.0/8' : '::1/128';
    const accept = (name: SetName) =>
      this.#has(name) ? [this.plumbing(...this.#match(name, 'dst,dst'), '-j', 'ACCEPT')] : [];
    return [
      this.plumbing('-s', loopback, '-j', 'RETURN'),
      ...this.of('KUBE-LOAD-BALANCER', 'dst,dst', 'KUBE-LOAD-BALANCER'),
      ...this.#clusterIp(),
      ...this.of('KUBE-EXTERNAL-IP', 'dst,dst', 'KUBE-MARK-MASQ'),
      ...this.#externalIps('KUBE-EXTERNAL-IP'),
      ...this.#externalIps('KUBE-EXTERNAL-IP-LOCAL'),
      this.plumbing('-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'KUBE-NODE-PORT'),
      ...accept('KUBE-CLUSTER-IP'),
      ...accept('KUBE-LOAD-BALANCER'),
    ];
  }

  /** Without a detector the node's own traffic is known by its source: the route to a cluster IP prefers that as source. */
  #clusterIp(): readonly RuleSpec[] {
    const { masqueradeAll, detector } = this.#input;
    const name = 'KUBE-CLUSTER-IP';
    if (!this.#has(name)) return [];
    const words = comment(SETS[name].comment);
    const target = ['-j', 'KUBE-MARK-MASQ'];
    if (masqueradeAll) return [this.masquerade(...words, ...this.#match(name, 'dst,dst'), ...target)];
    if (detector === undefined) return [this.masquerade(...words, ...this.#match(name, 'src,dst'), ...target)];
    return [this.masquerade(...words, ...this.#match(name, 'dst,dst'), ...detector.ifNotLocal, ...target)];
  }

  #externalIps(name: 'KUBE-EXTERNAL-IP' | 'KUBE-EXTERNAL-IP-LOCAL'): readonly RuleSpec[] {
    if (!this.#has(name)) return [];
    const words = [...comment(SETS[name].comment), ...this.#match(name, 'dst,dst')];
    const offMachine = ['-m', 'physdev', '!', '--physdev-is-in', '-m', 'addrtype', '!', '--src-type', 'LOCAL'];
    return [
      this.plumbing(...words, ...offMachine, '-j', 'ACCEPT'),
      this.plumbing(...words, '-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'ACCEPT'),
    ];
  }

  loadBalancer(): readonly RuleSpec[] {
    const { filtersSourceRanges } = this.#input.features;
    return [
      ...(filtersSourceRanges ? [] : this.of('KUBE-LOAD-BALANCER-FW', 'dst,dst', 'KUBE-FIREWALL')),
      ...this.of('KUBE-LOAD-BALANCER-LOCAL', 'dst,dst', 'RETURN'),
      this.masquerade('-j', 'KUBE-MARK-MASQ'),
    ];
  }

  nodePorts(): readonly RuleSpec[] {
    const masq = 'KUBE-MARK-MASQ';
    return [
      ...this.of('KUBE-NODE-PORT-LOCAL-TCP', 'dst', 'RETURN', ['-p', 'tcp']),
      ...this.of('KUBE-NODE-PORT-TCP', 'dst', masq, ['-p', 'tcp']),
      ...this.of('KUBE-NODE-PORT-LOCAL-UDP', 'dst', 'RETURN', ['-p', 'udp']),
      ...this.of('KUBE-NODE-PORT-UDP', 'dst', masq, ['-p', 'udp']),
      ...this.of('KUBE-NODE-PORT-LOCAL-SCTP-HASH', 'dst,dst', 'RETURN', ['-p', 'sctp']),
      ...this.of('KUBE-NODE-PORT-SCTP-HASH', 'dst,dst', masq, ['-p', 'sctp']),
    ];
  }

  /** The hairpin rule stands before the test of the mark. */
  postrouting(): readonly RuleSpec[] {
    const marked = ['--mark', `${MASQUERADE_MARK}/${MASQUERADE_MARK}`];
    const random = this.#input.randomFully ? ['--random-fully'] : [];
    const hairpin = this.of('KUBE-LOOP-BACK', 'dst,dst,src', 'MASQUERADE').map(({ args }) => this.masquerade(...args));
    return [
      ...hairpin,
      this.masquerade('-m', 'mark', '!', ...marked, '-j', 'RETURN'),
      this.masquerade('-j', 'MARK', '--xor-mark', MASQUERADE_MARK),
      this.masquerade(...comment('kubernetes service traffic requiring SNAT'), '-j', 'MASQUERADE', ...random),
    ];
  }

  forward(): readonly RuleSpec[] {
    const marked = ['-m', 'mark', '--mark', `${MASQUERADE_MARK}/${MASQUERADE_MARK}`];
    const known = ['-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED'];
    return [
      this.plumbing(...comment('kubernetes forwarding rules'), ...marked, '-j', 'ACCEPT'),
      this.plumbing(...comment('kubernetes forwarding conntrack rule'), ...known, '-j', 'ACCEPT'),
    ];
  }

  healthChecks(target: string): RuleSpec {
    const name = 'KUBE-HEALTH-CHECK-NODE-PORT';
    return this.plumbing(...comment(SETS[name].comment), ...this.#match(name, 'dst'), '-j', target);
  }

  sourceRanges(): readonly RuleSpec[] {
    return [
      ...this.of('KUBE-LOAD-BALANCER-SOURCE-CIDR', 'dst,dst,src', 'RETURN'),
      ...this.of('KUBE-LOAD-BALANCER-SOURCE-IP', 'dst,dst,src', 'RETURN'),
    ];
  }

  /** The addresses on kube-ipvs0 are the node's own: without this its processes, and ICMP, would answer for Services. */
  guard(): readonly RuleSpec[] {
    const pass = (name: SetName, directions = 'dst,dst') =>
      this.plumbing(...this.#match(name, directions), '-j', 'RETURN');
    const fresh = ['-m', 'conntrack', '--ctstate', 'NEW', ...this.#match('KUBE-IPVS-IPS', 'dst'), '-j', 'REJECT'];
    return [
      pass('KUBE-LOAD-BALANCER'),
      pass('KUBE-CLUSTER-IP'),
      pass('KUBE-EXTERNAL-IP'),
      pass('KUBE-EXTERNAL-IP-LOCAL'),
      pass('KUBE-HEALTH-CHECK-NODE-PORT', 'dst'),
      { args: fresh, origin: this.#input.origins.ofMode('service-address') },
    ];
  }

  ownTraffic(): readonly RuleSpec[] {
    return this.#input.sets.forbidden.map(({ port, ip }) => ({
      args: [
        ...['-s', printIp(ip), '-m', 'ipvs', '--vaddr', printIp(ip), '--vproto', port.protocol],
        ...['--vport', String(port.port), '-j', 'DROP'],
      ],
      origin: this.#input.origins.ofPort(port, 'service-source-range'),
    }));
  }
}
