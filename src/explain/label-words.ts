/** Requirements of label selectors, and labels, as every report writes them. */
import type { LabelMiss } from '../cluster/selector.ts';
import { assertNever } from '../lib/assert.ts';

/** What a selector asked for: `app=web`, `tier in (a, b)`, `no legacy`. */
export function printNeed({ key, operator, values }: LabelMiss): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`;
    case 'NotIn':
      return `${key} not in (${values.join(', ')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `no ${key}`;
    default:
      return assertNever(operator);
  }
}

/** What the labels have in its place. */
export function printHas({ key, has }: LabelMiss): string {
  return has === undefined ? `no ${key}` : `${key}=${has}`;
}
