/** What Felix's static chains depend on. */

import { encapsulations } from '../../../cluster/calico-pools.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { type Failsafes, failsafesOf } from '../../../cluster/failsafe-ports.ts';
import type { FelixConfiguration } from '../../../cluster/objects.ts';
import type { TableName } from '../../../kernel/netfilter/hook.ts';
import type { Family } from '../../../net/address.ts';
import type { CalicoContext } from './context.ts';
import type { EndpointMarks } from './endpoint-marks.ts';
import { action } from './felix-rule.ts';
import type { Origins } from './origins.ts';
import type { RenderContext } from './policy-rules.ts';
import type { MarkBits } from './version.ts';

export type Deny = { readonly word: 'Drop' | 'Reject'; readonly action: readonly string[] };

export type Static = {
  readonly family: Family;
  readonly marks: MarkBits;
  readonly deny: Deny;
  readonly ipip: boolean;
  readonly vxlan: boolean;
  readonly natOutgoing: boolean;
  readonly allPools: string;
  readonly randomFully: boolean;
  readonly endpointToHost: FelixConfiguration['defaultEndpointToHostAction'];
  readonly failsafes: Failsafes;
  /** Only where kube-proxy is in IPVS mode. */
  readonly endpointMarks?: EndpointMarks;
  readonly origins: Origins;
};

export function staticInput({ family, cluster, version, pools, origins }: CalicoContext): Static {
  return {
    family,
    marks: version.marks,
    deny: denyOf(cluster),
    ...encapsulations(pools),
    allPools: version.allPools,
    natOutgoing: pools.some(({ natOutgoing }) => natOutgoing),
    randomFully: cluster.settings.proxy.randomFully,
    // Felix itself would drop; every way to install Calico (calico.yaml, the operator) says Accept.
    endpointToHost: cluster.felixConfiguration?.defaultEndpointToHostAction ?? 'Accept',
    failsafes: failsafesOf(cluster.felixConfiguration),
    origins,
  };
}

/** What rules of policies are rendered with. Only the filter table can reject. */
export function renderContext({ family, marks, deny }: Static, table: TableName = 'filter'): RenderContext {
  const only = table === 'filter' ? deny : DROP;
  return { family, marks, deny: only, logPrefix: 'calico-packet' };
}

const DROP: Deny = { word: 'Drop', action: action.drop };

/** What becomes of packets that no policy lets pass (FelixConfiguration's denyAction). */
function denyOf(cluster: Cluster): Deny {
  return cluster.felixConfiguration?.denyAction === 'Reject'
    ? { word: 'Reject', action: action.reject }
    : { word: 'Drop', action: action.drop };
}

/** Every bit that Calico clears before it begins (felix/rules/static.go: allCalicoMarkBits). */
export function allMarks({ accept, pass, scratch0, scratch1 }: MarkBits): number {
  return accept | pass | scratch0 | scratch1;
}
