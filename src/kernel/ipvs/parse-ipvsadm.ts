/** Text of `ipvsadm -Sn`: `-A` lines for virtual servers, `-a` lines for the servers behind them. */
import { nearest } from '../../lib/nearest.ts';
import { fail, type Issue, issue, ok, type Result } from '../../lib/result.ts';
import { type Family, familyOf, type IpAddr, isIp4, parseIp } from '../../net/address.ts';
import { ArgumentError, ArgumentReader } from '../netfilter/arguments.ts';
import type { TextPlace } from '../netfilter/ipset/save.ts';
import { splitWords } from '../netfilter/ipset/words.ts';
import { flagName } from './print-ipvsadm.ts';
import {
  type ForwardingMethod,
  fullMask,
  keyOfAddress,
  type RealServer,
  SCHEDULER_NAMES,
  type SchedulerName,
  type VirtualAddress,
  type VirtualServer,
} from './virtual-server.ts';

type Draft = Omit<VirtualServer, 'servers'> & { readonly servers: RealServer[] };

/** Reads the text; all issues are reported at once. Lines that start with # are passed over. */
export function parseIpvsSave(text: string, place: TextPlace): Result<readonly VirtualServer[]> {
  const drafts = new Map<string, Draft>();
  const issues: Issue[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = splitWords(line);
    if (words[0] === undefined || words[0].text.startsWith('#')) continue;
    try {
      readLine(new ArgumentReader(words.map(({ text: word }) => word)), drafts);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      const column = words[Math.min(error.at, words.length - 1)]?.column ?? 1;
      const at = { file: place.file, line: place.line + index, column };
      issues.push(
        issue('ipvs-syntax', error.message, { at, ...(error.hint === undefined ? {} : { hint: error.hint }) }),
      );
    }
  }
  return issues.length > 0 ? fail(...issues) : ok([...drafts.values()]);
}

function readLine(reader: ArgumentReader, drafts: Map<string, Draft>): void {
  const command = reader.next();
  switch (command) {
    case '-A':
    case '--add-service': {
      const draft = readService(reader);
      const key = keyOfAddress(draft.at);
      if (drafts.has(key)) throw reader.error('this virtual server is there already', undefined, 0);
      drafts.set(key, draft);
      return;
    }
    case '-a':
    case '--add-server':
      readServer(reader, drafts);
      return;
    default:
      throw reader.error(`unknown command "${command}"`, 'only -A and -a lines are read');
  }
}

function readService(reader: ArgumentReader): Draft {
  let at: VirtualAddress | undefined;
  let scheduler: SchedulerName = 'wlc';
  let seconds: number | undefined;
  let mask: { readonly text: string; readonly at: number } | undefined;
  let flags: { readonly names: readonly string[]; readonly at: number } | undefined;
  let onePacket = false;
  let family: Family = 4;
  while (!reader.done) {
    const option = reader.next();
    const address = readAddress(reader, option);
    if (address !== undefined) {
      at = address;
      continue;
    }
    switch (option) {
      case '-s':
      case '--scheduler':
        scheduler = readScheduler(reader);
        break;
      case '-p':
      case '--persistent':
        // DEF_PERSISTENT_TIMEOUT
        seconds = /^\d+$/.test(reader.peek() ?? '') ? readNumber(reader, 1, 2_678_400) : 300;
        break;
      case '-M':
      case '--netmask':
        mask = { text: reader.next('a netmask'), at: reader.position - 1 };
        break;
      case '-b':
      case '--sched-flags':
        flags = { names: reader.next('flags').split(','), at: reader.position - 1 };
        break;
      case '-o':
      case '--ops':
        onePacket = true;
        break;
      case '-6':
      case '--ipv6':
        family = 6;
        break;
      case '--pe':
        throw reader.error('persistence engines are not read', 'leave --pe out');
      default:
        throw unknownOption(reader, option, SERVICE_WORDS);
    }
  }
  if (at === undefined) throw reader.error('-A needs a virtual server: -t, -u, --sctp-service or -f', undefined, 0);
  if (at.kind === 'fwmark') at = { ...at, family };
  const own: Family = at.kind === 'fwmark' ? at.family : familyOf(at.address);
  return {
    at,
    scheduler,
    flags: flags === undefined ? [] : readFlags(flags.names, scheduler, flags.at),
    onePacket,
    servers: [],
    ...(seconds === undefined
      ? {}
      : { persistence: { seconds, bits: mask === undefined ? fullMask(own) : readMask(mask, own) } }),
  };
}

const SERVICE_WORDS = ['-t', '-u', '--sctp-service', '-f', '-s', '-p', '-M', '-b', '-o', '-6'] as const;
const SERVER_WORDS = ['-t', '-u', '--sctp-service', '-f', '-6', '-r', '-m', '-g', '-i', '-w', '-x', '-y'] as const;

function unknownOption(reader: ArgumentReader, option: string, known: readonly string[]): ArgumentError {
  const [like] = nearest(option, known);
  return reader.error(`unknown option "${option}"`, like === undefined ? known.join(', ') : `did you mean ${like}?`);
}

/** The option that names a virtual server; undefined when it is another. */
function readAddress(reader: ArgumentReader, option: string): VirtualAddress | undefined {
  switch (option) {
    case '-t':
    case '--tcp-service':
      return { kind: 'address', protocol: 'tcp', ...readEndpoint(reader) };
    case '-u':
    case '--udp-service':
      return { kind: 'address', protocol: 'udp', ...readEndpoint(reader) };
    case '--sctp-service':
      return { kind: 'address', protocol: 'sctp', ...readEndpoint(reader) };
    case '-f':
    case '--fwmark-service':
      return { kind: 'fwmark', mark: readNumber(reader, 1, 0xffffffff), family: 4 };
    default:
      return undefined;
  }
}

function readEndpoint(reader: ArgumentReader): { readonly address: IpAddr; readonly port: number } {
  const text = reader.next('an address and a port');
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = parseIp(bracketed ?? plain ?? '');
  const number = Number(port ?? 0);
  if (address === undefined || number > 65535 || (bracketed === undefined && !isIp4(address) && port !== undefined))
    throw reader.error(`"${text}" is no address with a port`, '10.0.0.1:80 or [2001:db8::1]:80');
  return { address, port: number };
}

function readNumber(reader: ArgumentReader, least: number, most: number): number {
  const text = reader.next('a number');
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw reader.error(`"${text}" is no number from ${least} to ${most}`);
  return value;
}

function readScheduler(reader: ArgumentReader): SchedulerName {
  const text = reader.next('a scheduler');
  const name = SCHEDULER_NAMES.find((known) => known === text);
  if (name !== undefined) return name;
  const [like] = nearest(text, SCHEDULER_NAMES);
  throw reader.error(
    `unknown scheduler "${text}"`,
    like === undefined ? `one of ${SCHEDULER_NAMES.join(', ')}` : `did you mean ${like}?`,
  );
}

function readFlags(names: readonly string[], scheduler: SchedulerName, at: number): readonly (1 | 2 | 3)[] {
  const flags = [1, 2, 3] as const;
  const found = names.map((name) => {
    const flag = flags.find((each) => name === flagName(scheduler, each) || name === `flag-${each}`);
    if (flag === undefined)
      throw new ArgumentError(
        `scheduler ${scheduler} has no flag "${name}"`,
        at,
        flags.map((each) => flagName(scheduler, each)).join(', '),
      );
    return flag;
  });
  return flags.filter((flag) => found.includes(flag));
}

function readMask(mask: { readonly text: string; readonly at: number }, family: Family): number {
  const bits = family === 6 ? Number(/^\d{1,3}$/.exec(mask.text)?.[0] ?? Number.NaN) : dottedBits(mask.text);
  if (bits !== undefined && bits >= 1 && bits <= fullMask(family)) return bits;
  throw new ArgumentError(`"${mask.text}" is no netmask`, mask.at, family === 6 ? '64' : '255.255.255.0');
}

function dottedBits(text: string): number | undefined {
  const address = parseIp(text);
  if (address === undefined || !isIp4(address)) return undefined;
  const bits = Math.clz32(~address >>> 0);
  return (address | 0) === (bits === 0 ? 0 : -1 << (32 - bits)) ? bits : undefined;
}

function readServer(reader: ArgumentReader, drafts: ReadonlyMap<string, Draft>): void {
  let at: VirtualAddress | undefined;
  let real: { readonly address: IpAddr; readonly port: number } | undefined;
  let method: ForwardingMethod = 'gatewaying';
  let [weight, upper, lower] = [1, 0, 0];
  let family: Family = 4;
  while (!reader.done) {
    const option = reader.next();
    const address = readAddress(reader, option);
    if (address !== undefined) {
      at = address;
      continue;
    }
    switch (option) {
      case '-r':
      case '--real-server':
        real = readEndpoint(reader);
        break;
      case '-m':
      case '--masquerading':
        method = 'masquerade';
        break;
      case '-g':
      case '--gatewaying':
        method = 'gatewaying';
        break;
      case '-i':
      case '--ipip':
        method = 'tunneling';
        break;
      case '-w':
      case '--weight':
        weight = readNumber(reader, 0, 65535);
        break;
      case '-x':
      case '--u-threshold':
        upper = readNumber(reader, 0, 0xffffffff);
        break;
      case '-y':
      case '--l-threshold':
        lower = readNumber(reader, 0, 0xffffffff);
        break;
      case '-6':
      case '--ipv6':
        family = 6;
        break;
      case '--tun-type':
        if (reader.next('a type of tunnel') !== 'ipip') {
          throw reader.error('tunnels of GUE and GRE are not modelled: expected --tun-type ipip');
        }
        break;
      default:
        throw unknownOption(reader, option, SERVER_WORDS);
    }
  }
  if (at === undefined || real === undefined)
    throw reader.error('-a needs a virtual server and -r with the real one', undefined, 0);
  if (at.kind === 'fwmark') at = { ...at, family: family === 6 ? 6 : familyOf(real.address) };
  const draft = drafts.get(keyOfAddress(at));
  if (draft === undefined) throw reader.error('no -A line has made this virtual server', undefined, 2);
  // Only masquerading can change the port.
  const own = at.kind === 'fwmark' ? 0 : at.port;
  const port = method === 'masquerade' && real.port !== 0 ? real.port : own;
  if (draft.servers.some((other) => other.address === real.address && other.port === port))
    throw reader.error('this real server is there already', undefined, 0);
  draft.servers.push({ address: real.address, port, method, weight, upper, lower });
}
