/** `nettrace connectivity`: every connection that the policies allow. */
import { nearest } from '../lib/nearest.ts';
import type { ConnectivityAnswer } from '../query/policy/connectivity-answer.ts';
import type { ReportOptions } from '../report/options.ts';
import { type Command, flagOf, stringOf, stringsOf } from './command.ts';
import { usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import { loadInput } from './load-input.ts';
import { addInputOptions, addStyleOptions, inputOptionsOf, reportOptionsOf } from './options.ts';
import { writePieces } from './write-pieces.ts';

const FORMS = ['text', 'json', 'csv', 'md', 'dot', 'mermaid'] as const;
type Form = (typeof FORMS)[number];

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs))
      .option('output', { alias: 'o', type: 'string', requiresArg: true, default: 'text', describe: FORMS.join(', ') })
      .option('explain', { type: 'boolean', describe: 'The deciding policy and rule of each row and direction' })
      .option('exposure', {
        type: 'boolean',
        describe: 'Also: what a Pod that does not exist yet could use, and workloads without policies',
      })
      .option('focus', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Only rows of this workload: name, ns/name, or ns/name[Kind]; repeatable',
      })
      .example('nettrace connectivity -f manifests', 'who may talk to whom, sources that may do the same together')
      .example('nettrace connectivity --focus shop/db --explain', 'one workload, with the policies behind each row')
      .example('nettrace connectivity -o dot | dot -Tsvg > allowed.svg', 'as a picture')
      .epilogue('Ctrl-C stops and ends what there is as its form needs it.'),
  async run(args, io) {
    const form = formOf(stringOf(args, 'output') ?? 'text');
    const { cluster } = await loadInput(inputOptionsOf(args), io);
    const { answerConnectivity, isCalled } = await import('../query/policy/connectivity-answer.ts');
    const focus = stringsOf(args, 'focus');
    if (focus.length > 0) {
      const { workloadsOf } = await import('../policy/classes/workloads.ts');
      const workloads = workloadsOf(cluster);
      for (const name of focus) {
        if (workloads.some((workload) => isCalled(workload, name))) continue;
        const near = nearest(
          name,
          workloads.flatMap((one) => [one.name, `${one.namespace}/${one.name}`]),
        );
        throw usageError(`no workload ${name}${near.length === 0 ? '' : ` (did you mean ${near.join(', ')}?)`}`);
      }
    }
    const explain = flagOf(args, 'explain');
    const answer = answerConnectivity(cluster, { explain, exposure: flagOf(args, 'exposure'), focus });
    const options = reportOptionsOf(args, io);
    const told = untilStopped(answer);
    await writePieces(await print(told.answer, form, explain, options), io.stdout, async () => {
      io.progress?.(`${told.count()} connections`);
      if ((await io.interrupted?.()) === true) told.stop();
    });
    io.progress?.('');
    if (form !== 'text' && form !== 'json')
      for (const { message } of answer.notes) io.stderr(`${await sayNote(message, options)}\n`);
    if (!told.stopped()) return EXIT.delivered;
    io.stderr(`nettrace: stopped after ${told.count()} connections: there may be more\n`);
    return EXIT.undetermined;
  },
};

/** The answer, and the means to end its rows early: every form ends as it should around those that were told. */
function untilStopped(answer: ConnectivityAnswer) {
  let count = 0;
  let wanted = true;
  let stopped = false;
  const rows = function* () {
    for (const row of answer.rows()) {
      stopped = !wanted;
      if (stopped) return;
      count++;
      yield row;
    }
  };
  return {
    answer: { ...answer, rows },
    count: () => count,
    stop: () => {
      wanted = false;
    },
    stopped: () => stopped,
  };
}

async function sayNote(
  message: ConnectivityAnswer['notes'][number]['message'],
  { language }: ReportOptions,
): Promise<string> {
  const { say } = await import('../explain/language.ts');
  return `note: ${say(message, language)}`;
}

function formOf(text: string): Form {
  const form = FORMS.find((known) => known === text);
  if (form !== undefined) return form;
  const [near] = nearest(text, FORMS, 1);
  throw usageError(
    `unknown output ${text}${near === undefined ? '' : ` (did you mean ${near}?)`}; known: ${FORMS.join(', ')}`,
  );
}

async function print(
  answer: ConnectivityAnswer,
  form: Form,
  explain: boolean,
  options: ReportOptions,
): Promise<Iterable<string>> {
  switch (form) {
    case 'text':
      return (await import('../report/policy/connectivity-text.ts')).printConnectivityText(answer, explain, options);
    case 'json':
      return (await import('../report/policy/connectivity-json.ts')).printConnectivityJson(answer, options.language);
    case 'csv':
      return (await import('../report/policy/connectivity-tables.ts')).printConnectivityCsv(answer, explain);
    case 'md':
      return (await import('../report/policy/connectivity-tables.ts')).printConnectivityMarkdown(answer, explain);
    case 'dot':
      return (await import('../report/policy/connectivity-graph.ts')).printConnectivityDot(answer.rows());
    case 'mermaid':
      return (await import('../report/policy/connectivity-graph.ts')).printConnectivityMermaid(answer.rows());
  }
}
