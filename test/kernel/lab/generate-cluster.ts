/** Random clusters from a seed, as texts that nettrace reads, and probes between everything in them. */
import { type Family, familyOf, type IpAddr, printIp } from '../../../src/net/address.ts';
import { faultToIpv6, toFamilies } from './cluster-families.ts';
import { generatePolicies } from './generate-policies.ts';
import { type LoadedCluster, loadCluster } from './load-cluster.ts';
import { Random } from './random.ts';
import type { ProbeText, Scenario } from './scenario.ts';
import { addressesToIpv6 } from './to-ipv6.ts';

type Json = Readonly<Record<string, unknown>>;

export type ClusterOptions = {
  readonly probes: number;
  /** kube-proxy's mode; iptables unless said otherwise. */
  readonly proxy?: 'iptables' | 'ipvs' | 'nftables';
  /** IPIP among the encapsulations: not every kernel has it. */
  readonly ipip?: boolean;
  /** Clusters of IPv6, a third of them of both families. */
  readonly ipv6?: boolean;
};

/** Without mh: it hashes the source port, which NAT on the way may have taken at random. */
const SCHEDULERS = ['rr', 'rr', 'rr', 'wrr', 'lc', 'wlc', 'sh', 'dh', 'sed', 'nq'] as const;

const APPS = ['web', 'api', 'db'] as const;
const NAMESPACES: readonly (readonly [string, Json])[] = [
  ['front', { team: 'a', 'kubernetes.io/metadata.name': 'front' }],
  ['back', { team: 'b', 'kubernetes.io/metadata.name': 'back' }],
];
/** The machine outside, and an address that it gives to nobody. */
const CLIENT = '192.0.2.10';

export function generateCluster(seed: number, { probes, ipv6 = false, ...options }: ClusterOptions): Scenario {
  const random = new Random(seed ^ 0x5eed);
  const families: readonly Family[] = !ipv6 ? [4] : random.chance(1 / 3) ? [4, 6] : [6];
  const nodes = Array.from({ length: random.int(2, 4) }, (_, index) => `node${index + 1}`);
  const sticky = random.chance(0.1);
  const objects = [
    ...NAMESPACES.map(([name, labels]) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })),
    ...generatePods(random, nodes),
    ...generateServices(random, sticky),
    ...generatePolicies(random),
  ];
  const network = generateNetwork(random, nodes, options);
  const base = [
    file('network.yaml', toFamilies(random, network, families)),
    file('objects.yaml', toFamilies(random, objects, families)),
  ];
  const faults = random.chance(0.45) ? generateFaults(random, loadCluster(base), nodes, families) : [];
  const files = faults.length === 0 ? base : [...base, file('faults.yaml', faults)];
  return {
    ...{ name: `${options.proxy === undefined ? '' : `${options.proxy}-`}cluster-${seed}${ipv6 ? '-ipv6' : ''}`, seed },
    ...{ machines: [], files },
    probes: generateProbes(random, loadCluster(files), probes, families),
    ...(sticky ? { remembers: true } : {}),
  };
}

/** JSON is YAML, and needs no quoting rules of its own. */
function file(name: string, documents: readonly Json[]): { readonly file: string; readonly text: string } {
  return { file: name, text: documents.map((document) => `---\n${JSON.stringify(document)}\n`).join('') };
}

function own(kind: string, name: string, spec: unknown): Json {
  return { apiVersion: 'nettrace/v1alpha1', kind, metadata: { name }, spec };
}

/** Nodes on one segment, or on two with a router between; a client that reaches them through that router or directly. */
function generateNetwork(
  random: Random,
  nodes: readonly string[],
  { proxy: mode = 'iptables', ipip = false }: Pick<ClusterOptions, 'proxy' | 'ipip'>,
): readonly Json[] {
  const split = random.chance(0.4);
  const place = (index: number): number => (split ? index % 2 : 0);
  const plugin = random.weighted<'calico' | 'flannel' | 'bridge'>(
    [6, () => 'calico'],
    [2, () => 'flannel'],
    [1, () => 'bridge'],
  );
  const encapsulation = random.pick([
    ...(['none', 'vxlan', 'vxlan-cross-subnet'] as const),
    ...(ipip ? (['ipip', 'ipip-cross-subnet'] as const) : []),
  ]);
  const wide = plugin === 'calico';
  const entries = nodes.map((name, index) => {
    const segment = place(index);
    return {
      ...{
        name,
        address: `10.0.${segment}.${index + 1}/24`,
        segment: `lan${segment}`,
        interface: random.pick(['eth0', 'ens32']),
        gateway: `10.0.${segment}.254`,
      },
      ...(wide ? { blocks: [`10.244.${index}.0/26`] } : { podCIDR: `10.244.${index}.0/24` }),
      ...(index === 0 ? { listen: ['6443/tcp'] } : {}),
    };
  });
  const proxy: Json = {
    mode,
    ...(mode === 'ipvs' ? { ipvs: { scheduler: random.pick(SCHEDULERS), strictARP: random.chance(0.3) } } : {}),
    ...(random.chance(0.15) ? { masqueradeAll: true } : {}),
    ...(random.chance(0.15) ? { randomFully: false } : {}),
    ...(random.chance(0.2) ? { clusterCIDR: '10.244.0.0/16' } : {}),
    ...(random.chance(0.1) ? { localhostNodePorts: false } : {}),
    ...(random.chance(0.1) ? { nodePortAddresses: ['10.0.0.0/24'] } : {}),
  };
  const cni: Json =
    plugin === 'calico'
      ? { plugin, calico: { encapsulation, natOutgoing: random.chance(0.8) } }
      : plugin === 'flannel'
        ? { plugin, flannel: { backend: split ? 'vxlan' : random.pick(['vxlan', 'host-gw']) } }
        : { plugin, bridge: { ipMasq: random.chance(0.8), hairpinMode: random.chance(0.6) } };
  const toServices = nodes.map((_, index) => `10.0.${place(index)}.${index + 1}`);
  const via = random.pick(toServices.filter((ip) => ip.startsWith('10.0.0.'))) ?? '10.0.0.1';
  return [
    own('Cluster', 'lab', {
      ...{
        kubernetesVersion: random.pick(['1.34', '1.29', '1.24']),
        podCIDRs: ['10.244.0.0/16'],
        serviceCIDRs: ['10.96.0.0/16'],
        proxy,
        cni,
        nodes: entries,
      },
    }),
    own('Host', 'router', {
      interfaces: [
        { name: 'eth0', segment: 'lan0', addresses: ['10.0.0.254/24'] },
        { name: 'eth1', segment: 'outside', addresses: ['192.0.2.1/24'] },
        ...(split ? [{ name: 'eth2', segment: 'lan1', addresses: ['10.0.1.254/24'] }] : []),
      ],
      sysctls: { 'net.ipv4.ip_forward': '1' },
      // Whoever is outside gets to Services and Pods by one of the nodes, as a router beside the cluster would be told.
      routes: [
        `10.96.0.0/16 via ${via}`,
        `198.51.100.0/24 via ${via}`,
        ...(random.chance(0.5) ? [`10.244.0.0/16 via ${via}`] : []),
      ],
    }),
    own('Host', 'client', {
      interfaces: [{ name: 'eth0', segment: 'outside', addresses: [`${CLIENT}/24`] }],
      routes: ['default via 192.0.2.1 dev eth0'],
      listen: ['8080/tcp', '53/udp'],
    }),
  ];
}

/** Each app has Pods here and there; some of them are not ready, some share their node's network. */
function generatePods(random: Random, nodes: readonly string[]): readonly Json[] {
  return Array.from({ length: random.int(4, 9) }, (_, index): Json => {
    const app = random.pick(APPS);
    const ready = random.chance(0.85);
    const hostNetwork = random.chance(0.06);
    const port = hostNetwork ? 9000 + index : 8080;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${app}-${index}`,
        namespace: random.pick(NAMESPACES)?.[0] ?? 'front',
        labels: { app, tier: random.pick(['1', '2']) },
      },
      spec: {
        nodeName: random.pick(nodes),
        ...(hostNetwork ? { hostNetwork: true } : {}),
        containers: [
          {
            ...{ name: 'c', image: 'i' },
            ports: [
              { name: 'http', containerPort: port },
              ...(hostNetwork
                ? []
                : [
                    { name: 'dns', containerPort: 53, protocol: 'UDP' },
                    ...(random.chance(0.15) ? [{ containerPort: 7000, hostPort: 7000 + index }] : []),
                  ]),
            ],
          },
        ],
      },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    };
  });
}

function generateServices(random: Random, sticky: boolean): readonly Json[] {
  return Array.from({ length: random.int(2, 6) }, (_, index): Json => {
    const type = random.weighted<'ClusterIP' | 'NodePort' | 'LoadBalancer'>(
      [4, () => 'ClusterIP'],
      [4, () => 'NodePort'],
      [3, () => 'LoadBalancer'],
    );
    const exposed = type !== 'ClusterIP';
    const headless = type === 'ClusterIP' && random.chance(0.1);
    const udp = random.chance(0.35);
    const ports = [
      {
        name: 'http',
        port: 80,
        targetPort: random.pick(['http', 8080]),
        ...(exposed ? { nodePort: 30080 + index } : {}),
      },
      ...(udp
        ? [
            {
              name: 'dns',
              port: 53,
              protocol: 'UDP',
              targetPort: random.pick(['dns', 53]),
              ...(exposed ? { nodePort: 30053 + 100 + index } : {}),
            },
          ]
        : []),
    ];
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `service-${index + 1}`, namespace: random.pick(NAMESPACES)?.[0] ?? 'front' },
      spec: {
        type,
        clusterIP: headless ? 'None' : `10.96.0.${index + 1}`,
        selector: random.chance(0.1) ? { app: 'nothing' } : { app: random.pick(APPS) },
        ports,
        ...(exposed && random.chance(0.4) ? { externalTrafficPolicy: 'Local' } : {}),
        ...(random.chance(0.15) ? { internalTrafficPolicy: 'Local' } : {}),
        ...(!headless && random.chance(0.25) ? { externalIPs: [`198.51.100.${100 + index}`] } : {}),
        ...(sticky && random.chance(0.6) && !headless ? { sessionAffinity: 'ClientIP' } : {}),
        ...(random.chance(0.1) ? { publishNotReadyAddresses: true } : {}),
        ...(type === 'LoadBalancer' && random.chance(0.3)
          ? { loadBalancerSourceRanges: [random.pick(['192.0.2.0/24', '10.0.0.0/8', '203.0.113.0/24'])] }
          : {}),
      },
      ...(type === 'LoadBalancer'
        ? { status: { loadBalancer: { ingress: [{ ip: `198.51.100.${index + 1}` }] } } }
        : {}),
    };
  });
}

/** What goes wrong in practice, on one or two nodes. */
function generateFaults(
  random: Random,
  { world }: LoadedCluster,
  nodes: readonly string[],
  families: readonly Family[],
): readonly Json[] {
  const items = Array.from({ length: random.int(1, 2) }, (): Json => {
    const node = random.pick(nodes) ?? 'node1';
    const netns = world.netns(world.node(node)?.netns ?? world.machines[0]?.netns ?? fail(`no machine ${node}`));
    const devices = [...netns.devices.keys()].filter((name) => name !== 'lo');
    const routes = [...netns.routes.values()]
      .flat()
      .filter(({ protocol, type }) => protocol !== 'kernel' && type === 'unicast');
    const device = random.pick(devices) ?? 'eth0';
    // sysctl(8) takes a slash for a dot of a device's name.
    const dotless = device.replaceAll('.', '/');
    const route = random.pick(routes);
    const item = random.weighted<Json>(
      [
        3,
        () => ({
          node,
          sysctl: { [`net.ipv4.conf.${random.pick(['all', dotless])}.rp_filter`]: random.pick(['1', '1', '2']) },
        }),
      ],
      [1.5, () => ({ node, sysctl: { 'net.ipv4.ip_forward': '0' } })],
      [1, () => ({ node, sysctl: { [`net.ipv4.conf.${dotless}.forwarding`]: '0' } })],
      [0.7, () => ({ node, sysctl: { 'net.bridge.bridge-nf-call-iptables': '0' } })],
      [2, () => ({ node, interface: device, down: true })],
      [
        3,
        () => ({
          node,
          iptables: [
            `-I ${random.pick(['INPUT', 'FORWARD', 'OUTPUT'])} 1 ${random.pick(['-p tcp', '-p udp', '-p icmp', `-i ${device}`, '-s 10.244.0.0/24', '-d 10.244.1.0/24'])} -j ${random.pick(['DROP', 'REJECT'])}`,
          ].map((text) => text.replace(/(-I OUTPUT 1) -i/, '$1 -o')),
        }),
      ],
      [
        1,
        () => ({
          node,
          iptables: [
            `-t nat -I ${random.pick(['PREROUTING', 'OUTPUT'])} 1 -p tcp -d 10.96.0.1 -j DNAT --to-destination ${CLIENT}:8080`,
          ],
        }),
      ],
      [1, () => ({ node, iptables: [`-t nat -I POSTROUTING 1 -d 10.244.0.0/16 -j MASQUERADE`] })],
      [
        route === undefined ? 0 : 3,
        () => ({
          node,
          route: [
            `del ${route === undefined ? 'default' : `${printIp(route.destination.addr)}/${route.destination.bits}`}`,
          ],
        }),
      ],
      [
        1,
        () => ({
          node,
          route: [
            `${random.pick(['add blackhole', 'add unreachable', 'add prohibit'])} ${random.pick(['10.244.1.0/27', '10.244.0.0/27', `${CLIENT}/32`])}`,
          ],
        }),
      ],
    );
    return pickFamily(random, families) === 6 ? faultToIpv6(item) : item;
  });
  // A route can be gone already by another fault; deleting it is then an error.
  const route = items.find((item) => 'route' in item);
  return [own('Fault', 'broken', route === undefined ? items : [route])];
}

function pickFamily(random: Random, families: readonly Family[]): Family {
  return (families.length === 1 ? families[0] : random.pick(families)) ?? 4;
}

function fail(message: string): never {
  throw new Error(message);
}

function generateProbes(
  random: Random,
  loaded: LoadedCluster,
  count: number,
  families: readonly Family[],
): readonly ProbeText[] {
  const known = new Map(families.map((family) => [family, destinationsOf(loaded, family)]));
  return Array.from({ length: count }, (_, index): ProbeText => {
    const family = pickFamily(random, families);
    const probe = generateProbe(random, loaded, known.get(family) ?? fail('no destinations'), index);
    // Fixed texts are those of IPv4; addresses of IPv6 stay as they are.
    return family === 4 ? probe : { ...probe, destination: addressesToIpv6(probe.destination) };
  });
}

/** What there is to ask for, in one family. */
function destinationsOf({ world, cluster, machines }: LoadedCluster, family: Family) {
  const ofFamily = (ips: readonly IpAddr[]): readonly IpAddr[] => ips.filter((ip) => familyOf(ip) === family);
  const own = machines.flatMap((netns) =>
    [...netns.devices.values()].flatMap((device) => device.addresses.map(({ ip }) => ip)),
  );
  const addresses = ofFamily(own)
    .map(printIp)
    // Loopback, and addresses of one link.
    .filter((ip) => !/^(127\.|::1$|fe80:)/.test(ip));
  const pods = cluster.pods.flatMap((pod) => ofFamily(pod.ips).slice(0, 1).map(printIp));
  const nodes = world.machines
    .filter(({ kind }) => kind === 'node')
    .flatMap((node) => ofFamily(node.addresses).slice(0, 1).map(printIp));
  const places = cluster.services.flatMap((service) =>
    service.ports.flatMap((port) => {
      const outside = ofFamily([...service.loadBalancerIps.map(({ ip }) => ip), ...service.externalIps]).map(printIp);
      const inside = ofFamily(service.clusterIps).map(printIp);
      const protocol = port.protocol === 'UDP' ? ('udp' as const) : ('tcp' as const);
      return [{ inside, outside, protocol, port: port.port, nodePort: port.nodePort }];
    }),
  );
  return { addresses, pods, nodes, places };
}

function generateProbe(
  random: Random,
  { machines }: LoadedCluster,
  { addresses, pods, nodes, places }: ReturnType<typeof destinationsOf>,
  index: number,
): ProbeText {
  const machine =
    random.weighted<string | undefined>(
      [7, () => random.pick(machines)?.id],
      [1, () => 'client'],
      [1, () => 'node1'],
    ) ?? 'client';
  const base = { machine, sport: 20000 + index, ...(random.chance(0.12) ? { ttl: random.int(1, 4) } : {}) };
  const place = random.chance(0.6) ? random.pick(places) : undefined;
  const service = random.weighted<readonly [string | undefined, number | undefined]>(
    [4, () => [random.pick(place?.inside ?? []), place?.port]],
    [3, () => [random.pick(nodes), place?.nodePort]],
    [3, () => [random.pick(place?.outside ?? []), place?.port]],
    [0.3, () => ['127.0.0.1', place?.nodePort]],
    [0.3, () => [random.pick(place?.inside ?? []), 81]],
  );
  const [destination, dport] = service;
  if (place !== undefined && destination !== undefined && dport !== undefined) {
    const icmp = random.chance(0.08);
    return { ...base, protocol: icmp ? 'icmp' : place.protocol, destination, dport: icmp ? 0 : dport };
  }
  const protocol = random.weighted<ProbeText['protocol']>([5, () => 'tcp'], [2, () => 'udp'], [2, () => 'icmp']);
  const target = random.weighted<string | undefined>(
    [6, () => random.pick(pods)],
    [2, () => random.pick(addresses)],
    [1, () => CLIENT],
    [0.5, () => '10.244.0.60'],
    [0.3, () => '203.0.113.9'],
  );
  return {
    ...base,
    protocol,
    destination: target ?? CLIENT,
    dport: protocol === 'icmp' ? 0 : protocol === 'udp' ? 53 : random.pick([8080, 8080, 8080, 7000, 9]),
  };
}
