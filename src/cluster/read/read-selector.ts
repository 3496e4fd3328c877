import { quote } from '../../lib/quote.ts';
import type { FieldReader } from '../field-reader.ts';
import { oneOf, STRING } from '../field-type.ts';
import { isLabelKey, isLabelValue, readLabels, warnOfBoolean } from '../names.ts';
import type { LabelSelector, SelectorRequirement } from '../objects.ts';

const OPERATOR = oneOf('In', 'NotIn', 'Exists', 'DoesNotExist');

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
  if (key !== undefined && !isLabelKey(key)) reader.error('wrong-value', `${quote(key)} is no label key`, ['key']);
  for (const [index, value] of entries) {
    warnOfBoolean(reader, value, ['values', index]);
    if (!isLabelValue(value)) reader.error('wrong-value', `${quote(value)} is no label value`, ['values', index]);
  }
  if (key === undefined || operator === undefined) return undefined;
  const needsValues = operator === 'In' || operator === 'NotIn';
  if (needsValues && values.length === 0) {
    reader.error('missing-field', "values: Required value: must be specified when `operator` is 'In' or 'NotIn'");
  }
  if (!needsValues && values.length > 0) {
    const message = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    reader.error('wrong-value', message, ['values'], { what: 'key' });
  }
  return { key, operator, values };
}
