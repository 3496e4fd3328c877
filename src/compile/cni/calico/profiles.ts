/** Profiles: rules for endpoints that no policy decides about (felix/rules/policy.go: ProfileToIptablesChains). */
import type { Cluster } from '../../../cluster/cluster.ts';
import { convertCalicoRule } from './convert-calico-policy.ts';
import type { FelixRule } from './felix-rule.ts';
import { action } from './felix-rule.ts';
import { chainName } from './names.ts';
import { labelledRules } from './policy-chains.ts';
import type { Direction } from './policy-model.ts';
import { renderRule } from './policy-rules.ts';
import type { SetRequest } from './set-request.ts';
import { renderContext, type Static } from './static.ts';

export function profileChainName(profile: string, direction: Direction): string {
  return chainName(direction === 'ingress' ? 'cali-pri-' : 'cali-pro-', profile);
}

/** `allows` of one that is no object: everything or nothing; undefined where nobody knows it. */
export type Profile = { readonly name: string; readonly allows?: boolean };

/** One that a host endpoint names. Calico makes those of namespaces and service accounts, and one for hosts. */
export function namedProfile(name: string): Profile {
  if (name.startsWith('kns.') || name === 'projectcalico-default-allow') return { name, allows: true };
  return name.startsWith('ksa.') ? { name, allows: false } : { name };
}

export type ProfileChain = { readonly rules: readonly FelixRule[]; readonly sets: readonly SetRequest[] };

/** A profile that is not there denies everything (felix/calc/active_rules_calculator.go: DummyDropRules). */
export function profileChain(
  cluster: Cluster,
  { name, allows }: Profile,
  direction: Direction,
  context: Static,
): ProfileChain {
  const { marks, deny, origins } = context;
  const label = `Profile ${name} ${direction}`;
  const origin = origins.profile(name);
  const given = cluster.profiles.find((profile) => profile.name === name);
  if (given === undefined) {
    const what =
      allows === undefined ? { action: deny.action } : allows ? { action: action.setMark(marks.accept) } : {};
    return { rules: [{ comments: [label], ...what, origin }], sets: [] };
  }
  const rendered = given[direction].map((rule, index) =>
    renderRule(convertCalicoRule(rule, index, undefined), renderContext(context), origin),
  );
  return {
    rules: labelledRules(rendered, label, origins, renderContext(context)),
    sets: rendered.flatMap(({ sets }) => sets),
  };
}
