/** The targets that rules may name. A chain's name is not among them: see jumpTarget(). */
import type { RegisteredTarget } from '../target.ts';
import { CHECKSUM, CLASSIFY, TCPMSS, TRACE } from './alter.ts';
import { CONNMARK } from './connmark.ts';
import { CT, NOTRACK } from './ct.ts';
import { DSCP, TOS } from './dscp.ts';
import { LOG, NFLOG } from './log.ts';
import { MARK } from './mark.ts';
import { MASQUERADE, REDIRECT } from './masquerade.ts';
import { DNAT, SNAT } from './nat.ts';
import { NETMAP } from './netmap.ts';
import { NFQUEUE, QUEUE } from './queue.ts';
import { REJECT } from './reject.ts';
import { SET } from './set.ts';
import { TPROXY } from './tproxy.ts';
import { HL, TTL } from './ttl.ts';
import { ACCEPT, DROP, RETURN } from './verdicts.ts';

export { allowedIn } from './allowed.ts';
export { unknownTarget } from './unknown.ts';
export { gotoTarget, jumpTarget, noTarget } from './verdicts.ts';

export const TARGETS: readonly RegisteredTarget[] = [
  ACCEPT,
  DROP,
  RETURN,
  QUEUE,
  NFQUEUE,
  REJECT,
  LOG,
  NFLOG,
  MARK,
  CONNMARK,
  DNAT,
  SNAT,
  MASQUERADE,
  REDIRECT,
  NETMAP,
  CT,
  NOTRACK,
  TCPMSS,
  CLASSIFY,
  CHECKSUM,
  TRACE,
  DSCP,
  TOS,
  TTL,
  HL,
  SET,
  TPROXY,
];
