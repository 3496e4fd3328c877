/** What a constant stands for: one value, a range of values, names that start alike. */
import type { Constant, Value } from './expression.ts';

/** The smallest and the largest value that a constant stands for; undefined for names that end in `*`. */
export function boundsOf(constant: Constant): { readonly first: Value; readonly last: Value } | undefined {
  switch (constant.kind) {
    case 'value':
      return { first: constant.value, last: constant.value };
    case 'range':
      return constant;
    case 'prefix': {
      const { value, bits } = constant;
      if (typeof value === 'number') return { first: value, last: value + 2 ** (32 - bits) - 1 };
      if (typeof value === 'bigint') return { first: value, last: value + (1n << BigInt(128 - bits)) - 1n };
      return undefined;
    }
    case 'wildcard':
    case 'any':
      return undefined;
  }
}

/** Whether the constant stands for the value. */
export function matchesConstant(value: Value, constant: Constant): boolean {
  switch (constant.kind) {
    case 'value':
      return value === constant.value;
    case 'wildcard':
      return typeof value === 'string' && value.startsWith(constant.start);
    case 'any':
      return true;
    case 'prefix':
    case 'range': {
      const bounds = boundsOf(constant);
      return (
        bounds !== undefined && typeof value === typeof bounds.first && bounds.first <= value && value <= bounds.last
      );
    }
  }
}
