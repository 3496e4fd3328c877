import type { SchedulerName } from '../virtual-server.ts';
import { fo, ovf, twos } from './by-weight.ts';
import { dh, sh } from './hash.ts';
import { lblc, lblcr, lc, nq, sed, wlc } from './least-connection.ts';
import { mh } from './maglev.ts';
import { rr, wrr } from './round-robin.ts';
import type { Scheduler } from './scheduler.ts';

/** By the names of ipvsadm -s. */
export const SCHEDULERS: Readonly<Record<SchedulerName, Scheduler>> = {
  rr,
  wrr,
  lc,
  wlc,
  lblc,
  lblcr,
  dh,
  sh,
  sed,
  nq,
  fo,
  ovf,
  mh,
  twos,
};
