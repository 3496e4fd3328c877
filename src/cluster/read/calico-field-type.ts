/** The scalar types of Calico's own objects (api/pkg/lib/numorstring, libcalico-go/lib/validator/v3). */
import { nearest } from '../../lib/nearest.ts';
import { hostPrefix, type Prefix } from '../../net/prefix.ts';
import { type FieldType, IP, integer, PREFIX } from '../field-type.ts';
import type { CalicoPort, CalicoProtocol } from '../policy/calico-policy.ts';

const PROTOCOL_NUMBERS = { TCP: 6, UDP: 17, ICMP: 1, ICMPv6: 58, SCTP: 132, UDPLite: 136 } as const;
const PROTOCOL_NAMES = ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'SCTP', 'UDPLite'] as const;

/** A name as Calico writes it, or a number 1-255. */
export const CALICO_PROTOCOL: FieldType<CalicoProtocol> = {
  expected: `one of ${PROTOCOL_NAMES.join(', ')} or a number 1-255`,
  parse: (value) => {
    const name = PROTOCOL_NAMES.find((each) => each === value);
    if (name !== undefined) return { number: PROTOCOL_NUMBERS[name], name };
    const number = integer(1, 255).parse(asNumber(value));
    return number === undefined ? undefined : { number };
  },
  hint: (value) => {
    const [best] = typeof value === 'string' ? nearest(value, PROTOCOL_NAMES, 1) : [];
    return best === undefined ? undefined : `did you mean ${best}?`;
  },
};

const PORT_NUMBER = integer(0, 65535);

/** `80`, `"80"`, `"8000:8010"`, `http`. */
export const CALICO_PORT: FieldType<CalicoPort> = {
  expected: 'a port 0-65535, a range such as 8000:8010, or the name of a port',
  parse: (value) => {
    const number = PORT_NUMBER.parse(asNumber(value));
    if (number !== undefined) return { kind: 'range', first: number, last: number };
    if (typeof value !== 'string') return undefined;
    const range = /^(\d{1,5}):(\d{1,5})$/.exec(value);
    if (range !== null) {
      const [first, last] = [PORT_NUMBER.parse(Number(range[1])), PORT_NUMBER.parse(Number(range[2]))];
      return first === undefined || last === undefined || first > last ? undefined : { kind: 'range', first, last };
    }
    // A name is told from a number by having something else in it.
    return /^[A-Za-z0-9_.-]{1,128}$/.test(value) && !/^\d+$/.test(value) ? { kind: 'named', name: value } : undefined;
  },
};

/** A number, or a string that is one. */
function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
}

/** A range, or one address without a length. */
export const PREFIX_OR_IP: FieldType<Prefix> = {
  expected: 'an address range in CIDR form or an IP address',
  parse: (value) => {
    const ip = IP.parse(value);
    return ip === undefined ? PREFIX.parse(value) : hostPrefix(ip);
  },
};

/** Orders of policies and tiers: any number. */
export const ORDER: FieldType<number> = {
  expected: 'a number',
  parse: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  hint: (value) =>
    typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? 'write the number without quotes' : undefined,
};
