import { describe, expect, it } from 'vitest';
import { say } from '../../src/explain/language.ts';
import { saySelecting } from '../../src/explain/selecting-words.ts';

type Row = {
  readonly name: string;
  readonly policies: readonly string[];
  readonly en: string;
  readonly zh: string;
};

const ROWS: readonly Row[] = [
  {
    name: 'which one is not known',
    policies: [],
    en: 'a policy selects shop/db',
    zh: '有策略选中了 shop/db',
  },
  {
    name: 'one policy',
    policies: ['NetworkPolicy shop/a'],
    en: 'NetworkPolicy shop/a selects shop/db',
    zh: 'NetworkPolicy shop/a 选中了 shop/db',
  },
  {
    name: 'two of one kind: it is said once',
    policies: ['NetworkPolicy shop/a', 'NetworkPolicy shop/b'],
    en: 'NetworkPolicies shop/a and shop/b select shop/db',
    zh: 'NetworkPolicies shop/a 和 shop/b 选中了 shop/db',
  },
  {
    name: 'three of two kinds: each has its own',
    policies: ['GlobalNetworkPolicy g', 'NetworkPolicy shop/a', 'NetworkPolicy shop/b'],
    en: 'GlobalNetworkPolicy g, NetworkPolicy shop/a and NetworkPolicy shop/b select shop/db',
    zh: 'GlobalNetworkPolicy g、NetworkPolicy shop/a 和 NetworkPolicy shop/b 选中了 shop/db',
  },
  {
    name: 'six: the rest is counted',
    policies: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `NetworkPolicy shop/${name}`),
    en: 'NetworkPolicies shop/a, shop/b, shop/c, shop/d and 2 more select shop/db',
    zh: 'NetworkPolicies shop/a、shop/b、shop/c、shop/d 和另外 2 个 选中了 shop/db',
  },
  {
    name: 'a policy named as the kind begins loses nothing',
    policies: ['NetworkPolicy shop/NetworkPolicy', 'NetworkPolicy shop/b'],
    en: 'NetworkPolicies shop/NetworkPolicy and shop/b select shop/db',
    zh: 'NetworkPolicies shop/NetworkPolicy 和 shop/b 选中了 shop/db',
  },
];

describe('the policies that select a Pod', () => {
  it.each(ROWS)('$name', ({ policies, en, zh }) => {
    const said = saySelecting('shop/db', policies);
    expect(say(said, 'en')).toBe(en);
    expect(say(said, 'zh')).toBe(zh);
  });
});
