/** Every format of `nettrace test` given to the checker of its own field, with names that try to get out of it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import fc from 'fast-check';
import { type FinalResults, Parser } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import { invariant } from '../../../src/lib/assert.ts';
import { COVERAGE_FORMS, type CoverageForm } from '../../../src/report/test/coverage.ts';
import { TEST_REPORTERS, type TestReporter, type TestReportOptions } from '../../../src/report/test/index.ts';
import type { CoveredItem } from '../../../src/suite/coverage/coverage.ts';
import { type SuiteRun, summarizeRun, type TestResult } from '../../../src/suite/result.ts';
import { loadText } from '../../seeds/support.ts';
import { DB_POLICY, LAB } from '../../suite/lab.ts';
import { cover, runTests } from '../../suite/support.ts';

const loaded = loadText(`${LAB}---\n${DB_POLICY}`);
const RESULTS = runTests(
  loaded,
  'shop/api -> shop/db:80: delivered',
  'shop/web -> shop/db:80: delivered',
  'shop/nobody -> shop/db:80: delivered',
  '{name: skipped, from: shop/web, to: "shop/db:80", expect: delivered, skip: later}',
  '{name: known, from: shop/web, to: "shop/db:80", expect: delivered, expectFailure: closed}',
);
const ITEMS = cover(loaded, 'shop/api -> shop/db:80: delivered');

const OPTIONS: TestReportOptions = {
  language: 'en',
  colour: false,
  ascii: true,
  verbosity: 0,
  onlyFailures: false,
  version: '1.2.3',
};
const print = (reporter: TestReporter, run: SuiteRun): string => TEST_REPORTERS[reporter](run, OPTIONS);
const form = (name: CoverageForm, items: readonly CoveredItem[]): string => COVERAGE_FORMS[name](items, OPTIONS);

/** Results whose texts are those of strangers. */
function strange(text: string): readonly TestResult[] {
  return RESULTS.map((result) => ({
    ...result,
    suite: text,
    name: `${text}${result.name}`,
    message: result.message === '' ? '' : text,
    test: { ...result.test, at: { ...result.test.at, file: `dir/${text}` } },
    mismatches: result.mismatches.map((one) => ({ ...one, source: text, wrong: [text], command: ['nettrace', text] })),
  }));
}

const HOSTILE = [
  ...[
    ']]><!--',
    '</testcase>',
    '&#0;&amp;"\'<>',
    '# SKIP',
    '# TODO \\# x',
    '\\',
    '1..0',
    'not ok 1',
    '\u0000\u0007\u001b[2J',
  ],
  ...[
    '::error::x',
    '%0A%25,:',
    '\ud800',
    '\uffff',
    'ok\r\nBail out!',
    '\u2028\u2029\u0085',
    '---\n...',
    '../../x y?#',
    '名字',
  ],
];
const RUNS: readonly (readonly [name: string, run: SuiteRun])[] = [
  ['a run', summarizeRun(RESULTS, RESULTS.length)],
  ['a run of nothing', summarizeRun([], 0)],
  ['a run that was stopped', summarizeRun(RESULTS, RESULTS.length + 7)],
  ...HOSTILE.map((text) => [JSON.stringify(text), summarizeRun(strange(text), RESULTS.length)] as const),
];

const xmllint = spawnSync('xmllint', ['--version']).error === undefined ? undefined : 'xmllint is not installed';

/** What xmllint says against the text; nothing where it is valid. */
function lint(text: string, ...options: readonly string[]): string {
  const { stderr, status } = spawnSync('xmllint', ['--noout', '--nonet', ...options, '-'], {
    input: text,
    encoding: 'utf8',
  });
  return status === 0 && !options.includes('--html') ? '' : stderr;
}

describe.skipIf(xmllint !== undefined)(`xmllint${xmllint === undefined ? '' : ` (skipped: ${xmllint})`}`, () => {
  const schema = new URL('junit.xsd', import.meta.url).pathname;

  it.each(RUNS)('takes the JUnit report of %s', (_, run) => {
    expect(lint(print('junit', run), '--schema', schema)).toBe('');
  });

  it('takes no other', () => {
    expect(lint('<testsuites><testcase name="x"/></testsuites>', '--schema', schema)).toContain('testcase');
  });

  it.each(['en', ...HOSTILE])('takes the page of coverage: %j', (text) => {
    const page = form(
      'html',
      ITEMS.map((item) => ({ ...item, name: `${item.name}${text}`, file: text })),
    );
    // libxml2 knows HTML 4 only.
    const complaints = lint(page, '--html')
      .split('\n')
      .filter((line) => /: (HTML )?(parser )?error/.test(line));
    expect(complaints).toEqual([]);
  });
});

describe('a TAP parser', () => {
  it.each(RUNS)('takes the report of %s', (_, run) => {
    const events = Parser.parse(print('tap', run), { strict: true });
    const asserts = events.flatMap((event) => (event[0] === 'assert' ? [event[1]] : []));
    const stopped = events.some(([name]) => name === 'bailout');
    expect(stopped).toBe(run.unrun > 0);
    const isSaid = (directive: string | boolean | undefined): boolean => directive !== false && directive !== undefined;
    expect(asserts.map(({ ok, skip, todo }) => (isSaid(skip) ? 'skipped' : isSaid(todo) ? !ok : ok))).toEqual(
      run.results.map(({ status }) => (status === 'skipped' ? 'skipped' : status === 'passed')),
    );
    const complete = events.flatMap((event): FinalResults[] => (event[0] === 'complete' ? [event[1]] : []));
    // A strict parser lists as a failure also what is no TAP at all.
    expect(complete[0]?.failures.filter((failure) => 'tapError' in failure && failure.tapError !== null)).toEqual([]);
    // It counts what is to fail and does among what is not ok.
    const [{ fail, todo } = { fail: -1, todo: 0 }] = complete;
    expect(fail - todo).toBe(run.failed);
  });

  it('reads what went wrong', () => {
    const events = Parser.parse(print('tap', summarizeRun(RESULTS, RESULTS.length)));
    const asserts = events.flatMap((event) => (event[0] === 'assert' ? [event[1]] : []));
    expect(asserts.flatMap(({ ok, todo }) => (typeof todo === 'string' ? [{ ok, todo }] : []))).toEqual([
      { ok: false, todo: 'closed' },
    ]);
    const failed = asserts.filter(({ ok, todo }) => !ok && typeof todo !== 'string');
    expect(failed.map(({ diag }) => diag)).toEqual([
      {
        message: 'shop/web -> shop/db:80: verdict: expected delivered, found dropped (POLICY_INGRESS_NO_MATCH)',
        at: 'own.nettest.yaml:3',
        command: 'nettrace shop/web shop/db:80 -f lab.yaml',
      },
      expect.objectContaining({ at: 'own.nettest.yaml:4' }),
    ]);
  });
});

describe('the schema of SARIF 2.1.0', () => {
  const require = createRequire(import.meta.url);
  const schema: unknown = JSON.parse(
    readFileSync(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'),
  );
  const ajv = new Ajv({ schemaId: 'id', meta: false, allErrors: true, unknownFormats: 'ignore', logger: false });
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'));
  invariant(typeof schema === 'object' && schema !== null, 'no schema');
  const validate = ajv.compile(schema);

  it.each(RUNS)('takes the report of %s', (_, run) => {
    const log: unknown = JSON.parse(print('sarif', run));
    expect({ valid: validate(log), errors: validate.errors }).toEqual({ valid: true, errors: null });
  });

  it('takes no other', () => {
    expect(validate({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
  });

  it('points at the policy first, and at the test', () => {
    const text = print('sarif', summarizeRun(RESULTS, RESULTS.length));
    expect(text).toContain('"uri": "lab.yaml"');
    expect(text).toContain('"uri": "own.nettest.yaml"');
  });
});

/** geninfo(1): the lines of a tracefile that lcov knows, in their order; throws at anything else. */
function readLcov(text: string): readonly { readonly file: string; readonly lines: ReadonlyMap<number, number> }[] {
  if (text === '') return [];
  return text
    .split(/^end_of_record\n/m)
    .slice(0, -1)
    .map((record) => {
      const [test, source, ...rest] = record.trimEnd().split('\n');
      expect(test).toMatch(/^TN:\w*$/);
      expect(source).toMatch(/^SF:[^\r\n]+$/);
      const data = rest.slice(0, -2).map((line) => {
        const parts = /^DA:([1-9]\d*),(\d+)$/.exec(line);
        invariant(parts !== null, line);
        return [Number(parts[1]), Number(parts[2])] as const;
      });
      const found = data.filter(([, hits]) => hits > 0).length;
      expect(rest.slice(-2)).toEqual([`LF:${data.length}`, `LH:${found}`]);
      expect(data.map(([line]) => line)).toEqual([...new Set(data.map(([line]) => line))].sort((a, b) => a - b));
      return { file: (source ?? '').slice(3), lines: new Map(data) };
    });
}

describe('lcov', () => {
  it('is one record a file, whose lines are those of policies and Services', () => {
    const [record, ...more] = readLcov(form('lcov', ITEMS));
    expect(more).toEqual([]);
    expect(record?.file).toBe('lab.yaml');
    const text = `${LAB}---\n${DB_POLICY}`.split('\n');
    const covered = [...(record?.lines ?? [])].filter(([, hits]) => hits > 0).map(([line]) => text[line - 1]?.trim());
    expect(covered).toContain('- port: 80');
    expect(covered).not.toContain('- port: 81');
  });

  it('stays whole whatever files are called', () => {
    const items = HOSTILE.flatMap((file) => ITEMS.map((item) => ({ ...item, file })));
    expect(readLcov(form('lcov', items)).length).toBeGreaterThan(10);
    expect(form('lcov', [])).toBe('');
  });
});

describe('github', () => {
  it('is one command a line, whatever names hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const lines = print('github', summarizeRun(strange(text), RESULTS.length)).split('\n');
        expect(lines.pop()).toBe('');
        expect(lines).toHaveLength(3);
        for (const line of lines.slice(0, -1))
          expect(line).toMatch(/^::error file=[^:,]*,line=\d+,title=[^:,]*::[^\r\n]*$/);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a log that people read', () => {
  it.each<readonly [what: string, text: string, written: string]>([
    ['an escape sequence', '\u001b[2Jgone', '\\x1b[2Jgone'],
    ['a NUL', 'a\u0000b', 'a\\x00b'],
    ['a change of direction', 'a\u202eb', 'a\\u202eb'],
    ['a zero-width space', 'a\u200bb', 'a\\u200bb'],
  ])('of github has %s in letters', (_, text, written) => {
    const [first = ''] = print('github', summarizeRun(strange(text), RESULTS.length)).split('\n');
    expect(first).toContain(`title=${written}`);
    expect(first).toContain(`::${written}%0A`);
    expect(first).not.toContain(text);
  });
});

describe('json', () => {
  it.each(RUNS)('has the keys of the contract: %s', (_, run) => {
    const read: unknown = JSON.parse(print('json', run));
    expect(read).toMatchObject({ passed: run.passed, failed: run.failed, skipped: run.skipped });
    expect(read).toMatchObject({ tests: run.results.map(({ name, status, message }) => ({ name, status, message })) });
  });
});
