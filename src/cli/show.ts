/** `nettrace show WHAT [NODE|POD]` */
import { nearest } from '../lib/nearest.ts';
import { SHOW_WORDS, showWordOf } from '../query/show/show-words.ts';
import { type Command, stringOf } from './command.ts';
import { escapeLines, inputError, usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import { loadInput } from './load-input.ts';
import {
  addInputOptions,
  addStyleOptions,
  familyFrom,
  inputOptionsOf,
  NAMESPACE_OPTION,
  reportOptionsOf,
} from './options.ts';

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs))
      .positional('what', { type: 'string', describe: SHOW_WORDS.join('|') })
      .positional('target', { type: 'string', describe: 'A node, Pod, host or container; of services a Service' })
      .option('namespace', NAMESPACE_OPTION)
      .option('4', { type: 'boolean', describe: 'Of routes, rules and iptables IPv4 alone' })
      .option('6', { type: 'boolean', describe: 'Of routes, rules and iptables IPv6 alone' })
      .example('nettrace show routes vms81', 'what ip route prints there')
      .example('nettrace show services', 'what kubectl get services -A prints')
      .example('nettrace show services 10.96.0.10', 'one of them, by address, NAME or NAMESPACE/NAME')
      .example(
        'nettrace show policies shop/web',
        'the policies that select a Pod, in the order in which they are asked',
      )
      .epilogue(
        'Policies stand by namespace, those of the whole cluster first, in each by tier, order and name, staged ones last.',
      ),
  async run(args, io) {
    const asked = stringOf(args, 'what') ?? '';
    const what = showWordOf(asked);
    if (what === undefined) {
      const near = nearest(asked, SHOW_WORDS);
      throw usageError(
        `show: unknown word ${asked}${near.length > 0 ? ` (did you mean ${near.join(', ')}?)` : `; known: ${SHOW_WORDS.join(', ')}`}`,
      );
    }
    const loaded = await loadInput(inputOptionsOf(args), io);
    const { show } = await import('../query/show/show.ts');
    const shown = show(
      loaded,
      what,
      stringOf(args, 'target'),
      stringOf(args, 'namespace'),
      familyFrom(args),
      reportOptionsOf(args, io).language,
    );
    if (!shown.ok) throw inputError(shown.issues, EXIT.usage);
    // `ip rule` has a tab behind the priority.
    io.stdout(shown.value.split('\t').map(escapeLines).join('\t'));
    return EXIT.delivered;
  },
};
