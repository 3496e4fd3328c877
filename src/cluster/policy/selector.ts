/** Calico's selectors over labels: their meaning and their canonical text, from which the names of IP sets are made. */
import { assertNever } from '../../lib/assert.ts';

export type Selector =
  | { readonly kind: 'all' | 'global' }
  | { readonly kind: 'has'; readonly label: string }
  | {
      readonly kind: 'equal' | 'not-equal' | 'contains' | 'starts-with' | 'ends-with';
      readonly label: string;
      readonly value: string;
    }
  | { readonly kind: 'in' | 'not-in'; readonly label: string; readonly values: readonly string[] }
  | { readonly kind: 'not'; readonly operand: Selector }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Selector[] };

/** Looks a label up; undefined where there is none. */
export type LabelLookup = (label: string) => string | undefined;

/** Whether labels satisfy the selector. `!=` and `not in` hold for a missing label, all other comparisons do not. */
export function selects(selector: Selector, labels: LabelLookup): boolean {
  switch (selector.kind) {
    case 'all':
    case 'global':
      return true;
    case 'has':
      return labels(selector.label) !== undefined;
    case 'equal':
      return labels(selector.label) === selector.value;
    case 'not-equal':
      return labels(selector.label) !== selector.value;
    case 'contains':
      return labels(selector.label)?.includes(selector.value) ?? false;
    case 'starts-with':
      return labels(selector.label)?.startsWith(selector.value) ?? false;
    case 'ends-with':
      return labels(selector.label)?.endsWith(selector.value) ?? false;
    case 'in':
    case 'not-in': {
      const value = labels(selector.label);
      return (value !== undefined && selector.values.includes(value)) === (selector.kind === 'in');
    }
    case 'not':
      return !selects(selector.operand, labels);
    case 'and':
      return selector.operands.every((operand) => selects(operand, labels));
    case 'or':
      return selector.operands.some((operand) => selects(operand, labels));
    default:
      return assertNever(selector);
  }
}

const OPERATORS = {
  equal: '==',
  'not-equal': '!=',
  contains: 'contains',
  'starts-with': 'starts with',
  'ends-with': 'ends with',
  in: 'in',
  'not-in': 'not in',
  and: ' && ',
  or: ' || ',
} as const;

/** The form in which libcalico-go hashes it (libcalico-go/lib/selector/parser/ast.go: collectFragments). */
export function printSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'all':
    case 'global':
      return `${selector.kind}()`;
    case 'has':
      return `has(${selector.label})`;
    case 'equal':
    case 'not-equal':
    case 'contains':
    case 'starts-with':
    case 'ends-with':
      return `${selector.label} ${OPERATORS[selector.kind]} ${quote(selector.value)}`;
    case 'in':
    case 'not-in': {
      const values = [...new Set(selector.values)].sort(compareText).map(quote).join(', ');
      return `${selector.label} ${OPERATORS[selector.kind]} {${values}}`;
    }
    case 'not':
      return `!${printSelector(selector.operand)}`;
    case 'and':
    case 'or':
      return `(${selector.operands.map(printSelector).join(OPERATORS[selector.kind])})`;
    default:
      return assertNever(selector);
  }
}

/** All of them at once; a single one stands for itself, as it does for Calico's parser. */
export function allOf(operands: readonly Selector[]): Selector {
  const [only, ...others] = operands;
  if (only === undefined) return { kind: 'all' };
  return others.length === 0 ? only : { kind: 'and', operands };
}

/** Order of code units: label values are ASCII, and Go sorts bytes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function quote(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
