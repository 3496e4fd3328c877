/** The time to live of IPv4 and the hop limit of IPv6: one kernel module, two names. */
import { ArgumentError } from '../arguments.ts';
import { badValue, numberOf, printNot } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

type TtlSpec = { readonly compare: 'eq' | 'lt' | 'gt'; readonly not: boolean; readonly value: number };

function defineTtl(name: 'ttl' | 'hl', family: 4 | 6) {
  return defineOptionMatch({
    name,
    kernel: 'net/netfilter/xt_hl.c',
    family,
    options: [
      { name: `--${name}-eq`, also: [`--${name}`], not: true },
      { name: `--${name}-lt` },
      { name: `--${name}-gt` },
    ],
    read: (given, _context, at): TtlSpec => {
      const [compare, second] = (['eq', 'lt', 'gt'] as const).filter((c) => given.has(`--${name}-${c}`));
      const use = compare === undefined ? undefined : given.get(`--${name}-${compare}`);
      if (compare === undefined || use === undefined)
        throw new ArgumentError(`the ${name} match needs --${name}-eq, --${name}-lt or --${name}-gt`, at);
      if (second !== undefined) throw badValue(use, `--${name}-${compare} and --${name}-${second} exclude each other`);
      return { compare, not: use.not, value: numberOf(use, 0, 255) };
    },
    print: ({ compare, not, value }) => `${printNot(not)}--${name}-${compare} ${value}`,
    /** ttl_mt(), hl_mt6() */
    test: ({ compare, not, value }, { packet }) =>
      compare === 'eq' ? (packet.ttl === value) !== not : compare === 'lt' ? packet.ttl < value : packet.ttl > value,
  });
}

export const ttl = defineTtl('ttl', 4);
export const hl = defineTtl('hl', 6);
