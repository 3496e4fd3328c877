import { describe, expect, it } from 'vitest';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { iptablesProxy } from '../../../../src/compile/proxy/iptables/index.ts';
import type { RuleSpec } from '../../../../src/kernel/netfilter/ruleset.ts';
import type { IptablesSpec } from '../../../../src/kernel/netns-spec.ts';
import { ip4 } from '../../../../src/net/address.ts';
import { clusterOf, endpoint, pod, service, servicePort, slice } from '../../cluster-fixture.ts';
import { chainsOf } from '../../listing.ts';

function rulesIn(spec: IptablesSpec | undefined, name: RegExp): readonly RuleSpec[] {
  return (spec === undefined ? [] : chainsOf(spec))
    .filter(({ chain }) => name.test(chain))
    .flatMap(({ rules }) => [...rules()]);
}

describe('what nodes share', () => {
  const plain = service({ namespace: 'ns', name: 'plain', ports: [servicePort(80)] });
  const local = service({
    namespace: 'ns',
    name: 'local',
    clusterIps: [ip4(5)],
    ports: [servicePort(80)],
    internalTrafficPolicy: 'Local',
  });
  const cluster = clusterOf({
    services: [plain, local],
    slices: [
      slice(plain, [endpoint('10.0.0.1', { node: 'node1' })]),
      slice(local, [endpoint('10.0.0.2', { node: 'node1' })]),
    ],
  });
  const proxy = iptablesProxy.forCluster(cluster, new OriginTable());
  const nodeChains = (node: string) =>
    new Map(
      chainsOf(proxy.node(node).iptables ?? { chains: [], hooks: [] }).map((each) => [
        `${each.table} ${each.chain}`,
        each,
      ]),
    );

  it('are the very chains of Services in which they do not differ', () => {
    const [first, second] = [nodeChains('node1'), nodeChains('node2')];
    const service = [...first.keys()].filter((key) => key.includes('KUBE-SVC-'));
    expect(service).toHaveLength(1);
    for (const key of [...service, 'nat KUBE-POSTROUTING']) expect(first.get(key)).toBe(second.get(key));
  });

  it('are the very dispatch chains where they see the same', () => {
    expect(nodeChains('node1').get('nat KUBE-SERVICES')).toBe(nodeChains('node1').get('nat KUBE-SERVICES'));
    expect(nodeChains('node1').get('nat KUBE-SERVICES')).not.toBe(nodeChains('node2').get('nat KUBE-SERVICES'));
    expect(nodeChains('node2').get('nat KUBE-SERVICES')).toBe(nodeChains('node3').get('nat KUBE-SERVICES'));
  });

  it('are found one by one, in any order, without listing the others', () => {
    const groupOf = () => iptablesProxy.forCluster(cluster, new OriginTable()).node('node1').iptables?.groups?.[0];
    const listed = groupOf()?.all() ?? [];
    expect(listed.map(({ chain }) => chain.slice(0, 8))).toEqual(['KUBE-SVC', 'KUBE-SEP']);
    for (const { chain, rules } of listed) {
      const group = groupOf();
      expect(group?.owns(chain)).toBe(true);
      expect(
        group
          ?.find(chain)
          ?.rules()
          .map(({ args }) => args),
      ).toEqual(rules().map(({ args }) => args));
    }
    expect(groupOf()?.find('KUBE-SVC-AAAAAAAAAAAAAAAA')).toBeUndefined();
    expect(groupOf()?.owns('KUBE-SERVICES')).toBe(false);
  });
});

describe('what stands behind a rule', () => {
  const web = service({
    namespace: 'shop',
    name: 'web',
    ports: [servicePort(80, { name: 'http' }), servicePort(81, { name: 'admin' })],
    loadBalancerIps: [],
  });
  const pods = [pod({ namespace: 'shop', name: 'web-0', ips: [ip4(0x0a000001)] })];
  const originsOf = (endpoints: Parameters<typeof slice>[1]) => {
    const origins = new OriginTable();
    const { iptables } = iptablesProxy
      .forCluster(clusterOf({ services: [web], slices: [slice(web, endpoints)], pods }), origins)
      .node('node1');
    return (name: RegExp) =>
      rulesIn(iptables, name).map(({ origin }) => (origin === undefined ? undefined : origins.get(origin)));
  };
  const web0 = endpoint('10.0.0.1', { pod: { namespace: 'shop', name: 'web-0' } });

  it('is the port of the Service, and the Pod of an endpoint', () => {
    const at = originsOf([web0]);
    expect(at(/^KUBE-SERVICES$/).map((origin) => [origin?.role, origin?.name, origin?.field])).toEqual([
      ['service', 'web', 'spec.ports[0]'],
      ['service', 'web', 'spec.ports[1]'],
      ['plumbing', 'lab', 'spec.proxy'],
    ]);
    expect(new Set(at(/^KUBE-SEP-/).map((origin) => `${origin?.role} ${origin?.kind} ${origin?.name}`))).toEqual(
      new Set(['service-endpoint Pod web-0']),
    );
    expect(at(/^KUBE-SVC-/).map((origin) => origin?.role)).toEqual(['masquerade', 'service', 'masquerade', 'service']);
  });

  it.each([
    { name: 'no Pod is selected', endpoints: [], role: 'service-no-endpoints' },
    {
      name: 'Pods are selected and none is ready',
      endpoints: [{ ...web0, ready: false, serving: false }],
      role: 'service-no-ready-endpoints',
    },
  ])('tells whether $name', ({ endpoints, role }) => {
    const roles = originsOf(endpoints)(/^KUBE-SERVICES$/).map((origin) => origin?.role);
    expect(roles.filter((each) => each !== 'plumbing')).toEqual([role, role]);
  });

  it('names every rule', () => {
    expect(originsOf([web0])(/./).filter((origin) => origin === undefined)).toEqual([]);
  });
});

describe('10,000 Services', () => {
  const services = Array.from({ length: 10_000 }, (_, i) =>
    service({ namespace: 'ns', name: `s${i}`, clusterIps: [ip4(0xac1e0000 + i)], ports: [servicePort(80)] }),
  );
  const slices = services.map((of, i) =>
    slice(
      of,
      [0, 1].map((k) => endpoint(`10.${k}.${i >> 8}.${i & 255}`)),
    ),
  );
  const cluster = clusterOf({ services, slices });

  it('S25: are one rule each in KUBE-SERVICES, and cost a second node nothing: it has the same chain', () => {
    const proxy = iptablesProxy.forCluster(cluster, new OriginTable());
    expect(rulesIn(proxy.node('node1').iptables, /^KUBE-SERVICES$/)).toHaveLength(10_001);
    const dispatch = (node: string) =>
      proxy.node(node).iptables?.chains.find(({ table, chain }) => table === 'nat' && chain === 'KUBE-SERVICES');
    expect(dispatch('node1')).toBeDefined();
    expect(dispatch('node2')).toBe(dispatch('node1'));
  });
});
