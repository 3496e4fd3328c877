/** MetalLB's objects (metallb.io/v1beta1: pools and advertisements; v1beta2: BGPPeer), with MetalLB's defaults. */
import type { FieldReader } from '../field-reader.ts';
import { BOOLEAN, IP, integer, oneOf, STRING } from '../field-type.ts';
import type {
  AddressPool,
  BgpAdvertisement,
  L2Advertisement,
  MetalLbObjects,
  MetalLbPeer,
} from '../metallb/metallb.ts';
import { DNS_SUBDOMAIN } from '../names.ts';
import { ADDRESS_RANGE } from './address-range.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import { readSelectors } from './read-selector.ts';

type MetalLbKind = {
  readonly kind: string;
  readonly versions: readonly string[];
  read(reader: FieldReader, into: { readonly metalLb: MetalLbObjects }): void;
};

const V1BETA1 = ['metallb.io/v1beta1'];

export const METALLB_KINDS: readonly MetalLbKind[] = [
  { kind: 'IPAddressPool', versions: V1BETA1, read: (r, { metalLb }) => void metalLb.pools.push(...readPool(r)) },
  {
    kind: 'L2Advertisement',
    versions: V1BETA1,
    read: (r, { metalLb }) => void metalLb.l2Advertisements.push(...readL2(r)),
  },
  {
    kind: 'BGPAdvertisement',
    versions: V1BETA1,
    read: (r, { metalLb }) => void metalLb.bgpAdvertisements.push(...readBgp(r)),
  },
  {
    kind: 'BGPPeer',
    versions: ['metallb.io/v1beta2'],
    read: (r, { metalLb }) => void metalLb.peers.push(...readPeer(r)),
  },
];

type Base = Pick<Metadata, 'name' | 'labels' | 'source'>;

/** What every one of them has; undefined where it is not whole. */
function open(reader: FieldReader, specRequired: boolean): { base: Base; spec: FieldReader | undefined } | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const spec = specRequired ? reader.requiredObject('spec') : reader.object('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  if (metadata === undefined || (specRequired && spec === undefined)) return undefined;
  const { name, labels, source } = metadata;
  return { base: { name, labels, source }, spec };
}

function readPool(reader: FieldReader): readonly AddressPool[] {
  const opened = open(reader, true);
  if (opened?.spec === undefined) return [];
  const { base, spec } = opened;
  const allocation = spec.object('serviceAllocation');
  const pool: AddressPool = {
    ...base,
    ranges: spec.list('addresses', ADDRESS_RANGE),
    autoAssign: spec.optional('autoAssign', BOOLEAN) ?? true,
    avoidBuggyIps: spec.optional('avoidBuggyIPs', BOOLEAN) ?? false,
    ...(allocation === undefined
      ? {}
      : {
          allocation: {
            priority: allocation.optional('priority', integer(0, 2 ** 31 - 1)) ?? 0,
            namespaces: allocation.list('namespaces', STRING),
            namespaceSelectors: readSelectors(allocation, 'namespaceSelectors'),
            serviceSelectors: readSelectors(allocation, 'serviceSelectors'),
          },
        }),
  };
  if (!spec.has('addresses')) {
    spec.error('missing-field', `required field addresses is missing: expected ${ADDRESS_RANGE.expected}`);
  }
  allocation?.done();
  spec.done();
  return [pool];
}

function readL2(reader: FieldReader): readonly L2Advertisement[] {
  const opened = open(reader, false);
  if (opened === undefined) return [];
  const { base, spec } = opened;
  const advertisement = { ...base, ...readScope(spec), interfaces: spec?.list('interfaces', STRING) ?? [] };
  spec?.done();
  return [advertisement];
}

function readBgp(reader: FieldReader): readonly BgpAdvertisement[] {
  const opened = open(reader, false);
  if (opened === undefined) return [];
  const { base, spec } = opened;
  const advertisement: BgpAdvertisement = {
    ...base,
    ...readScope(spec),
    aggregationLength: spec?.optional('aggregationLength', integer(1, 32)) ?? 32,
    aggregationLengthV6: spec?.optional('aggregationLengthV6', integer(1, 128)) ?? 128,
    peers: spec?.list('peers', STRING) ?? [],
  };
  spec?.ignore('localPref', 'communities');
  spec?.done();
  return [advertisement];
}

function readScope(spec: FieldReader | undefined): Pick<L2Advertisement, 'pools' | 'poolSelectors' | 'nodeSelectors'> {
  if (spec === undefined) return { pools: [], poolSelectors: [], nodeSelectors: [] };
  return {
    pools: spec.list('ipAddressPools', STRING),
    poolSelectors: readSelectors(spec, 'ipAddressPoolSelectors'),
    nodeSelectors: readSelectors(spec, 'nodeSelectors'),
  };
}

const AS_NUMBER = integer(0, 4294967295);

function readPeer(reader: FieldReader): readonly MetalLbPeer[] {
  const opened = open(reader, true);
  if (opened?.spec === undefined) return [];
  const { base, spec } = opened;
  const myAsn = spec.required('myASN', AS_NUMBER);
  const peerAsn = spec.optional('peerASN', AS_NUMBER);
  const dynamic = spec.optional('dynamicASN', DYNAMIC);
  const address = spec.optional('peerAddress', IP);
  const nodeSelectors = readSelectors(spec, 'nodeSelectors');
  const ebgpMultiHop = spec.optional('ebgpMultiHop', BOOLEAN) ?? false;
  if (peerAsn === undefined && dynamic === undefined) {
    spec.error('missing-field', 'required field peerASN is missing: expected an AS number, or dynamicASN');
  }
  if (address === undefined && !spec.has('peerAddress')) {
    spec.error('missing-field', `required field peerAddress is missing: expected ${IP.expected}`);
  }
  spec.ignore(...OTHER_FIELDS);
  spec.done();
  if (myAsn === undefined || address === undefined) return [];
  return [{ ...base, myAsn, peerAsn: dynamicAsn(peerAsn, dynamic, myAsn), address, nodeSelectors, ebgpMultiHop }];
}

const DYNAMIC = oneOf('internal', 'external');

/** `internal` is the own AS; of `external` no more is known than that it is another. */
function dynamicAsn(
  given: number | undefined,
  dynamic: 'internal' | 'external' | undefined,
  own: number,
): number | undefined {
  return given ?? (dynamic === 'internal' ? own : undefined);
}

/** Fields of a BGPPeer that decide nothing here. */
const OTHER_FIELDS = [
  ...['interface', 'sourceAddress', 'peerPort', 'holdTime', 'keepaliveTime', 'connectTime', 'routerID', 'password'],
  ...['passwordSecret', 'bfdProfile', 'enableGracefulRestart', 'vrf', 'disableMP', 'dualStackAddressFamily'],
];
