/** Which object, field, file and line stands behind an OriginId. */

import type { WrittenKind } from '../cluster/policy/written-kind.ts';
import type { Source } from '../cluster/source.ts';
import type { OriginId } from '../kernel/origin.ts';
import { brand } from '../lib/brand.ts';

/** What a rule or route was made for: the reason codes follow from it. */
export type OriginRole =
  | 'plumbing'
  | 'service'
  | 'service-no-endpoints'
  | 'service-no-ready-endpoints'
  | 'service-no-local-endpoints'
  | 'service-source-range'
  /** Refuses what is for an address of Services, but for no port of them. */
  | 'service-address'
  | 'service-endpoint'
  | 'masquerade'
  | 'policy-allow'
  | 'policy-deny'
  | 'policy-default'
  | 'policy-pass'
  | 'policy-log'
  | 'profile'
  | 'unknown-workload'
  | 'rpf'
  | 'tunnel-filter'
  | 'host-endpoint'
  | 'block'
  | 'bgp-route'
  | 'pod-route'
  | 'docker'
  | 'publish'
  | 'host-port'
  | 'http-route'
  | 'nat-outgoing'
  | 'hand-written'
  | 'fault';

/** Its kind is Kubernetes' or nettrace's (Cluster, Host, Container, Fault). */
export type Origin = WrittenKind & {
  readonly role: OriginRole;
  readonly namespace?: string;
  readonly name: string;
  /** Field path inside the object: `spec.ingress[0]`. */
  readonly field?: string;
  readonly source?: Source;
  /** Of a line inside a text of the input: its number in the file of `source`. */
  readonly line?: number;
  /** For policy-default: which direction and whose Pod. */
  readonly direction?: 'ingress' | 'egress';
  readonly pod?: string;
  /** For the end of a tier of Calico's: which. */
  readonly tier?: string;
};

export class OriginTable {
  readonly #origins: Origin[] = [];

  mint(origin: Origin): OriginId {
    return brand<OriginId>(this.#origins.push(origin) - 1);
  }

  get(id: OriginId): Origin | undefined {
    return this.#origins[id];
  }
}
