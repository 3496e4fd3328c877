/** No CNI plugin: Pods get no network but their own loopback device. */
import { podNetnsId } from '../../netns-names.ts';
import type { CniCompiler } from '../../parts.ts';
import { runningListeners } from '../../pod-listeners.ts';

export const none: CniCompiler = {
  name: 'none',
  forCluster: () => ({
    node: () => ({}),
    pod: (pod) => ({ id: podNetnsId(pod.namespace, pod.name), devices: [], listeners: runningListeners(pod) }),
    enforcesPolicies: false,
    notes: [
      {
        code: 'CNI_NONE',
        message:
          'the cluster has no CNI plugin: on a real one its Pods would not start, here they have no network but loopback',
      },
    ],
  }),
};
