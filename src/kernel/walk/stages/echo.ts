/** An echo request: net/ipv4/icmp.c icmp_echo(), net/ipv6/icmp.c icmpv6_echo_reply() */
import { type IpAddr, isIp6 } from '../../../net/address.ts';
import type { Transport } from '../../../net/packet.ts';
import type { Netns } from '../../netns.ts';
import { addressType } from '../../route/address-type.ts';
import { routeOutput } from '../../route/output.ts';
import { drop } from '../end.ts';
import type { Run } from '../run.ts';
import type { Cursor, Next } from '../stage.ts';
import { answered, answerHeader } from './local-answer.ts';

/** The kernel answers for every address of the machine, unless it was told not to. */
export function echo(run: Run, netns: Netns, at: Cursor, reply: Transport): Next {
  const { packet } = at.skb;
  const ignore = isIp6(packet.dst) ? 'net.ipv6.icmp.echo_ignore_all' : 'net.ipv4.icmp_echo_ignore_all';
  if (netns.sysctls.number(ignore) !== 0) return drop(run, netns, at, 'ECHO_IGNORED');
  // icmp_rcv(): icmp_echo_ignore_broadcasts is 1 unless somebody changed it.
  if (addressType(netns, packet.dst) === 'BROADCAST')
    return drop(run, netns, at, 'ECHO_IGNORED', { detail: 'an echo request to a broadcast address' });
  run.emit({ kind: 'deliver', netns: netns.id, packet, to: 'echo', listener: undefined });
  return answered(run, netns, at, undefined, {
    ...answerHeader(netns, packet),
    src: echoSource(run, netns, at),
    // icmp_sk_init(): the socket of ICMP answers has IP_PMTUDISC_DONT; icmp_reply() takes over the type of service.
    dontFragment: false,
    ...(packet.dscp === undefined ? {} : { dscp: packet.dscp }),
    length: packet.length,
    transport: reply,
  });
}

/** icmpv6_echo_reply() does not speak from an anycast address, but from the one of the way back. */
function echoSource(run: Run, netns: Netns, at: Cursor): IpAddr {
  const { packet } = at.skb;
  if (at.anycast !== true) return packet.dst;
  const back = { ...packet, src: packet.dst, dst: packet.src };
  return routeOutput(run, netns, back, { source: undefined, mark: 0, oif: at.inDevice }).source ?? packet.dst;
}
