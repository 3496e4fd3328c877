/** `nettrace policy SOURCE DESTINATION`: what the policies alone say about one connection, or with `--batch` about many. */
import type { Result } from '../lib/result.ts';
import type { PolicyAnswer, PolicyVerdict } from '../query/policy/policy-answer.ts';
import { type Arguments, type Command, flagOf, stringOf } from './command.ts';
import { CliError, inputError, usageError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { loadInput } from './load-input.ts';
import {
  addInputOptions,
  addStyleOptions,
  inputOptionsOf,
  NAMESPACE_OPTION,
  PROTOCOL_OPTION,
  reportOptionsOf,
  SOURCE_PORT_OPTION,
} from './options.ts';
import { queryOptionsOf } from './trace.ts';

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs))
      .positional('source', { type: 'string', describe: 'pod1, ns/pod1, deploy/web, node/vms81, or an address' })
      .positional('destination', {
        type: 'string',
        describe: 'the same with a port: db:5432, ns/db:5432, 10.244.1.7:80',
      })
      .option('namespace', NAMESPACE_OPTION)
      .option('protocol', PROTOCOL_OPTION)
      .option('source-port', SOURCE_PORT_OPTION)
      .option('4', { type: 'boolean', describe: 'IPv4 only' })
      .option('6', { type: 'boolean', describe: 'IPv6 only' })
      .option('output', { alias: 'o', type: 'string', requiresArg: true, default: 'text', describe: 'text or json' })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'The verdict line only' })
      .option('batch', {
        type: 'string',
        requiresArg: true,
        describe: 'Answer one question a line of FILE or -; one JSON answer a line',
      })
      .example('nettrace policy web db:5432', 'tier by tier, in both directions')
      .example('nettrace policy 203.0.113.7 web:80 -o json', 'from outside, as JSON')
      .epilogue('Exit codes: 0 allowed, 1 denied, 3 undetermined.'),
  run: (args, io) => (stringOf(args, 'batch') === undefined ? answerOne(args, io) : answerBatch(args, io)),
};

async function answerOne(args: Arguments, io: Io): Promise<ExitCode> {
  const source = stringOf(args, 'source');
  const destination = stringOf(args, 'destination');
  if (source === undefined || destination === undefined)
    throw usageError('SOURCE and DESTINATION are missing (nettrace policy --help)');
  const format = stringOf(args, 'output') ?? 'text';
  if (format !== 'text' && format !== 'json') throw usageError(`unknown output ${format}; known: text, json`);
  const query = { ...queryOptionsOf(args), source, destination };
  const loaded = await loadInput(inputOptionsOf(args), io);
  const { answerPolicy } = await import('../query/policy/answer-policy.ts');
  const answer = answered(answerPolicy(loaded, query));
  const options = reportOptionsOf(args, io);
  if (format === 'json') {
    const { printPolicyJson } = await import('../report/policy/policy-json.ts');
    io.stdout(printPolicyJson(answer, options.language));
  } else {
    const text = await import('../report/policy/policy-text.ts');
    io.stdout(flagOf(args, 'quiet') ? text.printPolicyVerdict(answer, options) : text.printPolicyText(answer, options));
  }
  return EXIT_CODES[answer.verdict];
}

const EXIT_CODES: Readonly<Record<PolicyVerdict, ExitCode>> = {
  allow: EXIT.delivered,
  deny: EXIT.refused,
  undetermined: EXIT.undetermined,
};

function answered(answer: Result<PolicyAnswer>): PolicyAnswer {
  if (!answer.ok) throw inputError(answer.issues, EXIT.usage);
  return answer.value;
}

/** Verdicts are data here: the exit code only says whether every line was answered. */
async function answerBatch(args: Arguments, io: Io): Promise<ExitCode> {
  if (stringOf(args, 'source') !== undefined) throw usageError('--batch takes the place of SOURCE and DESTINATION');
  const path = stringOf(args, 'batch') ?? '-';
  const input = inputOptionsOf(args);
  if (path === '-' && input.file.includes('-'))
    throw usageError('standard input can be either the input (-f -) or the batch (--batch -)');
  const defaults = queryOptionsOf(args);
  if (path !== '-' && io.files.kind(path) !== 'file') throw new CliError(EXIT.noInput, `no such file: ${path}`);
  const loaded = await loadInput(input, io);
  const { answerPolicy } = await import('../query/policy/answer-policy.ts');
  const { parseBatchLine } = await import('../query/parse-batch.ts');
  const { printPolicyLine } = await import('../report/policy/policy-json.ts');
  const { printErrorLine } = await import('../report/json.ts');
  const { language } = reportOptionsOf(args, io);
  let exitCode: ExitCode = EXIT.delivered;
  for (const line of (path === '-' ? io.files.readStdin() : io.files.read(path)).split('\n')) {
    if (line.trim() === '') continue;
    const parsed = parseBatchLine(line, defaults);
    const answer = parsed.ok ? answerPolicy(loaded, parsed.query) : undefined;
    if (answer?.ok === true) {
      io.stdout(`${printPolicyLine(answer.value, language)}\n`);
      continue;
    }
    const issues = answer?.ok === false ? answer.issues : [];
    const message = parsed.ok
      ? issues.map(({ message: words, hint }) => (hint === undefined ? words : `${words} (${hint})`)).join('; ')
      : parsed.message;
    io.stdout(`${printErrorLine(message)}\n`);
    exitCode = EXIT.invalidInput;
  }
  return exitCode;
}
