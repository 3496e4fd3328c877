/** Why a rule does not fit, in words, and the notes below an answer. */
import { printHas, printNeed } from '../../explain/label-words.ts';
import { type Phrase, phrase, text } from '../../explain/language.ts';
import { assertNever } from '../../lib/assert.ts';
import { printIp } from '../../net/address.ts';
import { printPrefix } from '../../net/prefix.ts';
import { type ConnectionSet, printConnections } from '../../policy/connection-set.ts';
import type { End } from '../../policy/end.ts';
import type { EndMiss } from '../../policy/match-end.ts';
import type { RuleMiss } from '../../policy/match-rule.ts';

const MISS_WORDS = {
  peer: text('peer does not fit: {why}', '对端不匹配：{why}'),
  own: text('the selected end does not fit: {why}', '被选中的一端不匹配：{why}'),
  family: text('it is for IPv{family} only', '仅适用于 IPv{family}'),
  ports: text('peer fits, port does not: needs {wanted}', '对端匹配，端口不匹配：需要 {wanted}'),
  unresolved: text(
    'peer fits, port does not: the destination has no port named {names}',
    '对端匹配，端口不匹配：目的端没有名为 {names} 的端口',
  ),
  outsideNets: text('{ip} is not in {nets}', '{ip} 不在 {nets} 中'),
  inException: text('{ip} is in the exception {except}', '{ip} 在例外 {except} 中'),
  notAPod: text('{ip} is no Pod that policies select', '{ip} 不是策略可选中的 Pod'),
  otherNamespace: text(
    'needs a Pod of namespace {wanted}, this one is in {got}',
    '需要命名空间 {wanted} 的 Pod，而它在 {got}',
  ),
  namespacesDiffer: text(
    'its namespace differs from the selected one in {keys}',
    '其命名空间与被选中者的标签 {keys} 不同',
  ),
  namespacesAgree: text('its namespace has the same {keys}', '其命名空间的标签 {keys} 相同'),
  podLabels: text('needs {needs}, the Pod has {has}', '需要 {needs}，Pod 有 {has}'),
  namespaceLabels: text(
    'needs a namespace with {needs}, this one has {has}',
    '需要带 {needs} 的命名空间，而它有 {has}',
  ),
  selector: text('not selected by {text}', '未被 {text} 选中'),
  notSelector: text('excluded by {text}', '被 {text} 排除'),
  service: text('{ip} is no endpoint of Service {service}', '{ip} 不是 Service {service} 的端点'),
  nodes: text('Calico does not evaluate nodes', 'Calico 不评估 nodes'),
  domainNames: text('Calico does not evaluate domainNames', 'Calico 不评估 domainNames'),
  unknownPeer: text('it has no field that is known', '没有已知的字段'),
  namedPort: text('Calico does not evaluate named ports here', '此处 Calico 不评估命名端口'),
} as const;

/** A miss of an end or of the ports; `wanted` is what the rule is for. */
export function sayRuleMiss(miss: RuleMiss, peer: End, subject: End): Phrase {
  switch (miss.kind) {
    case 'family':
      return phrase(MISS_WORDS.family, { family: String(miss.wanted) });
    case 'peer':
      return phrase(MISS_WORDS.peer, { why: sayEndMiss(miss.miss, peer) });
    case 'own':
      return phrase(MISS_WORDS.own, { why: sayEndMiss(miss.miss, subject) });
    case 'unresolved-port':
      return phrase(MISS_WORDS.unresolved, { names: miss.names.join(', ') });
    default:
      return assertNever(miss);
  }
}

export function sayPortMiss(wanted: ConnectionSet, universe: ConnectionSet): Phrase {
  return phrase(MISS_WORDS.ports, { wanted: printConnections(wanted, universe) });
}

function sayEndMiss(miss: EndMiss, end: End): Phrase {
  const ip = printIp(end.ip);
  switch (miss.kind) {
    case 'outside-nets':
      return phrase(MISS_WORDS.outsideNets, { ip, nets: miss.nets.map(printPrefix).join(', ') });
    case 'in-exception':
      return phrase(MISS_WORDS.inException, { ip, except: printPrefix(miss.except) });
    case 'not-a-pod':
      return phrase(MISS_WORDS.notAPod, { ip });
    case 'other-namespace':
      return phrase(MISS_WORDS.otherNamespace, { wanted: miss.wanted, got: miss.got });
    case 'namespaces-differ':
      return phrase(MISS_WORDS.namespacesDiffer, { keys: miss.keys.join(', ') });
    case 'namespaces-agree':
      return phrase(MISS_WORDS.namespacesAgree, { keys: miss.keys.join(', ') });
    case 'labels':
      return phrase(miss.of === 'pod' ? MISS_WORDS.podLabels : MISS_WORDS.namespaceLabels, {
        needs: miss.misses.map(printNeed).join(', '),
        has: miss.misses.map(printHas).join(', '),
      });
    case 'selector':
      return phrase(MISS_WORDS.selector, { text: miss.text });
    case 'not-selector':
      return phrase(MISS_WORDS.notSelector, { text: miss.text });
    case 'service':
      return phrase(MISS_WORDS.service, { ip, service: `${miss.namespace}/${miss.name}` });
    case 'unsupported':
      return phrase(UNSUPPORTED_WORDS[miss.what]);
    default:
      return assertNever(miss);
  }
}

export const UNSUPPORTED_WORDS = {
  nodes: MISS_WORDS.nodes,
  'domain-names': MISS_WORDS.domainNames,
  'unknown-peer': MISS_WORDS.unknownPeer,
  'named-port': MISS_WORDS.namedPort,
} as const;
