/** Policies about blocks of IPv4 as the same policies about blocks of IPv6, in the clusters of test/policy/generate.ts. */

/** Every block of the generators; those that hold one another still do. */
const BLOCKS: Readonly<Record<string, string>> = {
  '10.244.0.0/16': 'fd00:10:244::/48',
  '10.244.1.0/24': 'fd00:10:244:1::/64',
  '10.244.0.0/25': 'fd00:10:244::/64',
  '10.244.1.0/28': 'fd00:10:244:1::/124',
  '10.0.0.0/8': 'fd00:10::/32',
  '10.0.0.0/24': 'fd00:10::/64',
  '192.168.1.0/24': 'fd00:1::/64',
  '192.168.1.0/26': 'fd00:1::/122',
  '192.168.1.11/32': 'fd00:1::11/128',
  '192.168.1.12/32': 'fd00:1::12/128',
  '192.168.1.50/32': 'fd00:1::50/128',
  // What host endpoints expect.
  '192.168.1.11': 'fd00:1::11',
  '192.168.1.12': 'fd00:1::12',
  '192.168.1.13': 'fd00:1::13',
  '192.168.1.14': 'fd00:1::14',
  '192.0.2.0/24': '2001:db8:2::/64',
  '0.0.0.0/0': '::/0',
};

/** All of a document or nothing: a rule's blocks must be of one family (Calico's validator, and the API server's of ipBlock). */
export function policyToIpv6(text: string): string {
  return text
    .replace(/"(\d+\.\d+\.\d+\.\d+(?:\/\d+)?)"/g, (whole, block: string) => `"${BLOCKS[block] ?? fail(whole)}"`)
    .replaceAll('"protocol":"ICMP"', '"protocol":"ICMPv6"')
    .replaceAll('"type":8', '"type":128');
}

function fail(block: string): never {
  throw new Error(`${block} has no counterpart`);
}
