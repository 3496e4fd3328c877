/** What `ipvsadm` 1.31 prints of virtual servers: `-Sn` to save them, `-Ln` to look at. */
import { type Family, type IpAddr, isIp4, printIp } from '../../net/address.ts';
import {
  type ForwardingMethod,
  familyOfServer,
  fullMask,
  type RealServer,
  type SchedulerName,
  type VirtualServer,
} from './virtual-server.ts';

const SERVICE_OPTIONS = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;
const METHOD_OPTIONS: Readonly<Record<ForwardingMethod, string>> = {
  masquerade: '-m',
  gatewaying: '-g',
  tunneling: '-i',
};
const METHOD_NAMES: Readonly<Record<ForwardingMethod, string>> = {
  masquerade: 'Masq',
  gatewaying: 'Route',
  tunneling: 'Tunnel',
};

/** `ipvsadm -Sn`: sorted, as every listing of ipvsadm is. */
export function printIpvsSave(servers: readonly VirtualServer[]): string {
  return sortServices(servers)
    .map((server) => printCommands({ ...server, servers: sortServers(server.servers) }))
    .join('');
}

/**
 * Commands for `ipvsadm -R` that bring the kernel's lists into the order they have here, which the sorted ones of
 * printIpvsSave() do not: schedulers walk the lists.
 */
export function printIpvsRestore(servers: readonly VirtualServer[]): string {
  return servers.map(printCommands).join('');
}

/** One line: the real server's, or the virtual server's where there is none. */
export function printIpvsEntry(service: VirtualServer, server: RealServer | undefined): string {
  const lines = printIpvsRestore([{ ...service, servers: server === undefined ? [] : [server] }]).trimEnd();
  return lines.split('\n').at(-1) ?? '';
}

function printCommands(server: VirtualServer): string {
  const at = addressOption(server);
  const { onePacket } = server;
  const words = ['-A', at, '-s', server.scheduler, ...persistence(server), ...flagsOption(server)];
  const add = [...words, ...(onePacket ? ['-o'] : [])].join(' ');
  const lines = server.servers.map((real) => {
    const tunnel = real.method === 'tunneling' ? ' --tun-type ipip' : '';
    return `-a ${addressOf(server)} -r ${endpoint(real.address, real.port)} ${METHOD_OPTIONS[real.method]} -w ${real.weight}${tunnel}`;
  });
  return [add, ...lines].map((line) => `${line}\n`).join('');
}

function addressOption(server: VirtualServer): string {
  const { at } = server;
  return at.kind === 'fwmark' && at.family === 6 ? `${addressOf(server)} -6` : addressOf(server);
}

function addressOf({ at }: VirtualServer): string {
  if (at.kind === 'fwmark') return `-f ${at.mark}`;
  return `${SERVICE_OPTIONS[at.protocol]} ${endpoint(at.address, at.port)}`;
}

function endpoint(address: IpAddr, port: number): string {
  return isIp4(address) ? `${printIp(address)}:${port}` : `[${printIp(address)}]:${port}`;
}

function persistence(server: VirtualServer): readonly string[] {
  if (server.persistence === undefined) return [];
  const { seconds, bits } = server.persistence;
  const family = familyOfServer(server);
  return ['-p', String(seconds), ...(bits === fullMask(family) ? [] : ['-M', printMask(bits, family)])];
}

/** Dotted for IPv4, the number of bits for IPv6. */
function printMask(bits: number, family: Family): string {
  if (family === 6) return String(bits);
  return [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - from)))).join('.');
}

/** What ipvsadm calls the three flags of a scheduler. */
export function flagName(scheduler: SchedulerName, flag: 1 | 2 | 3): string {
  if (scheduler === 'sh' || scheduler === 'mh') {
    if (flag === 1) return `${scheduler}-fallback`;
    if (flag === 2) return `${scheduler}-port`;
  }
  return `flag-${flag}`;
}

function flagNames({ scheduler, flags }: VirtualServer): string {
  return flags.map((flag) => flagName(scheduler, flag)).join(',');
}

function flagsOption(server: VirtualServer): readonly string[] {
  return server.flags.length === 0 ? [] : ['-b', flagNames(server)];
}

const HEAD = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;

/** `ipvsadm -Ln`, without any connection. */
export function printIpvsList(servers: readonly VirtualServer[]): string {
  return HEAD + sortServices(servers).map(printEntry).join('');
}

function printEntry(server: VirtualServer): string {
  const { at, onePacket } = server;
  const where =
    at.kind === 'fwmark'
      ? `FWM  ${at.mark}${at.family === 6 ? ' IPv6' : ''}`
      : `${at.protocol.toUpperCase().padEnd(4)} ${endpoint(at.address, at.port)}`;
  const words = [
    where,
    server.scheduler,
    ...(server.flags.length === 0 ? [] : [`(${flagNames(server)})`]),
    ...(onePacket ? ['ops'] : []),
    ...persistenceWords(server),
  ];
  const rows = sortServers(server.servers).map((real) => {
    const remote = endpoint(real.address, real.port).padEnd(28);
    const counts = `${'0'.padEnd(10)} ${'0'.padEnd(10)}`;
    return `  -> ${remote} ${METHOD_NAMES[real.method].padEnd(7)} ${String(real.weight).padEnd(6)} ${counts}`;
  });
  return [words.join(' '), ...rows].map((line) => `${line}\n`).join('');
}

function persistenceWords(server: VirtualServer): readonly string[] {
  const [, seconds, , mask] = persistence(server);
  if (seconds === undefined) return [];
  return ['persistent', seconds, ...(mask === undefined ? [] : ['mask', mask])];
}

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const;

/** ipvs_cmp_services() of libipvs: mark, family, protocol, address, port. */
function sortServices(servers: readonly VirtualServer[]): readonly VirtualServer[] {
  const keys = (server: VirtualServer) => {
    const { at } = server;
    const mark = at.kind === 'fwmark' ? at.mark : 0;
    return [mark, familyOfServer(server), at.kind === 'fwmark' ? 0 : PROTOCOL_NUMBERS[at.protocol]];
  };
  return [...servers].sort((a, b) => {
    const [left, right] = [keys(a), keys(b)];
    const first = left.findIndex((key, i) => key !== right[i]);
    if (first >= 0) return (left[first] ?? 0) - (right[first] ?? 0);
    if (a.at.kind === 'fwmark' || b.at.kind === 'fwmark') return 0;
    return compareAddresses(a.at.address, b.at.address) || a.at.port - b.at.port;
  });
}

/** ipvs_cmp_dests(): address, port. */
function sortServers(servers: readonly RealServer[]): readonly RealServer[] {
  return [...servers].sort((a, b) => compareAddresses(a.address, b.address) || a.port - b.port);
}

/**
 * libipvs takes the difference of two addresses for a signed number of 32 bits, so 192.168.0.0 stands before 10.0.0.0,
 * and every list of a node has its own addresses first.
 */
function compareAddresses(a: IpAddr, b: IpAddr): number {
  if (isIp4(a) || isIp4(b)) return isIp4(a) && isIp4(b) ? (a - b) | 0 : isIp4(a) ? -1 : 1;
  for (const shift of [96n, 64n, 32n, 0n]) {
    const difference = Number(BigInt.asIntN(32, (a >> shift) - (b >> shift)));
    if (difference !== 0) return difference;
  }
  return 0;
}
