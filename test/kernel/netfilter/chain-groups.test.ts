import { describe, expect, it } from 'vitest';
import { buildRuleset } from '../../../src/kernel/netfilter/build-ruleset.ts';
import { printIptablesSave } from '../../../src/kernel/netfilter/save-format.ts';
import type { ChainGroup, ChainSpec, IptablesSpec } from '../../../src/kernel/netns-spec.ts';
import { lazy } from '../../../src/lib/lazy.ts';

/** Chains b-0 … b-9, each of one rule; `asked` lists those whose rules were asked for, `listings` counts lists of all. */
function tenChains() {
  const asked: string[] = [];
  let listings = 0;
  const specs = Array.from({ length: 10 }, (_, i): ChainSpec => {
    const chain = `b-${i}`;
    const rules = lazy(() => {
      asked.push(chain);
      return [{ args: ['-j', 'ACCEPT'] }];
    });
    return { table: 'filter', chain, rules };
  });
  const group: ChainGroup = {
    table: 'filter',
    owns: (name) => /^b-\d$/.test(name),
    find: (name) => specs.find(({ chain }) => chain === name),
    all: () => {
      listings++;
      return specs;
    },
  };
  return { group, asked, listings: () => listings };
}

function machine(group: ChainGroup, own: readonly ChainSpec[] = []): IptablesSpec {
  return {
    chains: own,
    groups: [group],
    hooks: [{ table: 'filter', chain: 'INPUT', place: 'append', rule: { args: ['-j', 'b-3'] } }],
  };
}

describe('groups of chains', () => {
  it('give the chain that a rule jumps to, and leave the others alone', () => {
    const { group, asked, listings } = tenChains();
    const table = buildRuleset([machine(group)], undefined, 4).get('filter');
    expect(
      table?.chains
        .get('INPUT')
        ?.rules()
        .map(({ target }) => target.print()),
    ).toEqual(['-j b-3']);
    expect(table?.chains.get('b-3')?.rules()).toHaveLength(1);
    expect(table?.chains.has('c-3')).toBe(false);
    expect(asked).toEqual(['b-3']);
    expect(listings()).toBe(0);
  });

  it('stand in the list of all chains, in the order of their names', () => {
    const { group } = tenChains();
    const a: ChainSpec = { table: 'filter', chain: 'a', rules: () => [] };
    const c: ChainSpec = { table: 'filter', chain: 'c', rules: () => [] };
    const chains = buildRuleset([machine(group, [c, a])], undefined, 4).get('filter')?.chains;
    const names = ['INPUT', 'FORWARD', 'OUTPUT', 'a', ...Array.from({ length: 10 }, (_, i) => `b-${i}`), 'c'];
    expect([...(chains?.keys() ?? [])]).toEqual(names);
    expect([...(chains?.values() ?? [])].map(({ name }) => name)).toEqual(names);
    expect([...(chains ?? [])].map(([name]) => name)).toEqual(names);
    expect(chains?.size).toBe(names.length);
    const visited: string[] = [];
    chains?.forEach((_, name) => {
      visited.push(name);
    });
    expect(visited).toEqual(names);
  });

  it('print as chains that were declared one by one', () => {
    const { group } = tenChains();
    const { groups: _, ...rest } = machine(group);
    const plain: IptablesSpec = { ...rest, chains: group.all() };
    expect(printIptablesSave(buildRuleset([machine(group)], undefined, 4))).toBe(
      printIptablesSave(buildRuleset([plain], undefined, 4)),
    );
  });
});

describe('a chain that machines share', () => {
  it('is parsed once, but not where somebody else adds to it', () => {
    const { group } = tenChains();
    const shared: ChainSpec = { table: 'filter', chain: 'a', rules: lazy(() => [{ args: ['-j', 'b-1'] }]) };
    const chainOn = (...more: readonly IptablesSpec[]) =>
      buildRuleset([machine(group, [shared]), ...more], undefined, 4)
        .get('filter')
        ?.chains.get('a');
    expect(chainOn()).toBe(chainOn());
    const addition: IptablesSpec = {
      chains: [{ table: 'filter', chain: 'a', rules: () => [{ args: ['-j', 'DROP'] }] }],
      hooks: [],
    };
    expect(
      chainOn(addition)
        ?.rules()
        .map(({ target }) => target.print()),
    ).toEqual(['-j b-1', '-j DROP']);
    expect(chainOn()?.rules()).toHaveLength(1);
  });
});
