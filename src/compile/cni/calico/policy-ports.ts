/** Protocols and ports of converted rules. */
import type { Protocol } from '../../../cluster/objects.ts';
import type { CalicoProtocol } from '../../../cluster/policy/calico-policy.ts';
import type { PortRange } from './felix-rule.ts';

const NUMBERS: Readonly<Record<Protocol, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

export function protocolOf(name: Protocol): CalicoProtocol {
  return { number: NUMBERS[name], name };
}

/** The fewest ranges that cover the ports, ascending (libcalico-go conversion.go: SimplifyPorts). */
export function simplifyPorts(ports: readonly PortRange[]): readonly PortRange[] {
  const merged: PortRange[] = [];
  for (const range of [...ports].sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1) {
      merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    } else merged.push(range);
  }
  return merged;
}
