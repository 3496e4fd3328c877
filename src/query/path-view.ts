/** One path of an answer as plain data. */
import type { Cause } from '../explain/classify.ts';
import { innermost } from '../explain/classify.ts';
import type { Asked, ExplainContext } from '../explain/context.ts';
import { deviceOf, originIdOf } from '../explain/deciding-step.ts';
import type { PathExplanation } from '../explain/explain-path.ts';
import { type Phrase, phrase } from '../explain/language.ts';
import { viewOrigin } from '../explain/origin-view.ts';
import { type Selecting, SUMMARY_WORDS, summarize } from '../explain/summary.ts';
import { translatedBy } from '../explain/translation.ts';
import type { Observation, Path, Step, Twin } from '../kernel/walk/step.ts';
import { plain } from '../lib/quote.ts';
import { printIp } from '../net/address.ts';
import { portsOf } from '../net/packet.ts';
import { ruleTextOf } from './rule-text.ts';
import { viewHops } from './step-view.ts';
import type { BackendView, BlameView, HopView, PathView, RefusalView } from './trace.ts';
import { isIngressPolicy } from './walk-options.ts';

export type ViewOptions = {
  readonly selecting: (cause: Cause) => Selecting | undefined;
  /** Whether the hops are told. */
  readonly withSteps: boolean;
};

export function viewPath(
  explanation: PathExplanation,
  asked: Asked,
  context: ExplainContext,
  { selecting, withSteps }: ViewOptions,
): PathView {
  const { path, request, reply, cause } = explanation;
  const hopsOf = (steps: readonly Step[], blamed: Step | undefined): readonly HopView[] =>
    withSteps ? viewHops(steps, blamed, context) : [];
  return {
    probability: path.probability,
    verdict: request.verdict,
    code: request.cause?.code ?? null,
    symptom: explanation.symptom,
    backend: backendOf(path, context),
    sourceSeen: printIp(innermost(path.request.packet).src),
    policySaw: addressInIngressPolicy(path, context),
    hops: hopsOf(path.request.steps, request.cause?.step),
    answer: refusalOf(path.observation),
    ttl: ttlOf(path.observation),
    reply:
      reply === undefined || path.answer === undefined
        ? null
        : {
            verdict: reply.verdict,
            code: reply.cause?.code ?? null,
            hops: hopsOf(
              [path.answer, ...(path.further ?? [])].flatMap((leg) => leg.steps),
              reply.cause?.step,
            ),
          },
    outcome: {
      verdict: explanation.verdict,
      code: cause?.code ?? null,
      summary: summaryOf(explanation, asked, context, cause === undefined ? undefined : selecting(cause)),
      blame: cause === undefined ? null : blameOf(cause, context),
    },
    presumed: path.presumed,
    stats: path.stats,
  };
}

/** The view of a path that goes like one that was walked: what the last machines' names and addresses show is left out. */
export function viewTwin(
  twin: Twin,
  walked: PathView,
  path: number,
  context: ExplainContext,
  { withSteps }: Pick<ViewOptions, 'withSteps'>,
): PathView {
  return {
    ...walked,
    probability: twin.probability,
    backend: viewBackend(twin, context),
    hops: [],
    reply: walked.reply === null ? null : { ...walked.reply, hops: [] },
    outcome: { ...walked.outcome, blame: null },
    stats: twin.stats,
    ...(withSteps ? { like: { path, node: context.cluster?.podByIp(twin.destination)?.node ?? null } } : {}),
  };
}

/** A backend that is no Pod on the host network. */
export function viewBackend(
  { destination, port }: Pick<Twin, 'destination' | 'port'>,
  { cluster }: ExplainContext,
): BackendView {
  const pod = cluster?.podByIp(destination);
  return { pod: pod === undefined ? null : `${pod.namespace}/${pod.name}`, ip: printIp(destination), port };
}

function summaryOf(
  explanation: PathExplanation,
  asked: Asked,
  context: ExplainContext,
  selecting: Selecting | undefined,
): Phrase {
  const { cause, request, reply } = explanation;
  if (cause === undefined) {
    const at = asked.probe.protocol === 'icmp' ? context.serviceAt(asked.probe.destination)?.service : undefined;
    if (at !== undefined) {
      // Nothing translates ICMP, so the answer is not an endpoint's.
      return phrase(SUMMARY_WORDS.deliveredEchoOfService, {
        node: plain(context.place(explanation.path.request.disposition.netns).machine),
        destination: asked.destination,
        service: plain(`${at.namespace}/${at.name}`),
      });
    }
    const words = asked.probe.protocol === 'icmp' ? SUMMARY_WORDS.deliveredEcho : SUMMARY_WORDS.delivered;
    return phrase(words, {
      source: asked.source,
      destination: asked.destination,
      protocol: asked.probe.protocol,
      port: String(asked.probe.dport),
    });
  }
  const inner = summarize(cause, asked, context, selecting);
  if (request.cause === undefined) return phrase(SUMMARY_WORDS.replyLost, { inner });
  const refusalLost = request.verdict === 'rejected' && reply !== undefined && reply.verdict !== 'delivered';
  return refusalLost ? phrase(SUMMARY_WORDS.refusalLost, { inner }) : inner;
}

function blameOf(cause: Cause, context: ExplainContext): BlameView | null {
  const { step } = cause;
  if (step === undefined) return null;
  const id = originIdOf(step);
  const origin = cause.origin ?? (id === undefined ? undefined : context.origins.get(id));
  return {
    node: context.place(cause.at?.netns ?? step.netns).machine,
    device: cause.at?.device ?? deviceOf(step) ?? null,
    hook: step.kind === 'netfilter' ? step.hook : null,
    table: step.kind === 'netfilter' ? step.table : null,
    chain: step.kind === 'netfilter' ? step.chain : null,
    rule: ruleTextOf(step) ?? null,
    origin: origin === undefined ? null : viewOrigin(origin),
  };
}

/**
 * The client's address in front of the rules of NetworkPolicies for the receiver. It may be another than what the receiver
 * sees: a node that masquerades what it delivers itself does so behind its filter.
 */
function addressInIngressPolicy(path: Path, context: ExplainContext): string | null {
  const asked = path.request.steps.findLast((step) => {
    const id = originIdOf(step);
    return id !== undefined && isIngressPolicy(context.origins.get(id));
  });
  return asked === undefined ? null : printIp(innermost(asked.packet).src);
}

/** The endpoint that address translation chose for the request; null where nothing was translated. */
export function backendOf(path: Path, context: ExplainContext): BackendView | null {
  const translation = path.request.steps.findLast((step) => translatedBy(step) !== undefined);
  const after = translation === undefined ? undefined : translatedBy(translation);
  if (after === undefined) return null;
  const { dst } = after;
  const pod = context.cluster?.podByIp(dst) ?? hostNetworkPod(path, context);
  return {
    pod: pod === undefined ? null : `${pod.namespace}/${pod.name}`,
    ip: printIp(dst),
    port: portsOf(after)?.dport ?? null,
  };
}

/** A Pod on the host network has its node's address: the one that declares the port is meant. */
function hostNetworkPod(path: Path, context: ExplainContext) {
  const { netns } = path.request.disposition;
  if (context.ownerKind(netns) !== 'node') return undefined;
  const dport = portsOf(path.request.packet)?.dport;
  return context.cluster
    ?.podsOnNode(context.place(netns).machine)
    .find((pod) => pod.hostNetwork && pod.ports.some((port) => port.port === dport));
}

function refusalOf(observation: Observation): RefusalView | null {
  if (observation.kind === 'reset') return { kind: 'rst', type: null, code: null, from: printIp(observation.from) };
  if (observation.kind !== 'icmp') return null;
  return { kind: 'icmp', type: observation.type, code: observation.code, from: printIp(observation.from) };
}

function ttlOf(observation: Observation): number | null {
  return observation.kind === 'silence' || observation.kind === 'errno' ? null : observation.ttl;
}
