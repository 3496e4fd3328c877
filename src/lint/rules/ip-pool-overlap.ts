/** IP pools that share addresses, or lie over the Service network. */
import { text } from '../../explain/language.ts';
import { overlaps, printPrefix } from '../../net/prefix.ts';
import { found, type LintRule, nameOf } from '../rule.ts';

export const ipPoolOverlap: LintRule = {
  id: 'ip-pool-overlap',
  severity: 'warning',
  title: text('An IP pool overlaps another one or the Service network', 'IP 池与其他池或 Service 网段重叠'),
  why: text(
    'One address may be given out twice, and the settings of which pool hold for it is not defined; Calico refuses a new pool that overlaps.',
    '同一地址可能被分配两次，且适用哪个池的设置没有定义；Calico 拒绝创建重叠的新池。',
  ),
  source: 'Calico: IPPool.spec.cidr (CIDRs of pools must not overlap)',
  *check({ cluster }) {
    const { ipPools, settings } = cluster;
    for (const [index, pool] of ipPools.entries()) {
      const other = ipPools.slice(0, index).find(({ cidr }) => overlaps(cidr, pool.cidr));
      const cidr = printPrefix(pool.cidr);
      if (other !== undefined) {
        const values = { cidr, other: `${nameOf(other)} (${printPrefix(other.cidr)})` };
        yield found(pool, ['spec', 'cidr'], POOL, values);
      }
      const services = settings.serviceCIDRs.find((range) => overlaps(range, pool.cidr));
      if (services !== undefined) yield found(pool, ['spec', 'cidr'], SERVICES, { cidr, other: printPrefix(services) });
    }
  },
};

const POOL = text('{cidr} overlaps {other}', '{cidr} 与 {other} 重叠');
const SERVICES = text('{cidr} overlaps the Service network {other}', '{cidr} 与 Service 网段 {other} 重叠');
