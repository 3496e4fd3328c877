/** Sysctls as files below /proc/sys, in an order in which no setting undoes another. */
import { quote } from '../lib/quote.ts';
import { type Issue, issue } from '../lib/result.ts';
import type { SysctlSetting } from './plan.ts';

/**
 * A new namespace copies conf.all and conf.default from the host (net/ipv4/devinet.c devinet_init_net()), so the
 * defaults that the emulator starts from are written down. accept_redirects is 0: a host that follows a redirect would
 * send its later packets another way than its first.
 */
const BASELINE: readonly SysctlSetting[] = [
  ['net/ipv4/ip_forward', '0'],
  ...['all', 'default'].flatMap((which) =>
    [
      ...['rp_filter', 'accept_local', 'route_localnet', 'proxy_arp', 'arp_ignore', 'arp_announce', 'arp_filter'],
      ...['src_valid_mark', 'accept_redirects'],
    ].map((key): SysctlSetting => [`net/ipv4/conf/${which}/${key}`, '0']),
  ),
  ...['all', 'default'].flatMap((which) =>
    ['send_redirects', 'shared_media'].map((key): SysctlSetting => [`net/ipv4/conf/${which}/${key}`, '1']),
  ),
];

/**
 * No routers are asked for and no addresses made from what they say; an address can be used at once (RFC 4862's question
 * whether somebody has it would take a second).
 */
const BASELINE6: readonly SysctlSetting[] = [
  ...['all', 'default'].flatMap((which) =>
    [
      'forwarding',
      'accept_ra',
      'autoconf',
      'accept_redirects',
      'accept_dad',
      'dad_transmits',
      'router_solicitations',
    ].map((key): SysctlSetting => [`net/ipv6/conf/${which}/${key}`, '0']),
  ),
];

const NO_IPV6: readonly SysctlSetting[] = ['all', 'default'].map((which) => [
  `net/ipv6/conf/${which}/disable_ipv6`,
  '1',
]);

/** What every machine is born with. Without IPv6 addresses IPv6 is off: its own chatter would disturb the counters. */
export function birthSysctls(hasIpv6: boolean): readonly SysctlSetting[] {
  return hasIpv6 ? [...BASELINE, ...BASELINE6] : [...NO_IPV6, ...BASELINE];
}

/**
 * The given settings: ip_forward first (it overwrites every conf.*.forwarding, inet_forward_change()), then conf.all,
 * conf.all.forwarding of IPv6 likewise (addrconf_fixup_forwarding()), conf.default (which reaches the devices that have no setting of their own, devinet_copy_dflt_conf()), then the rest.
 */
export function planSysctls(given: ReadonlyMap<string, string>): {
  readonly settings: readonly SysctlSetting[];
  readonly issues: readonly Issue[];
} {
  const issues: Issue[] = [];
  const settings: SysctlSetting[] = [];
  for (const [name, value] of given) {
    const path = sysctlPath(name);
    if (path === undefined) {
      issues.push(
        issue('lab-sysctl', `the lab cannot set ${quote(name)}`, {
          hint: 'only settings of a network namespace, net.*, belong to a machine',
        }),
      );
    } else if (/[\u0000\n]/.test(value)) {
      issues.push(issue('lab-sysctl', `the value of ${quote(name)} is ${quote(value)}`, { hint: 'one line of text' }));
    } else settings.push([path, value]);
  }
  return { settings: settings.sort(([a], [b]) => rank(a) - rank(b)), issues };
}

/**
 * The file of a dotted name; a `/` in a part stands for a dot of a device's name, as sysctl(8) has it. undefined for
 * what lies outside net.*, so that no input can write a setting of the host.
 */
function sysctlPath(name: string): string | undefined {
  const parts = name.split('.').map((part) => part.replaceAll('/', '.'));
  const sound = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\u0000-\u001f]/.test(part));
  return parts[0] === 'net' && parts.length >= 3 && sound ? parts.join('/') : undefined;
}

function rank(path: string): number {
  if (path === 'net/ipv4/ip_forward') return 0;
  if (/^net\/ipv[46]\/conf\/all\//.test(path)) return 1;
  if (/^net\/ipv[46]\/conf\/default\//.test(path)) return 2;
  return 3;
}
