import { type HttpProxy, httpProxyOf } from '../../cluster/http/http-proxy.ts';
import type { Pod } from '../../cluster/objects.ts';
import { innermost } from '../../explain/classify.ts';
import type { ExplainContext } from '../../explain/context.ts';
import type { Path } from '../../kernel/walk/step.ts';
import { portsOf } from '../../net/packet.ts';

export type ProxyPod = { readonly pod: Pod; readonly proxy: HttpProxy };

/** The Pod whose socket took the request, where it is a proxy. */
export function proxyAt(path: Path, { cluster, ownerKind, place }: ExplainContext): ProxyPod | undefined {
  const { disposition, packet } = path.request;
  if (cluster === undefined || disposition.kind !== 'delivered') return undefined;
  const kind = ownerKind(disposition.netns);
  const { machine, inside } = place(disposition.netns);
  const port = portsOf(innermost(packet))?.dport;
  const candidates =
    kind === 'node'
      ? cluster
          .podsOnNode(machine)
          .filter(({ hostNetwork, name }) => hostNetwork && name === disposition.listener?.process)
      : kind === 'pod'
        ? cluster.podsOnNode(machine).filter(({ namespace, name }) => `${namespace}/${name}` === inside)
        : [];
  for (const pod of candidates) {
    const proxy = port === undefined ? undefined : httpProxyOf(cluster, pod);
    if (proxy !== undefined) return { pod, proxy };
  }
  return undefined;
}
