/** The index of every type against a plain search through the elements. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IpsetProbe, type IpsetType, makeIpset } from '../../../../src/kernel/netfilter/ipset.ts';
import { type IpAddr, ip4, ip6, printIp } from '../../../../src/net/address.ts';
import { contains, printPrefix } from '../../../../src/net/prefix.ts';

/** A small world, so that elements and probes meet: 16 addresses in a /28, 3 ports, 3 interfaces. */
type Entry = {
  readonly host: number;
  readonly bits: number;
  readonly second: number;
  readonly protocol: 6 | 17;
  readonly port: number;
  readonly device: string;
  readonly nomatch: boolean;
  readonly wildcard: boolean;
};

const hosts = fc.integer({ min: 0, max: 15 });
const fields = {
  host: hosts,
  second: hosts,
  protocol: fc.constantFrom<6 | 17>(6, 17),
  port: fc.integer({ min: 79, max: 81 }),
  device: fc.constantFrom('eth0', 'eth1', 'eth'),
};
const entry: fc.Arbitrary<Entry> = fc.record({
  ...fields,
  bits: fc.integer({ min: 28, max: 32 }),
  nomatch: fc.boolean(),
  wildcard: fc.boolean(),
});
/** Half of the questions are about an element, as it is or changed in one place: random ones alone would rarely hit. */
const question = fc.record({
  ...fields,
  like: fc.option(fc.nat(29)),
  changed: fc.constantFrom<keyof Question | 'nothing'>('nothing', 'host', 'second', 'protocol', 'port', 'device'),
});

type Question = Pick<Entry, 'host' | 'second' | 'protocol' | 'port' | 'device'>;

function questionAbout(
  entries: readonly Entry[],
  { like, changed, ...random }: typeof question extends fc.Arbitrary<infer Q> ? Q : never,
): Question {
  const element = like === null ? undefined : entries[like % entries.length];
  if (element === undefined) return random;
  return changed === 'nothing' ? element : { ...element, [changed]: random[changed] };
}

type Family = 4 | 6;

function address(host: number, family: Family): IpAddr {
  return family === 4 ? ip4(0x0a000010 + host) : ip6((0x20010db8n << 96n) + 0x10n + BigInt(host));
}

const prefixOf = (host: number, bits: number, family: Family) => ({
  addr: address(host, family),
  bits: family === 4 ? bits : bits + 96,
});

type Shape = {
  /** ipset's words for an element. */
  readonly write: (e: Entry, family: Family) => string;
  /** Whether the element is about the question, in all places but that of the network. */
  readonly fits: (e: Entry, q: Question) => boolean;
  /** The place of the network, if the type has one. */
  readonly network?: 'host' | 'second';
  readonly options?: string;
};

const port = (e: Pick<Entry, 'protocol' | 'port'>): string => `${e.protocol === 6 ? 'tcp' : 'udp'}:${e.port}`;
const host = (e: Entry, family: Family): string => printIp(address(e.host, family));
const second = (e: Entry, family: Family): string => printIp(address(e.second, family));
const net = (n: number, e: Entry, family: Family): string => printPrefix(prefixOf(n, e.bits, family));
const not = (e: Entry): string => (e.nomatch ? ' nomatch' : '');
const samePort = (e: Pick<Entry, 'protocol' | 'port'>, q: Pick<Entry, 'protocol' | 'port'>): boolean =>
  e.protocol === q.protocol && e.port === q.port;

const SHAPES: Readonly<Record<Exclude<IpsetType, 'list:set'>, Shape>> = {
  'hash:ip': { write: host, fits: (e, q) => e.host === q.host },
  'bitmap:ip': { write: host, fits: (e, q) => e.host === q.host, options: 'range 10.0.0.0/24' },
  'bitmap:port': { write: (e) => String(e.port), fits: (e, q) => e.port === q.port, options: 'range 0-65535' },
  'hash:ip,port': { write: (e, f) => `${host(e, f)},${port(e)}`, fits: (e, q) => e.host === q.host && samePort(e, q) },
  'hash:ip,port,ip': {
    write: (e, f) => `${host(e, f)},${port(e)},${second(e, f)}`,
    fits: (e, q) => e.host === q.host && samePort(e, q) && e.second === q.second,
  },
  'hash:net': { write: (e, f) => net(e.host, e, f) + not(e), fits: () => true, network: 'host' },
  'hash:net,port': { write: (e, f) => `${net(e.host, e, f)},${port(e)}${not(e)}`, fits: samePort, network: 'host' },
  'hash:ip,port,net': {
    write: (e, f) => `${host(e, f)},${port(e)},${net(e.second, e, f)}${not(e)}`,
    fits: (e, q) => e.host === q.host && samePort(e, q),
    network: 'second',
  },
  'hash:net,iface': {
    write: (e, f) => `${net(e.host, e, f)},${e.device}${not(e)}${e.wildcard ? ' wildcard' : ''}`,
    fits: (e, q) => (e.wildcard ? q.device.startsWith(e.device) : e.device === q.device),
    network: 'host',
  },
};

const types = Object.keys(SHAPES).filter((type): type is Exclude<IpsetType, 'list:set'> => Object.hasOwn(SHAPES, type));

const cases: readonly (readonly [Exclude<IpsetType, 'list:set'>, Family])[] = types.flatMap((type) =>
  ([4, 6] as const).filter((family) => family === 4 || type !== 'bitmap:ip').map((family) => [type, family] as const),
);

/** Every element is looked at; the kernel's rule says which of those that hold the address decides. */
function search(type: Exclude<IpsetType, 'list:set'>, entries: readonly Entry[], q: Question, family: Family): boolean {
  const { fits, network } = SHAPES[type];
  if (network === undefined) return entries.some((e) => fits(e, q));
  const holding = entries.filter((e) => contains(prefixOf(e[network], e.bits, family), address(q[network], family)));
  // hash:net,iface ends at the longest network, whatever its interfaces; the others at the longest that fits otherwise.
  const candidates = type === 'hash:net,iface' ? holding : holding.filter((e) => fits(e, q));
  const longest = Math.max(...candidates.map(({ bits }) => bits));
  const decides = candidates.find((e) => e.bits === longest && fits(e, q));
  return decides !== undefined && !decides.nomatch;
}

/** The kernel keeps the first of two equal elements; its flags are not part of the element. */
function unique(type: Exclude<IpsetType, 'list:set'>, entries: readonly Entry[], family: Family): readonly Entry[] {
  const kept = new Map<string, Entry>();
  for (const e of entries) {
    const { network } = SHAPES[type];
    const masked = network === undefined ? e : { ...e, [network]: e[network] & (0xf << (32 - e.bits)) };
    const key = SHAPES[type].write({ ...masked, nomatch: false, wildcard: false }, family);
    if (!kept.has(key)) kept.set(key, e);
  }
  return [...kept.values()];
}

describe('the index of a set', () => {
  it.each(cases)('%s of IPv%i answers like a search through all elements', (type, family) => {
    let hits = 0;
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 30 }),
        fc.array(question, { minLength: 1, maxLength: 20 }),
        (entries, questions) => {
          const { write, options = '' } = SHAPES[type];
          const set = makeIpset({ name: 't', type, family, options, entries: entries.map((e) => write(e, family)) });
          const elements = unique(type, entries, family);
          for (const words of questions) {
            const q = questionAbout(entries, words);
            const [first, last] = [address(q.host, family), address(q.second, family)];
            const packetPort = { protocol: q.protocol, port: q.port };
            const probe: IpsetProbe = {
              addresses: [first, last, last],
              ports: [packetPort, packetPort, packetPort],
              interfaces: [q.device, q.device, q.device],
            };
            const expected = search(type, elements, q, family);
            if (expected) hits++;
            expect(set.test(probe, () => undefined)).toBe(expected);
          }
        },
      ),
      { numRuns: 150 },
    );
    // A world too large would make every answer no, and prove nothing.
    expect(hits).toBeGreaterThan(50);
  });
});

describe('entries that are addresses', () => {
  it.each([
    ['hash:net', ''],
    ['hash:net', 'timeout 5 counters'],
    ['hash:ip', 'netmask 24'],
  ] as const)('make the same %s set (%s) as their texts', (type, options) => {
    const anyAddress = fc.integer({ min: 256, max: 0xffffffff }).map(ip4);
    fc.assert(
      fc.property(fc.array(fc.oneof(anyAddress, fc.constantFrom('10.0.0.0/28', '10.0.0.1', '1.0.0.1'))), (entries) => {
        const spec = { name: 't', type, family: 4, options } as const;
        const plain = entries.map((entry) => (typeof entry === 'string' ? entry : printIp(entry)));
        expect(makeIpset({ ...spec, entries }).entries()).toEqual(makeIpset({ ...spec, entries: plain }).entries());
      }),
    );
  });
});
