/** The words of a comparison in both languages. */
import { type Text, text } from '../explain/language.ts';
import type { Difference } from '../query/compare/comparison.ts';

export const COMPARE_WORDS = {
  title: text("kube-proxy's modes side by side", 'kube-proxy 各模式对比'),
  result: text('Result', '结果'),
  code: text('Code', '代码'),
  backends: text('Backends', '后端'),
  others: text('{count} more', '另有 {count} 个'),
  sourceSeen: text('Client seen as', '看到的客户端地址'),
  rules: text('Rules examined', '检查的规则'),
  chains: text('Chains entered', '进入的链'),
  why: text('Why', '原因'),
  noDifference: text('A user notices no difference.', '用户感觉不到差别。'),
  differences: text('What differs: {aspects}.', '不同之处：{aspects}。'),
} as const satisfies Record<string, Text>;

export const DIFFERENCE_WORDS: Readonly<Record<Difference, Text>> = {
  outcome: text('what the client sees', '客户端看到的结果'),
  backends: text('the endpoints, or their shares', '后端或其比例'),
  sourceSeen: text("the client's address that the endpoint sees", '后端看到的客户端地址'),
  rulesExamined: text('the rules examined', '检查的规则数'),
};
