/** Packets through compiled clusters: what the notes say about Services, hostPorts and published ports. */
import { describe, expect, it } from 'vitest';
import { flannel } from '../../src/compile/cni/flannel/index.ts';
import { compileDockerHost } from '../../src/compile/docker/compile-docker-host.ts';
import { compileNode } from '../../src/compile/node.ts';
import { OriginTable } from '../../src/compile/origin.ts';
import { PROXY_MODES } from '../../src/compile/proxy/index.ts';
import { netnsId } from '../../src/kernel/netns-id.ts';
import type { NetnsSpec } from '../../src/kernel/netns-spec.ts';
import { explore } from '../../src/kernel/walk/explore.ts';
import type { World } from '../../src/kernel/world.ts';
import { toNumber } from '../../src/lib/fraction.ts';
import { printIp } from '../../src/net/address.ts';
import { address, ip, route, worldOf } from '../kernel/walk/world.ts';
import { clusterOf, endpoint, nodeSettings, pod, prefix, service, servicePort, slice } from './cluster-fixture.ts';

/** `delivered web-1 connected 0.5`: one line for each way it can go, the same ways together. */
function tries(
  world: World,
  from: string,
  to: string,
  port: number,
  protocol: 'tcp' | 'icmp' = 'tcp',
): readonly string[] {
  const { paths } = explore(world, { netns: netnsId(from), destination: ip(to), protocol, sport: 40000, dport: port });
  const lines = new Map<string, number>();
  for (const { request, observation, probability } of paths) {
    const { disposition, packet } = request;
    const where =
      disposition.kind === 'delivered'
        ? `${disposition.netns} from ${printIp(packet.src)}`
        : `${disposition.kind} at ${disposition.netns}`;
    const line = `${where}: ${observation.kind}`;
    lines.set(line, (lines.get(line) ?? 0) + toNumber(probability));
  }
  return [...lines].map(([line, probability]) => (probability === 1 ? line : `${probability} ${line}`)).sort();
}

const laptop: NetnsSpec = {
  id: netnsId('laptop'),
  devices: [{ kind: 'ethernet', name: 'eth0', segment: 'lan', addresses: [address('192.168.1.200/24')] }],
  routes: [route('172.30.0.0/16', { device: 'eth0', via: ip('192.168.1.1') })],
};

describe('a cluster with flannel and kube-proxy', () => {
  const web = { kind: 'pod', ports: [{ port: 80, protocol: 'TCP' as const, hostPort: 8080 }] };
  const pods = [
    pod({ namespace: 'ns', name: 'web-1', node: 'node1', ips: [ip('10.244.1.2')], ports: web.ports }),
    pod({
      namespace: 'ns',
      name: 'web-2',
      node: 'node2',
      ips: [ip('10.244.2.2')],
      ports: [{ port: 80, protocol: 'TCP' }],
    }),
    pod({
      namespace: 'ns',
      name: 'client',
      node: 'node1',
      ips: [ip('10.244.1.9')],
      ports: [{ port: 1, protocol: 'TCP' }],
    }),
  ];
  const all = service({
    namespace: 'ns',
    name: 'all',
    clusterIps: [ip('172.30.0.1')],
    ports: [servicePort(808, { targetPort: 80, nodePort: 30001 })],
  });
  const local = service({
    namespace: 'ns',
    name: 'local',
    clusterIps: [ip('172.30.0.2')],
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    ports: [servicePort(80, { nodePort: 30002 })],
  });
  const none = service({ namespace: 'ns', name: 'none', clusterIps: [ip('172.30.0.3')], ports: [servicePort(80)] });
  const sticky = service({
    namespace: 'ns',
    name: 'sticky',
    clusterIps: [ip('172.30.0.4')],
    ports: [servicePort(80)],
    sessionAffinity: { kind: 'ClientIP', timeoutSeconds: 10800 },
  });
  const endpoints = [endpoint('10.244.1.2', { node: 'node1' }), endpoint('10.244.2.2', { node: 'node2' })];
  const nodes = [1, 2].map((i) =>
    nodeSettings(`node${i}`, `192.168.1.${i}/24`, {
      podCIDR: prefix(`10.244.${i}.0/24`),
      gateway: ip('192.168.1.254'),
    }),
  );
  const cluster = clusterOf({
    services: [all, local, none, sticky],
    slices: [slice(all, endpoints), slice(local, endpoints.slice(1)), slice(sticky, endpoints)],
    pods,
    settings: { podCIDRs: [prefix('10.244.0.0/16')], nodes, cni: { plugin: 'flannel', flannel: { backend: 'vxlan' } } },
    proxy: { clusterCIDRs: [prefix('10.244.0.0/16')] },
  });
  const origins = new OriginTable();
  const cni = flannel.forCluster(cluster, origins);
  const proxy = PROXY_MODES.iptables.forCluster(cluster, origins);
  const world = worldOf([
    ...nodes.map((node) => compileNode({ cluster, node, cni, proxy, origins })),
    ...pods.map((each) => cni.pod(each)),
    laptop,
  ]);

  it.each([
    {
      name: 'S21: a Pod reaches either endpoint of a Service with its own address',
      from: 'ns/client',
      to: '172.30.0.1',
      port: 808,
      lines: ['0.5 ns/web-1 from 10.244.1.9: connected', '0.5 ns/web-2 from 10.244.1.9: connected'],
    },
    {
      name: 'a Pod that is sent to itself appears as its node',
      from: 'ns/web-1',
      to: '172.30.0.1',
      port: 808,
      lines: ['0.5 ns/web-1 from 10.244.1.1: connected', '0.5 ns/web-2 from 10.244.1.2: connected'],
    },
    {
      name: 'S35: a node reaches a cluster IP',
      from: 'node2',
      to: '172.30.0.1',
      port: 808,
      lines: ['0.5 ns/web-1 from 10.244.2.0: connected', '0.5 ns/web-2 from 10.244.2.1: connected'],
    },
    {
      name: 'S32: a stranger reaches a NodePort on a node, and appears as that node beyond it',
      from: 'laptop',
      to: '192.168.1.1',
      port: 30001,
      lines: ['0.5 ns/web-1 from 10.244.1.1: connected', '0.5 ns/web-2 from 10.244.1.0: connected'],
    },
    {
      name: "externalTrafficPolicy Local keeps the stranger's address on the node that has an endpoint",
      from: 'laptop',
      to: '192.168.1.2',
      port: 30002,
      lines: ['ns/web-2 from 192.168.1.200: connected'],
    },
    {
      name: 'externalTrafficPolicy Local drops on the node that has none',
      from: 'laptop',
      to: '192.168.1.1',
      port: 30002,
      lines: ['dropped at node1: silence'],
    },
    {
      name: 'a Pod on the node that has none is let through to the other',
      from: 'ns/client',
      to: '192.168.1.1',
      port: 30002,
      lines: ['ns/web-2 from 10.244.1.9: connected'],
    },
    {
      name: 'a NodePort answers on 127.0.0.1',
      from: 'node2',
      to: '127.0.0.1',
      port: 30002,
      lines: ['ns/web-2 from 10.244.2.1: connected'],
    },
    {
      name: 'S38: a Service without endpoints refuses at once',
      from: 'ns/client',
      to: '172.30.0.3',
      port: 80,
      lines: ['refused at node1: icmp'],
    },
    {
      name: 'S28: affinity does not change the first choice',
      from: 'ns/client',
      to: '172.30.0.4',
      port: 80,
      lines: ['0.5 ns/web-1 from 10.244.1.9: connected', '0.5 ns/web-2 from 10.244.1.9: connected'],
    },
    {
      name: 'S34: a hostPort answers on the node that runs the Pod',
      from: 'laptop',
      to: '192.168.1.1',
      port: 8080,
      lines: ['ns/web-1 from 192.168.1.200: connected'],
    },
    {
      name: 'S34: a hostPort does not answer on another node',
      from: 'laptop',
      to: '192.168.1.2',
      port: 8080,
      lines: ['refused at node2: reset'],
    },
    {
      name: 'S34: a hostPort answers a Pod of the same node, masqueraded',
      from: 'ns/client',
      to: '192.168.1.1',
      port: 8080,
      lines: ['ns/web-1 from 10.244.1.1: connected'],
    },
    {
      name: 'a Pod reaches a Pod of another node with its own address',
      from: 'ns/client',
      to: '10.244.2.2',
      port: 80,
      lines: ['ns/web-2 from 10.244.1.9: connected'],
    },
  ])('$name', ({ from, to, port, lines }) => {
    expect(tries(world, from, to, port)).toEqual(lines);
  });
});

describe('two machines with Docker', () => {
  const origins = new OriginTable();
  const machine = (name: string, last: number): readonly NetnsSpec[] => {
    const compiled = compileDockerHost(
      {
        name,
        netns: netnsId(name),
        networks: [{ name: 'back', icc: false }],
        containers: [
          {
            name: 'web',
            netns: netnsId(`${name}/web`),
            network: 'bridge',
            publish: [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 }],
            listeners: [{ protocol: 'tcp', port: 80 }],
          },
          { name: 'tools', netns: netnsId(`${name}/tools`), network: 'bridge', publish: [], listeners: [] },
          {
            name: 'db',
            netns: netnsId(`${name}/db`),
            network: 'back',
            publish: [],
            listeners: [{ protocol: 'tcp', port: 80 }],
          },
          { name: 'db2', netns: netnsId(`${name}/db2`), network: 'back', publish: [], listeners: [] },
        ],
      },
      origins,
    );
    if (!compiled.ok) throw new Error('not compiled');
    const { host, containers } = compiled.value;
    const { devices = [], sysctls = {}, iptables, listeners = [] } = host;
    return [
      {
        id: netnsId(name),
        sysctls,
        listeners,
        devices: [
          { kind: 'ethernet', name: 'ens32', segment: 'lan', addresses: [address(`192.168.1.${last}/24`)] },
          ...devices,
        ],
        iptables: iptables === undefined ? [] : [iptables],
      },
      ...containers,
    ];
  };
  const world = worldOf([...machine('a', 1), ...machine('b', 2), laptop]);

  it.each([
    {
      name: 'S01: containers of one bridge reach each other',
      from: 'a/tools',
      to: '172.17.0.2',
      port: 80,
      lines: ['a/web from 172.17.0.3: connected'],
    },
    {
      name: 'S03: a container does not reach the address of one on another machine',
      from: 'a/tools',
      to: '172.17.0.9',
      port: 80,
      lines: ['refused at a/tools: icmp'],
    },
    {
      name: 'S03: it reaches the port that the other machine publishes, as its own machine',
      from: 'a/tools',
      to: '192.168.1.2',
      port: 8080,
      lines: ['b/web from 192.168.1.1: connected'],
    },
    {
      name: 'a stranger reaches a published port with its own address',
      from: 'laptop',
      to: '192.168.1.1',
      port: 8080,
      lines: ['a/web from 192.168.1.200: connected'],
    },
    {
      name: 'the machine itself reaches it through the rules',
      from: 'a',
      to: '192.168.1.1',
      port: 8080,
      lines: ['a/web from 192.168.1.1: connected'],
    },
    {
      name: 'on 127.0.0.1 docker-proxy takes it',
      from: 'a',
      to: '127.0.0.1',
      port: 8080,
      lines: ['a from 127.0.0.1: connected'],
    },
    {
      name: 'from a container to its own machine docker-proxy takes it',
      from: 'a/tools',
      to: '192.168.1.1',
      port: 8080,
      lines: ['a from 172.17.0.3: connected'],
    },
    {
      name: 'bridges are isolated from each other',
      from: 'a/tools',
      to: '172.18.0.2',
      port: 80,
      lines: ['dropped at a: silence'],
    },
    {
      name: 'a network without inter-container connectivity keeps its containers apart',
      from: 'a/db2',
      to: '172.18.0.2',
      port: 80,
      lines: ['dropped at a: silence'],
    },
  ])('$name', ({ from, to, port, lines }) => {
    expect(tries(world, from, to, port)).toEqual(lines);
  });
});
