/** What IPVS does to the connection of conntrack that its packet belongs to (net/netfilter/ipvs/ip_vs_nfct.c). */
import type { Netns } from '../netns.ts';
import type { Skb } from '../walk/skb.ts';
import type { IpvsConnection } from './connection.ts';

/** ip_vs_update_conntrack() with net.ipv4.vs.conntrack, ip_vs_notrack() without. */
export function tracked(netns: Netns, connection: IpvsConnection, skb: Skb, outwards: boolean): Skb {
  if (!keepsConntrack(netns)) return untracked(skb);
  const entry = skb.connection?.connection;
  if (entry !== undefined && !entry.confirmed) {
    entry.reply = outwards
      ? { ...entry.reply, src: connection.destination, sport: connection.destinationPort }
      : { ...entry.reply, dst: connection.virtual, dport: connection.virtualPort };
  }
  return skb;
}

/** ip_vs_send_or_cont(): packets that keep their addresses change nothing about the connection. */
export function trackedAsIs(netns: Netns, skb: Skb): Skb {
  return keepsConntrack(netns) ? skb : untracked(skb);
}

/** IP_VS_CONN_F_NFCT */
function keepsConntrack(netns: Netns): boolean {
  return netns.sysctls.number('net.ipv4.vs.conntrack') !== 0;
}

function untracked(skb: Skb): Skb {
  if (skb.connection === undefined) return skb;
  const { connection: _, ...rest } = skb;
  return { ...rest, untracked: true };
}
