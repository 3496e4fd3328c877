/** Where a request was given another destination: by conntrack, or by IPVS. */
import type { Step } from '../kernel/walk/step.ts';
import type { Packet } from '../net/packet.ts';

/** The packet with its new destination; undefined for every other step. */
export function translatedBy(step: Step): Packet | undefined {
  switch (step.kind) {
    case 'nat':
      return step.manip === 'dst' && !step.reply ? step.after : undefined;
    case 'ipvs':
      return step.server === undefined || step.reply ? undefined : step.after;
    default:
      return undefined;
  }
}

export function isTranslated(steps: readonly Step[]): boolean {
  return steps.some((step) => translatedBy(step) !== undefined);
}
