/** Label selectors (apimachinery: labels.Requirement.Matches). */
import { assertNever } from '../lib/assert.ts';
import type { LabelSelector, Labels, SelectorRequirement } from './objects.ts';

/** The label, never an inherited property: a key may be called `constructor`. */
export function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** A requirement that labels do not meet, and what they have in its place. */
export type LabelMiss = SelectorRequirement & { readonly has: string | undefined };

/** The requirements that the labels do not meet, those of matchLabels first; none of an absent selector. */
export function labelMisses(selector: LabelSelector | undefined, labels: Labels): readonly LabelMiss[] {
  if (selector === undefined || matchesSelector(selector, labels)) return [];
  const requirements: readonly SelectorRequirement[] = [
    ...Object.entries(selector.matchLabels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] })),
    ...selector.matchExpressions,
  ];
  return requirements
    .filter((requirement) => !matchesRequirement(requirement, labels))
    .map((requirement) => ({ ...requirement, has: labelOf(labels, requirement.key) }));
}

/** Whether each pair of `wanted` stands in `labels`; an empty `wanted` matches everything. */
export function matchesLabels(wanted: Labels, labels: Labels): boolean {
  for (const key of Object.keys(wanted)) {
    if (labelOf(labels, key) !== wanted[key]) return false;
  }
  return true;
}

/** Every part must match. An empty selector matches every label set. */
export function matchesSelector(selector: LabelSelector, labels: Labels): boolean {
  return (
    matchesLabels(selector.matchLabels, labels) &&
    selector.matchExpressions.every((requirement) => matchesRequirement(requirement, labels))
  );
}

/** NotIn and DoesNotExist are true of labels without the key. */
export function matchesRequirement({ key, operator, values }: SelectorRequirement, labels: Labels): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return assertNever(operator);
  }
}
