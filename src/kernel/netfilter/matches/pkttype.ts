import { BROADCAST_MAC } from '../../../net/mac.ts';
import { contains, type Prefix, parsePrefix } from '../../../net/prefix.ts';
import { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { badName, printNot, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

type PacketType = 'unicast' | 'broadcast' | 'multicast';

const NAMES: ReadonlyMap<string, PacketType> = new Map([
  ['unicast', 'unicast'],
  ['host', 'unicast'],
  ['broadcast', 'broadcast'],
  ['bcast', 'broadcast'],
  ['multicast', 'multicast'],
  ['mcast', 'multicast'],
]);
const MULTICAST: readonly (Prefix | undefined)[] = [parsePrefix('224.0.0.0/4'), parsePrefix('ff00::/8')];

/**
 * skb->pkt_type, told from the IP address: frames carry their MAC addresses accordingly (RFC 1112 section 6.4). What is for
 * the broadcast address of another link comes in an ordinary frame.
 */
function typeOf(env: MatchEnv): PacketType {
  const { dst } = env.packet;
  const { destinationMac = BROADCAST_MAC } = env;
  if (MULTICAST.some((prefix) => prefix !== undefined && contains(prefix, dst))) return 'multicast';
  return destinationMac === BROADCAST_MAC && env.addressType(dst) === 'BROADCAST' ? 'broadcast' : 'unicast';
}

/** pkttype_mt(); a packet of this machine counts as unicast, whatever it is sent to (PACKET_HOST is 0). */
export const pkttype = defineOptionMatch({
  name: 'pkttype',
  kernel: 'net/netfilter/xt_pkttype.c',
  options: [{ name: '--pkt-type', not: true }],
  read: (given, _context, at): { readonly not: boolean; readonly type: PacketType } => {
    const use = given.get('--pkt-type');
    if (use === undefined) throw new ArgumentError('the pkttype match needs --pkt-type', at);
    const type = NAMES.get(wordOf(use).toLowerCase());
    if (type === undefined) throw badName(use, 'packet type', wordOf(use), [...NAMES.keys()]);
    return { not: use.not, type };
  },
  print: ({ not, type }) => `${printNot(not)}--pkt-type ${type}`,
  test: ({ not, type }, env) => ((env.inDevice === undefined ? 'unicast' : typeOf(env)) === type) !== not,
});
