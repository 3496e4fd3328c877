/** `nettrace test`: regression suites. */
import type { Coverage } from '../suite/coverage/coverage.ts';
import type { SuiteRun, TestResult } from '../suite/result.ts';
import type { Suite, TestCase, Variant } from '../suite/suite.ts';
import type { Loaded } from '../topology/load.ts';
import { type Arguments, type Command, flagOf, stringOf, stringsOf } from './command.ts';
import { CliError, printCliError, usageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { loadInput } from './load-input.ts';
import { addInputOptions, addStyleOptions, inputOptionsOf, reportOptionsOf } from './options.ts';
import { findSuites, inputsOf, type Planned, readOrFail, relativePath, SUITE_NAME } from './suite-files.ts';
import { coverageOf, reportCoverage } from './test-coverage.ts';
import { reportMutation } from './test-mutation.ts';
import { outputsOf, REPORTER_NAMES, type ReporterOutput } from './test-outputs.ts';
import { checkVariables, variablesOf } from './test-variables.ts';
import { readVersion } from './version.ts';

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs))
      .positional('suites', {
        type: 'string',
        array: true,
        describe: 'Files *.nettest.yaml, or folders that hold some at any depth (default: here)',
      })
      .option('reporter', {
        alias: 'r',
        type: 'string',
        array: true,
        requiresArg: true,
        describe: `${REPORTER_NAMES}, or FORMAT=FILE; repeatable (pretty)`,
      })
      .option('only-failures', { type: 'boolean', describe: 'pretty: show failed tests alone' })
      .option('list', { type: 'boolean', describe: 'Name the tests and run none' })
      .option('grep', {
        type: 'string',
        requiresArg: true,
        describe: 'Only tests whose name has this text or /pattern/',
      })
      .option('shard', { type: 'string', requiresArg: true, describe: 'i/n: every n-th test, from the i-th on' })
      .option('var', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'NAME=VALUE, for the variable NAME of suites; repeatable',
      })
      .option('coverage', {
        type: 'string',
        array: true,
        describe: 'What no test decided: text|json|lcov|html, or FORMAT=FILE; repeatable (text)',
      })
      .option('min-coverage', { type: 'number', requiresArg: true, describe: 'Fail below this percentage' })
      .option('mutate', {
        type: 'string',
        describe: 'Make mistakes in the policies, one at a time (at most N, 200), and say which ones no test notices',
      })
      .option('watch', { type: 'boolean', describe: 'Run again when an input or a suite changes' })
      .example('nettrace test -f manifests tests', 'the suites in a folder, against manifests')
      .example('nettrace test init shop.nettest.yaml -f manifests', 'a first suite out of what the policies do today')
      .example('nettrace test -r pretty -r junit=report.xml', 'two reports of one run')
      .example('nettrace test --grep db --only-failures', 'some tests, and only what is wrong'),
  async run(args, io) {
    const [first, second] = stringsOf(args, 'suites');
    // A suite of that name is written ./init.
    if (first === 'init') return writeFirstSuite(second, args, io);
    const code = await runOnce(args, io);
    if (!flagOf(args, 'watch')) return code;
    await watchAndRun(args, io);
    return code;
  },
};

/** Never over a file that is there. */
async function writeFirstSuite(file: string | undefined, args: Arguments, io: Io): Promise<ExitCode> {
  const { initSuite } = await import('../suite/init-suite.ts');
  if (file !== undefined && !SUITE_NAME.test(file)) {
    const better = `${file.replace(/\.ya?ml$/i, '')}.nettest.yaml`;
    throw usageError(`${file} would be found by no run: call it ${better}`);
  }
  const input = inputOptionsOf(args);
  const loaded = await loadInput(input, io);
  const folder = file?.includes('/') === true ? file.slice(0, file.lastIndexOf('/')) : '.';
  const text = initSuite(
    loaded,
    input.file.map((path) => relativePath(folder, path)),
  );
  if (file === undefined) io.stdout(text);
  else if (io.files.kind(file) !== undefined) throw usageError(`${file} exists already`);
  else if (io.writeFile === undefined) throw usageError(`${file} cannot be written here`);
  else io.writeFile(file, text);
  return EXIT.delivered;
}

/** @param changed only tests that read one of these; undefined: all of them */
async function runOnce(args: Arguments, io: Io, changed?: readonly string[]): Promise<ExitCode> {
  const { reporters, coverage: wanted, least, mutants } = outputsOf(args);
  const suites = await readSuites(args, io);
  const all = plan(suites, args);
  const { file: named } = inputOptionsOf(args);
  const planned = all.filter(
    (one) => wantsAll(changed, args) || pathsOf(one, named).some((path) => changed.includes(path)),
  );
  if (flagOf(args, 'list')) {
    for (const { suite, variant, test } of planned) {
      const { escapeLines } = await import('./errors.ts');
      io.stdout(`${escapeLines(`${suite.name}: ${nameOf(test, variant)}  (${test.at.file}:${test.at.line})`)}\n`);
    }
    return planned.length === 0 ? EXIT.refused : EXIT.delivered;
  }
  if (planned.length === 0) throw new CliError(EXIT.refused, 'no tests were found: a run without tests is a failure');
  const counted = wanted.length > 0 || least !== undefined ? await import('../suite/coverage/coverage.ts') : undefined;
  const { run, coverages } = await runPlanned(planned, args, io, counted);
  await report(run, reporters, args, io);
  const finished = mutants === undefined || (await reportMutation(planned, run, mutants, args, io));
  let enough = true;
  if (counted !== undefined) {
    const items = counted.uniteCoverage(coverages.map((coverage) => coverage.items()));
    await reportCoverage(items, wanted, args, io);
    const reached = counted.coveredPercent(items);
    enough = least === undefined || reached >= least;
    if (!enough) io.stderr(`nettrace: coverage is ${reached.toFixed(1)} %, less than ${least} %\n`);
  }
  return run.failed > 0 || run.unrun > 0 || !finished || !enough ? EXIT.refused : EXIT.delivered;
}

async function readSuites(args: Arguments, io: Io): Promise<readonly Suite[]> {
  const { readSuite } = await import('../suite/read-suite.ts');
  const variables = variablesOf(args);
  const paths = findSuites(stringsOf(args, 'suites'), io.files);
  const suites = readOrFail(paths.map((file) => readSuite({ file, text: io.files.read(file) }, variables)));
  checkVariables(variables.keys(), suites);
  return suites;
}

function nameOf(test: TestCase, { name }: Variant): string {
  return name === '' ? test.name : `${test.name} [${name}]`;
}

/** In the order of the suites, their variants and their tests. */
function plan(suites: readonly Suite[], args: Arguments): readonly Planned[] {
  const all = suites.flatMap((suite) =>
    suite.variants.flatMap((variant) => suite.tests.map((test) => ({ suite, variant, test }))),
  );
  const wanted = matcherOf(stringOf(args, 'grep'));
  const named = all.filter(({ test, variant }) => wanted(nameOf(test, variant)));
  const shard = stringOf(args, 'shard');
  if (shard === undefined) return named;
  const parts = /^(\d{1,4})\/(\d{1,4})$/.exec(shard);
  const [index, count] = [Number(parts?.[1]), Number(parts?.[2])];
  if (parts === null || index < 1 || index > count) throw usageError(`--shard ${shard}: write i/n, such as 1/4`);
  return named.filter((_, place) => place % count === index - 1);
}

function matcherOf(text: string | undefined): (name: string) => boolean {
  if (text === undefined) return () => true;
  const pattern = /^\/(.+)\/$/s.exec(text)?.[1];
  if (pattern === undefined) return (name) => name.includes(text);
  try {
    const regular = new RegExp(pattern, 'u');
    return (name) => regular.test(name);
  } catch {
    throw usageError(`--grep ${text} is no regular expression`);
  }
}

/** Tests of one topology run one after the other; it is loaded once. */
async function runPlanned(
  planned: readonly Planned[],
  args: Arguments,
  io: Io,
  counted: typeof import('../suite/coverage/coverage.ts') | undefined,
): Promise<{ readonly run: SuiteRun; readonly coverages: readonly Coverage[] }> {
  const { runTestUnless } = await import('../suite/run-test.ts');
  const { summarizeRun } = await import('../suite/result.ts');
  const input = inputOptionsOf(args);
  const worlds = new Map<string, Promise<Loaded>>();
  const coverages = new Map<Loaded, Coverage>();
  const results: TestResult[] = [];
  for (const [done, { suite, variant, test }] of planned.entries()) {
    if ((await io.interrupted?.()) === true) break;
    io.progress?.(`${done} of ${planned.length} tests`);
    const files = inputsOf(suite, variant, test, input.file);
    const key = JSON.stringify(files);
    const world = worlds.get(key) ?? loadInput({ ...input, file: files }, io);
    worlds.set(key, world);
    const inputWords = [...files.flatMap((file) => ['-f', file]), ...(input.recursive ? ['-R'] : [])];
    const loaded = await world;
    const coverage =
      counted === undefined ? undefined : (coverages.get(loaded) ?? new counted.Coverage(loaded.cluster));
    if (coverage !== undefined) coverages.set(loaded, coverage);
    const stopped = async (): Promise<boolean> => (await io.interrupted?.()) === true;
    const result = await runTestUnless(stopped, test, {
      ...{ suite, variant: variant.name, loaded, inputWords },
      ...(coverage === undefined ? {} : { observe: (trace) => coverage.observe(trace) }),
    });
    if (result === undefined) break;
    results.push(result);
  }
  io.progress?.('');
  return { run: summarizeRun(results, planned.length), coverages: [...coverages.values()] };
}

async function report(run: SuiteRun, outputs: readonly ReporterOutput[], args: Arguments, io: Io): Promise<void> {
  const { TEST_REPORTERS } = await import('../report/test/index.ts');
  const own = { onlyFailures: flagOf(args, 'only-failures'), version: readVersion() };
  for (const { reporter, file } of outputs) {
    const options = reportOptionsOf(args, io);
    const text = TEST_REPORTERS[reporter](run, { ...options, ...own, colour: file === undefined && options.colour });
    if (file === undefined) io.stdout(text);
    else if (io.writeFile === undefined) throw usageError(`${file} cannot be written here`);
    else io.writeFile(file, text);
  }
}

/** What a run covers is said of all of it. */
function wantsAll(changed: readonly string[] | undefined, args: Arguments): changed is undefined {
  return changed === undefined || coverageOf(args).length > 0 || stringOf(args, 'mutate') !== undefined;
}

/** Everything that the test is made from. */
function pathsOf({ suite, variant, test }: Planned, named: readonly string[]): readonly string[] {
  return [suite.file, ...inputsOf(suite, variant, test, named)];
}

/** Until the process ends: each time the tests that what changed feeds. A mistake in a file is told, and stays to be run. */
async function watchAndRun(args: Arguments, io: Io): Promise<void> {
  const { watch } = io;
  if (watch === undefined) throw usageError('--watch needs a terminal');
  const { file: named } = inputOptionsOf(args);
  const planned = plan(await readSuites(args, io), args);
  const paths = new Set(planned.flatMap((one) => pathsOf(one, named)));
  paths.delete('-');
  let running = Promise.resolve();
  const waiting = new Set<string>();
  await watch([...paths], (changed) => {
    for (const path of changed) waiting.add(path);
    running = running.then(async () => {
      if (waiting.size === 0) return;
      try {
        io.stdout('\n');
        await runOnce(args, io, [...waiting]);
        waiting.clear();
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        io.stderr(printCliError(error));
      }
    });
  });
}
