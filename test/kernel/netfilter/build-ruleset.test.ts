import { describe, expect, it } from 'vitest';
import { buildRuleset } from '../../../src/kernel/netfilter/build-ruleset.ts';
import { parseIptablesSave, printIptablesSave } from '../../../src/kernel/netfilter/save-format.ts';
import type { ChainSpec, HookSpec, IptablesSpec } from '../../../src/kernel/netns-spec.ts';
import { eager } from '../../../src/lib/lazy.ts';
import { wordsOf } from './parse.ts';

const chain = (name: string, ...rules: readonly string[]): ChainSpec => ({
  table: 'filter',
  chain: name,
  rules: eager(rules.map((rule) => ({ args: wordsOf(rule) }))),
});
const hook = (place: 'insert' | 'append', rule: string): HookSpec => ({
  table: 'filter',
  chain: 'INPUT',
  place,
  rule: { args: wordsOf(rule) },
});

function linesOf(contributions: readonly IptablesSpec[], base?: string): readonly string[] {
  const read = base === undefined ? undefined : parseIptablesSave(base, { family: 4, file: 'base', line: 1 });
  if (read !== undefined && !read.ok) throw new Error('bad test');
  return printIptablesSave(buildRuleset(contributions, read?.value, 4))
    .split('\n')
    .filter((line) => /^[-:*]/.test(line));
}

describe('buildRuleset', () => {
  it('has no tables where nobody contributes', () => {
    expect(buildRuleset([], undefined, 4).size).toBe(0);
  });

  it('inserts above and appends below what is there when the turn comes', () => {
    const first = { chains: [], hooks: [hook('append', '-p 1'), hook('insert', '-p 2')] };
    const second = { chains: [], hooks: [hook('append', '-p 17'), hook('insert', '-p 6')] };
    expect(linesOf([first, second], '*filter\n-A INPUT -j ACCEPT\nCOMMIT\n').slice(4)).toEqual([
      '-A INPUT -p tcp',
      '-A INPUT -p igmp',
      '-A INPUT -j ACCEPT',
      '-A INPUT -p icmp',
      '-A INPUT -p udp',
    ]);
  });

  it('makes one chain of chains with one name, and sorts them', () => {
    const first = { chains: [chain('Z', '-j RETURN'), chain('B', '-j Z')], hooks: [] };
    const second = { chains: [chain('Z', '-j DROP')], hooks: [hook('append', '-j B')] };
    expect(linesOf([first, second], '*filter\n:Z - [0:0]\n-A Z -j ACCEPT\nCOMMIT\n')).toEqual([
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':FORWARD ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ':B - [0:0]',
      ':Z - [0:0]',
      '-A INPUT -j B',
      '-A B -j Z',
      '-A Z -j ACCEPT',
      '-A Z -j RETURN',
      '-A Z -j DROP',
    ]);
  });

  it('takes the last policy', () => {
    const policies = (policy: 'ACCEPT' | 'DROP'): IptablesSpec => ({
      chains: [],
      hooks: [],
      policies: [{ table: 'filter', chain: 'FORWARD', policy }],
    });
    expect(linesOf([policies('ACCEPT'), policies('DROP')])[2]).toBe(':FORWARD DROP [0:0]');
  });

  it('keeps tables that only the base has', () => {
    expect(linesOf([{ chains: [chain('A')], hooks: [] }], '*raw\n:PREROUTING DROP [0:0]\nCOMMIT\n')).toContain(
      ':PREROUTING DROP [0:0]',
    );
  });

  it('asks for the rules of a chain only when a packet enters it, and once', () => {
    let asked = 0;
    const rules = () => {
      asked++;
      return [{ args: ['-j', 'RETURN'] }];
    };
    const counted: ChainSpec = { table: 'filter', chain: 'LAZY', rules };
    const built = buildRuleset([{ chains: [counted], hooks: [hook('append', '-j LAZY')] }], undefined, 4).get(
      'filter',
    )?.chains;
    expect(built?.get('INPUT')?.rules()).toHaveLength(1);
    expect(asked).toBe(0);
    expect(built?.get('LAZY')?.rules()).toBe(built?.get('LAZY')?.rules());
    expect(asked).toBe(1);
  });

  it('says which rule of which chain its compiler got wrong', () => {
    const built = buildRuleset([{ chains: [chain('A', '-j NOWHERE')], hooks: [] }], undefined, 4);
    expect(() => built.get('filter')?.chains.get('A')?.rules()).toThrow(
      'table filter: -A A -j NOWHERE: no chain or target is named "NOWHERE"',
    );
  });
});
