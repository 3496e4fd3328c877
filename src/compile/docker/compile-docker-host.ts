/** A machine that runs Docker: its bridges, its containers' namespaces, its rules. */
import { positionOf } from '../../cluster/source.ts';
import type { NetnsId } from '../../kernel/netns-id.ts';
import type { DeviceSpec, NetnsSpec } from '../../kernel/netns-spec.ts';
import { TABLE_MAIN } from '../../kernel/route/route.ts';
import type { Listener } from '../../kernel/socket.ts';
import { nearest } from '../../lib/nearest.ts';
import { fail, type Issue, issue, ok, type Result } from '../../lib/result.ts';
import { ip4, printIp } from '../../net/address.ts';
import { deriveMac } from '../../net/mac.ts';
import type { OriginTable } from '../origin.ts';
import type { Note } from '../parts.ts';
import type { CompiledDockerHost, DockerContainer, DockerHost } from './docker.ts';
import { type Attachment, attach, type BridgeNetwork, bridgeNetworks, sharesOrLacks } from './networks.ts';
import { dockerRules } from './rules.ts';

/**
 * docker-proxy, the process that takes what no rule translates (from 127.0.0.1 and from containers to their own host),
 * is modelled as a socket on the published port. That it opens a second connection, from the bridge's address to the
 * container, is not: a packet that ends at docker-proxy counts as delivered there.
 */
export function compileDockerHost(host: DockerHost, origins: OriginTable): Result<CompiledDockerHost> {
  const { networks, issues: networkIssues } = bridgeNetworks(host, origins);
  const { attachments, issues: attachIssues } = attach(host, networks, origins);
  const { netnsOf, issues: modeIssues } = namespaces(host);
  const issues = [...networkIssues, ...attachIssues, ...modeIssues, ...portIssues(host)];
  if (issues.length > 0) return fail(...issues);

  const userlandProxy = host.userlandProxy ?? true;
  const dropsForwarded = host.dropsForwarded ?? true;
  const hostOrigin = origins.mint({
    role: 'docker',
    kind: 'Host',
    name: host.name,
    field: 'spec.docker',
    ...(host.source === undefined ? {} : { source: host.source }),
  });
  const listenersIn = (netns: NetnsId): readonly Listener[] =>
    host.containers
      .filter(({ name }) => netnsOf.get(name) === netns)
      .flatMap(({ name, listeners }) =>
        listeners.map((listener) => ({ ...listener, process: listener.process ?? name })),
      );
  const own = host.containers.filter(({ name, netns }) => netnsOf.get(name) === netns);
  const attached = new Map(attachments.map((attachment) => [attachment.container, attachment]));
  return ok({
    host: {
      devices: [
        ...networks.map(bridgeDevice),
        ...attachments.map((attachment) => hostEnd(host, attachment, !userlandProxy)),
      ],
      sysctls: {
        'net.ipv4.ip_forward': '1',
        ...(userlandProxy
          ? {}
          : Object.fromEntries(
              networks.map(({ bridge }) => [`net.ipv4.conf.${bridge.replaceAll('.', '/')}.route_localnet`, '1']),
            )),
      },
      iptables: dockerRules(networks, attachments, { userlandProxy, dropsForwarded, host: hostOrigin }),
      listeners: [...(userlandProxy ? attachments.flatMap(proxyListeners) : []), ...listenersIn(host.netns)],
    },
    containers: own.map((container) =>
      containerNetns(host, container, attached.get(container), listenersIn(container.netns)),
    ),
    netnsOf,
    addressOf: new Map(attachments.map(({ container, address }) => [container.name, address])),
    notes: discardedPorts(host),
  });
}

function bridgeDevice({ bridge, mac, mtu, gateway, subnet, origin }: BridgeNetwork): DeviceSpec {
  return {
    kind: 'bridge',
    name: bridge,
    mac,
    mtu,
    addresses: [{ ip: gateway, bits: subnet.bits, scope: 'global' }],
    origin,
  };
}

function hostEnd(
  host: DockerHost,
  { container, network, hostInterface, interface: device }: Attachment,
  hairpin: boolean,
): DeviceSpec {
  return {
    kind: 'veth',
    name: hostInterface,
    peer: { netns: container.netns, device },
    mac: deriveMac(`${host.name} ${hostInterface}`),
    mtu: network.mtu,
    port: { bridge: network.bridge, hairpin, isolated: false, state: 'forwarding' },
    origin: network.origin,
  };
}

function proxyListeners({ publish }: Attachment): readonly Listener[] {
  return publish.map(({ protocol, hostPort, hostIp }) => ({
    protocol,
    port: hostPort,
    ...(hostIp === undefined ? {} : { address: hostIp }),
    process: 'docker-proxy',
  }));
}

function containerNetns(
  host: DockerHost,
  { netns }: DockerContainer,
  attachment: Attachment | undefined,
  listeners: readonly Listener[],
): NetnsSpec {
  if (attachment === undefined) return { id: netns, devices: [], listeners };
  const { network, address, mac, interface: device, hostInterface } = attachment;
  return {
    id: netns,
    devices: [
      {
        kind: 'veth',
        name: device,
        peer: { netns: host.netns, device: hostInterface },
        mac,
        mtu: network.mtu,
        addresses: [{ ip: address, bits: network.subnet.bits, scope: 'global' }],
      },
    ],
    routes: [
      {
        type: 'unicast',
        destination: { addr: ip4(0), bits: 0 },
        table: TABLE_MAIN,
        metric: 0,
        scope: 'global',
        protocol: 'boot',
        nexthops: [{ device, via: network.gateway, weight: 1 }],
      },
    ],
    listeners,
  };
}

/** Where each container's processes are: `container:NAME` is followed to a container that has a namespace, or to the host. */
function namespaces(host: DockerHost): {
  readonly netnsOf: ReadonlyMap<string, NetnsId>;
  readonly issues: readonly Issue[];
} {
  const byName = new Map(host.containers.map((container) => [container.name, container]));
  const netnsOf = new Map<string, NetnsId>();
  const issues: Issue[] = [];
  for (const container of host.containers) {
    let current: DockerContainer | undefined = container;
    const passed = new Set<string>();
    while (current?.network.startsWith('container:') && !passed.has(current.name)) {
      passed.add(current.name);
      const wanted: string = current.network.slice('container:'.length);
      const next = byName.get(wanted);
      if (next === undefined && current === container) {
        const [hint] = nearest(wanted, byName.keys());
        issues.push(
          issue(
            'unknown-container',
            `container '${container.name}': host '${host.name}' has no container '${wanted}' to share a network with`,
            { ...at(container), ...(hint === undefined ? {} : { hint: `did you mean '${hint}'?` }) },
          ),
        );
      }
      current = next;
    }
    if (current !== undefined && passed.has(current.name))
      issues.push(
        issue(
          'container-network-loop',
          `container '${container.name}': its network leads back to container '${current.name}'`,
          at(container),
        ),
      );
    else if (current !== undefined)
      netnsOf.set(container.name, current.network === 'host' ? host.netns : current.netns);
  }
  return { netnsOf, issues };
}

/** Two containers cannot publish one port of the host, nor can one that shares another's network publish any. */
function portIssues(host: DockerHost): readonly Issue[] {
  const issues: Issue[] = [];
  const owners = new Map<string, string>();
  for (const container of host.containers) {
    const { name, network, publish } = container;
    if (publish.length > 0 && network.startsWith('container:')) {
      issues.push(
        issue(
          'publish-in-shared-network',
          `container '${name}': it cannot publish ports, as its network is ${network}`,
          at(container),
        ),
      );
    }
    if (sharesOrLacks(network)) continue;
    for (const { protocol, hostPort, hostIp } of publish) {
      const key = `${protocol} ${hostPort} `;
      const ip = hostIp === undefined ? '' : printIp(hostIp);
      const owner =
        ip === ''
          ? [...owners].find(([taken]) => taken.startsWith(key))?.[1]
          : (owners.get(key + ip) ?? owners.get(key));
      if (owner === undefined) owners.set(key + ip, name);
      else {
        const message = `container '${name}': port ${hostPort}/${protocol} of host '${host.name}' is already published by container '${owner}'`;
        issues.push(issue('port-already-allocated', message, at(container)));
      }
    }
  }
  return issues;
}

/** dockerd throws away published ports of containers on the host's network, or on none. */
function discardedPorts(host: DockerHost): readonly Note[] {
  return host.containers
    .filter(({ publish, network }) => publish.length > 0 && (network === 'host' || network === 'none'))
    .map(({ name, network }) => ({
      code: 'PUBLISHED_PORTS_DISCARDED',
      message: `container '${name}' publishes ports, but its network is ${network}: Docker discards them`,
    }));
}

function at({ source }: DockerContainer) {
  return source === undefined ? {} : { at: positionOf(source) };
}
