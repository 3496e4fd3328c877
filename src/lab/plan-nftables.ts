/** The tables of nftables of a machine, as text for `nft -f`. */

import type { Netns } from '../kernel/netns.ts';
import { printNftables } from '../kernel/nftables/print-ruleset.ts';

/** Absent without tables. What nft lists it reads again; it fills a namespace that has none. */
export function planNftables(netns: Netns): { readonly nftables?: string } {
  const tables = netns.nftables();
  return tables.length === 0 ? {} : { nftables: printNftables(tables) };
}
