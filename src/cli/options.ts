/** Options that several commands share. */
import type { Argv } from 'yargs';
import type { Language } from '../explain/language.ts';
import type { Family } from '../net/address.ts';
import type { ReportOptions } from '../report/options.ts';
import { type Arguments, flagOf, numberOf, stringOf, stringsOf } from './command.ts';
import { usageError } from './errors.ts';
import type { InputOptions } from './input-files.ts';
import type { Io } from './io.ts';

export function addInputOptions(yargs: Argv): Argv {
  return yargs
    .option('file', {
      alias: 'f',
      type: 'string',
      array: true,
      describe: 'A file, - for standard input, or a directory (its .yaml, .yml and .json files); repeatable',
    })
    .option('recursive', { alias: 'R', type: 'boolean', describe: 'Read sub-folders of directories, too' })
    .option('lenient', { type: 'boolean', describe: 'Warn about unknown fields instead of refusing them' });
}

export function addStyleOptions(yargs: Argv): Argv {
  return yargs
    .option('color', { type: 'boolean', default: true, describe: 'Colour, on a terminal only (--no-color, NO_COLOR)' })
    .option('ascii', { type: 'boolean', describe: 'ASCII characters only' })
    .option('lang', { type: 'string', choices: ['en', 'zh'], describe: 'Language of the report' });
}

export const NAMESPACE_OPTION = {
  alias: 'n',
  type: 'string',
  requiresArg: true,
  describe: 'Namespace of names that do not say theirs',
} as const;

export const PROTOCOL_OPTION = {
  alias: 'p',
  type: 'string',
  requiresArg: true,
  default: 'tcp',
  describe: 'tcp, udp, sctp or icmp',
} as const;

export const SOURCE_PORT_OPTION = { type: 'number', requiresArg: true, describe: 'Port of the client' } as const;

/** What is walked of a question. */
export const WALK_OPTIONS = {
  size: { type: 'number', requiresArg: true, describe: 'Bytes of the packet' },
  dns: {
    type: 'boolean',
    default: true,
    describe: 'Trace the DNS query of a name (--no-dns: take the name for its address)',
  },
  reply: { type: 'boolean', default: true, describe: 'Trace the reply (--no-reply: the request alone)' },
} as const;

export function inputOptionsOf(args: Arguments): InputOptions {
  return { file: stringsOf(args, 'file'), recursive: flagOf(args, 'recursive'), lenient: flagOf(args, 'lenient') };
}

/** -4 or -6. */
export function familyFrom(args: Arguments): Family | undefined {
  const [four, six] = [flagOf(args, '4'), flagOf(args, '6')];
  if (four && six) throw usageError('-4 and -6 cannot be used together');
  return four ? 4 : six ? 6 : undefined;
}

export function reportOptionsOf(args: Arguments, io: Io): ReportOptions {
  const verbose = numberOf(args, 'verbose') ?? 0;
  return {
    language: languageOf(args, io),
    colour: io.isTerminal && flagOf(args, 'color') && (io.env.NO_COLOR ?? '') === '' && io.env.TERM !== 'dumb',
    ascii: flagOf(args, 'ascii'),
    verbosity: verbose >= 2 ? 2 : verbose === 1 ? 1 : 0,
  };
}

/** --lang, else the language of the terminal's messages (POSIX: LC_ALL before LC_MESSAGES before LANG). */
function languageOf(args: Arguments, io: Io): Language {
  const asked = stringOf(args, 'lang');
  if (asked === 'zh' || asked === 'en') return asked;
  if (!io.isTerminal) return 'en';
  const locale = [io.env.LC_ALL, io.env.LC_MESSAGES, io.env.LANG].find((value) => value !== undefined && value !== '');
  return locale?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}
