/** What a walk met on the last two machines: whether that is all that two Pods that look alike have of their own. */
import type { DropReason } from '../../kernel/drop-reason.ts';
import type { NetnsId } from '../../kernel/netns-id.ts';
import type { Leg, Path, Step } from '../../kernel/walk/step.ts';
import { compareIp, type IpAddr } from '../../net/address.ts';

export type LastMachines = {
  readonly node: NetnsId;
  readonly pod: NetnsId;
  /** The node's end of the Pod's own pair; undefined where there is a bridge. */
  readonly device: string | undefined;
  /** Machines that the packet came by before the choice. */
  readonly before: ReadonlySet<NetnsId>;
};

/** Ends that rules and sockets make, which are accounted for. Others may have to do with how one machine is connected. */
const UNDERSTOOD: ReadonlySet<DropReason> = new Set([
  'NETFILTER_RULE',
  'NETFILTER_POLICY',
  'NETFILTER_REJECT',
  'SOCKET_CLOSED',
]);

/** How often rules looked for the Pod's own chains by its device; undefined: the walk met what is not accounted for. */
export function countDispatches(
  { request, answer, further, observation }: Path,
  last: LastMachines,
): number | undefined {
  if (further !== undefined) return undefined;
  const asked = request.steps[0]?.packet.dst;
  // An error comes from a machine's own address, which is another for each.
  if ('from' in observation && !isSame(observation.from, asked)) return undefined;
  let count = 0;
  for (const leg of [request, ...(answer === undefined ? [] : [answer])]) {
    if (!isUnderstood(leg)) return undefined;
    for (const step of leg.steps) {
      const { node, pod, before } = last;
      if (step.netns !== node && step.netns !== pod && !before.has(step.netns)) return undefined;
      const dispatched = step.netns === node ? dispatchesIn(step, last.device) : 0;
      if (dispatched === undefined) return undefined;
      count += dispatched;
    }
  }
  return count;
}

function isUnderstood({ disposition }: Leg): boolean {
  return disposition.kind === 'delivered' || UNDERSTOOD.has(disposition.reason);
}

/** 1 for the rule that leads to one of the Pod's own chains; undefined for another that knows the device. */
function dispatchesIn(step: Step, device: string | undefined): number | undefined {
  if (step.kind !== 'netfilter' || device === undefined) return 0;
  if (step.rule === undefined || !('target' in step.rule)) return 0;
  const { name } = step.rule.target;
  if (!name.endsWith(device)) return 0;
  return name === `cali-tw-${device}` || name === `cali-fw-${device}` ? 1 : undefined;
}

function isSame(a: IpAddr, b: IpAddr | undefined): boolean {
  return b !== undefined && typeof a === typeof b && compareIp(a, b) === 0;
}
