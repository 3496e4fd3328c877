import { invalid, tooMany } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';

/** MinProperties and MaxProperties of 1 of a CRD, in the API server's words. Call it after the fields were read. */
export function exactlyOne(reader: FieldReader, names: readonly string[]): boolean {
  const given = names.filter((name) => reader.has(name));
  if (given.length === 1) return true;
  const hint = `write exactly one of ${names.join(', ')}`;
  if (given.length === 0) {
    reader.error('missing-field', invalid(0, 'should have at least 1 properties'), [], { hint });
  } else {
    const message = `${tooMany(given.length, 1)} (${given.join(', ')})`;
    reader.error('wrong-value', message, [], { hint });
  }
  return false;
}
