/** Names of the chains and sets that kube-proxy makes for a service port (servicePortChainNameBase() and on). */
import { hash } from 'node:crypto';
import { printIp } from '../../../net/address.ts';
import type { ProxyEndpoint } from '../endpoints.ts';
import type { ProxyServicePort } from '../service-port.ts';

/** knftables.NameLengthMax less the longest prefix. */
const LONGEST = 240;

/** `ns/name/protocol/portName`: no character of it needs to be changed. */
export function portPath({ service, protocol, portName }: ProxyServicePort): string {
  return `${service.namespace}/${service.name}/${protocol}/${portName}`;
}

/** The colons of IPv6 addresses are no characters of a name. */
function endpointPath(port: ProxyServicePort, { endpoint, port: number }: ProxyEndpoint): string {
  return `${portPath(port)}__${printIp(endpoint.ip).replaceAll(':', '.')}/${number}`;
}

/** hashAndTruncate(): names stay different where the end is cut off, and are told apart at a glance. */
function hashed(path: string): string {
  const name = `${base32(hash('sha256', path, 'hex'))}-${path}`;
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 3)}...` : name;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first eight characters of base32 (RFC 4648 section 6): 40 bits. */
function base32(hex: string): string {
  const bits = BigInt(`0x${hex.slice(0, 10)}`);
  return Array.from({ length: 8 }, (_, i) => ALPHABET[Number((bits >> BigInt(35 - 5 * i)) & 31n)] ?? '').join('');
}

const portBases = new WeakMap<ProxyServicePort, string>();
const endpointBases = new WeakMap<ProxyEndpoint, string>();

function portBase(port: ProxyServicePort): string {
  let base = portBases.get(port);
  if (base === undefined) {
    base = hashed(portPath(port));
    portBases.set(port, base);
  }
  return base;
}

/** Each endpoint is of one port: its name is hashed once. */
function endpointBase(port: ProxyServicePort, endpoint: ProxyEndpoint): string {
  let base = endpointBases.get(endpoint);
  if (base === undefined) {
    base = hashed(endpointPath(port, endpoint));
    endpointBases.set(endpoint, base);
  }
  return base;
}

export type PortChainKind = 'service' | 'local' | 'external' | 'firewall';

export function portChain(kind: PortChainKind, port: ProxyServicePort): string {
  return `${kind}-${portBase(port)}`;
}

export function endpointChain(port: ProxyServicePort, endpoint: ProxyEndpoint): string {
  return `endpoint-${endpointBase(port, endpoint)}`;
}

export function affinitySet(port: ProxyServicePort, endpoint: ProxyEndpoint): string {
  return `affinity-${endpointBase(port, endpoint)}`;
}

/** The path of the port in a name of one of its chains or sets; undefined for names that are no port's. */
export function pathInName(name: string): string | undefined {
  const match = /^(?:service|local|external|firewall|endpoint|affinity)-[A-Z2-7]{8}-(.*)$/.exec(name);
  return match?.[1]?.split('__')[0];
}
