import { describe, expect, it } from 'vitest';
import { initSuite } from '../../src/suite/init-suite.ts';
import { readSuite } from '../../src/suite/read-suite.ts';
import { runTest } from '../../src/suite/run-test.ts';
import { load, loadText } from '../seeds/support.ts';
import { ADMIN_POLICY, CALICO_POLICY, DB_POLICY, LAB } from './lab.ts';

describe('a first suite', () => {
  it('asks for each rule whom it admits, and for each policy whom it does not', () => {
    const loaded = loadText([LAB, DB_POLICY, CALICO_POLICY, ADMIN_POLICY].join('---\n'));
    expect(initSuite(loaded, ['../lab.yaml']).split('\n')).toEqual([
      '# What the policies do today. Read it, and change what is not meant.',
      'topology: ["../lab.yaml"]',
      'tests:',
      '  - group: "AdminNetworkPolicy guard"',
      '    tests:',
      '      - "ops/pod/admin -> shop/pod/api:81: dropped POLICY_INGRESS_DENY"',
      '      - "shop/pod/db -> shop/pod/api:81: delivered"',
      '  - group: "NetworkPolicy shop/db"',
      '    tests:',
      '      - "ops/pod/admin -> shop/pod/db:80: delivered"',
      '      - "shop/pod/web -> shop/pod/db:80: dropped POLICY_INGRESS_NO_MATCH"',
      '  - group: "Calico NetworkPolicy shop/web"',
      '    tests:',
      '      - "shop/pod/api -> shop/pod/web:80: delivered"',
      '      - "ops/pod/admin -> shop/pod/web:80: dropped POLICY_INGRESS_NO_MATCH"',
      '',
    ]);
  });

  it('of no policies has no tests', () => {
    expect(initSuite(loadText(LAB), ['lab.yaml'])).toContain('\ntests: []\n');
  });

  it.each([
    ['calico-ipip', 's63'],
    ['calico-ipip', 's64'],
    ['calico-ipip', 's66'],
    ['calico-ipip', 's67'],
    ['calico-tiers', undefined],
    ['dual-stack', undefined],
  ])('passes on the topology that it was written from: %s %s', (name, policy) => {
    const loaded = load(name, ...(policy === undefined ? [] : [`policies/${policy}.yaml`]));
    const suite = readSuite({ file: 'x.nettest.yaml', text: initSuite(loaded, ['x.yaml']) });
    expect(suite.ok).toBe(true);
    if (!suite.ok) return;
    const results = suite.value.tests.map((test) =>
      runTest(test, { suite: suite.value, variant: '', loaded, inputWords: [] }),
    );
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
    if (policy !== undefined || name === 'calico-tiers') expect(results.length).toBeGreaterThan(0);
  });
});
