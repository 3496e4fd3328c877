/** Answers in which backends are told as twins, against answers in which every branch was walked. */
import { answerQuery } from '../../../src/query/answer-query.ts';
import type { Query } from '../../../src/query/query.ts';
import type { HopView, PathView, Trace } from '../../../src/query/trace.ts';
import type { Loaded } from '../../../src/topology/load.ts';

export type Comparison = {
  /** Paths that were not walked. */
  readonly twins: number;
  /** In words, nothing where the answers say the same. */
  readonly differences: readonly string[];
};

export function compareAnswers(loaded: Loaded, query: Query): Comparison {
  const [all, grouped] = [
    answerQuery(loaded, { ...query, allBranches: true }),
    answerQuery(loaded, { ...query, leastAlike: 2 }),
  ];
  if (!all.ok || !grouped.ok)
    return { twins: 0, differences: textOf(all) === textOf(grouped) ? [] : ['the questions end differently'] };
  const twins = grouped.value.paths.filter(({ like }) => like !== undefined).length;
  const differences: string[] = [];
  const say = (what: string, expected: unknown, found: unknown): void => {
    if (textOf(expected) !== textOf(found)) differences.push(`${what}: ${textOf(expected)} became ${textOf(found)}`);
  };
  say('answer', headOf(all.value), headOf(grouped.value));
  say('paths', all.value.paths.length, grouped.value.paths.length);
  for (const [index, path] of all.value.paths.entries()) {
    const other = grouped.value.paths[index];
    if (other === undefined) continue;
    const walked = other.like === undefined ? other : grouped.value.paths[other.like.path];
    say(`path ${index}`, fateOf(path), fateOf(other));
    say(
      `hops ${index}`,
      other.like === undefined ? path.hops : shapeOf(path.hops),
      other.like === undefined ? other.hops : shapeOf(walked?.hops ?? []),
    );
    say(`reply ${index}`, shapeOf(path.reply?.hops ?? []), shapeOf(walked?.reply?.hops ?? []));
  }
  return { twins, differences };
}

function headOf({ query, result, dns, policies, assumptions, stats }: Trace): unknown {
  return { query, result, dns, policies, assumptions, stats };
}

function fateOf({
  probability,
  verdict,
  code,
  symptom,
  backend,
  sourceSeen,
  policySaw,
  answer,
  ttl,
  reply,
  outcome,
  presumed,
  stats,
}: PathView): unknown {
  return {
    ...{ probability, verdict, code, symptom, backend, sourceSeen, policySaw, answer, ttl, presumed, stats },
    reply: [reply?.verdict, reply?.code],
    outcome: [outcome.verdict, outcome.code],
  };
}

/** What was done, without whom it was done to, and without the rules that look for the Pod's own chains. */
function shapeOf(hops: readonly HopView[]): readonly string[] {
  return hops.flatMap(({ steps, inside }) =>
    steps
      .filter(({ chain }) => chain?.includes('-wl-dispatch') !== true)
      .map(({ phase, hook, table, event, level, after }) =>
        [inside === null, phase, hook, table, event, level, after === null].join(' '),
      ),
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? `${field}` : field)) ?? '';
}
