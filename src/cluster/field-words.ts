/**
 * What is said of a field that is wrong: in the API server's words where its kind is the API server's (`decoding`), else in
 * our own. A place is a path from the object.
 */
import { nearest } from '../lib/nearest.ts';
import { describeValue, plain, quote } from '../lib/quote.ts';
import { type Decoding, type SchemaType, schemaTypeError, unmarshalError } from './decode-error.ts';
import { invalid } from './field-error.ts';
import { type FieldType, mismatch } from './field-type.ts';
import { isPlainObject, ownField, type PlainObject } from './plain-object.ts';
import { type PathSegment, printPath } from './source.ts';

type Place = readonly PathSegment[];

/** Of a value that is none of the field's: one sentence for each mistake. */
export function wrongValue(
  type: FieldType<unknown>,
  value: unknown,
  place: Place,
  decoding: Decoding | undefined,
): readonly string[] {
  const own = [mismatch(type, value)];
  if (decoding === undefined) return own;
  const undecodable = wrongJsonType(type.schema, value, place, decoding);
  if (undecodable !== undefined) return [undecodable];
  if (decoding.by === 'schema' && type.range !== undefined && typeof value === 'number') {
    const { first, last } = type.range;
    const than = value < first ? `greater than or equal to ${first}` : `less than or equal to ${last}`;
    return [invalid(value, `${printPath(place)} in body should be ${than}`)];
  }
  const refused = type.refuse?.(value) ?? [];
  return refused.length === 0 ? own : refused;
}

/** Of a value that is no mapping, or no list, where one has to be. */
export function wrongShape(
  wanted: 'object' | 'array',
  value: unknown,
  place: Place,
  decoding: Decoding | undefined,
): string {
  const undecodable = decoding === undefined ? undefined : wrongJsonType(wanted, value, place, decoding);
  return undecodable ?? `expected ${wanted === 'array' ? 'a list' : 'a mapping'}, got ${describeValue(value)}`;
}

/** Of a value of another JSON type than the field's, which the API server meets while it decodes; undefined where it fits. */
function wrongJsonType(
  schema: SchemaType | undefined,
  value: unknown,
  place: Place,
  decoding: Decoding,
): string | undefined {
  if (decoding.by === 'struct') return unmarshalError(decoding.type, place, value);
  return schema === undefined ? undefined : schemaTypeError(schema, printPath(place), value);
}

/** @param place of the mapping that has the field */
export function unknownField(name: string, place: Place, decoding: Decoding | undefined): string {
  if (decoding !== undefined) return `strict decoding error: unknown field ${quote(printPath([...place, name]))}`;
  return `unknown field ${plain(name)}${place.length === 0 ? '' : ` in ${printPath(place)}`}`;
}

/** The nearest field that exists there, else all of them. */
export function unknownFieldHint(name: string, asked: readonly string[]): string {
  const [best] = nearest(name, asked, 1);
  if (best !== undefined) return `did you mean ${best}?`;
  const known = [...new Set(asked)].sort();
  return known.length > 0 ? `valid here: ${known.join(', ')}` : 'no field is valid here';
}

/** `Service shop/web` from an object's own kind and metadata, with outside text escaped. */
export function subjectOf(value: PlainObject): string {
  const text = (field: unknown): string | undefined => (typeof field === 'string' ? plain(field) : undefined);
  const metadata = ownField(value, 'metadata');
  const kind = text(ownField(value, 'kind')) ?? 'object';
  if (!isPlainObject(metadata)) return kind;
  const name = text(ownField(metadata, 'name')) ?? '(no name)';
  const namespace = text(ownField(metadata, 'namespace'));
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
