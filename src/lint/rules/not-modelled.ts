/** Kinds that nettrace passes over. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const notModelled = fromWarning({
  id: 'not-modelled',
  severity: 'info',
  title: text('A kind that is not emulated', '未被模拟的类型'),
  why: text(
    "It may decide about packets, and nettrace's answers leave it out.",
    '它可能影响数据包，而 nettrace 的回答没有考虑它。',
  ),
  source: 'nettrace',
});
