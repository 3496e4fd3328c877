/** Who is not told, and what of a text counts as a comment. */
import { describe, expect, it } from 'vitest';
import { suppressionsIn } from '../../src/lint/suppressions.ts';
import { linesOf, lintText, policy, SHOP, yaml } from './support.ts';

const RULE = 'missing-policy-types';
const TYPELESS = '  podSelector: {}';

const named = (name: string): string => policy(name, TYPELESS);
const disabledNext = (comment: string): string => policy('a', TYPELESS).replace('spec:', `${comment}\nspec:`);

describe('a finding', () => {
  it.each<readonly [row: string, text: string, lines: readonly number[]]>([
    ['is told without a comment', named('a'), [16]],
    ['is not told behind a comment for the next line', disabledNext(`# nettrace-lint-disable-next-line ${RULE}`), []],
    [
      'is not told with another rule and a reason beside',
      disabledNext(`# nettrace-lint-disable-next-line host-bits, ${RULE} -- known`),
      [],
    ],
    [
      'is not told with further comments between',
      disabledNext(`# nettrace-lint-disable-next-line ${RULE}\n# and why`),
      [],
    ],
    ['is not told where every rule is disabled', disabledNext('# nettrace-lint-disable-next-line'), []],
    ['is told behind a comment for another rule', disabledNext('# nettrace-lint-disable-next-line host-bits'), [17]],
    [
      'is told where the comment stands two lines before',
      named('a').replace('metadata:', `# nettrace-lint-disable-next-line ${RULE}\nmetadata:`),
      [17],
    ],
    [
      'is told where the words stand in a string',
      disabledNext('').replace('name: a', `name: a\n  annotations: {x: "# nettrace-lint-disable ${RULE}"}`),
      [18],
    ],
    [
      'is not told where the file disables it',
      `${named('a')}\n---\n# nettrace-lint-disable ${RULE}\n${named('b')}`,
      [],
    ],
  ])('%s', (_, text, lines) => {
    expect(linesOf(lintText(yaml(SHOP, text)), RULE)).toEqual(lines);
  });

  it('is not told of the object with the annotation, and of the others it is', () => {
    const annotated = named('a').replace(
      'spec:',
      `  annotations: {nettrace/lint-disable: "${RULE}, host-bits"}\nspec:`,
    );
    const objects = lintText(yaml(SHOP, annotated, named('b'))).filter(({ rule }) => rule === RULE);
    expect(objects.map(({ object }) => object)).toEqual(['NetworkPolicy shop/b']);
  });

  it('is suppressed in JSON by the annotation', () => {
    const policies = ['a', 'b'].map((name) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace: 'shop', annotations: name === 'a' ? { 'nettrace/lint-disable': 'all' } : {} },
      spec: { podSelector: {} },
    }));
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: policies });
    const findings = lintText(text, { file: 'lab.json' });
    expect(new Set(findings.map(({ object }) => object))).toEqual(new Set(['NetworkPolicy shop/b']));
    expect(findings.map(({ rule }) => rule)).toContain(RULE);
  });

  it('is told of an annotation that names no rule, at the annotation', () => {
    const annotated = named('a').replace('spec:', `  annotations:\n    nettrace/lint-disable: missing-types\nspec:`);
    const [found] = lintText(yaml(SHOP, annotated)).filter(({ rule }) => rule === 'unknown-suppression');
    expect(found?.at?.line).toBe(17);
    expect(found?.object).toBe('NetworkPolicy shop/a');
  });

  it('of the loader carries the object, and is suppressed with it', () => {
    const blocks = (annotations: string): string =>
      policy(
        'a',
        '  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{to: [{ipBlock: {cidr: 198.51.100.7/24}}]}]',
      ).replace('spec:', `${annotations}spec:`);
    const told = lintText(yaml(SHOP, blocks(''))).filter(({ rule }) => rule === 'host-bits');
    expect(told.map(({ object }) => object)).toEqual(['NetworkPolicy shop/a']);
    expect(
      linesOf(lintText(yaml(SHOP, blocks('  annotations: {nettrace/lint-disable: host-bits}\n'))), 'host-bits'),
    ).toEqual([]);
  });
});

it('a hostile line is read in no time', () => {
  const text = `${'# '.repeat(50_000)}\n${'#nettrace-lint-disable'.repeat(5000)}`;
  expect(suppressionsIn([{ file: 'a.yaml', text }]).comments).toEqual([]);
});
