/** Mappings of the input as they stand, before anything is known of their fields. */

export type PlainObject = Readonly<Record<string, unknown>>;

/** A mapping of the input. Read its fields with `ownField` only: keys such as `constructor` may be inherited. */
export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field itself, never an inherited one; null counts as absent, as it does for the API server. */
export function ownField(record: PlainObject, name: string): unknown {
  if (!Object.hasOwn(record, name)) return undefined;
  return record[name] ?? undefined;
}
