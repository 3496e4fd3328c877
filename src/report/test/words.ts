import { text } from '../../explain/language.ts';

export const TEST_WORDS = {
  summary: text('{passed} passed, {failed} failed, {skipped} skipped', '{passed} 通过，{failed} 失败，{skipped} 跳过'),
  unrun: text('stopped: {count} tests were not run', '已停止：{count} 个测试没有运行'),
  skipped: text('(skipped: {why})', '（跳过：{why}）'),
  more: text('and {count} more', '还有 {count} 个'),
} as const;
