/** One match of one host twice: the second one never sees a request. */
import { text } from '../../explain/language.ts';
import { found, type LintRule, nameOf } from '../rule.ts';

export const routeMatchDuplicate: LintRule = {
  id: 'route-match-duplicate',
  severity: 'warning',
  title: text('Two HTTPRoute rules have one match', '两条 HTTPRoute 规则的匹配条件相同'),
  why: text(
    'The older route wins, then the first by name, then the first rule: the other one gets no request.',
    '较早创建的路由优先，其次按名字，再按规则顺序：另一条收不到请求。',
  ),
  source: 'Gateway API: HTTPRouteRule.matches (order of precedence)',
  *check({ cluster }) {
    const first = new Map<string, string>();
    for (const route of cluster.httpRoutes) {
      const parents = route.parents.map((parent) => JSON.stringify(parent)).sort();
      for (const [rule, { matches }] of route.rules.entries()) {
        for (const [index, match] of matches.entries()) {
          const name = `${nameOf(route)} rules[${rule}].matches[${index}]`;
          const keys = (route.hostnames.length === 0 ? ['*'] : route.hostnames).map((host) =>
            JSON.stringify([parents, host.toLowerCase(), match]),
          );
          const other = keys.map((key) => first.get(key)).find((known) => known !== undefined);
          for (const key of keys) if (!first.has(key)) first.set(key, name);
          if (other !== undefined) yield found(route, ['spec', 'rules', rule, 'matches', index], MESSAGE, { other });
        }
      }
    }
  },
};

const MESSAGE = text('{other} matches the same requests and comes first', '{other} 匹配同样的请求且优先');
