import { describe, expect, it } from 'vitest';
import { readSuite } from '../../src/suite/read-suite.ts';

function read(text: string, variables: Readonly<Record<string, string>> = {}) {
  return readSuite({ file: 'tests/shop.nettest.yaml', text }, new Map(Object.entries(variables)));
}

describe('a suite', () => {
  it('has a name, variants, variables and tests of every form', () => {
    const suite = read(
      `namespace: shop
topology: [../manifests]
with: ../extra.yaml
variables: {DB: db}
variants:
  - {name: calm}
  - {name: broken, with: [../faults.yaml]}
tests:
  - "web -> \${DB}:5432: delivered"
  - {name: long, from: [web, api], to: "\${DB}:5432", expect: {verdict: dropped, via: [node1]}, skip: not yet}
  - {matrix: "from/to db:1\\nweb X"}
`,
      { DB: 'database' },
    );
    expect(suite).toMatchObject({
      ok: true,
      value: {
        name: 'shop',
        variants: [
          { name: 'calm', files: ['../manifests', '../extra.yaml'] },
          { name: 'broken', files: ['../manifests', '../faults.yaml', '../extra.yaml'] },
        ],
        tests: [
          { name: `web -> \${DB}:5432: delivered`, to: ['database:5432'], namespace: 'shop', at: { line: 9 } },
          { name: 'long', from: ['web', 'api'], expect: { verdict: 'dropped', via: ['node1'] }, skip: 'not yet' },
          { name: 'web -> db:1: blocked', expect: { verdict: 'blocked' } },
        ],
      },
    });
  });

  it.each<readonly [row: string, text: string, line: number, message: string]>([
    ['an unknown field', 'tests: []\ntest: 1\n', 2, 'unknown field'],
    ['a wrong verdict', 'tests:\n  - "a -> b:1: delivert"\n', 2, 'did you mean delivered?'],
    ['an unknown variable', `variables: {NAME: x}\ntests:\n  - "\${NANE} -> b:1: delivered"\n`, 3, 'no variable NANE'],
    ['a missing end', 'tests:\n  - {from: a, expect: delivered}\n', 2, 'required field to is missing'],
    ['an empty expectation', 'tests:\n  - {from: a, to: b, expect: {}}\n', 2, 'nothing is expected'],
    ['an unknown code', 'tests:\n  - {from: a, to: b, expect: {code: POLICY}}\n', 2, 'a reason code'],
    ['a test that is no test', 'tests:\n  - 17\n', 2, 'expected a mapping'],
    ['no tests at all', 'suite: x\n', 1, 'required field tests is missing'],
    ['two documents', 'tests: []\n---\ntests: []\n', 3, 'a suite is one document'],
    ['an empty file', '', 1, 'the suite is empty'],
  ])('with %s is refused at its place', (_, text, line, message) => {
    const suite = read(text);
    const told = suite.ok ? [] : suite.issues.map((issue) => `${issue.at?.line}: ${issue.message} ${issue.hint ?? ''}`);
    expect(told.some((words) => words.startsWith(`${line}: `) && words.includes(message))).toBe(true);
  });
});
