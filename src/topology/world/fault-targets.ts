/** Which machine each fault breaks, and what filters on segments do. */

import type { BgpSessionFault } from '../../cluster/settings.ts';
import type { OriginTable } from '../../compile/origin.ts';
import { type NetnsId, netnsId } from '../../kernel/netns-id.ts';
import type { World } from '../../kernel/world.ts';
import { nearest } from '../../lib/nearest.ts';
import { plain } from '../../lib/quote.ts';
import { type Issue, issue } from '../../lib/result.ts';
import { portsOf, protocolNumber } from '../../net/packet.ts';
import type { Fault } from '../nettrace/fault-document.ts';
import { faultOrigin } from './apply-faults.ts';
import type { Placement } from './place-containers.ts';
import type { Machines } from './scene.ts';

export function bgpFaults(faults: readonly Fault[]): readonly BgpSessionFault[] {
  return faults.flatMap((fault) =>
    fault.kind === 'bgp-session-down' ? [{ node: fault.machine, peer: fault.peer }] : [],
  );
}

/** Faults by the namespace they break. Sessions of BGP and segments are no namespaces: their names are only checked. */
export function targetFaults(
  faults: readonly Fault[],
  machines: Machines,
  placement: Placement,
  issues: Issue[],
): ReadonlyMap<NetnsId, readonly Fault[]> {
  const targets = new Map<NetnsId, Fault[]>();
  for (const fault of faults) {
    if (fault.kind === 'segment-block') continue;
    if (fault.kind === 'bgp-session-down') {
      checkSession(fault, machines, issues);
      continue;
    }
    const netns = machines.names.has(fault.machine)
      ? netnsId(fault.machine)
      : placement.byName.get(fault.machine)?.netns;
    if (netns === undefined) {
      issues.push(unknown(fault, 'node', fault.machine, [...machines.names, ...placement.byName.keys()]));
      continue;
    }
    targets.set(netns, [...(targets.get(netns) ?? []), fault]);
  }
  return targets;
}

/** A peer is a node, or the address of a speaker outside. */
function checkSession(
  fault: Fault & { readonly kind: 'bgp-session-down' },
  { nodes }: Machines,
  issues: Issue[],
): void {
  if (!nodes.has(fault.machine)) issues.push(unknown(fault, 'node', fault.machine, nodes.keys()));
  if (!nodes.has(fault.peer) && !/^[\d.]+$|:/.test(fault.peer)) {
    issues.push(unknown(fault, 'bgpPeer', fault.peer, nodes.keys()));
  }
}

function unknown({ fault, source }: Fault, field: string, name: string, names: Iterable<string>): Issue {
  const known = [...names];
  const [best] = nearest(name, known, 1);
  return issue(
    field === 'segment' ? 'unknown-segment' : 'unknown-host',
    `Fault ${fault}: nothing is named ${plain(name)}`,
    {
      at: source.document.locate([...source.path, field]),
      hint: best === undefined ? `known: ${known.slice(0, 10).join(', ')}` : `did you mean ${best}?`,
    },
  );
}

/** What filters between the machines do with a packet. */
export function segmentFilter(
  faults: readonly Fault[],
  segments: readonly string[],
  origins: OriginTable,
  issues: Issue[],
): World['blocked'] {
  const blocks = faults.flatMap((fault) => {
    if (fault.kind !== 'segment-block') return [];
    if (!segments.includes(fault.segment))
      issues.push(
        unknown(
          fault,
          'segment',
          fault.segment,
          segments.filter((name) => !name.endsWith(':')),
        ),
      );
    return [{ fault, origin: faultOrigin(fault, origins) }];
  });
  return (segment, packet) => {
    const hit = blocks.find(
      ({ fault }) =>
        fault.segment === segment &&
        (fault.protocol === undefined || fault.protocol === protocolNumber(packet)) &&
        (fault.port === undefined || fault.port === portsOf(packet)?.dport),
    );
    return hit === undefined
      ? undefined
      : { reason: `segment ${segment} blocks ${hit.fault.words}`, origin: hit.origin };
  };
}
