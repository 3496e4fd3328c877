/** What is said about a machine that runs Docker, and what compiling it gives. */
import type { Source } from '../../cluster/source.ts';
import type { NetnsId } from '../../kernel/netns-id.ts';
import type { NetnsSpec } from '../../kernel/netns-spec.ts';
import type { Listener } from '../../kernel/socket.ts';
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Note, Parts } from '../parts.ts';

/** A network of the driver `bridge`. IPv4 only. */
export type DockerNetwork = {
  /** `bridge` for the default one. */
  readonly name: string;
  /** The device: docker0 for the default network, else `br-` and 12 hex digits unless it is given. */
  readonly bridge?: string;
  /** The next free of 172.17.0.0/16, 172.18.0.0/16 … unless it is given. */
  readonly subnet?: Prefix;
  /** The subnet's first address unless it is given. */
  readonly gateway?: IpAddr;
  /** Inter-container connectivity (com.docker.network.bridge.enable_icc): on unless it is turned off. */
  readonly icc?: boolean;
  readonly mtu?: number;
  readonly source?: Source;
};

/** `-p 8080:80/tcp`, `-p 127.0.0.1:8080:80/udp`. */
export type PublishedPort = {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostPort: number;
  /** undefined: every address. */
  readonly hostIp?: IpAddr;
  readonly containerPort: number;
};

export type DockerContainer = {
  readonly name: string;
  /** The namespace it gets, unless it shares one. */
  readonly netns: NetnsId;
  /** `bridge`, `host`, `none`, `container:NAME`, or the name of a DockerNetwork. */
  readonly network: string;
  readonly publish: readonly PublishedPort[];
  readonly listeners: readonly Listener[];
  readonly address?: IpAddr;
  readonly mac?: Mac;
  /** `eth0` */
  readonly interface?: string;
  /** The host's end of the veth pair. */
  readonly hostInterface?: string;
  readonly source?: Source;
};

export type DockerHost = {
  readonly name: string;
  readonly netns: NetnsId;
  /** The default network may be left out; then it has Docker's own settings. */
  readonly networks: readonly DockerNetwork[];
  readonly containers: readonly DockerContainer[];
  /** dockerd's --userland-proxy: on unless it is turned off. */
  readonly userlandProxy?: boolean;
  /** Whether dockerd found forwarding off and turned it on: then FORWARD's policy is DROP. On unless it is turned off. */
  readonly dropsForwarded?: boolean;
  readonly source?: Source;
};

export type CompiledDockerHost = {
  /** The machine's share: bridges, veth ends, rules, and the sockets of docker-proxy and of containers on the host's network. */
  readonly host: Parts;
  /** Of containers with a namespace of their own, in order, the sockets of those that share it included. */
  readonly containers: readonly NetnsSpec[];
  /** In which namespace a container's processes are, by its name. */
  readonly netnsOf: ReadonlyMap<string, NetnsId>;
  /** Its address there, where Docker gave it one. */
  readonly addressOf: ReadonlyMap<string, IpAddr>;
  readonly notes: readonly Note[];
};
