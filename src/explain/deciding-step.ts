/** Which step of a leg decided its end, and where that step stands. */
import type { OriginId } from '../kernel/origin.ts';
import type { Disposition, Leg, NetfilterStep, Step } from '../kernel/walk/step.ts';

/** The reason in a disposition; undefined for a delivery. */
export function reasonOf(disposition: Disposition): Exclude<Disposition, { kind: 'delivered' }>['reason'] | undefined {
  return disposition.kind === 'delivered' ? undefined : disposition.reason;
}

/**
 * The rule where a rule decided, the look-up where a route decided, else the step that the walk itself names.
 * It is always in the namespace where the packet ended.
 */
export function decidingStep(leg: Leg): Step | undefined {
  const { disposition } = leg;
  if (disposition.kind === 'delivered') return leg.steps.findLast((step) => step.kind === 'deliver');
  switch (disposition.reason) {
    case 'NETFILTER_RULE':
    case 'NETFILTER_POLICY':
    case 'NETFILTER_REJECT':
      return lastRefusal(leg) ?? disposition.step;
    case 'IPVS_NO_DESTINATION':
      return leg.steps.findLast((step) => step.kind === 'ipvs') ?? disposition.step;
    case 'ROUTE_BLACKHOLE':
    case 'ROUTE_UNREACHABLE':
    case 'ROUTE_PROHIBIT':
    case 'IP_INNOROUTES':
    case 'IP_OUTNOROUTES':
      return (
        leg.steps.findLast((step) => step.kind === 'route' && step.netns === disposition.netns) ?? disposition.step
      );
    default:
      return disposition.step;
  }
}

function lastRefusal(leg: Leg): NetfilterStep | undefined {
  for (const step of leg.steps.toReversed()) {
    if (step.kind === 'netfilter' && (step.verdict === 'drop' || step.verdict === 'reject')) return step;
  }
  return undefined;
}

/** The origin of the step itself, of its rule, or of the route it took. */
export function originIdOf(step: Step): OriginId | undefined {
  if (step.origin !== undefined) return step.origin;
  if (step.kind === 'netfilter') return step.rule?.origin;
  if (step.kind === 'route') return step.outcome.route?.origin;
  return undefined;
}

/** The device a step is about. */
export function deviceOf(step: Step): string | undefined {
  switch (step.kind) {
    case 'receive':
    case 'transmit':
    case 'neighbour':
    case 'encapsulate':
    case 'decapsulate':
      return step.device;
    case 'netfilter':
      return step.inDevice ?? step.outDevice;
    case 'route':
      return step.outcome.kind === 'fail' ? undefined : step.outcome.device;
    case 'bridge':
      return step.outPort ?? step.inPort ?? step.bridge;
    case 'drop':
      return step.device;
    default:
      return undefined;
  }
}
