import { describe, expect, it } from 'vitest';
import { judge } from '../../src/suite/judge.ts';
import type { Expectation } from '../../src/suite/suite.ts';
import { ask, load } from '../seeds/support.ts';

const loaded = load('calico-ipip');
const good = ask(loaded, 'pod1', 'svc2:80');
const refused = ask(loaded, 'pod1', 'pod2:81');

describe('an answer is judged', () => {
  it.each<readonly [row: string, expect: Expectation]>([
    ['by its verdict', { verdict: 'delivered' }],
    ['by its backends, by name', { backends: ['pod2'] }],
    ['by its backends, by address and port', { backends: ['10.244.171.181:80'] }],
    ['by the address the receiver sees', { sourceSeen: '10.244.70.31' }],
    ['by the way', { via: ['vms82', 'tunl0', 'KUBE-SERVICES', 'DNAT --to-destination'], notVia: ['vms81'] }],
    ['by the reply and its ttl', { reply: 'delivered', ttl: 62 }],
    ['by its cost', { rulesExaminedAtMost: 10_000 }],
  ])('%s', (_, expectation) => {
    expect(judge(good, expectation)).toEqual([]);
  });

  it.each<readonly [row: string, expect: Expectation, wrong: string]>([
    ['another verdict', { verdict: 'delivered' }, 'verdict: expected delivered, found rejected (SOCKET_NOT_LISTENING)'],
    ['another code', { code: 'ROUTE_NOT_FOUND' }, 'code: expected ROUTE_NOT_FOUND, found SOCKET_NOT_LISTENING'],
    ['another symptom', { symptom: 'timeout' }, 'symptom: expected timeout, found refused'],
    ['other backends', { backends: ['pod1'] }, 'backends: expected pod1, found none'],
    ['another way', { via: ['vms81'] }, 'via: expected vms81, found 1 of 1 paths do not'],
    ['a way that was to be avoided', { notVia: ['vms82'] }, 'not via: expected vms82, found 1 of 1 paths go there'],
    ['another ttl', { ttl: 63 }, 'ttl: expected 63, found 62'],
    ['a cost that is too high', { rulesExaminedAtMost: 1 }, 'rules examined: expected at most 1'],
  ])('and %s is told', (_, expectation, wrong) => {
    expect(judge(refused, expectation).join('\n')).toContain(wrong);
  });

  it('blocked is dropped or rejected', () => {
    expect(judge(refused, { verdict: 'blocked' })).toEqual([]);
    expect(judge(good, { verdict: 'blocked' })).toHaveLength(1);
  });
});
