/** What may be a name or a label in Kubernetes (apimachinery: util/validation). */

import { quote } from '../lib/quote.ts';
import type { FieldReader } from './field-reader.ts';
import type { FieldType } from './field-type.ts';
import type { Labels } from './objects.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function isDnsLabel(name: string): boolean {
  return name.length <= 63 && LABEL.test(name);
}

function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && name.split('.').every((part) => LABEL.test(part));
}

/** RFC 1123 label: namespaces, Services. */
export const DNS_LABEL: FieldType<string> = {
  expected: "a DNS label: lower case letters, digits and '-', beginning and ending with a letter or digit, at most 63",
  parse: (value) => (typeof value === 'string' && isDnsLabel(value) ? value : undefined),
  hint: lowerCase,
};

/** RFC 1123 subdomain: all other names. */
export const DNS_SUBDOMAIN: FieldType<string> = {
  expected: "a DNS name: lower case letters, digits, '-' and '.', at most 253",
  parse: (value) => (typeof value === 'string' && isDnsSubdomain(value) ? value : undefined),
  hint: lowerCase,
};

function lowerCase(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return `write "${value}" in quotes`;
  if (typeof value !== 'string') return undefined;
  const lower = value.toLowerCase().replaceAll('_', '-');
  return lower !== value && isDnsSubdomain(lower) ? `write ${lower}` : undefined;
}

/** IsQualifiedName: `app`, `app.kubernetes.io/name`. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return key.length <= 63 && QUALIFIED.test(key);
  const name = key.slice(slash + 1);
  return isDnsSubdomain(key.slice(0, slash)) && name.length <= 63 && QUALIFIED.test(name);
}

export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && QUALIFIED.test(value));
}

const LABEL_VALUE: FieldType<string> = {
  expected: "a label value: a string of letters, digits, '-', '_' and '.', at most 63",
  parse: (value) => (typeof value === 'string' && isLabelValue(value) ? value : undefined),
  hint: (value) =>
    typeof value === 'boolean' || typeof value === 'number'
      ? `write "${value}" in quotes`
      : typeof value === 'object'
        ? 'labels are one level of names and strings'
        : undefined,
};

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
    if (isLabelKey(key)) continue;
    const message = `${quote(key)} is no label key: expected [PREFIX/]NAME of letters, digits, '-', '_' and '.'`;
    reader.error('wrong-value', message, [name, key], { what: 'key' });
  }
  return labels;
}
