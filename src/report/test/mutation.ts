/** Which mutants no test noticed, and what a test would have to ask; and those that change nothing. */
import { phrase, say, type Text } from '../../explain/language.ts';
import type { MissedChange } from '../../suite/mutation/missed-change.ts';
import type { MutantFate } from '../../suite/mutation/mutate.ts';
import type { ReportOptions } from '../options.ts';
import { createPainter, type Style } from '../terminal.ts';
import { IDLE_WORDS, MUTATION_WORDS } from './words.ts';

export function printMutation(
  fates: readonly MutantFate[],
  stopped: boolean,
  { language, colour }: ReportOptions,
): string {
  const paint = createPainter(colour);
  const words = (text: Text, values?: Readonly<Record<string, string>>): string => say(phrase(text, values), language);
  const title = ({ name, file, line }: MutantFate): string => `  ${paint(name)}  ${paint(`${file}:${line}`, 'faint')}`;
  const section = (text: Text, style: Style, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [paint(words(text), style), ...lines];
  const details = ({ src, dst, opened, closed, test }: MissedChange): readonly string[] => [
    ...(opened === undefined ? [] : [words(MUTATION_WORDS.opens, { src, dst, connections: opened })]),
    ...(closed === undefined ? [] : [words(MUTATION_WORDS.closes, { src, dst, connections: closed })]),
    ...(test === undefined ? [] : [words(MUTATION_WORDS.test, { test: JSON.stringify(test) })]),
  ];
  const survived = fates.flatMap((mutant) =>
    mutant.fate === 'survived' ? [title(mutant), ...details(mutant.missed).map((line) => `    ${paint(line)}`)] : [],
  );
  const equivalent = fates.flatMap((mutant) => {
    if (mutant.fate !== 'equivalent') return [];
    const why = mutant.because === undefined ? '' : `  (${words(IDLE_WORDS[mutant.because])})`;
    return [`${title(mutant)}${why}`];
  });
  const noticeable = fates.filter(({ fate }) => fate !== 'equivalent');
  const noticed = noticeable.filter(({ fate }) => fate === 'noticed');
  const counts = { noticed: String(noticed.length), all: String(noticeable.length) };
  const lines = [
    paint(words(MUTATION_WORDS.summary, counts), 'heading'),
    ...section(MUTATION_WORDS.survived, 'bad', survived),
    ...section(MUTATION_WORDS.equivalent, 'faint', equivalent),
    ...(stopped ? [paint(words(MUTATION_WORDS.stopped), 'doubt')] : []),
  ];
  return `${lines.join('\n')}\n`;
}
