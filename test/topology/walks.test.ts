/** Packets in loaded topologies: that the parts of a world fit together. What each part does is tested with it. */
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/kernel/walk/explore.ts';
import type { Path } from '../../src/kernel/walk/step.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { readTopologyFiles } from '../topologies/read-probes.ts';
import { id, ip, ipRoute, loadFolder, loadText } from './load-text.ts';

type Protocol = 'tcp' | 'icmp';

function probe({ world }: Loaded, from: string, to: string, protocol: Protocol, port = 0): readonly Path[] {
  return explore(world, { netns: id(from), destination: ip(to), protocol, sport: 40000, dport: port }).paths;
}

function observed(loaded: Loaded, from: string, to: string, protocol: Protocol, port = 0): string {
  const kinds = probe(loaded, from, to, protocol, port).map(({ observation, request }) => {
    if (observation.kind === 'connected') return `connected ttl=${observation.ttl}`;
    if (observation.kind === 'icmp') return `icmp ${observation.type}/${observation.code}`;
    if (observation.kind === 'silence' && request.disposition.kind === 'dropped')
      return `silence ${request.disposition.reason}`;
    return observation.kind;
  });
  return [...new Set(kinds)].join(', ');
}

function withDocuments(name: string, text: string): Loaded {
  const result = loadTopology([...readTopologyFiles(name), { file: 'more.yaml', text }]);
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join('\n'));
  return result.value;
}

function broken(name: string, fault: string): Loaded {
  return withDocuments(
    name,
    `apiVersion: nettrace/v1alpha1\nkind: Fault\nmetadata: {name: broken}\nspec:\n  - ${fault}\n`,
  );
}

describe('Cluster A', () => {
  const loaded = loadFolder('calico-bgp');

  it('S08: a container pings another through two hosts, ttl=62', () => {
    expect(observed(loaded, 'container:c100', '192.168.63.64', 'icmp')).toBe('connected ttl=62');
  });

  it('S09: an address of the own block that nobody has hits the blackhole', () => {
    expect(observed(loaded, 'container:c100', '192.168.239.140', 'icmp')).toContain('ROUTE_BLACKHOLE');
  });

  it('the implied router answers for private addresses that it has no route to', () => {
    expect(observed(loaded, 'vms100', '10.99.0.1', 'icmp')).toBe('icmp 3/1');
  });

  it('an outside host behind it answers', () => {
    loaded.world.addOutsideHost(ip('8.8.8.8'));
    expect(observed(loaded, 'vms100', '8.8.8.8', 'icmp')).toBe('connected ttl=63');
  });

  it('the router knows no container network unless BGP tells it', () => {
    expect(ipRoute(loaded, 'gateway:192.168.26.2')).not.toContainEqual(expect.stringContaining('192.168.63.64/26'));
    const peered = withDocuments(
      'calico-bgp',
      'apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: router}\nspec: {peerIP: 192.168.26.2, asNumber: 64512}\n',
    );
    expect(ipRoute(peered, 'gateway:192.168.26.2')).toContain(
      '192.168.63.64/26 via 192.168.26.102 dev eth0 proto bird',
    );
  });
});

describe('faults', () => {
  it.each([
    ['a sysctl', '{node: vms102, sysctl: {net.ipv4.ip_forward: "0"}}', 'silence IP_FORWARD_DISABLED'],
    ['an interface that is down', '{node: vms102, interface: ens32, down: true}', 'icmp 3/1'],
    // The packet follows the default route; the router's answer finds no way back to the container.
    ['a session of BGP that is down', '{node: vms100, bgpPeer: vms102, down: true}', 'silence'],
    ['a rule', '{node: vms102, iptables: ["-I FORWARD 1 -p icmp -j DROP"]}', 'silence NETFILTER_RULE'],
    ['a deleted route', '{node: vms100, route: "del 192.168.63.64/26"}', 'silence'],
    ['an added route', '{node: vms100, route: "add prohibit 192.168.63.64"}', 'icmp 3/13'],
    ['a filter between the machines', '{segment: lan, block: {protocol: icmp}}', 'silence SEGMENT_BLOCKED'],
    ['a filter for something else', '{segment: lan, block: {protocol: tcp, port: 80}}', 'connected ttl=62'],
  ])('%s', (_, fault, outcome) => {
    expect(observed(broken('calico-bgp', fault), 'container:c100', '192.168.63.64', 'icmp')).toBe(outcome);
  });

  it('are named as the origin of what they did', () => {
    const loaded = broken('calico-bgp', '{node: vms102, iptables: ["-I FORWARD 1 -p icmp -j DROP"]}');
    const [path] = probe(loaded, 'container:c100', '192.168.63.64', 'icmp');
    const disposition = path?.request.disposition;
    const origin = disposition?.kind === 'dropped' ? disposition.step.origin : undefined;
    expect(origin === undefined ? undefined : loaded.origins.get(origin)).toMatchObject({
      role: 'fault',
      kind: 'Fault',
      name: 'broken',
    });
  });
});

describe('Docker hosts', () => {
  const loaded = loadFolder('docker-bridge');

  it.each([
    ['S01: containers of one host meet on the bridge', 'container:client', '172.17.0.2', 80, 'connected ttl=64'],
    [
      'S02: a container that shares a namespace answers there',
      'container:client',
      '172.17.0.2',
      9000,
      'connected ttl=64',
    ],
    ['S02: a container on the host network answers at the host', 'laptop', '192.168.26.11', 7000, 'connected ttl=64'],
    ['S03: a published port leads to the container', 'laptop', '192.168.26.11', 8080, 'connected ttl=63'],
  ])('%s', (_, from, to, port, outcome) => {
    expect(observed(loaded, from, to, 'tcp', port)).toBe(outcome);
  });

  it('S03: the address of a container on another host is not reached', () => {
    expect(observed(loaded, 'laptop', '172.17.0.2', 'tcp', 80)).toBe('errno');
  });
});

describe('hand-written machines', () => {
  it('veth pairs, bridges, vlans and routers carry a packet', () => {
    const loaded = loadText(`
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: a}
spec:
  interfaces:
    - {name: v0, kind: veth, peer: r/v1, addresses: [10.0.1.2/24]}
  routes: ["default via 10.0.1.1 dev v0"]
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: r}
spec:
  interfaces:
    - {name: v1, kind: veth, addresses: [10.0.1.1/24]}
    - {name: eth0, segment: cable}
    - {name: br0, kind: bridge, ports: [eth0], addresses: [10.0.2.1/24]}
  sysctls: {net.ipv4.ip_forward: 1}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: b}
spec:
  interfaces:
    - {name: eth0, segment: cable, addresses: [10.0.2.2/24]}
  routes: |
    default via 10.0.2.1 dev eth0 proto static
    10.0.2.0/24 dev eth0 proto kernel scope link src 10.0.2.2
  iptables: |
    *filter
    :INPUT ACCEPT [0:0]
    -A INPUT -p tcp -m tcp --dport 81 -j REJECT
    COMMIT
  listen: [80/tcp, 81/tcp]
---
apiVersion: nettrace/v1alpha1
kind: Network
metadata: {name: lab}
spec: {driver: macvlan, host: b, parent: eth0, subnet: 10.0.2.0/24}
---
apiVersion: nettrace/v1alpha1
kind: Container
metadata: {name: c}
spec: {host: b, network: lab, listen: [90/tcp]}
`);
    expect(observed(loaded, 'a', '10.0.2.2', 'tcp', 80)).toBe('connected ttl=63');
    expect(observed(loaded, 'a', '10.0.2.2', 'tcp', 81)).toBe('icmp 3/3');
    // The gateway has .1 and b has .2: the first free address of the subnet.
    expect(observed(loaded, 'a', '10.0.2.3', 'tcp', 90)).toBe('connected ttl=63');
    expect(ipRoute(loaded, 'b')).toEqual([
      'default via 10.0.2.1 dev eth0 proto static',
      '10.0.2.0/24 dev eth0 proto kernel scope link src 10.0.2.2',
    ]);
  });
});

describe('Cluster B', () => {
  it('S33: the outside machine reaches a load balancer address that MetalLB announces', () => {
    expect(observed(loadFolder('calico-ipip'), 'outside', '192.168.26.240', 'tcp', 80)).toMatch(/^connected/);
  });

  it('builds only the machines that the packet visits', () => {
    const loaded = loadFolder('calico-ipip');
    const visited = new Set(
      probe(loaded, 'liruilong-network-create/pod1', '10.244.171.181', 'tcp', 80).flatMap(({ request }) =>
        request.steps.map(({ netns }) => netns),
      ),
    );
    expect(visited).toEqual(
      new Set(['liruilong-network-create/pod1', 'vms83', 'vms82', 'liruilong-network-create/pod2']),
    );
  });
});
