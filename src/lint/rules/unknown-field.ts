/** Unknown fields, where --lenient lets them pass. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const unknownField = fromWarning({
  id: 'unknown-field',
  severity: 'warning',
  title: text('A field that does not exist', '不存在的字段'),
  why: text(
    'The API server drops it in silence, or refuses the object: what it says has no effect. (With --lenient; an error otherwise.)',
    'API server 会忽略它或拒绝该对象：其内容不起作用。（仅 --lenient；否则为错误。）',
  ),
  source: 'KEP-2885: server-side field validation',
});
