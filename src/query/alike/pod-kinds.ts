/** Pods as their nodes and the policies see them, without names and addresses. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Labels, Pod } from '../../cluster/objects.ts';
import { lazy, memoize } from '../../lib/lazy.ts';
import { relevantTo } from '../../policy/classes/relevant.ts';
import { tiersOf } from '../../policy/tiers.ts';
import { addressKinds } from './address-kinds.ts';
import { kindText } from './kind-text.ts';

/** Labels that each Pod has to itself. They count where a policy asks for them. */
const OWN_LABELS: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-revision-hash',
  'pod-template-hash',
]);

/** What CNI plugins and kubectl write down, and nobody reads. */
const OWN_ANNOTATIONS =
  /^(cni\.projectcalico\.org\/(podIPs?|containerID)|k8s\.v1\.cni\.cncf\.io\/.*|kubectl\.kubernetes\.io\/.*)$/;

/** Equal texts: nothing but names and addresses differs. undefined: no Pod, or one that is not like any other. */
export function podKinds(cluster: Cluster): (pod: Pod) => string | undefined {
  const relevant = lazy(() => relevantTo(cluster, tiersOf(cluster)));
  const kindOfAddress = lazy(() => addressKinds(cluster, relevant()));
  return memoize((pod) => {
    // No two Pods that run have one address: that is an error of the input.
    if (!isPlain(pod)) return undefined;
    const { name: _name, ips, node: _node, source: _source, owner: _owner, hostname: _hostname, ...rest } = pod;
    const labels = without(pod.labels, (label) => OWN_LABELS.has(label) && !relevant().labelKeys.has(label));
    const annotations = without(pod.annotations, (name) => OWN_ANNOTATIONS.test(name));
    return kindText({ ...rest, labels, annotations, ips: ips.map(kindOfAddress()) });
  });
}

function isPlain({ hostNetwork, phase, ips, node, annotations }: Pod): boolean {
  return (
    !hostNetwork &&
    phase === 'Running' &&
    ips.length > 0 &&
    node !== undefined &&
    // A MAC address that was asked for may be another's.
    annotations['cni.projectcalico.org/hwAddr'] === undefined
  );
}

function without(map: Labels, isLeftOut: (key: string) => boolean): Labels {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !isLeftOut(key)));
}
