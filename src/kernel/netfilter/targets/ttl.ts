/** TTL (IPv4) and HL (IPv6): how many hops the packet has left. net/netfilter/xt_HL.c ttl_tg(), hl_tg6() */
import { defineTarget, type RegisteredTarget } from '../target.ts';
import { readOptions } from './options.ts';

type TtlSpec = { readonly change: 'set' | 'inc' | 'dec'; readonly amount: number };

function hopLimit(name: 'TTL' | 'HL', word: 'ttl' | 'hl', family: 4 | 6): RegisteredTarget {
  const [set, inc, dec] = [`--${word}-set`, `--${word}-inc`, `--${word}-dec`];
  return defineTarget<TtlSpec>({
    name,
    kernel: 'net/netfilter/xt_HL.c',
    parse(reader, context) {
      if (context.family !== family) throw reader.error(`${name} is a target of IPv${family} only`);
      const options = readOptions(reader, name, { [set]: 1, [inc]: 1, [dec]: 1 });
      const option = options.exactlyOneOf(set, inc, dec);
      const amount = options.number(option, option === set ? 0 : 1, 255) ?? 0;
      return { change: option === set ? 'set' : option === inc ? 'inc' : 'dec', amount };
    },
    print: ({ change, amount }) => `--${word}-${change} ${amount}`,
    fire({ change, amount }, env) {
      const { ttl } = env.packet;
      const next =
        change === 'set' ? amount : change === 'inc' ? Math.min(255, ttl + amount) : Math.max(0, ttl - amount);
      return { kind: 'alter', what: `${name} ${next}`, ttl: next };
    },
  });
}

export const TTL = hopLimit('TTL', 'ttl', 4);
export const HL = hopLimit('HL', 'hl', 6);
