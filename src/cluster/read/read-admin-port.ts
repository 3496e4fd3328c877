/** Ports of AdminNetworkPolicies (v1alpha1) and protocols of ClusterNetworkPolicies (v1alpha2). */
import type { FieldReader } from '../field-reader.ts';
import { type FieldType, isPortName, oneOf, PORT } from '../field-type.ts';
import { PROTOCOLS, type Protocol } from '../objects.ts';
import type { AdminPolicyPort } from '../policy/admin-policy.ts';
import { exactlyOne } from './exactly-one.ts';

const PROTOCOL = oneOf(...PROTOCOLS);
const PORT_NAME: FieldType<string> = {
  expected: 'the name of a port: a-z, 0-9 and -, at most 15 characters, with a letter',
  parse: (value) => (typeof value === 'string' && isPortName(value) ? value : undefined),
};

/** `portNumber: {port: 80}`, `portRange: {start: 80, end: 90}`, `namedPort: http`. */
export function readAdminPort(reader: FieldReader): AdminPolicyPort | undefined {
  const number = reader.object('portNumber');
  const range = reader.object('portRange');
  const name = reader.optional('namedPort', PORT_NAME);
  const single = number === undefined ? undefined : readNumber(number);
  const several = range === undefined ? undefined : readRange(range, readProtocol(range));
  reader.done();
  if (!exactlyOne(reader, ['portNumber', 'namedPort', 'portRange'])) return undefined;
  const { source } = reader;
  return single ?? several ?? (name === undefined ? undefined : { kind: 'named', name, source });
}

function readProtocol(reader: FieldReader): Protocol {
  return reader.optional('protocol', PROTOCOL) ?? 'TCP';
}

function readNumber(reader: FieldReader): AdminPolicyPort | undefined {
  const protocol = readProtocol(reader);
  const port = reader.required('port', PORT);
  reader.done();
  return port === undefined ? undefined : { kind: 'range', protocol, first: port, last: port, source: reader.source };
}

function readRange(reader: FieldReader, protocol: Protocol): AdminPolicyPort | undefined {
  const first = reader.required('start', PORT);
  const last = reader.required('end', PORT);
  reader.done();
  if (first === undefined || last === undefined) return undefined;
  if (first >= last) {
    reader.error('wrong-value', `Invalid value: ${last}: Start port must be less than End port (${first})`, ['end']);
    return undefined;
  }
  return { kind: 'range', protocol, first, last, source: reader.source };
}

const FIELDS: readonly (readonly [string, Protocol])[] = [
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['sctp', 'SCTP'],
];

/** `tcp: {destinationPort: {number: 80}}`, `udp: {destinationPort: {range: {start, end}}}`, `destinationNamedPort: http`. */
export function readClusterPort(reader: FieldReader): AdminPolicyPort | undefined {
  const read = FIELDS.flatMap(([field, protocol]) => {
    const opened = reader.object(field);
    return opened === undefined ? [] : [readDestination(opened, protocol)];
  });
  const name = reader.optional('destinationNamedPort', PORT_NAME);
  reader.done();
  if (!exactlyOne(reader, [...FIELDS.map(([field]) => field), 'destinationNamedPort'])) return undefined;
  return name === undefined ? read[0] : { kind: 'named', name, source: reader.source };
}

function readDestination(reader: FieldReader, protocol: Protocol): AdminPolicyPort | undefined {
  const { source } = reader;
  const port = reader.object('destinationPort');
  reader.done();
  if (port === undefined) {
    // MinProperties 1: an empty mapping is refused, so that it cannot be taken for "all ports" by mistake.
    exactlyOne(reader, ['destinationPort']);
    return { kind: 'protocol', protocol, source };
  }
  const number = port.optional('number', PORT);
  const range = port.object('range');
  const several = range === undefined ? undefined : readRange(range, protocol);
  port.done();
  if (!exactlyOne(port, ['number', 'range'])) return undefined;
  return number === undefined ? several : { kind: 'range', protocol, first: number, last: number, source };
}
