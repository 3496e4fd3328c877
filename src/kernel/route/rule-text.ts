/** Policy rules in the words of `ip rule` (iproute2 6.1, ip/iprule.c print_rule()). */
import { quote } from '../../lib/quote.ts';
import type { Position, Result } from '../../lib/result.ts';
import { type Family, familyOf, printIp } from '../../net/address.ts';
import { type Prefix, parsePrefix, printPrefix, widthOf } from '../../net/prefix.ts';
import { deviceNameProblem } from '../link/device-name.ts';
import type { PolicyRule } from './route.ts';
import { parseNumber, parseTable, parseTos, printTable, printTos, TABLE_WORDS } from './route-names.ts';
import { TextReader, textResult } from './text-reader.ts';

/** /etc/protocols, as inet_proto_n2a() prints them; any other is a number. */
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipencap'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [41, 'ipv6'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'ipv6-icmp'],
  [89, 'ospf'],
  [112, 'vrrp'],
  [132, 'sctp'],
  [136, 'udplite'],
]);

/** `PRIORITY:<tab>from all lookup main`, without a blank behind the last word. */
export function printPolicyRule(rule: PolicyRule): string {
  const words: string[] = [];
  if (rule.not === true) words.push('not');
  words.push('from', rule.from === undefined ? 'all' : printSelector(rule.from));
  if (rule.to !== undefined) words.push('to', printSelector(rule.to));
  if (rule.tos !== undefined && rule.tos !== 0) words.push('tos', printTos(rule.tos));
  if (rule.mark !== undefined) {
    const mask = rule.mark.mask === 0xffffffff ? '' : `/0x${rule.mark.mask.toString(16)}`;
    words.push('fwmark', `0x${rule.mark.value.toString(16)}${mask}`);
  }
  if (rule.iif !== undefined) words.push('iif', rule.iif);
  if (rule.oif !== undefined) words.push('oif', rule.oif);
  if (rule.protocol !== undefined) words.push('ipproto', PROTOCOLS.get(rule.protocol) ?? String(rule.protocol));
  if (rule.sport !== undefined) words.push('sport', printPorts(rule.sport));
  if (rule.dport !== undefined) words.push('dport', printPorts(rule.dport));
  words.push(...printAction(rule.action));
  return `${rule.priority}:\t${words.join(' ')}`;
}

/** The lines of `ip rule`, in the order of priority (rules of equal priority keep theirs, as the kernel does). */
export function printPolicyRules(rules: readonly PolicyRule[]): readonly string[] {
  return [...rules].sort((a, b) => a.priority - b.priority).map(printPolicyRule);
}

function printSelector(prefix: Prefix): string {
  if (prefix.bits === 0) return 'all';
  return prefix.bits === widthOf(familyOf(prefix.addr)) ? printIp(prefix.addr) : printPrefix(prefix);
}

function printPorts(ports: { readonly first: number; readonly last: number }): string {
  return ports.first === ports.last ? String(ports.first) : `${ports.first}-${ports.last}`;
}

function printAction(action: PolicyRule['action']): readonly string[] {
  switch (action.kind) {
    case 'lookup': {
      const suppress = action.suppressPrefixLength;
      const words = ['lookup', printTable(action.table)];
      return suppress === undefined ? words : [...words, 'suppress_prefixlength', String(suppress)];
    }
    case 'goto':
      return ['goto', String(action.priority)];
    case 'nop':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return [action.kind];
  }
}

type RuleTextOptions = {
  readonly at?: Position;
  /** Of a line without one, as `ip rule add` would choose it. */
  readonly priority?: number;
  /** The list that a rule without addresses belongs to; IPv4's when not given. `-6` in front of the line says it too. */
  readonly family?: Family;
};

const KEYWORDS = [
  ...['from', 'to', 'tos', 'fwmark', 'iif', 'oif', 'ipproto', 'sport', 'dport', 'priority', 'not', 'lookup', 'table'],
  ...['goto', 'nop', 'blackhole', 'unreachable', 'prohibit', 'suppress_prefixlength'],
];
const UNMODELLED = ['l3mdev', 'uidrange', 'tun_id', 'suppress_ifgroup', 'realms', 'nat', 'map-to', '[l3mdev-table]'];

type Draft = { -readonly [K in keyof PolicyRule]?: PolicyRule[K] };

/** One line of `ip rule`, or the words of `ip rule add`. */
export function parsePolicyRule(line: string, options: RuleTextOptions = {}): Result<PolicyRule> {
  return textResult(() => readRule(new TextReader(line, 'bad-rule', options.at), options));
}

function readRule(reader: TextReader, options: RuleTextOptions): PolicyRule {
  const six = reader.takeIf('-6') || (!reader.takeIf('-4') && options.family === 6);
  const draft: Draft = six ? { family: 6 } : {};
  const head = /^(\d{1,10}):$/.exec(reader.peek() ?? '');
  if (head !== null) draft.priority = reader.read('a priority', (text) => parseNumber(text.slice(0, -1), 0xffffffff));
  let suppress: number | undefined;
  while (!reader.done) {
    const word = reader.take('a word');
    if (word === 'suppress_prefixlength' || word === 'sup_pl') {
      suppress = reader.read('a prefix length', (text) => parseNumber(text, 128));
    } else readWord(reader, word, draft);
  }
  const priority = draft.priority ?? options.priority;
  if (priority === undefined) throw reader.error('the rule has no priority', { hint: 'begin the line with `100:`' });
  const action = draft.action;
  if (action === undefined) throw reader.error('the rule has no action', { hint: 'end the line with `lookup TABLE`' });
  if (suppress === undefined) return { ...draft, priority, action };
  if (action.kind !== 'lookup') throw reader.error('suppress_prefixlength needs `lookup TABLE`');
  return { ...draft, priority, action: { ...action, suppressPrefixLength: suppress } };
}

function readWord(reader: TextReader, word: string, draft: Draft): void {
  switch (word) {
    case 'not':
      draft.not = true;
      return;
    case 'from':
    case 'to': {
      const prefix = readSelector(reader);
      if (prefix !== undefined) draft[word] = prefix;
      return;
    }
    case 'tos':
    case 'dsfield':
      draft.tos = reader.read('a TOS value such as 0x10', parseTos);
      return;
    case 'fwmark':
      draft.mark = reader.read('a mark such as 0x10/0xff', parseMark);
      return;
    case 'iif':
    case 'dev':
      draft.iif = readDevice(reader);
      return;
    case 'oif':
      draft.oif = readDevice(reader);
      return;
    case 'ipproto':
      draft.protocol = reader.read('an IP protocol', parseProtocol, [...PROTOCOLS.values()]);
      return;
    case 'sport':
    case 'dport':
      draft[word] = reader.read('a port or a range such as 1-5', parsePorts);
      return;
    case 'priority':
    case 'pref':
    case 'prio':
    case 'preference':
    case 'order':
      draft.priority = readPriority(reader);
      return;
    case '[detached]':
    case '[unresolved]':
      return;
    default:
      draft.action = readAction(reader, word);
  }
}

function readAction(reader: TextReader, word: string): PolicyRule['action'] {
  switch (word) {
    case 'lookup':
    case 'table':
      return { kind: 'lookup', table: reader.read('a table', readableTable, TABLE_WORDS) };
    case 'goto':
      return { kind: 'goto', priority: readPriority(reader) };
    case 'nop':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return { kind: word };
    default:
      if (UNMODELLED.includes(word)) throw reader.error(`${word} in a rule is not modelled`);
      throw reader.error(`unknown word ${quote(word)} in a rule`, { valid: KEYWORDS });
  }
}

function readPriority(reader: TextReader): number {
  return reader.read('a priority', (text) => parseNumber(text, 0xffffffff));
}

function readableTable(text: string): number | undefined {
  return parseTable(text) || undefined;
}

/** undefined for `all`. */
function readSelector(reader: TextReader): Prefix | undefined {
  if (reader.takeIf('all', 'any', 'default')) return undefined;
  return reader.read('an address, a prefix or `all`', parsePrefix);
}

function readDevice(reader: TextReader): string {
  const device = reader.read("a device's name", (text) => (deviceNameProblem(text) === undefined ? text : undefined));
  reader.takeIf('[detached]');
  return device;
}

function parseMark(text: string): PolicyRule['mark'] {
  const [value, mask, ...rest] = text.split('/').map((part) => parseNumber(part, 0xffffffff));
  if (value === undefined || rest.length > 0) return undefined;
  if (!text.includes('/')) return { value, mask: 0xffffffff };
  return mask === undefined ? undefined : { value, mask };
}

function parseProtocol(text: string): number | undefined {
  for (const [number, name] of PROTOCOLS) if (name === text) return number;
  return parseNumber(text, 255);
}

function parsePorts(text: string): PolicyRule['sport'] {
  const [first, last, ...rest] = text.split('-').map((part) => parseNumber(part, 65535));
  if (first === undefined || rest.length > 0) return undefined;
  if (!text.includes('-')) return { first, last: first };
  return last === undefined || last < first ? undefined : { first, last };
}
