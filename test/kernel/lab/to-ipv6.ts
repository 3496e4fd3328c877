/**
 * The same scenario with addresses of IPv6: 10.0.1.2/24 becomes fd00::a00:102/120, iptables ip6tables, proxy ARP proxy NDP.
 * What IPv6 has no like of (rp_filter, broadcasts, TOS) is left out.
 */
import { invariant } from '../../../src/lib/assert.ts';
import { ip6, parseIp4, printIp } from '../../../src/net/address.ts';
import type { DeviceText, MachineText, ProbeText, Scenario } from './scenario.ts';

const QUAD = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;

function address(quad: string): string {
  const value = parseIp4(quad);
  invariant(value !== undefined, quad);
  if (value >>> 24 === 127) return '::1';
  return value === 0 ? '::' : printIp(ip6((0xfd00n << 112n) | BigInt(value)));
}

function prefix(quad: string, bits: string): string {
  if (quad === '0.0.0.0') return '::/0';
  return quad.startsWith('127.') ? '::1/128' : `${address(quad)}/${Number(bits) + 96}`;
}

/** Every address and prefix of a text; masks of 32 bits become those of 128. */
export function addressesToIpv6(text: string): string {
  return text
    .replace(new RegExp(`(--mask )(${QUAD})`, 'g'), '$1ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')
    .replace(new RegExp(`(--to-(?:destination|source) )(${QUAD}(?:-${QUAD})?):(\\d)`, 'g'), '$1[$2]:$3')
    .replace(new RegExp(`(${QUAD})/(\\d{1,2})(?![\\d.])`, 'g'), (_, quad: string, bits: string) => prefix(quad, bits))
    .replace(new RegExp(QUAD, 'g'), address);
}

const REJECT: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': 'icmp6-no-route',
  'icmp-host-unreachable': 'icmp6-addr-unreachable',
  'icmp-proto-unreachable': 'icmp6-policy-fail',
  'icmp-port-unreachable': 'icmp6-port-unreachable',
  'icmp-net-prohibited': 'icmp6-reject-route',
  'icmp-host-prohibited': 'icmp6-adm-prohibited',
  'icmp-admin-prohibited': 'icmp6-adm-prohibited',
};

const ICMP_TYPES: Readonly<Record<string, string>> = { '8': '128', '0': '129', '3': '1', '3/3': '1/4', '11': '3' };

const ADDRESS_TYPES: Readonly<Record<string, string>> = {
  BROADCAST: 'ANYCAST',
  BLACKHOLE: 'UNREACHABLE',
  PROHIBIT: 'UNREACHABLE',
  THROW: 'MULTICAST',
};

/** Rules of iptables-save as those of ip6tables-save. */
export function rulesToIpv6(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/(^| )-f( |$)|--icmp-type any/.test(line))
    .map((line) =>
      addressesToIpv6(line)
        .replaceAll('-p icmp', '-p ipv6-icmp')
        .replace(/--ctproto 1\b/g, '--ctproto 58')
        .replace(
          /-m icmp (! )?--icmp-type (\S+)/g,
          (_, not: string | undefined, type: string) =>
            `-m icmp6 ${not ?? ''}--icmpv6-type ${ICMP_TYPES[type] ?? type}`,
        )
        .replace(/-m ttl (! )?--ttl-/g, '-m hl $1--hl-')
        .replace(/-j TTL --ttl-/g, '-j HL --hl-')
        .replace(/--reject-with (icmp-\S+)/g, (_, form: string) => `--reject-with ${REJECT[form] ?? form}`)
        .replace(/--(src|dst)-type (\S+)/g, (_, side: string, list: string) => {
          const names = list.split(',').map((name) => ADDRESS_TYPES[name] ?? name);
          return `--${side}-type ${[...new Set(names)].join(',')}`;
        })
        .replace(
          /--hashlimit-(src|dst)mask (\d+)/g,
          (_, side: string, bits: string) => `--hashlimit-${side}mask ${Number(bits) + 96}`,
        ),
    )
    .join('\n');
}

function setsOf(text: string): string {
  return addressesToIpv6(
    text
      .replace(/bitmap:ip range \S+/g, 'hash:ip family inet')
      .replace(/ netmask (\d+)/g, (_, bits: string) => ` netmask ${Number(bits) + 96}`)
      .replaceAll('family inet ', 'family inet6 ')
      .replace(/family inet$/gm, 'family inet6')
      .replaceAll(',icmp:', ',icmpv6:'),
  );
}

const SYSCTLS: readonly (readonly [RegExp, string])[] = [
  [/^net\.ipv4\.ip_forward$/, 'net.ipv6.conf.all.forwarding'],
  [/^net\.ipv4\.icmp_echo_ignore_all$/, 'net.ipv6.icmp.echo_ignore_all'],
  [/^net\.ipv4\.fib_multipath_hash_policy$/, 'net.ipv6.fib_multipath_hash_policy'],
  [/^net\.ipv4\.conf\.(.*)\.proxy_arp$/, 'net.ipv6.conf.$1.proxy_ndp'],
  [/^net\.bridge\.bridge-nf-call-iptables$/, 'net.bridge.bridge-nf-call-ip6tables'],
];

/** Settings that IPv6 has a like of. */
export function sysctlsToIpv6(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      const found = SYSCTLS.find(([form]) => form.test(name));
      return found === undefined ? [] : [[name.replace(found[0], found[1]), value]];
    }),
  );
}

/** The gateway that nobody has (169.254.1.1): each device of a machine with proxy ARP answers for it. */
const NOBODY = '169.254.1.1';

function routeOf(line: string): readonly string[] {
  if (/^broadcast /.test(line)) return [];
  const text = addressesToIpv6(line.replace(/ scope \S+/, '').replace(/ tos \S+/, ''))
    .replace(/(^| )default( |$)/, '$1::/0$2')
    .replace(/ mtu (\d+)/, (_, mtu: string) => ` mtu ${Math.max(1280, Number(mtu))}`);
  return [text];
}

function deviceOf(device: DeviceText): DeviceText {
  const own = (device.addresses ?? []).map((text) => addressesToIpv6(text.replace(/ scope \S+/, '')));
  return {
    ...device,
    ...(device.mtu === undefined ? {} : { mtu: Math.max(1280, device.mtu) }),
    ...(device.local === undefined ? {} : { local: address(device.local) }),
    ...(device.remote === undefined ? {} : { remote: address(device.remote) }),
    addresses: device.kind === 'loopback' ? [...new Set(own)] : own.filter((text) => !text.startsWith('::1')),
  };
}

function machineOf(machine: MachineText): MachineText {
  const { iptables, ipsets, ...rest } = machine;
  const sysctls = sysctlsToIpv6(machine.sysctls ?? {});
  const answers = Object.keys(sysctls).some((name) => name.endsWith('.proxy_ndp'));
  const proxies = answers
    ? machine.devices
        .filter(({ kind }) => kind !== 'loopback')
        .map(({ name }) => ({ device: name, ip: address(NOBODY) }))
    : [];
  return {
    ...rest,
    devices: machine.devices.map(deviceOf),
    routes: (machine.routes ?? []).flatMap(routeOf),
    rules: (machine.rules ?? []).map((line) => `-6 ${addressesToIpv6(line).replace(/ tos \S+/, '')}`),
    neighbours: (machine.neighbours ?? []).map((entry) => ({ ...entry, ip: address(entry.ip) })),
    fdb: (machine.fdb ?? []).map((entry) => ({ ...entry, remote: address(entry.remote) })),
    proxies,
    sysctls,
    ...(iptables === undefined ? {} : { ip6tables: rulesToIpv6(iptables) }),
    ...(ipsets === undefined ? {} : { ipsets: setsOf(ipsets) }),
    listen: (machine.listen ?? []).map((text) =>
      text.replace(new RegExp(`^(${QUAD}):`), (_, quad: string) => `[${address(quad)}]:`),
    ),
  };
}

function probeOf(probe: ProbeText): ProbeText {
  return {
    ...probe,
    destination: address(probe.destination),
    ...(probe.source === undefined ? {} : { source: address(probe.source) }),
    ...(probe.length === undefined ? {} : { length: probe.length + 20 }),
  };
}

export function toIpv6(scenario: Scenario): Scenario {
  return {
    ...scenario,
    name: `${scenario.name}-ipv6`,
    machines: scenario.machines.map(machineOf),
    probes: scenario.probes.map(probeOf),
  };
}
