/** IP sets: what `ipset save` lists, and the question xt_set asks of them. */
import { invariant } from '../../lib/assert.ts';
import { type Lazy, lazy } from '../../lib/lazy.ts';
import { familyOf, type IpAddr } from '../../net/address.ts';
import { widthOf } from '../../net/prefix.ts';
import type { OriginId } from '../origin.ts';
import { ArgumentReader } from './arguments.ts';
import { parseCreateOptions, printCreateOptions } from './ipset/create-options.ts';
import {
  addressElements,
  type Element,
  type Part,
  parseElements,
  printElement,
  printParts,
  type SetShape,
} from './ipset/element.ts';
import { buildAddressLookup, buildLookup } from './ipset/lookup.ts';
import { splitWords } from './ipset/words.ts';

/** The types of ipset that packets are compared with. */
export type IpsetType =
  | 'hash:ip'
  | 'hash:net'
  | 'hash:ip,port'
  | 'hash:ip,port,ip'
  | 'hash:ip,port,net'
  | 'hash:net,port'
  | 'hash:net,iface'
  | 'bitmap:ip'
  | 'bitmap:port'
  | 'list:set';

/**
 * What is looked up: for each `src`/`dst` of the match (its place, counted from 0) what the packet has in that direction.
 * All three lists are as long as the match has directions; a set looks only at what its type has in that place
 * (hash:ip,port: addresses[0], ports[1]). For `--match-set X src,dst`: addresses [source, destination], ports [source
 * port, destination port], interfaces [input, output device].
 */
export type IpsetProbe = {
  /** The packet's source or destination. */
  readonly addresses: readonly (IpAddr | undefined)[];
  /**
   * As get_port() (net/netfilter/ipset/ip_set_getport.c) finds it: the port of TCP, UDP, SCTP and UDP-Lite; `type << 8 |
   * code` of ICMP and ICMPv6 in both directions; 0 for every other protocol; undefined for later fragments.
   */
  readonly ports: readonly ({ readonly protocol: number; readonly port: number } | undefined)[];
  /** `src` is the input device, `dst` the output device; undefined where the hook has none. */
  readonly interfaces: readonly (string | undefined)[];
  /** `--return-nomatch`: yes only when an element marked nomatch decides (types with networks). */
  readonly returnNomatch?: boolean;
};

/** A set as it was given: rules that add to it (SET) leave it as it is. */
export type Ipset = {
  readonly name: string;
  readonly type: IpsetType;
  /** Of no meaning for bitmap:port and list:set, which take packets of both. */
  readonly family: 4 | 6;
  /** Options of `create` behind the family, as ipset save prints them: `hashsize 1024 maxelem 65536`. */
  readonly options: string;
  /** Entries in ipset save's words: `10.0.0.0/8 nomatch`, `10.0.0.1,tcp:80`. */
  readonly entries: Lazy<readonly string[]>;
  readonly origin?: OriginId;
  /** Whether the probe is in the set. Indexed at the first question. */
  test(probe: IpsetProbe, sets: (name: string) => Ipset | undefined): boolean;
};

/** Elements in ipset's words, or addresses that stand for their text. */
export type IpsetEntries = readonly (string | IpAddr)[];

type IpsetSpec = {
  readonly name: string;
  readonly type: IpsetType;
  readonly family: 4 | 6;
  /** Words behind the family; '' gives the defaults. */
  readonly options?: string;
  /**
   * Elements in ipset's words, ranges allowed; or addresses, which stand for their text and save making and reading it.
   * A function is called when the entries are first needed.
   */
  readonly entries: IpsetEntries | Lazy<IpsetEntries>;
  readonly origin?: OriginId;
};

/**
 * A set from words that a compiler wrote: they must be right, anything else is a bug. Text from outside goes through
 * parseIpsetSave() (ipset/save.ts). Entries come back as the kernel would list them: ranges expanded, each once, those
 * of bitmaps in order (the kernel lists hashes in the order of the hash; here they keep the order of adding).
 */
export function makeIpset({ name, type, family, options = '', entries, origin }: IpsetSpec): Ipset {
  invariant(name !== '' && Buffer.byteLength(name) <= 31, `"${name}" is no name of a set`);
  const parsed = parseCreateOptions(wordsOf(options), type, family);
  const shape: SetShape = { type, family, options: parsed };
  const given = lazy(() => (typeof entries === 'function' ? entries() : entries));
  const elements = lazy(() => {
    const ofAddress = addressElements(shape);
    return sortElements(
      type,
      given().flatMap((entry) => (typeof entry === 'string' ? parseElements(wordsOf(entry), shape) : ofAddress(entry))),
    );
  });
  const lookup = lazy(() =>
    type === 'hash:net' && given().every(isAddress)
      ? buildAddressLookup(shape, given().filter(isAddress))
      : buildLookup(shape, elements()),
  );
  return {
    name,
    type,
    family,
    options: printCreateOptions(type, parsed),
    entries: lazy(() => elements().map(printElement)),
    ...(origin === undefined ? {} : { origin }),
    test: (probe, sets) => lookup()(probe, sets),
  };
}

function wordsOf(text: string): ArgumentReader {
  return new ArgumentReader(splitWords(text).map(({ text: word }) => word));
}

function isAddress(entry: string | IpAddr): entry is IpAddr {
  return typeof entry !== 'string';
}

/** Every element once; bitmaps by value. */
function sortElements(type: IpsetType, elements: readonly Element[]): readonly Element[] {
  const unique = new Map<string | IpAddr, Element>();
  for (const element of elements) {
    const key = keyOf(element.parts);
    if (!unique.has(key)) unique.set(key, element);
  }
  const all = [...unique.values()];
  return type.startsWith('bitmap:') ? all.sort((a, b) => bitmapPlace(a) - bitmapPlace(b)) : all;
}

/** Two elements with the same text are the same element to the kernel; a lone address says as much by itself. */
function keyOf(parts: readonly Part[]): string | IpAddr {
  const [part] = parts;
  if (parts.length === 1 && part?.kind === 'ip') return part.address;
  if (parts.length === 1 && part?.kind === 'net' && part.bits === widthOf(familyOf(part.address))) return part.address;
  return printParts(parts);
}

function bitmapPlace({ parts: [part] }: Element): number {
  return part?.kind === 'port' ? part.port : part?.kind === 'ip' ? Number(part.address) : 0;
}
