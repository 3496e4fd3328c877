import { text } from '../../explain/language.ts';
import type { Severity } from '../../lint/rule.ts';

export const SEVERITY_WORDS = {
  error: text('error', '错误'),
  warning: text('warning', '警告'),
  info: text('info', '提示'),
} as const satisfies Readonly<Record<Severity, unknown>>;

export const LINT_WORDS = {
  summary: text('{error} errors, {warning} warnings, {info} infos', '{error} 个错误，{warning} 个警告，{info} 个提示'),
  clean: text('nothing found', '没有发现问题'),
  severity: text('Severity: {severity}', '级别：{severity}'),
  source: text('Source: {source}', '来源：{source}'),
  suppress: text(
    'To suppress: # nettrace-lint-disable-next-line {rule}, or the annotation nettrace/lint-disable: {rule}',
    '抑制方法：# nettrace-lint-disable-next-line {rule}，或注解 nettrace/lint-disable: {rule}',
  ),
} as const;
