import { describe, expect, it } from 'vitest';
import { mutate } from '../../../src/suite/mutation/mutate.ts';
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
  return found.map(
    ({ name, fate, by }) => `${name.replace(/^\S+ \S+: /, '')}: ${fate}${by === undefined ? '' : ` by ${by}`}`,
  );
}

describe('a mutant', () => {
  const reach = 'shop/api -> shop/db:80: delivered';
  const stay = 'shop/web -> shop/db:80: blocked';

  it('is noticed by the first test that fails, and survives the others', () => {
    expect(fates(DB_POLICY, [reach, stay])).toEqual([
      `left out: noticed by ${stay}`,
      `spec.podSelector selects every Pod: survived`,
      `spec.ingress[0] dropped: noticed by ${reach}`,
      'spec.ingress[1] dropped: survived',
      `spec.ingress[0].from[0] dropped: noticed by ${reach}`,
      'spec.ingress[0].from[1] dropped: survived',
      `spec.ingress[0].ports[0] dropped: noticed by ${reach}`,
      'spec.ingress[0].ports[1] dropped: survived',
      `spec.ingress[0].ports[0].port 80 is 81: noticed by ${reach}`,
      'spec.ingress[0].ports[1].port 81 is 82: survived',
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
    expect(fates(DB_POLICY, []).every((fate) => fate.endsWith(': survived'))).toBe(true);
  });

  it('stands for several where there is a limit', () => {
    const [first, ...more] = fates(DB_POLICY, [], 3);
    expect(first).toBe('left out: survived');
    expect(more).toEqual([
      'spec.ingress[0].from[0] dropped: survived',
      'spec.ingress[0].ports[0].port 80 is 81: survived',
    ]);
  });
});
