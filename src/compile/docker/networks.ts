/** Docker's bridge networks with everything filled in that was left out (daemon/libnetwork/drivers/bridge). */
import { hash } from 'node:crypto';
import { positionOf, type Source } from '../../cluster/source.ts';
import type { OriginId } from '../../kernel/origin.ts';
import { nearest } from '../../lib/nearest.ts';
import { type Issue, issue, type Position } from '../../lib/result.ts';
import { type IpAddr, ip4, isIp4, offsetIp, printIp } from '../../net/address.ts';
import { deriveMac, type Mac, macFromBytes } from '../../net/mac.ts';
import { contains, lastIp, network, overlaps, type Prefix, printPrefix } from '../../net/prefix.ts';
import type { OriginTable } from '../origin.ts';
import type { DockerContainer, DockerHost, DockerNetwork, PublishedPort } from './docker.ts';

/** An endpoint: a container's end in a network. */
export type Attachment = {
  readonly container: DockerContainer;
  readonly network: BridgeNetwork;
  readonly address: IpAddr;
  readonly mac: Mac;
  readonly interface: string;
  readonly hostInterface: string;
  readonly publish: readonly PublishedPort[];
  readonly origin: OriginId;
};

export type BridgeNetwork = {
  readonly name: string;
  readonly bridge: string;
  readonly mac: Mac;
  readonly subnet: Prefix;
  readonly gateway: IpAddr;
  readonly icc: boolean;
  readonly mtu: number;
  readonly origin: OriginId;
};

/** The default network first, then the others as they are given. */
export function bridgeNetworks(
  host: DockerHost,
  origins: OriginTable,
): { readonly networks: readonly BridgeNetwork[]; readonly issues: readonly Issue[] } {
  const given = host.networks.some(({ name }) => name === DEFAULT)
    ? host.networks
    : [{ name: DEFAULT }, ...host.networks];
  const ordered = [...given].sort((a, b) => Number(b.name === DEFAULT) - Number(a.name === DEFAULT));
  const taken: Prefix[] = ordered.flatMap(({ subnet }) => (subnet === undefined ? [] : [network(subnet)]));
  const issues: Issue[] = [];
  const networks = ordered.map((wanted): BridgeNetwork => {
    const subnet = wanted.subnet === undefined ? freeSubnet(taken) : network(wanted.subnet);
    if (wanted.subnet === undefined) taken.push(subnet);
    const gateway = wanted.gateway ?? offsetIp(subnet.addr, 1);
    if (!contains(subnet, gateway))
      issues.push(outside(`gateway of Docker network '${wanted.name}'`, gateway, subnet, wanted.source));
    const bridge = wanted.bridge ?? bridgeName(host, wanted);
    const source = wanted.source ?? host.source;
    return {
      name: wanted.name,
      bridge,
      mac: deriveMac(`${host.name} ${bridge}`),
      subnet,
      gateway,
      icc: wanted.icc ?? true,
      mtu: wanted.mtu ?? 1500,
      origin: origins.mint({
        role: 'docker',
        kind: wanted.name === DEFAULT ? 'Host' : 'Network',
        name: wanted.name === DEFAULT ? host.name : wanted.name,
        ...(source === undefined ? {} : { source }),
      }),
    };
  });
  for (const [i, a] of networks.entries()) {
    const clash = networks.slice(0, i).find((b) => overlaps(a.subnet, b.subnet));
    if (clash !== undefined)
      issues.push(
        issue(
          'overlapping-subnets',
          `Docker networks '${clash.name}' (${printPrefix(clash.subnet)}) and '${a.name}' (${printPrefix(a.subnet)}) of host '${host.name}' overlap`,
          at(ordered[i]?.source),
        ),
      );
  }
  return { networks, issues };
}

const DEFAULT = 'bridge';

/** `br-` and the first 12 digits of the network's id, which is random on a real machine. */
function bridgeName(host: DockerHost, { name }: DockerNetwork): string {
  return name === DEFAULT ? 'docker0' : `br-${hash('sha256', `${host.name} network ${name}`, 'hex').slice(0, 12)}`;
}

/** 172.17.0.0/16, 172.18.0.0/16 … 172.31.0.0/16 (ipamutils: local scope default networks). */
function freeSubnet(taken: readonly Prefix[]): Prefix {
  const pools = Array.from({ length: 15 }, (_, i): Prefix => ({ addr: ip4((172 << 24) | ((17 + i) << 16)), bits: 16 }));
  // The next ones are 192.168.0.0/20 and up.
  const more = Array.from(
    { length: 16 },
    (_, i): Prefix => ({ addr: ip4((192 << 24) | (168 << 16) | (i << 12)), bits: 20 }),
  );
  return (
    [...pools, ...more].find((pool) => !taken.some((other) => overlaps(pool, other))) ?? {
      addr: ip4((172 << 24) | (17 << 16)),
      bits: 16,
    }
  );
}

/** Endpoints of all containers on bridge networks: given addresses first, the others as they become free, from the second address on. */
export function attach(
  host: DockerHost,
  networks: readonly BridgeNetwork[],
  origins: OriginTable,
): { readonly attachments: readonly Attachment[]; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const byName = new Map(networks.map((known) => [known.name, known]));
  const used = new Map(
    networks.map(({ name, gateway }) => [name, new Map<IpAddr, string>([[gateway, 'the gateway']])]),
  );
  const attached = host.containers.filter(({ network: mode }) => !sharesOrLacks(mode));
  for (const { name, network: wanted, address, source } of attached) {
    const known = byName.get(wanted);
    if (known === undefined) {
      const names = ['host', 'none', 'container:NAME', ...byName.keys()];
      const [hint] = nearest(wanted, names);
      issues.push(
        issue(
          'unknown-network',
          `container '${name}': host '${host.name}' has no Docker network '${wanted}'; it has ${[...byName.keys()].join(', ')}`,
          { ...at(source), ...(hint === undefined ? {} : { hint: `did you mean '${hint}'?` }) },
        ),
      );
      continue;
    }
    if (address === undefined) continue;
    if (!contains(known.subnet, address))
      issues.push(outside(`address of container '${name}'`, address, known.subnet, source));
    const owner = used.get(wanted)?.get(address);
    if (owner !== undefined)
      issues.push(
        issue(
          'duplicate-address',
          `container '${name}': ${printIp(address)} is taken by ${owner} of Docker network '${wanted}'`,
          at(source),
        ),
      );
    used.get(wanted)?.set(address, `container '${name}'`);
  }
  const attachments = attached.flatMap((container): readonly Attachment[] => {
    const known = byName.get(container.network);
    const taken = used.get(container.network);
    if (known === undefined || taken === undefined) return [];
    const address = container.address ?? freeAddress(known, taken);
    if (address === undefined) {
      issues.push(
        issue(
          'subnet-full',
          `container '${container.name}': no address is free in ${printPrefix(known.subnet)} of Docker network '${known.name}'`,
          at(container.source),
        ),
      );
      return [];
    }
    taken.set(address, `container '${container.name}'`);
    return [
      {
        container,
        network: known,
        address,
        mac: container.mac ?? macOf(address, container),
        interface: container.interface ?? 'eth0',
        hostInterface:
          container.hostInterface ?? `veth${hash('sha256', `${host.name} ${container.name}`, 'hex').slice(0, 7)}`,
        publish: container.publish,
        origin: origins.mint({
          role: 'publish',
          kind: 'Container',
          name: container.name,
          field: 'spec.publish',
          ...(container.source === undefined ? {} : { source: container.source }),
        }),
      },
    ];
  });
  return { attachments, issues };
}

export function sharesOrLacks(network: string): boolean {
  return network === 'host' || network === 'none' || network.startsWith('container:');
}

function freeAddress({ subnet, gateway }: BridgeNetwork, taken: ReadonlyMap<IpAddr, string>): IpAddr | undefined {
  const last = lastIp(subnet);
  let candidate = offsetIp(subnet.addr, 1);
  while (candidate < last && (candidate === gateway || taken.has(candidate))) candidate = offsetIp(candidate, 1);
  return candidate < last ? candidate : undefined;
}

/** 02:42 and the four bytes of the address (netutils.GenerateMACFromIP, until Docker 28). */
function macOf(address: IpAddr, { name }: DockerContainer): Mac {
  if (!isIp4(address)) return deriveMac(`container ${name}`);
  return macFromBytes(
    Uint8Array.of(2, 0x42, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255),
  );
}

function outside(what: string, address: IpAddr, subnet: Prefix, source: Source | undefined): Issue {
  return issue('address-outside-subnet', `${what}: ${printIp(address)} is not in ${printPrefix(subnet)}`, at(source));
}

function at(source: Source | undefined): { readonly at?: Position } {
  return source === undefined ? {} : { at: positionOf(source) };
}
