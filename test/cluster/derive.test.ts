import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { ClusterSettings } from '../../src/cluster/settings.ts';
import { printIp } from '../../src/net/address.ts';
import { printPrefix } from '../../src/net/prefix.ts';
import { clusterOf, ip, node, prefix, SETTINGS } from './load.ts';

const deployment = (name: string, replicas: number, more = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  replicas: ${replicas}\n  selector: {matchLabels: {app: ${name}}}\n  template: {metadata: {labels: {app: ${name}}}, spec: {${more}}}\n---\n`;
const pod = (name: string, spec = '', status = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: web}}\nspec: {${spec}}\nstatus: {${status}}\n---\n`;
const service = (name: string, spec: string, namespace = 'default'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}}\n---\n`;

function places(cluster: Cluster): readonly string[] {
  return cluster.pods.map(({ name, node: on, ips }) => `${name} ${on ?? '-'} ${ips.map(printIp).join(',') || '-'}`);
}

const calico = (encapsulation: 'none' | 'ipip', nodes = SETTINGS.nodes): Partial<ClusterSettings> => ({
  nodes,
  cni: {
    plugin: 'calico',
    calico: { encapsulation, blockSize: 26, natOutgoing: true, bgp: { asNumber: 64512, nodeToNodeMesh: true } },
  },
});
const CLUSTER_B = [
  node('vms81', '192.168.26.81/24', { controlPlane: true, podCIDR: prefix('10.244.88.64/26') }),
  node('vms82', '192.168.26.82/24', { podCIDR: prefix('10.244.171.128/26') }),
];

describe('Pods of workloads', () => {
  it('are spread over the workers, and host-local gives them addresses from .2', () => {
    expect(places(clusterOf(deployment('web', 3)))).toEqual([
      'web-0 worker1 10.244.1.2',
      'web-1 worker2 10.244.2.2',
      'web-2 worker1 10.244.1.3',
    ]);
  });
  it('go to the control plane when there is no worker', () => {
    const nodes = [node('master', '10.0.0.80/24', { controlPlane: true })];
    expect(places(clusterOf(deployment('web', 1), { nodes }))).toEqual(['web-0 master 10.244.0.2']);
  });
  it('are not made when the input holds some', () => {
    expect(places(clusterOf(`${deployment('web', 3)}${pod('web-x', 'nodeName: worker2')}`))).toEqual([
      'web-x worker2 10.244.2.2',
    ]);
  });
  it('are made once for a ReplicaSet and its Deployment', () => {
    const set = `apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web-1a, ownerReferences: [{kind: Deployment, name: web, controller: true}]}\nspec: {replicas: 2, template: {metadata: {labels: {app: web}}, spec: {}}}\n`;
    expect(clusterOf(`${deployment('web', 2)}${set}`).pods.map(({ name }) => name)).toEqual(['web-0', 'web-1']);
  });
  it.each([
    ['', ['ds-0 worker1', 'ds-1 worker2']],
    ['tolerations: [{operator: Exists}]', ['ds-0 master', 'ds-1 worker1', 'ds-2 worker2']],
    [
      'tolerations: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]',
      ['ds-0 master', 'ds-1 worker1', 'ds-2 worker2'],
    ],
    ['nodeSelector: {kubernetes.io/hostname: worker2}', ['ds-0 worker2']],
  ])('a DaemonSet has one a node: {%s}', (spec, expected) => {
    const text = `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: ds}\nspec: {template: {metadata: {labels: {a: b}}, spec: {${spec}}}}\n`;
    expect(clusterOf(text).pods.map(({ name, node: on }) => `${name} ${on}`)).toEqual(expected);
  });
  it.each<readonly [row: string, kind: 'Job' | 'CronJob', spec: string, status: string, pods: number]>([
    ['a Job that runs', 'Job', 'parallelism: 2, ', '', 2],
    ['a Job that is suspended', 'Job', 'suspend: true, ', '', 0],
    ['a Job that was suspended once', 'Job', 'suspend: false, ', '', 1],
    ['a Job that is complete', 'Job', '', 'status: {succeeded: 1, completionTime: "2026-01-02T03:04:05Z"}', 0],
    ['a Job that has begun', 'Job', '', 'status: {active: 1, startTime: "2026-01-02T03:04:05Z"}', 1],
    ['a Job with the condition Complete', 'Job', '', 'status: {conditions: [{type: Complete, status: "True"}]}', 0],
    ['a Job with the condition Failed', 'Job', '', 'status: {conditions: [{type: Failed, status: "True"}]}', 0],
    ['a Job that has not failed', 'Job', '', 'status: {conditions: [{type: Failed, status: "False"}]}', 1],
    ['a Job that is about to fail', 'Job', '', 'status: {conditions: [{type: FailureTarget, status: "True"}]}', 0],
    ['a Job that was resumed', 'Job', '', 'status: {conditions: [{type: Suspended, status: "False"}]}', 1],
    ['a Job with fewer completions than it may run at once', 'Job', 'parallelism: 5, completions: 2, ', '', 2],
    ['a Job with more completions than it may run at once', 'Job', 'parallelism: 2, completions: 9, ', '', 2],
    ['a Job with one completion to go', 'Job', 'parallelism: 3, completions: 4, ', 'status: {succeeded: 3}', 1],
    ['a Job with all completions', 'Job', 'parallelism: 3, completions: 4, ', 'status: {succeeded: 4}', 0],
    ['a Job of one Pod that has succeeded', 'Job', '', 'status: {succeeded: 1}', 0],
    ['a work queue before its first success', 'Job', 'parallelism: 3, ', 'status: {active: 3}', 3],
    ['a work queue after its first success', 'Job', 'parallelism: 3, ', 'status: {active: 1, succeeded: 2}', 1],
    ['a Job that never needs a Pod', 'Job', 'completions: 0, ', '', 0],
    ['a CronJob', 'CronJob', '', '', 1],
    ['a CronJob that is suspended', 'CronJob', 'suspend: true, ', '', 0],
  ])('%s', (_, kind, spec, status, pods) => {
    const job = `${kind === 'Job' ? spec : ''}template: {spec: {containers: [{name: c, image: c}]}}`;
    const body = kind === 'Job' ? job : `${spec}jobTemplate: {spec: {${job}}}`;
    const text = `apiVersion: batch/v1\nkind: ${kind}\nmetadata: {name: j}\nspec: {${body}}\n${status}\n`;
    expect(clusterOf(text).pods).toHaveLength(pods);
  });
  it('of a StatefulSet have a hostname, a subdomain and their own labels', () => {
    const text =
      'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {serviceName: dbs, replicas: 1, template: {metadata: {labels: {app: db}}, spec: {}}}\n';
    const [first] = clusterOf(text).pods;
    expect(first).toMatchObject({
      name: 'db-0',
      hostname: 'db-0',
      subdomain: 'dbs',
      owner: { kind: 'StatefulSet', name: 'db' },
    });
    expect({ ...first?.labels }).toEqual({
      app: 'db',
      'statefulset.kubernetes.io/pod-name': 'db-0',
      'apps.kubernetes.io/pod-index': '0',
    });
  });
  it('S34: of three Pods with one hostPort the third stays Pending on two workers', () => {
    const cluster = clusterOf(deployment('web', 3, 'containers: [{ports: [{containerPort: 80, hostPort: 8080}]}]'));
    expect(places(cluster)).toEqual(['web-0 worker1 10.244.1.2', 'web-1 worker2 10.244.2.2', 'web-2 - -']);
    expect(cluster.pod('default', 'web-2')).toMatchObject({ phase: 'Pending', ready: false });
    expect(cluster.notes.map(({ message }) => message)).toContain(
      'Pod default/web-2 stays Pending: its host ports are taken on every node',
    );
  });
  it('are told as assumptions', () => {
    expect(clusterOf(deployment('web', 2)).notes).toEqual([
      {
        code: 'PODS_MADE',
        about: 'Deployment default/web',
        message:
          'the input holds no Pod of Deployment default/web: Pods web-0 to web-1 were made from its template, running and ready',
      },
      { code: 'POD_NODE_ASSUMED', about: 'Pod default/web-0', message: 'Pod default/web-0 is taken to run on worker1' },
      { code: 'POD_NODE_ASSUMED', about: 'Pod default/web-1', message: 'Pod default/web-1 is taken to run on worker2' },
      expect.objectContaining({ code: 'POD_ADDRESS_ASSUMED' }),
      expect.objectContaining({ code: 'POD_ADDRESS_ASSUMED' }),
      expect.objectContaining({ code: 'POD_RANGE_ASSUMED', about: 'Node master' }),
      expect.objectContaining({ code: 'POD_RANGE_ASSUMED', about: 'Node worker1' }),
      expect.objectContaining({ code: 'POD_RANGE_ASSUMED', about: 'Node worker2' }),
    ]);
  });
});

describe('Pod addresses', () => {
  it('Calico gives out ordinal 0 first', () => {
    const text = `${pod('a', 'nodeName: vms82')}${pod('b', 'nodeName: vms82')}`;
    expect(places(clusterOf(text, calico('none', CLUSTER_B)))).toEqual([
      'a vms82 10.244.171.128',
      'b vms82 10.244.171.129',
    ]);
  });
  it("Cluster B: with an encapsulation the node's tunnel has taken ordinal 0", () => {
    const cluster = clusterOf(pod('a', 'nodeName: vms81'), calico('ipip', CLUSTER_B));
    expect(places(cluster)).toEqual(['a vms81 10.244.88.65']);
    expect(cluster.settings.nodes.map(({ tunnelAddress }) => tunnelAddress)).toEqual([
      ip('10.244.88.64'),
      ip('10.244.171.128'),
    ]);
  });
  it('given addresses are passed over, and blocks follow from them', () => {
    const text = `${pod('a', 'nodeName: worker1', 'podIP: 10.244.70.31')}${pod('b', 'nodeName: worker1')}`;
    const cluster = clusterOf(text, calico('none'));
    expect(places(cluster)).toEqual(['a worker1 10.244.70.31', 'b worker1 10.244.70.0']);
    expect(cluster.settings.nodes[1]?.blocks?.map(printPrefix)).toEqual(['10.244.70.0/26']);
  });
  it('a full block is followed by another one', () => {
    const nodes = [node('n', '10.0.0.81/24', { podCIDR: prefix('10.244.0.0/30') })];
    const text = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name, 'nodeName: n')).join('');
    const cluster = clusterOf(text, calico('none', nodes));
    const [own, more] = cluster.settings.nodes[0]?.blocks ?? [];
    expect(own === undefined || more === undefined ? '' : `${printPrefix(own)} /${more.bits}`).toBe(
      '10.244.0.0/30 /26',
    );
    expect(cluster.pod('default', 'e')?.ips).toEqual([more?.addr]);
  });
  it("a Pod on the host network has its node's address", () => {
    const cluster = clusterOf(pod('a', 'hostNetwork: true, nodeName: worker2'));
    expect(places(cluster)).toEqual(['a worker2 10.0.0.82']);
    expect(cluster.podByIp(ip('10.0.0.82'))).toBeUndefined();
  });
  it('both families are given where the Pod network has both', () => {
    const podCIDRs = [prefix('10.244.0.0/16'), prefix('fd00::/48')];
    expect(places(clusterOf(pod('a', 'nodeName: worker1'), { podCIDRs }))).toEqual([
      'a worker1 10.244.1.2,fd00:0:0:1::2',
    ]);
  });
  it('the podCIDR of Node objects is used by host-local', () => {
    const text = `${pod('a', 'nodeName: worker1')}apiVersion: v1\nkind: Node\nmetadata: {name: worker1}\nspec: {podCIDR: 10.244.7.0/24}\n`;
    expect(places(clusterOf(text))).toEqual(['a worker1 10.244.7.2']);
  });
});

describe('Services', () => {
  it('get cluster addresses in order, the DNS its tenth and the API server its first', () => {
    const ports = 'ports: [{name: dns, port: 53}]';
    const cluster = clusterOf(
      service('b', ports) +
        service('a', ports) +
        service('kube-dns', ports, 'kube-system') +
        service('kubernetes', ports),
    );
    expect(cluster.services.map(({ name, clusterIps }) => `${name} ${clusterIps.map(printIp).join()}`)).toEqual([
      'a 10.96.1.1',
      'b 10.96.1.0',
      'kubernetes 10.96.0.1',
      'kube-dns 10.96.0.10',
    ]);
  });
  it('do not get an address that another one has', () => {
    const cluster = clusterOf(
      service('a', 'ports: [{port: 80}]') + service('b', 'clusterIP: 10.96.1.0, ports: [{port: 80}]'),
    );
    expect(cluster.service('default', 'a')?.clusterIps).toEqual([ip('10.96.1.1')]);
  });
  it('get node ports above the part that people choose from', () => {
    const cluster = clusterOf(
      service(
        'a',
        'type: NodePort, ports: [{name: x, port: 80}, {name: y, port: 81, nodePort: 30087}, {name: z, port: 82}]',
      ),
    );
    expect(cluster.service('default', 'a')?.ports.map(({ nodePort }) => nodePort)).toEqual([30086, 30087, 30088]);
  });
  it('S33: without a provider a LoadBalancer stays pending', () => {
    const cluster = clusterOf(service('a', 'type: LoadBalancer, ports: [{port: 80}]'));
    expect(cluster.service('default', 'a')?.loadBalancerIps).toEqual([]);
    expect(cluster.notes.map(({ code }) => code)).toContain('LOADBALANCER_PENDING');
  });
  it('S33: MetalLB gives the first .240 and the next .241', () => {
    const addresses = [{ first: ip('192.168.26.240'), last: ip('192.168.26.241') }];
    const balanced = 'type: LoadBalancer, ports: [{port: 80}]';
    const cluster = clusterOf(service('svc1', balanced) + service('svc2', balanced) + service('svc3', balanced), {
      loadBalancer: { provider: 'metallb', mode: 'layer2', addresses },
    });
    expect(cluster.services.map(({ loadBalancerIps }) => loadBalancerIps.map((item) => printIp(item.ip)))).toEqual([
      ['192.168.26.240'],
      ['192.168.26.241'],
      [],
    ]);
  });
});

describe('EndpointSlices made from Pods', () => {
  const slices = (cluster: Cluster, name: string): readonly string[] =>
    cluster.slicesOf(cluster.services.find((candidate) => candidate.name === name) ?? fail()).flatMap((slice) =>
      slice.endpoints.map((endpoint) => {
        const ports = slice.ports.map(({ name: port, port: number }) => `${port}=${number}`).join();
        const states = (['ready', 'serving', 'terminating'] as const).filter((state) => endpoint[state]);
        return `${printIp(endpoint.ip)} ${ports} ${states.join(' ')}`.trim();
      }),
    );
  const fail = (): never => {
    throw new Error('no such Service');
  };
  const on = (name: string, address: string, more = '', ports = '', metadata = ''): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: web}${metadata}}\nspec: {nodeName: worker1, containers: [{ports: [${ports}]}]}\nstatus: {podIP: ${address}${more}}\n---\n`;

  it('S29: a Pod that is not ready is listed as not ready', () => {
    const text =
      service('web', 'selector: {app: web}, ports: [{port: 80}]') +
      on('a', '10.244.1.1') +
      on('b', '10.244.1.2', ', phase: Running, conditions: [{type: Ready, status: "False"}]') +
      on('c', '10.244.1.3', '', '', ', deletionTimestamp: "2024-01-01T00:00:00Z"') +
      on('d', '10.244.1.4', ', phase: Succeeded');
    expect(slices(clusterOf(text), 'web')).toEqual([
      '10.244.1.1 =80 ready serving',
      '10.244.1.2 =80',
      '10.244.1.3 =80 serving terminating',
    ]);
  });
  it('publishNotReadyAddresses publishes all of them as ready', () => {
    const text =
      service('web', 'selector: {app: web}, publishNotReadyAddresses: true, ports: [{port: 80}]') +
      on('b', '10.244.1.2', ', conditions: [{type: Ready, status: "False"}]');
    expect(slices(clusterOf(text), 'web')).toEqual(['10.244.1.2 =80 ready']);
  });
  it('a named targetPort is looked up in each Pod, and a Pod without it is absent', () => {
    const text =
      service('web', 'selector: {app: web}, ports: [{name: web, port: 80, targetPort: http}]') +
      on('a', '10.244.1.1', '', '{name: http, containerPort: 8080}') +
      on('b', '10.244.1.2', '', '{name: http, containerPort: 9090}') +
      on('c', '10.244.1.3', '', '{name: other, containerPort: 8080}') +
      on('d', '10.244.1.4', '', '{name: http, protocol: UDP, containerPort: 8080}');
    expect(slices(clusterOf(text), 'web')).toEqual([
      '10.244.1.1 web=8080 ready serving',
      '10.244.1.2 web=9090 ready serving',
    ]);
  });
  it('given slices win, and Endpoints stand in for missing ones', () => {
    const text =
      service('web', 'selector: {app: web}, ports: [{port: 80}]') +
      service('old', 'ports: [{port: 80}]') +
      on('a', '10.244.1.1') +
      'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web-1, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\nendpoints: [{addresses: [10.244.9.9]}]\nports: [{port: 81}]\n---\n' +
      'apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\nsubsets: [{addresses: [{ip: 10.244.8.8}], ports: [{port: 82}]}]\n---\n' +
      'apiVersion: v1\nkind: Endpoints\nmetadata: {name: old}\nsubsets: [{addresses: [{ip: 10.1.2.3}], notReadyAddresses: [{ip: 10.1.2.4}], ports: [{port: 83}]}]\n';
    const cluster = clusterOf(text);
    expect(slices(cluster, 'web')).toEqual(['10.244.9.9 =81 ready serving']);
    expect(slices(cluster, 'old')).toEqual(['10.1.2.3 =83 ready serving', '10.1.2.4 =83']);
  });
});

describe('defaults', () => {
  it('of a Service', () => {
    expect(clusterOf(service('a', 'sessionAffinity: ClientIP, ports: [{port: 80}]')).services[0]).toMatchObject({
      type: 'ClusterIP',
      headless: false,
      selector: undefined,
      ports: [{ name: '', protocol: 'TCP', port: 80, targetPort: 80, nodePort: 0 }],
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: { kind: 'ClientIP', timeoutSeconds: 10800 },
    });
  });
  it.each([
    ['{}', ['Ingress']],
    ['{egress: []}', ['Ingress']],
    ['{egress: [{}]}', ['Ingress', 'Egress']],
    ['{egress: [{}], policyTypes: [Egress]}', ['Egress']],
  ])('of the policyTypes of %s', (rest, types) => {
    const spec = rest.replace('{', '{podSelector: {}, ').replace(', }', '}');
    const text = `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: ${spec}\n`;
    expect(clusterOf(text).policies[0]?.policyTypes).toEqual(types);
  });
  it('a null selector is an absent one, and an empty one selects all', () => {
    const text =
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  podSelector: {}\n  ingress:\n  - from:\n    - podSelector: {}\n      namespaceSelector:\n';
    expect(clusterOf(text).policies[0]?.ingress[0]?.peers).toEqual([
      { kind: 'pods', podSelector: { matchLabels: {}, matchExpressions: [] }, namespaceSelector: undefined },
    ]);
  });
  it.each([
    ['none', []],
    ['80/tcp', [{ protocol: 'tcp', port: 80 }]],
    [
      '127.0.0.1:80/tcp, 53/udp',
      [
        { protocol: 'tcp', port: 80, address: ip('127.0.0.1') },
        { protocol: 'udp', port: 53 },
      ],
    ],
    ['[::1]:80', [{ protocol: 'tcp', port: 80, address: ip('::1') }]],
  ])('nettrace/listen: %s', (value, listen) => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {nettrace/listen: "${value}"}}\nspec: {}\n`;
    expect(clusterOf(text).pods[0]?.listen).toEqual(listen);
  });
  it('namespaces carry their own name as a label, declared or not', () => {
    const cluster = clusterOf('apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: y}}\n');
    expect({ ...cluster.namespaceLabels('a') }).toEqual({ x: 'y', 'kubernetes.io/metadata.name': 'a' });
    expect({ ...cluster.namespaceLabels('b') }).toEqual({ 'kubernetes.io/metadata.name': 'b' });
  });
});
