/** Packets of one machine through its tables: chances, unknown parts, and what is told of the way. */
import { describe, expect, it } from 'vitest';
import { buildNetns } from '../../../src/kernel/netns-build.ts';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import { isNftRule, printRule } from '../../../src/kernel/nftables/print-rule.ts';
import { explore } from '../../../src/kernel/walk/explore.ts';
import type { Path } from '../../../src/kernel/walk/step.ts';
import { toNumber } from '../../../src/lib/fraction.ts';
import { ip4 } from '../../../src/net/address.ts';

const LOOPBACK = ip4(0x7f000001);

function paths(nftables: string, dport = 80, verbosity: 0 | 1 | 2 = 0): readonly Path[] {
  const netns = buildNetns({
    id: netnsId('machine'),
    devices: [],
    nftablesText: { text: nftables, file: 'rules.nft', line: 1 },
    listeners: [{ protocol: 'tcp', port: 'any' }],
  });
  const world = { netns: () => netns, answering: () => [], hearing: () => [], blocked: () => undefined };
  const probe = { netns: netns.id, destination: LOOPBACK, protocol: 'tcp', sport: 40_000, dport } as const;
  return explore(world, probe, { verbosity }).paths;
}

const output = (rules: string, more = '', type = 'filter'): string => `table ip t {
${more}
 chain out {
  type ${type} hook output priority ${type === 'nat' ? -100 : 0}
${rules}
 }
}`;

const ends = (all: readonly Path[]) =>
  all.map((path) => [
    toNumber(path.probability),
    path.request.disposition.kind,
    path.choices.map(({ taken }) => taken).join(' '),
  ]);

describe('random numbers branch with exact probabilities', () => {
  it.each([
    [
      'a verdict map',
      'numgen random mod 3 vmap { 0 : accept, 1-2 : drop }',
      [
        [1 / 3, 'delivered', 'accept'],
        [2 / 3, 'dropped', 'drop'],
      ],
    ],
    [
      'a number that no element has',
      'numgen random mod 4 vmap { 0 : drop }',
      [
        [1 / 4, 'dropped', 'drop'],
        [3 / 4, 'delivered', 'no element'],
      ],
    ],
    [
      'a comparison',
      'numgen random mod 10 < 3 drop',
      [
        [3 / 10, 'dropped', 'match'],
        [7 / 10, 'delivered', 'no match'],
      ],
    ],
    [
      'an offset',
      'numgen random mod 10 offset 5 5-9 drop',
      [
        [1 / 2, 'dropped', 'match'],
        [1 / 2, 'delivered', 'no match'],
      ],
    ],
    [
      'a hash, which nobody can foretell',
      'jhash ip saddr mod 2 vmap { 0 : drop, 1 : accept }',
      [
        [1 / 2, 'dropped', 'drop'],
        [1 / 2, 'delivered', 'accept'],
      ],
    ],
    ['one of one is none', 'numgen random mod 1 vmap { 0 : drop }', [[1, 'dropped', '']]],
  ])('%s', (_, rule, expected) => {
    // Answers pass the hook as well: only the request is meant.
    expect(ends(paths(output(`tcp dport 80 ${rule}`)))).toEqual(expected);
  });
  it('a thousand endpoints are a thousand paths that add up to one', () => {
    const elements = Array.from({ length: 1000 }, (_, i) => `${i} : 127.0.${i >> 8}.${i & 255} . 80`);
    const all = paths(
      output(`meta l4proto tcp dnat ip to numgen random mod 1000 map { ${elements.join(', ')} }`, '', 'nat'),
    );
    expect(all).toHaveLength(1000);
    expect(new Set(all.map(({ probability }) => `${probability.numerator}/${probability.denominator}`))).toEqual(
      new Set(['1/1000']),
    );
  });
});

describe('what the model does not know', () => {
  it('is asked as a condition where a verdict follows', () => {
    const all = paths(output('tcp dport 80 socket transparent 1 drop'));
    expect(ends(all).map(([, kind]) => kind)).toEqual(['delivered', 'dropped']);
    expect(all[1]?.presumed).toEqual(['nftables: socket transparent 1: match']);
  });
  it('may have ended the way where nothing follows', () => {
    expect(ends(paths(output('tcp dport 80 frobnicate the packet'))).map(([, kind]) => kind)).toEqual([
      'delivered',
      'dropped',
    ]);
  });
  it('queue: a program may drop the packet', () => {
    expect(ends(paths(output('tcp dport 80 queue num 1'))).map(([, kind]) => kind)).toEqual(['delivered', 'dropped']);
  });
});

describe('the way is told', () => {
  const rules = output(
    'tcp dport 80 jump x\n mark set 0x5\n tcp dport 81 drop',
    ' chain x {\n ip saddr 127.0.0.1 return\n }',
  );
  const told = (dport: number, verbosity: 0 | 1 | 2) =>
    paths(rules, dport, verbosity)[0]?.request.steps.flatMap((step) => {
      if (step.kind === 'netfilter') {
        const words = step.rule !== undefined && isNftRule(step.rule) ? printRule(step.rule) : '';
        return [
          `${step.table} ${step.chain} ${step.event} ${step.number} ${step.action} mark ${step.mark}>${step.markAfter} ${words}`.trim(),
        ];
      }
      if (step.kind === 'miss') return [`${step.chain} ${step.number} missed ${step.missed}`];
      return step.kind === 'chain' ? [`enter ${step.table} ${step.chain}`] : [];
    });
  it('rules that matched, returns and the policy', () => {
    expect(told(80, 0)).toEqual([
      'ip t out rule 1 jump x mark 0>0 tcp dport 80 jump x',
      'ip t x return 1 RETURN mark 0>0 ip saddr 127.0.0.1 return',
      'ip t out rule 2 MARK 0x5 mark 0>5 meta mark set 0x00000005',
      'ip t out policy 4 ACCEPT mark 5>5',
    ]);
  });
  it('every rule with -vv', () => {
    expect(told(81, 2)).toEqual([
      'enter ip t out',
      'out 1 missed tcp dport 80',
      'ip t out rule 2 MARK 0x5 mark 0>5 meta mark set 0x00000005',
      'ip t out rule 3 DROP mark 5>5 tcp dport 81 drop',
    ]);
  });
  it('the rules that were examined are counted', () => {
    expect(paths(rules, 81)[0]?.stats).toEqual({ rulesExamined: 3, chainsEntered: 1 });
  });
});
