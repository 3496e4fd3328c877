import type { TcpFlag } from '../../../net/packet.ts';
import { badName, badValue, isNot, numberOf, printNot, type Use } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';
import { PORT_FORMS, type PortSpec, printPorts, readPorts, restricting, singlePort, testPorts } from './ports.ts';

type TcpSpec = {
  readonly sport?: PortSpec | undefined;
  readonly dport?: PortSpec | undefined;
  readonly option?: { readonly not: boolean; readonly kind: number } | undefined;
  readonly flags?:
    | { readonly not: boolean; readonly mask: readonly TcpFlag[]; readonly set: readonly TcpFlag[] }
    | undefined;
};

/** In the order of the header's bits, as iptables-save lists them. */
const FLAGS: readonly TcpFlag[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

function readFlagList(use: Use, word: string): readonly TcpFlag[] {
  const names = word.split(',').map((name) => name.toUpperCase());
  for (const name of names) {
    if (name !== 'ALL' && name !== 'NONE' && !FLAGS.some((flag) => flag === name))
      throw badName(use, 'TCP flag', name, [...FLAGS, 'ALL', 'NONE']);
  }
  return FLAGS.filter((flag) => names.includes(flag) || names.includes('ALL'));
}

function readFlags(flags: Use | undefined, syn: Use | undefined): TcpSpec['flags'] {
  if (flags !== undefined && syn !== undefined) throw badValue(syn, 'only one of --syn and --tcp-flags is allowed');
  if (syn !== undefined) return { not: syn.not, mask: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'] };
  if (flags === undefined) return undefined;
  const [mask = '', set = ''] = flags.words;
  return { not: flags.not, mask: readFlagList(flags, mask), set: readFlagList(flags, set) };
}

const printFlagList = (flags: readonly TcpFlag[]): string => (flags.length === 0 ? 'NONE' : flags.join(','));

/** tcp_mt() */
export const tcp = defineOptionMatch({
  name: 'tcp',
  kernel: 'net/netfilter/xt_tcpudp.c',
  protocol: 6,
  options: [
    ...PORT_FORMS,
    { name: '--tcp-flags', words: 2, not: true },
    { name: '--syn', words: 0, not: true },
    { name: '--tcp-option', not: true },
  ],
  read: (given): TcpSpec => {
    const option = given.get('--tcp-option');
    return {
      sport: readPorts(given.get('--sport')),
      dport: readPorts(given.get('--dport')),
      option: option === undefined ? undefined : { not: isNot(option), kind: numberOf(option, 1, 255) },
      flags: readFlags(given.get('--tcp-flags'), given.get('--syn')),
    };
  },
  print: ({ sport, dport, option, flags }) =>
    [
      ...printPorts('--sport', restricting(sport)),
      ...printPorts('--dport', restricting(dport)),
      ...(option === undefined ? [] : [`${printNot(option.not)}--tcp-option ${option.kind}`]),
      ...(flags === undefined
        ? []
        : [`${printNot(flags.not)}--tcp-flags ${printFlagList(flags.mask)} ${printFlagList(flags.set)}`]),
    ].join(' '),
  test: (spec, env) => {
    const { transport } = env.packet;
    if (transport.proto !== 'tcp' || env.packet.laterFragment) return false;
    if (!testPorts(spec.sport, transport.sport, env) || !testPorts(spec.dport, transport.dport, env)) return false;
    if (spec.flags !== undefined) {
      const { mask, set, not } = spec.flags;
      if (FLAGS.every((flag) => (mask.includes(flag) && transport.flags.includes(flag)) === set.includes(flag)) === not)
        return false;
    }
    // The options of a segment are its sender's affair and no part of a packet here.
    return (
      spec.option === undefined ||
      env.chance({ kind: 'unknown', what: `TCP option ${spec.option.kind} in the segment` }) !== spec.option.not
    );
  },
  narrows: ({ dport }) => {
    const port = singlePort(dport);
    return port === undefined ? undefined : { protocol: 6, dport: port };
  },
});
