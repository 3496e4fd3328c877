/** What icmp and icmp6 share: types by number, `type/code`, and by name. */
import { quote } from '../../../lib/quote.ts';
import { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { badName, badValue, parseNumber, printNot, type Use, wordOf } from '../options.ts';

/** `code` undefined: any. */
export type IcmpTypeSpec = { readonly not: boolean; readonly type: number; readonly code: number | undefined };

/** Name, type, and the code if the name stands for just one. */
export type IcmpName = readonly [name: string, type: number, code?: number];

/** A name may be cut short where it stays unambiguous, as libxtables xt_icmp.h has it. */
export function readIcmpType(
  use: Use | undefined,
  option: string,
  names: readonly IcmpName[],
  at: number,
): IcmpTypeSpec {
  if (use === undefined) throw new ArgumentError(`${option} is missing`, at);
  const text = wordOf(use);
  const [left = '', right, ...more] = text.split('/');
  if (/^\d/.test(text)) {
    const type = parseNumber(left);
    const code = right === undefined ? undefined : parseNumber(right);
    if (
      type === undefined ||
      type > 255 ||
      more.length > 0 ||
      (right !== undefined && (code === undefined || code > 255))
    ) {
      throw badValue(use, `${quote(text)} is not an ICMP type`, 'type or type/code, each from 0 to 255');
    }
    return { not: use.not, type, code };
  }
  const wanted = text.toLowerCase();
  const exact = names.filter(([name]) => name.toLowerCase() === wanted);
  const found = exact.length > 0 ? exact : names.filter(([name]) => name.toLowerCase().startsWith(wanted));
  const [first] = found;
  if (first === undefined)
    throw badName(
      use,
      'ICMP type',
      text,
      names.map(([name]) => name),
    );
  if (found.length > 1) throw badValue(use, `${quote(text)} may be ${found.map(([name]) => name).join(' or ')}`);
  return { not: use.not, type: first[1], code: first[2] };
}

/** By number, as iptables-save does. */
export function printIcmpType(option: string, { not, type, code }: IcmpTypeSpec): string {
  return `${printNot(not)}${option} ${code === undefined ? type : `${type}/${code}`}`;
}

/** icmp_type_code_match() */
export function testIcmpType(spec: IcmpTypeSpec, env: MatchEnv, proto: 'icmp' | 'icmpv6', any: boolean): boolean {
  const { transport } = env.packet;
  if (transport.proto !== proto || env.packet.laterFragment) return false;
  const hit = any || (transport.type === spec.type && (spec.code === undefined || transport.code === spec.code));
  return hit !== spec.not;
}
