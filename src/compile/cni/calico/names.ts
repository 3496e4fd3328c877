/** How Calico names interfaces, chains and IP sets. */
import { hash } from 'node:crypto';
import { type Mac, macFromBytes } from '../../../net/mac.ts';

/** iptables takes chain names of 28 characters (felix/iptables: MaxChainNameLength). */
const MAX_CHAIN_NAME = 28;
/** The kernel takes set names of 31 characters (IPSET_MAXNAMELEN less the final zero). */
const MAX_SET_NAME = 31;
const SHORTENED = '_';

/** The host's end of a Pod's veth pair (libcalico-go conversion: VethNameForWorkload). */
export function podInterfaceName(namespace: string, pod: string): string {
  return `cali${hash('sha1', `${namespace}.${pod}`).slice(0, 11)}`;
}

/** The VTEP's MAC address of a node (felix/calc/vxlan_resolver.go vtepMACForHost(): 'f' and the SHA-1 of the node's name). */
export function vtepMac(node: string, family: 4 | 6 = 4): Mac {
  const text = family === 4 ? node : `${node}-v6`;
  return macFromBytes(Buffer.concat([Buffer.from('f'), hash('sha1', text, 'buffer').subarray(0, 5)]));
}

/**
 * Prefix and suffix, the suffix hashed where the whole would be too long or could be taken for a hashed one
 * (felix hashutils: GetLengthLimitedID).
 */
export function chainName(prefix: string, suffix: string): string {
  const length = prefix.length + suffix.length;
  if (length < MAX_CHAIN_NAME || (length === MAX_CHAIN_NAME && !suffix.startsWith(SHORTENED))) return prefix + suffix;
  return `${prefix}${SHORTENED}${hash('sha256', suffix, 'base64url')}`.slice(0, MAX_CHAIN_NAME);
}

/** The set that holds an id's members, for one family. */
export function setName(id: string, family: 4 | 6 = 4): string {
  return `cali${family}0${id}`.slice(0, MAX_SET_NAME);
}

/** Id of what a selector selects; `canonical` is its printed form (libcalico-go hash: MakeUniqueID). */
export function selectorSetId(canonical: string): string {
  return uniqueId('s', canonical);
}

/** Id of a port name among what a selector selects (felix/calc/rule_scanner.go: IPSetData.UniqueID). */
export function namedPortSetId(canonical: string, protocol: 'tcp' | 'udp' | 'sctp', port: string): string {
  return uniqueId('n', `${selectorSetId(canonical)},${protocol},${port}`);
}

/** Id of the endpoints of a Service, with their ports or without. */
export function serviceSetId(namespace: string, service: string, withPorts: boolean): string {
  return uniqueId(withPorts ? 'svc' : 'svcnoport', `${namespace}/${service}`);
}

function uniqueId(kind: string, content: string): string {
  return `${kind}:${hash('sha224', `${kind}:${content}`, 'base64url')}`;
}

/** The chain that policies with one selector share (felix/rules/endpoints.go: PolicyGroup.UniqueID). */
export function policyGroupChain(direction: 'inbound' | 'outbound', lines: readonly string[]): string {
  const prefix = direction === 'inbound' ? 'cali-gi-' : 'cali-go-';
  const digest = hash('sha3-224', lines.map((line) => `${line}\n`).join(''), 'base64url');
  return `${prefix}${digest}`.slice(0, MAX_CHAIN_NAME);
}
