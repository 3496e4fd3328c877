import { type Text, text } from '../../explain/language.ts';
import type { IdleReason } from '../../suite/coverage/idle.ts';

export const TEST_WORDS = {
  summary: text('{passed} passed, {failed} failed, {skipped} skipped', '{passed} 通过，{failed} 失败，{skipped} 跳过'),
  unrun: text('stopped: {count} tests were not run', '已停止：{count} 个测试没有运行'),
  skipped: text('(skipped: {why})', '（跳过：{why}）'),
  knownFailure: text('(fails as expected: {why})', '（如预期失败：{why}）'),
  more: text('and {count} more', '还有 {count} 个'),
} as const;

export const COVERAGE_WORDS = {
  title: text('Coverage of policies and Services: {percent} %', '策略与 Service 覆盖率：{percent} %'),
  missed: text('Decided by no test:', '没有测试涉及：'),
  covered: text('covered', '已覆盖'),
  uncovered: text('missed', '未覆盖'),
  policy: text('policies', '策略'),
  rule: text('rules', '规则'),
  peer: text('peers', '对端'),
  port: text('ports', '端口'),
  service: text('Services', 'Service'),
} as const;

/** Why no test can cover a policy or a rule, behind its name. */
export const IDLE_WORDS: Readonly<Record<IdleReason, Text>> = {
  'not-enforced': text('the plugin enforces no policies', '该插件不执行任何策略'),
  'selects-nobody': text('no Pod is selected', '没有选中任何 Pod'),
  'means-nobody': text('no Pod and no address fits', '没有符合的 Pod 或地址'),
  'decided-before': text('all that it is for is decided before it', '它针对的一切都在它之前已有决定'),
};

export const MUTATION_WORDS = {
  summary: text('Mutants: {noticed} of {all} noticed by a test', '变异：{all} 个中有 {noticed} 个被测试发现'),
  equivalent: text('Not counted, for no connection changes:', '不计入，因为没有连接改变：'),
  opens: text('opens {src} -> {dst}: {connections}', '开放 {src} -> {dst}：{connections}'),
  closes: text('closes {src} -> {dst}: {connections}', '关闭 {src} -> {dst}：{connections}'),
  test: text('would be noticed by {test}', '可由此测试发现：{test}'),
  survived: text('Noticed by no test:', '没有测试发现：'),
  stopped: text('stopped: not all mutants were tried', '已停止：没有试完所有变异'),
} as const;
