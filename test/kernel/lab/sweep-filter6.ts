/** The rows of packet filtering once more in IPv6, word by word. */
import type { MachineText, ProbeText } from './scenario.ts';
import { NETFILTER_ROWS } from './sweep-netfilter.ts';
import type { Row } from './sweep-scene.ts';

/** What IPv4 alone has. */
const ONLY_IPV4 = ['set:bitmap:ip', 'target:CHECKSUM'];
/** Questions for neighbours meet it, too: rows of its own in sweep-ipv6.ts. */
const OTHERWISE = ['match:rpfilter'];

/** `10.0.1.2/24` becomes `fd00:10:10:11::2/64`; with a port behind it, brackets. No group is 0: every name is canonical. */
export function addresses(text: string): string {
  return text
    .replaceAll(
      /\b10\.(\d+)\.(\d+)\.(\d+)(\/24)?(:\d)?/g,
      (_, b: string, c: string, d: string, net?: string, port?: string) => {
        const address = `fd00:10:1${b}:1${c}::${d === '0' ? '' : d}`;
        if (net !== undefined) return `${address}/64${port ?? ''}`;
        return port === undefined ? address : `[${address}]${port}`;
      },
    )
    .replaceAll(/(::\d*)\/32\b/g, '$1/128')
    .replaceAll(/(::\d*)\/31\b/g, '$1/127');
}

function ruleWords(text: string): string {
  return addresses(text)
    .replaceAll('-p icmp -m icmp', '-p icmpv6 -m icmp6')
    .replaceAll('--icmp-type 8', '--icmpv6-type 128')
    .replaceAll('--icmp-type 0', '--icmpv6-type 129')
    .replaceAll('-p icmp ', '-p icmpv6 ')
    .replaceAll('-m ttl', '-m hl')
    .replaceAll('--ttl-', '--hl-')
    .replaceAll('-j TTL', '-j HL')
    .replaceAll('--mask 255.255.255.255', '--mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')
    .replaceAll('--on-ip 127.0.0.1', '--on-ip ::1')
    .replaceAll('icmp-admin-prohibited', 'icmp6-adm-prohibited');
}

/** The kernel's words: what IPv4 calls 3/13 is 1/1 (RFC 4443). */
export function kernelWords(text: string): string {
  return addresses(text)
    .replace('icmp 3/13', 'icmp 1/1')
    .replace('icmp 11/0', 'icmp 3/0')
    .replace(/, (\[?)(fd00:[\da-f:]+::\d*)\]?:/, ', [$2]:');
}

export function machine(text: MachineText): MachineText {
  const { iptables, ipsets, routes, sysctls, devices, ...rest } = text;
  return {
    ...rest,
    devices: devices.map((device) => ({ ...device, addresses: (device.addresses ?? []).map(addresses) })),
    ...(routes === undefined ? {} : { routes: routes.map(addresses) }),
    ...(sysctls?.['net.ipv4.ip_forward'] === '1' ? { sysctls: { 'net.ipv6.conf.all.forwarding': '1' } } : {}),
    ...(iptables === undefined ? {} : { ip6tables: ruleWords(iptables) }),
    ...(ipsets === undefined
      ? {}
      : { ipsets: addresses(ipsets).replaceAll('family inet ', 'family inet6 ').replaceAll('icmp:', 'icmpv6:') }),
  };
}

export function probe(text: Omit<ProbeText, 'sport'>): Omit<ProbeText, 'sport'> {
  return {
    ...text,
    destination: addresses(text.destination),
    ...(text.source === undefined ? {} : { source: addresses(text.source) }),
  };
}

function translate(row: Row): Row {
  const covers = row.covers.map((feature) =>
    feature
      .replace(/^match:ttl$/, 'match:hl')
      .replace(/^match:icmp$/, 'match:icmp6')
      .replace(/^target:TTL$/, 'target:HL'),
  );
  return {
    ...row,
    sentence: `by ip6tables: ${ruleWords(row.sentence)}`,
    covers,
    machines: row.machines.map(machine),
    probes: row.probes.map(([question, kernel]) => [probe(question), kernelWords(kernel)] as const),
  };
}

/** The forms of REJECT have names of their own in IPv6. */
export const FILTER6_ROWS: readonly Row[] = NETFILTER_ROWS.filter(
  ({ covers }) =>
    !covers.some((feature) => [...ONLY_IPV4, ...OTHERWISE].includes(feature) || feature.startsWith('reject:icmp-')),
).map(translate);
