/** Pods of one workload that are alike before and alike after, where two inputs are compared. */
import type { Pod } from '../../cluster/objects.ts';
import { groupBy } from '../../lib/group-by.ts';
import { memoize } from '../../lib/lazy.ts';
import type { Connectivity } from './connectivity.ts';

export type PodGroup = {
  /** The slot of all of them before. */
  readonly before: number;
  readonly after: number;
  /** As they are after. */
  readonly pods: readonly Pod[];
};

export class PodGroups {
  /** By the label of a workload; a Pod that only one of the inputs has is in no group. */
  readonly of: (label: string) => readonly PodGroup[];

  constructor(before: Connectivity, after: Connectivity) {
    const podsOf = ({ workloads }: Connectivity): ReadonlyMap<string, readonly Pod[]> =>
      new Map(workloads.map(({ label, pods }) => [label, pods]));
    const [old, now] = [podsOf(before), podsOf(after)];
    this.of = memoize((label) => {
      const slotBefore = new Map((old.get(label) ?? []).map((pod) => [pod.name, before.classes.slotOf.get(pod)]));
      const common = (now.get(label) ?? []).flatMap((pod) => {
        const slots = {
          before: slotBefore.get(pod.name),
          after: after.classes.slotOf.get(pod),
        };
        return slots.before === undefined || slots.after === undefined
          ? []
          : [{ pod, before: slots.before, after: slots.after }];
      });
      const groups = groupBy(common, (one) => `${one.before} ${one.after}`);
      return [...groups.values()].flatMap((group): readonly PodGroup[] => {
        const [first] = group;
        return first === undefined
          ? []
          : [
              {
                before: first.before,
                after: first.after,
                pods: group.map(({ pod }) => pod),
              },
            ];
      });
    });
  }
}
