/** The match modules. To add one: a file of its own, a line here, a row in the tables of test/kernel/netfilter. */
import { addrtype } from './addrtype.ts';
import { comment } from './comment.ts';
import { connmark } from './connmark.ts';
import { conntrack } from './conntrack.ts';
import { dscp } from './dscp.ts';
import { eui64 } from './eui64.ts';
import { dst, frag, hbh, rt } from './extension-headers.ts';
import { hashlimit } from './hashlimit.ts';
import { icmp } from './icmp.ts';
import { icmp6 } from './icmp6.ts';
import { iprange } from './iprange.ts';
import { ipv6header } from './ipv6header.ts';
import { ipvs } from './ipvs.ts';
import { length } from './length.ts';
import { limit } from './limit.ts';
import { mac } from './mac.ts';
import { mark } from './mark.ts';
import { multiport } from './multiport.ts';
import { nfacct } from './nfacct.ts';
import type { OptionMatch } from './option-match.ts';
import { owner } from './owner.ts';
import { physdev } from './physdev.ts';
import { pkttype } from './pkttype.ts';
import { recent } from './recent.ts';
import { rpfilter } from './rpfilter.ts';
import { sctp } from './sctp.ts';
import { set } from './set.ts';
import { state } from './state.ts';
import { statistic } from './statistic.ts';
import { string } from './string.ts';
import { tcp } from './tcp.ts';
import { time } from './time.ts';
import { tos } from './tos.ts';
import { hl, ttl } from './ttl.ts';
import { udp } from './udp.ts';

/** The match of -s -d -i -o -p -f is not among them: it has no `-m` (see header.ts). */
export const MATCHES: readonly OptionMatch[] = Object.freeze([
  addrtype,
  comment,
  connmark,
  conntrack,
  dscp,
  dst,
  eui64,
  frag,
  hashlimit,
  hbh,
  hl,
  icmp,
  icmp6,
  iprange,
  ipv6header,
  ipvs,
  length,
  limit,
  mac,
  mark,
  multiport,
  nfacct,
  owner,
  physdev,
  pkttype,
  recent,
  rpfilter,
  rt,
  sctp,
  set,
  state,
  statistic,
  string,
  tcp,
  time,
  tos,
  ttl,
  udp,
]);
