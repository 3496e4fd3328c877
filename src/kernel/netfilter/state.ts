/**
 * Memory of stateful matches: the lists of xt_recent, the buckets of xt_limit, the counter of `statistic --mode nth`.
 * It belongs to one run in one namespace, so that every run starts alike and branches never share it.
 */
export class StateSlots {
  readonly #owner = {};

  /** The value under `key` of this memory, made by the slot when it is first asked for. */
  get<T>(slot: StateSlot<T>, key: string | object): T {
    return slot.of(this.#owner, key);
  }
}

/** One kind of state, declared once by the module that uses it. */
export class StateSlot<T> {
  readonly #create: () => T;
  readonly #values = new WeakMap<object, Map<string | object, T>>();

  constructor(create: () => T) {
    this.#create = create;
  }

  /** @param owner the memory that the value is part of. */
  of(owner: object, key: string | object): T {
    let values = this.#values.get(owner);
    if (values === undefined) {
      values = new Map();
      this.#values.set(owner, values);
    }
    let value = values.get(key);
    if (value === undefined) {
      value = this.#create();
      values.set(key, value);
    }
    return value;
  }
}
