/** Reason codes for people: the list, and one code in full. */
import type { CodeEntry } from '../explain/codes/entry.ts';
import { phrase, say, type Text } from '../explain/language.ts';
import { symptomWords } from './frame.ts';
import type { ReportOptions } from './options.ts';
import { createPainter, pad } from './terminal.ts';
import { WORDS } from './words.ts';

export function printCodeList(codes: ReadonlyMap<string, CodeEntry>, options: ReportOptions): string {
  const paint = createPainter(options.colour);
  const width = Math.max(...[...codes.keys()].map((code) => code.length));
  const lines: string[] = [];
  let layer: string | undefined;
  for (const [code, entry] of codes) {
    if (entry.layer !== layer) lines.push(...(layer === undefined ? [] : ['']), paint(entry.layer, 'heading'));
    layer = entry.layer;
    lines.push(`  ${pad(code, width)}  ${paint(entry.meaning[options.language])}`);
  }
  return `${lines.join('\n')}\n`;
}

export function printCode(code: string, entry: CodeEntry, options: ReportOptions): string {
  const paint = createPainter(options.colour);
  const words = (text: Text): string => say(phrase(text), options.language);
  const list = (title: Text, items: readonly Text[]): readonly string[] => [
    `${words(title)}:`,
    ...items.map((item) => `  - ${words(item)}`),
  ];
  const symptom =
    entry.symptom === undefined ? words(WORDS.note) : say(symptomWords(entry.symptom, 'tcp'), options.language);
  const lines = [
    paint(code, 'heading'),
    words(entry.meaning),
    '',
    `${words(WORDS.layer)}: ${entry.layer}`,
    `${words(WORDS.symptom)}: ${symptom}`,
    '',
    ...list(WORDS.causes, entry.causes),
    '',
    ...list(WORDS.fixes, entry.fixes),
  ];
  return `${lines.join('\n')}\n`;
}
