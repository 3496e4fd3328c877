/** Whether a controller takes an Ingress (ingress-nginx: internal/ingress/controller/store: isValidIngressClass). */
import type { Cluster } from '../cluster.ts';
import type { Ingress } from '../objects.ts';
import { INGRESS_NGINX } from './http-proxy.ts';

export type ClassAnswer = 'handled' | 'other-class' | 'no-class' | 'unknown-class';

/**
 * The class decides: the one the Ingress names, else the cluster's default, which the API server fills in where there is
 * exactly one (DefaultIngressClass admission). Where the input has no IngressClass at all, `nginx` is taken to be the one
 * that ingress-nginx's manifests bring along.
 */
export function classAnswer(cluster: Cluster, { className }: Ingress, controller: string): ClassAnswer {
  const { ingressClasses } = cluster;
  const defaults = ingressClasses.filter(({ isDefault }) => isDefault);
  const name = className ?? (defaults.length === 1 ? defaults[0]?.name : undefined);
  if (name === undefined) return 'no-class';
  const found = ingressClasses.find((each) => each.name === name);
  if (found !== undefined) return found.controller === controller ? 'handled' : 'other-class';
  if (ingressClasses.length === 0 && name === 'nginx') return controller === INGRESS_NGINX ? 'handled' : 'other-class';
  return 'unknown-class';
}
