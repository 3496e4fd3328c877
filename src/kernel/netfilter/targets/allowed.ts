/** Where the kernel lets a target stand: the fields `.table` and `.hooks` of its struct xt_target. */
import type { Hook, TableName } from '../hook.ts';

type AllowedPlaces = {
  /** undefined: every table. */
  readonly tables?: readonly TableName[];
  /**
   * The hooks from which the rule may be reached; undefined: every hook. A rule that no built-in chain leads to is not
   * checked: its comefrom is 0 (mark_source_chains()).
   */
  readonly hooks?: readonly Hook[];
};

/** xt_check_target() refuses the rule set elsewhere; DROP in the nat table is iptables' own taboo (do_command4()). */
const PLACES: ReadonlyMap<string, AllowedPlaces> = new Map<string, AllowedPlaces>([
  ['DROP', { tables: ['raw', 'mangle', 'filter', 'security'] }],
  ['REJECT', { tables: ['filter'], hooks: ['INPUT', 'FORWARD', 'OUTPUT'] }],
  ['DNAT', { tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'] }],
  ['SNAT', { tables: ['nat'], hooks: ['POSTROUTING', 'INPUT'] }],
  ['MASQUERADE', { tables: ['nat'], hooks: ['POSTROUTING'] }],
  ['REDIRECT', { tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'] }],
  ['NETMAP', { tables: ['nat'], hooks: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'] }],
  ['CT', { tables: ['raw'] }],
  ['NOTRACK', { tables: ['raw'] }],
  ['TRACE', { tables: ['raw'] }],
  ['TTL', { tables: ['mangle'] }],
  ['HL', { tables: ['mangle'] }],
  ['DSCP', { tables: ['mangle'] }],
  ['TOS', { tables: ['mangle'] }],
  ['CHECKSUM', { tables: ['mangle'] }],
  ['TPROXY', { tables: ['mangle'], hooks: ['PREROUTING'] }],
  ['CLASSIFY', { hooks: ['FORWARD', 'OUTPUT', 'POSTROUTING'] }],
]);

/** The restrictions of a target, or undefined when it may stand anywhere (or is not known). */
export function allowedIn(targetName: string): AllowedPlaces | undefined {
  return PLACES.get(targetName);
}
