/** The packet that rows.ts speaks of. */
import { ArgumentReader } from '../../../../src/kernel/netfilter/arguments.ts';
import type { MatchEnv, ParseContext } from '../../../../src/kernel/netfilter/match.ts';
import { StateSlots } from '../../../../src/kernel/netfilter/state.ts';
import type { Target } from '../../../../src/kernel/netfilter/target.ts';
import { TARGETS } from '../../../../src/kernel/netfilter/targets/index.ts';
import { ip, type Row } from './rows.ts';

const tuple = { src: ip('10.0.0.5'), dst: ip('10.0.0.6'), protocol: 6, sport: 1000, dport: 80 };

export function envAt(place: Pick<Row, 'table' | 'chain'>, tracked = true): MatchEnv {
  return {
    packet: {
      src: tuple.src,
      dst: tuple.dst,
      ttl: 64,
      length: 60,
      dontFragment: true,
      dscp: 1,
      transport: { proto: 'tcp', sport: 1000, dport: 80, flags: ['SYN'] },
    },
    table: place.table,
    hook: place.chain,
    inDevice: 'eth0',
    outDevice: undefined,
    physIn: undefined,
    physOut: undefined,
    bridged: false,
    mark: 0x5,
    sourceMac: undefined,
    ctState: tracked ? 'NEW' : 'UNTRACKED',
    connection: tracked
      ? {
          original: tuple,
          reply: tuple,
          direction: 'ORIGINAL',
          mark: 0xab00,
          status: { srcNat: false, dstNat: false, seenReply: false, assured: false, confirmed: false },
          expires: 60,
        }
      : undefined,
    socket: undefined,
    addressType: () => 'UNICAST',
    reversePath: () => true,
    ipset: () => undefined,
    state: new StateSlots(),
    now: 0,
    chance: () => false,
  };
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['icmp', 1],
]);

/** What parse-rule would know from the words in front of -j. */
function contextOf({ family, header }: Pick<Row, 'family' | 'header'>): ParseContext {
  const protocol = /-p (\w+)/.exec(header)?.[1];
  return { family, protocol: protocol === undefined ? undefined : PROTOCOLS.get(protocol), protocolInverted: false };
}

/** Parses target and options; the reader stands behind the target's name, as after `-j NAME`. */
export function parseTarget(row: Pick<Row, 'family' | 'header' | 'words'>): {
  readonly target: Target;
  readonly rest: string | undefined;
} {
  const reader = new ArgumentReader(row.words);
  const name = reader.next();
  const module = TARGETS.find((target) => target.name === name);
  if (module === undefined) throw new Error(`no target ${name}`);
  const target = module.parse(reader, contextOf(row));
  return { target, rest: reader.peek() };
}

/** Words of an iptables-save line: blanks part them, double quotes hold them together, a backslash escapes in quotes. */
export function splitSaved(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(
    ([whole, quoted]) => quoted?.replace(/\\(.)/g, '$1') ?? whole,
  );
}
