/** What tests can cover, in the order of the input's policies. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Service } from '../../cluster/objects.ts';
import { type PathSegment, positionOf, type Source } from '../../cluster/source.ts';
import type { PolicyWorld } from '../../policy/judge.ts';
import { DIRECTIONS, type Policy, type PolicyRule } from '../../policy/rule-set.ts';
import { sayPolicy } from '../../policy/say-policy.ts';

export type CoverageKind = 'policy' | 'rule' | 'peer' | 'port' | 'service';

export type CoverageItem = {
  readonly kind: CoverageKind;
  /** `NetworkPolicy shop/db ingress[0].from[1]`, `Service shop/web:80`. */
  readonly name: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
};

export type RuleItems = {
  readonly rule: PolicyRule;
  readonly item: CoverageItem;
  readonly peers: readonly CoverageItem[];
  readonly ports: readonly CoverageItem[];
};

export type PolicyItems = {
  readonly policy: Policy;
  readonly item: CoverageItem;
  readonly rules: ReadonlyMap<PolicyRule, RuleItems>;
};

export function policyItems({ tiers }: PolicyWorld): readonly PolicyItems[] {
  return tiers.flatMap(({ policies }) => policies.map(itemsOfPolicy));
}

/** The fields that hold a rule's peers and ports, by API: Calico's rules have neither as lists of their own. */
function fieldsOf({ api }: Policy, field: string): { readonly peers: string; readonly ports: string } | undefined {
  if (api === 'calico') return undefined;
  return {
    peers: field.startsWith('ingress') ? 'from' : 'to',
    ports: api === 'ClusterNetworkPolicy' ? 'protocols' : 'ports',
  };
}

function itemsOfPolicy(policy: Policy): PolicyItems {
  const { source } = policy;
  const label = sayPolicy(policy);
  const make = (of: CoverageKind, field: string): CoverageItem => ({
    kind: of,
    name: field === '' ? label : `${label} ${field}`,
    ...placeOf(source, field),
  });
  const rules = DIRECTIONS.flatMap((direction) => policy.rules[direction] ?? []).map((rule): RuleItems => {
    const fields = fieldsOf(policy, rule.field);
    const list = (of: 'peer' | 'port', count: number, field: string | undefined): readonly CoverageItem[] =>
      count < 2 && fields === undefined
        ? []
        : Array.from({ length: count }, (_, index) => make(of, `${rule.field}.${field ?? of}[${index}]`));
    return {
      rule,
      item: make('rule', rule.field),
      peers: list('peer', rule.peers?.length ?? 0, fields?.peers),
      ports: list('port', rule.traffic?.length ?? 0, fields?.ports),
    };
  });
  return { policy, item: make('policy', ''), rules: new Map(rules.map((items) => [items.rule, items])) };
}

function placeOf(source: Source | undefined, field: string): Pick<CoverageItem, 'file' | 'line'> {
  if (source === undefined) return { file: undefined, line: undefined };
  const path = [...field.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(
    (part): PathSegment => (part[2] === undefined ? (part[1] ?? '') : Number(part[2])),
  );
  const { file, line } = path.length === 0 ? positionOf(source) : positionOf(source, 'spec', ...path);
  return { file, line };
}

export type ServiceItem = { readonly service: Service; readonly port: number; readonly item: CoverageItem };

export function serviceItems({ services }: Cluster): readonly ServiceItem[] {
  return services.flatMap((service) =>
    service.ports.map(({ port }, index) => ({
      service,
      port,
      item: {
        kind: 'service' as const,
        name: `Service ${service.namespace}/${service.name}:${port}`,
        ...placeOf(service.source, `ports[${index}]`),
      },
    })),
  );
}
