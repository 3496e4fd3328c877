import { describe, expect, it } from 'vitest';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { nftablesProxy } from '../../../../src/compile/proxy/nftables/index.ts';
import { buildTables } from '../../../../src/kernel/nftables/build-tables.ts';
import { printKey, printMapData } from '../../../../src/kernel/nftables/print-constant.ts';
import { printNftables } from '../../../../src/kernel/nftables/print-ruleset.ts';
import type { NftTableSpec } from '../../../../src/kernel/nftables/table-spec.ts';
import type { ClusterInput } from '../../cluster-fixture.ts';
import { clusterOf, endpoint, prefix, service, servicePort, slice } from '../../cluster-fixture.ts';
import { serviceCluster } from './service-cluster.ts';

function tablesOf(version: string, node = 'node1', proxy: ClusterInput['proxy'] = {}): readonly NftTableSpec[] {
  const cluster = serviceCluster(version, proxy);
  return nftablesProxy.forCluster(cluster, new OriginTable()).node(node).nftables ?? [];
}

/** `CHAIN rule` and `SET key : data`, as kube-proxy hands them to nft. */
function lines(spec: NftTableSpec | undefined): readonly string[] {
  if (spec === undefined) throw new Error('no table');
  const { groups = [] } = spec;
  const rules = [...spec.chains, ...groups.flatMap(({ chains }) => chains())].flatMap(({ name, rules: all }) =>
    all().map(({ text, comment }) => `${name} ${text}${comment === undefined ? '' : ` comment "${comment}"`}`),
  );
  const elements = [...spec.sets, ...groups.flatMap(({ sets }) => sets())].flatMap(
    ({ name, keyTypes, elements: all }) =>
      all().map(({ key, data, comment }) =>
        [
          name,
          printKey(key, keyTypes),
          ...(comment === undefined ? [] : [`comment "${comment}"`]),
          ...(data === undefined ? [] : [`: ${printMapData(data(), [])}`]),
        ].join(' '),
      ),
  );
  return [...rules, ...elements];
}

/** Expectations of TestOverallNFTablesRules, with the mark as a real kube-proxy writes it. */
const UPSTREAM: readonly (readonly [name: string, service: string, expected: readonly string[]])[] = [
  [
    'a ClusterIP Service',
    'ns1/svc1',
    [
      'service-ULMVA6XW-ns1/svc1/tcp/p80 ip daddr 172.30.0.41 ip saddr != 10.0.0.0/8 jump mark-for-masquerade',
      'service-ULMVA6XW-ns1/svc1/tcp/p80 numgen random mod 1 vmap { 0 : goto endpoint-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80 }',
      'endpoint-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80 ip saddr 10.180.0.1 jump mark-for-masquerade',
      'endpoint-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80 meta l4proto tcp dnat to 10.180.0.1:80',
      'service-ips 172.30.0.41 . tcp . 80 : goto service-ULMVA6XW-ns1/svc1/tcp/p80',
    ],
  ],
  [
    'a LoadBalancer Service with externalTrafficPolicy Local and no local endpoint',
    'ns2/svc2',
    [
      'service-42NFTM6N-ns2/svc2/tcp/p80 ip daddr 172.30.0.42 ip saddr != 10.0.0.0/8 jump mark-for-masquerade',
      'service-42NFTM6N-ns2/svc2/tcp/p80 numgen random mod 1 vmap { 0 : goto endpoint-SGOXE6O3-ns2/svc2/tcp/p80__10.180.0.2/80 }',
      'external-42NFTM6N-ns2/svc2/tcp/p80 ip saddr 10.0.0.0/8 goto service-42NFTM6N-ns2/svc2/tcp/p80 comment "short-circuit pod traffic"',
      'external-42NFTM6N-ns2/svc2/tcp/p80 fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"',
      'external-42NFTM6N-ns2/svc2/tcp/p80 fib saddr type local goto service-42NFTM6N-ns2/svc2/tcp/p80 comment "short-circuit local traffic"',
      'endpoint-SGOXE6O3-ns2/svc2/tcp/p80__10.180.0.2/80 ip saddr 10.180.0.2 jump mark-for-masquerade',
      'endpoint-SGOXE6O3-ns2/svc2/tcp/p80__10.180.0.2/80 meta l4proto tcp dnat to 10.180.0.2:80',
      'service-ips 172.30.0.42 . tcp . 80 : goto service-42NFTM6N-ns2/svc2/tcp/p80',
      'service-ips 192.168.99.22 . tcp . 80 : goto external-42NFTM6N-ns2/svc2/tcp/p80',
      'service-ips 1.2.3.4 . tcp . 80 : goto external-42NFTM6N-ns2/svc2/tcp/p80',
      'service-nodeports tcp . 30001 : goto external-42NFTM6N-ns2/svc2/tcp/p80',
      'no-endpoint-nodeports tcp . 30001 comment "ns2/svc2:p80" : drop',
      'no-endpoint-services 1.2.3.4 . tcp . 80 comment "ns2/svc2:p80" : drop',
      'no-endpoint-services 192.168.99.22 . tcp . 80 comment "ns2/svc2:p80" : drop',
    ],
  ],
  [
    'a NodePort Service',
    'ns3/svc3',
    [
      'service-4AT6LBPK-ns3/svc3/tcp/p80 ip daddr 172.30.0.43 ip saddr != 10.0.0.0/8 jump mark-for-masquerade',
      'service-4AT6LBPK-ns3/svc3/tcp/p80 numgen random mod 1 vmap { 0 : goto endpoint-UEIP74TE-ns3/svc3/tcp/p80__10.180.0.3/80 }',
      'external-4AT6LBPK-ns3/svc3/tcp/p80 jump mark-for-masquerade',
      'external-4AT6LBPK-ns3/svc3/tcp/p80 goto service-4AT6LBPK-ns3/svc3/tcp/p80',
      'endpoint-UEIP74TE-ns3/svc3/tcp/p80__10.180.0.3/80 ip saddr 10.180.0.3 jump mark-for-masquerade',
      'endpoint-UEIP74TE-ns3/svc3/tcp/p80__10.180.0.3/80 meta l4proto tcp dnat to 10.180.0.3:80',
      'service-ips 172.30.0.43 . tcp . 80 : goto service-4AT6LBPK-ns3/svc3/tcp/p80',
      'service-nodeports tcp . 30003 : goto external-4AT6LBPK-ns3/svc3/tcp/p80',
    ],
  ],
  [
    'a Service without endpoints',
    'ns6/svc6',
    ['no-endpoint-services 172.30.0.46 . tcp . 80 comment "ns6/svc6:p80" : goto reject-chain'],
  ],
  [
    'a Service with internalTrafficPolicy Local and no local endpoint',
    'ns7/svc7',
    [
      'no-endpoint-services 172.30.0.47 . udp . 53 comment "ns7/svc7:dns" : drop',
      'no-endpoint-services 172.30.0.47 . tcp . 53 comment "ns7/svc7:dns-tcp" : drop',
    ],
  ],
];

const NAME = (of: string) => new RegExp(`${of}[/:]`);

describe('Kubernetes 1.34 writes as the tests of kube-proxy expect', () => {
  const written = lines(tablesOf('1.34')[0]);
  it.each(UPSTREAM)('%s', (_, of, expected) => {
    const own = written.filter((line) => NAME(of).test(line));
    expect([...own].sort()).toEqual([...expected].sort());
  });
  it('two endpoints share the numbers in the order of their addresses as text', () => {
    expect(written).toContain(
      'service-LAUZTJTB-ns4/svc4/tcp/p80 numgen random mod 2 vmap { 0 : goto endpoint-UNZV3OEC-ns4/svc4/tcp/p80__10.180.0.4/80 , 1 : goto endpoint-5RFCDDV7-ns4/svc4/tcp/p80__10.180.0.5/80 }',
    );
  });
  it('source ranges drop others; sticky clients are remembered for each endpoint', () => {
    const own = written
      .filter((line) => NAME('ns5/svc5').test(line))
      .map((line) => line.replace(/-[A-Z2-7]{8}-ns5\/svc5\/tcp\/p80/g, '-X'));
    expect(own).toEqual(
      expect.arrayContaining([
        'firewall-X ip saddr != { 203.0.113.0/25 } drop',
        'firewall-ips 5.6.7.8 . tcp . 80 : goto firewall-X',
        'service-X ip saddr @affinity-X__10.180.0.3/80 goto endpoint-X__10.180.0.3/80',
        'endpoint-X__10.180.0.3/80 update @affinity-X__10.180.0.3/80 { ip saddr }',
      ]),
    );
  });
  it('an element stands once for each address, though a Service has two ports', () => {
    expect(written.filter((line) => line.startsWith('cluster-ips 172.30.0.47'))).toEqual(['cluster-ips 172.30.0.47']);
  });
});

describe('the whole table', () => {
  it.each(['1.33', '1.34', '1.36'])('of Kubernetes %s', async (version) => {
    await expect(printNftables(buildTables(tablesOf(version), []))).toMatchFileSnapshot(`kube-proxy-${version}.nft`);
  });
  it('with NodePorts on every address, and no way to tell Pods from others', async () => {
    const all = tablesOf('1.34', 'node1', {
      nodePortAddresses: [prefix('0.0.0.0/0'), prefix('::/0')],
      detectLocalMode: 'none',
    });
    await expect(printNftables(buildTables(all, []))).toMatchFileSnapshot('kube-proxy-any-address.nft');
  });
  it('with masqueradeAll', () => {
    const [table] = tablesOf('1.36', 'node1', { masqueradeAll: true });
    expect(lines(table)).toContain(
      'services ip daddr @cluster-ips mark set mark or 0x00004000 comment "masquerade all clusterIP traffic"',
    );
  });
});

describe('nodes share', () => {
  const plain = service({ namespace: 'ns', name: 'plain', ports: [servicePort(80)] });
  const cluster = clusterOf({
    services: [plain],
    slices: [slice(plain, [endpoint('10.0.0.1')])],
    proxy: { mode: 'nftables' },
  });
  const proxy = nftablesProxy.forCluster(cluster, new OriginTable());
  const [first, second] = ['node1', 'node2'].map((node) => proxy.node(node).nftables?.[0]);
  it('the very sets and chains in which they do not differ', () => {
    const setOf = (spec: NftTableSpec | undefined, name: string) => spec?.sets.find((set) => set.name === name);
    expect(setOf(first, 'service-ips')).toBe(setOf(second, 'service-ips'));
    expect(setOf(first, 'nodeport-ips')).not.toBe(setOf(second, 'nodeport-ips'));
    expect(first?.chains).toBe(second?.chains);
    expect(first?.groups?.[0]).toBe(second?.groups?.[0]);
  });
  it('chains that are found by name without hashing any other name', () => {
    const group = first?.groups?.[0];
    const names = group?.chains().map(({ name }) => name) ?? [];
    expect(names).toHaveLength(2);
    for (const name of names) expect(group?.chain(name)?.name).toBe(name);
    expect(group?.chain('service-AAAAAAAA-ns/plain/tcp/')).toBeUndefined();
    expect(group?.chain('services')).toBeUndefined();
  });
});
