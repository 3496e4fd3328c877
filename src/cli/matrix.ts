/** `nettrace matrix`: who reaches whom, each place walked in full. */

import type { MatrixCell } from '../query/matrix/matrix.ts';
import type { MatrixQuestion } from '../query/matrix/plan-matrix.ts';
import { protocolOf } from '../query/query.ts';
import { type Arguments, type Command, stringOf, stringsOf } from './command.ts';
import { inputError, usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import { loadInput } from './load-input.ts';
import { addInputOptions, addStyleOptions, inputOptionsOf, reportOptionsOf } from './options.ts';

const FORMS = ['text', 'json', 'csv', 'md'];

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs))
      .option('from', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Sources: app=web,tier!=db, or a name such as deploy/web; repeatable; every Pod without it',
      })
      .option('to', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Destinations: the same, and Services, nodes, addresses',
      })
      .option('port', {
        type: 'string',
        requiresArg: true,
        describe: '80, 80/tcp, 53/udp or icmp; without it the first port of each destination',
      })
      .option('namespace', {
        alias: 'n',
        type: 'string',
        requiresArg: true,
        describe: 'Only Pods of this namespace, and names that do not say theirs',
      })
      .option('output', { alias: 'o', type: 'string', requiresArg: true, default: 'text', describe: FORMS.join(', ') })
      .example('nettrace matrix --port 80/tcp', 'every Pod to every Pod')
      .example('nettrace matrix --from app=web --to svc/db --port 5432', 'some to some')
      .epilogue('Ctrl-C stops and prints what there is.'),
  async run(args, io) {
    const form = stringOf(args, 'output') ?? 'text';
    if (!FORMS.includes(form)) throw usageError(`unknown output ${form}; known: ${FORMS.join(', ')}`);
    const question = questionOf(args);
    const loaded = await loadInput(inputOptionsOf(args), io);
    const { planMatrix } = await import('../query/matrix/plan-matrix.ts');
    const { askCell } = await import('../query/matrix/ask-cell.ts');
    const plan = planMatrix(loaded, question);
    if (!plan.ok) throw inputError(plan.issues, EXIT.usage);
    const { sources, destinations } = plan.value;
    const cells: MatrixCell[] = [];
    let stopped = false;
    rows: for (const source of sources) {
      for (const destination of destinations) {
        if ((await io.interrupted?.()) === true) {
          stopped = true;
          break rows;
        }
        io.progress?.(`${cells.length} of ${sources.length * destinations.length}`);
        const cell = askCell(loaded, source, destination);
        if (!cell.ok) throw inputError(cell.issues, EXIT.usage);
        cells.push(cell.value);
      }
    }
    io.progress?.('');
    const port =
      question.protocol === 'icmp'
        ? 'icmp'
        : question.port === undefined
          ? null
          : `${question.port}/${question.protocol}`;
    const matrix = { sources, destinations, port, cells };
    const options = reportOptionsOf(args, io);
    const forms = await import('../report/policy/matrix-forms.ts');
    if (form === 'json') io.stdout(forms.printMatrixJson(matrix));
    else if (form === 'csv') io.stdout(forms.printMatrixCsv(matrix));
    else if (form === 'md') io.stdout(forms.printMatrixMarkdown(matrix, options));
    else io.stdout(forms.printMatrixText(matrix, options));
    return stopped ? EXIT.undetermined : EXIT.delivered;
  },
};

function questionOf(args: Arguments): MatrixQuestion {
  const namespace = stringOf(args, 'namespace');
  return {
    from: stringsOf(args, 'from'),
    to: stringsOf(args, 'to'),
    ...(namespace === undefined ? {} : { namespace }),
    ...portOf(stringOf(args, 'port')),
  };
}

function portOf(text: string | undefined): Pick<MatrixQuestion, 'port' | 'protocol'> {
  if (text === undefined) return { port: undefined, protocol: 'tcp' };
  if (text.toLowerCase() === 'icmp') return { port: undefined, protocol: 'icmp' };
  const [, number, name] = /^(\d{1,5})(?:\/([a-z]+))?$/i.exec(text) ?? [];
  const protocol = protocolOf(name ?? 'tcp');
  const port = Number(number);
  if (protocol === undefined || protocol === 'icmp' || !(port >= 1 && port <= 65535)) {
    throw usageError(`--port ${text}: expected 80, 80/tcp, 53/udp, 9/sctp or icmp`);
  }
  return { port, protocol };
}
