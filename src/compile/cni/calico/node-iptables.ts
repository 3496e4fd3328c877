/** All of Felix's chains on one node, and its jumps from the kernel's chains. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { Hook, TableName } from '../../../kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { ChainSpec, HookSpec, IptablesSpec } from '../../../kernel/netns-spec.ts';
import { lazy, memoize, memoizeBy } from '../../../lib/lazy.ts';
import type { CalicoContext } from './context.ts';
import { dispatchChains } from './dispatch.ts';
import { ENDPOINT_PREFIXES, type EndpointChain, endpointChainName, endpointRules } from './endpoint-chain.ts';
import { endpointMarkChains, marksOfNode } from './endpoint-marks.ts';
import { failsafeChains } from './failsafe.ts';
import { action, appendedRulesOf, type FelixChain, type FelixRule, renderChain } from './felix-rule.ts';
import { type HostChain, hostChains, hostDispatch, hostEndpointsOn } from './host-endpoints.ts';
import { ofDirection, tiersOnPod } from './policies-selecting.ts';
import { groupPolicies, groupRules, type PolicyChain, type PolicyRenderer } from './policy-chains.ts';
import { DIRECTIONS, type Direction, type Policy } from './policy-model.ts';
import { namedProfile, type Profile, profileChain, profileChainName } from './profiles.ts';
import type { SetRequest } from './set-request.ts';
import { type Static, staticInput } from './static.ts';
import { filterChains, forwardAppendedRules } from './static-filter.ts';
import { mangleChains, natChains, rawChains } from './static-other.ts';
import type { TierPolicies } from './tiers.ts';
import type { Workload } from './workload.ts';

export type NodeIptables = {
  readonly iptables: IptablesSpec;
  /** Every set that a policy on this node looks into. */
  readonly sets: readonly SetRequest[];
};

/** Policies are rendered for the filter table and for the others, which cannot reject. */
export type PolicyRenderers = { readonly filter: PolicyRenderer; readonly others: PolicyRenderer };

/**
 * What nodes have alike is written once, chain objects included: whoever keeps parsed rules by chain parses it once, not
 * once for each node.
 */
export function nodeIptables(context: CalicoContext, renderers: PolicyRenderers): (node: string) => NodeIptables {
  const plain = staticInput(context);
  const shared = lazy(() => ({ chains: staticChains(plain), hooks: hooks(context, plain) }));
  const policySpec = memoize((table: TableName) =>
    memoize(({ name, rules }: PolicyChain) => chainSpec(table, name, () => rules)),
  );
  const profileSpec = profileSpecs(context.cluster, plain);
  return (node) => {
    const workloads = context.workloadsOn(node);
    const hosts = hostEndpointsOn(context, node);
    const marks = marksOfNode(context, workloads, hosts);
    const input = { ...plain, ...marks };
    const { chains, hooks } =
      marks.endpointMarks === undefined ? shared() : { ...shared(), chains: staticChains(input) };
    const book = new ChainBook(context, input, renderers, policySpec);
    for (const workload of workloads) addWorkload(book, context, input, workload);
    const chainsOfHosts = hostChains(hosts, input);
    for (const { table, name, direction, tiers, chain } of chainsOfHosts)
      book.add(table, name, direction, tiers, chain);
    const profiles = profileChains(
      profileSpec,
      workloads,
      hosts.flatMap(({ endpoint }) => endpoint.profiles),
    );
    return {
      iptables: {
        chains: [
          ...chains,
          ...dispatch(workloads, input),
          ...endpointMarkChains(input).map((each) => spec('filter', each)),
          ...hostDispatch(hosts, chainsOfHosts, input).flatMap(([table, each]) =>
            each.map((chain) => spec(table, chain)),
          ),
          ...failsafes(chainsOfHosts, input),
          ...book.chains,
          ...profiles.map(({ chain }) => chain),
        ],
        hooks,
      },
      sets: [...book.sets, ...profiles.flatMap(({ sets }) => sets)],
    };
  };
}

function addWorkload(book: ChainBook, context: CalicoContext, { origins }: Static, workload: Workload): void {
  const tiers = workload.pod === undefined ? [] : tiersOnPod(context.cluster, workload.pod);
  for (const direction of DIRECTIONS) {
    const name = endpointChainName(ENDPOINT_PREFIXES.workload[direction], workload.hostInterface);
    book.add('filter', name, direction, tiers, {
      type: 'normal',
      profileChains: workload.profiles.map((profile) => profileChainName(profile.name, direction)),
      allow: action.accept,
      encapsulation: direction === 'egress' ? 'denied' : 'allowed',
      origins: {
        endOfTier: (policy) => origins.policyDefault(policy, direction, workload),
        noProfile: origins.plumbing,
      },
    });
  }
}

/** The chain of a policy in a table. */
type PolicySpecs = (table: TableName) => (chain: PolicyChain) => ChainSpec;

/** Chains of endpoints with what they jump to: each group and each policy once in a table. */
class ChainBook {
  readonly chains: ChainSpec[] = [];
  readonly sets: SetRequest[] = [];
  readonly #known = new Set<string>();
  readonly #context: CalicoContext;
  readonly #input: Static;
  readonly #renderers: PolicyRenderers;
  readonly #specOf: PolicySpecs;

  constructor(context: CalicoContext, input: Static, renderers: PolicyRenderers, specOf: PolicySpecs) {
    this.#context = context;
    this.#input = input;
    this.#renderers = renderers;
    this.#specOf = specOf;
  }

  add(
    table: TableName,
    name: string,
    direction: Direction,
    tiers: readonly TierPolicies[],
    chain: Omit<EndpointChain, 'tiers'>,
  ): void {
    const { version } = this.#context;
    const own = new Map(ofDirection(tiers, direction).map((tier) => [tier.name, tier.policies]));
    const grouped = tiers.map(({ name: tier, defaultAction }) => ({
      name: tier,
      defaultAction,
      groups: groupPolicies(own.get(tier) ?? [], direction, version),
    }));
    this.chains.push(chainSpec(table, name, () => endpointRules({ ...chain, tiers: grouped }, this.#input, version)));
    for (const group of grouped.flatMap(({ groups }) => groups)) {
      for (const policy of group.policies) this.#addPolicy(table, policy, direction);
      if (group.policies.length < 2 || !this.#isNew(table, group.chain)) continue;
      const { marks, origins } = this.#input;
      this.chains.push(chainSpec(table, group.chain, () => groupRules(group, direction, version, marks, origins)));
    }
  }

  #addPolicy(table: TableName, policy: Policy, direction: Direction): void {
    const render = table === 'filter' ? this.#renderers.filter : this.#renderers.others;
    const chain = render(policy, direction);
    if (!this.#isNew(table, chain.name)) return;
    this.chains.push(this.#specOf(table)(chain));
    this.sets.push(...chain.sets);
  }

  #isNew(table: TableName, chain: string): boolean {
    const key = `${table} ${chain}`;
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    return true;
  }
}

function chainSpec(table: TableName, name: string, rules: () => readonly FelixRule[]): ChainSpec {
  // Not kept: who reads the words keeps the rules, and two chains for each of 30,000 Pods are much to hold twice.
  return { table, chain: name, rules: () => renderChain({ name, rules: rules() }) };
}

function spec(table: TableName, { name, rules }: FelixChain): ChainSpec {
  return chainSpec(table, name, () => rules);
}

function staticChains(input: Static): readonly ChainSpec[] {
  const tables: readonly (readonly [TableName, readonly FelixChain[]])[] = [
    ['raw', rawChains(input)],
    ['mangle', mangleChains(input)],
    ['nat', natChains(input)],
    ['filter', filterChains(input)],
  ];
  return tables.flatMap(([table, chains]) => chains.map((chain) => spec(table, chain)));
}

/** Felix writes only chains that some rule jumps to. */
function failsafes(chains: readonly HostChain[], input: Static): readonly ChainSpec[] {
  return (['raw', 'mangle', 'filter'] as const).flatMap((table) => {
    const used = new Set(chains.filter((each) => each.table === table).map(({ chain }) => chain.failsafe));
    if (used.size === 0) return [];
    return failsafeChains(table, input)
      .filter(({ name }) => used.has(name))
      .map((chain) => spec(table, chain));
  });
}

function dispatch(workloads: readonly Workload[], { deny, origins }: Static): readonly ChainSpec[] {
  const interfaces = workloads.map(({ hostInterface }) => hostInterface);
  const origin = { plumbing: origins.plumbing(), unknown: origins.unknownWorkload() };
  return (['from', 'to'] as const)
    .flatMap((direction) => dispatchChains(direction, interfaces, deny, origin))
    .map((chain) => spec('filter', chain));
}

type ProfileSpec = { readonly chain: ChainSpec; readonly sets: readonly SetRequest[] };

type ProfileSpecs = (asked: {
  readonly table: TableName;
  readonly profile: Profile;
  readonly direction: Direction;
}) => ProfileSpec;

function profileSpecs(cluster: Cluster, input: Static): ProfileSpecs {
  return memoizeBy(
    ({ table, profile: { name, allows }, direction }) => `${table} ${direction} ${allows} ${name}`,
    ({ table, profile, direction }) => {
      const made = lazy(() => profileChain(cluster, profile, direction, input));
      return {
        chain: chainSpec(table, profileChainName(profile.name, direction), () => made().rules),
        sets: cluster.profiles.length > 0 ? made().sets : [],
      };
    },
  );
}

/** Of workloads in the filter table, of hosts in mangle as well. */
function profileChains(
  specOf: ProfileSpecs,
  workloads: readonly Workload[],
  ofHosts: readonly string[],
): readonly ProfileSpec[] {
  const add = (table: TableName, profiles: Iterable<Profile>, directions: readonly Direction[]) =>
    [...new Map([...profiles].map((each) => [each.name, each])).values()].flatMap((profile) =>
      directions.map((direction) => specOf({ table, profile, direction })),
    );
  const hosts = ofHosts.map(namedProfile);
  return [
    ...add('filter', [...hosts, ...workloads.flatMap((workload) => workload.profiles)], DIRECTIONS),
    ...add('mangle', hosts, ['egress']),
  ];
}

/** The built-in chains that get a jump to Calico's chain of the same name. */
const JUMPS: readonly (readonly [TableName, readonly Hook[]])[] = [
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['mangle', ['PREROUTING', 'POSTROUTING']],
  ['nat', ['PREROUTING', 'OUTPUT', 'POSTROUTING']],
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
];

/** Jumps stand first (chainInsertMode Insert), two rules of FORWARD and since 3.29 nat's POSTROUTING last. */
function hooks({ cluster, version }: CalicoContext, input: Static): readonly HookSpec[] {
  const mode = cluster.felixConfiguration?.chainInsertMode === 'Append' ? 'append' : 'insert';
  const origin = input.origins.plumbing();
  const jumps = JUMPS.flatMap(([table, chains]) =>
    chains.flatMap((chain) => {
      const last = table === 'nat' && chain === 'POSTROUTING' && version.natPostrouting === 'append';
      const rules = [{ action: action.jump(`cali-${chain}`), origin }];
      const rendered = renderChain({ name: last ? appendedRulesOf(chain) : chain, rules });
      return hookRules(table, chain, last ? 'append' : mode, rendered);
    }),
  );
  const appended = renderChain({ name: appendedRulesOf('FORWARD'), rules: forwardAppendedRules(input) });
  return [...jumps, ...hookRules('filter', 'FORWARD', 'append', appended)];
}

function hookRules(
  table: TableName,
  chain: Hook,
  place: HookSpec['place'],
  rules: readonly RuleSpec[],
): readonly HookSpec[] {
  return rules.map((rule) => ({ table, chain, place, rule }));
}
