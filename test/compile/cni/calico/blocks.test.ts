import { describe, expect, test } from 'vitest';
import type { Pool } from '../../../../src/cluster/calico-pools.ts';
import { allocateBlocks } from '../../../../src/compile/cni/calico/blocks.ts';
import { fnv1 } from '../../../../src/lib/fnv1.ts';
import { printIp } from '../../../../src/net/address.ts';
import { type Prefix, printPrefix } from '../../../../src/net/prefix.ts';
import { ip, nodeSettings, prefix } from '../../cluster-fixture.ts';

const POOL: Pool = {
  name: 'default-ipv4-ippool',
  cidr: prefix('10.244.0.0/16'),
  blockSize: 26,
  ipip: 'Never',
  vxlan: 'Never',
  natOutgoing: true,
  disabled: false,
};
const node = (name: string, fields = {}) => nodeSettings(name, '192.168.1.1/24', fields);
const text = (prefixes: readonly Prefix[]) => prefixes.map(printPrefix);

test('FNV-1 is the hash of that name', () => {
  // The test vectors of draft-eastlake-fnv for 32-bit FNV-1.
  expect(fnv1('')).toBe(0x811c9dc5);
  expect(fnv1('a')).toBe(0x050c5d7e);
  expect(fnv1('foobar')).toBe(0x31f0b262);
});

describe('blocks of a node', () => {
  test('are those the input names, in order of their addresses', () => {
    const blocks = allocateBlocks({
      family: 4,
      nodes: [
        node('n1', { blocks: [prefix('10.244.9.0/26'), prefix('10.244.2.0/26')] }),
        node('n2', { podCIDR: prefix('10.244.5.0/24') }),
      ],
      pools: [POOL],
      holders: [],
    });
    expect(text(blocks.of('n1'))).toEqual(['10.244.2.0/26', '10.244.9.0/26']);
    expect(text(blocks.of('n2'))).toEqual(['10.244.5.0/24']);
  });

  test('follow its Pods where the input names none; who comes later borrows', () => {
    const blocks = allocateBlocks({
      family: 4,
      nodes: [node('n1'), node('n2')],
      pools: [POOL],
      holders: [
        { node: 'n1', ips: [ip('10.244.3.70')] },
        { node: 'n2', ips: [ip('10.244.3.71')] },
        { node: 'n2', ips: [ip('10.244.8.1')] },
      ],
    });
    expect(text(blocks.of('n1'))).toEqual(['10.244.3.64/26']);
    expect(text(blocks.of('n2'))).toEqual(['10.244.8.0/26']);
    expect(text(blocks.borrowedBy('n2'))).toEqual(['10.244.3.71/32']);
    expect(blocks.containing(ip('10.244.3.99'))).toMatchObject({ node: 'n1' });
  });

  test('grow with its Pods beyond the podCIDR, but not beyond a list of blocks', () => {
    const of = (fields: object) => {
      const blocks = allocateBlocks({
        family: 4,
        nodes: [node('n1', fields)],
        pools: [POOL],
        holders: [{ node: 'n1', ips: [ip('10.244.7.1')] }],
      });
      return [text(blocks.of('n1')), text(blocks.borrowedBy('n1'))];
    };
    expect(of({ podCIDR: prefix('10.244.5.0/26') })).toEqual([['10.244.5.0/26', '10.244.7.0/26'], []]);
    expect(of({ blocks: [prefix('10.244.5.0/26')] })).toEqual([['10.244.5.0/26'], ['10.244.7.1/32']]);
  });

  test('start where FNV-1 of its name says when it has no Pods, and go on to the next free one', () => {
    const start = fnv1('n1') % 1024;
    const taken = prefix(`10.244.${Math.floor(start / 4)}.${(start % 4) * 64}/26`);
    const allocate = (blocks: readonly Prefix[]) =>
      text(
        allocateBlocks({
          family: 4,
          nodes: [node('other', { blocks }), node('n1')],
          pools: [POOL],
          holders: [],
        }).of('n1'),
      );
    expect(allocate([prefix('192.168.0.0/26')])).toEqual([printPrefix(taken)]);
    const next = (start + 1) % 1024;
    expect(allocate([taken])).toEqual([`10.244.${Math.floor(next / 4)}.${(next % 4) * 64}/26`]);
  });

  test('end with the pool', () => {
    const small = { ...POOL, cidr: prefix('10.244.0.0/26') };
    const blocks = allocateBlocks({ family: 4, nodes: [node('n1'), node('n2')], pools: [small], holders: [] });
    expect([text(blocks.of('n1')), text(blocks.of('n2'))]).toEqual([['10.244.0.0/26'], []]);
  });
});

describe('the tunnel address', () => {
  const address = (fields: object, ...held: readonly string[]) => {
    const n1 = node('n1', { podCIDR: prefix('10.244.88.64/26'), ...fields });
    const blocks = allocateBlocks({
      family: 4,
      nodes: [n1],
      pools: [POOL],
      holders: [{ node: 'n1', ips: held.map(ip) }],
    });
    const found = blocks.tunnelAddress(n1);
    return found === undefined ? undefined : printIp(found);
  };
  test.each<[string, string | undefined, object, readonly string[]]>([
    ['is the first of the first block', '10.244.88.64', {}, ['10.244.88.65']],
    ['is the first that no Pod holds', '10.244.88.66', {}, ['10.244.88.64', '10.244.88.65']],
    ['is the given one', '10.244.88.70', { tunnelAddress: ip('10.244.88.70') }, []],
  ])('%s', (_, expected, fields, held) => {
    expect(address(fields, ...held)).toBe(expected);
  });
});
