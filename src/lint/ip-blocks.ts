/** Address ranges that policies of the Kubernetes APIs name, each at its place. */
import type { Cluster } from '../cluster/cluster.ts';
import type { PathSegment } from '../cluster/source.ts';
import type { Prefix } from '../net/prefix.ts';
import type { LintedObject } from './rule.ts';

export type PlacedBlock = {
  readonly policy: LintedObject;
  readonly path: readonly PathSegment[];
  readonly cidr: Prefix;
  readonly except: readonly Prefix[];
};

export function ipBlocks(cluster: Cluster): readonly PlacedBlock[] {
  const found: PlacedBlock[] = [];
  for (const direction of ['ingress', 'egress'] as const) {
    const list = direction === 'ingress' ? 'from' : 'to';
    for (const policy of cluster.policies) {
      for (const [index, { peers }] of policy[direction].entries()) {
        for (const [place, peer] of peers.entries()) {
          if (peer.kind !== 'ipBlock') continue;
          const path = ['spec', direction, index, list, place, 'ipBlock', 'cidr'];
          found.push({ policy, path, cidr: peer.cidr, except: peer.except });
        }
      }
    }
    for (const policy of cluster.adminPolicies) {
      for (const [index, { peers }] of policy[direction].entries()) {
        for (const [place, peer] of peers.entries()) {
          if (peer.kind !== 'networks') continue;
          for (const [nth, cidr] of peer.networks.entries()) {
            found.push({ policy, path: ['spec', direction, index, list, place, 'networks', nth], cidr, except: [] });
          }
        }
      }
    }
  }
  return found;
}
