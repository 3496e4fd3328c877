/** The set types, as their kernel modules describe themselves (struct ip_set_type). */
import type { IpsetType } from '../ipset.ts';

/** What one place of an element holds. `net` is an address with a length, `set` the name of another set. */
export type Dimension = 'ip' | 'net' | 'port' | 'iface' | 'set';

/** struct ip_set_type: `kernel` is the file, a dimension is one part of an element. */
export type TypeFacts = {
  readonly kernel: string;
  readonly dimensions: readonly Dimension[];
  /** Neutral types (NFPROTO_UNSPEC) take packets of both families and print no family. */
  readonly family: boolean;
  /** Elements may be exceptions (IPSET_TYPE_NOMATCH). */
  readonly nomatch: boolean;
  /** `0.0.0.0/0` is an element only where the type is built with IP_SET_HASH_WITH_NET0. */
  readonly netZero: boolean;
  /** Options of `create`, in the order in which `ipset save` 7.17 prints them. */
  readonly options: readonly string[];
};

const EXTENSIONS = ['timeout', 'counters', 'comment', 'skbinfo'] as const;
const HASH = ['hashsize', 'maxelem', ...EXTENSIONS, 'bucketsize', 'initval'] as const;

function hash(file: string, dimensions: readonly Dimension[], facts: Partial<TypeFacts> = {}): TypeFacts {
  return {
    kernel: `net/netfilter/ipset/${file}`,
    dimensions,
    family: true,
    nomatch: dimensions.includes('net'),
    netZero: false,
    options: HASH,
    ...facts,
  };
}

/** hash:mac, hash:ip,mark, hash:ip,mac, bitmap:ip,mac, hash:net,net and hash:net,port,net are not modelled. */
export const IPSET_TYPES: Readonly<Record<IpsetType, TypeFacts>> = {
  'hash:ip': hash('ip_set_hash_ip.c', ['ip'], {
    options: ['hashsize', 'maxelem', 'netmask', 'bitmask', ...EXTENSIONS, 'bucketsize', 'initval'],
  }),
  'hash:net': hash('ip_set_hash_net.c', ['net']),
  'hash:ip,port': hash('ip_set_hash_ipport.c', ['ip', 'port'], { options: [...HASH, 'netmask', 'bitmask'] }),
  'hash:ip,port,ip': hash('ip_set_hash_ipportip.c', ['ip', 'port', 'ip']),
  'hash:ip,port,net': hash('ip_set_hash_ipportnet.c', ['ip', 'port', 'net']),
  'hash:net,port': hash('ip_set_hash_netport.c', ['net', 'port']),
  'hash:net,iface': hash('ip_set_hash_netiface.c', ['net', 'iface'], { netZero: true }),
  'bitmap:ip': {
    kernel: 'net/netfilter/ipset/ip_set_bitmap_ip.c',
    dimensions: ['ip'],
    family: false,
    nomatch: false,
    netZero: false,
    options: ['range', 'netmask', ...EXTENSIONS],
  },
  'bitmap:port': {
    kernel: 'net/netfilter/ipset/ip_set_bitmap_port.c',
    dimensions: ['port'],
    family: false,
    nomatch: false,
    netZero: false,
    options: ['range', ...EXTENSIONS],
  },
  'list:set': {
    kernel: 'net/netfilter/ipset/ip_set_list_set.c',
    dimensions: ['set'],
    family: false,
    nomatch: false,
    netZero: false,
    options: ['size', ...EXTENSIONS],
  },
};

export const IPSET_TYPE_NAMES = Object.keys(IPSET_TYPES);

/** Whether nettrace knows the type; ipset has others (hash:mac …). */
export function isIpsetType(name: string): name is IpsetType {
  return Object.hasOwn(IPSET_TYPES, name);
}
