/**
 * Looking packets up in a set (the kadt functions of net/netfilter/ipset). The index is built once, at the first
 * question: a Set of keys where all places of an element are exact, and one Map per prefix length where one is a network.
 */
import { familyOf, type IpAddr } from '../../../net/address.ts';
import { maskIp } from '../../../net/prefix.ts';
import type { Ipset, IpsetProbe } from '../ipset.ts';
import { cutAddress } from './create-options.ts';
import { type Element, type SetShape, storesNoZero } from './element.ts';
import { IPSET_TYPES } from './type.ts';

/** `exception`: an element marked nomatch decided (-ENOTEMPTY in the kernel). */
type Found = 'match' | 'exception' | 'none';
type Index = (probe: IpsetProbe) => Found;
type Key = string | number | bigint;

type SetsByName = (name: string) => Ipset | undefined;

/** The question of ip_set_test(). */
type Lookup = (probe: IpsetProbe, sets: SetsByName) => boolean;

export function buildLookup(shape: SetShape, elements: readonly Element[]): Lookup {
  const { dimensions, nomatch, family } = IPSET_TYPES[shape.type];
  if (shape.type === 'list:set') return listLookup(elements);
  const index = buildIndex(shape, elements);
  return (probe) => {
    // ip_set_test(): fewer directions than the type has places never match; more are ignored.
    if (probe.addresses.length < dimensions.length) return false;
    const [address] = probe.addresses;
    const own = shape.type === 'bitmap:ip' ? 4 : shape.family;
    if ((family || shape.type === 'bitmap:ip') && (address === undefined || familyOf(address) !== own)) return false;
    const found = index(probe);
    if (nomatch && probe.returnNomatch === true) return found === 'exception';
    return found === 'match';
  };
}

/**
 * The same for a hash:net whose entries are all whole addresses, without an element for each: sets of a policy hold tens
 * of thousands, and none of them is looked at until somebody lists the set.
 */
export function buildAddressLookup({ family }: SetShape, addresses: readonly IpAddr[]): Lookup {
  const members = new Set<IpAddr>(addresses);
  return ({ addresses: [address], returnNomatch }) =>
    address !== undefined && familyOf(address) === family && returnNomatch !== true && members.has(address);
}

/** list_set_ktest(): the first member that says yes. A list cannot hold lists. */
function listLookup(elements: readonly Element[]): Lookup {
  const names = elements.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'set' ? [part.name] : [])));
  return (probe, sets) =>
    probe.addresses.length > 0 &&
    names.some((name) => {
      const member = sets(name);
      return member !== undefined && member.type !== 'list:set' && member.test(probe, sets);
    });
}

function buildIndex(shape: SetShape, elements: readonly Element[]): Index {
  switch (shape.type) {
    case 'hash:net,iface':
      return interfaceIndex(elements);
    case 'hash:net':
    case 'hash:net,port':
    case 'hash:ip,port,net':
      return networkIndex(shape, elements);
    default:
      return exactIndex(shape, elements);
  }
}

/** Types whose every place is one value. */
function exactIndex(shape: SetShape, elements: readonly Element[]): Index {
  const keys = new Set<Key>();
  for (const { parts } of elements) {
    keys.add(
      joinKey(parts.map((part) => (part.kind === 'ip' ? part.address : part.kind === 'port' ? portKey(part) : ''))),
    );
  }
  const { dimensions } = IPSET_TYPES[shape.type];
  return (probe) => {
    const words: Key[] = [];
    for (const [place, dimension] of dimensions.entries()) {
      const key = dimension === 'port' ? probePort(shape, probe, place) : probeAddress(shape, probe, place);
      if (key === undefined) return 'none';
      words.push(key);
    }
    return keys.has(joinKey(words)) ? 'match' : 'none';
  };
}

function probeAddress(shape: SetShape, probe: IpsetProbe, place: number): IpAddr | undefined {
  const address = probe.addresses[place];
  if (address === undefined || place > 0) return address;
  const cut = cutAddress(address, shape.options);
  return storesNoZero(shape.type) && BigInt(cut) === 0n ? undefined : cut;
}

function probePort({ type }: SetShape, probe: IpsetProbe, place: number): Key | undefined {
  const port = probe.ports[place];
  if (port === undefined) return undefined;
  if (type !== 'bitmap:port') return portKey(port);
  // ip_set_get_ip_port() knows ports of TCP and UDP only; the bitmap keeps the number alone.
  return port.protocol === 6 || port.protocol === 17 ? portKey({ protocol: undefined, port: port.port }) : undefined;
}

function portKey({ protocol, port }: { readonly protocol: number | undefined; readonly port: number }): Key {
  return protocol === undefined ? port : protocol * 65536 + port;
}

/** One value stands for itself, so that sets of addresses need no strings. */
function joinKey(words: readonly Key[]): Key {
  return words.length === 1 ? (words[0] ?? '') : words.join(' ');
}

/** mtype_test_cidrs(): every length that occurs, the longest first; the first element found decides. */
function networkIndex(shape: SetShape, elements: readonly Element[]): Index {
  const { dimensions } = IPSET_TYPES[shape.type];
  const place = dimensions.indexOf('net');
  const byLength = new Map<number, Map<Key, boolean>>();
  for (const { parts, nomatch } of elements) {
    const net = parts[place];
    if (net?.kind !== 'net') continue;
    const rest = parts.flatMap((part) =>
      part.kind === 'ip' ? [part.address] : part.kind === 'port' ? [portKey(part)] : [],
    );
    const map = byLength.get(net.bits) ?? new Map<Key, boolean>();
    byLength.set(net.bits, map.set(joinKey([net.address, ...rest]), nomatch));
  }
  const lengths = [...byLength].sort(([a], [b]) => b - a);
  return (probe) => {
    const address = probe.addresses[place];
    if (address === undefined) return 'none';
    const rest: Key[] = [];
    for (const [other, dimension] of dimensions.entries()) {
      if (other === place) continue;
      const key = dimension === 'port' ? probePort(shape, probe, other) : probe.addresses[other];
      if (key === undefined) return 'none';
      rest.push(key);
    }
    for (const [bits, map] of lengths) {
      const nomatch = map.get(joinKey([maskIp(address, bits), ...rest]));
      if (nomatch !== undefined) return nomatch ? 'exception' : 'match';
    }
    return 'none';
  };
}

type InterfaceEntry = { readonly name: string; readonly wildcard: boolean; readonly nomatch: boolean };

/**
 * hash:net,iface. The interface is not part of the hash (IP_SET_HASH_WITH_MULTI), which has a consequence that is easy
 * to miss: once a network holds the address, shorter ones are not tried, even when none of its interfaces fits.
 * `physdev:` elements are never asked: xt_set has no way to look them up (IPSET_FLAG_PHYSDEV comes from no option).
 */
function interfaceIndex(elements: readonly Element[]): Index {
  const byLength = new Map<number, Map<Key, InterfaceEntry[]>>();
  for (const { parts, nomatch, wildcard } of elements) {
    const [net, port] = parts;
    if (net?.kind !== 'net' || port?.kind !== 'iface' || port.physical) continue;
    const map = byLength.get(net.bits) ?? new Map<Key, InterfaceEntry[]>();
    const entries = map.get(net.address) ?? [];
    entries.push({ name: port.name, wildcard, nomatch });
    byLength.set(net.bits, map.set(net.address, entries));
  }
  const lengths = [...byLength].sort(([a], [b]) => b - a);
  return (probe) => {
    const [address] = probe.addresses;
    const device = probe.interfaces[1];
    if (address === undefined || device === undefined || device === '') return 'none';
    for (const [bits, map] of lengths) {
      const entries = map.get(maskIp(address, bits));
      if (entries === undefined) continue;
      const hit = entries.find(({ name, wildcard }) => (wildcard ? device.startsWith(name) : device === name));
      return hit === undefined ? 'none' : hit.nomatch ? 'exception' : 'match';
    }
    return 'none';
  };
}
