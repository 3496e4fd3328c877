import { portsOf } from '../../../net/packet.ts';
import { type PortRange, parsePortRange, printPortRange } from '../../../net/port-range.ts';
import { ArgumentError } from '../arguments.ts';
import { badValue, printNot, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';
import { badPort, isInRange } from './ports.ts';

type MultiportSpec = {
  readonly not: boolean;
  readonly side: 'sports' | 'dports' | 'ports';
  readonly ranges: readonly PortRange[];
};

/** XT_MULTI_PORTS: room for 15 numbers, of which a range takes two. */
const ROOM = 15;
/** TCP, UDP, UDPLITE, SCTP, DCCP */
const PROTOCOLS: readonly number[] = [6, 17, 136, 132, 33];

/** multiport_mt() */
export const multiport = defineOptionMatch({
  name: 'multiport',
  kernel: 'net/netfilter/xt_multiport.c',
  options: [
    { name: '--sports', also: ['--source-ports'], not: true },
    { name: '--dports', also: ['--destination-ports'], not: true },
    { name: '--ports', not: true },
  ],
  read: (given, context, at): MultiportSpec => {
    if (context.protocol === undefined || context.protocolInverted || !PROTOCOLS.includes(context.protocol)) {
      throw new ArgumentError('the multiport match needs -p tcp, udp, udplite, sctp or dccp', at);
    }
    const [side, second] = (['sports', 'dports', 'ports'] as const).filter((s) => given.has(`--${s}`));
    const use = side === undefined ? undefined : given.get(`--${side}`);
    if (side === undefined || use === undefined)
      throw new ArgumentError('the multiport match needs --sports, --dports or --ports', at);
    if (second !== undefined)
      throw badValue(use, `--${side} and --${second} cannot stand in one match`, 'a second -m multiport');
    const ranges = wordOf(use)
      .split(',')
      .map((text) => {
        const range = text === '' ? undefined : parsePortRange(text);
        if (range === undefined) throw badPort(use, text);
        return range;
      });
    const numbers = ranges.reduce((sum, { first, last }) => sum + (first === last ? 1 : 2), 0);
    if (numbers > ROOM)
      throw badValue(use, `${numbers} port numbers: at most ${ROOM} fit into one match (a range takes two)`);
    return { not: use.not, side, ranges };
  },
  print: ({ not, side, ranges }) =>
    `${printNot(not)}--${side} ${ranges.map((range) => printPortRange(range)).join(',')}`,
  test: ({ not, side, ranges }, env) => {
    const ports = portsOf(env.packet);
    if (ports === undefined || env.packet.laterFragment) return false;
    const hit = ranges.some(
      (range) =>
        (side !== 'dports' && isInRange(range, ports.sport, env)) ||
        (side !== 'sports' && isInRange(range, ports.dport, env)),
    );
    return hit !== not;
  },
});
