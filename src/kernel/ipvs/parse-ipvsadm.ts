/** Text of `ipvsadm -Sn`: `-A` lines for virtual servers, `-a` lines for the servers behind them. */

import { fail, type Issue, ok, type Result } from '../../lib/result.ts';
import { type Family, familyOf } from '../../net/address.ts';
import { ArgumentError, ArgumentReader } from '../netfilter/arguments.ts';
import { didYouMean } from '../netfilter/did-you-mean.ts';
import { issueAt, splitWords, type TextPlace } from '../netfilter/ipset/words.ts';
import {
  type Endpoint,
  type Later,
  readEndpoint,
  readFlags,
  readMask,
  readNumber,
  readScheduler,
} from './ipvsadm-values.ts';
import {
  type ForwardingMethod,
  fullMask,
  keyOfAddress,
  type RealServer,
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
      issues.push(issueAt(words, error, 'ipvs-syntax', { file: place.file, line: place.line + index }));
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

type ServiceOptions = {
  scheduler: SchedulerName;
  seconds: number | undefined;
  mask: Later<string> | undefined;
  flags: Later<readonly string[]> | undefined;
  onePacket: boolean;
};

function readService(reader: ArgumentReader): Draft {
  const options: ServiceOptions = {
    scheduler: 'wlc',
    seconds: undefined,
    mask: undefined,
    flags: undefined,
    onePacket: false,
  };
  const { named, family } = readOptions(reader, SERVICE_WORDS, (option) => takeServiceOption(reader, option, options));
  if (named === undefined) throw reader.error('-A needs a virtual server: -t, -u, --sctp-service or -f', undefined, 0);
  const at: VirtualAddress = named.kind === 'fwmark' ? { ...named, family } : named;
  const own: Family = at.kind === 'fwmark' ? at.family : familyOf(at.address);
  const { scheduler, seconds, mask, flags, onePacket } = options;
  return {
    at,
    scheduler,
    flags: flags === undefined ? [] : readFlags(flags, scheduler),
    onePacket,
    servers: [],
    ...(seconds === undefined
      ? {}
      : { persistence: { seconds, bits: mask === undefined ? fullMask(own) : readMask(mask, own) } }),
  };
}

/** Whether it is an option of -A. */
function takeServiceOption(reader: ArgumentReader, option: string, options: ServiceOptions): boolean {
  switch (option) {
    case '-s':
    case '--scheduler':
      options.scheduler = readScheduler(reader);
      return true;
    case '-p':
    case '--persistent':
      // DEF_PERSISTENT_TIMEOUT
      options.seconds = /^\d+$/.test(reader.peek() ?? '') ? readNumber(reader, 1, 2_678_400) : 300;
      return true;
    case '-M':
    case '--netmask':
      options.mask = { value: reader.next('a netmask'), at: reader.position - 1 };
      return true;
    case '-b':
    case '--sched-flags':
      options.flags = { value: reader.next('flags').split(','), at: reader.position - 1 };
      return true;
    case '-o':
    case '--ops':
      options.onePacket = true;
      return true;
    case '--pe':
      throw reader.error('persistence engines are not read', 'leave --pe out');
    default:
      return false;
  }
}

const SERVICE_WORDS = ['-t', '-u', '--sctp-service', '-f', '-s', '-p', '-M', '-b', '-o', '-6'] as const;
const SERVER_WORDS = ['-t', '-u', '--sctp-service', '-f', '-6', '-r', '-m', '-g', '-i', '-w', '-x', '-y'] as const;

/** Reads to the end of the line: the virtual server that it names, -6, and what `take` knows. */
function readOptions(
  reader: ArgumentReader,
  known: readonly string[],
  take: (option: string) => boolean,
): { readonly named: VirtualAddress | undefined; readonly family: Family } {
  let named: VirtualAddress | undefined;
  let family: Family = 4;
  while (!reader.done) {
    const option = reader.next();
    const address = readAddress(reader, option);
    if (address !== undefined) named = address;
    else if (option === '-6' || option === '--ipv6') family = 6;
    else if (!take(option)) throw unknownOption(reader, option, known);
  }
  return { named, family };
}

function unknownOption(reader: ArgumentReader, option: string, known: readonly string[]): ArgumentError {
  return reader.error(`unknown option "${option}"`, didYouMean(option, known) ?? known.join(', '));
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

type ServerOptions = {
  real: Endpoint | undefined;
  method: ForwardingMethod;
  weight: number;
  upper: number;
  lower: number;
};

function readServer(reader: ArgumentReader, drafts: ReadonlyMap<string, Draft>): void {
  const options: ServerOptions = { real: undefined, method: 'gatewaying', weight: 1, upper: 0, lower: 0 };
  const { named, family } = readOptions(reader, SERVER_WORDS, (option) => takeServerOption(reader, option, options));
  const { real, method, weight, upper, lower } = options;
  if (named === undefined || real === undefined)
    throw reader.error('-a needs a virtual server and -r with the real one', undefined, 0);
  const at: VirtualAddress =
    named.kind === 'fwmark' ? { ...named, family: family === 6 ? 6 : familyOf(real.address) } : named;
  const draft = drafts.get(keyOfAddress(at));
  if (draft === undefined) throw reader.error('no -A line has made this virtual server', undefined, 2);
  // Only masquerading can change the port.
  const own = at.kind === 'fwmark' ? 0 : at.port;
  const port = method === 'masquerade' && real.port !== 0 ? real.port : own;
  if (draft.servers.some((other) => other.address === real.address && other.port === port))
    throw reader.error('this real server is there already', undefined, 0);
  draft.servers.push({ address: real.address, port, method, weight, upper, lower });
}

/** Whether it is an option of -a. */
function takeServerOption(reader: ArgumentReader, option: string, options: ServerOptions): boolean {
  switch (option) {
    case '-r':
    case '--real-server':
      options.real = readEndpoint(reader);
      return true;
    case '-m':
    case '--masquerading':
      options.method = 'masquerade';
      return true;
    case '-g':
    case '--gatewaying':
      options.method = 'gatewaying';
      return true;
    case '-i':
    case '--ipip':
      options.method = 'tunneling';
      return true;
    case '-w':
    case '--weight':
      options.weight = readNumber(reader, 0, 65535);
      return true;
    case '-x':
    case '--u-threshold':
      options.upper = readNumber(reader, 0, 0xffffffff);
      return true;
    case '-y':
    case '--l-threshold':
      options.lower = readNumber(reader, 0, 0xffffffff);
      return true;
    case '--tun-type':
      if (reader.next('a type of tunnel') !== 'ipip') {
        throw reader.error('tunnels of GUE and GRE are not modelled: expected --tun-type ipip');
      }
      return true;
    default:
      return false;
  }
}
