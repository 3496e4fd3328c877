/** The rows of nftables once more in IPv6. */
import { addresses, kernelWords, machine, probe } from './sweep-filter6.ts';
import { NFTABLES_ROWS } from './sweep-nftables.ts';
import type { Row } from './sweep-scene.ts';

/** What IPv4 alone has, or has in other words. */
const OTHERWISE = [/& 0\.0\.0\.1/, /ip dscp/, /iptables/, /icmp code/, /fib daddr type != /, /host-unreachable/];

function nftWords(text: string): string {
  return addresses(text.replaceAll('10.9.0.0/16', '10.9.0.0/24'))
    .replaceAll('table ip t', 'table ip6 t')
    .replaceAll(/\bip (saddr|daddr)/g, 'ip6 $1')
    .replaceAll('ip protocol', 'meta l4proto')
    .replaceAll('ip ttl', 'ip6 hoplimit')
    .replaceAll(/\bicmp (type|admin-prohibited)/g, 'icmpv6 $1')
    .replaceAll('meta l4proto icmp', 'meta l4proto ipv6-icmp')
    .replaceAll('{ tcp, icmp }', '{ tcp, ipv6-icmp }')
    .replaceAll('{ icmp : drop', '{ ipv6-icmp : drop')
    .replaceAll('dnat ip to', 'dnat ip6 to')
    .replaceAll('meta nfproto ipv6 drop', 'meta nfproto ipv4 drop')
    .replaceAll('ipv4_addr', 'ipv6_addr');
}

function translate(row: Row): Row {
  return {
    ...row,
    sentence: row.sentence.replace('nftables: ', 'nftables, IPv6: '),
    machines: row.machines.map(({ nftables, ...text }) => ({
      ...machine(text),
      ...(nftables === undefined ? {} : { nftables: nftWords(nftables) }),
    })),
    probes: row.probes.map(([question, kernel]) => [probe(question), kernelWords(kernel)] as const),
  };
}

export const NFTABLES6_ROWS: readonly Row[] = NFTABLES_ROWS.filter(({ machines }) =>
  machines.every(
    ({ nftables = '', iptables }) => iptables === undefined && !OTHERWISE.some((one) => one.test(nftables)),
  ),
).map(translate);
