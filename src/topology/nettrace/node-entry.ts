/** One node of the Cluster document's list. */
import type { FieldReader } from '../../cluster/field-reader.ts';
import { BOOLEAN, type FieldType, IP, integer, ipOf, PREFIX, STRING } from '../../cluster/field-type.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import type { Source } from '../../cluster/source.ts';
import { defined } from '../../lib/defined.ts';
import { familyOf, type IpAddr } from '../../net/address.ts';
import type { DocumentContext } from './document-context.ts';
import { DEVICE_NAME, INTERFACE_ADDRESS, LISTEN, NAME } from './field-types.ts';
import { type DockerSpec, readDocker, readSysctls } from './host-document.ts';
import { cleanNetwork } from './read-networks.ts';
import { readLines, type TextBlock } from './text-block.ts';

/** A node as the document gives it: what is left out is derived later, from Node objects or by itself. */
export type NodeEntry = Partial<NodeSettings> & {
  readonly name: string;
  readonly source: Source;
  /** Docker runs there too. */
  readonly docker?: DockerSpec;
  /** Lines of `ip route` beside those that the components make. */
  readonly routes: readonly TextBlock[];
};

const AS_NUMBER = integer(1, 0xffffffff);

export function readNode(node: FieldReader, clusterSegment: string, context: DocumentContext): NodeEntry | undefined {
  const name = node.required('name', NAME);
  const [address, secondAddress] = oneOfEach(node, 'address', 'addresses', INTERFACE_ADDRESS, ({ addr }) => addr);
  const [podCIDR, secondRange] = oneOfEach(node, 'podCIDR', 'podCIDRs', PREFIX, ({ addr }) => addr, cleanNetwork);
  const [gateway, secondGateway] = readGateways(node);
  const [tunnelAddress, secondTunnelAddress] = oneOfEach(node, 'tunnelAddress', 'tunnelAddresses', IP, (ip) => ip);
  const blocks = node.list('blocks', PREFIX).map((block, index) => cleanNetwork(node, block, ['blocks', index]));
  const fields = defined({
    address,
    secondAddress,
    interface: node.optional('interface', DEVICE_NAME),
    gateway,
    secondGateway,
    controlPlane: node.optional('controlPlane', BOOLEAN),
    podCIDR,
    podCIDRs: podCIDR === undefined || secondRange === undefined ? undefined : [podCIDR, secondRange],
    blocks: blocks.length === 0 ? undefined : blocks,
    tunnelAddress,
    secondTunnelAddress,
    asNumber: node.optional('asNumber', AS_NUMBER),
    routeReflectorClusterId: node.optional('routeReflectorClusterId', STRING),
    mtu: node.optional('mtu', integer(68, 65535)),
    listen: node.has('listen')
      ? node.list('listen', LISTEN).flatMap((spec) => (spec.port === 'any' ? [] : [{ ...spec, port: spec.port }]))
      : undefined,
    docker: readDocker(node),
  });
  const entry = {
    segment: node.optional('segment', NAME) ?? clusterSegment,
    sysctls: readSysctls(node),
    routes: readLines(node, 'routes', context.texts),
    source: node.source,
    ...fields,
  };
  node.done();
  return name === undefined ? undefined : { name, ...entry };
}

/** One value, or a list of at most one for each family, under the name for one or the name for several. */
function oneOfEach<T>(
  node: FieldReader,
  one: string,
  several: string,
  type: FieldType<T>,
  addressOf: (value: T) => IpAddr,
  clean: (reader: FieldReader, value: T, path: readonly (string | number)[]) => T = (_reader, value) => value,
): readonly T[] {
  const both = node.has(one) && node.has(several);
  if (both) node.error('wrong-value', `${one} and ${several} must not both be given`, [several], { what: 'key' });
  const field = node.has(several) ? several : one;
  const single = field === one && !Array.isArray(node.raw(one)) ? node.optional(one, type) : undefined;
  if (single !== undefined) return [clean(node, single, [one])];
  if (field === one && !Array.isArray(node.raw(one))) return [];
  const values = node.list(field, type).map((value, index) => clean(node, value, [field, index]));
  const families = new Set(values.map((value) => familyOf(addressOf(value))));
  if (values.length > families.size) {
    node.error('wrong-value', 'may hold at most one of each family', [field], { what: 'key' });
  }
  return values;
}

/** `gateway` as above; `gateway6` says the IPv6 one beside an IPv4 `gateway`. */
function readGateways(node: FieldReader): readonly IpAddr[] {
  const given = oneOfEach(node, 'gateway', 'gateways', IP, (ip) => ip);
  const version6 = node.optional('gateway6', ipOf(6));
  if (version6 === undefined) return given;
  if (!given.some((ip) => familyOf(ip) === 6)) return [...given, version6];
  node.error('wrong-value', 'gateway names an IPv6 address already', ['gateway6']);
  return given;
}
