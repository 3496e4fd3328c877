import { compareIp, type IpAddr, parseIp } from '../../net/address.ts';
import { lastIp, network } from '../../net/prefix.ts';
import { type FieldType, PREFIX } from '../field-type.ts';

/** `192.168.26.240-192.168.26.250`, `192.168.26.240/28`, `192.168.26.240`. */
export const ADDRESS_RANGE: FieldType<{ readonly first: IpAddr; readonly last: IpAddr }> = {
  expected: 'addresses as FIRST-LAST or in CIDR form',
  parse: (value) => {
    if (typeof value !== 'string') return undefined;
    const prefix = PREFIX.parse(value);
    if (prefix !== undefined) return { first: network(prefix).addr, last: lastIp(prefix) };
    const [first, last, ...rest] = value.split('-').map((part) => parseIp(part.trim()));
    if (first === undefined || rest.length > 0) return undefined;
    if (!value.includes('-')) return { first, last: first };
    return last !== undefined && typeof first === typeof last && compareIp(first, last) <= 0
      ? { first, last }
      : undefined;
  },
};
