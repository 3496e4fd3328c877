/** S20-S22, S25, S28-S36, S38, S39: Services. */
import { describe, expect, it } from 'vitest';
import { add, ZERO } from '../../src/lib/fraction.ts';
import { ask, backends, load, loadText, machines, outcome, outcomes, run, show, steps } from './support.ts';

const flannel = load('flannel-iptables');
const ipip = load('calico-ipip');

const SEPARATORS = {
  '10.244.0.21': 'KUBE-SEP-OFXAHUM4KGMP5HY4',
  '10.244.1.14': 'KUBE-SEP-X5ABSNTMLLOXZSEG',
  '10.244.2.30': 'KUBE-SEP-XCCOGI7776AYMXUQ',
  '10.244.2.31': 'KUBE-SEP-Y2WND7LWQYPCNWWG',
};

/** Rules of one chain, in order. */
function rulesOf(save: string, chain: string): readonly string[] {
  return save.split('\n').filter((line) => line.startsWith(`-A ${chain} `));
}

describe('S20', () => {
  /** Nothing but the Service, its endpoints and the Pod network. */
  const MANIFEST = `apiVersion: v1
kind: Service
metadata: {name: eladmin-api, namespace: yuchao}
spec:
  clusterIP: 10.110.57.234
  ports: [{port: 8000, protocol: TCP, targetPort: 8000}]
---
apiVersion: v1
kind: Endpoints
metadata: {name: eladmin-api, namespace: yuchao}
subsets:
  - addresses: [{ip: 10.244.0.21}, {ip: 10.244.1.14}, {ip: 10.244.2.30}, {ip: 10.244.2.31}]
    ports: [{port: 8000, protocol: TCP}]
---
apiVersion: v1
kind: Node
metadata: {name: k8s-master}
spec: {podCIDR: 10.244.0.0/24}
status: {addresses: [{type: InternalIP, address: 10.0.0.80}]}
`;
  const fromManifest = async (): Promise<string> => {
    const ran = await run(['show', 'iptables', 'k8s-master', '-f', 'api.yaml'], { 'api.yaml': MANIFEST });
    expect(ran).toMatchObject({ code: 0 });
    return ran.stdout;
  };

  it.each([
    ['the manifest alone', fromManifest],
    ['topologies/flannel-iptables', () => show('flannel-iptables', 'iptables', 'k8s-slave1')],
  ])('the chains come out of %s as the cluster in the notes had them', async (_, print) => {
    const save = await print();
    const comment = (text: string): string => `-m comment --comment "yuchao/eladmin-api${text}"`;
    expect(rulesOf(save, 'KUBE-SERVICES')).toContain(
      `-A KUBE-SERVICES -d 10.110.57.234/32 -p tcp ${comment(' cluster IP')} -m tcp --dport 8000 -j KUBE-SVC-IOJMSWRHLGYQTAUL`,
    );
    const chance = (value: string): string => ` -m statistic --mode random --probability ${value}`;
    expect(rulesOf(save, 'KUBE-SVC-IOJMSWRHLGYQTAUL')).toEqual([
      `-A KUBE-SVC-IOJMSWRHLGYQTAUL ! -s 10.244.0.0/16 -d 10.110.57.234/32 -p tcp ${comment(' cluster IP')} -m tcp --dport 8000 -j KUBE-MARK-MASQ`,
      ...[chance('0.25000000000'), chance('0.33333333349'), chance('0.50000000000'), ''].map((words, index) => {
        const [ip, separator] = Object.entries(SEPARATORS)[index] ?? [];
        return `-A KUBE-SVC-IOJMSWRHLGYQTAUL ${comment(` -> ${ip}:8000`)}${words} -j ${separator}`;
      }),
    ]);
    for (const [ip, separator] of Object.entries(SEPARATORS)) {
      expect(rulesOf(save, separator)).toEqual([
        `-A ${separator} -s ${ip}/32 ${comment('')} -j KUBE-MARK-MASQ`,
        `-A ${separator} -p tcp ${comment('')} -m tcp -j DNAT --to-destination ${ip}:8000`,
      ]);
    }
  });
});

describe('S21', () => {
  it.each(['yuchao/shell', 'default/shell', 'node/k8s-master'])(
    'each endpoint gets a quarter of the connections of %s',
    (source) => {
      const trace = ask(flannel, source, '10.110.57.234:8000');
      expect(outcome(trace)).toBe('delivered connected');
      expect(trace.paths.map(({ probability }) => probability)).toEqual(
        Array.from({ length: 4 }, () => ({ numerator: 1n, denominator: 4n })),
      );
      expect([...backends(trace)].sort()).toEqual(Object.keys(SEPARATORS).map((ip) => `0.25 ${ip}:8000`));
    },
  );

  it('the JSON says 0.25 four times', async () => {
    const ran = await run(['shell', 'eladmin-api:8000', '-f', 'topologies/flannel-iptables', '-o', 'json']);
    expect(ran.stdout.match(/"probability": 0\.25,/g)).toHaveLength(4);
  });

  it.each([1, 2, 3, 5, 7, 10])('%i endpoints share evenly, and the shares add up to exactly 1', (count) => {
    const addresses = Array.from({ length: count }, (_, index) => `{ip: 10.244.0.${index + 10}}`);
    const loaded = loadText(`apiVersion: v1
kind: Service
metadata: {name: many}
spec: {clusterIP: 10.96.7.7, ports: [{port: 80}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: many}
subsets: [{addresses: [${addresses.join(', ')}], ports: [{port: 80}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: c, image: c}]}
`);
    const trace = ask(loaded, 'client', '10.96.7.7:80');
    expect(trace.paths.map(({ probability }) => probability)).toEqual(
      Array.from({ length: count }, () => ({ numerator: 1n, denominator: BigInt(count) })),
    );
    expect(trace.paths.map(({ probability }) => probability).reduce(add, ZERO)).toEqual({
      numerator: 1n,
      denominator: 1n,
    });
  });
});

describe('S22', () => {
  it.each([
    ['a Pod', 'yuchao/shell', '10.0.0.81'],
    ['a node', 'node/k8s-master', '10.0.0.80'],
  ])(
    'a ping from %s follows the default route, and an upstream router answers host unreachable',
    (_, source, sender) => {
      const trace = ask(flannel, source, '10.110.57.234', { protocol: 'icmp' });
      expect(outcome(trace)).toBe('dropped unreachable CLUSTER_IP_NO_ICMP');
      const [path] = trace.paths;
      expect(path?.answer).toEqual({ kind: 'icmp', type: 3, code: 1, from: '10.0.0.2' });
      expect(machines(trace).at(-1)).toBe('gateway 10.0.0.2');
      const rules = steps(trace).map(({ rule }) => rule);
      expect(rules.some((rule) => rule?.startsWith('default via 10.0.0.2 dev ens33'))).toBe(true);
      expect(steps(trace).some(({ before, device }) => before.src === sender && device === 'ens33')).toBe(true);
      expect(rules.some((rule) => rule?.includes('KUBE-SVC-'))).toBe(false);
    },
  );
});

describe('S25', () => {
  const services = (count: number): string =>
    Array.from(
      { length: count },
      (_, index) => `apiVersion: v1
kind: Service
metadata: {name: s${String(index).padStart(4, '0')}}
spec: {clusterIP: 10.96.${2 + Math.floor(index / 200)}.${1 + (index % 200)}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: s${String(index).padStart(4, '0')}}
subsets: [{addresses: [{ip: 10.244.0.10}], ports: [{port: 80}]}]
---
`,
    ).join('');
  const POD = `apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: c, image: c}]}
`;
  const examined = (count: number, index: number): number => {
    const address = `10.96.${2 + Math.floor(index / 200)}.${1 + (index % 200)}:80`;
    return ask(loadText(`${services(count)}${POD}`), 'client', address).stats.rulesExamined;
  };

  it('the number of rules examined grows with the number of Services, one for each', () => {
    const [ten, hundred, thousand] = [examined(10, 9), examined(100, 99), examined(1000, 999)];
    expect(hundred - ten).toBe(90);
    expect(thousand - hundred).toBe(900);
  });

  it('a packet that is for no Service passes all of them', () => {
    const passing = (count: number): number =>
      ask(loadText(`${services(count)}${POD}`), 'client', '203.0.113.7:80').stats.rulesExamined;
    expect(passing(200) - passing(100)).toBeGreaterThanOrEqual(100);
  });

  it('the report says how many', async () => {
    const ran = await run(['shell', '10.110.57.234:8000', '-f', 'topologies/flannel-iptables']);
    expect(ran.stdout).toMatch(/^Rules examined: \d+/m);
  });
});

describe('S28', () => {
  const affine = (fields: string): string => `apiVersion: v1
kind: Service
metadata: {name: eladmin-api, namespace: yuchao}
spec:
  clusterIP: 10.110.57.234
${fields}  ports: [{port: 8000, protocol: TCP, targetPort: 8000}]
---
apiVersion: v1
kind: Endpoints
metadata: {name: eladmin-api, namespace: yuchao}
subsets: [{addresses: [{ip: 10.244.0.21}, {ip: 10.244.1.14}], ports: [{port: 8000}]}]
---
apiVersion: v1
kind: Node
metadata: {name: node}
status: {addresses: [{type: InternalIP, address: 10.0.0.80}]}
`;
  const rules = async (fields: string): Promise<string> =>
    (await run(['show', 'iptables', 'node', '-f', 'a.yaml'], { 'a.yaml': affine(fields) })).stdout;
  const recent = '--mask 255.255.255.255 --rsource';

  it.each([
    ['the default timeout is 10800 s', '  sessionAffinity: ClientIP\n', 10800],
    [
      'a timeout can be given',
      '  sessionAffinity: ClientIP\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}\n',
      60,
    ],
  ])('ClientIP: %s', async (_, fields, seconds) => {
    const save = await rules(fields);
    const service = rulesOf(save, 'KUBE-SVC-IOJMSWRHLGYQTAUL');
    expect(service[1]).toBe(
      `-A KUBE-SVC-IOJMSWRHLGYQTAUL -m comment --comment "yuchao/eladmin-api -> 10.244.0.21:8000" -m recent --rcheck --seconds ${seconds} --reap --name KUBE-SEP-OFXAHUM4KGMP5HY4 ${recent} -j KUBE-SEP-OFXAHUM4KGMP5HY4`,
    );
    expect(service).toHaveLength(5);
    expect(rulesOf(save, 'KUBE-SEP-OFXAHUM4KGMP5HY4')[1]).toBe(
      `-A KUBE-SEP-OFXAHUM4KGMP5HY4 -p tcp -m comment --comment "yuchao/eladmin-api" -m recent --set --name KUBE-SEP-OFXAHUM4KGMP5HY4 ${recent} -m tcp -j DNAT --to-destination 10.244.0.21:8000`,
    );
  });

  it('None is the default: no rule remembers anybody', async () => {
    expect(await rules('')).not.toContain('-m recent');
    expect(await rules('  sessionAffinity: None\n')).toBe(await rules(''));
  });
});

describe('S29', () => {
  const pod = (name: string, ip: string, ready: boolean): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: "${ready ? 'True' : 'False'}"}]}
---
`;
  const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.7.7, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: c, image: c}]}
`;

  it('a Pod that is not ready gets nothing through the Service, and answers by address', () => {
    const loaded = loadText(pod('one', '10.244.0.10', true) + pod('two', '10.244.0.11', false) + SERVICE);
    expect(backends(ask(loaded, 'client', '10.96.7.7:80'))).toEqual(['1 10.244.0.10:80']);
    expect(outcome(ask(loaded, 'client', 'two:80'))).toBe('delivered connected');
  });

  it('with none ready the connection is refused, and the report tells it from a selector that fits nothing', () => {
    const loaded = loadText(pod('one', '10.244.0.10', false) + pod('two', '10.244.0.11', false) + SERVICE);
    expect(outcome(ask(loaded, 'client', '10.96.7.7:80'))).toBe('rejected refused SERVICE_NO_READY_ENDPOINTS');
  });
});

describe('S30', () => {
  const service = (ports: string): string => `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, clusterIP: 10.96.7.7, selector: {app: web}, ports: [${ports}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
status: {phase: Running, podIP: 10.244.0.10, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: c, image: c}]}
`;

  it('a Service port may differ from its targetPort', () => {
    const trace = ask(loadText(service('{port: 808, targetPort: 80}')), 'client', '10.96.7.7:808');
    expect(outcome(trace)).toBe('delivered connected');
    expect(backends(trace)).toEqual(['1 10.244.0.10:80']);
  });

  it('several ports need names', async () => {
    const text = service('{port: 80}, {port: 81}');
    const ran = await run(['validate', '-f', 'w.yaml'], { 'w.yaml': text });
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr).toMatch(/w\.yaml:4:\d+: error: .*spec\.ports\[0\]\.name: Required value/);
    const named = await run(['validate', '-f', 'w.yaml'], {
      'w.yaml': service('{name: a, port: 80}, {name: b, port: 81}'),
    });
    expect(named.code).toBe(0);
  });

  it("kubectl's form of a node port is 80:31158/TCP", async () => {
    const text = service('{port: 80, nodePort: 31158}');
    const ran = await run(['show', 'services', '-f', 'w.yaml'], { 'w.yaml': text });
    expect(ran.stdout).toMatch(/^default +web +NodePort +10\.96\.7\.7 +<none> +80:31158\/TCP +<unknown>$/m);
  });
});

describe('S31', () => {
  const service = (port: number): string => `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector: {app: web}
  ports:
    - port: 80
      nodePort: ${port}
`;

  it.each([18000, 29999, 32768])('%i is refused in the words of the API server, with its place', async (port) => {
    const ran = await run(['validate', '-f', 'web.yaml'], { 'web.yaml': service(port) });
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr).toContain('web.yaml:10:17: error: ');
    expect(ran.stderr).toContain(
      `Invalid value: ${port}: provided port is not in the valid range. The range of valid ports is 30000-32767`,
    );
  });

  it.each([30000, 32767])('%i is valid', async (port) => {
    expect((await run(['validate', '-f', 'web.yaml'], { 'web.yaml': service(port) })).code).toBe(0);
  });

  it('every node listens on the port, and there is a ClusterIP as well', () => {
    expect(
      outcomes(ipip, [
        'host/outside 192.168.26.81:31034',
        'host/outside 192.168.26.82:31034',
        'host/outside 192.168.26.83:31034',
        'testpod1 10.111.123.194:80',
      ]),
    ).toEqual([
      'host/outside 192.168.26.81:31034 => delivered connected',
      'host/outside 192.168.26.82:31034 => delivered connected',
      'host/outside 192.168.26.83:31034 => delivered connected',
      'testpod1 10.111.123.194:80 => delivered connected',
    ]);
  });
});

describe('S32', () => {
  it('a node without the endpoint passes the packet on, with its own address', () => {
    const trace = ask(ipip, 'host/outside', '192.168.26.81:31034');
    expect(machines(trace)).toEqual(['outside', 'vms81', 'vms82']);
    expect(trace.paths[0]?.sourceSeen).toBe('10.244.88.64');
  });

  it('also the node that runs the endpoint hides the client', () => {
    const trace = ask(ipip, 'host/outside', '192.168.26.82:31034');
    expect(machines(trace)).toEqual(['outside', 'vms82']);
    expect(trace.paths[0]?.sourceSeen).not.toBe('192.168.26.1');
  });
});

describe('S33', () => {
  const BALANCED = (provider: string): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  loadBalancer: ${provider}
  nodes: [{name: n1, address: 192.168.26.81/24, gateway: 192.168.26.2}]
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: outside}
spec: {interfaces: [{name: eth0, segment: lan, addresses: [192.168.26.1/24]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: svc1}
spec: {type: LoadBalancer, clusterIP: 10.96.7.7, selector: {app: web}, ports: [{port: 80, nodePort: 31000}]}
---
apiVersion: v1
kind: Service
metadata: {name: svc2}
spec: {type: LoadBalancer, clusterIP: 10.96.7.8, selector: {app: web}, ports: [{port: 80, nodePort: 31001}]}
`;
  const NONE = BALANCED('{provider: none}');
  const METALLB = BALANCED('{provider: metallb, mode: layer2, addresses: [192.168.26.240-192.168.26.250]}');
  const listed = async (text: string): Promise<readonly string[]> =>
    (await run(['show', 'services', '-f', 'l.yaml'], { 'l.yaml': text })).stdout
      .match(/svc\d +LoadBalancer +\S+ +\S+/g)
      ?.map((row) => row.replaceAll(/ +/g, ' ')) ?? [];

  it('without a provider the address stays <pending>; the ClusterIP and the node port work', async () => {
    expect(await listed(NONE)).toEqual([
      'svc1 LoadBalancer 10.96.7.7 <pending>',
      'svc2 LoadBalancer 10.96.7.8 <pending>',
    ]);
    const loaded = loadText(NONE);
    expect(outcome(ask(loaded, 'host/outside', '192.168.26.81:31000'))).toBe('delivered connected');
    expect(outcome(ask(loaded, 'node/n1', '10.96.7.7:80'))).toBe('delivered connected');
    expect(outcome(ask(loaded, 'host/outside', '192.168.26.240:80'))).toMatch(/^dropped unreachable/);
  });

  it('MetalLB gives 192.168.26.240, then .241, and the outside machine reaches them', async () => {
    expect(await listed(METALLB)).toEqual([
      'svc1 LoadBalancer 10.96.7.7 192.168.26.240',
      'svc2 LoadBalancer 10.96.7.8 192.168.26.241',
    ]);
    const loaded = loadText(METALLB);
    expect(outcomes(loaded, ['host/outside 192.168.26.240:80', 'host/outside 192.168.26.241:80'])).toEqual([
      'host/outside 192.168.26.240:80 => delivered connected',
      'host/outside 192.168.26.241:80 => delivered connected',
    ]);
    expect(outcome(ask(loaded, 'host/outside', '192.168.26.242:80'))).toMatch(/^dropped unreachable/);
  });
});

describe('S34', () => {
  const NODES = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: c}
spec:
  nodes:
    - {name: master, address: 192.168.26.81/24, gateway: 192.168.26.2, controlPlane: true}
    - {name: worker1, address: 192.168.26.82/24, gateway: 192.168.26.2}
    - {name: worker2, address: 192.168.26.83/24, gateway: 192.168.26.2}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: outside}
spec: {interfaces: [{name: eth0, segment: lan, addresses: [192.168.26.1/24]}]}
---
`;
  const HOST_PORT = `${NODES}apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: c, ports: [{containerPort: 80, hostPort: 8080}]}]}
`;

  it('only the node that runs the Pod answers on its hostPort', () => {
    const loaded = loadText(`${NODES}apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {nodeName: worker1, containers: [{name: c, image: c, ports: [{containerPort: 80, hostPort: 8080}]}]}
`);
    expect(outcomes(loaded, ['host/outside 192.168.26.82:8080', 'host/outside 192.168.26.83:8080'])).toEqual([
      'host/outside 192.168.26.82:8080 => delivered connected',
      'host/outside 192.168.26.83:8080 => rejected refused SOCKET_NOT_LISTENING',
    ]);
  });

  it('two Pods of one hostPort share no node: the third of three stays Pending on two workers', () => {
    const loaded = loadText(HOST_PORT);
    expect(loaded.cluster.pods.map(({ node, phase }) => `${phase} ${node ?? '-'}`).sort()).toEqual([
      'Pending -',
      'Running worker1',
      'Running worker2',
    ]);
    expect(
      outcomes(loaded, [
        'host/outside 192.168.26.81:8080',
        'host/outside 192.168.26.82:8080',
        'host/outside 192.168.26.83:8080',
      ]),
    ).toEqual([
      'host/outside 192.168.26.81:8080 => rejected refused SOCKET_NOT_LISTENING',
      'host/outside 192.168.26.82:8080 => delivered connected',
      'host/outside 192.168.26.83:8080 => delivered connected',
    ]);
    const pending = loaded.cluster.pods.find(({ phase }) => phase === 'Pending');
    expect(outcome(ask(loaded, `pod/${pending?.name}`, '192.168.26.82:8080'))).toMatch(/SOURCE_NOT_RUNNING$/);
  });

  it("hostNetwork: the Pod's address is the node's", () => {
    const loaded = loadText(`${NODES}apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {nodeName: worker1, hostNetwork: true, containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
`);
    const trace = ask(loaded, 'host/outside', 'pod/web:80');
    expect(outcome(trace)).toBe('delivered connected');
    expect(trace.query.destinationAddress).toBe('192.168.26.82');
    expect(machines(trace)).toEqual(['outside', 'worker1']);
  });
});

describe('S35', () => {
  it('a ClusterIP is reached from Pods and nodes, not from outside', () => {
    expect(
      outcomes(ipip, ['testpod1 10.106.61.84:80', 'node/vms81 10.106.61.84:80', 'host/outside 10.106.61.84:80']),
    ).toEqual([
      'testpod1 10.106.61.84:80 => delivered connected',
      'node/vms81 10.106.61.84:80 => delivered connected',
      'host/outside 10.106.61.84:80 => dropped unreachable CLUSTER_IP_FROM_OUTSIDE',
    ]);
  });
});

describe('S36', () => {
  const HEADLESS = `apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, labels: {app: db}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{containerPort: 5432}]}]}
status: {phase: Running, podIP: 10.244.0.10, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-1, labels: {app: db}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{containerPort: 5432}]}]}
status: {phase: Running, podIP: 10.244.0.11, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
`;

  it('DNS answers with the addresses of the Pods, and the client connects to one', () => {
    const trace = ask(loadText(HEADLESS), 'client', 'db:5432');
    expect(trace.dns?.addresses).toEqual(['10.244.0.10', '10.244.0.11']);
    expect(outcome(trace)).toBe('delivered connected');
    expect(trace.query.destinationAddress).toBe('10.244.0.10');
  });

  it('no rule of kube-proxy speaks of it', async () => {
    const ran = await run(['show', 'iptables', 'n1', '-f', 'h.yaml'], { 'h.yaml': HEADLESS });
    expect(ran.stdout).toContain(':KUBE-SERVICES');
    expect(ran.stdout).not.toMatch(/default\/db|KUBE-SVC-/);
  });
});

describe('S38', () => {
  const EMPTY = `apiVersion: v1
kind: Service
metadata: {name: empty}
spec: {clusterIP: 10.96.7.7, selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: n1, containers: [{name: c, image: c}]}
`;

  it('without endpoints the connection is refused at once, with ICMP port unreachable', () => {
    const trace = ask(loadText(EMPTY), 'client', '10.96.7.7:80');
    expect(outcome(trace)).toBe('rejected refused SERVICE_NO_ENDPOINTS');
    expect(trace.paths[0]?.answer).toMatchObject({ kind: 'icmp', type: 3, code: 3 });
    expect(trace.result.blame).toMatchObject({
      table: 'filter',
      rule: '-A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m comment --comment "default/empty has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
      origin: { kind: 'Service', namespace: 'default', name: 'empty', file: 'lab.yaml' },
    });
  });
});

describe('S39', () => {
  const binary = (nodes: string): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: binary}
spec:
  serviceCIDRs: [192.168.10.0/16]
  podCIDRs: [10.0.0.0/16]
  cni: {plugin: flannel}
  nodes:
    - {name: n1, address: ${nodes}}
`;

  it('host bits in the range are told, and the network is taken', async () => {
    const ran = await run(['validate', '-f', 'b.yaml'], { 'b.yaml': binary('172.20.0.1/24') });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/^b\.yaml:5:18: warning: .*192\.168\.10\.0\/16.*192\.168\.0\.0\/16/m);
  });

  it("a range that covers a node's own network is an error that names both", async () => {
    const ran = await run(['validate', '-f', 'b.yaml'], { 'b.yaml': binary('192.168.26.81/24') });
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr).toMatch(
      /^(nettrace: )?b\.yaml:5:18: error: .*192\.168\.0\.0\/16.*192\.168\.26\.0\/24 of node n1/m,
    );
  });

  it('so is one that covers the network of another machine', async () => {
    const text = `${binary('172.20.0.1/24')}---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: laptop}
spec: {interfaces: [{name: eth0, segment: lan, addresses: [192.168.26.1/24]}]}
`;
    const ran = await run(['validate', '-f', 'b.yaml'], { 'b.yaml': text });
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr).toMatch(/192\.168\.0\.0\/16.*192\.168\.26\.0\/24.*laptop/);
  });
});
