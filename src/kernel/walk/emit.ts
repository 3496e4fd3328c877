/** Steps that more than one stage records. */
import type { IpAddr } from '../../net/address.ts';
import type { Packet } from '../../net/packet.ts';
import type { Netns } from '../netns.ts';
import type { Resolution } from '../route/neighbour.ts';
import type { PolicyRule } from '../route/route.ts';
import type { Run } from './run.ts';
import type { RouteOutcome } from './step.ts';

/** How a look-up ended, with its policy rule, and where the route was written down. */
export function emitRoute(
  run: Run,
  netns: Netns,
  packet: Packet,
  direction: 'input' | 'output',
  { outcome, rule }: { readonly outcome: RouteOutcome; readonly rule: PolicyRule | undefined },
): void {
  const origin = outcome.route?.origin;
  run.emit({
    kind: 'route',
    netns: netns.id,
    packet,
    direction,
    rule,
    outcome,
    ...(origin === undefined ? {} : { origin }),
  });
}

/** Who has answered for `target` on the device's link; `found` is undefined where nobody has. */
export function emitNeighbour(
  run: Run,
  netns: Netns,
  packet: Packet,
  { device, target }: { readonly device: string; readonly target: IpAddr },
  found: Resolution | undefined,
): void {
  run.emit({
    kind: 'neighbour',
    netns: netns.id,
    packet,
    device,
    target,
    mac: found?.mac,
    how: found?.how ?? 'failed',
    answeredBy: found?.answeredBy,
  });
}

/** From which port to which; without a port in, or out, the machine itself sends or takes the frame. */
export function emitBridge(
  run: Run,
  netns: Netns,
  packet: Packet,
  ports: { readonly bridge: string; readonly inPort: string | undefined; readonly outPort: string | undefined },
  flooded = false,
): void {
  run.emit({ kind: 'bridge', netns: netns.id, packet, ...ports, flooded });
}
