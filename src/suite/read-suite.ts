/** `*.nettest.yaml` -> Suite, with every mistake at its place. */
import { FieldReader, type ReadContext } from '../cluster/field-reader.ts';
import { type FieldType, integer, oneOf, STRING } from '../cluster/field-type.ts';
import { DNS_LABEL } from '../cluster/names.ts';
import type { SourceDocument } from '../cluster/source.ts';
import { isReasonCode } from '../explain/codes.ts';
import { nearest } from '../lib/nearest.ts';
import { fail, type Issue, issue, ok, type Result } from '../lib/result.ts';
import { PROTOCOLS } from '../query/query.ts';
import { readYaml } from '../topology/yaml-documents.ts';
import { parseOneLine, parseOutcome, SYMPTOMS, VERDICTS } from './one-line.ts';
import type { Expectation, Suite, TestCase, Variant } from './suite.ts';
import { parseTruthTable } from './truth-table.ts';

const CODE: FieldType<NonNullable<Expectation['code']>> = {
  expected: 'a reason code (nettrace codes lists them)',
  parse: (value) => (typeof value === 'string' && isReasonCode(value) ? value : undefined),
};

/** @param variables values of `${NAME}` beside those of the suite itself; they win */
export function readSuite(
  input: { readonly file: string; readonly text: string },
  variables: ReadonlyMap<string, string> = new Map(),
): Result<Suite> {
  const { documents, issues: found } = readYaml(input);
  const issues: Issue[] = [...found];
  const [document, second] = documents;
  const at = { file: input.file, line: 1, column: 1 };
  if (document === undefined)
    return fail(...issues, ...(issues.length > 0 ? [] : [issue('empty-suite', 'the suite is empty', { at })]));
  if (second !== undefined) {
    issues.push(issue('second-document', 'a suite is one document', { at: second.locate([]) }));
  }
  const context: ReadContext = { issues, lenient: false };
  const suite = readDocument(document, context, variables);
  return suite === undefined || issues.some(({ severity }) => severity === 'error') ? fail(...issues) : ok(suite);
}

function readDocument(
  document: SourceDocument,
  context: ReadContext,
  given: ReadonlyMap<string, string>,
): Suite | undefined {
  const reader = FieldReader.open({ document, path: [] }, document.value, context);
  if (reader === undefined) return undefined;
  const name = reader.optional('suite', STRING) ?? document.file.replace(/^.*\//, '').replace(/\.nettest\.ya?ml$/, '');
  const namespace = reader.optional('namespace', DNS_LABEL);
  const own = new Map(Object.entries(reader.stringMap('variables')));
  const scope = new Scope(new Map([...own, ...given]));
  const base = scope.strings(reader, 'topology');
  const variants = reader.objects('variants').map((variant): Variant => {
    const files = scope.strings(variant, 'topology');
    const added = scope.strings(variant, 'with');
    const called = variant.required('name', STRING) ?? '';
    variant.done();
    return { name: called, files: [...(files.length > 0 ? files : base), ...added], at: variant.position() };
  });
  const added = scope.strings(reader, 'with');
  const whole: Variant = { name: '', files: [...base, ...added], at: reader.position() };
  const tests = readTests(reader, scope, { namespace, group: '', with: [] }, context);
  reader.ignore('description');
  reader.done();
  return {
    file: document.file,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    variants: variants.length === 0 ? [whole] : variants.map((each) => ({ ...each, files: [...each.files, ...added] })),
    tests,
    variables: [...new Set([...own.keys(), ...scope.asked])],
  };
}

/** `${NAME}` in texts. */
class Scope {
  readonly #values: ReadonlyMap<string, string>;
  readonly #asked = new Set<string>();

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** Names that texts had. */
  get asked(): ReadonlySet<string> {
    return this.#asked;
  }

  expand(text: string, reader: FieldReader, path: readonly (string | number)[]): string {
    return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]{0,63})\}/g, (whole, name: string) => {
      this.#asked.add(name);
      const value = this.#values.get(name);
      if (value !== undefined) return value;
      const [best] = nearest(name, this.#values.keys(), 1);
      const hint = best === undefined ? undefined : `did you mean \${${best}}?`;
      reader.error('unknown-variable', `no variable ${name}`, path, { hint });
      return whole;
    });
  }

  /** One string or a list of them. */
  strings(reader: FieldReader, field: string): readonly string[] {
    const raw = reader.raw(field);
    const list = typeof raw === 'string' ? [reader.optional(field, STRING) ?? ''] : reader.list(field, STRING);
    return list.map((text) => this.expand(text, reader, [field]));
  }
}

/** What tests of a group have in common. */
type Group = { readonly namespace: string | undefined; readonly group: string; readonly with: readonly string[] };

/** Groups hold tests, and no groups. */
const DEEPEST = 1;

function readTests(
  reader: FieldReader,
  scope: Scope,
  group: Group,
  context: ReadContext,
  depth = 0,
): readonly TestCase[] {
  const raw = reader.raw('tests');
  if (!Array.isArray(raw)) {
    reader.error(
      'missing-field',
      'required field tests is missing: expected a list of tests',
      raw === undefined ? [] : ['tests'],
    );
    reader.ignore('tests');
    return [];
  }
  reader.ignore('tests');
  const items: readonly unknown[] = raw;
  return items.flatMap((item, index): readonly TestCase[] => {
    const path = [...reader.path, 'tests', index];
    if (typeof item === 'string') return readLine(reader, scope, item, ['tests', index], group);
    const test = FieldReader.open({ document: reader.source.document, path }, item, context);
    if (test === undefined) return [];
    return test.has('tests') && depth < DEEPEST ? readGroup(test, scope, group, context) : readLong(test, scope, group);
  });
}

function readGroup(test: FieldReader, scope: Scope, outer: Group, context: ReadContext): readonly TestCase[] {
  const group = test.optional('group', STRING) ?? '';
  const namespace = test.optional('namespace', DNS_LABEL) ?? outer.namespace;
  const files = scope.strings(test, 'with');
  const tests = readTests(test, scope, { namespace, group, with: [...outer.with, ...files] }, context, DEEPEST);
  test.done();
  return tests;
}

function named(group: Group, name: string): string {
  return group.group === '' ? name : `${group.group}: ${name}`;
}

function readLine(
  reader: FieldReader,
  scope: Scope,
  text: string,
  path: readonly (string | number)[],
  group: Group,
): readonly TestCase[] {
  const line = parseOneLine(scope.expand(text, reader, path));
  if (!line.ok) {
    reader.error('wrong-test', line.message, path);
    return [];
  }
  const { namespace } = group;
  return [
    {
      name: named(group, text),
      at: reader.position(path),
      ...line.value,
      with: group.with,
      ...(namespace === undefined ? {} : { namespace }),
    },
  ];
}

function readLong(test: FieldReader, scope: Scope, group: Group): readonly TestCase[] {
  const name = test.optional('name', STRING);
  const namespace = test.optional('namespace', DNS_LABEL) ?? group.namespace;
  const protocol = test.optional('protocol', oneOf(...PROTOCOLS)) ?? 'tcp';
  const skip = test.optional('skip', STRING);
  const expectFailure = test.optional('expectFailure', STRING);
  const except = scope.strings(test, 'except');
  const shared = {
    protocol,
    except,
    with: [...group.with, ...scope.strings(test, 'with')],
    ...(namespace === undefined ? {} : { namespace }),
    ...(skip === undefined ? {} : { skip }),
    ...(expectFailure === undefined ? {} : { expectFailure }),
  };
  const table = test.optional('matrix', STRING);
  if (table !== undefined) {
    test.done();
    const parsed = parseTruthTable(scope.expand(table, test, ['matrix']));
    if (!parsed.ok) {
      test.error('wrong-table', parsed.message, ['matrix']);
      return [];
    }
    const at = test.position(['matrix']);
    return parsed.value.map(({ from, to, verdict, line }) => ({
      ...shared,
      name: named(group, `${name === undefined ? '' : `${name}: `}${from} -> ${to}: ${verdict}`),
      at: { ...at, line: at.line + 1 + line },
      from: [from],
      to: [to],
      expect: { verdict },
    }));
  }
  const from = scope.strings(test, 'from');
  const to = scope.strings(test, 'to');
  if (from.length === 0) test.error('missing-field', 'required field from is missing');
  if (to.length === 0) test.error('missing-field', 'required field to is missing');
  const expect = readExpectation(test);
  test.done();
  if (from.length === 0 || to.length === 0 || expect === undefined) return [];
  const words = `${from.join(', ')} -> ${to.join(', ')}`;
  return [{ ...shared, name: named(group, name ?? words), at: test.position(), from, to, expect }];
}

/** The words of the short form, or a mapping. */
function readExpectation(test: FieldReader): Expectation | undefined {
  const raw = test.raw('expect');
  if (typeof raw === 'string') {
    const parsed = parseOutcome(test.optional('expect', STRING) ?? '');
    if (parsed.ok) return parsed.value;
    test.error('wrong-expectation', parsed.message, ['expect']);
    return undefined;
  }
  const reader = test.requiredObject('expect');
  if (reader === undefined) return undefined;
  const verdict = reader.optional('verdict', oneOf(...VERDICTS));
  const code = reader.optional('code', CODE);
  const symptom = reader.optional('symptom', oneOf(...SYMPTOMS));
  const sourceSeen = reader.optional('sourceSeen', STRING);
  const reply = reader.optional('reply', oneOf('delivered', 'dropped', 'rejected'));
  const ttl = reader.optional('ttl', integer(0, 255));
  const rulesExaminedAtMost = reader.optional('rulesExaminedAtMost', integer(0, 100_000_000));
  const lists = ['backends', 'via', 'notVia'].map((field) =>
    reader.has(field) ? [[field, reader.list(field, STRING)] as const] : [],
  );
  reader.done();
  const expectation: Expectation = {
    ...(verdict === undefined ? {} : { verdict }),
    ...(code === undefined ? {} : { code }),
    ...(symptom === undefined ? {} : { symptom }),
    ...(sourceSeen === undefined ? {} : { sourceSeen }),
    ...(reply === undefined ? {} : { reply }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(rulesExaminedAtMost === undefined ? {} : { rulesExaminedAtMost }),
    ...Object.fromEntries(lists.flat()),
  };
  if (Object.keys(expectation).length === 0) {
    reader.error('empty-expectation', 'nothing is expected: name a verdict');
    return undefined;
  }
  return expectation;
}
