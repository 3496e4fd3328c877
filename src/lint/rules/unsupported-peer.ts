/** A rule of an administrator's policy that Calico cannot turn into rules of its own. */
import { text } from '../../explain/language.ts';
import { pathOfRule } from '../policy-facts.ts';
import { found, type LintRule } from '../rule.ts';

export const unsupportedPeer: LintRule = {
  id: 'unsupported-peer',
  severity: 'warning',
  title: text('A rule names what the plugin does not support', '规则使用了插件不支持的内容'),
  why: text(
    'A rule that accepts is left out; one that denies or passes denies everything in its place (fail closed).',
    '放行类规则会被忽略；拒绝或 Pass 类规则会改为拒绝一切（失败关闭）。',
  ),
  source: 'projectcalico: libcalico-go conversion.go (AdminNetworkPolicy)',
  *check({ policies }) {
    for (const entry of policies().rules()) {
      const { rule, policy } = entry;
      const left = (rule.peers ?? []).find((peer) => peer.kind === 'unsupported');
      if (rule.failsClosed !== undefined) yield found(policy, pathOfRule(entry), CLOSED, { what: rule.failsClosed });
      else if (left?.kind === 'unsupported') yield found(policy, pathOfRule(entry), LEFT_OUT, { what: left.what });
    }
  },
};

const CLOSED = text(
  'the plugin does not support {what} and denies everything in place of the rule',
  '插件不支持 {what}，会用拒绝一切代替该规则',
);
const LEFT_OUT = text('the plugin does not support {what} and leaves the rule out', '插件不支持 {what}，会忽略该规则');
