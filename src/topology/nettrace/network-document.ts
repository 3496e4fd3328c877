/** The Network document: a Docker network that containers name. */
import type { FieldReader } from '../../cluster/field-reader.ts';
import { BOOLEAN, IP, oneOf, PREFIX } from '../../cluster/field-type.ts';
import type { Source } from '../../cluster/source.ts';
import type { IpAddr } from '../../net/address.ts';
import { network, type Prefix } from '../../net/prefix.ts';
import { DEVICE_NAME, NAME } from './field-types.ts';

export type NetworkDocument = { readonly name: string; readonly source: Source } & (
  | { readonly driver: 'calico' }
  | {
      readonly driver: 'bridge';
      /** undefined where there is one host only: it is on that. */
      readonly host?: string;
      readonly bridge?: string;
      readonly subnet?: Prefix;
      readonly gateway?: IpAddr;
      /** Whether containers of the network may talk to each other (com.docker.network.bridge.enable_icc). */
      readonly icc: boolean;
    }
  | {
      readonly driver: 'macvlan';
      readonly host?: string;
      readonly parent: string;
      readonly subnet: Prefix;
      readonly gateway?: IpAddr;
    }
);

export function readNetwork(reader: FieldReader, name: string): NetworkDocument | undefined {
  const spec = reader.requiredObject('spec');
  reader.done();
  const driver = spec?.required('driver', oneOf('bridge', 'calico', 'macvlan'));
  if (spec === undefined || driver === undefined) return undefined;
  const read = readDriver(spec, driver, name, reader.source);
  spec.done();
  return read;
}

function readDriver(
  spec: FieldReader,
  driver: NetworkDocument['driver'],
  name: string,
  source: Source,
): NetworkDocument | undefined {
  if (driver === 'calico') return { name, source, driver };
  const host = spec.optional('host', NAME);
  const gateway = spec.optional('gateway', IP);
  const where = { ...(host === undefined ? {} : { host }), ...(gateway === undefined ? {} : { gateway }) };
  if (driver === 'macvlan') {
    const parent = spec.required('parent', DEVICE_NAME);
    const subnet = spec.required('subnet', PREFIX);
    return parent === undefined || subnet === undefined
      ? undefined
      : { name, source, driver, parent, subnet: network(subnet), ...where };
  }
  const bridge = spec.optional('bridge', DEVICE_NAME);
  const subnet = spec.optional('subnet', PREFIX);
  return {
    name,
    source,
    driver,
    icc: spec.optional('icc', BOOLEAN) ?? true,
    ...where,
    ...(bridge === undefined ? {} : { bridge }),
    ...(subnet === undefined ? {} : { subnet: network(subnet) }),
  };
}
