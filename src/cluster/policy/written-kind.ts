/** Kinds as manifests write them. Calico's NetworkPolicy bears the kind of Kubernetes' own, in an API of its own. */

export type WrittenKind = {
  readonly kind: string;
  /** Only where the kind alone would be taken for that of another API. */
  readonly apiVersion?: string;
};

export function writtenKind(kind: string): WrittenKind {
  return kind === 'CalicoNetworkPolicy' ? { kind: 'NetworkPolicy', apiVersion: 'projectcalico.org/v3' } : { kind };
}

/** As sentences have it: `NetworkPolicy`, `Calico NetworkPolicy`. */
export function sayKind({ kind, apiVersion }: WrittenKind): string {
  return apiVersion === undefined ? kind : `Calico ${kind}`;
}
