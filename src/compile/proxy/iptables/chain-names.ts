/** Names of the chains that kube-proxy makes for a service port (servicePortInfo and endpointInfo of pkg/proxy/iptables). */
import { hash } from 'node:crypto';

export type ServiceChainKind = 'SVC' | 'SVL' | 'EXT' | 'FW';

/** `KUBE-SVC-` and the hash of the port's printed name and protocol, written together. */
export function serviceChainName(kind: ServiceChainKind, text: string, protocol: string): string {
  return `KUBE-${kind}-${shortHash(text + protocol)}`;
}

/** `KUBE-SEP-` and the hash of the same and the endpoint's `ip:port`. */
export function endpointChainName(text: string, protocol: string, endpoint: string): string {
  return `KUBE-SEP-${shortHash(text + protocol + endpoint)}`;
}

/** Whether kube-proxy takes the name for a chain of a Service (isServiceChainName()). */
export function isServiceChainName(name: string): boolean {
  return /^KUBE-(SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16}$/.test(name);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first 16 characters of base32 (RFC 4648 section 6) of SHA-256: 80 bits, so that the name fits into 28 characters. */
function shortHash(input: string): string {
  const hex = hash('sha256', input, 'hex');
  let text = '';
  // 5 hex digits are 20 bits are 4 characters.
  for (let at = 0; at < 20; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16);
    text +=
      (ALPHABET[bits >> 15] ?? '') +
      (ALPHABET[(bits >> 10) & 31] ?? '') +
      (ALPHABET[(bits >> 5) & 31] ?? '') +
      (ALPHABET[bits & 31] ?? '');
  }
  return text;
}
