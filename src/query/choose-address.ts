/** The address that stands for the destination: -4 and -6 decide, else what the source can speak to. */
import type { Netns } from '../kernel/netns.ts';
import { fail, issue, ok, type Result } from '../lib/result.ts';
import { type Family, familyOf, type IpAddr, printIp } from '../net/address.ts';
import { orderAddresses, sourceTo } from './address-order.ts';

export type Wanted = {
  readonly netns: Netns;
  /** Of -4, of -6, or of the address that is to send. */
  readonly family: Family | undefined;
  /** Whose wish the family is, for an error. */
  readonly why: string;
  /** What it is called in an error. */
  readonly name: string;
};

/** Of a machine: its first address that the source has a way to, else its first. */
export function chooseOwnAddress(addresses: readonly IpAddr[], wanted: Wanted): Result<IpAddr> {
  const own = ofFamily(addresses, wanted.family);
  const [first] = own;
  if (first === undefined) return missing(addresses, wanted);
  return ok(own.find((ip) => sourceTo(wanted.netns, ip) !== undefined) ?? first);
}

/** Of a Service that is not asked for by name: as getaddrinfo() would sort what DNS says. */
export function chooseServiceAddress(addresses: readonly IpAddr[], wanted: Wanted): Result<IpAddr> {
  const [first] = orderAddresses(wanted.netns, ofFamily(addresses, wanted.family));
  return first === undefined ? missing(addresses, wanted) : ok(first);
}

/** An address that was written down stands as it is; -4 and -6 must not say otherwise. */
export function checkGivenAddress(address: IpAddr, { family, why }: Wanted): Result<IpAddr> {
  if (family === undefined || familyOf(address) === family) return ok(address);
  return fail(issue('wrong-family', `${printIp(address)} is no IPv${family} address (${why})`));
}

function ofFamily(addresses: readonly IpAddr[], family: Family | undefined): readonly IpAddr[] {
  return family === undefined ? addresses : addresses.filter((ip) => familyOf(ip) === family);
}

function missing(addresses: readonly IpAddr[], { family, name }: Wanted): Result<never> {
  const [other] = addresses;
  const what = family === undefined ? 'address' : `IPv${family} address`;
  const hint = other === undefined ? {} : { hint: `it has ${addresses.map(printIp).join(' and ')}` };
  return fail(issue('no-address', `${name} has no ${what}`, hint));
}
