/** Policies of all other APIs than NetworkPolicy, rule by rule. */
import type { Cluster } from '../../cluster/cluster.ts';
import { sayKind, writtenKind } from '../../cluster/policy/written-kind.ts';
import { positionOf, type Source } from '../../cluster/source.ts';
import { type AnyPolicy, type AnyRule, printSelectorWords, type RuleEnd } from '../../compile/rule-miss.ts';
import { printPrefix } from '../../net/prefix.ts';
import { type Say, SHOWN } from './policy-words.ts';

export function printRulePolicy(policy: AnyPolicy, said: Say): string {
  const { object, tier, order, types, stage } = policy;
  const stages = { normal: '', untracked: ', doNotTrack', 'pre-dnat': ', preDNAT' } as const;
  const lines = [
    `${sayKind(writtenKind(object.kind))} ${titleOf(object)}`,
    `  ${said(Number.isFinite(order) ? SHOWN.order : SHOWN.last, { tier, order: String(order), stage: stages[stage] })}`,
    `  ${said(SHOWN.selectsAny, { selector: printSelectorWords(policy.selector) })}`,
    ...(types.includes('Ingress') ? direction('ingress', policy, said) : []),
    ...(types.includes('Egress') ? direction('egress', policy, said) : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** They are never enforced. */
export function printStaged({ stagedPolicies }: Cluster, said: Say): readonly string[] {
  return stagedPolicies.map((policy) => `${policy.kind} ${titleOf(policy)}\n  ${said(SHOWN.staged)}\n`);
}

function titleOf(object: { readonly namespace?: string; readonly name: string; readonly source?: Source }): string {
  const { namespace, name, source } = object;
  const at = source === undefined ? undefined : positionOf(source);
  return `${namespace === undefined ? '' : `${namespace}/`}${name}${at === undefined ? '' : `  ${at.file}:${at.line}`}`;
}

function direction(name: 'ingress' | 'egress', policy: AnyPolicy, said: Say): readonly string[] {
  const rules = policy.rules(name);
  if (rules.length === 0) return [`  ${said(SHOWN.noRule, { direction: name })}`];
  return rules.map((rule) => `  ${name}[${rule.index}]: ${printRule(rule)}`);
}

function printRule(rule: AnyRule): string {
  const protocol = rule.protocol === undefined ? [] : [`${rule.protocol.name ?? rule.protocol.number}`];
  const notProtocol = rule.notProtocol === undefined ? [] : [`not ${rule.notProtocol.name ?? rule.notProtocol.number}`];
  const icmp = rule.icmp === undefined ? [] : [`type ${rule.icmp.type}`];
  const words = [...protocol, ...notProtocol, ...icmp, ...printEnd('from', rule.from), ...printEnd('to', rule.to)];
  return [rule.action, ...words].join(' ');
}

function printEnd(word: 'from' | 'to', end: RuleEnd): readonly string[] {
  const ports = [...end.ports.map(printRange), ...end.namedPorts];
  const notPorts = [...end.notPorts.map(printRange), ...end.notNamedPorts];
  const parts = [
    ...(end.nets.length === 0 ? [] : [end.nets.map(printPrefix).join(', ')]),
    ...(end.notNets.length === 0 ? [] : [`not ${end.notNets.map(printPrefix).join(', ')}`]),
    ...(end.selector === undefined ? [] : [printSelectorWords(end.selector)]),
    ...(end.notSelector === undefined ? [] : [`not ${printSelectorWords(end.notSelector)}`]),
    ...(end.service === undefined ? [] : [`Service ${end.service.namespace}/${end.service.name}`]),
    ...(ports.length === 0 ? [] : [`port ${ports.join(', ')}`]),
    ...(notPorts.length === 0 ? [] : [`no port of ${notPorts.join(', ')}`]),
  ];
  return parts.length === 0 ? [] : [`${word} ${parts.join(' ')}`];
}

function printRange({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? `${first}` : `${first}-${last}`;
}
