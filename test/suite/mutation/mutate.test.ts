import { describe, expect, it } from 'vitest';
import { type MutantFate, mutate } from '../../../src/suite/mutation/mutate.ts';
import { ADMIN_POLICY, DB_POLICY, LAB } from '../lab.ts';
import { suiteOf } from '../support.ts';

function fates(policy: string, tests: readonly string[], most = 1000): readonly string[] {
  const suite = suiteOf(...tests);
  const inputs = [
    { file: 'lab.yaml', text: LAB },
    { file: 'policy.yaml', text: policy },
  ];
  const planned = suite.tests.map((test) => ({ suite, variant: '', test }));
  const found = [...mutate({ inputs, options: {}, tests: planned, most })];
  return found.map((mutant) => `${mutant.name.replace(/^\S+ \S+: /, '')}: ${sayFate(mutant)}`);
}

function sayFate(mutant: MutantFate): string {
  switch (mutant.fate) {
    case 'noticed':
      return `noticed by ${mutant.by}`;
    case 'survived': {
      const { src, dst, opened, closed, test } = mutant.missed;
      const what = opened === undefined ? `closes ${closed}` : `opens ${opened}`;
      return `survived, ${what} from ${src} to ${dst}${test === undefined ? '' : `; try ${test}`}`;
    }
    case 'equivalent':
      return `equivalent${mutant.because === undefined ? '' : `, ${mutant.because}`}`;
  }
}

describe('a mutant', () => {
  const reach = 'shop/api -> shop/db:80: delivered';
  const stay = 'shop/web -> shop/db:80: blocked';

  it('is noticed by the first test that fails, and survives the others', () => {
    expect(fates(DB_POLICY, [reach, stay])).toEqual([
      `left out: noticed by ${stay}`,
      'spec.podSelector selects every Pod: survived, closes All Connections from shop/db[Pod] to shop/api[Pod]; try shop/pod/db -> shop/pod/api:80: delivered',
      `spec.ingress[0] dropped: noticed by ${reach}`,
      'spec.ingress[1] dropped: survived, closes All Connections from 10.9.0.0/16 to shop/db[Pod]',
      `spec.ingress[0].from[0] dropped: noticed by ${reach}`,
      'spec.ingress[0].from[1] dropped: survived, closes TCP 80-81 from ops/admin[Pod] to shop/db[Pod]; try ops/pod/admin -> shop/pod/db:80: delivered',
      `spec.ingress[0].ports[0] dropped: noticed by ${reach}`,
      'spec.ingress[0].ports[1] dropped: survived, closes TCP 81 from ops/admin[Pod] to shop/db[Pod]; try ops/pod/admin -> shop/pod/db:81: delivered',
      `spec.ingress[0].ports[0].port 80 is 81: noticed by ${reach}`,
      'spec.ingress[0].ports[1].port 81 is 82: survived, opens TCP 82 from ops/admin[Pod] to shop/db[Pod]; try ops/pod/admin -> shop/pod/db:81: delivered',
      `spec.ingress[1].from[0] dropped: noticed by ${stay}`,
      'spec.ingress[1].from[0].ipBlock.cidr widened to 10.0.0.0/8: noticed by shop/web -> shop/db:80: blocked',
    ]);
  });

  it('that the loader refuses counts for nothing', () => {
    // A rule of the admin API without a peer is no rule.
    const all = fates(ADMIN_POLICY, ['ops/admin -> shop/db:81: blocked']);
    expect(all.some((fate) => fate.startsWith('spec.ingress[0].from[0] dropped'))).toBe(false);
    expect(all).toContain('spec.ingress[0].action "Deny" is "Allow": noticed by ops/admin -> shop/db:81: blocked');
  });

  it('survives where there are no tests', () => {
    expect(fates(DB_POLICY, [])).toHaveLength(12);
    expect(fates(DB_POLICY, []).every((fate) => fate.includes(': survived, '))).toBe(true);
  });

  it('stands for several where there is a limit', () => {
    expect(fates(DB_POLICY, [], 3).map((fate) => fate.replace(/: survived.*/, ''))).toEqual([
      'left out',
      'spec.ingress[0].from[0] dropped',
      'spec.ingress[0].ports[0].port 80 is 81',
    ]);
  });

  it.each<readonly [row: string, policy: string, expected: readonly string[]]>([
    [
      'the policy selects no Pod',
      policyOf('app: nobody', '[{from: [{podSelector: {matchLabels: {app: api}}}]}]'),
      ['left out: equivalent, selects-nobody', 'spec.ingress[0] dropped: equivalent, selects-nobody'],
    ],
    [
      'the rule means nobody',
      policyOf('app: db', '[{from: [{podSelector: {matchLabels: {app: nobody}}}]}]'),
      ['spec.ingress[0] dropped: equivalent, means-nobody'],
    ],
    [
      'a rule before it decides about all of it',
      policyOf('app: db', '[{}, {from: [{podSelector: {matchLabels: {app: api}}}]}]'),
      ['spec.ingress[1] dropped: equivalent, decided-before'],
    ],
    [
      'a rule behind it says the same',
      policyOf('app: db', '[{from: [{podSelector: {matchLabels: {app: api}}}]}, {}]'),
      ['spec.ingress[0] dropped: equivalent'],
    ],
  ])('that changes no connection cannot be noticed: %s', (_, policy, expected) => {
    const all = fates(policy, []);
    for (const fate of expected) expect(all).toContain(fate);
  });

  it('is noticed by the test that is proposed for it', () => {
    for (const fate of fates(DB_POLICY, [])) {
      const proposed = /^(.*): survived, .*; try (.*)$/.exec(fate);
      if (proposed === null) continue;
      const [, name = '', test = ''] = proposed;
      expect(fates(DB_POLICY, [test])).toContain(`${name}: noticed by ${test}`);
    }
  });
});

function policyOf(labels: string, ingress: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: own, namespace: shop}
spec: {podSelector: {matchLabels: {${labels}}}, policyTypes: [Ingress], ingress: ${ingress}}
`;
}
