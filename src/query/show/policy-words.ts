/** Words of `show policies`, in both languages. What stands in a policy is repeated as it is written. */
import { type Language, phrase, say, type Text, text } from '../../explain/language.ts';

export const SHOWN = {
  none: text('No NetworkPolicy.', '没有 NetworkPolicy。'),
  noneSelects: text('No NetworkPolicy selects {pod}: all is allowed.', '没有 NetworkPolicy 选中 {pod}：全部放行。'),
  selects: text('selects {selector} in {namespace}: {pods}', '选中 {namespace} 中的 {selector}：{pods}'),
  selectsAny: text('selects {selector}', '选中 {selector}'),
  noPod: text('no Pod', '没有 Pod'),
  nothing: text('{direction}: nothing is allowed', '{direction}：什么都不放行'),
  ingress: text('{rule}: from {peers} on {ports}', '{rule}：来自 {peers}，端口 {ports}'),
  egress: text('{rule}: to {peers} on {ports}', '{rule}：去往 {peers}，端口 {ports}'),
  anywhere: text('anywhere', '任何地方'),
  allPorts: text('all ports', '全部端口'),
  or: text('or', '或'),
  except: text('{network} except {holes}', '{network}（{holes} 除外）'),
  podsHere: text('{pods} in this namespace', '本命名空间中的 {pods}'),
  podsThere: text('{pods} in namespaces {selector}', '命名空间 {selector} 中的 {pods}'),
  allPods: text('all Pods', '所有 Pod'),
  somePods: text('Pods {selector}', 'Pod {selector}'),
  order: text('tier {tier}, order {order}{stage}', '层 {tier}，顺序 {order}{stage}'),
  last: text('tier {tier}, without an order, so last{stage}', '层 {tier}，没有 order，因此在最后{stage}'),
  staged: text('staged: it is not enforced', '暂存（staged）：不会执行'),
  noRule: text('{direction}: no rule', '{direction}：没有规则'),
} as const satisfies Record<string, Text>;

export type Say = (words: Text, values?: Readonly<Record<string, string>>) => string;

export function sayIn(language: Language): Say {
  return (words, values = {}) => say(phrase(words, values), language);
}
