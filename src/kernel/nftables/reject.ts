/** The reject statement: nft's words for ICMP codes, and what the kernel sends (net/netfilter/nft_reject*.c). */
import type { RejectWith } from '../netfilter/target.ts';
import type { Statement } from './expression.ts';
import type { TokenReader } from './token-reader.ts';

const ICMP: ReadonlyMap<string, RejectWith> = new Map([
  ['net-unreachable', 'icmp-net-unreachable'],
  ['host-unreachable', 'icmp-host-unreachable'],
  ['prot-unreachable', 'icmp-proto-unreachable'],
  ['port-unreachable', 'icmp-port-unreachable'],
  ['net-prohibited', 'icmp-net-prohibited'],
  ['host-prohibited', 'icmp-host-prohibited'],
  ['admin-prohibited', 'icmp-admin-prohibited'],
]);

const ICMP6: ReadonlyMap<string, RejectWith> = new Map([
  ['no-route', 'icmp6-no-route'],
  ['admin-prohibited', 'icmp6-adm-prohibited'],
  ['addr-unreachable', 'icmp6-addr-unreachable'],
  ['port-unreachable', 'icmp6-port-unreachable'],
  ['policy-fail', 'icmp6-policy-fail'],
  ['reject-route', 'icmp6-reject-route'],
]);

/** nft_reject_icmp_code(), nft_reject_icmpv6_code(): one word for both families. */
const ICMPX: ReadonlyMap<string, readonly [RejectWith, RejectWith]> = new Map([
  ['no-route', ['icmp-net-unreachable', 'icmp6-no-route']],
  ['port-unreachable', ['icmp-port-unreachable', 'icmp6-port-unreachable']],
  ['host-unreachable', ['icmp-host-unreachable', 'icmp6-addr-unreachable']],
  ['admin-prohibited', ['icmp-admin-prohibited', 'icmp6-adm-prohibited']],
]);

/** Behind the word `reject`. */
export function parseReject(reader: TokenReader): Statement {
  if (!reader.take('with')) return { kind: 'reject' };
  if (reader.take('tcp')) {
    reader.expect('reset');
    return { kind: 'reject', with: 'tcp reset' };
  }
  const family = reader.word('tcp, icmp, icmpv6 or icmpx');
  reader.take('type');
  const code = reader.word('a reason');
  const codes = family === 'icmp' ? ICMP : family === 'icmpv6' ? ICMP6 : family === 'icmpx' ? ICMPX : undefined;
  if (codes?.has(code) !== true) {
    reader.at--;
    throw reader.wrong('a reason that nft knows', codes === undefined ? undefined : [...codes.keys()].join(', '));
  }
  return family === 'icmpx' && code === 'port-unreachable'
    ? { kind: 'reject' }
    : { kind: 'reject', with: `${family} ${code}` };
}

/** What goes to the sender; undefined where the statement is for the other family and the rule is left. */
export function rejectWith(words: string | undefined, family: 4 | 6): RejectWith | undefined {
  if (words === undefined) return family === 4 ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
  if (words === 'tcp reset') return 'tcp-reset';
  const [kind, code = ''] = words.split(' ');
  switch (kind) {
    case 'icmp':
      return family === 4 ? ICMP.get(code) : undefined;
    case 'icmpv6':
      return family === 6 ? ICMP6.get(code) : undefined;
    default:
      return ICMPX.get(code)?.[family === 4 ? 0 : 1];
  }
}
