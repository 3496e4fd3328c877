/** The one place where the verdict of a conversation is derived, first of one path and then of all of them together. */
import type { DropReason } from '../kernel/drop-reason.ts';
import type { Choice, Leg, Path } from '../kernel/walk/step.ts';
import { add, type Fraction, ZERO } from '../lib/fraction.ts';

export type PathVerdict = 'delivered' | 'dropped' | 'rejected';
export type Verdict = PathVerdict | 'mixed' | 'undetermined';

/**
 * Of the conversation, by what the sender observes: an answer that never arrives makes it `dropped`, also where the
 * request itself arrived. Datagrams that are delivered and answered by nobody count as delivered.
 */
export function verdictOfPath(path: Path, withReply = true): PathVerdict {
  const { disposition } = path.request;
  if (disposition.kind === 'dropped' || (withReply && isReplyLost(path))) return 'dropped';
  return verdictOfRequest(path.request);
}

/** Somebody said no: a REJECT rule, IPVS, or a machine on which nothing listens. A router that knows no way drops, and may say so. */
const REFUSALS: ReadonlySet<DropReason> = new Set([
  'NETFILTER_REJECT',
  'IPVS_NO_DESTINATION',
  'SOCKET_CLOSED',
  'PROTOCOL_UNKNOWN',
]);

export function verdictOfRequest({ disposition }: Leg): PathVerdict {
  if (disposition.kind !== 'refused') return disposition.kind;
  return REFUSALS.has(disposition.reason) ? 'rejected' : 'dropped';
}

/** An answer was sent, and the sender does not get it: dropped on its way, or delivered to somebody else. */
export function isReplyLost(path: Path): boolean {
  return path.answer !== undefined && (path.observation.kind === 'silence' || path.observation.kind === 'errno');
}

type Judged = { readonly path: Path; readonly verdict: PathVerdict };

/**
 * Paths are the leaves of a tree of choices. Where chance chose, its branches may differ (`mixed`); where the model did
 * not know (a choice without a probability), branches that differ leave the verdict `undetermined`.
 */
export function combineVerdicts(judged: readonly Judged[]): Verdict {
  return combine(judged, 0);
}

function combine(judged: readonly Judged[], depth: number): Verdict {
  const [first] = judged;
  if (first === undefined) return 'undetermined';
  if (judged.every(({ verdict }) => verdict === first.verdict)) return first.verdict;
  const branches = new Map<string, Judged[]>();
  for (const one of judged) {
    const key = one.path.choices[depth]?.taken ?? '';
    const branch = branches.get(key);
    if (branch === undefined) branches.set(key, [one]);
    else branch.push(one);
  }
  const choice: Choice | undefined = first.path.choices[depth];
  if (choice === undefined) return 'mixed';
  const verdicts = new Set([...branches.values()].map((branch) => combine(branch, depth + 1)));
  if (verdicts.has('undetermined')) return 'undetermined';
  if (choice.probability === undefined && verdicts.size > 1) return 'undetermined';
  return verdicts.size === 1 ? ([...verdicts][0] ?? 'undetermined') : 'mixed';
}

/** The sum of the paths' probabilities, with those of their twins. */
export function shareOf(paths: readonly Path[]): Fraction {
  return paths.flatMap((path) => [path, ...(path.twins ?? [])]).reduce((sum, one) => add(sum, one.probability), ZERO);
}
