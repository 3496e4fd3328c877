/** What a rule of lint is, and what it finds. Rules are data with one function; `rules/index.ts` lists them. */
import { sayKind, writtenKind } from '../cluster/policy/written-kind.ts';
import type { PathSegment, Source } from '../cluster/source.ts';
import { type Phrase, phrase, type Text } from '../explain/language.ts';
import type { Issue, Position } from '../lib/result.ts';
import type { LintContext } from './context.ts';

/** The worst first. */
export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type LintRule = {
  /** Stable kebab-case name: people write it in suppressions. */
  readonly id: string;
  readonly severity: Severity;
  /** One line: what is found. */
  readonly title: Text;
  /** What goes wrong because of it. */
  readonly why: Text;
  /** Where that is written: a page of the documentation, an upstream file, a tool that has the check. */
  readonly source: string;
  check(context: LintContext): Iterable<Found>;
};

/** An object of the input, as far as a finding names it. */
export type LintedObject = {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly source?: Source | undefined;
};

export type Found =
  | {
      readonly kind: 'object';
      readonly object: LintedObject;
      /** Below the object; the finding stands at the field, or at the nearest that exists. */
      readonly path: readonly PathSegment[];
      readonly what: 'key' | 'value';
      readonly message: Phrase;
      readonly hint: Phrase | undefined;
    }
  /** The loader has found it: its words are in English only. */
  | { readonly kind: 'issue'; readonly issue: Issue }
  /** A line of a file, where no object has a part in it. */
  | { readonly kind: 'line'; readonly at: Position; readonly message: Phrase; readonly hint: Phrase | undefined };

export type Finding = {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: Phrase;
  readonly hint: Phrase | undefined;
  readonly at: Position | undefined;
  /** `NetworkPolicy shop/db` */
  readonly object: string | undefined;
};

type Values = Phrase['values'];

export function found(
  object: LintedObject,
  path: readonly PathSegment[],
  message: Text,
  values: Values = {},
  extra: { readonly hint?: Text; readonly what?: 'key' } = {},
): Found {
  const hint = extra.hint === undefined ? undefined : phrase(extra.hint, values);
  return { kind: 'object', object, path, what: extra.what ?? 'value', message: phrase(message, values), hint };
}

export function nameOf({ kind, namespace, name }: LintedObject): string {
  return `${sayKind(writtenKind(kind))} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** At most so many names in one message, then how many more there are. */
export function listNames(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return more <= 0 ? names.join(', ') : `${names.slice(0, most).join(', ')} (+${more})`;
}
