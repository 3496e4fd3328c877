/** Address ranges of one family in a cluster of two: connections of the other family are judged without them. */

import { familiesOf } from '../../cluster/node-networks.ts';
import { text } from '../../explain/language.ts';
import { familyOf } from '../../net/address.ts';
import { found, type LintRule } from '../rule.ts';

export const oneFamilyIpBlock: LintRule = {
  id: 'one-family-ip-block',
  severity: 'warning',
  title: text('A rule names ranges of one family in a dual-stack cluster', '双栈集群中规则只写了一种地址族'),
  why: text(
    'The rule says nothing about the other family: what it is to allow is denied there, and what an exception takes out was never in.',
    '该规则对另一地址族没有说明：本应放行的在那里被拒绝，而例外也不起作用。',
  ),
  source: 'KEP-563 dual-stack; policy.md section 4',
  *check({ cluster }) {
    if (familiesOf(cluster.settings.podCIDRs).length < 2) return;
    for (const policy of cluster.policies) {
      for (const direction of ['ingress', 'egress'] as const) {
        for (const [index, { peers }] of policy[direction].entries()) {
          const families = new Set(
            peers.flatMap((peer) => (peer.kind === 'ipBlock' ? [familyOf(peer.cidr.addr)] : [])),
          );
          if (families.size !== 1) continue;
          const [own, other] = families.has(4) ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4'];
          const place = peers.findIndex(({ kind }) => kind === 'ipBlock');
          const path = ['spec', direction, index, direction === 'ingress' ? 'from' : 'to', place];
          yield found(policy, path, MESSAGE, { own, other }, { hint: HINT });
        }
      }
    }
  },
};

const MESSAGE = text(
  'names {own} ranges only, and the cluster has {other} as well',
  '只写了 {own} 地址段，而集群也有 {other}',
);
const HINT = text('add the {other} ranges to the same rule', '在同一规则中加上 {other} 地址段');
