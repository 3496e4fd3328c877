/**
 * Nominal types over primitives, and the only file of the project that casts.
 * A branded value can only come from the parser or factory that calls `brand`.
 */
declare const tag: unique symbol;

export type Brand<T, B extends string> = T & { readonly [tag]: B };

/** Marks a primitive as checked. Call it only in the module that owns the brand. */
export function brand<T extends Brand<string | number | bigint, string>>(value: string | number | bigint): T {
  return value as T;
}

/**
 * Own, enumerable properties of a value read from outside, or undefined when it is no plain object.
 * Inherited names (`__proto__`, `constructor`) are never visible through it.
 */
export function recordOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}
