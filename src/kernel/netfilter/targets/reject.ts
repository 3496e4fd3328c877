/** REJECT: drop the packet and tell its sender. net/ipv4/netfilter/ipt_REJECT.c, net/ipv6/netfilter/ip6t_REJECT.c */
import { didYouMean } from '../did-you-mean.ts';
import { defineTarget, type RejectWith } from '../target.ts';
import { readOptions } from './options.ts';

type Kind = { readonly name: RejectWith; readonly alias: string };

/** In the order of iptables' reject_table: an abbreviation means the first that begins so. */
const IPV4: readonly Kind[] = [
  { name: 'icmp-net-unreachable', alias: 'net-unreach' },
  { name: 'icmp-host-unreachable', alias: 'host-unreach' },
  { name: 'icmp-proto-unreachable', alias: 'proto-unreach' },
  { name: 'icmp-port-unreachable', alias: 'port-unreach' },
  { name: 'icmp-net-prohibited', alias: 'net-prohib' },
  { name: 'icmp-host-prohibited', alias: 'host-prohib' },
  { name: 'tcp-reset', alias: 'tcp-rst' },
  { name: 'icmp-admin-prohibited', alias: 'admin-prohib' },
];

const IPV6: readonly Kind[] = [
  { name: 'icmp6-no-route', alias: 'no-route' },
  { name: 'icmp6-adm-prohibited', alias: 'adm-prohibited' },
  { name: 'icmp6-addr-unreachable', alias: 'addr-unreach' },
  { name: 'icmp6-port-unreachable', alias: 'port-unreach' },
  { name: 'tcp-reset', alias: 'tcp-reset' },
  { name: 'icmp6-policy-fail', alias: 'policy-fail' },
  { name: 'icmp6-reject-route', alias: 'reject-route' },
];

export const REJECT = defineTarget<RejectWith>({
  name: 'REJECT',
  kernel: 'net/ipv4/netfilter/ipt_REJECT.c',
  parse(reader, context) {
    const options = readOptions(reader, 'REJECT', { '--reject-with': 1 });
    const word = options.word('--reject-with');
    if (word === undefined) return context.family === 4 ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
    const kinds = context.family === 4 ? IPV4 : IPV6;
    const lower = word.toLowerCase();
    const kind = kinds.find(({ name, alias }) => lower !== '' && (name.startsWith(lower) || alias.startsWith(lower)));
    if (kind === undefined) {
      const names = kinds.map(({ name }) => name);
      const hint = didYouMean(word, names) ?? `one of ${names.join(', ')}`;
      throw options.error('--reject-with', `unknown reject type "${word}"`, hint);
    }
    // reject_tg_check(): a reset answers nothing but TCP.
    if (kind.name === 'tcp-reset' && (context.protocol !== 6 || context.protocolInverted)) {
      throw options.error('--reject-with', '--reject-with tcp-reset needs -p tcp');
    }
    return kind.name;
  },
  print: (kind) => `--reject-with ${kind}`,
  fire: (kind) => ({ kind: 'reject', with: kind }),
});
