import { text } from '../../explain/language.ts';

export const TEST_WORDS = {
  summary: text('{passed} passed, {failed} failed, {skipped} skipped', '{passed} 通过，{failed} 失败，{skipped} 跳过'),
  unrun: text('stopped: {count} tests were not run', '已停止：{count} 个测试没有运行'),
  skipped: text('(skipped: {why})', '（跳过：{why}）'),
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

export const MUTATION_WORDS = {
  summary: text('Mutants: {noticed} of {all} noticed by a test', '变异：{all} 个中有 {noticed} 个被测试发现'),
  survived: text('Noticed by no test:', '没有测试发现：'),
  stopped: text('stopped: not all mutants were tried', '已停止：没有试完所有变异'),
} as const;
