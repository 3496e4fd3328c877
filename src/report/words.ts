/** The report's own words in both languages. Terms of Linux and Kubernetes stay as they are. */
import type { Symptom } from '../explain/codes/entry.ts';
import { type Text, text } from '../explain/language.ts';
import type { Verdict } from '../explain/verdict.ts';

export const VERDICT_WORDS: Readonly<Record<Verdict, Text>> = {
  delivered: text('DELIVERED', 'DELIVERED 送达'),
  dropped: text('DROPPED', 'DROPPED 丢弃'),
  rejected: text('REJECTED', 'REJECTED 拒绝'),
  mixed: text('MIXED', 'MIXED 结果不一'),
  undetermined: text('UNDETERMINED', 'UNDETERMINED 无法判断'),
};

export const SYMPTOM_WORDS: Readonly<Record<Symptom, Text>> = {
  connected: text('connected', '连接成功'),
  refused: text('refused at once', '立即被拒绝'),
  timeout: text('timeout', '超时'),
  unreachable: text('unreachable', '不可达'),
  'permission-denied': text('permission denied', '权限不足（permission denied）'),
  'name-error': text('name error', '域名解析失败'),
  hangs: text('connects, then hangs with large packets', '可以连接，但传输大包时挂起'),
  'http-403': text('HTTP 403', 'HTTP 403'),
  'http-404': text('HTTP 404', 'HTTP 404'),
  'http-500': text('HTTP 500', 'HTTP 500'),
  'http-502': text('HTTP 502', 'HTTP 502'),
  'http-503': text('HTTP 503', 'HTTP 503'),
  'http-504': text('HTTP 504', 'HTTP 504'),
};

/** What the usual tool prints: curl for TCP, ping for ICMP. It is never translated. */
export const TOOL_WORDS: Readonly<Record<'tcp' | 'icmp', Readonly<Partial<Record<Symptom, string>>>>> = {
  tcp: {
    refused: 'curl: (7) Connection refused',
    timeout: 'curl: (28)',
    unreachable: 'curl: (7) No route to host',
    'name-error': 'curl: (6) Could not resolve host',
  },
  icmp: {
    refused: 'ping: Destination Port Unreachable',
    unreachable: 'ping: Destination Host Unreachable',
    'name-error': 'ping: Name or service not known',
  },
};

export const DIRECTION_WORDS: Readonly<Record<'ingress' | 'egress', Text>> = {
  ingress: text('ingress', '入站'),
  egress: text('egress', '出站'),
};

export const WORDS = {
  clientSees: text('The client sees: {symptom}.', '客户端看到：{symptom}。'),
  byTool: text('{symptom} ({tool})', '{symptom}（{tool}）'),
  code: text('Code: {code}', '代码：{code}'),
  backends: text('Backends: {good} of {all} delivered', '后端：{all} 个中 {good} 个可达'),
  backend: text('Backend', '后端'),
  noBackend: text('no backend', '无后端'),
  paths: text('Path: {share} of the connections', '路径：{share} 的连接'),
  samePaths: text(
    '{count} paths end alike; shown is the one to {backend}',
    '{count} 条路径结果相同；显示到 {backend} 的一条',
  ),
  sameOnceMore: text('... the same places once more', '... 相同的位置又经过一次'),
  sameAgain: text('... the same places again, {count} times', '... 相同的位置又经过 {count} 次'),
  request: text('Request', '请求'),
  reply: text('Reply', '回包'),
  replyArrives: text(
    'The reply arrives with ttl {ttl}, back through {machines}.',
    '回包经 {machines} 返回，到达时 ttl 为 {ttl}。',
  ),
  refusal: text('The sender gets {what} from {from}.', '发送者收到来自 {from} 的 {what}。'),
  sourceSeen: text('The receiver sees the client as {address}.', '接收者看到的客户端地址是 {address}。'),
  sourceTranslated: text(
    'The receiver sees the client as {address}, not as {own}.',
    '接收者看到的客户端地址是 {address}，而不是 {own}。',
  ),
  policySaw: text(
    'The ingress policies of the receiver saw the client as {address}.',
    '接收者的入站策略看到的客户端地址是 {address}。',
  ),
  dns: text('DNS: {name} is {addresses}', 'DNS：{name} 解析为 {addresses}'),
  dnsFailed: text('DNS: {name} cannot be resolved', 'DNS：{name} 无法解析'),
  dnsQuery: text('asked {server} for {name}: {answer}', '向 {server} 查询 {name}：{answer}'),
  dnsLost: text('no answer', '没有应答'),
  dnsWalk: text('The way of the DNS query', 'DNS 查询的路径'),
  policies: text(
    'Policies that select {pod} for {direction}: {policies}',
    '在{direction}方向选中 {pod} 的策略：{policies}',
  ),
  noPolicies: text(
    'No policy selects {pod} for {direction}: all is allowed.',
    '没有策略在{direction}方向选中 {pod}：全部允许。',
  ),
  nearMiss: text('near miss: {miss}', '差一点匹配：{miss}'),
  blame: text('Decided by: {origin}', '决定者：{origin}'),
  presumedPath: text('If {what}', '若 {what}'),
  presumed: text('Taken for granted: {what}', '假定：{what}'),
  assumed: text('Assumed: {what}', '假设：{what}'),
  stats: text('Rules examined: {rules}, chains entered: {chains}.', '检查的规则：{rules}，进入的链：{chains}。'),
  more: text(
    'More: -v (every chain), -vv (every rule), -o tree|json, nettrace codes {code}',
    '更多：-v（每条链）、-vv（每条规则）、-o tree|json、nettrace codes {code}',
  ),
  moreDelivered: text(
    'More: -v (every chain), -vv (every rule), -o tree|json',
    '更多：-v（每条链）、-vv（每条规则）、-o tree|json',
  ),
  layer: text('Layer', '层'),
  symptom: text('The client sees', '客户端看到'),
  causes: text('Usual causes', '常见原因'),
  fixes: text('Usual fixes', '常见修复'),
  note: text('a note, it drops nothing', '仅为提示，不丢弃数据包'),
} as const satisfies Record<string, Text>;
