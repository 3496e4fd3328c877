import { describe, expect, it } from 'vitest';
import type { ProxySettings } from '../../../../src/cluster/settings.ts';
import { kubeletParts } from '../../../../src/compile/kubelet.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { iptablesProxy } from '../../../../src/compile/proxy/iptables/index.ts';
import type { TableName } from '../../../../src/kernel/netfilter/hook.ts';
import { clusterOf, endpoint, ip, nodeSettings, prefix, service, servicePort, slice } from '../../cluster-fixture.ts';
import { hooked, listing } from '../../listing.ts';
import { everyForm } from '../every-form.ts';

function node1(proxy: Partial<ProxySettings> = {}, sysctls: Readonly<Record<string, string>> = {}) {
  const cluster = clusterOf({ proxy, settings: { nodes: [nodeSettings('node1', '192.168.1.1/24', { sysctls })] } });
  const origins = new OriginTable();
  const parts = iptablesProxy.forCluster(cluster, origins).node('node1');
  const kubelet = kubeletParts(cluster, origins);
  if (parts.iptables === undefined || kubelet.iptables === undefined) throw new Error('no rules');
  return { parts, iptables: parts.iptables, all: [kubelet.iptables, parts.iptables] };
}

const tail = (proxy: Partial<ProxySettings>) =>
  listing(node1(proxy).iptables, 'nat', (chain) => chain === 'KUBE-SERVICES');

describe('rules that no Service changes', () => {
  it('jump from the built-in chains, the later one above the earlier, kubelet first of all', () => {
    const { all } = node1();
    expect(hooked(all, 'filter', 'INPUT')).toEqual([
      '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS',
      '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
      '-A INPUT -j KUBE-FIREWALL',
    ]);
    expect(hooked(all, 'filter', 'FORWARD')).toEqual([
      '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
      '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    ]);
    expect(hooked(all, 'filter', 'OUTPUT')).toEqual([
      '-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-A OUTPUT -j KUBE-FIREWALL',
    ]);
    expect(hooked(all, 'nat', 'PREROUTING')).toEqual([
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    ]);
    expect(hooked(all, 'nat', 'OUTPUT')).toEqual([
      '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    ]);
    expect(hooked(all, 'nat', 'POSTROUTING')).toEqual([
      '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    ]);
  });

  it('masquerade what is marked and forward it', () => {
    const { iptables, all } = node1();
    expect([...listing(iptables, 'filter'), ...listing(iptables, 'nat')]).toEqual([
      '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
      '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT',
      '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-A KUBE-POSTROUTING -m mark ! --mark 0x00004000/0x00004000 -j RETURN',
      '-A KUBE-POSTROUTING -j MARK --xor-mark 0x00004000',
      '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
      '-A KUBE-MARK-MASQ -j MARK --or-mark 0x00004000',
      '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    ]);
    expect(all.flatMap((spec) => listing(spec, 'filter', (chain) => chain === 'KUBE-FIREWALL'))).toEqual([
      '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" --dst 127.0.0.0/8 ! --src 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
    ]);
  });

  it('declare these chains, each once', () => {
    const { all } = node1();
    const declared = (table: TableName) =>
      all.flatMap(({ chains }) => chains.filter((each) => each.table === table).map(({ chain }) => chain)).sort();
    expect(declared('filter')).toEqual([
      'KUBE-EXTERNAL-SERVICES',
      'KUBE-FIREWALL',
      'KUBE-FORWARD',
      'KUBE-KUBELET-CANARY',
      'KUBE-NODEPORTS',
      'KUBE-PROXY-CANARY',
      'KUBE-PROXY-FIREWALL',
      'KUBE-SERVICES',
    ]);
    expect(declared('nat')).toEqual([
      'KUBE-KUBELET-CANARY',
      'KUBE-MARK-MASQ',
      'KUBE-NODEPORTS',
      'KUBE-POSTROUTING',
      'KUBE-PROXY-CANARY',
      'KUBE-SERVICES',
    ]);
    expect(declared('mangle')).toEqual(['KUBE-IPTABLES-HINT', 'KUBE-KUBELET-CANARY', 'KUBE-PROXY-CANARY']);
  });

  it('leave INVALID alone where conntrack is liberal, and --random-fully where iptables does not know it', () => {
    const { iptables } = node1({ randomFully: false }, { 'net.netfilter.nf_conntrack_tcp_be_liberal': '1' });
    expect(listing(iptables, 'filter').filter((line) => line.includes('INVALID'))).toEqual([]);
    expect(listing(iptables, 'nat').filter((line) => line.includes('random'))).toEqual([]);
  });
});

const NOTE =
  '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"';

describe('addresses for NodePorts', () => {
  it.each([
    {
      name: 'every local address',
      proxy: {},
      lines: [`${NOTE} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`],
      localnet: '1',
    },
    {
      name: 'every one but loopback',
      proxy: { localhostNodePorts: false },
      lines: [`${NOTE} -m addrtype --dst-type LOCAL ! -d 127.0.0.0/8 -j KUBE-NODEPORTS`],
      localnet: undefined,
    },
    {
      name: 'a range of everything is every address',
      proxy: { nodePortAddresses: [prefix('192.168.0.0/16'), prefix('0.0.0.0/0')] },
      lines: [`${NOTE} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`],
      localnet: '1',
    },
    {
      name: "the node's own address in a range",
      proxy: { nodePortAddresses: [prefix('192.168.0.0/16')] },
      lines: [`${NOTE} -d 192.168.1.1 -j KUBE-NODEPORTS`],
      localnet: undefined,
    },
    {
      name: 'loopback and its own address',
      proxy: { nodePortAddresses: [prefix('127.0.0.0/8'), prefix('192.168.0.0/16')] },
      lines: [`${NOTE} -d 127.0.0.1 -j KUBE-NODEPORTS`, `${NOTE} -d 192.168.1.1 -j KUBE-NODEPORTS`],
      localnet: '1',
    },
    {
      name: 'no address of the node in the ranges',
      proxy: { nodePortAddresses: [prefix('10.0.0.0/8')] },
      lines: [],
      localnet: undefined,
    },
  ])('$name', ({ proxy, lines, localnet }) => {
    expect(tail(proxy)).toEqual(lines);
    expect(node1(proxy).parts.sysctls?.['net.ipv4.conf.all.route_localnet']).toBe(localnet);
  });
});

describe('IPv6', () => {
  const of = service({
    namespace: 'ns1',
    name: 'svc1',
    clusterIps: [ip('172.30.0.41'), ip('fd00:30::41')],
    ports: [servicePort(80, { name: 'p80' })],
  });
  const dual = clusterOf({
    services: [of],
    slices: [slice(of, [endpoint('2001:db8::1')]), slice(of, [endpoint('10.180.0.1')])],
    proxy: { clusterCIDRs: [prefix('10.0.0.0/8'), prefix('fd00:10::/64')] },
  });
  const { iptables, ip6tables } = iptablesProxy.forCluster(dual, new OriginTable()).node('node1');

  it('has the same rules in the other family, each with its own addresses', () => {
    if (iptables === undefined || ip6tables === undefined) throw new Error('no rules');
    expect(listing(ip6tables, 'nat', (chain) => !chain.includes('MASQ') && !chain.includes('POSTROUTING'))).toEqual([
      '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 cluster IP" -m tcp -p tcp -d fd00:30::41 --dport 80 -j KUBE-SVC-XPGD46QRK7WJZT7O',
      `${NOTE} -m addrtype --dst-type LOCAL ! -d ::1/128 -j KUBE-NODEPORTS`,
      '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 cluster IP" -m tcp -p tcp -d fd00:30::41 --dport 80 ! -s fd00:10::/64 -j KUBE-MARK-MASQ',
      '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> [2001:db8::1]:80" -j KUBE-SEP-PXJBZORW63OXSFDY',
      '-A KUBE-SEP-PXJBZORW63OXSFDY -m comment --comment ns1/svc1:p80 -s 2001:db8::1 -j KUBE-MARK-MASQ',
      '-A KUBE-SEP-PXJBZORW63OXSFDY -m comment --comment ns1/svc1:p80 -m tcp -p tcp -j DNAT --to-destination [2001:db8::1]:80',
    ]);
    expect(listing(iptables, 'nat').filter((line) => line.includes(':1]'))).toEqual([]);
    expect(hooked([ip6tables], 'filter', 'OUTPUT')).toContain('-A OUTPUT -j KUBE-FIREWALL');
  });

  it("kubelet marks the tables and keeps nobody out: there is no route_localnet for IPv6's loopback", () => {
    const { ip6tables: marks } = kubeletParts(clusterOf(everyForm()), new OriginTable());
    expect(marks?.chains.map(({ table, chain }) => `${table} ${chain}`)).toEqual([
      'mangle KUBE-KUBELET-CANARY',
      'nat KUBE-KUBELET-CANARY',
      'filter KUBE-KUBELET-CANARY',
      'mangle KUBE-IPTABLES-HINT',
    ]);
    expect(marks?.hooks).toEqual([]);
  });
});
