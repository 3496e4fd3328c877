import { describe, expect, it } from 'vitest';
import type { NodeSettings } from '../../src/cluster/settings.ts';
import { nodeNetnsId } from '../../src/compile/netns-names.ts';
import { compileNode, type NodeInput } from '../../src/compile/node.ts';
import { OriginTable } from '../../src/compile/origin.ts';
import type { Parts } from '../../src/compile/parts.ts';
import { PROXY_MODES } from '../../src/compile/proxy/index.ts';
import { printPrefix } from '../../src/net/prefix.ts';
import { clusterOf, ip, nodeSettings, pod } from './cluster-fixture.ts';
import { hooked } from './listing.ts';

const ingress = pod({
  namespace: 'ingress',
  name: 'controller',
  hostNetwork: true,
  ports: [{ port: 80, protocol: 'TCP' }],
});
const agent = pod({ namespace: 'kube-system', name: 'agent', hostNetwork: true });

function compiled(
  fields: Parameters<typeof nodeSettings>[2] = {},
  shares: Partial<Pick<NodeInput, 'docker'>> & { readonly cni?: Parts } = {},
  given?: NodeSettings,
) {
  const node =
    given ?? nodeSettings('vms81', '192.168.26.81/24', { interface: 'ens32', gateway: ip('192.168.26.2'), ...fields });
  const cluster = clusterOf({
    pods: [ingress, agent].map((each) => ({ ...each, node: 'vms81' })),
    settings: { nodes: [node] },
  });
  const origins = new OriginTable();
  const { cni: cniParts = {}, ...rest } = shares;
  return compileNode({
    cluster,
    node,
    origins,
    proxy: PROXY_MODES.iptables.forCluster(cluster, origins),
    cni: {
      node: () => cniParts,
      pod: () => ({ id: nodeNetnsId('vms81'), devices: [] }),
      enforcesPolicies: false,
      notes: [],
    },
    ...rest,
  });
}

/** `tcp 10250`, `tcp 127.0.0.1:10248`: as a set of words. */
function sockets(spec: ReturnType<typeof compiled>): readonly string[] {
  return (spec.listeners ?? []).map(
    ({ process, port, address }) => `${process} ${port}${address === undefined ? '' : ' on one address'}`,
  );
}

describe('compileNode', () => {
  it('has its card on the segment, and the default route by way of its gateway', () => {
    const { id, devices, routes = [] } = compiled();
    expect(id).toBe('vms81');
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({
      kind: 'ethernet',
      name: 'ens32',
      segment: 'lan',
      mtu: 1500,
      addresses: [{ ip: ip('192.168.26.81'), bits: 24, scope: 'global' }],
    });
    expect(
      routes.map((route) => [
        printPrefix(route.destination),
        route.protocol,
        route.type === 'unicast' ? route.nexthops : [],
      ]),
    ).toEqual([['0.0.0.0/0', 'boot', [{ device: 'ens32', via: ip('192.168.26.2'), weight: 1 }]]]);
  });

  it('has no default route without a gateway', () => {
    expect(compiled({}, {}, nodeSettings('vms81', '192.168.26.81/24')).routes).toEqual([]);
  });

  it('forwards, as kubelet and the plugins want it, unless the input says otherwise', () => {
    expect(compiled().sysctls).toMatchObject({
      'net.ipv4.ip_forward': '1',
      'net.bridge.bridge-nf-call-iptables': '1',
      'net.ipv4.conf.all.route_localnet': '1',
    });
    expect(
      compiled({ sysctls: { 'net.ipv4.ip_forward': '0' } }, { cni: { sysctls: { 'net.ipv4.ip_forward': '1' } } })
        .sysctls,
    ).toMatchObject({ 'net.ipv4.ip_forward': '0' });
  });

  it('listens for kubelet, sshd, kube-proxy, Pods on its network and what the input adds; the control plane has more', () => {
    const worker = sockets(compiled({ listen: [{ protocol: 'tcp', port: 9100 }] }));
    expect(worker).toEqual([
      'sshd 22',
      'controller 80',
      'undefined 9100',
      'kubelet 10250',
      'kubelet 10248 on one address',
      'kube-proxy 10256',
      'kube-proxy 10249 on one address',
    ]);
    expect(sockets(compiled({ controlPlane: true }))).toEqual(
      expect.arrayContaining(['kube-apiserver 6443', 'etcd 2379 on one address']),
    );
  });

  it('lets Docker write before kube-proxy, and the plugin last', () => {
    const rule = (name: string): Parts => ({
      iptables: {
        chains: [],
        hooks: [{ table: 'filter', chain: 'FORWARD', place: 'insert', rule: { args: ['-j', name] } }],
      },
    });
    const { iptables = [] } = compiled({}, { docker: rule('DOCKER-USER'), cni: rule('cali-FORWARD') });
    const targets = hooked(iptables, 'filter', 'FORWARD').map((line) => line.replace(/^.* -j /, ''));
    expect(targets).toEqual([
      'cali-FORWARD',
      'KUBE-PROXY-FIREWALL',
      'KUBE-FORWARD',
      'KUBE-SERVICES',
      'KUBE-EXTERNAL-SERVICES',
      'DOCKER-USER',
    ]);
  });
});

describe('modes of kube-proxy', () => {
  it('nftables is one table for each family, and no rule of iptables', () => {
    const { notes, node } = PROXY_MODES.nftables.forCluster(clusterOf({}), new OriginTable());
    const { nftables = [], iptables } = node('node1');
    expect([notes, iptables]).toEqual([[], undefined]);
    expect(nftables.map(({ family, name }) => `${family} ${name}`)).toEqual(['ip kube-proxy']);
  });

  it('none brings nothing and needs no note', () => {
    const { notes, node } = PROXY_MODES.none.forCluster(clusterOf({}), new OriginTable());
    expect([notes, node('node1')]).toEqual([[], {}]);
  });
});
