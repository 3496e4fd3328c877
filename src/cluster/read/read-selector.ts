import { forbidden, invalid, required, wrongLabelValue, wrongQualifiedName } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import { oneOf, STRING } from '../field-type.ts';
import { readLabels, warnOfBoolean } from '../names.ts';
import type { LabelSelector, SelectorRequirement } from '../objects.ts';

const OPERATOR = {
  ...oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'),
  refuse: (value: unknown) => [invalid(value, 'not a valid selector operator')],
};

/** metav1.LabelSelector, strictly; undefined when the field is absent. A broken part is an issue and selects nothing more. */
export function readSelector(parent: FieldReader, name: string): LabelSelector | undefined {
  const reader = parent.object(name);
  return reader === undefined ? undefined : readOpened(reader);
}

/** A list of them; absent is empty. */
export function readSelectors(parent: FieldReader, name: string): readonly LabelSelector[] {
  return parent.objects(name).map(readOpened);
}

function readOpened(reader: FieldReader): LabelSelector {
  const matchLabels = readLabels(reader, 'matchLabels');
  const matchExpressions = reader.objects('matchExpressions').flatMap((item) => readRequirement(item) ?? []);
  reader.done();
  return { matchLabels, matchExpressions };
}

/** ValidateLabelSelectorRequirement of apimachinery. */
function readRequirement(reader: FieldReader): SelectorRequirement | undefined {
  const key = reader.required('key', STRING);
  const operator = reader.required('operator', OPERATOR);
  const entries = reader.entries('values', STRING);
  const values = entries.map(([, value]) => value);
  reader.done();
  for (const words of key === undefined ? [] : wrongQualifiedName(key)) {
    reader.error('wrong-value', invalid(key, words), ['key']);
  }
  for (const [index, value] of entries) {
    warnOfBoolean(reader, value, ['values', index]);
    for (const words of wrongLabelValue(value)) {
      reader.error('wrong-value', invalid(value, words), ['values', index]);
    }
  }
  if (key === undefined || operator === undefined) return undefined;
  const needsValues = operator === 'In' || operator === 'NotIn';
  if (needsValues && values.length === 0) {
    const message = required("must be specified when `operator` is 'In' or 'NotIn'");
    reader.error('missing-field', message, ['values']);
  }
  if (!needsValues && values.length > 0) {
    const message = forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    reader.error('wrong-value', message, ['values'], { what: 'key' });
  }
  return { key, operator, values };
}
