/** Random IP sets of every type. */
import type { Draft, Pool } from './generate.ts';
import type { Random } from './random.ts';

/** A set as text of `ipset save`, and how many directions a match must name. */
export type GeneratedSet = { readonly name: string; readonly dimensions: number; readonly text: string };

type Maker = {
  readonly dimensions: number;
  readonly create: string;
  entry(random: Random, pool: Pool, machine: Draft): string;
};

const HASH = 'family inet hashsize 1024 maxelem 65536';

function address(random: Random, pool: Pool): string {
  return random.pick([...pool.addresses, ...pool.strangers]) ?? '10.0.0.1';
}

function prefix(random: Random, pool: Pool): string {
  const subnet = random.pick(pool.subnets) ?? '10.0.0.0/24';
  return random.chance(0.4)
    ? address(random, pool)
    : random.chance(0.3)
      ? subnet.replace(/\.\d+\/\d+$/, '.0/29')
      : subnet;
}

function port(random: Random, pool: Pool): string {
  return random.chance(0.1) ? 'icmp:echo-request' : `${random.pick(['tcp', 'udp'])}:${random.pick(pool.ports)}`;
}

const MAKERS: Readonly<Record<string, Maker>> = {
  'hash:ip': { dimensions: 1, create: HASH, entry: (r, p) => address(r, p) },
  'hash:net': { dimensions: 1, create: HASH, entry: (r, p) => `${prefix(r, p)}${r.chance(0.2) ? ' nomatch' : ''}` },
  'hash:ip,port': { dimensions: 2, create: HASH, entry: (r, p) => `${address(r, p)},${port(r, p)}` },
  'hash:ip,port,ip': {
    dimensions: 3,
    create: HASH,
    entry: (r, p) => `${address(r, p)},${port(r, p)},${address(r, p)}`,
  },
  'hash:ip,port,net': {
    dimensions: 3,
    create: HASH,
    entry: (r, p) => `${address(r, p)},${port(r, p)},${prefix(r, p)}`,
  },
  'hash:net,port': { dimensions: 2, create: HASH, entry: (r, p) => `${prefix(r, p)},${port(r, p)}` },
  'hash:net,iface': {
    dimensions: 2,
    create: HASH,
    entry: (r, p, machine) =>
      `${prefix(r, p)},${r.chance(0.15) ? 'physdev:' : ''}${r.pick(machine.devices)?.name ?? 'eth0'}`,
  },
  'bitmap:port': { dimensions: 1, create: 'range 0-65535', entry: (r, p) => String(r.pick(p.ports)) },
};

/** One to three sets, and now and then a list of them. */
export function generateIpsets(random: Random, pool: Pool, machine: Draft): readonly GeneratedSet[] {
  const sets = Array.from({ length: random.int(1, 3) }, (_, index): GeneratedSet => {
    const type = random.pick(Object.keys(MAKERS)) ?? 'hash:ip';
    const maker = MAKERS[type];
    if (maker === undefined) throw new Error('a type has its maker');
    const name = `set${index + 1}`;
    const entries = new Map<string, string>();
    for (let i = random.int(1, 5); i > 0; i--) {
      const entry = maker.entry(random, pool, machine);
      // `10.0.0.0/24` and `10.0.0.0/24 nomatch` are one element.
      entries.set(entry.replace(' nomatch', ''), entry);
    }
    const lines = [
      `create ${name} ${type} ${maker.create}`,
      ...[...entries.values()].map((entry) => `add ${name} ${entry}`),
    ];
    return { name, dimensions: maker.dimensions, text: lines.map((line) => `${line}\n`).join('') };
  });
  const first = sets[0];
  if (first === undefined || !random.chance(0.2)) return sets;
  const members = sets.filter((set) => set.dimensions === first.dimensions).map((set) => `add list1 ${set.name}\n`);
  return [
    ...sets,
    { name: 'list1', dimensions: first.dimensions, text: `create list1 list:set size 8\n${members.join('')}` },
  ];
}
