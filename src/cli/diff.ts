/** `nettrace diff BEFORE AFTER`: connections opened and closed between two sets of manifests. */
import type { Cluster } from '../cluster/cluster.ts';
import { type Command, stringOf } from './command.ts';
import { inputError, printIssue, usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import { isGitSpec, readGitInputs } from './git-files.ts';
import { type InputOptions, readInputs } from './input-files.ts';
import type { Io } from './io.ts';
import { addInputOptions, addStyleOptions, inputOptionsOf, reportOptionsOf } from './options.ts';
import { writePieces } from './write-pieces.ts';

const FORMS = ['text', 'json', 'csv', 'md'] as const;
const GATES = ['opened', 'closed', 'any'] as const;

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs))
      .positional('before', { type: 'string', describe: 'A file, a directory, or git:REVISION:PATH' })
      .positional('after', { type: 'string', describe: 'The same' })
      .option('output', { alias: 'o', type: 'string', requiresArg: true, default: 'text', describe: FORMS.join(', ') })
      .option('fail-on', {
        type: 'string',
        requiresArg: true,
        describe: `Exit with 1 if connections were ${GATES.join(', ')}; those of added and removed workloads count for any`,
      })
      .example('nettrace diff git:main:k8s k8s --fail-on opened', 'a gate for pull requests')
      .example('nettrace diff old new -f cluster.yaml', 'with a file that both have')
      .epilogue('Files given with -f belong to both sides.'),
  async run(args, io) {
    const [before, after] = [stringOf(args, 'before'), stringOf(args, 'after')];
    if (before === undefined) throw usageError('BEFORE and AFTER are missing (nettrace diff --help)');
    if (after === undefined) throw usageError(`AFTER is missing: nettrace diff ${before} AFTER`);
    const output = stringOf(args, 'output') ?? 'text';
    const form = FORMS.find((known) => known === output);
    if (form === undefined) throw usageError(`unknown output ${output}; known: ${FORMS.join(', ')}`);
    const asked = stringOf(args, 'fail-on');
    const gate = GATES.find((known) => known === asked);
    if (asked !== undefined && gate === undefined)
      throw usageError(`unknown --fail-on ${asked}; known: ${GATES.join(', ')}`);
    const input = inputOptionsOf(args);
    const old = await loadSide(before, input, io);
    const now = await loadSide(after, input, io);
    const { answerDiff, differs } = await import('../query/policy/diff-answer.ts');
    const forms = await import('../report/policy/diff-forms.ts');
    const answer = answerDiff(old, now);
    if (!answer.ok) throw inputError(answer.issues);
    const pieces = {
      json: () => forms.printDiffJson(answer.value),
      csv: () => forms.printDiffCsv(answer.value),
      md: () => forms.printDiffMarkdown(answer.value),
      text: () => forms.printDiffText(answer.value, reportOptionsOf(args, io)),
    };
    await writePieces(pieces[form](), io.stdout);
    return gate !== undefined && differs(answer.value, gate) ? EXIT.refused : EXIT.delivered;
  },
};

async function loadSide(path: string, { file, recursive, lenient }: InputOptions, io: Io): Promise<Cluster> {
  const own = isGitSpec(path)
    ? readGitInputs(path, recursive, io)
    : readInputs({ file: [path], recursive, lenient }, io);
  const shared = file.length === 0 ? [] : readInputs({ file, recursive, lenient }, io);
  const { loadTopology } = await import('../topology/load.ts');
  const loaded = loadTopology([...shared, ...own], { lenient });
  if (!loaded.ok) throw inputError(loaded.issues);
  for (const warning of loaded.value.warnings) io.stderr(`${printIssue(warning)}\n`);
  return loaded.value.cluster;
}
