/** Which mutants no test noticed. */
import { phrase, say } from '../../explain/language.ts';
import type { MutantFate } from '../../suite/mutation/mutate.ts';
import type { ReportOptions } from '../options.ts';
import { createPainter } from '../terminal.ts';
import { MUTATION_WORDS } from './words.ts';

export function printMutation(
  fates: readonly MutantFate[],
  stopped: boolean,
  { language, colour }: ReportOptions,
): string {
  const paint = createPainter(colour);
  const survived = fates.filter(({ fate }) => fate === 'survived');
  const counts = { noticed: String(fates.length - survived.length), all: String(fates.length) };
  const lines = [paint(say(phrase(MUTATION_WORDS.summary, counts), language), 'heading')];
  if (survived.length > 0) lines.push(paint(say(phrase(MUTATION_WORDS.survived), language), 'bad'));
  for (const { name, file, line } of survived) lines.push(`  ${paint(name)}  ${paint(`${file}:${line}`, 'faint')}`);
  if (stopped) lines.push(paint(say(phrase(MUTATION_WORDS.stopped), language), 'doubt'));
  return `${lines.join('\n')}\n`;
}
