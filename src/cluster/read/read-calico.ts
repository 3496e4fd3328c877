/** Calico's objects that shape the network (projectcalico.org/v3 and crd.projectcalico.org/v1), with Calico's defaults. */
import { familyOf } from '../../net/address.ts';
import { network } from '../../net/prefix.ts';
import type { FieldReader } from '../field-reader.ts';
import {
  BOOLEAN,
  type FieldType,
  hostBitsMessage,
  IP,
  integer,
  oneOf,
  PREFIX,
  STRING,
  withoutHostBits,
} from '../field-type.ts';
import { DNS_SUBDOMAIN } from '../names.ts';
import type { BgpConfiguration, BgpPeer, FailsafePort, FelixConfiguration, IpPool } from '../objects.ts';
import { readMetadata } from './metadata.ts';

const MODE = oneOf('Never', 'Always', 'CrossSubnet');

/** `64512`, `"64512"`, or the dotted form `1.10` of RFC 5396. */
const AS_NUMBER: FieldType<number> = {
  expected: 'an AS number 0-4294967295',
  parse: (value) => {
    const dotted = typeof value === 'string' ? /^(\d{1,5})\.(\d{1,5})$/.exec(value) : null;
    if (dotted !== null) {
      const [high, low] = [Number(dotted[1]), Number(dotted[2])];
      return high <= 65535 && low <= 65535 ? high * 65536 + low : undefined;
    }
    const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
    return integer(0, 4294967295).parse(number);
  },
};

export function readIpPool(reader: FieldReader): IpPool | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const spec = reader.requiredObject('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  const given = spec?.required('cidr', PREFIX);
  if (metadata === undefined || spec === undefined || given === undefined) return undefined;
  const { network: cidr, changed } = withoutHostBits(given);
  if (changed) spec.warn('host-bits', hostBitsMessage(given), ['cidr']);
  const [fewest, most, usual] = familyOf(cidr.addr) === 4 ? [20, 32, 26] : [116, 128, 122];
  const blockSize = spec.optional('blockSize', integer(fewest, most)) ?? usual;
  if (blockSize < cidr.bits)
    spec.error('wrong-value', `a block (/${blockSize}) does not fit into the pool`, ['blockSize']);
  const pool: IpPool = {
    kind: 'IPPool',
    ...metadata,
    cidr,
    blockSize,
    ipipMode: spec.optional('ipipMode', MODE) ?? 'Never',
    vxlanMode: spec.optional('vxlanMode', MODE) ?? 'Never',
    natOutgoing: spec.optional('natOutgoing', BOOLEAN) ?? false,
    disabled: spec.optional('disabled', BOOLEAN) ?? false,
    nodeSelector: spec.optional('nodeSelector', STRING) ?? 'all()',
  };
  if (pool.ipipMode !== 'Never' && pool.vxlanMode !== 'Never') {
    spec.error('wrong-value', 'ipipMode and vxlanMode must not both be on', ['vxlanMode']);
  }
  spec.ignore('disableBGPExport', 'allowedUses', 'assignmentMode', 'namespaceSelector', 'ipip', 'nat-outgoing');
  spec.done();
  return pool;
}

export function readBgpPeer(reader: FieldReader): BgpPeer | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const spec = reader.requiredObject('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  if (metadata === undefined || spec === undefined) return undefined;
  const node = spec.optional('node', DNS_SUBDOMAIN);
  const nodeSelector = spec.optional('nodeSelector', STRING);
  const peerIp = spec.optional('peerIP', PEER_IP);
  const asNumber = spec.optional('asNumber', AS_NUMBER);
  const peerSelector = spec.optional('peerSelector', STRING);
  spec.ignore(
    'keepOriginalNextHop',
    'password',
    'sourceAddress',
    'maxRestartTime',
    'numAllowedLocalASNumbers',
    'ttlSecurity',
  );
  spec.ignore('reachableBy', 'filters', 'localWorkloadSelector', 'localASNumber', 'nextHopMode', 'reversePeering');
  spec.done();
  return {
    kind: 'BGPPeer',
    ...metadata,
    ...(node === undefined ? {} : { node }),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(peerIp === undefined ? {} : { peerIp }),
    ...(asNumber === undefined ? {} : { asNumber }),
    ...(peerSelector === undefined ? {} : { peerSelector }),
  };
}

/** An address, with a port behind it if need be: `192.168.26.2:179`, `[2001:db8::1]:179`. */
const PEER_IP: FieldType<NonNullable<BgpPeer['peerIp']>> = {
  expected: IP.expected,
  parse: (value) => {
    if (typeof value !== 'string') return undefined;
    const [, bracketed, quad] = /^(?:\[([0-9a-fA-F:.]+)\]|([\d.]+)):\d{1,5}$/.exec(value) ?? [];
    return IP.parse(bracketed ?? quad ?? value);
  },
};

/** Only what decides about packets is read: these two kinds have more fields than one could list here for every version. */
export function readBgpConfiguration(reader: FieldReader): BgpConfiguration | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const spec = reader.object('spec');
  if (metadata === undefined) return undefined;
  return {
    kind: 'BGPConfiguration',
    ...metadata,
    asNumber: spec?.optional('asNumber', AS_NUMBER) ?? 64512,
    nodeToNodeMeshEnabled: spec?.optional('nodeToNodeMeshEnabled', BOOLEAN) ?? true,
  };
}

export function readFelixConfiguration(reader: FieldReader): FelixConfiguration | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const spec = reader.object('spec');
  if (metadata === undefined) return undefined;
  return {
    kind: 'FelixConfiguration',
    ...metadata,
    defaultEndpointToHostAction:
      spec?.optional('defaultEndpointToHostAction', oneOf('Drop', 'Accept', 'Return')) ?? 'Drop',
    chainInsertMode: spec?.optional('chainInsertMode', oneOf('Insert', 'Append')) ?? 'Insert',
    denyAction: spec?.optional('iptablesFilterDenyAction', oneOf('Drop', 'Reject')) ?? 'Drop',
    ...(spec?.has('failsafeInboundHostPorts')
      ? { failsafeInbound: readFailsafes(spec, 'failsafeInboundHostPorts') }
      : {}),
    ...(spec?.has('failsafeOutboundHostPorts')
      ? { failsafeOutbound: readFailsafes(spec, 'failsafeOutboundHostPorts') }
      : {}),
  };
}

const FAILSAFE_PROTOCOL = oneOf('tcp', 'udp', 'sctp', 'TCP', 'UDP', 'SCTP');

/** `{protocol: TCP, port: 22, net: 10.0.0.0/8}`; an empty list closes them all. */
function readFailsafes(spec: FieldReader, name: string): readonly FailsafePort[] {
  return spec.objects(name).flatMap((reader) => {
    const word = reader.optional('protocol', FAILSAFE_PROTOCOL) ?? 'tcp';
    const port = reader.required('port', integer(0, 65535));
    const net = reader.optional('net', PREFIX);
    reader.done();
    const protocol = (['tcp', 'udp', 'sctp'] as const).find((each) => each === word.toLowerCase()) ?? 'tcp';
    return port === undefined ? [] : [{ protocol, port, ...(net === undefined ? {} : { net: network(net) }) }];
  });
}
