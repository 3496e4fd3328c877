/** NETMAP: one network onto another, host bits kept. net/netfilter/xt_NETMAP.c netmap_tg4(), netmap_tg6() */
import { familyOf } from '../../../net/address.ts';
import { lastIp, network, type Prefix, parsePrefix, printPrefix } from '../../../net/prefix.ts';
import { defineTarget } from '../target.ts';
import { readOptions } from './options.ts';

export const NETMAP = defineTarget<Prefix>({
  name: 'NETMAP',
  kernel: 'net/netfilter/xt_NETMAP.c',
  needsConntrack: true,
  parse(reader, context) {
    const options = readOptions(reader, 'NETMAP', { '--to': 1 });
    const text = options.required('--to');
    const prefix = parsePrefix(text);
    if (prefix === undefined || familyOf(prefix.addr) !== context.family) {
      throw options.error('--to', `"${text}" is no IPv${context.family} network`, 'ADDRESS/LENGTH');
    }
    return network(prefix);
  },
  print: (prefix) => `--to ${printPrefix(prefix)}`,
  fire(prefix, env) {
    const range = { addresses: { first: prefix.addr, last: lastIp(prefix) }, netmap: prefix.bits };
    // The destination is mapped where the packet enters the stack, the source where it leaves it.
    return { kind: env.hook === 'PREROUTING' || env.hook === 'OUTPUT' ? 'dnat' : 'snat', range };
  },
});
