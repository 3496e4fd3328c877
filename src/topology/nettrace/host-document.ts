/** The Host document: any Linux machine, written by hand. */

import type { FieldReader } from '../../cluster/field-reader.ts';
import { BOOLEAN, IP, integer, oneOf } from '../../cluster/field-type.ts';
import type { ListenSpec } from '../../cluster/objects.ts';
import type { Source } from '../../cluster/source.ts';
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { DocumentContext } from './document-context.ts';
import { DEVICE_NAME, INTERFACE_ADDRESS, LISTEN, MAC, NAME } from './field-types.ts';
import { readBlock, readLines, type TextBlock } from './text-block.ts';

const KINDS = ['ethernet', 'bridge', 'veth', 'vlan', 'vxlan', 'macvlan', 'ipip', 'dummy'] as const;

/** Far end of a veth pair; without `host` it is on the same machine. */
type PeerSpec = { readonly host?: string; readonly interface: string };

export type InterfaceSpec = {
  readonly name: string;
  readonly addresses: readonly Prefix[];
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly up: boolean;
  /** Flags of the device as a port of a bridge. */
  readonly hairpin: boolean;
  readonly isolated: boolean;
  readonly source: Source;
} & (
  | { readonly kind: 'ethernet'; readonly segment: string }
  | { readonly kind: 'bridge'; readonly ports: readonly string[] }
  | { readonly kind: 'veth'; readonly peer: PeerSpec | undefined }
  | { readonly kind: 'vlan'; readonly parent: string; readonly vlan: number }
  | { readonly kind: 'macvlan'; readonly parent: string }
  | {
      readonly kind: 'vxlan';
      readonly vni: number;
      readonly port: number;
      readonly learning: boolean;
      readonly local?: IpAddr;
      readonly parent?: string;
    }
  | { readonly kind: 'ipip'; readonly local?: IpAddr; readonly remote?: IpAddr; readonly ttl?: number }
  | { readonly kind: 'dummy' | 'loopback' }
);

export type DockerSpec = { readonly bridge: string; readonly address: Prefix };

export type HostDocument = {
  readonly name: string;
  readonly interfaces: readonly InterfaceSpec[];
  /** Lines of `ip route`, `ip rule`, `ip neigh` and `bridge fdb`. */
  readonly routes: readonly TextBlock[];
  readonly rules: readonly TextBlock[];
  readonly neighbours: readonly TextBlock[];
  readonly fdb: readonly TextBlock[];
  /** iptables-save and ip6tables-save, ipset save, ipvsadm -Sn. */
  readonly iptables?: TextBlock;
  readonly ip6tables?: TextBlock;
  readonly ipsets?: TextBlock;
  readonly ipvs?: TextBlock;
  /** `nft list ruleset`, or a file for `nft -f`. */
  readonly nftables?: TextBlock;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly listen: readonly ListenSpec[];
  readonly docker?: DockerSpec;
  readonly source: Source;
};

/** The document's content; undefined when not even its name can be read. */
export function readHost(reader: FieldReader, name: string, context: DocumentContext): HostDocument | undefined {
  const spec = reader.requiredObject('spec');
  reader.done();
  if (spec === undefined) return undefined;
  const { texts } = context;
  const interfaces = spec.objects('interfaces').flatMap((item) => readInterface(item) ?? []);
  const iptables = readBlock(spec, 'iptables', texts);
  const ip6tables = readBlock(spec, 'ip6tables', texts);
  const ipsets = readBlock(spec, 'ipsets', texts);
  const ipvs = readBlock(spec, 'ipvs', texts);
  const nftables = readBlock(spec, 'nftables', texts);
  const docker = readDocker(spec);
  const host: HostDocument = {
    name,
    interfaces,
    routes: readLines(spec, 'routes', texts),
    rules: readLines(spec, 'rules', texts),
    neighbours: readLines(spec, 'neighbours', texts),
    fdb: readLines(spec, 'fdb', texts),
    sysctls: readSysctls(spec),
    listen: spec.list('listen', LISTEN),
    source: reader.source,
    ...(iptables === undefined ? {} : { iptables }),
    ...(ip6tables === undefined ? {} : { ip6tables }),
    ...(ipsets === undefined ? {} : { ipsets }),
    ...(ipvs === undefined ? {} : { ipvs }),
    ...(nftables === undefined ? {} : { nftables }),
    ...(docker === undefined ? {} : { docker }),
  };
  spec.done();
  return host;
}

/** Sysctls by their dotted names; YAML's bare numbers and booleans are taken as they are meant. */
export function readSysctls(reader: FieldReader, field = 'sysctls'): Readonly<Record<string, string>> {
  return reader.map(field, SYSCTL_VALUE);
}

const SYSCTL_VALUE = {
  expected: 'the value of a sysctl, such as "0"',
  parse: (value: unknown): string | undefined => {
    if (typeof value === 'boolean') return value ? '1' : '0';
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && /^[\x20-\x7e\t]{0,200}$/.test(value) ? value.trim() : undefined;
  },
};

export function readDocker(reader: FieldReader): DockerSpec | undefined {
  const docker = reader.object('docker');
  if (docker === undefined) return undefined;
  const bridge = docker.optional('bridge', DEVICE_NAME) ?? 'docker0';
  const address = docker.optional('address', INTERFACE_ADDRESS) ?? INTERFACE_ADDRESS.parse('172.17.0.1/16');
  docker.done();
  return address === undefined ? undefined : { bridge, address };
}

function readInterface(reader: FieldReader): InterfaceSpec | undefined {
  const name = reader.required('name', DEVICE_NAME);
  // `lo` is there anyway: it is named to give it more addresses.
  const kind = name === 'lo' ? 'loopback' : (reader.optional('kind', oneOf(...KINDS)) ?? 'ethernet');
  const mac = reader.optional('mac', MAC);
  const mtu = reader.optional('mtu', integer(68, 65535));
  const base = {
    addresses: reader.list('addresses', INTERFACE_ADDRESS),
    up: reader.optional('up', BOOLEAN) ?? true,
    hairpin: reader.optional('hairpin', BOOLEAN) ?? false,
    isolated: reader.optional('isolated', BOOLEAN) ?? false,
    source: reader.source,
    ...(mac === undefined ? {} : { mac }),
    ...(mtu === undefined ? {} : { mtu }),
  };
  const rest = readKind(reader, kind);
  reader.done();
  return name === undefined || rest === undefined ? undefined : { name, ...base, ...rest };
}

type OfKind<T> = T extends unknown
  ? Omit<T, 'name' | 'addresses' | 'mac' | 'mtu' | 'up' | 'hairpin' | 'isolated' | 'source'>
  : never;

function readKind(reader: FieldReader, kind: InterfaceSpec['kind']): OfKind<InterfaceSpec> | undefined {
  const local = kind === 'vxlan' || kind === 'ipip' ? reader.optional('local', IP) : undefined;
  const ofLocal = local === undefined ? {} : { local };
  switch (kind) {
    case 'ethernet': {
      const segment = reader.required('segment', NAME);
      return segment === undefined ? undefined : { kind, segment };
    }
    case 'bridge':
      return { kind, ports: reader.list('ports', DEVICE_NAME) };
    case 'veth':
      return { kind, peer: readPeer(reader) };
    case 'vlan': {
      const parent = reader.required('parent', DEVICE_NAME);
      const vlan = reader.required('vlan', integer(1, 4094));
      return parent === undefined || vlan === undefined ? undefined : { kind, parent, vlan };
    }
    case 'macvlan': {
      const parent = reader.required('parent', DEVICE_NAME);
      return parent === undefined ? undefined : { kind, parent };
    }
    case 'vxlan': {
      const vni = reader.required('vni', integer(0, 0xffffff));
      const port = reader.optional('port', integer(1, 65535)) ?? 4789;
      const learning = reader.optional('learning', BOOLEAN) ?? true;
      const parent = reader.optional('parent', DEVICE_NAME);
      if (vni === undefined) return undefined;
      return { kind, vni, port, learning, ...ofLocal, ...(parent === undefined ? {} : { parent }) };
    }
    case 'ipip': {
      const remote = reader.optional('remote', IP);
      const ttl = reader.optional('ttl', integer(0, 255));
      return { kind, ...ofLocal, ...(remote === undefined ? {} : { remote }), ...(ttl === undefined ? {} : { ttl }) };
    }
    case 'dummy':
    case 'loopback':
      return { kind };
  }
}

function readPeer(reader: FieldReader): PeerSpec | undefined {
  return reader.optional('peer', {
    expected: 'the far end as HOST/INTERFACE, or as INTERFACE on the same machine',
    parse: (value): PeerSpec | undefined => {
      if (typeof value !== 'string') return undefined;
      const slash = value.indexOf('/');
      const device = DEVICE_NAME.parse(value.slice(slash + 1));
      if (device === undefined) return undefined;
      if (slash < 0) return { interface: device };
      const host = NAME.parse(value.slice(0, slash));
      return host === undefined ? undefined : { host, interface: device };
    },
  });
}
