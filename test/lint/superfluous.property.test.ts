/** What lint calls superfluous can go: on random clusters nothing changes when it does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { PolicyFacts, type RuleEntry } from '../../src/lint/policy-facts.ts';
import { redundancyOf } from '../../src/lint/redundancy.ts';
import { familyOf, parseIp } from '../../src/net/address.ts';
import { ALL_CONNECTIONS, printConnections } from '../../src/policy/connection-set.ts';
import { type End, podEnd } from '../../src/policy/end.ts';
import { judgeConnection, policyWorld } from '../../src/policy/judge.ts';
import type { Policy } from '../../src/policy/rule-set.ts';
import { Random } from '../kernel/lab/random.ts';
import { type Apis, generateCluster, loadDocuments } from '../policy/generate.ts';

type Documents = ReturnType<typeof generateCluster>;
type Spec = Record<string, unknown>;

/** `from -> to: what is allowed`, for every pair. */
function rowsOf(cluster: Cluster): readonly string[] {
  const world = policyWorld(cluster);
  const ends: readonly { readonly name: string; readonly end: End }[] = [
    ...cluster.pods.flatMap((pod) => pod.ips.slice(0, 1).map((ip) => ({ name: pod.name, end: podEnd(pod, ip) }))),
    ...['192.168.1.50', '192.168.1.63', '10.244.1.16', '192.0.2.7'].flatMap((name) => {
      const ip = parseIp(name);
      return ip === undefined ? [] : [{ name, end: { ip } }];
    }),
  ];
  return ends.flatMap((from) =>
    ends.flatMap((to) => {
      if (from === to || familyOf(from.end.ip) !== familyOf(to.end.ip)) return [];
      const { allowed } = judgeConnection(world, from.end, to.end, ALL_CONNECTIONS);
      return [`${from.name} -> ${to.name}: ${printConnections(allowed, ALL_CONNECTIONS)}`];
    }),
  );
}

function isCalled(document: Documents[number], { kind, namespace, name }: Policy): boolean {
  const metadata = document.metadata;
  const [own, place] = [field(metadata, 'name'), field(metadata, 'namespace')];
  return document.kind === kind && own === name && (namespace === undefined || place === namespace);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined;
}

/** Both directions are written out, so that the defaults do not follow the rules that are left. */
function withoutRule(documents: Documents, { policy, direction, index }: RuleEntry): Documents {
  return documents.map((document) => {
    const isCalico = String(document.apiVersion).startsWith('projectcalico.org');
    if (!isCalled(document, policy) || isCalico !== (policy.api === 'calico')) return document;
    const spec: Spec = { ...Object.fromEntries(Object.entries(document.spec ?? {})) };
    const rules = spec[direction];
    spec[direction] = Array.isArray(rules) ? rules.filter((_, place) => place !== index) : [];
    const types = (['Ingress', 'Egress'] as const).filter(
      (type) => policy.rules[type === 'Ingress' ? 'ingress' : 'egress'] !== undefined,
    );
    if (isCalico) spec.types = types;
    else if (policy.api === 'NetworkPolicy') spec.policyTypes = types;
    return { ...document, spec };
  });
}

const APIS: readonly (readonly [string, Apis, number])[] = [
  ['NetworkPolicies alone', { admin: false, calico: false }, 15],
  ['with AdminNetworkPolicies and ClusterNetworkPolicies', { admin: true, calico: false }, 15],
  ['with all APIs', { admin: true, calico: true }, 15],
];

describe.each(APIS)('%s', (_, apis, numRuns) => {
  const holds = (check: (documents: Documents, cluster: Cluster, facts: PolicyFacts) => void): void => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const documents = generateCluster(new Random(seed), apis);
        const { cluster } = loadDocuments(documents);
        check(documents, cluster, new PolicyFacts(cluster));
      }),
      { numRuns },
    );
  };

  it('a rule that decides nothing can go', () => {
    holds((documents, cluster, facts) => {
      const idle = facts.rules().filter(({ rule }) => facts.effects().get(rule)?.decides !== true);
      for (const entry of idle.slice(0, 3))
        expect(rowsOf(loadDocuments(withoutRule(documents, entry)).cluster)).toEqual(rowsOf(cluster));
    });
  });

  it('a rule that others cover can go', () => {
    holds((documents, cluster, facts) => {
      for (const { rule } of redundancyOf(cluster, facts).rules.slice(0, 3))
        expect(rowsOf(loadDocuments(withoutRule(documents, rule)).cluster)).toEqual(rowsOf(cluster));
    });
  });

  it('a policy that others cover, or repeat, can go', () => {
    holds((documents, cluster, facts) => {
      const { policies, same } = redundancyOf(cluster, facts);
      for (const { policy } of [...policies, ...same]) {
        const left = documents.filter(
          (document) => !(isCalled(document, policy) && String(document.apiVersion).startsWith('networking.k8s.io')),
        );
        expect(left).toHaveLength(documents.length - 1);
        expect(rowsOf(loadDocuments(left).cluster)).toEqual(rowsOf(cluster));
      }
    });
  });
});
