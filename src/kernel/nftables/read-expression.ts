/** What an expression comes to for one packet: one value for each field, undefined where the kernel leaves the rule. */
import type { AddressType, MatchEnv } from '../netfilter/match.ts';
import { StateSlot } from '../netfilter/state.ts';
import { chooseElement, isChance, pickNumber } from './chance.ts';
import type { Constant, Expression, Value } from './expression.ts';
import { findElement, type Hit } from './find-element.ts';
import { typesOf } from './parse-expression.ts';
import type { NftHost } from './passage-host.ts';
import type { NftTable } from './ruleset.ts';

export function readExpression(expression: Expression, table: NftTable, host: NftHost): readonly Value[] | undefined {
  switch (expression.kind) {
    case 'selector': {
      const value = expression.selector.read(host.env());
      return value === undefined ? undefined : [value];
    }
    case 'fib':
      return [readFib(expression, host.env())];
    case 'numgen':
      return [expression.mode === 'inc' ? countUp(expression, host.env()) : pickNumber(expression, host)];
    case 'hash':
      return [pickNumber(expression, host)];
    case 'bitwise': {
      const inner = readExpression(expression.left, table, host)?.[0];
      return inner === undefined ? undefined : [maskAndXor(inner, expression.mask, expression.xor)];
    }
    case 'concat': {
      const all: Value[] = [];
      for (const part of expression.parts) {
        const values = readExpression(part, table, host);
        if (values === undefined) return undefined;
        all.push(...values);
      }
      return all;
    }
    case 'map': {
      const data = lookUp(expression.key, expression.map, table, host)?.data;
      return data?.kind === 'values' ? data.values.flatMap(plainValue) : undefined;
    }
    case 'constant':
      return expression.values.flatMap(plainValue);
  }
}

function plainValue(constant: Constant): readonly Value[] {
  return constant.kind === 'value' ? [constant.value] : constant.kind === 'range' ? [constant.first] : [];
}

/** The constants that a map or a constant gives, ranges and prefixes as they are. */
export function readConstants(expression: Expression, table: NftTable, host: NftHost): readonly Constant[] | undefined {
  if (expression.kind === 'constant') return expression.values;
  if (expression.kind === 'map') {
    const data = lookUp(expression.key, expression.map, table, host)?.data;
    return data?.kind === 'values' ? data.values : undefined;
  }
  return readExpression(expression, table, host)?.map((value) => ({ kind: 'value', value }));
}

/** The element of the set that the key is in. A random number takes one of the elements. */
export function lookUp(
  key: Expression,
  source: Parameters<typeof findElement>[0],
  table: NftTable,
  host: NftHost,
): Hit | undefined {
  if (isChance(key)) return chooseElement(key, source, table, host);
  const values = readExpression(key, table, host);
  return values === undefined ? undefined : findElement(source, values, typesOf(key), table, host.env());
}

/** nft_bitwise_eval_bool() */
function maskAndXor(value: Value, mask: Value, xor: Value): Value {
  if (typeof value === 'number' && typeof mask === 'number' && typeof xor === 'number')
    return ((value & mask) ^ xor) >>> 0;
  if (typeof value === 'bigint' && typeof mask === 'bigint' && typeof xor === 'bigint') return (value & mask) ^ xor;
  return value;
}

/** RTN_* of include/uapi/linux/rtnetlink.h. */
const ROUTE_TYPES: Readonly<Record<AddressType, number>> = {
  UNSPEC: 0,
  UNICAST: 1,
  LOCAL: 2,
  BROADCAST: 3,
  ANYCAST: 4,
  MULTICAST: 5,
  BLACKHOLE: 6,
  UNREACHABLE: 7,
  PROHIBIT: 8,
  THROW: 9,
};

/**
 * nft_fib4_eval_type(), nft_fib4_eval(). Of `oif` only whether there is a route is asked; the answer is the word that
 * rules compare with. The way to the destination is not looked up: `unknown`.
 */
function readFib(fib: Extract<Expression, { kind: 'fib' }>, env: MatchEnv): Value {
  const { packet, inDevice, outDevice } = env;
  if (fib.result === 'type') {
    const device = fib.device === 'iif' ? inDevice : fib.device === 'oif' ? outDevice : undefined;
    const address = fib.address === 'saddr' ? packet.src : packet.dst;
    return ROUTE_TYPES[env.addressType(address, ...(device === undefined ? [] : [device]))];
  }
  if (fib.address === 'daddr') return 'unknown';
  const back =
    inDevice === 'lo' || env.reversePath({ loose: fib.device !== 'iif', validMark: fib.mark, acceptLocal: false });
  return back ? 'exists' : 'missing';
}

/** Counts of `numgen inc`, from 0 at the start of the run (nft_ng_inc_init()). */
const counters = new StateSlot<{ next: number }>(() => ({ next: 0 }));

function countUp(numgen: Extract<Expression, { kind: 'numgen' }>, env: MatchEnv): number {
  const counter = env.state.get(counters, numgen);
  const now = counter.next;
  counter.next = (now + 1) % numgen.modulus;
  return now + numgen.offset;
}
