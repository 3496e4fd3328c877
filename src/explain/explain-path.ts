/** What one path means: its verdict, its code, what the client sees, and which step is to blame. */
import type { Path } from '../kernel/walk/step.ts';
import { type Cause, classifyReply, classifyRequest } from './classify.ts';
import type { Symptom } from './codes/entry.ts';
import type { Asked, ExplainContext } from './context.ts';
import { decidingStep } from './deciding-step.ts';
import { symptomOf } from './symptom.ts';
import { isTranslated } from './translation.ts';
import { isReplyLost, type PathVerdict, verdictOfPath, verdictOfRequest } from './verdict.ts';

export type PathExplanation = {
  readonly path: Path;
  /** Of the conversation. */
  readonly verdict: PathVerdict;
  readonly symptom: Symptom;
  readonly request: { readonly verdict: PathVerdict; readonly cause: Cause | undefined };
  /** undefined when the request had no answer, or the reply was not asked for. */
  readonly reply: { readonly verdict: PathVerdict; readonly cause: Cause | undefined } | undefined;
  /** Why the conversation failed: that of the request, else that of the reply. */
  readonly cause: Cause | undefined;
};

export function explainPath(path: Path, asked: Asked, context: ExplainContext, withReply = true): PathExplanation {
  const elsewhere = arrivedElsewhere(path, asked);
  const requestCause = elsewhere ?? classifyRequest(path.request, asked, context);
  const answer = withReply ? path.answer : undefined;
  const replyCause = answer === undefined ? undefined : classifyReply(path.request, answer, asked, context);
  const verdict = elsewhere === undefined ? verdictOfPath(path, withReply) : 'dropped';
  return {
    path,
    verdict,
    symptom: symptomFor(path, verdict, asked, withReply),
    request: { verdict: elsewhere === undefined ? verdictOfRequest(path.request) : 'dropped', cause: requestCause },
    reply:
      answer === undefined ? undefined : { verdict: isReplyLost(path) ? 'dropped' : 'delivered', cause: replyCause },
    cause: pmtuCause(requestCause, replyCause) ?? requestCause ?? replyCause,
  };
}

/**
 * The machine that was named never saw the packet, though somebody took it: another one has the same address where the
 * sender is. Behind a translation the receiver is meant to be another one.
 */
function arrivedElsewhere({ request }: Path, { wanted }: Asked): Cause | undefined {
  const { disposition, packet, steps } = request;
  const taken =
    disposition.kind === 'delivered' || (disposition.kind === 'refused' && disposition.reason === 'SOCKET_CLOSED');
  if (wanted === undefined || !taken || disposition.netns === wanted) return undefined;
  if (isTranslated(steps)) return undefined;
  return { code: 'ADDRESS_NOT_UNIQUE', step: decidingStep(request), origin: undefined, packet, end: disposition.netns };
}

/** "Fragmentation needed" that gets lost turns an error into a black hole. */
function pmtuCause(request: Cause | undefined, reply: Cause | undefined): Cause | undefined {
  return request?.code === 'MTU_EXCEEDED_DF' && reply !== undefined
    ? { ...request, code: 'PMTU_BLACKHOLE' }
    : undefined;
}

function symptomFor(path: Path, verdict: PathVerdict, { probe }: Asked, withReply: boolean): Symptom {
  if (!withReply && verdict === 'delivered') return 'connected';
  const { disposition } = path.request;
  const tooBig = disposition.kind !== 'delivered' && disposition.reason === 'PKT_TOO_BIG';
  if (tooBig) return 'hangs';
  // A datagram that nobody answers is no failure of the path.
  if (verdict === 'delivered' && path.observation.kind === 'silence') return 'connected';
  return symptomOf(path.observation, probe.protocol);
}
