/** Calico's rules in iptables' words (felix/rules/policy.go: ProtoRuleToIptablesRules, CalculateRuleMatch). */
import type { CalicoIcmp, CalicoProtocol } from '../../../cluster/policy/calico-policy.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { type Family, familyOf } from '../../../net/address.ts';
import { type Prefix, printPrefix } from '../../../net/prefix.ts';
import { action, type FelixRule, match, type PortRange, type Side } from './felix-rule.ts';
import { MatchBlocks } from './match-blocks.ts';
import type { PolicyRule, RuleSide } from './policy-model.ts';
import { allSets, type SetRequest, type SideSets, sideSets } from './set-request.ts';
import type { Deny } from './static.ts';
import type { MarkBits } from './version.ts';

export type RenderedRule = {
  readonly rules: readonly FelixRule[];
  readonly sets: readonly SetRequest[];
  /** iptables refuses one of the rules, and with it the chain: see refused-rule.ts. */
  readonly isRefused: boolean;
};

export type RenderContext = {
  readonly family: Family;
  readonly marks: MarkBits;
  readonly deny: Deny;
  /** LOG's prefix, without the colon behind it. */
  readonly logPrefix: string;
};

const NOTHING: RenderedRule = { rules: [], sets: [], isRefused: false };

/** One rule's words so far, and the matches of each side that are left for its main rule. */
type MainSide = { readonly side: RuleSide; readonly sets: SideSets; readonly word: Side };

/**
 * Allow and Pass set their bit and return, Deny sets the drop bit (3.30) and drops, Log logs. Alternatives that one
 * iptables rule cannot say (several networks, many ports, a network with exceptions) come first as blocks.
 */
export function renderRule(rule: PolicyRule, context: RenderContext, origin: OriginId): RenderedRule {
  const { family, marks } = context;
  if (rule.ipVersion !== undefined && rule.ipVersion !== family) return NOTHING;
  const from = ofFamily(rule.from, family);
  const to = ofFamily(rule.to, family);
  if (from === undefined || to === undefined) return NOTHING;
  const fromSets = sideSets(from, 'from', rule, family);
  const toSets = sideSets(to, 'to', rule, family);
  const blocks = new MatchBlocks(marks, origin);
  const sides: readonly MainSide[] = [
    { side: from, sets: fromSets, word: 'src' },
    { side: to, sets: toSets, word: 'dst' },
  ];
  // Ports of both sides, then networks, then exceptions: the positive blocks come first.
  const withoutPorts = sides.map((each) => blockOfPorts(each, rule, blocks));
  const withoutNets = withoutPorts.map((each) => blockOfNets(each, blocks));
  const [source, destination] = withoutNets.map((each) => blockOfExceptions(each, blocks));
  if (source === undefined || destination === undefined) return NOTHING;
  const words = [
    ...protocolWords(rule.protocol, false),
    ...positiveWords(source),
    ...positiveWords(destination),
    ...icmpWords(rule.icmp, family, false),
    ...protocolWords(rule.notProtocol, true),
    ...negativeWords(source),
    ...negativeWords(destination),
    ...icmpWords(rule.notIcmp, family, true),
    ...blocks.passed,
  ];
  const rules = [...blocks.rules, ...actionRules(rule, words, context, origin)];
  const { comments } = rule;
  return {
    sets: [...allSets(fromSets), ...allSets(toSets)],
    isRefused: rule.protocol !== undefined && rule.notProtocol !== undefined,
    rules: comments.length === 0 ? rules : rules.map((each) => ({ ...each, comments })),
  };
}

/** CombineMatchAndActionsForProtoRule. */
function actionRules(
  rule: PolicyRule,
  words: readonly string[],
  { marks, deny, logPrefix }: RenderContext,
  origin: OriginId,
): readonly FelixRule[] {
  const marking = (bit: number, then: readonly string[]): readonly FelixRule[] => [
    { match: words, action: action.setMark(bit), origin },
    { match: match.markSet(bit), action: then, origin },
  ];
  switch (rule.action) {
    case 'allow':
      return marking(marks.accept, action.return);
    case 'pass':
      return marking(marks.pass, action.return);
    case 'deny':
      return marks.drop === undefined
        ? [{ match: words, action: deny.action, origin }]
        : marking(marks.drop, deny.action);
    default:
      return [{ match: words, action: action.log(logPrefix), origin }];
  }
}

/**
 * The side with the networks of the family only. A rule whose list has none of it, or that excludes every address, is not
 * rendered at all: undefined (FilterRuleToIPVersion).
 */
function ofFamily(side: RuleSide, family: Family): RuleSide | undefined {
  if (side.nets.length === 0 && side.notNets.length === 0) return side;
  const mine = (list: readonly Prefix[]): readonly Prefix[] => list.filter(({ addr }) => familyOf(addr) === family);
  const nets = mine(side.nets);
  const notNets = mine(side.notNets);
  if (nets.length === 0 && side.nets.length > 0) return undefined;
  if (notNets.length === 0 && side.notNets.length > 0) return undefined;
  if (notNets.some(({ bits }) => bits === 0)) return undefined;
  return { ...side, nets, notNets };
}

function blockOfPorts(main: MainSide, { protocol }: PolicyRule, blocks: MatchBlocks): MainSide {
  const { side, sets, word } = main;
  const splits = splitPorts(side.ports);
  if (splits.length + sets.namedPorts.length <= 1) return main;
  blocks.positive([
    ...splits.map((split) => [...protocolWords(protocol, false), ...match.ports(word, split)]),
    ...sets.namedPorts.map(({ name }) => match.portSet(word, name)),
  ]);
  return { ...main, side: { ...side, ports: [] }, sets: { ...sets, namedPorts: [] } };
}

function blockOfNets(main: MainSide, blocks: MatchBlocks): MainSide {
  const { side, word } = main;
  if (side.nets.length <= 1) return main;
  blocks.positive(side.nets.map((net) => match.net(word, printPrefix(net))));
  return { ...main, side: { ...side, nets: [] } };
}

/** A rule has room for one source and one destination, positive or negated. */
function blockOfExceptions(main: MainSide, blocks: MatchBlocks): MainSide {
  const { side, word } = main;
  if (side.notNets.length === 0 || side.nets.length + side.notNets.length <= 1) return main;
  blocks.negative(side.notNets.map((net) => match.net(word, printPrefix(net))));
  return { ...main, side: { ...side, notNets: [] } };
}

function positiveWords({ side, sets, word }: MainSide): readonly string[] {
  return [
    ...side.nets.flatMap((net) => match.net(word, printPrefix(net))),
    ...sets.addresses.flatMap(({ name }) => match.set(word, name)),
    ...sets.servicePorts.flatMap(({ name }) => match.portSet(word, name)),
    ...(side.ports.length === 0 ? [] : match.ports(word, side.ports)),
    ...sets.namedPorts.flatMap(({ name }) => match.portSet(word, name)),
  ];
}

function negativeWords({ side, sets, word }: MainSide): readonly string[] {
  return [
    ...side.notNets.flatMap((net) => match.notNet(word, printPrefix(net))),
    ...sets.notAddresses.flatMap(({ name }) => match.notSet(word, name)),
    ...splitPorts(side.notPorts).flatMap((split) => match.notPorts(word, split)),
    ...sets.notNamedPorts.flatMap(({ name }) => match.notPortSet(word, name)),
  ];
}

function protocolWords(protocol: CalicoProtocol | undefined, negated: boolean): readonly string[] {
  if (protocol === undefined) return [];
  const name = protocol.name?.toLowerCase() ?? protocol.number;
  return negated ? match.notProtocol(name) : match.protocol(name);
}

function icmpWords(icmp: CalicoIcmp | undefined, family: Family, negated: boolean): readonly string[] {
  if (icmp === undefined) return [];
  return match.icmp(family, icmp.type, icmp.code, negated);
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
