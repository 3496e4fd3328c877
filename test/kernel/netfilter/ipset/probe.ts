/** Probes from the words that `ipset test` takes. */

import { parsePort } from '../../../../src/kernel/netfilter/ipset/port.ts';
import type { IpsetProbe, IpsetType } from '../../../../src/kernel/netfilter/ipset.ts';
import { parseIp } from '../../../../src/net/address.ts';

/** One word for each place of the type: an address, `tcp:80`, an interface. */
export function probeOf(words: readonly string[], type: IpsetType = 'hash:net'): IpsetProbe {
  const family = words[0]?.includes(':') && parseIp(words[0]) !== undefined ? 6 : 4;
  const bitmap = type === 'bitmap:port';
  return {
    addresses: words.map((word) => parseIp(bitmap ? '10.0.0.1' : word)),
    ports: words.map((word) => {
      const port = parsePort(word, family);
      return typeof port === 'string' ? undefined : { protocol: port.protocol, port: port.first };
    }),
    interfaces: words,
  };
}
