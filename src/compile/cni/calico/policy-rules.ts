/** Calico's rules in iptables' words (felix/rules/policy.go: ProtoRuleToIptablesRules). */

import { printSelector } from '../../../cluster/policy/selector.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { type Family, familyOf } from '../../../net/address.ts';
import { type Prefix, printPrefix } from '../../../net/prefix.ts';
import { action, type FelixRule, match, type PortRange, type Side } from './felix-rule.ts';
import { combinedSelector, type PeerSelector } from './kubernetes-selector.ts';
import { namedPortSetId, selectorSetId, setName } from './names.ts';
import type { CalicoRule, Direction } from './policy.ts';
import type { MarkBits } from './version.ts';

/** An IP set that a rule asks for. */
export type SetRequest =
  | { readonly kind: 'selector'; readonly name: string; readonly selector: PeerSelector }
  | {
      readonly kind: 'named-port';
      readonly name: string;
      /** undefined: all Pods. */
      readonly selector: PeerSelector | undefined;
      readonly protocol: 'tcp' | 'udp' | 'sctp';
      readonly port: string;
    };

export type RenderedRule = { readonly rules: readonly FelixRule[]; readonly sets: readonly SetRequest[] };

/**
 * Rules that set the accept bit and return where the packet matches. Alternatives that one iptables rule cannot say
 * (several port matches, a network with exceptions) come first as blocks that leave their result in a scratch bit.
 */
export function renderRule(
  rule: CalicoRule,
  direction: Direction,
  marks: MarkBits,
  origin: OriginId,
  family: Family = 4,
): RenderedRule {
  const peerSide: Side = direction === 'ingress' ? 'src' : 'dst';
  if (rule.peer?.kind === 'nets' && !appliesTo(family, rule.peer.net, rule.peer.notNets))
    return { rules: [], sets: [] };
  const sets = setsOf(rule, direction, family);
  const ports = splitPorts(rule.ports);
  const portSets = sets.filter(({ kind }) => kind === 'named-port');
  const blocks = new MatchBlocks(marks, origin);
  const portsInBlock = ports.length + portSets.length > 1;
  if (portsInBlock) {
    blocks.positive([
      ...ports.map((split) => [...protocolMatch(rule), ...match.destinationPorts(split)]),
      ...portSets.map(({ name }) => match.portSet('dst', name)),
    ]);
  }
  // A rule has room for one source and one destination, and the network itself takes it.
  const exceptions = exceptionsOf(rule, family);
  if (exceptions.length > 0) blocks.negative(exceptions.map((net) => match.net(peerSide, net)));
  const words = [
    ...protocolMatch(rule),
    ...peerMatch(rule, sets, peerSide),
    ...(portsInBlock ? [] : ports.flatMap((split) => match.destinationPorts(split))),
    ...(portsInBlock ? [] : portSets.flatMap(({ name }) => match.portSet('dst', name))),
    ...blocks.passed,
  ];
  return {
    sets,
    rules: [
      ...blocks.rules,
      { match: words, action: action.setMark(marks.accept), origin },
      { match: match.markSet(marks.accept), action: action.return, origin },
    ],
  };
}

function protocolMatch({ protocol }: CalicoRule): readonly string[] {
  return protocol === undefined ? [] : match.protocol(protocol);
}

function peerMatch({ peer }: CalicoRule, sets: readonly SetRequest[], side: Side): readonly string[] {
  if (peer?.kind === 'nets') return match.net(side, printPrefix(peer.net));
  return sets.filter(({ kind }) => kind === 'selector').flatMap(({ name }) => match.set(side, name));
}

/** A rule whose networks are all of the other family, or that excludes everything, is not rendered (FilterRuleToIPVersion). */
function appliesTo(family: Family, net: Prefix, notNets: readonly Prefix[]): boolean {
  if (familyOf(net.addr) !== family) return false;
  const mine = notNets.filter(({ addr }) => familyOf(addr) === family);
  return notNets.length === 0 || (mine.length > 0 && mine.every(({ bits }) => bits > 0));
}

function exceptionsOf({ peer }: CalicoRule, family: Family): readonly string[] {
  return peer?.kind === 'nets' ? peer.notNets.filter(({ addr }) => familyOf(addr) === family).map(printPrefix) : [];
}

/**
 * A named port is a set of addresses with ports. On the side of the peer (egress) it is taken among the peer's Pods
 * only and then stands for the selector too, unless numeric ports need that by itself (felix/calc/rule_scanner.go).
 */
function setsOf(rule: CalicoRule, direction: Direction, family: Family): readonly SetRequest[] {
  const selector = rule.peer?.kind === 'selector' ? rule.peer.selector : undefined;
  const destination = direction === 'egress' ? selector : undefined;
  const covered = destination !== undefined && rule.namedPorts.length > 0 && rule.ports.length === 0;
  return [
    ...rule.namedPorts.map((port): SetRequest => {
      const protocol = rule.protocol ?? 'tcp';
      const name = setName(namedPortSetId(canonical(destination), protocol, port), family);
      return { kind: 'named-port', name, selector: destination, protocol, port };
    }),
    ...(selector === undefined || covered
      ? []
      : [{ kind: 'selector' as const, name: setName(selectorSetId(canonical(selector)), family), selector }]),
  ];
}

function canonical(selector: PeerSelector | undefined): string {
  return printSelector(selector === undefined ? { kind: 'all' } : combinedSelector(selector));
}

/** xt_multiport has 15 slots; a range takes two (felix/rules/policy.go: SplitPortList). */
export function splitPorts(ports: readonly PortRange[]): readonly (readonly PortRange[])[] {
  const splits: PortRange[][] = [];
  let free = 0;
  for (const port of ports) {
    const slots = port.first === port.last ? 1 : 2;
    if (free < slots) {
      splits.push([]);
      free = MULTIPORT_SLOTS;
    }
    splits.at(-1)?.push(port);
    free -= slots;
  }
  return splits;
}

const MULTIPORT_SLOTS = 15;

/** Rules in front of a rule (felix/rules/policy.go: matchBlockBuilder). Scratch bit 0 says that all blocks matched. */
class MatchBlocks {
  readonly rules: FelixRule[] = [];
  readonly #marks: MarkBits;
  readonly #origin: OriginId;

  constructor(marks: MarkBits, origin: OriginId) {
    this.#marks = marks;
    this.#origin = origin;
  }

  /** What the rule behind the blocks has to match. */
  get passed(): readonly string[] {
    return this.rules.length === 0 ? [] : match.markSet(this.#marks.scratch0);
  }

  /** One of the matches must hold. Only ever the first block here, so it writes the result bit itself. */
  positive(alternatives: readonly (readonly string[])[]): void {
    this.#start(0);
    for (const words of alternatives) this.#add(words, action.setMark(this.#marks.scratch0));
  }

  /** None of the matches may hold. */
  negative(exceptions: readonly (readonly string[])[]): void {
    this.#start(this.#marks.scratch0);
    for (const words of exceptions) this.#add(words, action.clearMark(this.#marks.scratch0));
  }

  #start(mark: number): void {
    const { scratch0, scratch1 } = this.#marks;
    if (this.rules.length === 0) this.#add([], action.setMaskedMark(mark, scratch0 | scratch1));
  }

  #add(words: readonly string[], target: readonly string[]): void {
    this.rules.push({ match: words, action: target, origin: this.#origin });
  }
}
