/** A LoadBalancer Service that nobody gives an address. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const loadBalancerWithoutAddress: LintRule = {
  id: 'load-balancer-without-address',
  severity: 'info',
  title: text('A LoadBalancer Service has no address', 'LoadBalancer Service 没有地址'),
  why: text(
    'Without a load balancer implementation it stays pending and is reached by its node ports only.',
    '没有负载均衡实现时它一直是 pending，只能通过节点端口访问。',
  ),
  source: 'kubernetes.io, Service type LoadBalancer',
  *check({ cluster }) {
    for (const service of cluster.services) {
      if (service.type !== 'LoadBalancer' || service.loadBalancerIps.length > 0) continue;
      yield found(service, ['spec', 'type'], MESSAGE);
    }
  },
};

const MESSAGE = text('has no load balancer address, and nothing gives it one', '没有负载均衡地址，也没有谁会分配');
