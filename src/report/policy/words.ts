/** Words of the reports about policies, in both languages. */
import { type Text, text } from '../../explain/language.ts';
import type { Exemption } from '../../policy/judge.ts';
import type { Decision, HostExemption, HostView, PolicyVerdict, TierView } from '../../query/policy/policy-answer.ts';

export const POLICY_VERDICTS: Readonly<Record<PolicyVerdict, Text>> = {
  allow: text('ALLOW', 'ALLOW 允许'),
  deny: text('DENY', 'DENY 拒绝'),
  undetermined: text('UNDETERMINED', 'UNDETERMINED 无法判断'),
};

export const DIRECTION_WORDS = {
  egress: text('Egress of {end}', '{end} 的出站方向'),
  ingress: text('Ingress of {end}', '{end} 的入站方向'),
} as const;

export const EXEMPTIONS: Readonly<Record<Exemption | HostExemption, Text>> = {
  'no-pod': text('no Pod that policies could select', '不是策略可选中的 Pod'),
  'not-enforced': text('the plugin enforces no policies', '插件不执行策略'),
  itself: text('the Pod reaches its own address', 'Pod 访问自己的地址'),
  'own-node': text('from the node of the Pod', '来自 Pod 所在的节点'),
  failsafe: text('a failsafe port: no policy can close it', 'failsafe 端口：任何策略都无法关闭'),
  'endpoint-to-host': text(
    'what Pods send to their own node is dropped (FelixConfiguration defaultEndpointToHostAction)',
    'Pod 发往所在节点的流量被丢弃（FelixConfiguration defaultEndpointToHostAction）',
  ),
};

/** What a host endpoint judges, and where. */
export const HOST_WORDS: Readonly<Record<HostView['way'] | 'pods', Text>> = {
  own: text('{of} {device}', '{of} 的 {device}'),
  forwarded: text('{of} {device}, forwarded', '{of} 的 {device}（转发）'),
  ipip: text('{of} {device}, the IPIP packet around it', '{of} 的 {device}（外层 IPIP 报文）'),
  vxlan: text('{of} {device}, the VXLAN packet around it', '{of} 的 {device}（外层 VXLAN 报文）'),
  solicitation: text('{of} {device}, the question for the neighbour', '{of} 的 {device}（邻居请求报文）'),
  advertisement: text('{of} {device}, the answer of the neighbour', '{of} 的 {device}（邻居通告报文）'),
  pods: text('its own Pods', '本机 Pod'),
};

/** Stages of a host endpoint as Calico's fields call them. */
export const STAGE_WORDS: Readonly<Record<NonNullable<TierView['stage']>, Text>> = {
  untracked: text('tier {tier} (doNotTrack): {decision}', '层 {tier}（doNotTrack）：{decision}'),
  'pre-dnat': text('tier {tier} (preDNAT): {decision}', '层 {tier}（preDNAT）：{decision}'),
  forward: text('tier {tier} (applyOnForward): {decision}', '层 {tier}（applyOnForward）：{decision}'),
  profiles: text('profiles: {decision}', 'profile：{decision}'),
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
  byEndpoint: text('{policy}: nothing admits it', '{policy}：没有任何规则放行'),
  openEndpoint: text('no policy of {endpoint} is for it', '{endpoint} 没有针对它的策略'),
  byDefault: text('selected by {policy}, and no rule matches', '被 {policy} 选中，但没有规则匹配'),
  tier: text('tier {tier}: {decision}', '层 {tier}：{decision}'),
  tierEnd: text('tier {tier}: {decision} at its end', '层 {tier}：在层末{decision}'),
  policy: text('{policy}: {decision}', '{policy}：{decision}'),
  rule: text('{rule}: {said}', '{rule}：{said}'),
  matches: text('matches', '匹配'),
  late: text('matches, decided before', '匹配，但此前已有决定'),
  noRules: text('it has no rules: nothing matches', '没有规则：什么都不匹配'),
  note: text('Note: {message}', '注意：{message}'),
} as const satisfies Record<string, Text>;

export const CONNECTIVITY_WORDS = {
  nothing: text('No connections are allowed.', '没有允许的连接。'),
  always: text('{name} (every Pod: {always})', '{name}（每个 Pod：{always}）'),
  byPolicy: text('{connections}: {policy}', '{connections}：{policy}'),
  deniedBy: text('not {connections}: {policy}', '不允许 {connections}：{policy}'),
  noPolicy: text('no policy decides about it', '没有策略对其作出决定'),
  selectedBy: text('selected by {policy}, and no rule matches', '被 {policy} 选中，但没有规则匹配'),
  exposure: text('Exposure', '暴露面'),
  unprotected: text('No policy selects for {direction}: {names}', '在 {direction} 方向没有策略选中：{names}'),
  protectedAll: text(
    'Policies select every workload for {direction}.',
    '所有工作负载在 {direction} 方向都有策略选中。',
  ),
  potential: text(
    'A Pod to come with just these labels may use (entire-cluster: without any, in a new namespace)',
    '尚不存在的 Pod，仅带有这些标签时可使用（整个集群：不带标签，位于新的命名空间）',
  ),
} as const satisfies Record<string, Text>;

export const DIFF_WORDS = {
  opened: text('Opened', '新开放'),
  closed: text('Closed', '已关闭'),
  changed: text('Changed', '已改变'),
  byAdded: text('With new workloads', '随新增工作负载而来'),
  byRemoved: text('With workloads that are gone', '随移除的工作负载而去'),
  row: text('{src} -> {dst}: {allowed}', '{src} -> {dst}：{allowed}'),
  changedRow: text('{src} -> {dst}: {allowed}, before: {before}', '{src} -> {dst}：{allowed}，之前：{before}'),
  sameRow: text('{src} -> {dst}: {allowed} as before', '{src} -> {dst}：{allowed}，同前'),
  somePodsOpened: text('{row} (opened for some Pods: {opened})', '{row}（对部分 Pod 新开放：{opened}）'),
  somePodsClosed: text('{row} (closed for some Pods: {closed})', '{row}（对部分 Pod 关闭：{closed}）'),
  addedWorkloads: text('Workloads added: {names}', '新增的工作负载：{names}'),
  removedWorkloads: text('Workloads removed: {names}', '移除的工作负载：{names}'),
  same: text('The same connections are allowed.', '允许的连接没有变化。'),
} as const satisfies Record<string, Text>;

export const MATRIX_WORDS = {
  legend: text(
    '. delivered   X dropped or rejected   # some paths only   ? undetermined',
    '. 送达   X 丢弃或拒绝   # 仅部分路径   ? 无法判断',
  ),
  stopped: text('Stopped: {missing} places were not asked.', '已停止：{missing} 格未计算。'),
} as const satisfies Record<string, Text>;

/** Connection sets are written as data is; only what is no name of a protocol has words. */
export function connectionWords(connections: string): Text {
  return text(
    connections,
    CHINESE.reduce((words, [english, chinese]) => words.replace(english, chinese), connections),
  );
}

const CHINESE = [
  ['All Connections', '全部连接'],
  ['No Connections', '没有连接'],
  ['other protocols', '其他协议'],
] as const;
