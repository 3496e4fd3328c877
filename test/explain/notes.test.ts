/** Assumptions in Chinese: every sentence that is written has one, and says the same names. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { placeholdersOf } from '../../src/explain/language.ts';
import { NOTE_WORDS } from '../../src/explain/notes/note-words.ts';
import { PARTS } from '../../src/explain/notes/part-words.ts';
import { knowsNote, sayNote, sayPart } from '../../src/explain/notes/say-note.ts';
import { load } from '../seeds/support.ts';

describe('words of assumptions', () => {
  const all = [...Object.values(NOTE_WORDS).flat(), ...PARTS];
  it.each(all.map((text) => [text.en, text] as const))('%s', (_, { en, zh }) => {
    expect(placeholdersOf(zh)).toEqual(placeholdersOf(en));
    expect(zh).toMatch(/[\u4e00-\u9fff：]/);
  });
});

describe('an assumption', () => {
  it.each([
    ['POD_NODE_ASSUMED', 'Pod shop/web is taken to run on n1', '假定 Pod shop/web 运行在 n1 上'],
    [
      'LOADBALANCER_PENDING',
      'Service shop/web stays <pending>: 10.0.0.9 is in use by shop/api',
      'Service shop/web 一直为 <pending>：10.0.0.9 已被 shop/api 使用',
    ],
    [
      'CALICO_RULE_FAILS_CLOSED',
      'ClusterNetworkPolicy a ingress[0]: Calico does not know named ports: the rule accepts nothing',
      'ClusterNetworkPolicy a ingress[0]：Calico 不支持命名端口：该规则不放行任何流量',
    ],
    ['PODS_MADE', 'made in another way', 'made in another way'],
    ['NO_SUCH_CODE', 'whatever it says', 'whatever it says'],
    ['constructor', 'whatever it says', 'whatever it says'],
  ])('%s: %s', (code, message, wanted) => {
    expect(sayNote(code, message, 'zh')).toBe(wanted);
    expect(sayNote(code, message, 'en')).toBe(message);
  });

  it('presumed by a verdict is told as well', () => {
    expect(sayPart('ipset blocked is not known: no match', 'zh')).toBe('未知的 ipset blocked：不匹配');
  });

  it.each(readdirSync('topologies').filter((name) => existsSync(`topologies/${name}/probes.txt`)))(
    'of topologies/%s has words',
    (name) => {
      const { notes } = load(name);
      expect(notes.filter(({ code, message }) => !knowsNote(code, message))).toEqual([]);
    },
  );

  it('of every code that is written anywhere has words', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const written = files
      .filter((file) => /^(cluster|compile|topology)\//.test(file))
      .flatMap((file) => [...readFileSync(`src/${file}`, 'utf8').matchAll(/code: (?:[^'\n]*\? )?'([A-Z_]+)'/g)])
      .map(([, code]) => code ?? '')
      .filter((code) => code !== 'SOURCE_NOT_RUNNING');
    expect(written.length).toBeGreaterThan(20);
    expect([...new Set(written)].filter((code) => !Object.hasOwn(NOTE_WORDS, code))).toEqual([]);
  });
});
