/** What may be a name or a label in Kubernetes (apimachinery: util/validation). */

import {
  invalid,
  wrongLabel,
  wrongLabelValue,
  wrongQualifiedName,
  wrongServiceName,
  wrongSubdomain,
} from './field-error.ts';
import type { FieldReader } from './field-reader.ts';
import type { FieldType } from './field-type.ts';
import type { Labels } from './objects.ts';

/** A string type whose mistakes one of the functions of field-error.ts lists. */
function textType(
  expected: string,
  wrong: (text: string) => readonly string[],
  hint: (value: unknown) => string | undefined,
): FieldType<string> {
  return {
    expected,
    schema: 'string',
    parse: (value) => (typeof value === 'string' && wrong(value).length === 0 ? value : undefined),
    refuse: (value) => (typeof value === 'string' ? wrong(value).map((words) => invalid(value, words)) : []),
    hint,
  };
}

/** RFC 1123 label: namespaces, names of ports. */
export const DNS_LABEL: FieldType<string> = textType(
  "a DNS label: lower case letters, digits and '-', beginning and ending with a letter or digit, at most 63",
  wrongLabel,
  lowerCase,
);

/** RFC 1035 label: Services, unless the feature gate RelaxedServiceNameValidation is on (KEP-5311). */
export const SERVICE_NAME: FieldType<string> = textType(
  "a DNS label: lower case letters, digits and '-', beginning with a letter, ending with a letter or digit, at most 63",
  wrongServiceName,
  lowerCase,
);

/** RFC 1123 subdomain: all other names. */
export const DNS_SUBDOMAIN: FieldType<string> = textType(
  "a DNS name: lower case letters, digits, '-' and '.', at most 253",
  wrongSubdomain,
  lowerCase,
);

function lowerCase(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return `write "${value}" in quotes`;
  if (typeof value !== 'string') return undefined;
  const lower = value.toLowerCase().replaceAll('_', '-');
  return lower !== value && wrongSubdomain(lower).length === 0 ? `write ${lower}` : undefined;
}

/** `app`, `app.kubernetes.io/name`. */
export function isLabelKey(key: string): boolean {
  return wrongQualifiedName(key).length === 0;
}

const LABEL_VALUE: FieldType<string> = textType(
  "a label value: a string of letters, digits, '-', '_' and '.', at most 63",
  wrongLabelValue,
  (value) =>
    typeof value === 'boolean' || typeof value === 'number'
      ? `write "${value}" in quotes`
      : typeof value === 'object'
        ? 'labels are one level of names and strings'
        : undefined,
);

/**
 * kubectl reads YAML 1.1, in which these words are booleans, and the API server then refuses the value; YAML 1.2 has them as
 * strings, and so have we.
 */
export function warnOfBoolean(reader: FieldReader, value: string, path: readonly (string | number)[]): void {
  if (!isBooleanWord(value) || !reader.isPlain(path)) return;
  const message = `kubectl reads ${value} without quotes as a boolean (YAML 1.1), which is no label value`;
  reader.warn('yaml-boolean', message, path, { hint: `write "${value}" in quotes` });
}

function isBooleanWord(text: string): boolean {
  return text.length <= 3 && /^(y|n|yes|no|on|off)$/i.test(text);
}

/** A key is taken for a boolean as well, and then printed as one (sigs.k8s.io/yaml: convertToJSONableObject). */
function warnOfBooleanKey(reader: FieldReader, key: string, path: readonly (string | number)[]): void {
  if (!isBooleanWord(key) || !reader.isPlain(path, 'key')) return;
  const means = /^(y|yes|on)$/i.test(key) ? 'true' : 'false';
  const message = `kubectl reads the key ${key} without quotes as a boolean (YAML 1.1) and sends the label "${means}"`;
  reader.warn('yaml-boolean', message, path, { hint: `write "${key}" in quotes`, what: 'key' });
}

/** A mapping of labels, each key and value checked. */
export function readLabels(reader: FieldReader, name: string): Labels {
  const labels = reader.map(name, LABEL_VALUE);
  for (const key of Object.keys(labels)) {
    warnOfBoolean(reader, labels[key] ?? '', [name, key]);
    warnOfBooleanKey(reader, key, [name, key]);
    for (const words of wrongQualifiedName(key)) {
      reader.error('wrong-value', invalid(key, words), [name], { at: [name, key], what: 'key' });
    }
  }
  return labels;
}
