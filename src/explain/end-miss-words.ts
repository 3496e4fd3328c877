/** Why an end of a connection is not who a rule means, in words. */
import { assertNever } from '../lib/assert.ts';
import type { IpAddr } from '../net/address.ts';
import { printIp } from '../net/address.ts';
import { printPrefix } from '../net/prefix.ts';
import type { EndMiss } from '../policy/match-end.ts';
import { sayHas, sayNeeds } from './label-words.ts';
import { type Phrase, phrase, text } from './language.ts';

export const END_MISS_WORDS = {
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
  podLabels: text('needs {needs}, the Pod has {has}', '需要 {needs}，Pod 的标签为 {has}'),
  namespaceLabels: text(
    'needs a namespace with {needs}, this one has {has}',
    '需要带 {needs} 的命名空间，而它的标签为 {has}',
  ),
  selector: text('not selected by {text}', '未被 {text} 选中'),
  notSelector: text('excluded by {text}', '被 {text} 排除'),
  service: text('{ip} is no endpoint of Service {service}', '{ip} 不是 Service {service} 的端点'),
  nodes: text('Calico does not evaluate nodes', 'Calico 不评估 nodes'),
  domainNames: text('Calico does not evaluate domainNames', 'Calico 不评估 domainNames'),
  unknownPeer: text('it has no field that is known', '没有已知的字段'),
  namedPort: text('Calico does not evaluate named ports here', '此处 Calico 不评估命名端口'),
} as const;

/** One sentence about the end that has the address. */
export function sayEndMiss(miss: EndMiss, address: IpAddr): Phrase {
  const ip = printIp(address);
  switch (miss.kind) {
    case 'outside-nets':
      return phrase(END_MISS_WORDS.outsideNets, { ip, nets: miss.nets.map(printPrefix).join(', ') });
    case 'in-exception':
      return phrase(END_MISS_WORDS.inException, { ip, except: printPrefix(miss.except) });
    case 'not-a-pod':
      return phrase(END_MISS_WORDS.notAPod, { ip });
    case 'other-namespace':
      return phrase(END_MISS_WORDS.otherNamespace, { wanted: miss.wanted, got: miss.got });
    case 'namespaces-differ':
      return phrase(END_MISS_WORDS.namespacesDiffer, { keys: miss.keys.join(', ') });
    case 'namespaces-agree':
      return phrase(END_MISS_WORDS.namespacesAgree, { keys: miss.keys.join(', ') });
    case 'labels': {
      const misses = miss.namespace.length > 0 ? miss.namespace : miss.pod;
      return phrase(miss.namespace.length > 0 ? END_MISS_WORDS.namespaceLabels : END_MISS_WORDS.podLabels, {
        needs: sayNeeds(misses),
        has: sayHas(misses),
      });
    }
    case 'selector':
      return phrase(END_MISS_WORDS.selector, { text: miss.text });
    case 'not-selector':
      return phrase(END_MISS_WORDS.notSelector, { text: miss.text });
    case 'service':
      return phrase(END_MISS_WORDS.service, { ip, service: `${miss.namespace}/${miss.name}` });
    case 'unsupported':
      return phrase(UNSUPPORTED_WORDS[miss.what]);
    default:
      return assertNever(miss);
  }
}

export const UNSUPPORTED_WORDS = {
  nodes: END_MISS_WORDS.nodes,
  'domain-names': END_MISS_WORDS.domainNames,
  'unknown-peer': END_MISS_WORDS.unknownPeer,
  'named-port': END_MISS_WORDS.namedPort,
} as const;
