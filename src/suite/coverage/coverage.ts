/** Which policies, rules, peers, ports and Services the questions of a run decided. */
import type { Cluster } from '../../cluster/cluster.ts';
import { parseIp } from '../../net/address.ts';
import { intersect, isEmpty } from '../../policy/connection-set.ts';
import { judgeHosts } from '../../policy/hosts/judge-hosts.ts';
import { type DirectionJudgement, judgeDirection, type PolicyWorld, policyWorld } from '../../policy/judge.ts';
import { missOfTerm } from '../../policy/match-end.ts';
import { type Ends, trafficBetween } from '../../policy/match-rule.ts';
import type { Trace } from '../../query/trace.ts';
import {
  type CoverageItem,
  type PolicyItems,
  policyItems,
  type RuleItems,
  type ServiceItem,
  serviceItems,
} from './coverage-item.ts';
import { type IdleReason, idleParts } from './idle.ts';
import { type SeenConnection, seenConnections } from './seen-connections.ts';

export type CoveredItem = CoverageItem & {
  readonly hits: number;
  /** Why no connection at all would be decided by it, where that is so. */
  readonly idle: IdleReason | undefined;
};

const DNS_PORT = 53;

/** Of one topology. */
export class Coverage {
  readonly #cluster: Cluster;
  readonly #world: PolicyWorld;
  readonly #policies: ReadonlyMap<PolicyItems['policy'], PolicyItems>;
  readonly #services: readonly ServiceItem[];
  readonly #hits = new Map<CoverageItem, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#world = policyWorld(cluster);
    this.#policies = new Map(policyItems(this.#world).map((items) => [items.policy, items]));
    this.#services = serviceItems(cluster);
  }

  observe(trace: Trace): void {
    this.#observe(trace);
    const { dns, query } = trace;
    // The query for the name is a connection of its own, and policies decide about it, too.
    if (dns !== null && dns.paths.length > 0) {
      const asked = { ...query, protocol: 'udp', port: DNS_PORT, destinationAddress: dns.nameserver };
      this.#observe({ query: asked, paths: dns.paths });
    }
  }

  #observe(trace: Pick<Trace, 'query' | 'paths'>): void {
    const { destinationAddress, port } = trace.query;
    const address = destinationAddress === null ? undefined : parseIp(destinationAddress);
    if (address !== undefined) {
      for (const { service, port: own, item } of this.#services) {
        const addresses = [
          ...service.clusterIps,
          ...service.externalIps,
          ...service.loadBalancerIps.map(({ ip }) => ip),
        ];
        const byPort = own === port && addresses.includes(address);
        const byNode = service.ports.some(
          ({ port: one, nodePort }) => one === own && nodePort !== 0 && nodePort === port,
        );
        if (byPort || (byNode && this.#isNode(address))) this.#hit(item);
      }
    }
    for (const connection of seenConnections(trace, this.#cluster)) this.observeConnection(connection);
  }

  #isNode(address: ReturnType<typeof parseIp>): boolean {
    return this.#cluster.settings.nodes.some((node) => node.address.addr === address);
  }

  #hit(item: CoverageItem): void {
    this.#hits.set(item, (this.#hits.get(item) ?? 0) + 1);
  }

  /** Connections by themselves, as if an answer stood for them. */
  observeConnection({ source, seenAs, destination, asked }: SeenConnection): void {
    const egress: Ends = { subject: source, peer: destination };
    const ingress: Ends = { subject: destination, peer: seenAs };
    this.#count(judgeDirection(this.#world, 'egress', egress, asked), egress);
    this.#count(judgeDirection(this.#world, 'ingress', ingress, asked), ingress);
    for (const { passage, stages } of judgeHosts(this.#world, source, destination, asked)) {
      const { direction } = passage;
      const [subject, peer] =
        direction === 'ingress' ? [passage.destination, passage.source] : [passage.source, passage.destination];
      for (const { tiers } of stages) this.#count({ direction, tiers }, { subject, peer });
    }
  }

  #count({ tiers, direction }: Pick<DirectionJudgement, 'tiers' | 'direction'>, ends: Ends): void {
    for (const { policies, deniedByDefault } of tiers) {
      for (const { policy, rules } of policies) {
        const items = this.#policies.get(policy);
        if (items === undefined) continue;
        const decided = rules.filter((rule) => !isEmpty(rule.decided));
        if (decided.length > 0 || !isEmpty(deniedByDefault)) this.#hit(items.item);
        for (const { rule, decided: what } of decided) {
          const ofRule = items.rules.get(rule);
          if (ofRule === undefined) continue;
          this.#hit(ofRule.item);
          this.#countParts(ofRule, ends, direction, what);
        }
      }
    }
  }

  #countParts(
    { rule, peers, ports }: RuleItems,
    { subject, peer }: Ends,
    direction: DirectionJudgement['direction'],
    decided: Parameters<typeof isEmpty>[0],
  ): void {
    for (const [index, item] of peers.entries()) {
      const term = rule.peers?.[index];
      if (term !== undefined && missOfTerm(this.#cluster, term, peer, subject) === undefined) this.#hit(item);
    }
    const [source, destination] = direction === 'ingress' ? [peer, subject] : [subject, peer];
    for (const [index, item] of ports.entries()) {
      const term = rule.traffic?.[index];
      if (term === undefined) continue;
      const own = trafficBetween({ ...rule, traffic: [term] }, source, destination);
      if (!isEmpty(intersect(own, decided))) this.#hit(item);
    }
  }

  items(): readonly CoveredItem[] {
    const idle = this.#isAllHit() ? undefined : idleParts(this.#world);
    const covered = (item: CoverageItem, why?: IdleReason): CoveredItem => ({
      ...item,
      hits: this.#hits.get(item) ?? 0,
      idle: this.#hits.has(item) ? undefined : why,
    });
    return [
      ...[...this.#policies.values()].flatMap(({ policy, item, rules }) => [
        covered(item, idle?.get(policy)),
        ...[...rules.values()].flatMap((each) =>
          [each.item, ...each.peers, ...each.ports].map((part) => covered(part, idle?.get(each.rule))),
        ),
      ]),
      ...this.#services.map(({ item }) => covered(item)),
    ];
  }

  #isAllHit(): boolean {
    return [...this.#policies.values()].every(({ item, rules }) =>
      [item, ...[...rules.values()].map((each) => each.item)].every((each) => this.#hits.has(each)),
    );
  }
}

/** The same items of several topologies together: an item counts as covered where one of them covers it. */
export function uniteCoverage(parts: readonly (readonly CoveredItem[])[]): readonly CoveredItem[] {
  const united = new Map<string, CoveredItem>();
  for (const item of parts.flat()) {
    const key = `${item.kind} ${item.name} ${item.file ?? ''}`;
    const known = united.get(key);
    united.set(key, known === undefined ? item : unite(known, item));
  }
  return [...united.values()];
}

function unite(a: CoveredItem, b: CoveredItem): CoveredItem {
  return { ...a, hits: a.hits + b.hits, idle: b.idle === undefined ? undefined : a.idle };
}

/** Of all items, in percent; 100 where there is nothing to cover. */
export function coveredPercent(items: readonly CoveredItem[]): number {
  return items.length === 0 ? 100 : (100 * items.filter(({ hits }) => hits > 0).length) / items.length;
}
