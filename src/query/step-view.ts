/** Steps of a walk as reports show them. */
import type { Origin } from '../compile/origin.ts';
import type { ExplainContext } from '../explain/context.ts';
import { deviceOf, originIdOf } from '../explain/deciding-step.ts';
import { viewOrigin } from '../explain/origin-view.ts';
import type { NetfilterStep, Step } from '../kernel/walk/step.ts';
import { assertNever } from '../lib/assert.ts';
import { printIp } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import { ipvsActionText } from './ipvs-text.ts';
import { viewPacket } from './packet-view.ts';
import { ruleTextOf } from './rule-text.ts';
import type { HopView, StepView } from './trace.ts';

/** The steps of one leg, grouped by the place where they happen: a network namespace, and the device the packet came in by. */
export function viewHops(
  steps: readonly Step[],
  blamed: Step | undefined,
  context: ExplainContext,
): readonly HopView[] {
  const hops: { node: string; netns: string; inside: string | null; device: string | null; steps: StepView[] }[] = [];
  const chains = new ChainPath();
  for (const [index, step] of steps.entries()) {
    let hop = hops.at(-1);
    if (hop === undefined || hop.netns !== step.netns || step.kind === 'receive') {
      const { machine, inside } = context.place(step.netns);
      hop = { node: machine, netns: step.netns, inside: inside ?? null, device: null, steps: [] };
      hops.push(hop);
    }
    if (step.kind === 'receive') hop.device = step.device;
    else if (step.kind === 'transmit' && hop.device === null) hop.device = step.device;
    const view = viewStep(step, steps[index + 1], steps[index - 1], chains.follow(step), step === blamed, context);
    hop.steps.push(step.kind === 'transmit' ? { ...view, receiver: receiverOf(steps, index, context) } : view);
  }
  return hops;
}

/** The next step but the wire itself is that of the receiver, if somebody received the packet. */
function receiverOf(steps: readonly Step[], index: number, context: ExplainContext): string | null {
  const here = steps[index];
  const next = steps.slice(index + 1).find(({ kind }) => kind !== 'segment');
  if (here === undefined || next?.kind !== 'receive') return null;
  const from = context.place(here.netns);
  const to = context.place(next.netns);
  if (to.inside !== undefined) return `${next.device}@${to.inside.split('/').at(-1) ?? ''}`;
  return to.machine === from.machine ? next.device : `${to.machine} ${next.device}`;
}

function viewStep(
  step: Step,
  next: Step | undefined,
  previous: Step | undefined,
  chains: readonly string[],
  blamed: boolean,
  context: ExplainContext,
): StepView {
  const id = originIdOf(step);
  const origin = id === undefined ? undefined : context.origins.get(id);
  const inRules = step.kind === 'netfilter' || step.kind === 'chain' || step.kind === 'miss' ? step : undefined;
  const after = packetAfter(step, next);
  const markAfter = step.kind === 'netfilter' ? step.markAfter : undefined;
  const marked = step.kind === 'netfilter' && step.mark !== step.markAfter;
  return {
    phase: step.kind,
    hook: step.kind === 'netfilter' || step.kind === 'nat' || step.kind === 'ipvs' ? step.hook : null,
    table: inRules?.table ?? null,
    chain: inRules?.chain ?? null,
    event: step.kind === 'netfilter' ? step.event : null,
    number: step.kind === 'netfilter' || step.kind === 'miss' ? step.number : null,
    rule: ruleTextOf(step) ?? null,
    action: actionOf(step),
    before: viewPacket(step.packet, step.kind === 'netfilter' ? step.mark : undefined),
    after: after !== undefined ? viewPacket(after, markAfter) : marked ? viewPacket(step.packet, markAfter) : null,
    origin: origin === undefined ? null : viewOrigin(origin),
    device: deviceOf(step) ?? null,
    receiver: null,
    chains,
    level: blamed ? 0 : levelOf(step, previous, next, origin),
    blamed,
  };
}

/** A NAT rule is followed by the translation that it caused: both are told in one step. */
function packetAfter(step: Step, next: Step | undefined): Packet | undefined {
  switch (step.kind) {
    case 'nat':
    case 'ttl':
      return step.after;
    case 'ipvs':
      return step.server === undefined ? undefined : step.after;
    case 'encapsulate':
      return step.outer;
    case 'decapsulate':
      return step.inner;
    case 'answer':
      return step.answer;
    case 'netfilter':
      return next?.kind === 'nat' && next.netns === step.netns && isNatRule(step) ? next.after : undefined;
    default:
      return undefined;
  }
}

function isNatRule(step: NetfilterStep): boolean {
  return step.event === 'rule' && /^(DNAT|SNAT|MASQUERADE|REDIRECT|NETMAP)\b/.test(step.action);
}

/** Roles that say more than that a component keeps house. */
const TELLING_ROLES: ReadonlySet<Origin['role']> = new Set([
  'policy-allow',
  'policy-deny',
  'policy-default',
  'profile',
  'host-endpoint',
  'publish',
  'host-port',
  'fault',
  'service-no-endpoints',
  'service-no-ready-endpoints',
  'service-no-local-endpoints',
  'service-source-range',
]);

function levelOf(
  step: Step,
  previous: Step | undefined,
  next: Step | undefined,
  origin: Origin | undefined,
): 0 | 1 | 2 {
  switch (step.kind) {
    case 'miss':
      return 2;
    case 'chain':
      // The jump has said so.
      return previous?.kind === 'netfilter' && /^(jump|goto) /.test(previous.action) ? 2 : 1;
    case 'transmit':
      return next?.kind === 'encapsulate' ? 1 : 0;
    case 'route':
      // That it is for this machine is seen by what follows.
      return step.outcome.kind === 'local' ? 1 : 0;
    case 'receive':
    case 'segment':
    case 'ttl':
      return 1;
    case 'nat':
      return previous?.kind === 'netfilter' && isNatRule(previous) ? 1 : 0;
    case 'neighbour':
      return step.how === 'failed' ? 0 : 1;
    case 'netfilter':
      if (step.verdict === 'drop' || step.verdict === 'reject' || isNatRule(step)) return 0;
      if (step.verdict !== 'accept' || step.event === 'policy' || origin === undefined) return 1;
      return TELLING_ROLES.has(origin.role) ? 0 : 1;
    default:
      return 0;
  }
}

function actionOf(step: Step): string {
  switch (step.kind) {
    case 'netfilter':
      return step.action;
    case 'receive':
      return 'RECEIVE';
    case 'transmit':
      return 'TRANSMIT';
    case 'originate':
      return 'SEND';
    case 'route':
      if (step.outcome.kind === 'fail') return step.outcome.reason;
      if (step.outcome.kind === 'local') return 'LOCAL';
      return step.direction === 'input' ? 'FORWARD' : 'ROUTE';
    case 'nat':
      return `${step.manip === 'dst' ? 'DNAT' : 'SNAT'}${step.reply ? ' back' : ''}`;
    case 'ipvs':
      return ipvsActionText(step);
    case 'ttl':
      return `TTL ${step.after.ttl}`;
    case 'neighbour':
      return `${step.how} ${printIp(step.target)}${step.mac === undefined ? '' : ` is at ${step.mac}`}`;
    case 'bridge':
      return `${step.inPort ?? step.bridge} > ${step.outPort ?? step.bridge}${step.flooded ? ' (flooded)' : ''}`;
    case 'encapsulate':
      return 'ENCAPSULATE';
    case 'decapsulate':
      return 'DECAPSULATE';
    case 'segment':
      return step.segment;
    case 'deliver':
      return step.to === 'socket'
        ? `DELIVER${step.listener?.process === undefined ? '' : ` to ${step.listener.process}`}`
        : `DELIVER (${step.to})`;
    case 'answer':
      return step.refusal ? 'REFUSE' : 'ANSWER';
    case 'drop':
      return `DROP ${step.reason}${step.detail === undefined ? '' : ` (${step.detail})`}`;
    case 'chain':
      return `enter ${step.chain}`;
    case 'miss':
      return `no match: ${step.missed}`;
    default:
      return assertNever(step);
  }
}

/** Follows jumps and returns, to say through which chains a rule was reached. */
class ChainPath {
  #key = '';
  #stack: string[] = [];

  follow(step: Step): readonly string[] {
    if (step.kind !== 'netfilter') {
      if (step.kind !== 'chain' && step.kind !== 'miss') this.#key = '';
      return [];
    }
    const key = `${step.netns} ${step.hook} ${step.table}`;
    if (key !== this.#key) this.#stack = [];
    this.#key = key;
    const at = this.#stack.indexOf(step.chain);
    if (at >= 0) this.#stack.length = at + 1;
    else this.#stack.push(step.chain);
    const path = [...this.#stack];
    // A policy or an end of the table: the next step of the same hook starts anew.
    if (step.verdict !== 'continue') this.#key = '';
    return path;
  }
}
