/** `nettrace lint`: mistakes that the API server takes. */
import { nearest } from '../lib/nearest.ts';
import type { Finding, LintRule, Severity } from '../lint/rule.ts';
import type { ReportOptions } from '../report/options.ts';
import { type Command, flagOf, stringOf, stringsOf } from './command.ts';
import { inputError, usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import { readInputs } from './input-files.ts';
import { addInputOptions, addStyleOptions, inputOptionsOf, reportOptionsOf } from './options.ts';
import { readVersion } from './version.ts';

const FORMS = ['text', 'json', 'sarif', 'github'] as const;
const THRESHOLDS = ['error', 'warning', 'info'] as const;

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs))
      .option('output', { alias: 'o', type: 'string', requiresArg: true, default: 'text', describe: FORMS.join(', ') })
      .option('fail-on', {
        type: 'string',
        requiresArg: true,
        default: 'error',
        describe: `Exit with 1 from this severity on: ${THRESHOLDS.join(', ')}`,
      })
      .option('disable', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'A rule that is not asked, or several with commas; repeatable',
      })
      .option('list', { type: 'boolean', describe: 'List the rules' })
      .option('explain', { type: 'string', requiresArg: true, describe: 'What a rule finds, and why it matters' })
      .example('nettrace lint -f manifests', 'mistakes in policies, Services, Ingresses and address ranges')
      .example('nettrace lint -f manifests -o sarif > lint.sarif', 'for code scanning')
      .example('nettrace lint --explain split-peer', 'one rule')
      .epilogue(
        '# nettrace-lint-disable-next-line RULE and the annotation nettrace/lint-disable: RULE suppress findings.',
      ),
  async run(args, io) {
    const { RULES } = await import('../lint/rules/index.ts');
    const options = reportOptionsOf(args, io);
    const explained = stringOf(args, 'explain');
    if (flagOf(args, 'list') || explained !== undefined) {
      const { printRule, printRuleList } = await import('../report/lint/text.ts');
      io.stdout(
        explained === undefined ? printRuleList(RULES, options) : printRule(ruleCalled(explained, RULES), options),
      );
      return EXIT.delivered;
    }
    const form = wordOf('output', stringOf(args, 'output') ?? 'text', FORMS);
    const threshold = wordOf('severity', stringOf(args, 'fail-on') ?? 'error', THRESHOLDS);
    const disabled = new Set(
      stringsOf(args, 'disable').flatMap((names) => names.split(',').map((name) => ruleCalled(name.trim(), RULES).id)),
    );
    const given = inputOptionsOf(args);
    const inputs = readInputs(given, io);
    const { loadTopology } = await import('../topology/load.ts');
    const loaded = loadTopology(inputs, { lenient: given.lenient });
    if (!loaded.ok) throw inputError(loaded.issues);
    const { lint } = await import('../lint/lint.ts');
    const findings = lint(loaded.value, inputs, { disabled });
    io.stdout(await print(findings, form, RULES, options));
    return findings.some(({ severity }) => isAtLeast(severity, threshold)) ? EXIT.refused : EXIT.delivered;
  },
};

function ruleCalled(name: string, rules: readonly LintRule[]): LintRule {
  const rule = rules.find(({ id }) => id === name);
  if (rule !== undefined) return rule;
  const near = nearest(
    name,
    rules.map(({ id }) => id),
  );
  const hint = near.length === 0 ? '; nettrace lint --list names all' : ` (did you mean ${near.join(', ')}?)`;
  throw usageError(`unknown rule ${name}${hint}`);
}

function wordOf<const T extends string>(what: string, text: string, words: readonly T[]): T {
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  const [near] = nearest(text, words, 1);
  throw usageError(
    `unknown ${what} ${text}${near === undefined ? '' : ` (did you mean ${near}?)`}; known: ${words.join(', ')}`,
  );
}

function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return THRESHOLDS.indexOf(severity) <= THRESHOLDS.indexOf(threshold);
}

async function print(
  findings: readonly Finding[],
  form: (typeof FORMS)[number],
  rules: readonly LintRule[],
  options: ReportOptions,
): Promise<string> {
  switch (form) {
    case 'text':
      return (await import('../report/lint/text.ts')).printLintText(findings, options);
    case 'json':
      return (await import('../report/lint/json.ts')).printLintJson(findings, options.language);
    case 'sarif':
      return (await import('../report/lint/sarif.ts')).printLintSarif(findings, rules, readVersion(), options.language);
    case 'github':
      return (await import('../report/lint/github.ts')).printLintGithub(findings, options.language);
  }
}
