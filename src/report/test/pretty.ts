/** For people: one line a test, below it what went wrong, the short trace and the command that repeats it. */
import { knownFailureOf, type Mismatch, type SuiteRun, type TestResult, type TestStatus } from '../../suite/result.ts';
import { createWriter, questionOf, VERDICT_STYLES, type Writer } from '../frame.ts';
import type { ReportOptions } from '../options.ts';
import { textOfStep } from '../step-text.ts';
import { createPainter, type Style } from '../terminal.ts';
import { VERDICT_WORDS } from '../words.ts';
import { printCommand } from './place.ts';
import { TEST_WORDS } from './words.ts';

export type PrettyOptions = ReportOptions & { readonly onlyFailures: boolean };

const MARKS: Readonly<Record<TestStatus, { readonly mark: string; readonly ascii: string; readonly style: Style }>> = {
  passed: { mark: '✓', ascii: 'ok  ', style: 'good' },
  failed: { mark: '✗', ascii: 'FAIL', style: 'bad' },
  skipped: { mark: '-', ascii: 'skip', style: 'doubt' },
};

const MISMATCHES_SHOWN = 3;

export function printPretty(run: SuiteRun, options: PrettyOptions): string {
  const writer = createWriter(options, createPainter(options.colour));
  const lines: string[] = [];
  let heading = '';
  for (const result of run.results) {
    if (options.onlyFailures && result.status !== 'failed') continue;
    if (result.suite !== heading) lines.push(writer.paint(result.suite, 'heading'));
    heading = result.suite;
    lines.push(...testLines(result, options, writer));
  }
  const counts = { passed: String(run.passed), failed: String(run.failed), skipped: String(run.skipped) };
  lines.push(writer.paint(writer.words(TEST_WORDS.summary, counts), run.failed > 0 ? 'bad' : 'good'));
  if (run.unrun > 0) lines.push(writer.paint(writer.words(TEST_WORDS.unrun, { count: String(run.unrun) }), 'doubt'));
  return `${lines.join('\n')}\n`;
}

function testLines(result: TestResult, options: PrettyOptions, writer: Writer): readonly string[] {
  const { mark, ascii, style } = MARKS[result.status];
  const sign = writer.paint(options.ascii ? ascii : mark, style);
  const why = remarkOn(result, writer);
  const lines = [`  ${sign} ${writer.paint(result.name)}${why === '' ? '' : ` ${writer.paint(why, 'faint')}`}`];
  if (result.status !== 'failed') return lines;
  if (result.mismatches.length === 0) lines.push(`      ${writer.paint(result.message, 'bad')}`);
  for (const mismatch of result.mismatches.slice(0, MISMATCHES_SHOWN)) lines.push(...mismatchLines(mismatch, writer));
  const more = result.mismatches.length - MISMATCHES_SHOWN;
  if (more > 0) lines.push(`      ${writer.paint(writer.words(TEST_WORDS.more, { count: String(more) }), 'faint')}`);
  lines.push(`      ${writer.paint(`${result.test.at.file}:${result.test.at.line}`, 'faint')}`);
  return lines;
}

function remarkOn(result: TestResult, writer: Writer): string {
  if (result.status === 'skipped') return writer.words(TEST_WORDS.skipped, { why: result.message });
  const known = knownFailureOf(result);
  return known === undefined ? '' : writer.words(TEST_WORDS.knownFailure, { why: known });
}

function mismatchLines({ wrong, trace, command, source, destination }: Mismatch, writer: Writer): readonly string[] {
  const lines = [`      ${writer.paint(`${source} -> ${destination}`)}`];
  for (const words of wrong) lines.push(`        ${writer.paint(words, 'bad')}`);
  if (trace !== undefined) {
    const verdict = writer.paint(
      writer.words(VERDICT_WORDS[trace.result.verdict]),
      VERDICT_STYLES[trace.result.verdict],
    );
    lines.push(`        ${writer.paint(questionOf(trace.query), 'faint')}  ${verdict}`);
    lines.push(`        ${writer.paint(writer.sentence(trace.result.summary))}`);
    const steps = (trace.paths[0]?.hops ?? []).flatMap((hop) => hop.steps.map((step) => ({ step, hop })));
    for (const { step, hop } of steps) {
      const { where, what, detail } = textOfStep(step, hop, writer.part);
      const line = `${hop.node} ${where} ${what} ${detail}`.trimEnd();
      lines.push(`          ${writer.paint(line, step.blamed ? 'bad' : 'faint')}`);
    }
  }
  lines.push(`        ${writer.paint(printCommand(command), 'faint')}`);
  return lines;
}
