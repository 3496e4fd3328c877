/** `nettrace compare SOURCE DESTINATION --proxy MODE,MODE`: what changes for a user when kube-proxy's mode does. */
import type { Verdict } from '../explain/verdict.ts';
import { nearest } from '../lib/nearest.ts';
import { COMPARED_MODES, type ProxyMode } from '../query/compare/comparison.ts';
import { type Command, stringOf } from './command.ts';
import { inputError, usageError } from './errors.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts';
import { loadInModes } from './load-input.ts';
import {
  addInputOptions,
  addStyleOptions,
  inputOptionsOf,
  NAMESPACE_OPTION,
  PROTOCOL_OPTION,
  reportOptionsOf,
  SOURCE_PORT_OPTION,
  WALK_OPTIONS,
} from './options.ts';
import { queryOptionsOf } from './trace.ts';

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs))
      .positional('source', { type: 'string', describe: 'As of trace: pod1, node/vms81, host/laptop, an address' })
      .positional('destination', { type: 'string', describe: 'As of trace: svc2:80, 10.96.0.10:53, node/vms81:31158' })
      .option('proxy', {
        type: 'string',
        requiresArg: true,
        default: COMPARED_MODES.join(','),
        describe: 'The modes, with commas between them',
      })
      .option('namespace', NAMESPACE_OPTION)
      .option('protocol', PROTOCOL_OPTION)
      .option('source-port', SOURCE_PORT_OPTION)
      .option('4', { type: 'boolean', describe: 'IPv4 only' })
      .option('6', { type: 'boolean', describe: 'IPv6 only' })
      .options(WALK_OPTIONS)
      .option('output', { alias: 'o', type: 'string', requiresArg: true, default: 'text', describe: 'text or json' })
      .example('nettrace compare web 10.96.0.10 -p icmp', 'who answers a ping of a ClusterIP')
      .example('nettrace compare web svc2:80 --proxy ipvs,nftables', 'two of them'),
  async run(args, io) {
    const source = stringOf(args, 'source');
    const destination = stringOf(args, 'destination');
    if (source === undefined || destination === undefined)
      throw usageError('SOURCE and DESTINATION are missing (nettrace compare --help)');
    const output = stringOf(args, 'output') ?? 'text';
    if (output !== 'text' && output !== 'json') throw usageError(`unknown output ${output}; known: text, json`);
    const modes = modesOf(stringOf(args, 'proxy') ?? '');
    const query = { ...queryOptionsOf(args), source, destination };
    const worlds = await loadInModes(modes, inputOptionsOf(args), io);
    const { compareModes } = await import('../query/compare/compare-modes.ts');
    const compared = compareModes(worlds, query);
    if (!compared.ok) throw inputError(compared.issues, EXIT.usage);
    const options = reportOptionsOf(args, io);
    io.stdout(
      output === 'json'
        ? (await import('../report/compare-json.ts')).printComparisonJson(compared.value, options.language)
        : (await import('../report/compare-text.ts')).printComparisonText(compared.value, options),
    );
    return exitCodeOfAll(compared.value.modes.map(({ result }) => result.verdict));
  },
};

function modesOf(text: string): readonly ProxyMode[] {
  const words = text.split(',').map((word) => word.trim());
  const modes = words.map((word) => {
    const mode = COMPARED_MODES.find((known) => known === word);
    if (mode !== undefined) return mode;
    const [near] = nearest(word, COMPARED_MODES, 1);
    throw usageError(
      `unknown mode ${word} of kube-proxy${near === undefined ? '' : ` (did you mean ${near}?)`}; known: ${COMPARED_MODES.join(', ')}`,
    );
  });
  return [...new Set(modes)];
}

/** As of one trace where all modes agree; else 2, or 3 where one of them cannot be told. */
function exitCodeOfAll(verdicts: readonly Verdict[]): ExitCode {
  const codes = new Set(verdicts.map(exitCodeOf));
  const [only = EXIT.undetermined, other] = codes;
  if (other === undefined) return only;
  return codes.has(EXIT.undetermined) ? EXIT.undetermined : EXIT.mixed;
}
