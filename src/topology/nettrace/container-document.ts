/** The Container document: a Docker container, or a plain network namespace. */
import type { FieldReader } from '../../cluster/field-reader.ts';
import { type FieldType, IP } from '../../cluster/field-type.ts';
import type { ListenSpec } from '../../cluster/objects.ts';
import type { Source } from '../../cluster/source.ts';
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { DocumentContext } from './document-context.ts';
import { DEVICE_NAME, LISTEN, MAC, NAME, PUBLISH, type PublishSpec } from './field-types.ts';
import { readSysctls } from './host-document.ts';
import { readBlock, readLines, type TextBlock } from './text-block.ts';

/** `docker run --network`. */
type NetworkMode =
  | { readonly kind: 'bridge' | 'host' | 'none' }
  | { readonly kind: 'container'; readonly name: string }
  | { readonly kind: 'network'; readonly name: string };

export type ContainerDocument = {
  readonly name: string;
  /** undefined only for `container:NAME`, which runs where NAME runs. */
  readonly host: string | undefined;
  readonly network: NetworkMode;
  readonly publish: readonly PublishSpec[];
  /** undefined: nothing is said, so it listens on whatever port it is asked for. */
  readonly listen: readonly ListenSpec[] | undefined;
  readonly address?: IpAddr;
  readonly mac?: Mac;
  readonly interface?: string;
  readonly hostInterface?: string;
  readonly routes: readonly TextBlock[];
  readonly iptables?: TextBlock;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly source: Source;
};

const NETWORK_MODE: FieldType<NetworkMode> = {
  expected: 'bridge, host, none, container:NAME or the name of a Network',
  parse: (value) => {
    if (value === 'bridge' || value === 'host' || value === 'none') return { kind: value };
    if (typeof value !== 'string') return undefined;
    const container = value.startsWith('container:');
    const name = NAME.parse(container ? value.slice('container:'.length) : value);
    return name === undefined ? undefined : { kind: container ? 'container' : 'network', name };
  },
};

export function readContainer(
  reader: FieldReader,
  name: string,
  context: DocumentContext,
): ContainerDocument | undefined {
  const spec = reader.requiredObject('spec');
  reader.done();
  if (spec === undefined) return undefined;
  const network = spec.optional('network', NETWORK_MODE) ?? { kind: 'bridge' };
  const host = network.kind === 'container' ? spec.optional('host', NAME) : spec.required('host', NAME);
  const address = spec.optional('address', IP);
  const mac = spec.optional('mac', MAC);
  const device = spec.optional('interface', DEVICE_NAME);
  const hostInterface = spec.optional('hostInterface', DEVICE_NAME);
  const iptables = readBlock(spec, 'iptables', context.texts);
  const container: ContainerDocument = {
    name,
    host,
    network,
    publish: spec.list('publish', PUBLISH),
    listen: spec.has('listen') ? spec.list('listen', LISTEN) : undefined,
    routes: readLines(spec, 'routes', context.texts),
    sysctls: readSysctls(spec),
    source: reader.source,
    ...(address === undefined ? {} : { address }),
    ...(mac === undefined ? {} : { mac }),
    ...(device === undefined ? {} : { interface: device }),
    ...(hostInterface === undefined ? {} : { hostInterface }),
    ...(iptables === undefined ? {} : { iptables }),
  };
  spec.done();
  return container;
}
