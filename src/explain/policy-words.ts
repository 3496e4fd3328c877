/** Near misses of policy rules in words, field by field. */
import type { NetworkPolicyPort } from '../cluster/objects.ts';
import type { PolicyConnection } from '../cluster/policy/policy-connection.ts';
import type { FieldMiss } from '../compile/rule-miss.ts';
import { assertNever } from '../lib/assert.ts';
import { printIp } from '../net/address.ts';
import { printPrefix } from '../net/prefix.ts';
import type { NetworkPolicyMiss, PeerResult, PortResult } from '../policy/network-policy-miss.ts';
import { sayEndMiss } from './end-miss-words.ts';
import { sayHas, sayNeeds } from './label-words.ts';
import { type Phrase, phrase, text } from './language.ts';

export const POLICY_WORDS = {
  rule: text('{policy} {direction}[{index}]: {port}; {peer}', '{policy} {direction}[{index}]：{port}；{peer}'),
  empty: text('{policy} has no {direction} rule: it admits nothing', '{policy} 没有 {direction} 规则：不放行任何流量'),
  portMatches: text('port matches', '端口匹配'),
  portMisses: text(
    'port does not match: needs {wanted}, the packet is for {got}',
    '端口不匹配：需要 {wanted}，数据包的目的端口是 {got}',
  ),
  portUnresolved: text(
    'port does not match: the Pod declares no port named {names}',
    '端口不匹配：Pod 没有声明名为 {names} 的端口',
  ),
  peerMatches: text('peer matches', '对端匹配'),
  anyPeer: text('any peer', '任意对端'),
  peerMisses: text('peer does not: {why}', '对端不匹配：{why}'),
  inException: text(
    'peer does not: {ip} is in the exception {except} of {cidr}',
    '对端不匹配：{ip} 在 {cidr} 的例外 {except} 中',
  ),
  notAPod: text('peer does not: {ip} is the address of no Pod', '对端不匹配：{ip} 不是 Pod 的地址'),
  otherNamespace: text(
    'peer does not: a podSelector alone means Pods of {wanted}, and the peer is in {got}',
    '对端不匹配：单独的 podSelector 只选中 {wanted} 中的 Pod，而对端在 {got}',
  ),
  fields: text('{policy} {direction}[{index}]: {fields}', '{policy} {direction}[{index}]：{fields}'),
  protocolIsNot: text('the protocol is not {wanted}', '协议不是 {wanted}'),
  portIsNot: text('the port is not {wanted}', '端口不是 {wanted}'),
  addressIsNot: text('{ip} is not in {wanted}', '{ip} 不在 {wanted} 中'),
  selectorIsNot: text('{ip} is not selected by {wanted}', '{ip} 未被 {wanted} 选中'),
  serviceIsNot: text('{ip} is no endpoint of Service {wanted}', '{ip} 不是 Service {wanted} 的端点'),
  labels: text('peer does not: needs {needs}, {peer} has {has}', '对端不匹配：需要 {needs}，{peer} 的标签为 {has}'),
} as const;

/** One rule that did not let the connection pass. */
export function sayMiss(
  policy: string,
  direction: 'ingress' | 'egress',
  miss: NetworkPolicyMiss,
  connection: PolicyConnection,
): Phrase {
  const peers = miss.peers.filter(({ kind }) => kind !== 'match');
  const matched = miss.peers.length !== peers.length;
  const peer =
    miss.peers.length === 0
      ? phrase(POLICY_WORDS.anyPeer)
      : matched
        ? phrase(POLICY_WORDS.peerMatches)
        : peers.map((one) => sayPeer(one, connection));
  return phrase(POLICY_WORDS.rule, {
    policy,
    direction,
    index: String(miss.rule),
    port: sayPort(miss.port, connection),
    peer,
  });
}

/** One rule of Calico's, or of an administrator's policy, with all of its fields that did not fit. */
export function sayFieldMisses(
  policy: string,
  direction: 'ingress' | 'egress',
  index: number,
  misses: readonly FieldMiss[],
  { peerIp }: PolicyConnection,
): Phrase {
  const ip = printIp(peerIp);
  const fields = misses.map(({ field, wanted }) => phrase(FIELD_WORDS[field], { wanted, ip }));
  return phrase(POLICY_WORDS.fields, { policy, direction, index: String(index), fields });
}

const FIELD_WORDS = {
  protocol: POLICY_WORDS.protocolIsNot,
  port: POLICY_WORDS.portIsNot,
  address: POLICY_WORDS.addressIsNot,
  selector: POLICY_WORDS.selectorIsNot,
  service: POLICY_WORDS.serviceIsNot,
} as const;

/** A policy that isolates and has no rule at all in the direction. */
export function sayEmpty(policy: string, direction: 'ingress' | 'egress'): Phrase {
  return phrase(POLICY_WORDS.empty, { policy, direction });
}

function sayPort(result: PortResult, { protocol, port }: PolicyConnection): Phrase {
  switch (result.kind) {
    case 'match':
      return phrase(POLICY_WORDS.portMatches);
    case 'unresolved':
      return phrase(POLICY_WORDS.portUnresolved, { names: result.names.join(', ') });
    case 'miss':
      return phrase(POLICY_WORDS.portMisses, {
        wanted: result.wanted.map(printWanted).join(', '),
        got: port === undefined ? protocol : `${protocol}/${port}`,
      });
    default:
      return assertNever(result);
  }
}

function printWanted({ protocol, port, endPort }: NetworkPolicyPort): string {
  const name = protocol.toLowerCase();
  if (port === undefined) return name;
  return endPort === undefined ? `${name}/${port}` : `${name}/${port}-${endPort}`;
}

function sayPeer(result: PeerResult, { peerIp, peerPod }: PolicyConnection): Phrase {
  const ip = printIp(peerIp);
  switch (result.kind) {
    case 'match':
      return phrase(POLICY_WORDS.peerMatches);
    case 'in-exception':
      return phrase(POLICY_WORDS.inException, {
        ip,
        cidr: result.net === undefined ? '' : printPrefix(result.net),
        except: printPrefix(result.except),
      });
    case 'not-a-pod':
      return phrase(POLICY_WORDS.notAPod, { ip });
    case 'other-namespace':
      return phrase(POLICY_WORDS.otherNamespace, { wanted: result.wanted, got: result.got });
    case 'labels': {
      return phrase(POLICY_WORDS.labels, {
        needs: sayNeeds(result.pod, result.namespace),
        has: sayHas([...result.namespace, ...result.pod]),
        peer: peerPod === undefined ? ip : `${peerPod.namespace}/${peerPod.name}`,
      });
    }
    default:
      return phrase(POLICY_WORDS.peerMisses, { why: sayEndMiss(result, peerIp) });
  }
}
