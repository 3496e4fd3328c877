/** The port options that tcp, udp and sctp share. */

import { nearest } from '../../../lib/nearest.ts';
import { quote } from '../../../lib/quote.ts';
import { inPortRange, type PortRange, parsePortRange, printPortRange, SERVICE_NAMES } from '../../../net/port-range.ts';
import type { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { badValue, printNot, type Use, wordOf } from '../options.ts';

/** Both ends of the range are in it. */
export type PortSpec = { readonly not: boolean; readonly range: PortRange };

export const PORT_FORMS = [
  { name: '--sport', also: ['--source-port'], not: true },
  { name: '--dport', also: ['--destination-port'], not: true },
] as const;

/** `80`, `1000:2000`, `http`; undefined where the option is not there. Throws ArgumentError. */
export function readPorts(use: Use | undefined): PortSpec | undefined {
  if (use === undefined) return undefined;
  const range = parsePortRange(wordOf(use));
  if (range === undefined) throw badPort(use, wordOf(use));
  return { not: use.not, range };
}

/** With the services whose names are near. */
export function badPort(use: Use, text: string): ArgumentError {
  const near = nearest(text, SERVICE_NAMES);
  return badValue(
    use,
    `${quote(text)} is not a port or range of ports`,
    near.length > 0 ? near.join(', ') : 'such as 80 or 1000:2000',
  );
}

/** port_match() in net/netfilter/xt_tcpudp.c */
export function testPorts(spec: PortSpec | undefined, port: number, env: MatchEnv): boolean {
  return spec === undefined || isInRange(spec.range, port, env) !== spec.not;
}

/** Of a port that NAT has drawn chance decides. */
export function isInRange(range: PortRange, port: number, env: MatchEnv): boolean {
  const drawn = env.drawnPort?.(port);
  return drawn === undefined ? inPortRange(range, port) : drawn.isWithin(range, (chance) => env.chance(chance));
}

/** No words where there is no condition. */
export function printPorts(option: string, spec: PortSpec | undefined): readonly string[] {
  return spec === undefined ? [] : [`${printNot(spec.not)}${option} ${printPortRange(spec.range)}`];
}

/** libxt_tcp and libxt_udp print no range that holds every port, even with `!`; libxt_sctp does. */
export function restricting(spec: PortSpec | undefined): PortSpec | undefined {
  return spec !== undefined && spec.range.first === 0 && spec.range.last === 65535 ? undefined : spec;
}

/** The one destination port a match asks for, for an index. */
export function singlePort(spec: PortSpec | undefined): number | undefined {
  return spec === undefined || spec.not || spec.range.first !== spec.range.last ? undefined : spec.range.first;
}
