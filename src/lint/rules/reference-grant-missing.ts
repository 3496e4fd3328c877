/** An HTTPRoute sends to a Service of another namespace that has not agreed. */
import { mayRefer } from '../../cluster/http/route-gateway.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const referenceGrantMissing: LintRule = {
  id: 'reference-grant-missing',
  severity: 'error',
  title: text('A backend in another namespace without a ReferenceGrant', '其他命名空间的后端没有 ReferenceGrant'),
  why: text(
    'The reference is refused (RefNotPermitted), and the Gateway answers 500.',
    '引用会被拒绝（RefNotPermitted），Gateway 返回 500。',
  ),
  source: 'Gateway API: ReferenceGrant (GEP-709)',
  *check({ cluster }) {
    for (const route of cluster.httpRoutes) {
      for (const [rule, { backends }] of route.rules.entries()) {
        for (const [index, backend] of backends.entries()) {
          if (backend.foreignKind !== undefined || mayRefer(cluster, route, backend)) continue;
          const values = { namespace: backend.namespace, own: route.namespace };
          const path = ['spec', 'rules', rule, 'backendRefs', index, 'namespace'];
          yield found(route, path, MESSAGE, values, { hint: HINT });
        }
      }
    }
  },
};

const MESSAGE = text(
  'no ReferenceGrant in {namespace} lets HTTPRoutes of {own} refer to this Service',
  '{namespace} 中没有 ReferenceGrant 允许 {own} 的 HTTPRoute 引用该 Service',
);
const HINT = text('add a ReferenceGrant to {namespace}', '在 {namespace} 中添加 ReferenceGrant');
