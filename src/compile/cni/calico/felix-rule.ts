/** Rules as Felix renders them: comments, matches, action, with a comment by which Felix knows its own rules again. */
import { hash } from 'node:crypto';
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { OriginId } from '../../../kernel/origin.ts';

export type FelixRule = {
  readonly comments?: readonly string[];
  /** Words of all matches, in Felix's order. */
  readonly match?: readonly string[];
  /** Words of the target; undefined for a rule that does nothing. */
  readonly action?: readonly string[];
  readonly origin: OriginId;
};

/** Felix's chain: its name is part of the hashes of its rules. */
export type FelixChain = { readonly name: string; readonly rules: readonly FelixRule[] };

/**
 * The rules of one chain for iptables. Each gets the comment `cali:HASH`: SHA-224 over the hash before it and the rule's
 * text, starting from the chain's name (felix/generictables/rules.go and felix/iptables/renderer.go: RuleHashes).
 */
export function renderChain({ name, rules }: FelixChain): readonly RuleSpec[] {
  let digest = hash('sha224', name, 'buffer');
  return rules.map((rule) => {
    const comments = (rule.comments ?? []).map(escapeComment);
    const words = [...(rule.match ?? []), ...(rule.action ?? [])];
    const shown = words.map((word) => (word.includes(' ') ? `"${word}"` : word));
    const text = ['-A', name, 'HASH', ...comments.map((c) => `-m comment --comment "${c}"`), ...shown].join(' ');
    digest = hash('sha224', Buffer.concat([digest, Buffer.from(text)]), 'buffer');
    const own = `cali:${digest.toString('base64url').slice(0, HASH_LENGTH)}`;
    return {
      args: [...[own, ...comments].flatMap((c) => ['-m', 'comment', '--comment', c]), ...words],
      origin: rule.origin,
    };
  });
}

/** The name under which Felix hashes the rules that it appends to a chain of the kernel (felix/iptables/table.go). */
export function appendedRulesOf(chain: string): string {
  return `${chain}*appends*`;
}

const HASH_LENGTH = 16;
const MAX_COMMENT = 256;

function escapeComment(text: string): string {
  return text.replaceAll(/[^\w @%+=:,./-]/g, '_').slice(0, MAX_COMMENT);
}

const hex = (mark: number): string => `0x${mark.toString(16)}`;

/** Matches, in the words of felix/iptables/match_builder.go. */
export const match = {
  markClear: (mark: number) => ['-m', 'mark', '--mark', `0/${hex(mark)}`],
  markNotClear: (mark: number) => ['-m', 'mark', '!', '--mark', `0/${hex(mark)}`],
  markSet: (mark: number) => ['-m', 'mark', '--mark', `${hex(mark)}/${hex(mark)}`],
  inInterface: (name: string) => ['--in-interface', name],
  outInterface: (name: string) => ['--out-interface', name],
  ctState: (states: string) => ['-m', 'conntrack', '--ctstate', states],
  notCtState: (states: string) => ['-m', 'conntrack', '!', '--ctstate', states],
  protocol: (protocol: string | number) => ['-p', String(protocol)],
  notProtocol: (protocol: string | number) => ['!', '-p', String(protocol)],
  net: (side: Side, net: string) => [side === 'src' ? '--source' : '--destination', net],
  notNet: (side: Side, net: string) => ['!', side === 'src' ? '--source' : '--destination', net],
  set: (side: Side, name: string) => ['-m', 'set', '--match-set', name, side],
  notSet: (side: Side, name: string) => ['-m', 'set', '!', '--match-set', name, side],
  /** Address and port of one side, both looked up in the set. */
  portSet: (side: Side, name: string) => ['-m', 'set', '--match-set', name, `${side},${side}`],
  notPortSet: (side: Side, name: string) => ['-m', 'set', '!', '--match-set', name, `${side},${side}`],
  destinationPorts: (ports: readonly PortRange[]) => ['-m', 'multiport', '--destination-ports', printPorts(ports)],
  ports: (side: Side, ports: readonly PortRange[]) => ['-m', 'multiport', portsOption(side), printPorts(ports)],
  notPorts: (side: Side, ports: readonly PortRange[]) => [
    ...['-m', 'multiport', '!', portsOption(side)],
    printPorts(ports),
  ],
  icmp: (family: 4 | 6, type: number, code: number | undefined, negated: boolean) => [
    ...['-m', family === 4 ? 'icmp' : 'icmp6', ...(negated ? ['!'] : [])],
    ...[family === 4 ? '--icmp-type' : '--icmpv6-type', code === undefined ? `${type}` : `${type}/${code}`],
  ],
  sourceLocal: () => ['-m', 'addrtype', '--src-type', 'LOCAL'],
  sourceNotLocalOnOutInterface: () => ['-m', 'addrtype', '!', '--src-type', 'LOCAL', '--limit-iface-out'],
  destinationLocal: () => ['-m', 'addrtype', '--dst-type', 'LOCAL'],
  icmp6Type: (type: number) => ['-m', 'icmp6', '--icmpv6-type', String(type)],
  reversePathFails: () => ['-m', 'rpfilter', '--invert', '--validmark'],
};

/** Targets, in the words of felix/iptables/actions.go. */
export const action = {
  jump: (chain: string) => ['--jump', chain],
  goto: (chain: string) => ['--goto', chain],
  accept: ['--jump', 'ACCEPT'],
  drop: ['--jump', 'DROP'],
  reject: ['--jump', 'REJECT'],
  return: ['--jump', 'RETURN'],
  log: (prefix: string) => ['--jump', 'LOG', '--log-prefix', `${prefix}: `, '--log-level', '5'],
  notrack: ['--jump', 'NOTRACK'],
  clearMark: (mark: number) => ['--jump', 'MARK', '--set-mark', `0/${hex(mark)}`],
  setMark: (mark: number) => ['--jump', 'MARK', '--set-mark', `${hex(mark)}/${hex(mark)}`],
  setMaskedMark: (mark: number, mask: number) => ['--jump', 'MARK', '--set-mark', `${hex(mark)}/${hex(mask)}`],
  masquerade: (randomFully: boolean) => ['--jump', 'MASQUERADE', ...(randomFully ? ['--random-fully'] : [])],
};

export type Side = 'src' | 'dst';
export type PortRange = { readonly first: number; readonly last: number };

function portsOption(side: Side): string {
  return side === 'src' ? '--source-ports' : '--destination-ports';
}

function printPorts(ports: readonly PortRange[]): string {
  return ports.map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`)).join(',');
}
