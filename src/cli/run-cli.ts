/** Arguments in, exit code out. Everything a command says goes through `io`. */
import yargs from 'yargs';
import { BugError } from '../lib/assert.ts';
import type { Arguments, CommandEntry } from './command.ts';
import { COMMANDS } from './commands.ts';
import { CliError, escapeLines, printCliError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { readVersion } from './version.ts';

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['nettrace pod1 svc2:80 -f topologies/calico-ipip', 'from a Pod to a Service, by name'],
  ['nettrace host/laptop node/vms81:31158', 'from outside to a node port'],
  ['nettrace pod1 10.96.0.10:53 -p udp -vv', 'every rule that is examined'],
  ['nettrace pod1 svc2:80 -o json | jq .result', 'the answer as JSON'],
  ['nettrace show iptables vms81', 'what iptables-save prints there'],
];

export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (error instanceof CliError) {
      io.stderr(printCliError(error));
      return error.exitCode;
    }
    return reportBug(error, io);
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [own, passedOn] = splitPassedOn(argv);
  const words = joinDashes(own);
  if (words.includes('--version')) {
    io.stdout(`${readVersion()}\n`);
    return EXIT.delivered;
  }
  let exitCode: number = EXIT.delivered;
  const asksHelp = words.some((word) => word === '--help' || word === '-h');
  const parser = COMMANDS.reduce(
    (cli, entry) =>
      addCommand(cli, entry, async (args) => {
        const { command } = await entry.load();
        exitCode = await command.run(entry.passesOn === true ? { ...args, '--': passedOn } : args, io);
      }),
    yargs(words.filter((word) => word !== '--help' && word !== '-h'))
      .scriptName('nettrace')
      .usage('nettrace SOURCE DESTINATION [options]\n\nBoth ends are written [NAMESPACE/][KIND/]NAME[:PORT].')
      .parserConfiguration({ 'parse-positional-numbers': false, 'greedy-arrays': false, 'dot-notation': false })
      .locale('en')
      .wrap(110)
      .help()
      .alias('help', 'h')
      .version(readVersion())
      .strict()
      .exitProcess(false)
      .showHelpOnFail(false)
      .fail((message, error) => {
        if (error instanceof Error && error.name !== 'YError') throw error;
        throw new CliError(EXIT.usage, `${message}\n(nettrace --help lists commands and options)`);
      })
      .epilogue(
        'Exit codes: 0 delivered, 1 dropped or rejected, 2 mixed, 3 undetermined,\n64 wrong usage, 65 input not valid, 66 input not found, 70 a bug in nettrace.',
      ),
  );
  for (const [line, meaning] of EXAMPLES) parser.example(line, meaning);
  // Asked by itself yargs would write its help to the console and not to `io`.
  if (asksHelp) io.stdout(`${await parser.getHelp()}\n`);
  else await parser.parseAsync();
  return exitCode;
}

/** Options of a program that a command runs are none of ours. */
function splitPassedOn(argv: readonly string[]): readonly [own: readonly string[], passedOn: readonly string[]] {
  const entry = COMMANDS.find(({ usage }) => [usage].flat().some((line) => line.split(' ')[0] === argv[0]));
  const at = entry?.passesOn === true ? argv.indexOf('--') : -1;
  return at < 0 ? [argv, []] : [argv.slice(0, at), argv.slice(at + 1)];
}

/** `-f -` means standard input; yargs would take a lone dash for a positional argument. */
function joinDashes(argv: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const word of argv) {
    const option = joined.at(-1);
    if (word === '-' && (option === '-f' || option === '--file' || option === '--batch')) {
      joined[joined.length - 1] = `${option === '-f' ? '--file' : option}=-`;
    } else joined.push(word);
  }
  return joined;
}

function addCommand(cli: ReturnType<typeof yargs>, entry: CommandEntry, run: (args: Arguments) => Promise<void>) {
  return cli.command(
    typeof entry.usage === 'string' ? entry.usage : [...entry.usage],
    entry.summary,
    async (yargsOfCommand) => (await entry.load()).command.configure(yargsOfCommand),
    run,
  );
}

/** Only mistakes of ours end here: input errors are CliErrors. */
function reportBug(error: unknown, io: Io): ExitCode {
  const what =
    error instanceof BugError
      ? error.message
      : error instanceof Error
        ? `${error.name}: ${error.message}`
        : String(error);
  const stack = error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  io.stderr(`nettrace: this is a bug in nettrace: ${escapeLines(what)}${escapeLines(stack)}\n`);
  return EXIT.bug;
}
