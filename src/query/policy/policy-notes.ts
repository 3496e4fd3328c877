/** What a reader must know beside the verdict: where the plugin decides, and what was left out. */
import type { Pod } from '../../cluster/objects.ts';
import { UNSUPPORTED_WORDS } from '../../explain/end-miss-words.ts';
import { type Phrase, phrase, type Text, text } from '../../explain/language.ts';
import { groupBy } from '../../lib/group-by.ts';
import { type ConnectionSet, isEmpty, printConnections, subtract } from '../../policy/connection-set.ts';
import type { End } from '../../policy/end.ts';
import { fromCalicoPolicy } from '../../policy/from-calico-policy.ts';
import { fromNetworkPolicy } from '../../policy/from-network-policy.ts';
import type { DirectionJudgement, judgeConnection, PolicyWorld } from '../../policy/judge.ts';
import { missOfSubject } from '../../policy/match-end.ts';
import { sayPolicy } from '../../policy/say-policy.ts';
import { hostNotes } from './host-notes.ts';
import type { PolicyNote } from './policy-answer.ts';
import type { NamedEnd } from './policy-ends.ts';

const NOTES = {
  POLICY_NOT_ENFORCED: text(
    'The CNI plugin {plugin} enforces no policies: everything is allowed, whatever the policies say ({would})',
    'CNI 插件 {plugin} 不执行任何策略：无论策略怎么写，全部放行（{would}）',
  ),
  POLICY_ITSELF: text(
    'A Pod always reaches its own address. Through a Service of its own the plugin decides: Calico then asks its policies',
    'Pod 总能访问自己的地址。经由自己的 Service 访问时由插件决定：Calico 会检查其策略',
  ),
  POLICY_OWN_NODE: text(
    "A node always reaches the Pods that run on it (plugin's choice: Calico)",
    '节点总能访问运行在其上的 Pod（插件决定：Calico）',
  ),
  POLICY_HOST_NETWORK: text(
    "{pod} is on the host network: no policy selects it, and others see the address of its node (plugin's choice: Calico)",
    '{pod} 使用主机网络：没有策略能选中它，其他 Pod 看到的是其节点的地址（插件决定：Calico）',
  ),
  POLICY_BLOCK_MEANS_PODS: text(
    "{policy} lets an address range decide about a Pod: whether ranges mean Pods is the plugin's choice, and with Calico they do",
    '{policy} 用地址段判断 Pod：地址段是否包含 Pod 由插件决定，Calico 包含',
  ),
  POLICY_PORT_MATTERS: text(
    'The verdict depends on the port: allowed is {allowed}',
    '结论取决于端口：允许的是 {allowed}',
  ),
  POLICY_STAGED: text('Staged and not enforced: {policies}', '仅暂存、未执行：{policies}'),
  POLICY_FAILS_CLOSED: text(
    "{policy} {rule} cannot be turned into rules, so it denies everything (plugin's choice: {why})",
    '{policy} {rule} 无法转换成规则，因此拒绝一切（插件决定：{why}）',
  ),
  POLICY_CHAIN_REFUSED: text(
    '{policy} {rule} has protocol beside notProtocol, which iptables refuses: Felix cannot program its chain, and what the chain does is not known',
    '{policy} {rule} 同时使用了 protocol 和 notProtocol，iptables 拒绝该规则：Felix 无法下发该链，其作用未知',
  ),
  POLICY_SAME_PRIORITY: text(
    'The order of {policies} is undefined: they have the same priority. Calico asks them by name',
    '{policies} 优先级相同，顺序未定义。Calico 按名称顺序检查',
  ),
} as const satisfies Record<string, Text>;

type Judged = ReturnType<typeof judgeConnection>;

export type NotesInput = {
  readonly world: PolicyWorld;
  readonly from: NamedEnd;
  readonly to: NamedEnd;
  readonly met: { readonly source: End; readonly destination: End };
  readonly judged: Judged;
  readonly asked: ConnectionSet;
};

export function notesOf({ world, from, to, met, judged, asked }: NotesInput): readonly PolicyNote[] {
  const { profile } = world;
  const notes: PolicyNote[] = [];
  const note = (code: keyof typeof NOTES, values: Phrase['values'] = {}): void => {
    notes.push({ code, message: phrase(NOTES[code], values) });
  };
  const directions = [judged.egress, judged.ingress];
  const exempt = (what: DirectionJudgement['exemption']): boolean =>
    directions.some(({ exemption }) => exemption === what);
  if (!profile.enforces && directions.some(({ tiers }) => tiers.length > 0)) {
    const would = directions.every(({ byPolicies }) => isEmpty(subtract(asked, byPolicies)))
      ? phrase(WOULD.allow)
      : phrase(WOULD.deny);
    note('POLICY_NOT_ENFORCED', { plugin: profile.plugin, would });
  }
  if (exempt('itself')) note('POLICY_ITSELF');
  if (exempt('own-node')) note('POLICY_OWN_NODE');
  for (const { name, pod } of [from, to]) if (pod?.hostNetwork === true) note('POLICY_HOST_NETWORK', { pod: name });
  for (const policy of blocksAboutPods(directions, met)) note('POLICY_BLOCK_MEANS_PODS', { policy });
  if (!isEmpty(judged.allowed) && !isEmpty(subtract(asked, judged.allowed))) {
    note('POLICY_PORT_MATTERS', { allowed: printConnections(judged.allowed, asked) });
  }
  for (const { policy, rule, why } of failingClosed(directions)) note('POLICY_FAILS_CLOSED', { policy, rule, why });
  for (const { policy, rule } of refused(judged)) note('POLICY_CHAIN_REFUSED', { policy, rule });
  for (const policies of samePriorities(directions)) note('POLICY_SAME_PRIORITY', { policies });
  const staged = stagedFor(world, met);
  if (staged.length > 0) note('POLICY_STAGED', { policies: staged.join(', ') });
  notes.push(...hostNotes(judged.hosts, met));
  return notes;
}

const WOULD = {
  allow: text('they would allow it', '按策略会放行'),
  deny: text('they would not allow all of it', '按策略不会全部放行'),
};

/** Rules that decided and whose peer is a range that holds the other Pod. */
function blocksAboutPods(
  directions: readonly DirectionJudgement[],
  { source, destination }: NotesInput['met'],
): readonly string[] {
  const found = directions.flatMap(({ direction, tiers }) => {
    const peer: Pod | undefined = (direction === 'ingress' ? source : destination).pod;
    if (peer === undefined) return [];
    return tiers.flatMap(({ policies }) =>
      policies
        .filter(({ rules }) =>
          rules.some(
            ({ rule, decided }) => !isEmpty(decided) && (rule.peers ?? []).some(({ kind }) => kind === 'nets'),
          ),
        )
        .map(({ policy }) => sayPolicy(policy)),
    );
  });
  return [...new Set(found)];
}

function failingClosed(directions: readonly DirectionJudgement[]) {
  return directions.flatMap(({ tiers }) =>
    tiers.flatMap(({ policies }) =>
      policies.flatMap(({ policy, rules }) =>
        rules.flatMap(({ rule, decided }) =>
          rule.failsClosed === undefined || isEmpty(decided)
            ? []
            : [{ policy: sayPolicy(policy), rule: rule.field, why: phrase(UNSUPPORTED_WORDS[rule.failsClosed]) }],
        ),
      ),
    ),
  );
}

/** Rules that keep the chain of their policy from being programmed, where it matters. */
function refused({ egress, ingress, hosts, unknown }: Judged): readonly { policy: string; rule: string }[] {
  if (isEmpty(unknown)) return [];
  const asked = [
    egress.tiers,
    ingress.tiers,
    ...hosts.flatMap(({ stages }) => stages.map(({ tiers }) => tiers)),
  ].flat();
  const found = asked
    .filter((tier) => !isEmpty(tier.unknown))
    .flatMap(({ policies }) => policies)
    .flatMap(({ policy, rules }) =>
      rules
        .filter(({ rule }) => rule.refusedIn !== undefined)
        .map(({ rule }) => ({ policy: sayPolicy(policy), rule: rule.field })),
    );
  return [...groupBy(found, ({ policy, rule }) => `${policy} ${rule}`).values()].flatMap(([first]) => first ?? []);
}

/** Of the admin tiers, where the API leaves the order of equal priorities open. */
function samePriorities(directions: readonly DirectionJudgement[]): readonly string[] {
  const found = directions.flatMap(({ tiers }) =>
    tiers
      .filter(({ tier }) => tier.name !== 'default')
      .flatMap(({ policies }) => {
        const admin = policies.map(({ policy }) => policy).filter(({ api }) => api !== 'calico');
        return [...groupBy(admin, ({ order }) => order).values()].filter(({ length }) => length > 1);
      }),
  );
  return [...new Set(found.map((policies) => policies.map(sayPolicy).join(', ')))];
}

/** Staged policies that would select one of the ends. */
function stagedFor({ cluster }: PolicyWorld, { source, destination }: NotesInput['met']): readonly string[] {
  return cluster.stagedPolicies
    .filter(({ policy }) => {
      const { subject } = policy.kind === 'NetworkPolicy' ? fromNetworkPolicy(policy) : fromCalicoPolicy(policy);
      return [source, destination].some((end) => missOfSubject(cluster, subject, end) === undefined);
    })
    .map(({ kind, namespace, name }) => `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`);
}
