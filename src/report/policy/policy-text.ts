/** The report of `nettrace policy`: the verdict, who decided, then every policy that was asked. */
import { text } from '../../explain/language.ts';
import { printTitle } from '../../explain/origin-view.ts';
import type {
  DirectionView,
  HostView,
  PlacedObject,
  PolicyAnswer,
  PolicyVerdict,
  PolicyView,
  RuleView,
  TierView,
} from '../../query/policy/policy-answer.ts';
import { createWriter, type Writer } from '../frame.ts';
import type { ReportOptions } from '../options.ts';
import { createPainter, pad, type Style, widthOf } from '../terminal.ts';
import { placeOf } from './host-place.ts';
import { DECISIONS, DIRECTION_WORDS, EXEMPTIONS, POLICY_VERDICTS, POLICY_WORDS, STAGE_WORDS } from './words.ts';

/** Where the verdict word stands in the first line, when the question is shorter. */
const VERDICT_COLUMN = 78;

const STYLES: Readonly<Record<PolicyVerdict, Style>> = { allow: 'good', deny: 'bad', undetermined: 'doubt' };

export function printPolicyText(answer: PolicyAnswer, options: ReportOptions): string {
  const writer = createWriter(options, createPainter(options.colour));
  const { paint } = writer;
  const directions = [answer.egress, ...answer.hosts, answer.ingress];
  const titles = directions.map((direction) => titleOf(direction, writer));
  const width = Math.max(...titles.map(widthOf));
  const lines = [verdictLine(answer, writer)];
  for (const [index, direction] of directions.entries()) {
    const word = paint(writer.words(POLICY_VERDICTS[direction.verdict]), STYLES[direction.verdict]);
    lines.push(`  ${paint(pad(titles[index] ?? '', width))}  ${word}  ${paint(reasonOf(direction, writer))}`);
  }
  for (const direction of directions) {
    if (direction.tiers.length === 0) continue;
    lines.push('', paint(titleOf(direction, writer), 'heading'));
    for (const tier of direction.tiers) lines.push(...tierLines(tier, writer));
  }
  if (answer.notes.length > 0) lines.push('');
  for (const { message } of answer.notes) lines.push(paint(writer.words(POLICY_WORDS.note, { message })));
  return `${lines.join('\n')}\n`;
}

/** `-q` */
export function printPolicyVerdict(answer: PolicyAnswer, options: ReportOptions): string {
  return `${verdictLine(answer, createWriter(options, createPainter(options.colour)))}\n`;
}

function verdictLine({ source, destination, protocol, port, verdict }: PolicyAnswer, writer: Writer): string {
  const end = ({ name, address }: PolicyAnswer['source'], at: string): string =>
    name === address ? `${name}${at}` : `${name}${at} (${address})`;
  const question = `${end(source, '')} -> ${end(destination, port === null ? '' : `:${port}`)} ${protocol}`;
  const gap = Math.max(2, VERDICT_COLUMN - widthOf(question));
  const word = writer.paint(writer.words(POLICY_VERDICTS[verdict]), STYLES[verdict]);
  return `${writer.paint(question, 'heading')}${' '.repeat(gap)}${word}`;
}

function titleOf(view: DirectionView | HostView, writer: Writer): string {
  return writer.words(DIRECTION_WORDS[view.direction], { end: 'way' in view ? placeOf(view, writer) : view.of });
}

function reasonOf(view: DirectionView | HostView, writer: Writer): string {
  const { exemption, tiers, decidedBy } = view;
  if (exemption !== null) return writer.words(EXEMPTIONS[exemption]);
  if (decidedBy === null) {
    if ('way' in view && view.endpoint !== null) {
      return writer.words(POLICY_WORDS.openEndpoint, { endpoint: `HostEndpoint ${view.endpoint}` });
    }
    return writer.words(tiers.length === 0 ? POLICY_WORDS.unselected : POLICY_WORDS.undecided);
  }
  const policy = printPlaced(decidedBy);
  if (decidedBy.kind === 'HostEndpoint') return writer.words(POLICY_WORDS.byEndpoint, { policy });
  return decidedBy.rule === null
    ? writer.words(POLICY_WORDS.byDefault, { policy })
    : writer.words(POLICY_WORDS.byRule, { policy, rule: decidedBy.rule });
}

function tierLines(view: TierView, writer: Writer): readonly string[] {
  const { tier, stage, decision, byDefault, policies } = view;
  const { paint } = writer;
  const word = writer.words(DECISIONS[decision]);
  const atEnd = byDefault && (decision === 'deny' || decision === 'pass');
  const words = stage !== undefined ? STAGE_WORDS[stage] : atEnd ? POLICY_WORDS.tierEnd : POLICY_WORDS.tier;
  const passing = passingPolicy(view);
  const skips = passing === undefined ? '' : writer.words(SKIPS, { tier, policy: printTitle(passing) });
  const lines = [`  ${paint(`${writer.words(words, { tier, decision: word })}${skips}`)}`];
  for (const policy of policies) {
    const decided = writer.words(DECISIONS[policy.decision]);
    lines.push(`    ${paint(writer.words(POLICY_WORDS.policy, { policy: printPlaced(policy), decision: decided }))}`);
    if (policy.rules.length === 0) lines.push(`      ${paint(writer.words(POLICY_WORDS.noRules), 'faint')}`);
    for (const rule of policy.rules) lines.push(...ruleLines(rule, writer));
  }
  return lines;
}

const SKIPS = text(
  ' (Pass of {policy}: the policies after it in tier {tier} are not asked)',
  '（{policy} 的 Pass：层 {tier} 中排在它之后的策略不再询问）',
);

/** Whose Pass leaves the rest of the tier out. */
function passingPolicy({ decision, byDefault, policies }: TierView): PolicyView | undefined {
  if (decision !== 'pass' || byDefault) return undefined;
  const at = policies.findIndex((policy) => policy.decision === 'pass');
  return at < policies.length - 1 ? policies[at] : undefined;
}

function ruleLines({ rule, name, action, decided, misses, late }: RuleView, writer: Writer): readonly string[] {
  const style: Style = decided ? (action === 'deny' ? 'bad' : 'good') : 'faint';
  const [first, ...others] = misses.map((miss) => writer.sentence(miss));
  const said = first ?? writer.words(late ? POLICY_WORDS.late : POLICY_WORDS.matches);
  const line = writer.words(POLICY_WORDS.rule, { rule: `${rule}${name === null ? '' : ` ${name}`} ${action}`, said });
  const indent = ' '.repeat(widthOf(line) - widthOf(said));
  const below = others.map((miss) => `      ${indent}${writer.paint(miss, style)}`);
  return [`      ${writer.paint(line, style)}`, ...below];
}

function printPlaced(object: PlacedObject): string {
  return `${printTitle(object)}${object.file === null ? '' : ` (${object.file}:${object.line})`}`;
}
