/** Random small clusters with policies of every API, as documents. */
import { invariant } from '../../src/lib/assert.ts';
import type { IpAddr } from '../../src/net/address.ts';
import { type Loaded, loadTopology } from '../../src/topology/load.ts';
import { generatePolicies } from '../kernel/lab/generate-policies.ts';
import type { Random } from '../kernel/lab/random.ts';

type Json = Readonly<Record<string, unknown>>;

const NAMESPACES = ['front', 'back', 'ops'] as const;
const NODES = ['n1', 'n2', 'n3', 'n4'] as const;

export type Apis = {
  readonly admin: boolean;
  readonly calico: boolean;
  /** Host endpoints with policies of every stage, and Pods on the host network. */
  readonly hosts?: boolean;
};

/** What the policies are enforced on; nothing here changes what they say. */
export type Network = {
  readonly nodes: number;
  readonly pods: readonly [least: number, most: number];
  readonly encapsulation: 'none' | 'ipip' | 'vxlan' | 'vxlan-cross-subnet';
  readonly natOutgoing: boolean;
  /** Addresses of both families for Pods, nodes and the client. */
  readonly dualStack: boolean;
  /** The second half of the nodes has the host endpoints of the first, each with its own address and its node as a label. */
  readonly twins?: boolean;
  /** Every other node is in a second network. */
  readonly subnets?: boolean;
};

function networkOf(index: number, { subnets = false }: Network): string {
  return `192.168.${subnets && index % 2 === 1 ? 2 : 1}`;
}

function addressOf(index: number, network: Network): string {
  return `${networkOf(index, network)}.${index + 11}`;
}

export const NETWORK: Network = { nodes: 2, pods: [4, 6], encapsulation: 'none', natOutgoing: false, dualStack: false };

export function generateCluster(random: Random, apis: Apis, network: Network = NETWORK): readonly Json[] {
  const { encapsulation, natOutgoing, dualStack } = network;
  const both = (address: string, address6: string): readonly string[] => (dualStack ? [address, address6] : [address]);
  const nodes = NODES.slice(0, network.nodes);
  return [
    {
      apiVersion: 'nettrace/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'random' },
      spec: {
        podCIDRs: both('10.244.0.0/16', 'fd00:10:244::/56'),
        ...(dualStack ? { serviceCIDRs: ['10.96.0.0/16', 'fd00:10:96::/112'] } : {}),
        cni: { plugin: 'calico', calico: { encapsulation, natOutgoing } },
        nodes: nodes.map((name, index) => ({
          ...{ name, interface: 'eth0' },
          address: both(`${addressOf(index, network)}/24`, `fd00:1::${index + 11}/64`),
          gateway: both(`${networkOf(index, network)}.1`, 'fd00:1::1'),
          podCIDRs: both(`10.244.${index + 1}.0/26`, `fd00:10:244:${index + 1}::/122`),
        })),
      },
    },
    {
      apiVersion: 'nettrace/v1alpha1',
      kind: 'Host',
      metadata: { name: 'client' },
      spec: {
        interfaces: [
          {
            name: 'eth0',
            segment: 'lan',
            addresses: [...both('192.168.1.50/24', 'fd00:1::50/64'), ...both('192.168.1.51/24', 'fd00:1::51/64')],
          },
        ],
        routes: nodes.flatMap((_, index) =>
          both(
            `10.244.${index + 1}.0/26 via 192.168.1.${index + 11} dev eth0`,
            `fd00:10:244:${index + 1}::/122 via fd00:1::${index + 11} dev eth0`,
          ),
        ),
        listen: ['8080/tcp', '53/udp', '80/tcp', '9000/sctp'],
      },
    },
    ...NAMESPACES.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { team: random.pick(['a', 'b']), ...(random.chance(0.3) ? { env: 'prod' } : {}) } },
    })),
    ...(['builder', 'reader'] as const).map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace: 'front', labels: { role: name } },
    })),
    ...Array.from({ length: random.int(...network.pods) }, (_, index) => pod(random, index, nodes)),
    ...(apis.calico ? networkSets(random) : []),
    service(random),
    ...generatePolicies(random),
    ...(apis.admin ? adminPolicies(random) : []),
    ...(apis.calico ? calicoPolicies(random) : []),
    ...(apis.hosts === true ? [...hostPods(random, nodes), ...hostObjects(random, nodes, network)] : []),
  ];
}

export function loadDocuments(documents: readonly object[]): Loaded {
  const loaded = loadTopology(documents.map((document, i) => ({ file: `${i}.json`, text: JSON.stringify(document) })));
  invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ message, at }) => `${at?.file} ${message}`).join('\n'));
  return loaded.value;
}

export function outsideAddress(loaded: Loaded): IpAddr {
  const [address] = loaded.world.host('client')?.addresses ?? [];
  invariant(address !== undefined, 'the client has an address');
  return address;
}

function pod(random: Random, index: number, nodes: readonly string[]): Json {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p${index}`,
      namespace: random.pick(NAMESPACES),
      labels: {
        app: random.pick(['web', 'api', 'db']),
        ...(random.chance(0.5) ? { tier: random.pick(['1', '2']) } : {}),
        ...(random.chance(0.2) ? { role: 'x' } : {}),
      },
    },
    spec: {
      nodeName: random.pick(nodes),
      ...(random.chance(0.3) ? { serviceAccountName: random.pick(['builder', 'reader']) } : {}),
      containers: [
        {
          ...{ name: 'c', image: 'c' },
          ports: [{ name: random.pick(['http', 'web']), containerPort: random.pick([80, 8080]) }],
        },
        {
          ...{ name: 'd', image: 'd' },
          ports: [{ name: random.pick(['dns', 'http']), containerPort: 53, protocol: 'UDP' }],
        },
      ],
    },
  };
}

function service(random: Random): Json {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'svc', namespace: 'back' },
    spec: { selector: { app: random.pick(['web', 'api', 'db']) }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

function networkSets(random: Random): readonly Json[] {
  const nets = (): readonly string[] => random.some(['192.168.1.50/32', '10.244.1.0/28', '192.168.1.0/26'], 2);
  return [
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'GlobalNetworkSet',
      metadata: { name: 'world', labels: { app: 'web', role: 'x' } },
      spec: { nets: nets() },
    },
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'NetworkSet',
      metadata: { name: 'near', namespace: random.pick(NAMESPACES), labels: { app: random.pick(['web', 'db']) } },
      spec: { nets: nets() },
    },
  ];
}

function adminPolicies(random: Random): readonly Json[] {
  const list: Json[] = [];
  const priorities = [0, 7, 10, 500, 1000];
  for (let index = 0; index < random.int(0, 2); index++) {
    const cluster = random.chance(0.5);
    list.push({
      apiVersion: `policy.networking.k8s.io/v1alpha${cluster ? 2 : 1}`,
      kind: cluster ? 'ClusterNetworkPolicy' : 'AdminNetworkPolicy',
      metadata: { name: `admin-${index}` },
      spec: {
        ...(cluster ? { tier: random.pick(['Admin', 'Baseline']) } : {}),
        priority: priorities[index] ?? 0,
        ...adminSpec(random, cluster ? 'Accept' : 'Allow', true),
      },
    });
  }
  if (random.chance(0.4)) {
    list.push({
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'BaselineAdminNetworkPolicy',
      metadata: { name: 'default' },
      spec: adminSpec(random, 'Allow', false),
    });
  }
  return list;
}

function adminSpec(random: Random, allow: 'Accept' | 'Allow', passes: boolean): Json {
  const subject = random.chance(0.5)
    ? { namespaces: labelSelector(random, 'team', ['a', 'b']) }
    : { pods: { namespaceSelector: {}, podSelector: labelSelector(random, 'app', ['web', 'api', 'db']) } };
  const rules = (direction: 'ingress' | 'egress'): Json => {
    if (random.chance(0.3)) return {};
    const side = direction === 'ingress' ? 'from' : 'to';
    const list = Array.from({ length: random.int(1, 3) }, (_, index) => ({
      name: `${direction}-${index}`,
      action: passes ? random.pick([allow, 'Deny', 'Pass']) : random.pick([allow, 'Deny']),
      [side]: Array.from({ length: random.int(1, 2) }, () => adminPeer(random, direction)),
      ...adminPorts(random, allow === 'Accept'),
    }));
    return { [direction]: list };
  };
  return { subject, ...rules('ingress'), ...rules('egress') };
}

function adminPeer(random: Random, direction: 'ingress' | 'egress'): Json {
  return random.weighted<Json>(
    [3, () => ({ namespaces: labelSelector(random, 'team', ['a', 'b']) })],
    [
      3,
      () => ({
        pods: {
          namespaceSelector: random.chance(0.5) ? {} : labelSelector(random, 'team', ['a', 'b']),
          podSelector: labelSelector(random, 'app', ['web', 'api', 'db']),
        },
      }),
    ],
    [
      direction === 'egress' ? 2 : 0,
      () => ({ networks: random.some(['10.244.1.0/24', '192.168.1.0/24', '0.0.0.0/0', '10.244.0.0/16'], 2) }),
    ],
  );
}

function adminPorts(random: Random, cluster: boolean): Json {
  if (random.chance(0.5)) return {};
  if (!cluster) {
    const port = (): Json =>
      random.weighted<Json>(
        [2, () => ({ portNumber: { protocol: 'TCP', port: random.pick([80, 8080]) } })],
        [1, () => ({ portNumber: { protocol: 'UDP', port: 53 } })],
        [1, () => ({ portRange: { protocol: 'TCP', start: 8000, end: 9000 } })],
      );
    return { ports: Array.from({ length: random.int(1, 2) }, port) };
  }
  const protocol = (): Json =>
    random.weighted<Json>(
      [2, () => ({ tcp: { destinationPort: { number: random.pick([80, 8080]) } } })],
      [1, () => ({ udp: { destinationPort: { range: { start: 50, end: 60 } } } })],
    );
  return { protocols: Array.from({ length: random.int(1, 2) }, protocol) };
}

function labelSelector(random: Random, key: string, values: readonly [string, ...string[]]): Json {
  return random.weighted<Json>(
    [1, () => ({})],
    [3, () => ({ matchLabels: { [key]: random.pick(values) } })],
    [1, () => ({ matchExpressions: [{ key, operator: 'NotIn', values: [random.pick(values)] }] })],
  );
}

function calicoPolicies(random: Random): readonly Json[] {
  const tiers = random.chance(0.4) ? ['early'] : [];
  const list: Json[] = tiers.map((name) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'Tier',
    metadata: { name },
    spec: { order: random.pick([100, 2_000_000]), defaultAction: random.pick(['Deny', 'Pass']) },
  }));
  for (let index = 0; index < random.int(1, 3); index++) {
    const global = random.chance(0.5);
    const tier = tiers.length > 0 && random.chance(0.5) ? (tiers[0] ?? 'default') : 'default';
    const types = random.weighted<readonly string[]>(
      [2, () => ['Ingress']],
      [1, () => ['Egress']],
      [1, () => ['Ingress', 'Egress']],
    );
    list.push({
      apiVersion: 'projectcalico.org/v3',
      kind: global ? 'GlobalNetworkPolicy' : 'NetworkPolicy',
      metadata: {
        name: `${tier}.calico-${index}`,
        ...(global ? {} : { namespace: random.pick(NAMESPACES) }),
      },
      spec: {
        tier,
        ...(random.chance(0.7) ? { order: random.pick([10, 1000, 2000]) } : {}),
        selector: selectorText(random),
        ...(random.chance(0.2) ? { serviceAccountSelector: `role == '${random.pick(['builder', 'reader'])}'` } : {}),
        ...(global && random.chance(0.4) ? { namespaceSelector: `team == '${random.pick(['a', 'b'])}'` } : {}),
        types,
        ...(types.includes('Ingress') ? { ingress: calicoRules(random, 'ingress') } : {}),
        ...(types.includes('Egress') ? { egress: calicoRules(random, 'egress') } : {}),
      },
    });
  }
  return list;
}

function selectorText(random: Random): string {
  return random.weighted<string>(
    [2, () => 'all()'],
    [3, () => `app == '${random.pick(['web', 'api', 'db'])}'`],
    [1, () => "tier != '1'"],
    [1, () => "app in {'web', 'api'} && has(tier)"],
    [1, () => "!has(role) || app starts with 'd'"],
    [1, () => "app not in {'db'}"],
  );
}

function calicoRules(random: Random, direction: 'ingress' | 'egress'): readonly Json[] {
  return Array.from({ length: random.int(0, 3) }, () => {
    const { protocol, ports } = calicoTraffic(random);
    return {
      action: random.pick(['Allow', 'Allow', 'Deny', 'Pass', 'Log']),
      ...protocol,
      ...(random.chance(0.6) ? { source: entity(random, {}, direction === 'ingress') } : {}),
      ...(ports !== undefined || random.chance(0.3)
        ? { destination: entity(random, ports ?? {}, direction === 'egress') }
        : {}),
    };
  });
}

function calicoTraffic(random: Random): { readonly protocol: Json; readonly ports?: Json } {
  return random.weighted<{ readonly protocol: Json; readonly ports?: Json }>(
    [3, () => ({ protocol: {} })],
    [2, () => ({ protocol: { protocol: 'TCP' }, ports: { ports: [random.pick([80, 8080, '8000:9000', 'http'])] } })],
    [1, () => ({ protocol: { protocol: 'TCP' }, ports: { notPorts: [random.pick([80, 8080])] } })],
    [1, () => ({ protocol: { protocol: 'UDP' }, ports: { ports: [random.pick([53, 'dns'])] } })],
    [1, () => ({ protocol: { notProtocol: 'TCP' } })],
    [1, () => ({ protocol: { protocol: 'ICMP', icmp: { type: random.pick([0, 8]) } } })],
    [0.5, () => ({ protocol: { protocol: 'ICMP', notICMP: { type: 8, code: 0 } } })],
  );
}

function entity(random: Random, ports: Json, isPeer: boolean): Json {
  return random.weighted<Json>(
    [2, () => ports],
    [3, () => ({ ...ports, selector: selectorText(random) })],
    [1, () => ({ ...ports, notSelector: selectorText(random) })],
    [1, () => ({ ...ports, namespaceSelector: random.pick(["team == 'a'", 'all()', 'global()', 'has(env)']) })],
    [1, () => ({ ...ports, namespaceSelector: "team != 'a'", selector: selectorText(random) })],
    [1, () => ({ ...ports, nets: random.some(['10.244.1.0/24', '192.168.1.0/24', '10.244.0.0/16'], 2) })],
    [1, () => ({ ...ports, notNets: [random.pick(['10.244.1.0/24', '192.168.1.50/32'])] })],
    [1, () => ({ ...ports, serviceAccounts: { names: [random.pick(['builder', 'reader'])] } })],
    [0.5, () => ({ ...ports, serviceAccounts: { selector: "role == 'builder'" } })],
    [isPeer && Object.keys(ports).length === 0 ? 0.7 : 0, () => ({ services: { name: 'svc', namespace: 'back' } })],
  );
}

function hostPods(random: Random, nodes: readonly string[]): readonly Json[] {
  return nodes.flatMap((nodeName, index) =>
    random.chance(0.6)
      ? [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: `h${index}`, namespace: random.pick(NAMESPACES), labels: { app: 'web' } },
            spec: {
              nodeName,
              hostNetwork: true,
              containers: [{ name: 'c', image: 'c', ports: [{ containerPort: 80 }] }],
            },
          },
        ]
      : [],
  );
}

/** One host endpoint of a node, drawn before it is said of which. */
function hostEndpoint(
  random: Random,
  tunnel: string,
  isTwin: boolean,
): (node: string, number: number, address: string) => Json {
  const place = random.weighted<(address: string) => Json>(
    [
      2,
      () => {
        const isExpected = random.chance(0.5);
        return (address) => ({ interfaceName: '*', ...(isExpected ? { expectedIPs: [address] } : {}) });
      },
    ],
    [
      2,
      () => {
        const interfaceName = random.pick(['eth0', tunnel]);
        return (address) => ({ interfaceName, expectedIPs: [address] });
      },
    ],
    [1, () => (address) => ({ expectedIPs: [address] })],
  );
  const labels = { host: random.pick(['a', 'b']), app: 'web' };
  const profiles = random.chance(0.6) ? { profiles: random.some(HOST_PROFILES, 2) } : {};
  const port = (): Json => ({ name: 'http', protocol: 'TCP', port: random.pick([80, 8080]) });
  const ports = random.chance(0.3) ? { ports: [port()] } : {};
  return (node, number, address) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'HostEndpoint',
    metadata: { name: `${node}-${number}`, labels: { ...labels, ...(isTwin ? { node } : {}) } },
    spec: { node, ...place(address), ...profiles, ...ports },
  });
}

function hostObjects(random: Random, nodes: readonly string[], network: Network): readonly Json[] {
  const { encapsulation, twins = false } = network;
  const tunnel = encapsulation === 'none' ? 'eth0' : encapsulation.startsWith('vxlan') ? 'vxlan.calico' : 'tunl0';
  const drawn = nodes
    .slice(0, twins ? nodes.length / 2 : nodes.length)
    .map(() => Array.from({ length: random.int(0, 2) }, () => hostEndpoint(random, tunnel, twins)));
  const endpoints = nodes.flatMap((node, index) =>
    (drawn[index % drawn.length] ?? []).map((make, number) => make(node, number, addressOf(index, network))),
  );
  const policies = Array.from({ length: random.int(0, 4) }, (_, index) => {
    const stage = random.pick(['normal', 'forward', 'preDNAT', 'doNotTrack'] as const);
    const types = stage === 'preDNAT' ? ['Ingress'] : random.some(['Ingress', 'Egress'], 2);
    return {
      apiVersion: 'projectcalico.org/v3',
      kind: 'GlobalNetworkPolicy',
      metadata: { name: `host-${index}` },
      spec: {
        ...(random.chance(0.7) ? { order: random.pick([5, 500, 1500]) } : {}),
        selector: random.pick(['has(host)', "host == 'a'", 'all()']),
        ...(stage === 'normal' ? {} : { applyOnForward: true, ...(stage === 'forward' ? {} : { [stage]: true }) }),
        types,
        ...(types.some((type) => type === 'Ingress') ? { ingress: hostRules(random, 'ingress', stage) } : {}),
        ...(types.some((type) => type === 'Egress') ? { egress: hostRules(random, 'egress', stage) } : {}),
      },
    };
  });
  return [
    ...(random.chance(0.5)
      ? [
          {
            apiVersion: 'projectcalico.org/v3',
            kind: 'FelixConfiguration',
            metadata: { name: 'default' },
            spec: {
              ...(random.chance(0.3) ? { defaultEndpointToHostAction: random.pick(['Drop', 'Accept', 'Return']) } : {}),
              ...(random.chance(0.7) ? { failsafeInboundHostPorts: failsafes(random) } : {}),
              ...(random.chance(0.7) ? { failsafeOutboundHostPorts: failsafes(random) } : {}),
            },
          },
        ]
      : []),
    ...(random.chance(0.4)
      ? [
          {
            apiVersion: 'projectcalico.org/v3',
            kind: 'Profile',
            metadata: { name: 'own' },
            spec: {
              ingress: [{ action: random.pick(['Allow', 'Deny']), protocol: 'TCP', destination: { ports: [80] } }],
              egress: [{ action: 'Allow', protocol: random.pick(['TCP', 'ICMP']) }],
              labelsToApply: { tier: '1' },
            },
          },
        ]
      : []),
    ...endpoints,
    ...policies,
  ];
}

const HOST_PROFILES = ['projectcalico-default-allow', 'kns.front', 'ksa.front.builder', 'own'] as const;

function failsafes(random: Random): readonly Json[] {
  return random.some(
    [
      { protocol: 'tcp', port: 80 },
      { protocol: 'udp', port: 53 },
      { protocol: 'tcp', port: 8080, net: '192.168.1.50/32' },
      { protocol: 'tcp', port: 6443 },
      { protocol: 'udp', port: 67, net: '192.168.1.0/24' },
    ],
    3,
  );
}

/** Rules before the connection table must not depend on it; rules of all stages are otherwise alike. */
function hostRules(
  random: Random,
  direction: 'ingress' | 'egress',
  stage: 'normal' | 'forward' | 'preDNAT' | 'doNotTrack',
): readonly Json[] {
  return Array.from({ length: random.int(0, 3) }, () => {
    const { protocol, ports } = calicoTraffic(random);
    const peer = random.weighted<Json>(
      [2, () => ({})],
      [2, () => ({ nets: random.some(['10.244.1.0/24', '192.168.1.11/32', '192.168.1.50/32', '10.244.0.0/16'], 2) })],
      [1, () => ({ notNets: [random.pick(['10.244.1.0/24', '192.168.1.12/32'])] })],
      [2, () => ({ selector: random.pick(["host == 'a'", 'has(host)', "app == 'web'", 'has(tier)']) })],
      [1, () => ({ notSelector: 'has(host)' })],
    );
    const [source, destination] = direction === 'ingress' ? [peer, ports ?? {}] : [{}, { ...peer, ...ports }];
    return {
      action: random.pick(
        stage === 'doNotTrack' ? ['Allow', 'Deny', 'Log'] : ['Allow', 'Allow', 'Deny', 'Pass', 'Log'],
      ),
      ...protocol,
      ...(Object.keys(source).length > 0 ? { source } : {}),
      ...(Object.keys(destination).length > 0 ? { destination } : {}),
    };
  });
}
