import { describe, expect, it } from 'vitest';
import type { CniSettings } from '../../../../src/cluster/settings.ts';
import { cniChainName } from '../../../../src/compile/cni/network.ts';
import { portmapParts } from '../../../../src/compile/cni/portmap/portmap.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { clusterOf, ip, nodeSettings, pod, prefix } from '../../cluster-fixture.ts';
import { hooked, listing } from '../../listing.ts';

const BRIDGE: CniSettings = { plugin: 'bridge', bridge: { name: 'cni0', ipMasq: true, hairpinMode: true } };
const CALICO: CniSettings = {
  plugin: 'calico',
  calico: { encapsulation: 'none', blockSize: 26, natOutgoing: true, bgp: { asNumber: 64512, nodeToNodeMesh: true } },
};

function partsOf(pods: Parameters<typeof clusterOf>[0]['pods'], cni: CniSettings = CALICO, node = 'node1') {
  const nodes = [
    nodeSettings('node1', '192.168.1.1/24', { podCIDR: prefix('10.244.1.0/24') }),
    nodeSettings('node2', '192.168.1.2/24'),
  ];
  return portmapParts(clusterOf({ pods: pods ?? [], settings: { cni, nodes } }), node, new OriginTable());
}

function linesOf(pods: Parameters<typeof clusterOf>[0]['pods'], cni: CniSettings = CALICO) {
  const { iptables } = partsOf(pods, cni);
  return iptables === undefined ? [] : listing(iptables, 'nat');
}

const web = pod({
  namespace: 'shop',
  name: 'web-0',
  ips: [ip('10.244.1.5')],
  ports: [{ port: 80, protocol: 'TCP', hostPort: 8080 }],
});

describe('names of CNI chains', () => {
  it('are what a real machine has for the same network and container', () => {
    const id = '2d2b3521457cb1d9b7ae6657304d05789a854e7a48916276a40da543df9aa217';
    expect(cniChainName('podman', id)).toBe('CNI-b6c5fb6c593e895d843cb5bd');
    expect(cniChainName('podman', id, 'DN-')).toBe('CNI-DN-b6c5fb6c593e895d843cb');
  });
});

describe('hostPort', () => {
  const { iptables } = partsOf([web]);
  const dn = iptables?.chains.map(({ chain }) => chain).find((chain) => chain.startsWith('CNI-DN-')) ?? '';

  it('S34: is translated on the node that runs the Pod, masquerading what the Pod and 127.0.0.1 send', () => {
    expect(dn).toHaveLength(28);
    expect(linesOf([web]).map((line) => line.replaceAll(dn, 'CNI-DN-x').replace(/[0-9a-f]{64}/, 'ID'))).toEqual([
      '-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000',
      '-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE',
      '-A CNI-HOSTPORT-DNAT -m comment --comment "dnat name: \\"k8s-pod-network\\" id: \\"ID\\"" -m multiport -p tcp --destination-ports 8080 -j CNI-DN-x',
      '-A CNI-DN-x -p tcp --dport 8080 -s 10.244.1.5/32 -j CNI-HOSTPORT-SETMARK',
      '-A CNI-DN-x -p tcp --dport 8080 -s 127.0.0.1 -j CNI-HOSTPORT-SETMARK',
      '-A CNI-DN-x -p tcp --dport 8080 -j DNAT --to-destination 10.244.1.5:80',
    ]);
    expect(partsOf([web], CALICO, 'node2')).toEqual({});
  });

  it('is entered after kube-proxy, and masquerades before everybody else', () => {
    const specs = iptables === undefined ? [] : [iptables];
    expect(iptables?.hooks.map(({ chain, place }) => `${chain} ${place}`)).toEqual([
      'POSTROUTING insert',
      'PREROUTING append',
      'OUTPUT append',
    ]);
    expect(hooked(specs, 'nat', 'PREROUTING')).toEqual([
      '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
    ]);
    expect(hooked(specs, 'nat', 'POSTROUTING')).toEqual([
      '-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
    ]);
  });

  it("marks what comes from the Pod's whole subnet where Pods are on a bridge", () => {
    expect(linesOf([web], BRIDGE).filter((line) => line.includes('-s 10'))).toEqual([
      `-A ${cniNameOnBridge()} -p tcp --dport 8080 -s 10.244.1.5/24 -j CNI-HOSTPORT-SETMARK`,
    ]);
  });

  it('may be bound to one address of the node, whose family decides', () => {
    const bound = pod({
      ...web,
      ports: [
        { port: 80, protocol: 'UDP', hostPort: 53, hostIp: ip('192.168.1.1') },
        { port: 81, protocol: 'TCP', hostPort: 81, hostIp: ip('::1') },
        { port: 82, protocol: 'TCP', hostPort: 82, hostIp: ip('0.0.0.0') },
      ],
    });
    expect(linesOf([bound]).filter((line) => line.includes('DNAT --to'))).toEqual([
      `-A ${dn} -p udp --dport 53 -d 192.168.1.1 -j DNAT --to-destination 10.244.1.5:80`,
      `-A ${dn} -p tcp --dport 82 -j DNAT --to-destination 10.244.1.5:82`,
    ]);
  });

  it('fits 15 ports into a rule, protocols in alphabetical order', () => {
    const many = pod({
      ...web,
      ports: [
        ...Array.from({ length: 16 }, (_, i) => ({ port: i + 1, protocol: 'UDP' as const, hostPort: i + 1 })),
        { port: 99, protocol: 'TCP' as const, hostPort: 99 },
      ],
    });
    expect(linesOf([many]).flatMap((line) => /-p \w+ --destination-ports \S+/.exec(line)?.[0] ?? [])).toEqual([
      '-p tcp --destination-ports 99',
      '-p udp --destination-ports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15',
      '-p udp --destination-ports 16',
    ]);
  });

  it('of a Pod on the host network needs no rules', () => {
    expect(partsOf([pod({ ...web, hostNetwork: true })])).toEqual({});
  });
});

function cniNameOnBridge(): string {
  return (
    partsOf([web], BRIDGE)
      .iptables?.chains.map(({ chain }) => chain)
      .find((chain) => chain.startsWith('CNI-DN-')) ?? ''
  );
}
