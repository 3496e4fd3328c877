/** The last choice of a path, if it was one among destinations, with everything else that it could have come to. */

import { multiply, ONE } from '../../lib/fraction.ts';
import type { IpAddr } from '../../net/address.ts';
import { flowOf } from '../ipvs/rewrite.ts';
import { printService, serverAlternatives } from '../ipvs/schedule.ts';
import { printRuleSpec } from '../netfilter/print-rule.ts';
import { statisticAlternatives } from '../netfilter/statistic-chain.ts';
import type { NetnsId } from '../netns-id.ts';
import { numgenAlternatives } from '../nftables/numgen-rule.ts';
import { isNftRule, printRule } from '../nftables/print-rule.ts';
import type { World } from '../world.ts';
import type { Alternative } from './alternatives.ts';
import type { NetfilterStep, Path, Step } from './step.ts';

export type FanOut = {
  /** Where in the steps of the request the choice is seen, and in which namespace. */
  readonly step: number;
  readonly netns: NetnsId;
  /** Namespaces that the request had been in by then. */
  readonly visited: ReadonlySet<NetnsId>;
  /** Addresses of the packet whose destination was chosen. */
  readonly source: IpAddr;
  readonly asked: IpAddr;
  /**
   * Those that the path could have come to from this choice on, in the order in which they are explored: its own is the
   * first. Probabilities are of whole paths.
   */
  readonly alternatives: readonly Alternative[];
};

/** undefined where the path's last choice was not such a one, or its rules do more than to choose. */
export function fanOutOf(world: World, { choices, request }: Path): FanOut | undefined {
  const last = choices.at(-1);
  if (last?.probability === undefined) return undefined;
  const found = request.steps.flatMap((step, index) => {
    const alternatives = alternativesAt(world, step, last.what);
    return alternatives === undefined ? [] : [{ step, index, alternatives }];
  });
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) return undefined;
  const before = choices.slice(0, -1).reduce((product, { probability }) => multiply(product, probability ?? ONE), ONE);
  return {
    step: only.index,
    netns: only.step.netns,
    visited: new Set(request.steps.slice(0, only.index + 1).map(({ netns }) => netns)),
    source: only.step.packet.src,
    asked: only.step.packet.dst,
    alternatives: only.alternatives.map((one) => ({ ...one, probability: multiply(before, one.probability) })),
  };
}

/** `what` is how the choice calls itself: the step must be where it was made. */
function alternativesAt(world: World, step: Step, what: string): readonly Alternative[] | undefined {
  switch (step.kind) {
    case 'ipvs': {
      const { server, service, reply, packet } = step;
      const flow = flowOf(packet);
      if (server === undefined || reply || flow === undefined) return undefined;
      return what === `IPVS ${service.scheduler} of ${printService(service)}`
        ? serverAlternatives(service, flow)
        : undefined;
    }
    case 'netfilter':
      return step.rule === undefined ? undefined : alternativesOfRule(world, step, step.rule, what);
    default:
      return undefined;
  }
}

function alternativesOfRule(
  world: World,
  { netns: id, packet, table, chain, number }: NetfilterStep,
  rule: NonNullable<NetfilterStep['rule']>,
  what: string,
): readonly Alternative[] | undefined {
  const netns = world.netns(id);
  if (isNftRule(rule)) {
    if (!what.startsWith('numgen ') || !printRule(rule).includes(what)) return undefined;
    const found = netns.nftables().find(({ family, name }) => `${family} ${name}` === table);
    return found === undefined ? undefined : numgenAlternatives(found, rule);
  }
  if (!(rule.tests ?? rule.matches).some(({ name }) => name === 'statistic')) return undefined;
  if (!printRuleSpec(rule).includes(what.replace(/^statistic /, ''))) return undefined;
  const ruleset = typeof packet.src === 'number' ? netns.iptables() : netns.ip6tables();
  const nat = table === 'nat' ? ruleset.get(table) : undefined;
  const rules = nat?.chains.get(chain)?.rules();
  return nat === undefined || rules === undefined ? undefined : statisticAlternatives(nat, rules, number - 1);
}
