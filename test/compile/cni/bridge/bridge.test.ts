import { describe, expect, it } from 'vitest';
import type { CniSettings } from '../../../../src/cluster/settings.ts';
import { bridge } from '../../../../src/compile/cni/bridge/index.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { netnsId } from '../../../../src/kernel/netns-id.ts';
import { printPrefix } from '../../../../src/net/prefix.ts';
import { clusterOf, ip, nodeSettings, pod, prefix } from '../../cluster-fixture.ts';
import { hooked, listing } from '../../listing.ts';

const CNI: CniSettings = { plugin: 'bridge', bridge: { name: 'cni0', ipMasq: true, hairpinMode: true } };
const pods = ['10.244.1.2', '10.244.1.3'].map((address, i) =>
  pod({ namespace: 'shop', name: `web-${i}`, ips: [ip(address)], ports: [{ port: 80, protocol: 'TCP' }] }),
);
const cluster = clusterOf({
  pods,
  settings: { cni: CNI, nodes: [nodeSettings('node1', '192.168.1.1/24', { podCIDR: prefix('10.244.1.0/24') })] },
});
const plugin = bridge.forCluster(cluster, new OriginTable());
const { devices = [], iptables, sysctls } = plugin.node('node1');

describe('S05: Pods of one node on a bridge', () => {
  it('are ports of cni0, which has the first address of the subnet', () => {
    expect(
      devices.map(({ kind, port, addresses = [] }) => ({
        kind,
        port,
        addresses: addresses.map(({ ip: addr, bits }) => printPrefix({ addr, bits })),
      })),
    ).toEqual([
      { kind: 'bridge', port: undefined, addresses: ['10.244.1.1/24'] },
      ...pods.map(() => ({
        kind: 'veth',
        port: { bridge: 'cni0', hairpin: true, isolated: false, state: 'forwarding' },
        addresses: [],
      })),
    ]);
    expect(sysctls).toEqual({ 'net.ipv4.ip_forward': '1' });
  });

  it('have the other end of the pair as eth0, and the bridge as their gateway', () => {
    const [first] = pods;
    if (first === undefined) throw new Error('no Pod');
    const spec = plugin.pod(first);
    expect(spec.id).toBe('shop/web-0');
    const [eth0] = spec.devices;
    const host = devices.find((device) => device.kind === 'veth' && device.peer?.netns === spec.id);
    expect(eth0).toMatchObject({
      kind: 'veth',
      name: 'eth0',
      peer: { netns: netnsId('node1'), device: host?.name },
      addresses: [{ ip: ip('10.244.1.2'), bits: 24 }],
    });
    expect(host?.name).toMatch(/^veth[0-9a-f]{8}$/);
    expect(
      spec.routes?.map((route) =>
        route.type === 'unicast' ? [printPrefix(route.destination), route.nexthops[0].via] : [],
      ),
    ).toEqual([['0.0.0.0/0', ip('10.244.1.1')]]);
    expect(spec.listeners).toEqual([{ protocol: 'tcp', port: 80, process: 'web-0' }]);
  });

  it('are hidden behind the node outside their subnet, each by a chain of its own', () => {
    if (iptables === undefined) throw new Error('no rules');
    const short = (line: string) =>
      line
        .replace(/-m comment --comment "name: \\"bridge\\" id: \\"[0-9a-f]{64}\\""/, 'C')
        .replace(/CNI-[0-9a-f]{24}/, 'CNI-x');
    expect(listing(iptables, 'nat').slice(0, 2).map(short)).toEqual([
      '-A CNI-x -d 10.244.1.0/24 C -j ACCEPT',
      '-A CNI-x ! -d 224.0.0.0/4 C -j MASQUERADE',
    ]);
    expect(hooked([iptables], 'nat', 'POSTROUTING').map(short)).toEqual([
      '-A POSTROUTING -s 10.244.1.2 C -j CNI-x',
      '-A POSTROUTING -s 10.244.1.3 C -j CNI-x',
    ]);
  });

  it('need no bridge on a node that runs none', () => {
    expect(plugin.node('node2').devices).toEqual([]);
  });
});
