/** Random NetworkPolicies with peers of every form. */
import type { Random } from './random.ts';

type Json = Readonly<Record<string, unknown>>;

export function generatePolicies(random: Random): readonly Json[] {
  const count = random.weighted<number>([3, () => 0], [3, () => 1], [2, () => 2], [1, () => 4]);
  return Array.from({ length: count }, (_, index): Json => {
    const types = random.weighted<readonly string[]>(
      [4, () => ['Ingress']],
      [2, () => ['Egress']],
      [2, () => ['Ingress', 'Egress']],
    );
    return {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `policy-${index + 1}`, namespace: random.pick(['front', 'back']) },
      spec: {
        podSelector: random.chance(0.3) ? {} : podSelector(random),
        policyTypes: types,
        ...(types.includes('Ingress') ? { ingress: rules(random, 'from') } : {}),
        ...(types.includes('Egress') ? { egress: rules(random, 'to') } : {}),
      },
    };
  });
}

function rules(random: Random, side: 'from' | 'to'): readonly Json[] {
  return Array.from(
    { length: random.weighted<number>([1, () => 0], [4, () => 1], [2, () => 2]) },
    (): Json => ({
      ...(random.chance(0.85) ? { [side]: Array.from({ length: random.int(1, 2) }, () => peer(random)) } : {}),
      ...(random.chance(0.5) ? { ports: Array.from({ length: random.int(1, 2) }, () => port(random)) } : {}),
    }),
  );
}

function peer(random: Random): Json {
  return random.weighted<Json>(
    [3, () => ({ podSelector: podSelector(random) })],
    [1, () => ({ podSelector: {} })],
    [2, () => ({ namespaceSelector: namespaceSelector(random) })],
    [2, () => ({ namespaceSelector: namespaceSelector(random), podSelector: podSelector(random) })],
    [1, () => ({ namespaceSelector: {} })],
    [1.5, () => ({ ipBlock: { cidr: random.pick(['10.244.0.0/16', '192.0.2.0/24', '10.0.0.0/8', '0.0.0.0/0']) } })],
    [
      1.5,
      () => ({
        ipBlock: { cidr: '10.0.0.0/8', except: [random.pick(['10.244.1.0/24', '10.244.0.0/25', '10.0.0.0/24'])] },
      }),
    ],
  );
}

function podSelector(random: Random): Json {
  return random.weighted<Json>(
    [4, () => ({ matchLabels: { app: random.pick(['web', 'api', 'db']) } })],
    [1, () => ({ matchLabels: { app: random.pick(['web', 'api', 'db']), tier: '1' } })],
    [1, () => ({ matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'api'] }] })],
    [1, () => ({ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['1'] }] })],
    [0.5, () => ({ matchExpressions: [{ key: 'role', operator: random.pick(['Exists', 'DoesNotExist']) }] })],
  );
}

function namespaceSelector(random: Random): Json {
  return random.weighted<Json>(
    [2, () => ({ matchLabels: { team: random.pick(['a', 'b']) } })],
    [1, () => ({ matchLabels: { 'kubernetes.io/metadata.name': random.pick(['front', 'back']) } })],
    [1, () => ({ matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] })],
  );
}

function port(random: Random): Json {
  return random.weighted<Json>(
    [3, () => ({ port: 8080, protocol: 'TCP' })],
    [2, () => ({ port: 'http' })],
    [1, () => ({ port: 'dns', protocol: 'UDP' })],
    [1, () => ({ protocol: 'UDP' })],
    [1, () => ({ port: 8000, endPort: 8100 })],
    [1, () => ({ port: 53, protocol: 'UDP' })],
  );
}
