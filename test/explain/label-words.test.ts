import { describe, expect, it } from 'vitest';
import type { LabelMiss } from '../../src/cluster/selector.ts';
import { sayHas, sayNeeds } from '../../src/explain/label-words.ts';
import { say } from '../../src/explain/language.ts';

type Row = readonly [miss: LabelMiss, needs: string, has: string, needsZh: string, hasZh: string];

const ROWS: readonly Row[] = [
  [{ key: 'app', operator: 'In', values: ['web'], has: 'api' }, 'app=web', 'app=api', 'app=web', 'app=api'],
  [
    { key: 'app', operator: 'In', values: ['web', 'db'], has: undefined },
    'app in (web, db)',
    'no app',
    'app 属于 (web, db)',
    '无 app',
  ],
  [
    { key: 'app', operator: 'NotIn', values: ['web'], has: 'web' },
    'app not in (web)',
    'app=web',
    'app 不在 (web) 中',
    'app=web',
  ],
  [{ key: 'app', operator: 'Exists', values: [], has: undefined }, 'app', 'no app', 'app', '无 app'],
  [{ key: 'app', operator: 'DoesNotExist', values: [], has: 'web' }, 'no app', 'app=web', '无 app', 'app=web'],
];

describe('what a selector needs, and what the labels have', () => {
  it.each(ROWS)('$key $operator', (miss, needs, has, needsZh, hasZh) => {
    expect([say(sayNeeds([miss]), 'en'), say(sayHas([miss]), 'en')]).toEqual([needs, has]);
    expect([say(sayNeeds([miss]), 'zh'), say(sayHas([miss]), 'zh')]).toEqual([needsZh, hasZh]);
  });

  it('of a namespace comes first, and several stand behind each other', () => {
    const [one, two] = ROWS.map(([miss]) => miss);
    if (one === undefined || two === undefined) throw new Error('two rows');
    expect(say(sayNeeds([one], [two]), 'en')).toBe('namespace app in (web, db), app=web');
    expect(say(sayNeeds([one], [two]), 'zh')).toBe('命名空间 app 属于 (web, db)、app=web');
    expect(say(sayHas([two, one]), 'zh')).toBe('无 app、app=api');
  });
});
