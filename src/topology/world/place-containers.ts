/** Which machine, network and namespace each Container document is in, and what it shares with others. */

import { type NetnsId, netnsId } from '../../kernel/netns-id.ts';
import type { Listener } from '../../kernel/socket.ts';
import { nearest } from '../../lib/nearest.ts';
import { plain } from '../../lib/quote.ts';
import { type Issue, issue } from '../../lib/result.ts';
import type { ContainerDocument } from '../nettrace/container-document.ts';
import type { NetworkDocument } from '../nettrace/network-document.ts';

/** How a container is connected; `docker` are bridge networks, the default one included. */
type Connection =
  | { readonly kind: 'host' | 'none' }
  | { readonly kind: 'docker'; readonly network: string }
  | { readonly kind: 'calico'; readonly network: NetworkDocument & { readonly driver: 'calico' } }
  | { readonly kind: 'macvlan'; readonly network: NetworkDocument & { readonly driver: 'macvlan' } };

/** A container that holds a namespace (or uses its host's) with all that run in it. */
export type PlacedContainer = {
  readonly document: ContainerDocument;
  readonly host: string;
  readonly netns: NetnsId;
  readonly connection: Connection;
  /** Sockets of the container and of those that share its namespace. */
  readonly listeners: readonly Listener[];
};

export type Placement = {
  readonly containers: readonly PlacedContainer[];
  /** By the name of every container, those that share a namespace included. */
  readonly byName: ReadonlyMap<string, PlacedContainer>;
};

export function placeContainers(
  documents: readonly ContainerDocument[],
  networks: readonly NetworkDocument[],
  machines: ReadonlySet<string>,
  issues: Issue[],
): Placement {
  const byName = new Map(documents.map((document) => [document.name, document]));
  const networkByName = new Map(networks.map((network) => [network.name, network]));
  const members = new Map<ContainerDocument, ContainerDocument[]>();
  for (const document of documents) {
    const root = rootOf(document, byName, issues);
    if (root === undefined) continue;
    members.set(root, [...(members.get(root) ?? []), document]);
  }
  const containers = [...members].flatMap(([document, sharing]): readonly PlacedContainer[] => {
    const connection = connectionOf(document, networkByName, issues);
    const { host } = document;
    if (host === undefined || connection === undefined) return [];
    if (!machines.has(host)) {
      issues.push(unknown(document, 'unknown-host', `no node or Host is named ${plain(host)}`, 'host', host, machines));
      return [];
    }
    const netns = connection.kind === 'host' ? netnsId(host) : containerNetnsId(document.name);
    return [{ document, host, netns, connection, listeners: sharing.flatMap(listenersOf) }];
  });
  const placed = new Map<string, PlacedContainer>();
  for (const container of containers) {
    for (const { name } of members.get(container.document) ?? []) placed.set(name, container);
  }
  return { containers, byName: placed };
}

function containerNetnsId(name: string): NetnsId {
  return netnsId(`container:${name}`);
}

/** About a container that does not say on what it listens nothing is known: it answers on every port. */
function listenersOf({ name, listen }: ContainerDocument): readonly Listener[] {
  if (listen === undefined)
    return (['tcp', 'udp', 'sctp'] as const).map((protocol) => ({ protocol, port: 'any', process: name }));
  return listen.map((spec) => ({ ...spec, process: name }));
}

/** Follows `container:NAME` to the container that has a namespace of its own. */
function rootOf(
  document: ContainerDocument,
  byName: ReadonlyMap<string, ContainerDocument>,
  issues: Issue[],
): ContainerDocument | undefined {
  let current = document;
  const passed = new Set<string>();
  while (current.network.kind === 'container') {
    const wanted = current.network.name;
    if (passed.has(current.name)) {
      issues.push(
        at(
          document,
          issue('container-network-loop', `the network of container ${document.name} leads back to itself`),
          'network',
        ),
      );
      return undefined;
    }
    passed.add(current.name);
    const next = byName.get(wanted);
    if (next === undefined) {
      if (current === document) {
        issues.push(
          unknown(
            document,
            'unknown-container',
            `no Container is named ${wanted}`,
            'network',
            wanted,
            [...byName.keys()].filter((name) => name !== document.name),
          ),
        );
      }
      return undefined;
    }
    current = next;
  }
  if (current !== document && document.publish.length > 0) {
    const words = `container ${document.name} shares the network of ${current.name}, so it cannot publish ports`;
    issues.push(at(document, issue('publish-in-shared-network', words), 'publish'));
  }
  if (current !== document && document.host !== undefined && document.host !== current.host) {
    const words = `container ${document.name} shares the network of ${current.name}, which runs on ${current.host ?? '?'}`;
    issues.push(at(document, issue('container-on-other-host', words), 'host'));
  }
  return current;
}

function connectionOf(
  document: ContainerDocument,
  networks: ReadonlyMap<string, NetworkDocument>,
  issues: Issue[],
): Connection | undefined {
  const mode = document.network;
  switch (mode.kind) {
    case 'container':
      return undefined;
    case 'bridge':
      return { kind: 'docker', network: 'bridge' };
    case 'host':
    case 'none':
      return { kind: mode.kind };
    case 'network': {
      const network = networks.get(mode.name);
      if (network === undefined) {
        const names = ['bridge', 'host', 'none', ...networks.keys()];
        issues.push(
          unknown(document, 'unknown-network', `no Network is named ${mode.name}`, 'network', mode.name, names),
        );
        return undefined;
      }
      if (network.driver === 'calico') return { kind: 'calico', network };
      if (network.driver === 'macvlan') return { kind: 'macvlan', network };
      return { kind: 'docker', network: network.name };
    }
  }
}

function at({ source }: ContainerDocument, found: Issue, field: string): Issue {
  return { ...found, at: source.document.locate([...source.path, 'spec', field]) };
}

function unknown(
  document: ContainerDocument,
  code: string,
  message: string,
  field: string,
  name: string,
  names: Iterable<string>,
): Issue {
  const known = [...names];
  const [best] = nearest(name, known, 1);
  const listed = known.length === 0 ? undefined : `known: ${known.slice(0, 10).join(', ')}`;
  const hint = best === undefined ? listed : `did you mean ${best}?`;
  return at(
    document,
    { ...issue(code, `container ${document.name}: ${message}`), ...(hint === undefined ? {} : { hint }) },
    field,
  );
}
