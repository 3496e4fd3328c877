/** Words of the reports about policies, in both languages. */
import { type Text, text } from '../../explain/language.ts';
import type { Exemption } from '../../policy/judge.ts';
import type { Decision, PolicyVerdict } from '../../query/policy/policy-answer.ts';

export const POLICY_VERDICTS: Readonly<Record<PolicyVerdict, Text>> = {
  allow: text('ALLOW', 'ALLOW 允许'),
  deny: text('DENY', 'DENY 拒绝'),
  undetermined: text('UNDETERMINED', 'UNDETERMINED 无法判断'),
};

export const DIRECTION_WORDS = {
  egress: text('Egress of {end}', '{end} 的出站方向'),
  ingress: text('Ingress of {end}', '{end} 的入站方向'),
} as const;

export const EXEMPTIONS: Readonly<Record<Exemption, Text>> = {
  'no-pod': text('no Pod that policies could select', '不是策略可选中的 Pod'),
  'not-enforced': text('the plugin enforces no policies', '插件不执行策略'),
  itself: text('the Pod reaches its own address', 'Pod 访问自己的地址'),
  'own-node': text('from the node of the Pod', '来自 Pod 所在的节点'),
};

export const DECISIONS: Readonly<Record<Decision, Text>> = {
  allow: text('allows', '允许'),
  deny: text('denies', '拒绝'),
  pass: text('passes on', '交给下一层'),
  mixed: text('decides by port', '取决于端口'),
  'no-match': text('no rule matches', '没有规则匹配'),
};

export const POLICY_WORDS = {
  unselected: text('no policy selects it', '没有策略选中它'),
  undecided: text('no policy decides about it', '没有策略对其作出决定'),
  byRule: text('{policy} {rule}', '{policy} {rule}'),
  byDefault: text('selected by {policy}, and no rule matches', '被 {policy} 选中，但没有规则匹配'),
  tier: text('tier {tier}: {decision}', '层 {tier}：{decision}'),
  tierEnd: text('tier {tier}: {decision} at its end', '层 {tier}：在层末{decision}'),
  policy: text('{policy}: {decision}', '{policy}：{decision}'),
  matches: text('matches', '匹配'),
  late: text('matches, decided before', '匹配，但此前已有决定'),
  noRules: text('it has no rules: nothing matches', '没有规则：什么都不匹配'),
  note: text('Note: {message}', '注意：{message}'),
} as const satisfies Record<string, Text>;
