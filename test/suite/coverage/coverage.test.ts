import { describe, expect, it } from 'vitest';
import { coveredPercent, uniteCoverage } from '../../../src/suite/coverage/coverage.ts';
import { loadText } from '../../seeds/support.ts';
import { ADMIN_POLICY, CALICO_POLICY, DB_POLICY, LAB } from '../lab.ts';
import { cover } from '../support.ts';

const LINES_OF_LAB = LAB.split('\n').length;
const with1 = (policy: string) => loadText(`${LAB}---\n${policy}`);

/** `name:line hits`, lines counted in the policy's own text. */
function rows(items: ReturnType<typeof cover>, kinds: readonly string[]): readonly string[] {
  return items
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, name, line, hits }) => `${kind} ${name} @${(line ?? 0) - LINES_OF_LAB} ${hits}`);
}

const POLICY_KINDS = ['policy', 'rule', 'peer', 'port'];

describe('what tests decide', () => {
  it.each<readonly [row: string, policy: string, test: string, expected: readonly string[]]>([
    [
      'is the rule, the peer and the port of a NetworkPolicy that admit',
      DB_POLICY,
      'shop/api -> shop/db:80: delivered',
      [
        'policy NetworkPolicy shop/db @1 1',
        'rule NetworkPolicy shop/db ingress[0] @8 1',
        'peer NetworkPolicy shop/db ingress[0].from[0] @9 1',
        'peer NetworkPolicy shop/db ingress[0].from[1] @10 0',
        'port NetworkPolicy shop/db ingress[0].ports[0] @12 1',
        'port NetworkPolicy shop/db ingress[0].ports[1] @13 0',
        'rule NetworkPolicy shop/db ingress[1] @14 0',
        'peer NetworkPolicy shop/db ingress[1].from[0] @15 0',
      ],
    ],
    [
      'is a policy alone where it denies what no rule admits',
      DB_POLICY,
      'shop/web -> shop/db:80: blocked',
      [
        'policy NetworkPolicy shop/db @1 1',
        'rule NetworkPolicy shop/db ingress[0] @8 0',
        'peer NetworkPolicy shop/db ingress[0].from[0] @9 0',
        'peer NetworkPolicy shop/db ingress[0].from[1] @10 0',
        'port NetworkPolicy shop/db ingress[0].ports[0] @12 0',
        'port NetworkPolicy shop/db ingress[0].ports[1] @13 0',
        'rule NetworkPolicy shop/db ingress[1] @14 0',
        'peer NetworkPolicy shop/db ingress[1].from[0] @15 0',
      ],
    ],
    [
      'is a rule of the admin API that denies',
      ADMIN_POLICY,
      'ops/admin -> shop/db:81: blocked',
      [
        'policy AdminNetworkPolicy guard @1 1',
        'rule AdminNetworkPolicy guard ingress[0] @8 1',
        'peer AdminNetworkPolicy guard ingress[0].from[0] @11 1',
        'port AdminNetworkPolicy guard ingress[0].ports[0] @13 1',
      ],
    ],
    [
      'is nothing of a policy that passes the question on',
      ADMIN_POLICY,
      'ops/admin -> shop/db:80: delivered',
      [
        'policy AdminNetworkPolicy guard @1 0',
        'rule AdminNetworkPolicy guard ingress[0] @8 0',
        'peer AdminNetworkPolicy guard ingress[0].from[0] @11 0',
        'port AdminNetworkPolicy guard ingress[0].ports[0] @13 0',
      ],
    ],
    [
      'is a rule of Calico, which has no lists of peers',
      CALICO_POLICY,
      'shop/api -> shop/web:80: delivered',
      ['policy Calico NetworkPolicy shop/web @1 1', 'rule Calico NetworkPolicy shop/web ingress[0] @8 1'],
    ],
    [
      'is nothing where the source never sends',
      DB_POLICY,
      'shop/nobody -> shop/db:80: delivered',
      [
        'policy NetworkPolicy shop/db @1 0',
        'rule NetworkPolicy shop/db ingress[0] @8 0',
        'peer NetworkPolicy shop/db ingress[0].from[0] @9 0',
        'peer NetworkPolicy shop/db ingress[0].from[1] @10 0',
        'port NetworkPolicy shop/db ingress[0].ports[0] @12 0',
        'port NetworkPolicy shop/db ingress[0].ports[1] @13 0',
        'rule NetworkPolicy shop/db ingress[1] @14 0',
        'peer NetworkPolicy shop/db ingress[1].from[0] @15 0',
      ],
    ],
  ])('%s', (_, policy, test, expected) => {
    expect(rows(cover(with1(policy), test), POLICY_KINDS)).toEqual(expected);
  });

  it('is each port of a Service that was asked for, through whatever way', () => {
    const items = cover(loadText(LAB), 'shop/web -> 10.96.0.20:80: delivered', 'shop/web -> shop/api:80: delivered');
    expect(items.map(({ kind, name, hits }) => `${kind} ${name} ${hits}`)).toEqual([
      'service Service shop/api:80 2',
      'service Service shop/api:8081 0',
    ]);
  });

  it('counts the lines of Services where their ports stand', () => {
    const [first] = cover(loadText(LAB), 'shop/web -> 10.96.0.20:80: delivered');
    expect(LAB.split('\n')[(first?.line ?? 0) - 1]).toContain('clusterIP: 10.96.0.20');
  });
});

describe('coverage of several topologies', () => {
  const one = cover(with1(DB_POLICY), 'shop/api -> shop/db:80: delivered');
  const two = cover(with1(DB_POLICY), 'ops/admin -> shop/db:81: delivered');

  it('is what one of them covers', () => {
    const both = uniteCoverage([one, two]);
    expect(both).toHaveLength(one.length);
    expect(both.filter(({ hits }) => hits === 0).map(({ name }) => name)).toEqual([
      'NetworkPolicy shop/db ingress[1]',
      'NetworkPolicy shop/db ingress[1].from[0]',
      'Service shop/api:80',
      'Service shop/api:8081',
    ]);
  });

  it('is a share of all items, and all of nothing', () => {
    expect(coveredPercent(one)).toBe(40);
    expect(coveredPercent([])).toBe(100);
  });
});
