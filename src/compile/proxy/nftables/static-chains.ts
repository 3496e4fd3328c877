/** The part of kube-proxy's table that no Service changes (setupNFTables()). */
import type { BaseChain, NftRuleSpec } from '../../../kernel/nftables/ruleset.ts';
import type { NftChainSpec } from '../../../kernel/nftables/table-spec.ts';
import { lazy } from '../../../lib/lazy.ts';
import { type Prefix, printPrefix } from '../../../net/prefix.ts';
import type { ProxyOrigins } from '../iptables/origins.ts';
import type { Generation } from './generation.ts';
import { type FamilyWords, MASQUERADE_MARK, type NftDetector, rule } from './words.ts';

export type StaticInput = {
  readonly words: FamilyWords;
  readonly generation: Generation;
  readonly detector: NftDetector | undefined;
  readonly masqueradeAll: boolean;
  /** NodePorts are answered on every local address. */
  readonly anyNodePortAddress: boolean;
  readonly serviceRanges: readonly Prefix[];
  readonly origins: ProxyOrigins;
};

type Hook = Extract<BaseChain['hook'], 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'>;

/** nftablesBaseChains */
function baseChains({
  filtersBeforeDnat,
}: Generation): readonly (readonly [string, BaseChain['type'], Hook, number])[] {
  const nat = [
    ['nat-prerouting', 'nat', 'PREROUTING', -100],
    ['nat-output', 'nat', 'OUTPUT', -100],
    ['nat-postrouting', 'nat', 'POSTROUTING', 100],
  ] as const;
  if (filtersBeforeDnat)
    return [
      ['filter-prerouting', 'filter', 'PREROUTING', -110],
      ['filter-input', 'filter', 'INPUT', -110],
      ['filter-forward', 'filter', 'FORWARD', -110],
      ['filter-output', 'filter', 'OUTPUT', -110],
      ['filter-output-post-dnat', 'filter', 'OUTPUT', -90],
      ...nat,
    ];
  return [
    ['filter-prerouting-pre-dnat', 'filter', 'PREROUTING', -110],
    ['filter-output-pre-dnat', 'filter', 'OUTPUT', -110],
    ['filter-input', 'filter', 'INPUT', 0],
    ['filter-forward', 'filter', 'FORWARD', 0],
    ['filter-output', 'filter', 'OUTPUT', 0],
    ...nat,
  ];
}

/** nftablesJumpChains: where to, from where, and whether for new connections only. */
function jumps({ filtersBeforeDnat }: Generation): readonly (readonly [string, string, boolean])[] {
  const [prerouting, output, behind] = filtersBeforeDnat
    ? ['filter-prerouting', 'filter-output', 'filter-output-post-dnat']
    : ['filter-prerouting-pre-dnat', 'filter-output-pre-dnat', 'filter-output'];
  return [
    ['nodeport-endpoints-check', 'filter-input', true],
    ['service-endpoints-check', 'filter-input', true],
    ['service-endpoints-check', 'filter-forward', true],
    ['service-endpoints-check', 'filter-output', true],
    ['firewall-check', prerouting, true],
    ['firewall-check', output, true],
    ['services', 'nat-output', false],
    ['services', 'nat-prerouting', false],
    ['masquerading', 'nat-postrouting', false],
    ['cluster-ips-check', 'filter-forward', true],
    ['cluster-ips-check', behind, true],
  ];
}

/** In the order of creation: base chains, what they jump to, and helpers. */
export function staticChains(input: StaticInput): readonly NftChainSpec[] {
  const { generation, origins } = input;
  const all = jumps(generation);
  const base = baseChains(generation).map(
    ([name, type, hook, priority]): NftChainSpec => ({
      name,
      base: { type, hook, priority, policy: 'accept' },
      rules: lazy(() =>
        all.flatMap(([target, from, fresh]) =>
          from === name ? [rule(`${fresh ? 'ct state new ' : ''}jump ${target}`, origins.plumbing())] : [],
        ),
      ),
    }),
  );
  const chain = (name: string, rules: () => readonly NftRuleSpec[]): NftChainSpec => ({ name, rules: lazy(rules) });
  const key = `${input.words.ip} daddr . meta l4proto . th dport`;
  return [
    ...base,
    chain('nodeport-endpoints-check', () => [nodePortRule(input, 'no-endpoint-nodeports', false)]),
    chain('service-endpoints-check', () => [rule(`${key} vmap @no-endpoint-services`, origins.plumbing())]),
    chain('firewall-check', () => [rule(`${key} vmap @firewall-ips`, origins.plumbing())]),
    chain('services', () => [
      ...(generation.compact ? markClusterIps(input) : []),
      rule(`${key} vmap @service-ips`, origins.plumbing()),
      nodePortRule(input, 'service-nodeports', true),
    ]),
    chain('masquerading', () => masquerading(input)),
    chain('cluster-ips-check', () => clusterIpsCheck(input)),
    ...(generation.compact
      ? []
      : [chain('mark-for-masquerade', () => [rule(`mark set mark or ${MASQUERADE_MARK}`, origins.masquerade())])]),
    {
      name: 'reject-chain',
      comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
      // Without an origin of its own: the element that leads here says for which Service.
      rules: lazy(() => [{ text: 'reject' }]),
    },
  ];
}

/** The nodes' own addresses are asked first, so that a port number alone takes nothing. */
function nodePortRule(
  { words, anyNodePortAddress, origins }: StaticInput,
  map: string,
  checksLocal: boolean,
): NftRuleSpec {
  const address = anyNodePortAddress
    ? `${checksLocal ? 'fib daddr type local ' : ''}${words.noLocalhost}`
    : `${words.ip} daddr @nodeport-ips`;
  return rule(`${address} meta l4proto . th dport vmap @${map}`, origins.plumbing());
}

/** Traffic from outside the cluster's Pods: its answers have to come back through this node. */
function markClusterIps({ words, detector, masqueradeAll, origins }: StaticInput): readonly NftRuleSpec[] {
  const mark = `mark set mark or ${MASQUERADE_MARK}`;
  const to = `${words.ip} daddr @cluster-ips`;
  if (masqueradeAll) return [rule(`${to} ${mark}`, origins.masquerade(), 'masquerade all clusterIP traffic')];
  if (detector === undefined) return [];
  const comment = 'masquerade clusterIP traffic from outside cluster';
  return [rule(`${to} ${detector.ifNotLocal} ${mark}`, origins.masquerade(), comment)];
}

function masquerading({ words: { ip }, generation, origins }: StaticInput): readonly NftRuleSpec[] {
  const masquerade = (text: string) => rule(text, origins.masquerade());
  if (!generation.compact)
    return [
      masquerade(`mark and ${MASQUERADE_MARK} == 0 return`),
      masquerade(`mark set mark xor ${MASQUERADE_MARK}`),
      masquerade('masquerade fully-random'),
    ];
  const flow = `${ip} saddr . ${ip} daddr . meta l4proto . th dport`;
  return [
    masquerade(`mark and ${MASQUERADE_MARK} != 0 mark set mark xor ${MASQUERADE_MARK} masquerade fully-random`),
    masquerade(`ct status dnat ${flow} @hairpin-connections masquerade fully-random`),
  ];
}

/** What is still for an address of Services here is for none of their ports. */
function clusterIpsCheck({ words: { ip }, generation, serviceRanges, origins }: StaticInput): readonly NftRuleSpec[] {
  const origin = origins.ofMode('service-address');
  const ranges = generation.knowsServiceRanges ? serviceRanges : [];
  return [
    rule(`${ip} daddr @cluster-ips reject`, origin, 'Reject traffic to invalid ports of ClusterIPs'),
    ...(ranges.length === 0
      ? []
      : [
          rule(
            `${ip} daddr { ${ranges.map(printPrefix).join(', ')} } drop`,
            origin,
            'Drop traffic to unallocated ClusterIPs',
          ),
        ]),
  ];
}
