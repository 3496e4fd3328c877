/** S01-S12: bridges, namespaces, routes, BGP. */
import { describe, expect, it } from 'vitest';
import { ask, devices, load, loadText, machines, outcome, run, show, steps } from './support.ts';

const docker = load('docker-bridge');
const bgp = load('calico-bgp');

describe('S01', () => {
  const client = 'container/client';

  it('every container has one end of a veth as eth0, the other is a port of docker0', async () => {
    expect(await show('docker-bridge', 'interfaces', 'container/client')).toMatch(/^\d+: eth0@if\d+: <.*UP/m);
    const host = await show('docker-bridge', 'interfaces', 'docker1');
    expect(host).toMatch(/^\d+: docker0: <.*UP/m);
    expect(host).toMatch(/inet 172\.17\.0\.1\/16 brd 172\.17\.255\.255 scope global docker0/);
    expect(host.match(/^\d+: veth\w+@if\d+: .* master docker0/gm)).toHaveLength(2);
  });

  it('the default gateway is the address of docker0', async () => {
    expect(await show('docker-bridge', 'routes', 'container/client')).toBe(
      'default via 172.17.0.1 dev eth0\n172.17.0.0/16 dev eth0 proto kernel scope link src 172.17.0.3\n',
    );
  });

  it('containers of one host reach each other through the bridge by MAC, the TTL untouched', () => {
    const trace = ask(docker, client, 'container/web', { protocol: 'icmp' });
    expect(outcome(trace)).toBe('delivered connected');
    expect(trace.paths[0]?.ttl).toBe(64);
    const bridged = steps(trace).filter(({ phase }) => phase === 'bridge');
    expect(bridged).toHaveLength(1);
    expect(
      steps(trace)
        .filter(({ phase }) => phase === 'route')
        .map(({ rule }) => rule),
    ).toEqual([
      '172.17.0.0/16 dev eth0 proto kernel scope link src 172.17.0.3',
      'local 172.17.0.2 dev eth0 table local proto kernel scope host src 172.17.0.2',
    ]);
  });
});

describe('S02', () => {
  it('bridge: an interface and an address of its own', async () => {
    expect(await show('docker-bridge', 'interfaces', 'container/web')).toContain('inet 172.17.0.2/16');
  });

  it("host: the container has the host's interfaces, and its port is the host's", async () => {
    const of = async (name: string) => show('docker-bridge', 'interfaces', name);
    expect(await of('container/hostnet')).toBe(await of('docker1'));
    expect(outcome(ask(docker, 'host/laptop', '192.168.26.11:7000'))).toBe('delivered connected');
  });

  it('none: no interface but lo, and nowhere to go', async () => {
    expect((await show('docker-bridge', 'interfaces', 'container/lonely')).match(/^\d+: \S+/gm)).toEqual(['1: lo:']);
    expect(outcome(ask(docker, 'container/lonely', '192.168.26.11:7000'))).toBe('dropped unreachable ROUTE_NOT_FOUND');
  });

  it('container:NAME: one namespace, the two talk over lo', () => {
    const trace = ask(docker, 'container/sidecar', '127.0.0.1:80');
    expect(outcome(trace)).toBe('delivered connected');
    expect(new Set(devices(trace).map((device) => device.split('/')[1]))).toEqual(new Set(['lo']));
    expect(outcome(ask(docker, 'container/web', '127.0.0.1:9000'))).toBe('delivered connected');
  });
});

describe('S03', () => {
  it('containers of two hosts do not reach each other by address', () => {
    expect(outcome(ask(docker, 'container/client', 'container/remote:80'))).toBe(
      'dropped unreachable NEIGHBOUR_FAILED',
    );
    expect(outcome(ask(docker, 'container/remote', 'container/client:80'))).toMatch(/^dropped/);
  });

  it('also where both have the same address: another container is not the one that was asked for', () => {
    const twin = load(
      'docker-bridge',
      'apiVersion: nettrace/v1alpha1\nkind: Container\nmetadata: {name: twin}\nspec: {host: docker2, network: bridge, address: 172.17.0.2, listen: [80/tcp]}\n',
    );
    expect(outcome(ask(twin, 'container/client', 'container/twin:80'))).toBe('dropped connected ADDRESS_NOT_UNIQUE');
    expect(outcome(ask(twin, 'container/client', 'container/web:80'))).toBe('delivered connected');
  });

  it('they do by a port published on the host, which is DNAT there', () => {
    const trace = ask(docker, 'container/remote', '192.168.26.11:8080');
    expect(outcome(trace)).toBe('delivered connected');
    expect(trace.paths[0]?.backend).toMatchObject({ ip: '172.17.0.2', port: 80 });
    expect(steps(trace).map(({ rule }) => rule)).toContain(
      '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    );
  });
});

describe('S04', () => {
  it('containers of one Pod share its namespace: what one listens on, the other reaches on localhost', () => {
    const pod = loadText(`apiVersion: v1
kind: Pod
metadata: {name: both}
spec:
  containers:
    - {name: web, image: nginx, ports: [{containerPort: 80}]}
    - {name: agent, image: agent, ports: [{containerPort: 9000}]}
`);
    for (const port of [80, 9000]) {
      const trace = ask(pod, 'both', `127.0.0.1:${port}`);
      expect(outcome(trace)).toBe('delivered connected');
      expect(devices(trace)).toEqual(['default/both/lo']);
    }
    expect(outcome(ask(pod, 'both', '127.0.0.1:81'))).toBe('rejected refused SOCKET_NOT_LISTENING');
  });
});

describe('S05', () => {
  it('flannel: veth pairs into cni0', async () => {
    const node = await show('flannel-iptables', 'interfaces', 'k8s-slave1');
    expect(node).toMatch(/^\d+: cni0: /m);
    expect(node.match(/^\d+: veth\w+@if\d+: .* master cni0/gm)).toHaveLength(4);
    expect(await show('flannel-iptables', 'routes', 'k8s-slave1')).toContain(
      '10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1\n',
    );
  });

  it('Calico: no bridge, a /32 route to the cali interface of each Pod', async () => {
    expect(await show('calico-ipip', 'interfaces', 'vms83')).not.toMatch(/master|cni0/);
    expect(await show('calico-ipip', 'routes', 'vms83')).toMatch(/^10\.244\.70\.31 dev cali[0-9a-f]{11} scope link$/m);
  });
});

describe('S06', () => {
  it('the container has its gateway by a link route', async () => {
    expect(await show('calico-bgp', 'routes', 'container/c100')).toBe(
      'default via 169.254.1.1 dev cali0\n169.254.1.1 dev cali0 scope link\n',
    );
  });

  it('cali0 has a /32, MTU 1500 and ee:ee:ee:ee:ee:ee', async () => {
    const text = await show('calico-bgp', 'interfaces', 'container/c100');
    expect(text).toMatch(/cali0@if\d+: .* mtu 1500 /);
    expect(text).toContain('link/ether ee:ee:ee:ee:ee:ee');
    expect(text).toContain('inet 192.168.239.128/32 scope global cali0');
  });

  it('the host end answers ARP for 169.254.1.1 with its own MAC, ee:ee:ee:ee:ee:ee', () => {
    const trace = ask(bgp, 'container/c100', 'container/c102', { protocol: 'icmp', verbosity: 2 });
    const [first] = steps(trace).filter(({ phase }) => phase === 'neighbour');
    expect(first).toMatchObject({
      device: 'cali0',
      action: expect.stringMatching(/169\.254\.1\.1.*ee:ee:ee:ee:ee:ee/),
    });
  });
});

describe('S07', () => {
  const tail = (device: string): string => `169.254.0.0/16 dev ${device} scope link metric 1002
172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1
`;

  it('vms100', async () => {
    expect(await show('calico-bgp', 'routes', 'vms100')).toBe(`default via 192.168.26.2 dev ens32
${tail('ens32')}192.168.26.0/24 dev ens32 proto kernel scope link src 192.168.26.100
192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird
192.168.198.0/26 via 192.168.26.101 dev ens32 proto bird
192.168.239.128 dev cali0b7f49da20a scope link
blackhole 192.168.239.128/26 proto bird
`);
  });

  it('vms101', async () => {
    expect(await show('calico-bgp', 'routes', 'vms101')).toBe(`default via 192.168.26.2 dev ens32
${tail('ens32')}192.168.26.0/24 dev ens32 proto kernel scope link src 192.168.26.101
192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird
blackhole 192.168.198.0/26 proto bird
192.168.198.1 dev cali2f9e2c68bad scope link
192.168.239.128/26 via 192.168.26.100 dev ens32 proto bird
`);
  });

  it('vms102', async () => {
    expect(await show('calico-bgp', 'routes', 'vms102')).toBe(`default via 192.168.26.2 dev ens32
${tail('ens32')}192.168.26.0/24 dev ens32 proto kernel scope link src 192.168.26.102
192.168.63.64 dev cali6f956c2ada9 scope link
blackhole 192.168.63.64/26 proto bird
192.168.198.0/26 via 192.168.26.101 dev ens32 proto bird
192.168.239.128/26 via 192.168.26.100 dev ens32 proto bird
`);
  });
});

describe('S08', () => {
  const trace = ask(bgp, 'container/c100', '192.168.63.64', { protocol: 'icmp' });

  it('the reply arrives with ttl=62', () => {
    expect(outcome(trace)).toBe('delivered connected');
    expect(trace.paths.map(({ ttl }) => ttl)).toEqual([62]);
  });

  it('the way is cali0, cali0b7f49da20a, ens32, ens32 of vms102, cali6f956c2ada9, cali0', () => {
    expect(devices(trace)).toEqual([
      'c100/cali0',
      'vms100/cali0b7f49da20a',
      'vms100/ens32',
      'vms102/ens32',
      'vms102/cali6f956c2ada9',
      'c102/cali0',
    ]);
  });
});

describe('S09', () => {
  it.each([
    ['192.168.239.140', 'vms100'],
    ['192.168.63.70', 'vms102'],
  ])('%s, which no container owns, ends at the blackhole of %s', (address, machine) => {
    const trace = ask(bgp, 'container/c100', address, { protocol: 'icmp' });
    expect(outcome(trace)).toBe('dropped timeout ROUTE_BLACKHOLE');
    expect(trace.result.blame).toMatchObject({
      node: machine,
      rule: expect.stringMatching(/^blackhole 192\.168\.\d+\.\d+\/26 proto bird$/),
    });
    expect(machines(trace).at(-1)).toBe(machine);
  });
});

describe('S10', () => {
  const FAULT = `apiVersion: nettrace/v1alpha1
kind: Fault
metadata: {name: session}
spec: [{node: vms100, bgpPeer: vms102, down: true}]
`;
  const rows = (text: string): readonly string[] => text.match(/^\| 192.*$/gm) ?? [];

  it.each([
    ['vms100', ['192.168.26.101', '192.168.26.102']],
    ['vms101', ['192.168.26.100', '192.168.26.102']],
    ['vms102', ['192.168.26.100', '192.168.26.101']],
  ])('%s lists its two peers as calicoctl does', async (host, peers) => {
    const text = await show('calico-bgp', 'bgp', host);
    expect(text).toMatch(
      /^Calico process is running\.\n\nIPv4 BGP status\n\+-+\+-+\+-+\+-+\+-+\+\n\| {2}PEER ADDRESS {2}\| {5}PEER TYPE {5}\| STATE \|/,
    );
    expect(rows(text)).toEqual(peers.map((peer) => `| ${peer} | node-to-node mesh | up    | 00:00:00 | Established |`));
  });

  it('a peer that is down is not up in the list, and its block is gone from the other host', async () => {
    const files = ['-f', 'topologies/calico-bgp', '-f', 'fault.yaml'];
    const own = { 'fault.yaml': FAULT };
    const [up, down] = rows((await run(['show', 'bgp', 'vms100', ...files], own)).stdout);
    expect(up).toBe('| 192.168.26.101 | node-to-node mesh | up    | 00:00:00 | Established |');
    expect(down).toMatch(/^\| 192\.168\.26\.102 \| node-to-node mesh \| (start|down) /);
    expect((await run(['show', 'routes', 'vms100', ...files], own)).stdout).not.toContain('192.168.63.64/26');
    expect((await run(['show', 'routes', 'vms102', ...files], own)).stdout).not.toContain('192.168.239.128/26');
    expect((await run(['show', 'routes', 'vms101', ...files], own)).stdout).toContain('192.168.63.64/26 via');
    expect(outcome(ask(load('calico-bgp', FAULT), 'container/c100', 'container/c102', { protocol: 'icmp' }))).toMatch(
      /^dropped .* BGP_ROUTE_NOT_LEARNED$/,
    );
  });
});

describe('S11', () => {
  const COUNT = 30;
  const block = (index: number): string => `10.244.${index}.0/26`;
  const cluster = (mesh: boolean, more = ''): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: many}
spec:
  podCIDRs: [10.244.0.0/16]
  cni: {plugin: calico, calico: {encapsulation: none, bgp: {nodeToNodeMesh: ${mesh}}}}
  nodes:
${Array.from({ length: COUNT }, (_, index) => `    - {name: n${index}, address: 192.168.26.${index + 10}/24, gateway: 192.168.26.2, podCIDR: ${block(index)}${!mesh && index < 2 && more !== '' ? ', routeReflectorClusterId: 244.0.0.1' : ''}}`).join('\n')}
${more}`;
  const REFLECTORS = `---
apiVersion: v1
kind: Node
metadata: {name: n0, labels: {route-reflector: "true"}}
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {route-reflector: "true"}}
---
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: to-reflectors}
spec: {nodeSelector: all(), peerSelector: route-reflector == 'true'}
`;
  const learnt = async (text: string, node: string): Promise<readonly string[]> => {
    const ran = await run(['show', 'routes', node, '-f', 'many.yaml'], { 'many.yaml': text });
    expect(ran.stderr).toBe('');
    return ran.stdout.match(/^10\.244\.\d+\.0\/26 via .* proto bird$/gm) ?? [];
  };
  const all = (node: number): readonly string[] =>
    Array.from({ length: COUNT }, (_, index) => index)
      .filter((index) => index !== node)
      .map((index) => `${block(index)} via 192.168.26.${index + 10} dev eth0 proto bird`);

  it.each([0, 1, 17, 29])(
    'full mesh: n%i learns the block of every other node, and has a session with each',
    async (node) => {
      expect(await learnt(cluster(true), `n${node}`)).toEqual(all(node));
      const bgp = await run(['show', 'bgp', `n${node}`, '-f', 'many.yaml'], { 'many.yaml': cluster(true) });
      expect(bgp.stdout.match(/node-to-node mesh \| up/g)).toHaveLength(COUNT - 1);
    },
  );

  it.each([0, 1, 17, 29])('route reflectors: n%i learns the block of every other node as well', async (node) => {
    expect(await learnt(cluster(false, REFLECTORS), `n${node}`)).toEqual(all(node));
  });

  it('with reflectors a node has a session with each of them only', async () => {
    const ran = await run(['show', 'bgp', 'n17', '-f', 'many.yaml'], { 'many.yaml': cluster(false, REFLECTORS) });
    expect(ran.stdout.match(/^\| 192.*$/gm)).toHaveLength(2);
  });

  it('with neither nobody learns anything', async () => {
    expect(await learnt(cluster(false), 'n17')).toEqual([]);
  });
});

describe('S12', () => {
  it('IPIP: tunl0, MTU 1480, and the blocks lie behind it', async () => {
    const text = await show('calico-ipip', 'interfaces', 'vms81');
    expect(text).toMatch(/tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 /);
    expect(text).toContain('inet 10.244.88.64/32 scope global tunl0');
    expect(text).toMatch(/cali[0-9a-f]{11}@if\d+: .* mtu 1480 /);
    expect(await show('calico-ipip', 'routes', 'vms81')).toContain(
      '10.244.70.0/26 via 192.168.26.83 dev tunl0 proto bird onlink\n',
    );
  });

  it('IPIP: between nodes the packet travels in another', () => {
    const trace = ask(load('calico-ipip'), 'pod1', 'pod2:80');
    const packed = steps(trace).filter(({ phase }) => phase === 'encapsulate');
    expect(packed.map(({ after }) => `${after?.src} > ${after?.dst} ${after?.inner?.dst}`)).toEqual([
      '192.168.26.83 > 192.168.26.82 10.244.171.181',
    ]);
  });

  describe('pure BGP', () => {
    const PEER = `apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: router}
spec: {peerIP: 192.168.26.2, asNumber: 64512}
`;
    const ROUTER = `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: router}
spec:
  interfaces:
    - {name: eth0, segment: lan, addresses: [192.168.26.2/24]}
    - {name: eth1, segment: office, addresses: [10.9.0.1/24]}
  sysctls: {net.ipv4.ip_forward: "1"}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: desk}
spec:
  interfaces: [{name: eth0, segment: office, addresses: [10.9.0.7/24]}]
  routes: ["default via 10.9.0.1 dev eth0"]
`;

    it.each([
      ['written as a Host', 'host/desk', '10.9.0.7', ['desk', 'router', 'vms100'], [ROUTER, PEER]],
      ['that is implied', '203.0.113.9', '203.0.113.9', ['203.0.113.9', 'gateway 192.168.26.2', 'vms100'], [PEER]],
    ])('a router %s that peers reaches the address of a container without NAT', (_, source, seen, way, documents) => {
      const trace = ask(load('calico-bgp', ...documents), source, 'container/c100:80');
      expect(outcome(trace)).toBe('delivered connected');
      expect(machines(trace)).toEqual(way);
      expect(trace.paths[0]?.sourceSeen).toBe(seen);
      expect(steps(trace).filter(({ phase }) => phase === 'nat')).toEqual([]);
    });

    it.each([
      ['written as a Host', 'host/desk', [ROUTER]],
      ['that is implied', '203.0.113.9', []],
    ])('a router %s that does not peer knows no container', (_, source, documents) => {
      expect(outcome(ask(load('calico-bgp', ...documents), source, 'container/c100:80'))).toMatch(
        /^dropped unreachable/,
      );
    });
  });
});
