import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocuments, splitDocuments } from '../../src/topology/documents.ts';
import { JsonPositions } from '../../src/topology/json-positions.ts';
import { print } from '../cluster/load.ts';

const read = (text: string, file = 'a.yaml'): ReturnType<typeof splitDocuments> => splitDocuments([{ file, text }]);
const issuesOf = (text: string, file?: string): readonly string[] => print(read(text, file).issues);
const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n';

describe('YAML', () => {
  it.each([
    [
      'a key that stands twice',
      'apiVersion: v1\nkind: Pod\nkind: Pod\n',
      ['error 3:1 the key kind stands twice in one mapping (keep one of them)'],
    ],
    ['tabs', 'a:\n\tb: 1\n', ['error 2:1 not valid YAML: a tab is used for indentation: use spaces']],
    [
      'a brace that is not closed',
      'a: {b: [{c: 1}]\n',
      ['error 2:1 not valid YAML: a { is not closed by a }, or a line inside it does not stand further in'],
    ],
    [
      'a bracket that is not closed',
      'a: [1, 2\n',
      ['error 2:1 not valid YAML: a [ is not closed by a ], or a line inside it does not stand further in'],
    ],
    [
      'a colon in plain text',
      'a: b: c\n',
      [
        'error 1:4 not valid YAML: a nested mapping begins on the line of its key: put it on the next line, or quote the text with a colon',
      ],
    ],
    [
      'a merge key',
      'apiVersion: v1\nkind: Pod\nx:\n  <<: {a: 1}\n',
      ['error 4:3 the merge key << is YAML 1.1 and is not read (write its fields out)'],
    ],
    ['a scalar document', 'foo\n', ['error 1:1 expected an object with apiVersion and kind, got "foo"']],
    [
      'a document without kind',
      'apiVersion: v1\n',
      ['error 1:1 the document lacks kind (every object begins with apiVersion and kind)'],
    ],
    ['nothing at all', '# nothing\n---\n---\n', []],
  ])('%s', (_, text, expected) => {
    expect(issuesOf(text)).toEqual(expected);
  });

  it('a broken document hides no other', () => {
    const { documents, issues } = read(`a: [\n---\n${POD}---\nb: 1\nb: [\n---\n${POD}`);
    expect(documents).toHaveLength(2);
    expect(issues.map(({ at }) => at?.line)).toEqual([2, 8, 9]);
    expect(readDocuments([{ file: 'a', text: 'a: [' }]).ok).toBe(false);
  });

  it('a key that stands twice hides nothing else of its document, and the last one is read', () => {
    const { documents, issues } = read(`${POD}spec: {a: 1}\nspec: {b: 2}\n`);
    expect(issues.map(({ code }) => code)).toEqual(['duplicate-key']);
    expect(documents.map(({ value }) => value)).toMatchObject([{ spec: { b: 2 } }]);
    expect(documents[0]?.locate(['spec', 'b'], 'key')).toMatchObject({ line: 5, column: 8 });
  });

  it('aliases may not multiply without bound', () => {
    const levels = ['b', 'c', 'd', 'e'].map(
      (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcd'[i]}`).join()}]`,
    );
    expect(issuesOf(`a: &a [1, 1]\n${levels.join('\n')}\n`)).toEqual([
      'error 1:1 not read: its aliases (*name) multiply without bound',
    ]);
  });
  it.each([
    ['[', 100_000],
    ['{a: ', 20_000],
    ['- ', 20_000],
  ])('nesting with %j is bounded', (piece, times) => {
    expect(issuesOf(piece.repeat(times))).toEqual(['error 1:1 not read: nested more than 200 levels deep']);
  });
  it('finds values, keys, and the nearest parent of what is missing', () => {
    const [document] = read('apiVersion: v1\nkind: Pod\nspec:\n  ports:\n    - name: a\n      port: 80\n').documents;
    const at = (...args: Parameters<NonNullable<typeof document>['locate']>): string => {
      const position = document?.locate(...args);
      return `${position?.line}:${position?.column}`;
    };
    expect(at(['spec', 'ports', 0, 'port'])).toBe('6:13');
    expect(at(['spec', 'ports', 0, 'port'], 'key')).toBe('6:7');
    expect(at(['spec', 'ports', 0, 'protocol'])).toBe('5:7');
    expect(at(['spec', 'ports', 7])).toBe('5:5');
    expect(at([])).toBe('1:1');
  });
  it('__proto__ is a key like any other', () => {
    const [document] = read(`${POD}__proto__: {polluted: true}\n`).documents;
    expect(Object.hasOwn(Object(document?.value), '__proto__')).toBe(true);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('JSON', () => {
  it.each([
    ['{"a": 1,\n "b": tru }', "error 2:12 not valid JSON: Unexpected token ' '"],
    ['{"a": 1,\n "b": 1', "error 2:8 not valid JSON: Expected ',' or '}' after property value"],
    ['{"a": 1,\n "b": 1,}', 'error 2:9 not valid JSON: Expected double-quoted property name'],
  ])('%j', (text, expected) => {
    expect(issuesOf(text, 'a.json')).toEqual([expected]);
  });
  it('several values may follow each other', () => {
    const object = '{"apiVersion": "v1", "kind": "Pod"}';
    const { documents } = read(`${object}\n${object}`, '-');
    expect(documents.map((document) => document.locate(['kind']))).toEqual([
      { file: '-', line: 1, column: 30 },
      { file: '-', line: 2, column: 30 },
    ]);
  });
  it('what only looks like JSON is YAML', () => {
    expect(read('{apiVersion: v1, kind: Pod}').documents).toHaveLength(1);
  });
  it('any depth is read', () => {
    expect(issuesOf('['.repeat(100_000) + ']'.repeat(100_000), 'a.json')).toEqual([
      'error 1:1 expected an object with apiVersion and kind, got a list',
    ]);
  });
  it('every path leads to the text of its value', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2), (json, space) => {
        const text = JSON.stringify(JSON.parse(json), null, space);
        const positions = new JsonPositions(text);
        for (const [path, value] of leaves(JSON.parse(text))) {
          expect(text.startsWith(JSON.stringify(value), positions.offset(path, 'value'))).toBe(true);
        }
      }),
    );
  });
});

/** Paths of all scalars; of keys that stand for an own property only. */
function leaves(value: unknown, path: readonly (string | number)[] = []): [readonly (string | number)[], unknown][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
}

describe('Lists', () => {
  it('become their items, with their places', () => {
    const { documents } = read(
      `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n- apiVersion: v1\n  kind: Node\n`,
    );
    expect(documents.map((document) => document.locate(['kind']).line)).toEqual([5, 7]);
  });
  it('give their items the kind that they leave out', () => {
    const [pod] = read('apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: p}\n').documents;
    expect(pod?.value).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } });
  });
  it('hold objects only', () => {
    expect(issuesOf('apiVersion: v1\nkind: List\nitems: [1]\n')).toEqual([
      'error 3:9 expected an object with apiVersion and kind, got 1',
    ]);
  });
  it('of Lists are read, but not without end', () => {
    const nested = (depth: number): string =>
      depth === 0 ? '{apiVersion: v1, kind: Pod}' : `{apiVersion: v1, kind: List, items: [${nested(depth - 1)}]}`;
    expect(read(nested(3)).documents).toHaveLength(1);
    expect(read(nested(20)).issues.map(({ message }) => message)).toEqual(['Lists inside Lists are nested too deeply']);
  });
  it('an item among 30,000 is found without reading the list twice', () => {
    const items = Array.from({ length: 30_000 }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${i}` },
    }));
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 1);
    const { documents } = read(text, 'a.json');
    const start = performance.now();
    const last = documents.at(-1)?.locate(['metadata', 'name']);
    expect(text.split('\n')[(last?.line ?? 0) - 1]).toContain('"p29999"');
    for (const document of documents.slice(0, 1000)) document.locate(['metadata', 'name']);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
