/** Which Pods answer HTTP for others: ingress controllers, and the proxies of a Gateway. */
import type { Cluster } from '../cluster.ts';
import type { Gateway, Pod } from '../objects.ts';
import { labelOf } from '../selector.ts';

export type HttpProxy =
  /** `controller` as IngressClasses name it: `k8s.io/ingress-nginx`. */
  { readonly kind: 'ingress'; readonly controller: string } | { readonly kind: 'gateway'; readonly gateway: Gateway };

/** The controller of ingress-nginx (internal/ingress/controller/ingressclass: DefaultControllerName). */
export const INGRESS_NGINX = 'k8s.io/ingress-nginx';

/** Says it of a Pod that carries no label of a known one: `nettrace/ingress-controller: k8s.io/ingress-nginx`. */
const ANNOTATION = 'nettrace/ingress-controller';

/** Label that in-cluster implementations put on what they make for a Gateway (GEP-1762). */
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** Labels of ingress-nginx's Helm chart and static manifests; jobs of its admission webhook carry another component. */
function isIngressNginx({ labels }: Pod): boolean {
  const component = labelOf(labels, 'app.kubernetes.io/component');
  return (
    labelOf(labels, 'app.kubernetes.io/name') === 'ingress-nginx' &&
    (component === undefined || component === 'controller')
  );
}

export function httpProxyOf(cluster: Cluster, pod: Pod): HttpProxy | undefined {
  const said = labelOf(pod.annotations, ANNOTATION);
  if (said !== undefined && said !== '') return { kind: 'ingress', controller: said };
  const gatewayName = labelOf(pod.labels, GATEWAY_NAME);
  const gateway = cluster.gateways.find(({ name, namespace }) => name === gatewayName && namespace === pod.namespace);
  if (gateway !== undefined) return { kind: 'gateway', gateway };
  return isIngressNginx(pod) ? { kind: 'ingress', controller: INGRESS_NGINX } : undefined;
}

/** Running Pods that are one, by namespace and name. */
export function httpProxies(cluster: Cluster): readonly { readonly pod: Pod; readonly proxy: HttpProxy }[] {
  return cluster.pods.flatMap((pod) => {
    const proxy = pod.phase === 'Running' ? httpProxyOf(cluster, pod) : undefined;
    return proxy === undefined ? [] : [{ pod, proxy }];
  });
}
