/** The JSON of `nettrace policy`, schema nettrace/policy/v1. */

import { type Language, say } from '../../explain/language.ts';
import type { DirectionView, HostView, PolicyAnswer } from '../../query/policy/policy-answer.ts';
import { printSafeJson } from '../safe-json.ts';

function policyToJson(answer: PolicyAnswer, language: Language): object {
  const { source, destination, protocol, port, verdict, egress, ingress, hosts, notes } = answer;
  return {
    schema: 'nettrace/policy/v1',
    query: { source: source.name, destination: destination.name, protocol, port },
    verdict,
    egress: directionToJson(egress, language),
    ingress: directionToJson(ingress, language),
    ...(hosts.length === 0
      ? {}
      : { hosts: hosts.map((host) => ({ direction: host.direction, ...directionToJson(host, language) })) }),
    notes: notes.map(({ code, message }) => ({ code, message: say(message, language) })),
  };
}

function directionToJson(view: DirectionView | HostView, language: Language): object {
  const { verdict, exemption, tiers, decidedBy } = view;
  return {
    ...('way' in view
      ? { hostEndpoint: view.endpoint, node: view.node, device: view.device, way: view.way, verdict }
      : { verdict }),
    ...(exemption === null ? {} : { exemption }),
    tiers: tiers.map(({ tier, stage, decision, byDefault, policies }) => ({
      ...{ tier, ...(stage === undefined ? {} : { stage }), decision, byDefault },
      policies: policies.map(({ rules, ...policy }) => ({
        ...policy,
        rules: rules.map(({ rule, name, action, decided, misses, line }) => ({
          rule,
          ...(name === null ? {} : { name }),
          ...{ action, decided, line },
          misses: misses.map((miss) => say(miss, language)),
        })),
      })),
    })),
    decidedBy,
  };
}

/** One line, for `--batch`. */
export function printPolicyLine(answer: PolicyAnswer, language: Language): string {
  return printSafeJson(policyToJson(answer, language));
}

export function printPolicyJson(answer: PolicyAnswer, language: Language): string {
  return `${printSafeJson(policyToJson(answer, language), 2)}\n`;
}
