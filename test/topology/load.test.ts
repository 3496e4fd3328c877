import { describe, expect, it } from 'vitest';
import { printIptablesSave } from '../../src/kernel/netfilter/save-format.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { id, ip, ipRoute, loadFolder, loadText } from './load-text.ts';

describe('S07: the routes of Cluster A come from nothing but the topology', () => {
  const loaded = loadFolder('calico-bgp');
  const common = [
    'default via 192.168.26.2 dev ens32',
    '169.254.0.0/16 dev ens32 scope link metric 1002',
    '172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1',
  ];

  it.each([
    [
      'vms100',
      [
        '192.168.26.0/24 dev ens32 proto kernel scope link src 192.168.26.100',
        '192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird',
        '192.168.198.0/26 via 192.168.26.101 dev ens32 proto bird',
        '192.168.239.128 dev cali0b7f49da20a scope link',
        'blackhole 192.168.239.128/26 proto bird',
      ],
    ],
    [
      'vms101',
      [
        '192.168.26.0/24 dev ens32 proto kernel scope link src 192.168.26.101',
        '192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird',
        'blackhole 192.168.198.0/26 proto bird',
        '192.168.198.1 dev cali2f9e2c68bad scope link',
        '192.168.239.128/26 via 192.168.26.100 dev ens32 proto bird',
      ],
    ],
    [
      'vms102',
      [
        '192.168.26.0/24 dev ens32 proto kernel scope link src 192.168.26.102',
        '192.168.63.64 dev cali6f956c2ada9 scope link',
        'blackhole 192.168.63.64/26 proto bird',
        '192.168.198.0/26 via 192.168.26.101 dev ens32 proto bird',
        '192.168.239.128/26 via 192.168.26.100 dev ens32 proto bird',
      ],
    ],
  ])('%s', (host, rest) => {
    expect(ipRoute(loaded, host)).toEqual([...common, ...rest]);
  });

  it('S06: the container has its gateway by a link route, and /32 and ee:ee:ee:ee:ee:ee on cali0', () => {
    expect(ipRoute(loaded, 'container:c100')).toEqual([
      'default via 169.254.1.1 dev cali0',
      '169.254.1.1 dev cali0 scope link',
    ]);
    const device = loaded.world.netns(id('container:c100')).devices.get('cali0');
    expect(device).toMatchObject({ mac: 'ee:ee:ee:ee:ee:ee', mtu: 1500, addresses: [{ bits: 32 }] });
  });

  it('runs no kubelet and no kube-proxy there', () => {
    expect(printIptablesSave(loaded.world.netns(id('vms100')).iptables())).not.toContain('KUBE');
  });

  it('says that the pool lies around the hosts, and goes on', () => {
    expect(loaded.warnings.map(({ message }) => message)).toEqual([expect.stringContaining('192.168.0.0/16 overlaps')]);
  });
});

describe('machines', () => {
  const loaded = loadFolder('docker-bridge');

  it('are listed once for each namespace', () => {
    expect(loaded.world.machines.map(({ netns }) => netns)).toEqual([
      'docker1',
      'docker2',
      'laptop',
      'container:web',
      'container:client',
      'container:lonely',
      'container:remote',
    ]);
  });

  it('S02: container:NAME and host share a namespace, none has nothing but lo', () => {
    expect(loaded.world.container('sidecar')?.netns).toBe('container:web');
    expect(loaded.world.container('hostnet')?.netns).toBe('docker1');
    expect([...loaded.world.netns(id('container:lonely')).devices.keys()]).toEqual(['lo']);
    expect(loaded.world.netns(id('container:web')).listeners.map(({ port }) => port)).toEqual([80, 9000]);
    expect(loaded.world.netns(id('docker1')).listeners.map(({ port }) => port)).toContain(7000);
  });

  it('say where they are', () => {
    expect(loaded.world.place(id('container:web'))).toEqual({ machine: 'docker1', inside: 'web' });
    expect(loaded.world.place(id('docker1'))).toEqual({ machine: 'docker1', inside: undefined });
  });
});

describe('segments', () => {
  const loaded = loadFolder('calico-ipip');
  const refs = (list: readonly { readonly netns: string; readonly device: string }[]) =>
    list.map(({ netns, device }) => `${netns}/${device}`);

  it('know who answers for an address without building a machine', () => {
    expect(refs(loaded.world.answering('lan', ip('192.168.26.82')))).toEqual(['vms82/ens32']);
    expect(refs(loaded.world.answering('lan', ip('192.168.26.1')))).toEqual(['outside/eth0']);
    expect(refs(loaded.world.answering('lan', ip('192.168.26.2')))).toEqual(['gateway:192.168.26.2/eth0']);
    expect(refs(loaded.world.answering('lan', ip('192.168.26.77')))).toEqual([]);
    expect(refs(loaded.world.answering('elsewhere', ip('192.168.26.82')))).toEqual([]);
  });

  it('know the speaker that announces an address of a load balancer', () => {
    expect(refs(loaded.world.answering('lan', ip('192.168.26.240')))).toHaveLength(1);
  });

  it('find machines by the MAC addresses that they are built with', () => {
    for (const machine of loaded.world.machines) {
      for (const device of loaded.world.netns(machine.netns).devices.values()) {
        if (device.kind !== 'ethernet') continue;
        expect(refs(loaded.world.hearing(device.segment, device.mac))).toContain(`${machine.netns}/${device.name}`);
      }
    }
  });
});

describe('outside hosts', () => {
  const loaded = loadFolder('calico-ipip');

  it('stand behind the gateway, and are made once', () => {
    const first = loaded.world.addOutsideHost(ip('8.8.8.8'));
    const second = loaded.world.addOutsideHost(ip('8.8.8.8'));
    expect(first).toEqual(second);
    expect(first).toMatchObject({
      ok: true,
      value: { where: 'behind-gateway', machine: { netns: 'outside:8.8.8.8', kind: 'outside' } },
    });
    expect(ipRoute(loaded, 'outside:8.8.8.8')).toEqual(['default via 192.0.2.1 dev eth0 proto static onlink']);
  });

  it('stand on the segment whose network their address is of', () => {
    expect(loaded.world.addOutsideHost(ip('192.168.26.77'))).toMatchObject({
      ok: true,
      value: { where: 'on-segment' },
    });
    expect(ipRoute(loaded, 'outside:192.168.26.77')).toEqual([
      'default via 192.168.26.2 dev eth0 proto static',
      '192.168.26.0/24 dev eth0 proto kernel scope link src 192.168.26.77',
    ]);
  });

  it('cannot be where there is no gateway', () => {
    expect(loadFolder('docker-bridge').world.addOutsideHost(ip('8.8.8.8'))).toMatchObject({
      ok: false,
      issues: [{ code: 'no-gateway' }],
    });
  });
});

describe('what the input leaves out', () => {
  it('gives names, addresses and a gateway to the nodes that Pods mention, and says so', () => {
    const loaded = loadText(`
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {nodeName: n1, containers: [{name: c, image: i}]}
`);
    expect(loaded.cluster.settings.nodes.map(({ name }) => name)).toEqual(['n1']);
    expect(ipRoute(loaded, 'n1')[0]).toBe('default via 192.168.0.1 dev eth0');
    expect(loaded.notes.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['NODES_ASSUMED', 'NODE_NETWORK_ASSUMED', 'GATEWAY_ASSUMED', 'CNI_ASSUMED']),
    );
  });

  it('takes addresses from Node objects, and kube-proxy and ranges from the ConfigMaps of kubeadm', () => {
    const loaded = loadText(`
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {node-role.kubernetes.io/control-plane: ""}, annotations: {projectcalico.org/IPv4Address: 10.1.0.5/20}}
status: {addresses: [{type: Hostname, address: n1}, {type: InternalIP, address: 10.1.0.5}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data:
  config.conf: |
    mode: ipvs
    clusterCIDR: 10.50.0.0/16
    iptables: {masqueradeAll: true}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kubeadm-config, namespace: kube-system}
data:
  ClusterConfiguration: |
    kubernetesVersion: v1.29.4
    networking: {podSubnet: 10.50.0.0/16, serviceSubnet: 10.60.0.0/16, dnsDomain: example.org}
`);
    const { settings } = loaded.cluster;
    expect(settings).toMatchObject({
      kubernetesVersion: '1.29',
      clusterDomain: 'example.org',
      proxy: { mode: 'ipvs', masqueradeAll: true },
    });
    expect(settings.nodes[0]).toMatchObject({ name: 'n1', controlPlane: true, address: { bits: 20 } });
  });

  it('makes nothing of an empty input', () => {
    expect(loadTopology([])).toMatchObject({ ok: true, value: { notes: [], warnings: [] } });
    expect(loadText('').world.machines).toEqual([]);
  });
});
