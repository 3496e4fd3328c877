import { text } from '../../explain/language.ts';
import type { Severity } from '../../lint/rule.ts';

export const SEVERITY_WORDS = {
  error: text('error', '错误'),
  warning: text('warning', '警告'),
  info: text('info', '提示'),
} as const satisfies Readonly<Record<Severity, unknown>>;

export const LINT_WORDS = {
  summary: text('errors: {error}, warnings: {warning}, infos: {info}', '错误：{error}，警告：{warning}，提示：{info}'),
  clean: text('nothing found', '没有发现问题'),
  severity: text('Severity: {severity}', '级别：{severity}'),
  source: text('Source: {source}', '来源：{source}'),
  suppress: text(
    'To suppress: # nettrace-lint-disable-next-line {rule}, or the annotation nettrace/lint-disable: {rule}',
    '抑制方法：# nettrace-lint-disable-next-line {rule}，或注解 nettrace/lint-disable: {rule}',
  ),
} as const;
