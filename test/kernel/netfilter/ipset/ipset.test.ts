import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpsetSave, printIpsetSave } from '../../../../src/kernel/netfilter/ipset/save.ts';
import { IPSET_TYPES } from '../../../../src/kernel/netfilter/ipset/type.ts';
import { type Ipset, type IpsetProbe, makeIpset } from '../../../../src/kernel/netfilter/ipset.ts';
import { type IpAddr, ip4, parseIp, printIp } from '../../../../src/net/address.ts';
import { probeOf } from './probe.ts';
import {
  ALL_TYPES,
  CREATE_ROWS,
  ELEMENT_ROWS,
  LOOKUP_ROWS,
  typeOf,
  WRONG_CREATE_ROWS,
  WRONG_ELEMENT_ROWS,
} from './rows.ts';

const place = { file: 'sets.txt', line: 1 };

/** The sets of a text that must be right. */
function read(text: string): readonly Ipset[] {
  const result = parseIpsetSave(text, place);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

function only(text: string): Ipset {
  const [set] = read(text);
  if (set === undefined) throw new Error('no set');
  return set;
}

function ip(text: string): IpAddr {
  const address = parseIp(text);
  if (address === undefined) throw new Error(text);
  return address;
}

const none = (): undefined => undefined;

describe('create lines', () => {
  it.each(CREATE_ROWS)('%s', (words, printed) => {
    expect(printIpsetSave(read(`create t ${words}\n`))).toBe(`create t ${printed}\n`);
    expect(printIpsetSave(read(`create t ${printed}\n`))).toBe(`create t ${printed}\n`);
  });

  it.each(WRONG_CREATE_ROWS)('refuses %s', (words, column, message) => {
    expect(parseIpsetSave(`\ncreate t ${words}\nadd t x`, { file: 'f', line: 7 })).toEqual({
      ok: false,
      issues: [
        expect.objectContaining({ message: expect.stringContaining(message), at: { file: 'f', line: 8, column } }),
      ],
    });
  });

  it('keeps bucketsize and initval where they were given', () => {
    const line = 'create t hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x000a61b3\n';
    expect(printIpsetSave(read(line))).toBe(line);
  });
});

describe('elements', () => {
  const extra = 'create member hash:ip\n';

  it.each(ELEMENT_ROWS)('%s: add %s', (set, element, elements) => {
    const sets = read(`${extra}create t ${set}\nadd t ${element}\n`);
    expect(sets.find(({ name }) => name === 't')?.entries()).toEqual(elements);
  });

  it.each(ELEMENT_ROWS.flatMap(([set, , elements]) => elements.map((element) => [set, element] as const)))(
    '%s reads back %s',
    (set, element) => {
      expect(
        read(`${extra}create t ${set}\nadd t ${element}\n`)
          .find(({ name }) => name === 't')
          ?.entries(),
      ).toEqual([element]);
    },
  );

  it.each(WRONG_ELEMENT_ROWS)('%s refuses %s', (set, element, message) => {
    expect(parseIpsetSave(`create list list:set\ncreate t ${set}\nadd t ${element}\n`, place)).toEqual({
      ok: false,
      issues: [
        expect.objectContaining({
          message: expect.stringContaining(message),
          at: expect.objectContaining({ line: 3 }),
        }),
      ],
    });
  });

  it('has rows for every type', () => {
    expect(Object.keys(IPSET_TYPES).sort()).toEqual([...ALL_TYPES].sort());
    expect(ALL_TYPES.filter((type) => !ELEMENT_ROWS.some(([set]) => typeOf(set) === type))).toEqual([]);
    expect(
      ALL_TYPES.filter((type) => type !== 'list:set' && !LOOKUP_ROWS.some(({ set }) => typeOf(set) === type)),
    ).toEqual([]);
    expect(ALL_TYPES.filter((type) => !CREATE_ROWS.some(([set]) => typeOf(set) === type))).toEqual([]);
  });
});

describe('parseIpsetSave', () => {
  it('tells everything that is wrong at once, with its place', () => {
    const text = [
      '# by hand',
      'create web hash:ip,prt',
      'add web 10.0.0.1,tcp:80',
      'create nets hash:net',
      'add nets 10.0.0.0/8',
      'add nets 10.0.0.0/8',
      'add nests 10.0.0.0/8',
      'crate x hash:ip',
      'create nets hash:ip',
      'add nets 10.0.0.0/9 nomach',
      'create',
      'COMMIT',
    ].join('\n');
    const result = parseIpsetSave(text, { file: 'f', line: 100 });
    expect(
      result.ok ? [] : result.issues.map(({ message, at, hint }) => [at?.line, at?.column, message, hint]),
    ).toEqual([
      [101, 12, 'unknown set type "hash:ip,prt"', 'did you mean hash:ip,port?'],
      [105, 10, '10.0.0.0/8 is already in set nets', undefined],
      [106, 5, 'no set nests has been created', 'did you mean nets?'],
      [107, 1, 'unknown command "crate"', 'only create and add lines are read'],
      [108, 8, 'set nets is created twice', undefined],
      [109, 21, 'unknown option "nomach" of an element of type hash:net', 'did you mean nomatch?'],
      [110, 1, 'expected the name of a set at the end of the rule', undefined],
    ]);
  });

  it('lets -exist say an element again, with new words', () => {
    const set = only('create n hash:net\nadd n 10.0.0.0/8\nadd -exist n 10.0.0.0/8 nomatch\nadd n 10.0.0.0/8 -!\n');
    expect(set.entries()).toEqual(['10.0.0.0/8']);
  });

  it('is not confused by names of objects', () => {
    const sets = read('create __proto__ hash:ip\nadd __proto__ 10.0.0.1\ncreate constructor hash:net\n');
    expect(sets.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
    expect(parseIpsetSave('create t __proto__\n', place).ok).toBe(false);
    expect(parseIpsetSave('create t hash:ip __proto__ 1\n', place).ok).toBe(false);
  });

  it('prints lists behind their members', () => {
    const sets = read('create a hash:ip\ncreate l list:set\nadd l a\ncreate b hash:ip\n');
    expect(printIpsetSave(sets)).toBe(
      [
        'create a hash:ip family inet hashsize 1024 maxelem 65536',
        'create b hash:ip family inet hashsize 1024 maxelem 65536',
        'create l list:set size 8',
        'add l a',
        '',
      ].join('\n'),
    );
  });

  it('keeps at most a million elements of one line', () => {
    for (const element of ['10.0.0.0/8', '10.0.0.0/12,tcp:0-65535']) {
      const type = element.includes(',') ? 'hash:ip,port' : 'hash:ip';
      expect(parseIpsetSave(`create t ${type} maxelem 4294967295\nadd t ${element}\n`, place).ok).toBe(false);
    }
  });
});

describe('makeIpset', () => {
  const spec = { name: 's', type: 'hash:net', family: 4 } as const;

  it('reads entries when they are first needed', () => {
    let asked = 0;
    const entries = (): readonly string[] => {
      asked++;
      return ['10.0.0.0/8', '10.0.0.0-10.0.0.3', '10.0.0.0/8'];
    };
    const set = makeIpset({ ...spec, entries });
    expect(asked).toBe(0);
    expect(set.options).toBe('hashsize 1024 maxelem 65536');
    expect(set.test(probeOf(['10.0.0.1']), none)).toBe(true);
    expect(set.test(probeOf(['11.0.0.1']), none)).toBe(false);
    expect(set.entries()).toEqual(['10.0.0.0/8', '10.0.0.0/30']);
    expect(asked).toBe(1);
  });

  it('answers for addresses as it does for their texts', () => {
    const near = fc.integer({ min: 0x0a000000, max: 0x0a000010 }).map(ip4);
    fc.assert(
      fc.property(fc.array(near), near, fc.boolean(), (members, asked, returnNomatch) => {
        const fast = makeIpset({ ...spec, entries: members });
        const plain = makeIpset({ ...spec, entries: members.map(printIp) });
        const probe = { ...probeOf([printIp(asked)]), returnNomatch };
        expect(fast.test(probe, none)).toBe(plain.test(probe, none));
        expect(fast.test({ ...probe, addresses: [undefined] }, none)).toBe(false);
        expect(fast.entries()).toEqual(plain.entries());
      }),
    );
  });

  it('takes words for granted, so that wrong ones are a bug', () => {
    expect(() => makeIpset({ ...spec, options: 'size 4', entries: [] })).toThrow('unknown option');
    expect(() => makeIpset({ ...spec, name: '', entries: [] })).toThrow('no name');
    expect(() => makeIpset({ ...spec, entries: ['x'] }).entries()).toThrow('no IPv4 network');
  });

  it('lists a bitmap by number', () => {
    const bitmap = makeIpset({
      name: 'p',
      type: 'bitmap:port',
      family: 4,
      options: 'range 0-65535',
      entries: ['9', '100', '2-3'],
    });
    expect(bitmap.entries()).toEqual(['2', '3', '9', '100']);
  });
});

describe('looking up', () => {
  it.each(LOOKUP_ROWS.flatMap((row) => row.found.map((element) => [row.set, element, row] as const)))(
    '%s finds %s',
    (_set, element, row) => {
      const set = only(`create t ${row.set}\n${row.elements.map((e) => `add t ${e}\n`).join('')}`);
      expect(set.test(probeOf(element.split(','), set.type), none)).toBe(true);
    },
  );

  it.each(LOOKUP_ROWS.flatMap((row) => row.missing.map((element) => [row.set, element, row] as const)))(
    '%s does not find %s',
    (_set, element, row) => {
      const set = only(`create t ${row.set}\n${row.elements.map((e) => `add t ${e}\n`).join('')}`);
      expect(set.test(probeOf(element.split(','), set.type), none)).toBe(false);
    },
  );

  const probe = (directions: number, more: Partial<IpsetProbe> = {}): IpsetProbe => ({
    addresses: [ip('10.0.0.1'), ip('10.0.0.2'), ip('10.0.0.3')].slice(0, directions),
    ports: [
      { protocol: 6, port: 1000 },
      { protocol: 6, port: 80 },
      { protocol: 6, port: 1000 },
    ].slice(0, directions),
    interfaces: ['eth0', 'eth1', 'eth0'].slice(0, directions),
    ...more,
  });

  it('needs as many directions as the type has places, and takes more', () => {
    const set = only('create t hash:ip,port\nadd t 10.0.0.1,tcp:80\n');
    expect([1, 2, 3].map((directions) => set.test(probe(directions), none))).toEqual([false, true, true]);
  });

  it('never matches a packet of the other family', () => {
    const four = only('create t hash:net\nadd t 0.0.0.0/1\n');
    const six = only('create t hash:net family inet6\nadd t ::/1\n');
    expect([four, six].map((set) => set.test(probe(1), none))).toEqual([true, false]);
    expect([four, six].map((set) => set.test(probe(1, { addresses: [ip('2001:db8::1')] }), none))).toEqual([
      false,
      true,
    ]);
  });

  it('finds ports of TCP and UDP in a bitmap, of both families', () => {
    const set = only('create t bitmap:port range 0-65535\nadd t 80\n');
    const at = (protocol: number, address: string): boolean =>
      set.test({ addresses: [ip(address)], ports: [{ protocol, port: 80 }], interfaces: [] }, none);
    expect([at(6, '10.0.0.1'), at(17, '10.0.0.1'), at(132, '10.0.0.1'), at(6, '::1')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(set.test({ addresses: [ip('10.0.0.1')], ports: [undefined], interfaces: [] }, none)).toBe(false);
  });

  it('never finds the null address in hash:ip', () => {
    const set = only('create t hash:ip netmask 8\nadd t 10.0.0.0\n');
    expect(set.test({ addresses: [ip('0.0.0.1')], ports: [], interfaces: [] }, none)).toBe(false);
  });

  it('asks for exceptions with --return-nomatch', () => {
    const set = only('create t hash:net\nadd t 10.0.0.0/8\nadd t 10.0.0.1 nomatch\n');
    const plain = only('create t hash:ip\nadd t 10.0.0.1\n');
    const turned = { returnNomatch: true } as const;
    expect(set.test(probe(1, turned), none)).toBe(true);
    expect(set.test(probe(1, { ...turned, addresses: [ip('10.0.0.2')] }), none)).toBe(false);
    expect(plain.test(probe(1, turned), none)).toBe(true);
  });

  it('asks the members of a list in turn, each by its own rules', () => {
    const sets = new Map(
      read(
        'create one hash:ip\nadd one 10.0.0.9\ncreate two hash:ip,port\nadd two 10.0.0.1,tcp:80\ncreate l list:set\nadd l one\nadd l two\n',
      ).map((set) => [set.name, set]),
    );
    const ask = (directions: number): boolean | undefined =>
      sets.get('l')?.test(probe(directions), (name) => sets.get(name));
    expect([1, 2].map(ask)).toEqual([false, true]);
    expect(sets.get('l')?.test(probe(2), none)).toBe(false);
  });

  it('takes the interface of the second direction', () => {
    const set = only('create t hash:net,iface\nadd t 10.0.0.0/8,eth1\n');
    expect(set.test(probe(2), none)).toBe(true);
    expect(set.test(probe(2, { interfaces: ['eth1', 'eth0'] }), none)).toBe(false);
    expect(set.test(probe(2, { interfaces: ['eth1', undefined] }), none)).toBe(false);
  });
});
