import type { FieldReader } from '../field-reader.ts';
import { STRING } from '../field-type.ts';
import type { CalicoSelector } from '../policy/calico-policy.ts';
import { parseSelector } from '../policy/selector-parse.ts';

/**
 * A selector in Calico's language; undefined when the field is absent, empty, or wrong (with an issue). `global` says
 * whether global() may stand there: alone, in the namespaceSelector of a rule.
 */
export function readCalicoSelector(reader: FieldReader, name: string, global = false): CalicoSelector | undefined {
  const text = reader.optional(name, STRING);
  if (text === undefined || text === '') return undefined;
  const parsed = parseSelector(text);
  if (!parsed.ok) {
    for (const { message } of parsed.issues) reader.error('invalid-selector', message, [name]);
    return undefined;
  }
  if (/global\(\s*\)/.test(text)) {
    if (!global) {
      reader.error('wrong-value', 'global() can only be used in an EntityRule namespaceSelector', [name]);
    } else if (parsed.value.kind !== 'global') {
      reader.error('wrong-value', 'global() cannot be combined with other selectors', [name]);
    }
  }
  return { text, selector: parsed.value };
}
