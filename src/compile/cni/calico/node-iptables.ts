/** All of Felix's chains on one node, and its jumps from the kernel's chains. */
import type { NetworkPolicy } from '../../../cluster/objects.ts';
import type { Hook, TableName } from '../../../kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { ChainSpec, HookSpec, IptablesSpec } from '../../../kernel/netns-spec.ts';
import { lazy } from '../../../lib/lazy.ts';
import type { CalicoContext } from './context.ts';
import { dispatchChains } from './dispatch.ts';
import { endpointChainName, endpointRules, profileChainName, profileRules } from './endpoint-chain.ts';
import { action, appendedRulesOf, type FelixChain, type FelixRule, renderChain } from './felix-rule.ts';
import { policiesSelecting } from './policies-selecting.ts';
import type { Direction } from './policy.ts';
import { groupPolicies, groupRules, type PolicyGroup, type PolicyRenderer } from './policy-chains.ts';
import type { SetRequest } from './policy-rules.ts';
import { type Static, staticInput } from './static.ts';
import { filterChains, forwardAppendedRules } from './static-filter.ts';
import { mangleChains, natChains, rawChains } from './static-other.ts';
import type { Workload } from './workload.ts';

export type NodeIptables = {
  readonly iptables: IptablesSpec;
  /** Every set that a policy on this node looks into. */
  readonly sets: readonly SetRequest[];
};

export function nodeIptables(context: CalicoContext, renderPolicy: PolicyRenderer, node: string): NodeIptables {
  const input = staticInput(context);
  const workloads = context.workloadsOn(node);
  const policies = new Map<string, readonly [NetworkPolicy, Direction]>();
  const groups = new Map<string, readonly [PolicyGroup, Direction]>();
  const chains: ChainSpec[] = [];
  for (const workload of workloads) {
    for (const direction of DIRECTIONS) {
      const selecting = workload.pod === undefined ? [] : policiesSelecting(context.cluster, workload.pod, direction);
      const grouped = groupPolicies(selecting, direction, context.version);
      for (const policy of selecting)
        policies.set(`${direction} ${policy.namespace}/${policy.name}`, [policy, direction]);
      for (const group of grouped) if (group.policies.length > 1) groups.set(group.chain, [group, direction]);
      const { version } = context;
      const policyChains = grouped.map(({ chain }) => chain);
      chains.push(
        filterChain(endpointChainName(workload.hostInterface, direction), () =>
          endpointRules({ workload, direction, policies: selecting, policyChains, context: input, version }),
        ),
      );
    }
  }
  const rendered = [...policies.values()].map(([policy, direction]) => renderPolicy(policy, direction));
  return {
    iptables: {
      chains: [
        ...staticChains(input),
        ...dispatch(workloads, input),
        ...chains,
        ...[...groups.values()].map(([group, direction]) =>
          filterChain(group.chain, () => groupRules(group, direction, context.version, input.marks, input.origins)),
        ),
        ...rendered.map(({ name, rules }) => filterChain(name, () => rules)),
        ...profileChains(workloads, input),
      ],
      hooks: hooks(context, input),
    },
    sets: rendered.flatMap(({ sets }) => sets),
  };
}

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

function filterChain(name: string, rules: () => readonly FelixRule[]): ChainSpec {
  return { table: 'filter', chain: name, rules: lazy(() => renderChain({ name, rules: rules() })) };
}

function staticChains(input: Static): readonly ChainSpec[] {
  const tables: readonly (readonly [TableName, readonly FelixChain[]])[] = [
    ['raw', rawChains(input)],
    ['mangle', mangleChains(input)],
    ['nat', natChains(input)],
    ['filter', filterChains(input)],
  ];
  return tables.flatMap(([table, chains]) =>
    chains.map((chain) => ({ table, chain: chain.name, rules: lazy(() => renderChain(chain)) })),
  );
}

function dispatch(workloads: readonly Workload[], { deny, origins }: Static): readonly ChainSpec[] {
  const interfaces = workloads.map(({ hostInterface }) => hostInterface);
  const origin = { plumbing: origins.plumbing(), unknown: origins.unknownWorkload() };
  return (['from', 'to'] as const)
    .flatMap((direction) => dispatchChains(direction, interfaces, deny, origin))
    .map(({ name, rules }) => filterChain(name, () => rules));
}

function profileChains(workloads: readonly Workload[], input: Static): readonly ChainSpec[] {
  const profiles = new Map(
    workloads.flatMap((workload) => workload.profiles).map((profile) => [profile.name, profile]),
  );
  return [...profiles.values()].flatMap(({ name, allows }) =>
    DIRECTIONS.map((direction) =>
      filterChain(profileChainName(name, direction), () => profileRules(name, allows, direction, input)),
    ),
  );
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
