/** The scalar types of nettrace's own documents, beside those that manifests share. */

import { type FieldType, IP, PREFIX } from '../../cluster/field-type.ts';
import { parseListen } from '../../cluster/listen.ts';
import type { ListenSpec } from '../../cluster/objects.ts';
import { deviceNameProblem } from '../../kernel/link/device-name.ts';
import { type IpAddr, parseIp } from '../../net/address.ts';
import { type Mac, parseMac } from '../../net/mac.ts';
import type { Prefix } from '../../net/prefix.ts';

/**
 * Name of a machine, a container, a network or a segment. It stands in names of namespaces (`container:NAME`) and on the
 * command line (`host/NAME:PORT`), so `/` and `:` are not for it.
 */
export const NAME: FieldType<string> = {
  expected: 'a name of letters, digits, `-`, `_` and `.`, at most 63 characters',
  parse: (value) =>
    typeof value === 'string' && value.length <= 63 && /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(value)
      ? value
      : undefined,
};

/**
 * Of a device that is to be made. dev_valid_name() is not all that net/core/dev.c asks of it: a `%` is a pattern that
 * dev_alloc_name() makes a name of (`a%d` becomes a0) or refuses. And devinet_sysctl_register() refuses a name whose folder
 * of settings is there already (sysctl_dev_name_is_allowed() in include/net/ip.h).
 */
export const DEVICE_NAME: FieldType<string> = {
  expected: 'the name of an interface: at most 15 bytes, without `/`, `:`, `%` and white space',
  parse: (value) => (typeof value === 'string' && newDeviceNameProblem(value) === undefined ? value : undefined),
  hint: (value) => {
    const problem = typeof value === 'string' ? newDeviceNameProblem(value) : undefined;
    return problem === undefined ? undefined : `the name ${problem}`;
  },
};

function newDeviceNameProblem(name: string): string | undefined {
  if (name === 'all' || name === 'default') {
    return `is refused by the kernel: net.ipv4.conf.${name} holds settings that are no device's`;
  }
  if (name.includes('%')) return 'contains %, which the kernel takes for a pattern: a%d becomes a0';
  return deviceNameProblem(name);
}

export const MAC: FieldType<Mac> = {
  expected: 'a MAC address such as 02:42:ac:11:00:02',
  parse: (value) => (typeof value === 'string' ? parseMac(value) : undefined),
};

/** `192.168.26.81/24`: an address and how much of it is the network's. */
export const INTERFACE_ADDRESS: FieldType<Prefix> = {
  expected: 'an address with its prefix length, such as 192.168.26.81/24',
  parse: (value) => PREFIX.parse(value),
  hint: (value) => (IP.parse(value) === undefined ? undefined : `write ${String(value)}/24 if the network is a /24`),
};

export const LISTEN: FieldType<ListenSpec> = {
  expected: 'what is listened on, such as 80/tcp or 127.0.0.1:53/udp',
  parse: (value) => (typeof value === 'number' || typeof value === 'string' ? parseListen(String(value)) : undefined),
};

function parseProtocol(text: string): ListenSpec['protocol'] | undefined {
  const lower = text.toLowerCase();
  return lower === 'tcp' || lower === 'udp' || lower === 'sctp' ? lower : undefined;
}

/** One `docker run -p`. */
export type PublishSpec = {
  readonly address?: IpAddr;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
};

/** `8080:80`, `8080:80/tcp`, `127.0.0.1:8080:80/udp`. */
export const PUBLISH: FieldType<PublishSpec> = {
  expected: 'a published port as HOSTPORT:PORT/tcp, such as 8080:80/tcp',
  parse: (value) => {
    if (typeof value !== 'string' || value.length > 80) return undefined;
    const match = /^(?:(\[[^\]]+\]|[\d.]+):)?(\d{1,5}):(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(value);
    if (match === null) return undefined;
    const address = match[1] === undefined ? undefined : parseIp(match[1].replace(/^\[|\]$/g, ''));
    if (match[1] !== undefined && address === undefined) return undefined;
    const [hostPort, containerPort] = [Number(match[2]), Number(match[3])];
    const protocol = parseProtocol(match[4] ?? 'tcp');
    if (protocol === undefined || !isPort(hostPort) || !isPort(containerPort)) return undefined;
    return { ...(address === undefined ? {} : { address }), hostPort, containerPort, protocol };
  },
  hint: (value) =>
    typeof value === 'number' || (typeof value === 'string' && /^\d+(\/\w+)?$/.test(value))
      ? 'say both ports, such as "8080:80/tcp"'
      : undefined,
};

function isPort(port: number): boolean {
  return port >= 1 && port <= 65535;
}
