export type Lazy<T> = () => T;

/** A value computed at the first call and kept. What it was computed from is let go. */
export function lazy<T>(compute: () => T): Lazy<T> {
  let state: { readonly compute: () => T; readonly kept?: undefined } | { readonly kept: { readonly value: T } } = {
    compute,
  };
  return () => {
    if (state.kept === undefined) state = { kept: { value: state.compute() } };
    return state.kept.value;
  };
}

/** An already known value in lazy form. */
export function eager<T>(value: T): Lazy<T> {
  return () => value;
}

/** A function whose result is kept by key. */
export function memoize<K, V>(compute: (key: K) => V): (key: K) => V {
  const kept = new Map<K, { readonly value: V }>();
  return (key) => {
    let entry = kept.get(key);
    if (entry === undefined) {
      entry = { value: compute(key) };
      kept.set(key, entry);
    }
    return entry.value;
  };
}

/** The same for arguments that are alike where `keyOf` says the same text of them. */
export function memoizeBy<A, V>(keyOf: (argument: A) => string, compute: (argument: A) => V): (argument: A) => V {
  const kept = new Map<string, { readonly value: V }>();
  return (argument) => {
    const key = keyOf(argument);
    let entry = kept.get(key);
    if (entry === undefined) {
      entry = { value: compute(argument) };
      kept.set(key, entry);
    }
    return entry.value;
  };
}
