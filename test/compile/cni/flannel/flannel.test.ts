import { describe, expect, it } from 'vitest';
import { flannel } from '../../../../src/compile/cni/flannel/index.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import type { Route } from '../../../../src/kernel/route/route.ts';
import { printIp } from '../../../../src/net/address.ts';
import { printPrefix } from '../../../../src/net/prefix.ts';
import { clusterOf, ip, nodeSettings, pod, prefix } from '../../cluster-fixture.ts';
import { hooked, listing } from '../../listing.ts';

/** Cluster C of the notes. */
const nodes = ['master', 'slave1', 'slave2'].map((name, i) =>
  nodeSettings(`k8s-${name}`, `10.0.0.8${i}/24`, { podCIDR: prefix(`10.244.${i}.0/24`) }),
);
const mysql = pod({ namespace: 'yuchao', name: 'mysql', node: 'k8s-slave1', ips: [ip('10.244.1.14')] });

function plugin(backend: 'vxlan' | 'host-gw' | 'ipip' | 'udp', more: typeof nodes = []) {
  const cluster = clusterOf({
    pods: [mysql],
    settings: {
      podCIDRs: [prefix('10.244.0.0/16')],
      nodes: [...nodes, ...more],
      cni: { plugin: 'flannel', flannel: { backend } },
    },
  });
  return flannel.forCluster(cluster, new OriginTable());
}

function lines(routes: readonly Route[] = []): readonly string[] {
  return routes.flatMap((route) => {
    if (route.type !== 'unicast') return [];
    const [{ via, device, onlink }] = route.nexthops;
    return [
      `${printPrefix(route.destination)} via ${via === undefined ? '' : printIp(via)} dev ${device}${onlink ? ' onlink' : ''}`,
    ];
  });
}

describe('S13: the backend vxlan', () => {
  const { devices = [], routes, neighbours = [], fdb = [] } = plugin('vxlan').node('k8s-slave1');
  const [tunnel, cni0] = devices;

  it('has flannel.1 with the base address of the subnet, 50 bytes short of the card', () => {
    expect(tunnel).toMatchObject({
      kind: 'vxlan',
      name: 'flannel.1',
      vni: 1,
      udpPort: 8472,
      mtu: 1450,
      learning: false,
      local: ip('10.0.0.81'),
      addresses: [{ ip: ip('10.244.1.0'), bits: 32 }],
    });
    expect(cni0).toMatchObject({
      kind: 'bridge',
      name: 'cni0',
      mtu: 1450,
      addresses: [{ ip: ip('10.244.1.1'), bits: 24 }],
    });
  });

  it('knows each peer: a route, a permanent neighbour and a forwarding entry', () => {
    expect(lines(routes)).toEqual([
      '10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink',
      '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink',
    ]);
    const masters = plugin('vxlan')
      .node('k8s-master')
      .devices?.find(({ name }) => name === 'flannel.1')?.mac;
    expect(neighbours[0]).toEqual({ device: 'flannel.1', ip: ip('10.244.0.0'), mac: masters });
    expect(fdb[0]).toEqual({ device: 'flannel.1', mac: masters, remote: ip('10.0.0.80') });
  });

  it('gives Pods the route to all Pods and the default one, both by way of cni0', () => {
    const spec = plugin('vxlan').pod(mysql);
    expect(spec.devices[0]).toMatchObject({
      name: 'eth0',
      mtu: 1450,
      addresses: [{ ip: ip('10.244.1.14'), bits: 24 }],
    });
    expect(lines(spec.routes)).toEqual(['0.0.0.0/0 via 10.244.1.1 dev eth0', '10.244.0.0/16 via 10.244.1.1 dev eth0']);
  });
});

describe('S13: the backend host-gw', () => {
  it('has plain routes and the full MTU', () => {
    const { devices = [], routes } = plugin('host-gw').node('k8s-slave1');
    expect(devices.map(({ name }) => name).filter((name) => !name.startsWith('veth'))).toEqual(['cni0']);
    expect(devices[0]?.mtu).toBe(1500);
    expect(lines(routes)).toEqual(['10.244.0.0/24 via 10.0.0.80 dev eth0', '10.244.2.0/24 via 10.0.0.82 dev eth0']);
  });

  it('has no route to a node that is not on the link, and says so', () => {
    const far = plugin('host-gw', [nodeSettings('far', '10.9.0.1/24', { podCIDR: prefix('10.244.9.0/24') })]);
    expect(lines(far.node('k8s-slave1').routes).join()).not.toContain('10.244.9.0');
    expect(far.notes.map(({ message }) => message)).toEqual([
      "flannel's backend host-gw needs all nodes on one link: k8s-master can have no route to the Pods of far",
    ]);
  });
});

describe('rules of flanneld', () => {
  const { iptables } = plugin('vxlan').node('k8s-slave1');
  const specs = iptables === undefined ? [] : [iptables];

  it('hide Pods outside the network and nothing inside it', () => {
    expect(specs.flatMap((spec) => listing(spec, 'nat'))).toEqual([
      '-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN',
      '-A FLANNEL-POSTRTG -s 10.244.1.0/24 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN',
      '-A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN',
      '-A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN',
      '-A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully',
      '-A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully',
    ]);
    expect(hooked(specs, 'nat', 'POSTROUTING')).toEqual([
      '-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG',
    ]);
  });

  it('accept Pods in FORWARD, at its end', () => {
    expect(iptables?.hooks.every(({ place }) => place === 'append')).toBe(true);
    expect(specs.flatMap((spec) => listing(spec, 'filter'))).toEqual([
      '-A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
      '-A FLANNEL-FWD -d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
    ]);
    expect(hooked(specs, 'filter', 'FORWARD')).toEqual([
      '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
    ]);
  });
});

describe('S13: the backend udp', () => {
  const { devices = [], routes, listeners } = plugin('udp').node('k8s-slave1');

  it('has a TUN device with the base address of the subnet, room for IP and UDP, and every peer in a table of its own', () => {
    expect(devices[0]).toMatchObject({
      kind: 'tun',
      name: 'flannel0',
      udpPort: 8285,
      mtu: 1472,
      local: ip('10.0.0.81'),
      addresses: [{ ip: ip('10.244.1.0'), bits: 32 }],
      peers: [
        { prefix: prefix('10.244.0.0/24'), remote: ip('10.0.0.80') },
        { prefix: prefix('10.244.2.0/24'), remote: ip('10.0.0.82') },
      ],
    });
    expect(devices[1]).toMatchObject({ kind: 'bridge', name: 'cni0', mtu: 1472 });
  });

  it('has one route, to the whole network, and flanneld listens', () => {
    expect(lines(routes)).toEqual(['10.244.0.0/16 via  dev flannel0']);
    expect(listeners).toEqual([{ protocol: 'udp', port: 8285, address: ip('10.0.0.81'), process: 'flanneld' }]);
    expect(plugin('udp').notes).toEqual([]);
  });
});

describe('S13: the backend ipip', () => {
  const { devices = [], routes } = plugin('ipip').node('k8s-slave1');

  it('has a tunnel of its own, told from tunl0 by its local address, 20 bytes short of the card', () => {
    expect(devices[0]).toMatchObject({
      kind: 'ipip',
      name: 'flannel.ipip',
      mtu: 1480,
      local: ip('10.0.0.81'),
      addresses: [{ ip: ip('10.244.1.0'), bits: 32 }],
    });
    expect(devices[1]).toMatchObject({ kind: 'bridge', mtu: 1480 });
  });

  it('routes each subnet to its node, on link behind the tunnel', () => {
    expect(lines(routes)).toEqual([
      '10.244.0.0/24 via 10.0.0.80 dev flannel.ipip onlink',
      '10.244.2.0/24 via 10.0.0.82 dev flannel.ipip onlink',
    ]);
  });
});
