/** The documents of a random cluster of IPv4 as those of a cluster of IPv6, or of both families. */
import { invariant } from '../../../src/lib/assert.ts';
import { recordOf } from '../../../src/lib/brand.ts';
import type { Family } from '../../../src/net/address.ts';
import type { Random } from './random.ts';
import { addressesToIpv6, rulesToIpv6, sysctlsToIpv6 } from './to-ipv6.ts';

type Json = Readonly<Record<string, unknown>>;

/** Lists that hold entries of both families in a dual-stack cluster. */
const LISTS: ReadonlySet<string> = new Set([
  ...['podCIDRs', 'serviceCIDRs', 'blocks', 'nodePortAddresses', 'addresses', 'routes'],
  ...['externalIPs', 'loadBalancerSourceRanges', 'ingress'],
]);
/** Fields that become such a list, by the name that they have then. */
const FIELDS: Readonly<Record<string, string>> = { address: 'addresses', gateway: 'gateways', podCIDR: 'podCIDRs' };

/** @param families 6 alone, or 4 and 6. */
export function toFamilies(random: Random, documents: readonly Json[], families: readonly Family[]): readonly Json[] {
  if (!families.includes(6)) return documents;
  if (!families.includes(4)) return documents.map((document) => objectOf(toIpv6(document)));
  return documents.map((document) => {
    switch (document.kind) {
      case 'Service':
        return serviceOfBoth(random, document);
      case 'NetworkPolicy':
        return { ...document, spec: blocksOfBoth(random, document.spec) };
      default:
        return objectOf(toBoth(document));
    }
  });
}

/** A fault as the one of IPv6 that is most like it. */
export function faultToIpv6({ sysctl, iptables, ...rest }: Json): Json {
  const settings = Object.fromEntries(
    Object.entries(recordOrEmpty(sysctl)).map(([key, value]) => [
      key.replace(DEVICE_FORWARDING, (_, before: string, after: string) => `${before}6${after}`),
      `${value}`,
    ]),
  );
  // Without rp_filter there is the match, as firewalld has it.
  if (Object.keys(settings).some((key) => key.endsWith('.rp_filter')))
    return { ...rest, iptables: ['ip6tables -t mangle -I PREROUTING 1 -m rpfilter --invert -j DROP'] };
  const lines = Array.isArray(iptables) ? iptables.map((line) => `ip6tables ${rulesToIpv6(String(line))}`) : [];
  return {
    ...objectOf(toIpv6(rest)),
    ...(sysctl === undefined ? {} : { sysctl: { ...sysctlsToIpv6(settings), ...ownOfIpv6(settings) } }),
    ...(lines.length === 0 ? {} : { iptables: lines }),
  };
}

/** A device's own setting, which of IPv6 says less: net.ipv4.conf.eth0.forwarding becomes net.ipv6.conf.eth0.forwarding. */
const DEVICE_FORWARDING = /^(net\.ipv)4(\.conf\..*\.forwarding)$/;

/** The same value with every address in it one of IPv6. */
function toIpv6(value: unknown): unknown {
  if (typeof value === 'string') return addressesToIpv6(value);
  if (Array.isArray(value)) return value.map(toIpv6);
  const object = recordOf(value);
  if (object === undefined) return value;
  return Object.fromEntries(
    [...object].map(([key, inner]) => [key, key === 'sysctls' ? settings6(inner) : toIpv6(inner)]),
  );
}

/** Lists with the entries of both families, the one of IPv4 first. */
function toBoth(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toBoth);
  const object = recordOf(value);
  if (object === undefined) return value;
  return Object.fromEntries(
    [...object].map(([key, inner]): [string, unknown] => {
      const list = FIELDS[key];
      if (list !== undefined) return [list, both([inner])];
      if (LISTS.has(key) && Array.isArray(inner)) return [key, both(inner)];
      if (key === 'clusterCIDR') return [key, both([inner]).join(',')];
      if (key === 'sysctls') return [key, { ...recordOrEmpty(inner), ...settings6(inner) }];
      return [key, toBoth(inner)];
    }),
  );
}

function both(values: readonly unknown[]): readonly unknown[] {
  return values.flatMap((value) => [value, toIpv6(value)]);
}

/** Of one family or of the other, or of both. */
function serviceOfBoth(random: Random, document: Json): Json {
  const { clusterIP, ...spec } = objectOf(toBoth(document.spec));
  const { status } = objectOf(toBoth({ status: document.status }));
  const rest = { ...document, ...(status === undefined ? {} : { status }) };
  const second = toIpv6(clusterIP);
  const headless = clusterIP === 'None';
  return random.weighted<Json>(
    [1, () => ({ ...rest, spec: { ...spec, clusterIP, ipFamilies: ['IPv4'] } })],
    [2, () => ({ ...rest, spec: { ...spec, clusterIP: second, ipFamilies: ['IPv6'] } })],
    [
      4,
      () => ({
        ...rest,
        spec: {
          ...spec,
          ...(headless ? { clusterIP } : { clusterIP, clusterIPs: [clusterIP, second] }),
          ipFamilyPolicy: 'RequireDualStack',
        },
      }),
    ],
  );
}

/** Each block of a policy is of one family; a list of peers may hold both. */
function blocksOfBoth(random: Random, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.flatMap((entry): readonly unknown[] => {
      if (recordOf(entry)?.has('ipBlock') !== true) return [blocksOfBoth(random, entry)];
      return random.weighted<readonly unknown[]>(
        [1, () => [entry]],
        [2, () => [toIpv6(entry)]],
        [1, () => [entry, toIpv6(entry)]],
      );
    });
  }
  const object = recordOf(value);
  if (object === undefined) return value;
  return Object.fromEntries([...object].map(([key, inner]) => [key, blocksOfBoth(random, inner)]));
}

function ownOfIpv6(settings: Json): Json {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key.startsWith('net.ipv6.')));
}

function settings6(value: unknown): Json {
  return sysctlsToIpv6(Object.fromEntries([...(recordOf(value) ?? [])].map(([key, text]) => [key, String(text)])));
}

function recordOrEmpty(value: unknown): Json {
  return Object.fromEntries(recordOf(value) ?? []);
}

function objectOf(value: unknown): Json {
  const object = recordOf(value);
  invariant(object !== undefined, 'a document is an object');
  return Object.fromEntries(object);
}
