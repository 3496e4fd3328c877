/** The virtual servers of a machine, as text for `ipvsadm -R`. */
import { printIpvsRestore } from '../kernel/ipvs/print-ipvsadm.ts';
import type { Netns } from '../kernel/netns.ts';

/** Absent without virtual servers. Servers stand in the order in which they are added: schedulers depend on it. */
export function planIpvs(netns: Netns): { readonly ipvs?: string } {
  const { all } = netns.ipvs();
  return all.length === 0 ? {} : { ipvs: printIpvsRestore(all) };
}
