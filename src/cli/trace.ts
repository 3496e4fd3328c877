/** `nettrace SOURCE DESTINATION`, and many of them with `--batch`. */
import type { Argv } from 'yargs';
import type { Language } from '../explain/language.ts';
import type { Verdict } from '../explain/verdict.ts';
import { nearest } from '../lib/nearest.ts';
import type { Result } from '../lib/result.ts';
import { type IpAddr, parseIp } from '../net/address.ts';
import { PROTOCOLS, protocolOf, type Query } from '../query/query.ts';
import type { Trace } from '../query/trace.ts';
import type { ReportOptions } from '../report/options.ts';
import { type Arguments, type Command, flagOf, numberOf, stringOf, stringsOf } from './command.ts';
import { COMMAND_NAMES, LATER_COMMANDS } from './command-names.ts';
import { CliError, inputError, usageError } from './errors.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts';
import type { Io } from './io.ts';
import { loadInput } from './load-input.ts';
import {
  addInputOptions,
  addStyleOptions,
  familyFrom,
  inputOptionsOf,
  NAMESPACE_OPTION,
  PROTOCOL_OPTION,
  reportOptionsOf,
  SOURCE_PORT_OPTION,
  WALK_OPTIONS,
} from './options.ts';

/** Formats of later versions are named, so that asking for one gets a clear answer. */
const LATER_FORMATS: readonly string[] = ['yaml', 'mermaid', 'dot', 'svg', 'html', 'pcapng'];

export const command: Command = {
  configure: (yargs) => addTraceOptions(addStyleOptions(addInputOptions(yargs))),
  run: (args, io) => (stringOf(args, 'batch') === undefined ? traceOne(args, io) : traceBatch(args, io)),
};

function addTraceOptions(yargs: Argv): Argv {
  return yargs
    .positional('source', {
      type: 'string',
      describe: 'pod1, ns/pod1, deploy/web, node/vms81, host/laptop, container/c1, or an address',
    })
    .positional('destination', {
      type: 'string',
      describe: 'the same, or svc2:80, svc2.ns:http, 10.96.0.10:53, node/vms81:31158, http://host/path',
    })
    .option('namespace', NAMESPACE_OPTION)
    .option('protocol', PROTOCOL_OPTION)
    .option('all-pods', { type: 'boolean', describe: 'Of a workload as SOURCE every Pod, not the first alone' })
    .option('source-port', SOURCE_PORT_OPTION)
    .option('4', { type: 'boolean', describe: 'IPv4 alone: its address, and only A is asked for' })
    .option('6', { type: 'boolean', describe: 'IPv6 alone: its address, and only AAAA is asked for' })
    .option('backend', {
      type: 'string',
      requiresArg: true,
      default: 'all',
      describe: 'Only the paths to this Pod or address',
    })
    .option('seed', { type: 'number', requiresArg: true, describe: 'Follow one branch at random, repeatably' })
    .option('all-branches', {
      type: 'boolean',
      describe: 'Walk every branch by itself, also backends known to be alike: with a thousand it takes seconds',
    })
    .options(WALK_OPTIONS)
    .option('header', {
      alias: 'H',
      type: 'string',
      array: true,
      requiresArg: true,
      describe: "Of a URL: a header, as curl's -H 'Name: value'; repeatable",
    })
    .option('method', { type: 'string', requiresArg: true, describe: 'Of a URL: the method (GET)' })
    .option('resolve', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'HOST:ADDRESS, what /etc/hosts of the client says; repeatable',
    })
    .option('output', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      default: 'text',
      describe: 'text, tree or json',
    })
    .option('verbose', { alias: 'v', type: 'count', describe: '-v: every chain entered; -vv: every rule examined' })
    .option('quiet', { alias: 'q', type: 'boolean', describe: 'The verdict line only' })
    .option('what-if', { type: 'string', requiresArg: true, hidden: true })
    .option('batch', {
      type: 'string',
      requiresArg: true,
      describe: 'Answer one question a line of FILE or -; one JSON trace a line',
    });
}

async function traceOne(args: Arguments, io: Io): Promise<ExitCode> {
  const { source, destination } = endsOf(args);
  const format = formatOf(args);
  const query: Query = { ...queryOptionsOf(args), source, destination };
  const loaded = await loadInput(inputOptionsOf(args), io);
  const { answerQuery } = await import('../query/answer-query.ts');
  const options = reportOptionsOf(args, io);
  const quiet = flagOf(args, 'quiet');
  if (!flagOf(args, 'all-pods')) {
    const trace = answered(answerQuery(loaded, query));
    io.stdout(await printTrace(trace, format, quiet, options));
    return exitCodeOf(trace.result.verdict);
  }
  const { sourcesOf } = await import('../query/sources.ts');
  const sources = answered(sourcesOf(loaded, query));
  const traces = sources.map((one) => answered(answerQuery(loaded, { ...query, source: one })));
  // One report below the other; as JSON one trace a line, as in a batch.
  const together = quiet || format === 'json';
  const printed = await Promise.all(traces.map((trace) => printTrace(trace, format, together, options)));
  io.stdout(printed.join(together ? '' : '\n'));
  return exitCodeOf(verdictOfAll(traces.map(({ result }) => result.verdict)));
}

/** A question that cannot be answered is wrong usage: the input was read by then. */
function answered<T>(answer: Result<T>): T {
  if (!answer.ok) throw inputError(answer.issues, EXIT.usage);
  return answer.value;
}

/** Several sources are like several paths: they agree, or the outcome is mixed. */
function verdictOfAll(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('undetermined')) return 'undetermined';
  const [first = 'undetermined'] = verdicts;
  const refused = (verdict: Verdict): boolean => verdict === 'dropped' || verdict === 'rejected';
  return verdicts.every((one) => one === first) || verdicts.every(refused) ? first : 'mixed';
}

type Format = 'text' | 'tree' | 'json';

/** In one line: the verdict, or for programs the whole trace. */
async function printTrace(trace: Trace, format: Format, inOneLine: boolean, options: ReportOptions): Promise<string> {
  if (format === 'json') {
    const json = await import('../report/json.ts');
    return inOneLine
      ? `${json.printTraceLine(trace, options.language)}\n`
      : json.printTraceJson(trace, options.language);
  }
  if (inOneLine) return (await import('../report/text.ts')).printVerdictLine(trace, options);
  if (format === 'tree') return (await import('../report/tree.ts')).printTraceTree(trace, options);
  return (await import('../report/text.ts')).printTraceText(trace, options);
}

/**
 * The answers of a batch are in the order of its lines. A line that cannot be answered becomes an error object. Verdicts
 * are data here: the exit code only says whether every line was answered.
 */
async function traceBatch(args: Arguments, io: Io): Promise<ExitCode> {
  if (stringOf(args, 'source') !== undefined) throw usageError('--batch takes the place of SOURCE and DESTINATION');
  if (flagOf(args, 'all-pods')) throw usageError('--batch and --all-pods cannot be used together');
  const path = stringOf(args, 'batch') ?? '-';
  const input = inputOptionsOf(args);
  if (path === '-' && input.file.includes('-'))
    throw usageError('standard input can be either the input (-f -) or the batch (--batch -)');
  const defaults = queryOptionsOf(args);
  if (path !== '-' && io.files.kind(path) !== 'file') throw new CliError(EXIT.noInput, `no such file: ${path}`);
  const loaded = await loadInput(input, io);
  const { answerQuery } = await import('../query/answer-query.ts');
  const { parseBatchLine } = await import('../query/parse-batch.ts');
  const json = await import('../report/json.ts');
  const language: Language = reportOptionsOf(args, io).language;
  const text = path === '-' ? io.files.readStdin() : io.files.read(path);
  let exitCode: ExitCode = EXIT.delivered;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const parsed = parseBatchLine(line, defaults);
    const answer = parsed.ok ? answerQuery(loaded, parsed.query) : undefined;
    if (answer?.ok === true) {
      io.stdout(`${json.printTraceLine(answer.value, language)}\n`);
    } else {
      const message = parsed.ok
        ? answer?.ok === false
          ? answer.issues
              .map(({ message: words, hint }) => (hint === undefined ? words : `${words} (${hint})`))
              .join('; ')
          : ''
        : parsed.message;
      io.stdout(`${json.printErrorLine(message)}\n`);
      exitCode = EXIT.invalidInput;
    }
  }
  return exitCode;
}

function endsOf(args: Arguments): { readonly source: string; readonly destination: string } {
  const source = stringOf(args, 'source');
  const destination = stringOf(args, 'destination');
  if (source !== undefined && LATER_COMMANDS.includes(source)) {
    throw usageError(`the command ${source} is not in this version (a Pod of this name is written pod/${source})`);
  }
  if (source === undefined) throw usageError('SOURCE and DESTINATION are missing (nettrace --help)');
  if (destination === undefined) {
    const near = nearest(source, COMMAND_NAMES);
    const hint = near.length === 0 ? '' : `; or did you mean the command ${near.join(', ')}?`;
    throw usageError(`DESTINATION is missing: nettrace ${source} DESTINATION${hint}`);
  }
  return { source, destination };
}

function formatOf(args: Arguments): Format {
  const format = stringOf(args, 'output') ?? 'text';
  if (format === 'text' || format === 'tree' || format === 'json') return format;
  if (LATER_FORMATS.includes(format))
    throw usageError(`output ${format} is not in this version; known: text, tree, json`);
  throw usageError(`unknown output ${format}; known: text, tree, json`);
}

export function queryOptionsOf(args: Arguments): Omit<Query, 'source' | 'destination'> {
  const written = stringOf(args, 'protocol') ?? 'tcp';
  const protocol = protocolOf(written);
  if (protocol === undefined) throw usageError(`unknown protocol ${written}; known: ${PROTOCOLS.join(', ')}`);
  if (stringOf(args, 'what-if') !== undefined)
    throw usageError(
      '--what-if is not in this version: put the change into a Fault document, or into a copy of the input',
    );
  const family = familyFrom(args);
  const backend = stringOf(args, 'backend') ?? 'all';
  const namespace = stringOf(args, 'namespace');
  const sourcePort = integerOf(args, 'source-port', 1, 65535);
  const size = integerOf(args, 'size', 28, 65535);
  const seed = integerOf(args, 'seed', 0, 2 ** 32 - 1);
  if (backend !== 'all' && seed !== undefined) throw usageError('--backend and --seed cannot be used together');
  const allBranches = flagOf(args, 'all-branches');
  if (allBranches && seed !== undefined) throw usageError('--all-branches and --seed cannot be used together');
  const verbose = numberOf(args, 'verbose') ?? 0;
  return {
    protocol,
    dns: flagOf(args, 'dns'),
    reply: flagOf(args, 'reply'),
    verbosity: verbose >= 2 ? 2 : verbose === 1 ? 1 : 0,
    ...(namespace === undefined ? {} : { namespace }),
    ...(family === undefined ? {} : { family }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(size === undefined ? {} : { size }),
    ...(seed === undefined ? {} : { seed }),
    ...(backend === 'all' ? {} : { backend }),
    ...(allBranches ? { allBranches } : {}),
    ...httpOptionsOf(args),
  };
}

function httpOptionsOf(args: Arguments): Pick<Query, 'headers' | 'method' | 'hosts'> {
  const method = stringOf(args, 'method');
  if (method !== undefined && !/^[A-Za-z]{1,20}$/.test(method))
    throw usageError('--method must be a word, such as POST');
  const headers = stringsOf(args, 'header').map((header): readonly [string, string] => {
    const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}):\s*(.*?)\s*$/s.exec(header);
    if (parts === null) throw usageError(`--header ${header}: write 'Name: value'`);
    return [parts[1] ?? '', parts[2] ?? ''];
  });
  const hosts = stringsOf(args, 'resolve').map((entry): readonly [string, IpAddr] => {
    const parts = /^([^:]{1,253}):(?:\d{1,5}:)?\[?([0-9A-Fa-f.:]{2,45}?)\]?$/.exec(entry);
    const address = parseIp(parts?.[2] ?? '');
    if (parts === null || address === undefined) throw usageError(`--resolve ${entry}: write HOST:ADDRESS`);
    return [(parts[1] ?? '').toLowerCase(), address];
  });
  return {
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
    ...(headers.length === 0 ? {} : { headers }),
    ...(hosts.length === 0 ? {} : { hosts: new Map(hosts) }),
  };
}

function integerOf(args: Arguments, name: string, least: number, most: number): number | undefined {
  const value = numberOf(args, name);
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < least || value > most)
    throw usageError(`--${name} must be a whole number from ${least} to ${most}`);
  return value;
}
