/** Why a rule does not fit, in words, and the notes below an answer. */
import { sayEndMiss } from '../../explain/end-miss-words.ts';
import { type Phrase, phrase, text } from '../../explain/language.ts';
import { assertNever } from '../../lib/assert.ts';
import { type ConnectionSet, printConnections } from '../../policy/connection-set.ts';
import type { End } from '../../policy/end.ts';
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
} as const;

/** A miss of an end or of the ports; `wanted` is what the rule is for. */
export function sayRuleMiss(miss: RuleMiss, peer: End, subject: End): Phrase {
  switch (miss.kind) {
    case 'family':
      return phrase(MISS_WORDS.family, { family: String(miss.wanted) });
    case 'peer':
      return phrase(MISS_WORDS.peer, { why: sayEndMiss(miss.miss, peer.ip) });
    case 'own':
      return phrase(MISS_WORDS.own, { why: sayEndMiss(miss.miss, subject.ip) });
    case 'unresolved-port':
      return phrase(MISS_WORDS.unresolved, { names: miss.names.join(', ') });
    default:
      return assertNever(miss);
  }
}

export function sayPortMiss(wanted: ConnectionSet, universe: ConnectionSet): Phrase {
  return phrase(MISS_WORDS.ports, { wanted: printConnections(wanted, universe) });
}
