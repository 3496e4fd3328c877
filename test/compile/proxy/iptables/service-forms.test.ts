import { describe, expect, it } from 'vitest';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { iptablesProxy } from '../../../../src/compile/proxy/iptables/index.ts';
import {
  type ClusterInput,
  clusterOf,
  endpoint,
  ip,
  prefix,
  service,
  servicePort,
  slice,
} from '../../cluster-fixture.ts';
import { listing } from '../../listing.ts';

const FIXED = new Set(['KUBE-FORWARD', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ']);

/** The rules that Services bring on node1, without the tail that leads to NodePorts. */
function rulesOf(input: ClusterInput, node = 'node1') {
  const { iptables } = iptablesProxy.forCluster(clusterOf(input), new OriginTable()).node(node);
  if (iptables === undefined) throw new Error('no rules');
  const of = (table: 'nat' | 'filter') =>
    listing(iptables, table, (chain) => !FIXED.has(chain)).filter(
      (line) => !line.includes('this must be the last rule'),
    );
  return { nat: of('nat'), filter: of('filter') };
}

type Fields = Parameters<typeof service>[0];
const svc1 = (fields: Partial<Fields> = {}, port: Parameters<typeof servicePort>[1] = {}) =>
  service({ namespace: 'ns1', name: 'svc1', ports: [servicePort(80, { name: 'p80', ...port })], ...fields });

const one = [endpoint('10.180.0.1', { node: 'node1' })];
const two = [endpoint('10.180.0.2', { node: 'node2' }), endpoint('10.180.0.1', { node: 'node1' })];
const remote = [endpoint('10.180.2.1', { node: 'node2' })];

const SEP = [
  '-A KUBE-SEP-SXIVWICOYRO3J4NJ -m comment --comment ns1/svc1:p80 -s 10.180.0.1 -j KUBE-MARK-MASQ',
  '-A KUBE-SEP-SXIVWICOYRO3J4NJ -m comment --comment ns1/svc1:p80 -m tcp -p tcp -j DNAT --to-destination 10.180.0.1:80',
];
const SEP_REMOTE = [
  '-A KUBE-SEP-ZX7GRIZKSNUQ3LAJ -m comment --comment ns1/svc1:p80 -s 10.180.2.1 -j KUBE-MARK-MASQ',
  '-A KUBE-SEP-ZX7GRIZKSNUQ3LAJ -m comment --comment ns1/svc1:p80 -m tcp -p tcp -j DNAT --to-destination 10.180.2.1:80',
];
const CLUSTER_IP =
  '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 cluster IP" -m tcp -p tcp -d 172.30.0.41 --dport 80 -j KUBE-SVC-XPGD46QRK7WJZT7O';
const MASQUERADE =
  '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 cluster IP" -m tcp -p tcp -d 172.30.0.41 --dport 80 ! -s 10.0.0.0/8 -j KUBE-MARK-MASQ';
const SVC = [
  MASQUERADE,
  '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.1:80" -j KUBE-SEP-SXIVWICOYRO3J4NJ',
];
const SVC_REMOTE = [
  MASQUERADE,
  '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.2.1:80" -j KUBE-SEP-ZX7GRIZKSNUQ3LAJ',
];
const EXT_CLUSTER = [
  '-A KUBE-EXT-XPGD46QRK7WJZT7O -m comment --comment "masquerade traffic for ns1/svc1:p80 external destinations" -j KUBE-MARK-MASQ',
  '-A KUBE-EXT-XPGD46QRK7WJZT7O -j KUBE-SVC-XPGD46QRK7WJZT7O',
];
const EXT_LOCAL = [
  '-A KUBE-EXT-XPGD46QRK7WJZT7O -m comment --comment "pod traffic for ns1/svc1:p80 external destinations" -s 10.0.0.0/8 -j KUBE-SVC-XPGD46QRK7WJZT7O',
  '-A KUBE-EXT-XPGD46QRK7WJZT7O -m comment --comment "masquerade LOCAL traffic for ns1/svc1:p80 external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
  '-A KUBE-EXT-XPGD46QRK7WJZT7O -m comment --comment "route LOCAL traffic for ns1/svc1:p80 external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-XPGD46QRK7WJZT7O',
];

type Row = {
  readonly name: string;
  readonly input: ClusterInput;
  readonly nat: readonly string[];
  readonly filter: readonly string[];
};

/** A Service with its endpoints. */
function having(of: ReturnType<typeof svc1>, endpoints: typeof one, more: ClusterInput = {}): ClusterInput {
  return { services: [of], slices: [slice(of, endpoints)], ...more };
}

const rows: readonly Row[] = [
  {
    name: 'a ClusterIP Service sends each of two endpoints half of the connections, in the order of their addresses as text',
    input: having(svc1(), [endpoint('10.180.0.1'), endpoint('10.180.0.11')]),
    nat: [
      CLUSTER_IP,
      MASQUERADE,
      '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.11:80" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-XLIHUQEDCEK76CIY',
      '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.1:80" -j KUBE-SEP-SXIVWICOYRO3J4NJ',
      '-A KUBE-SEP-XLIHUQEDCEK76CIY -m comment --comment ns1/svc1:p80 -s 10.180.0.11 -j KUBE-MARK-MASQ',
      '-A KUBE-SEP-XLIHUQEDCEK76CIY -m comment --comment ns1/svc1:p80 -m tcp -p tcp -j DNAT --to-destination 10.180.0.11:80',
      ...SEP,
    ],
    filter: [],
  },
  {
    name: 'S38: a Service without endpoints is refused, not dropped',
    input: having(svc1({ externalIps: [ip('80.11.12.11')] }, { nodePort: 30001 }), []),
    nat: [],
    filter: [
      '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 has no endpoints" -m tcp -p tcp -d 172.30.0.41 --dport 80 -j REJECT',
      '-A KUBE-EXTERNAL-SERVICES -m comment --comment "ns1/svc1:p80 has no endpoints" -m tcp -p tcp -d 80.11.12.11 --dport 80 -j REJECT',
      '-A KUBE-EXTERNAL-SERVICES -m comment --comment "ns1/svc1:p80 has no endpoints" -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30001 -j REJECT',
    ],
  },
  {
    name: 'S29: a Pod that is not ready gets nothing',
    input: having(svc1(), [...one, endpoint('10.180.0.2', { ready: false, serving: false })]),
    nat: [CLUSTER_IP, ...SVC, ...SEP],
    filter: [],
  },
  {
    name: 'S31: a NodePort is masqueraded on its way to any endpoint and has a cluster IP too',
    input: having(svc1({ type: 'NodePort' }, { nodePort: 30001 }), remote),
    nat: [
      CLUSTER_IP,
      '-A KUBE-NODEPORTS -m comment --comment ns1/svc1:p80 -m tcp -p tcp --dport 30001 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      ...EXT_CLUSTER,
      ...SVC_REMOTE,
      ...SEP_REMOTE,
    ],
    filter: [],
  },
  {
    name: 'S33: a load balancer that has no address yet leaves the NodePort and the cluster IP',
    input: having(svc1({ type: 'LoadBalancer' }, { nodePort: 30001 }), one),
    nat: [
      CLUSTER_IP,
      '-A KUBE-NODEPORTS -m comment --comment ns1/svc1:p80 -m tcp -p tcp --dport 30001 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      ...EXT_CLUSTER,
      ...SVC,
      ...SEP,
    ],
    filter: [],
  },
  {
    name: 'an address of a load balancer is taken on every node; one with ipMode Proxy is not',
    input: having(
      svc1({
        type: 'LoadBalancer',
        loadBalancerIps: [
          { ip: ip('192.168.26.240'), mode: 'VIP' },
          { ip: ip('192.168.26.241'), mode: 'Proxy' },
        ],
      }),
      one,
    ),
    nat: [
      CLUSTER_IP,
      '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 loadbalancer IP" -m tcp -p tcp -d 192.168.26.240 --dport 80 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      ...EXT_CLUSTER,
      ...SVC,
      ...SEP,
    ],
    filter: [],
  },
  {
    name: 'source ranges guard the load balancer address only, and let the node in whose range it lies reach itself',
    input: having(
      svc1(
        {
          type: 'LoadBalancer',
          loadBalancerIps: [{ ip: ip('192.168.26.240'), mode: 'VIP' }],
          loadBalancerSourceRanges: [prefix('192.168.1.7/24'), prefix('203.0.113.0/25')],
        },
        { nodePort: 30001 },
      ),
      one,
    ),
    nat: [
      CLUSTER_IP,
      '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 loadbalancer IP" -m tcp -p tcp -d 192.168.26.240 --dport 80 -j KUBE-FW-XPGD46QRK7WJZT7O',
      '-A KUBE-NODEPORTS -m comment --comment ns1/svc1:p80 -m tcp -p tcp --dport 30001 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      ...EXT_CLUSTER,
      '-A KUBE-FW-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 loadbalancer IP" -s 192.168.1.0/24 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      '-A KUBE-FW-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 loadbalancer IP" -s 203.0.113.0/25 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      '-A KUBE-FW-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 loadbalancer IP" -s 192.168.26.240 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      '-A KUBE-FW-XPGD46QRK7WJZT7O -m comment --comment "other traffic to ns1/svc1:p80 will be dropped by KUBE-PROXY-FIREWALL"',
      ...SVC,
      ...SEP,
    ],
    filter: [
      '-A KUBE-PROXY-FIREWALL -m comment --comment "ns1/svc1:p80 traffic not accepted by KUBE-FW-XPGD46QRK7WJZT7O" -m tcp -p tcp -d 192.168.26.240 --dport 80 -j DROP',
    ],
  },
  {
    name: 'externalTrafficPolicy Local with an endpoint here: strangers reach it unmasqueraded, Pods and the node reach all',
    input: having(
      svc1({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30002 }, { nodePort: 30001 }),
      two,
    ),
    nat: [
      CLUSTER_IP,
      '-A KUBE-NODEPORTS -m comment --comment ns1/svc1:p80 -m tcp -p tcp --dport 30001 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      ...EXT_LOCAL,
      '-A KUBE-EXT-XPGD46QRK7WJZT7O -j KUBE-SVL-XPGD46QRK7WJZT7O',
      MASQUERADE,
      '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.1:80" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-SXIVWICOYRO3J4NJ',
      '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.2:80" -j KUBE-SEP-LXVODXWDISEETFEF',
      '-A KUBE-SVL-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.1:80" -j KUBE-SEP-SXIVWICOYRO3J4NJ',
      ...SEP,
      '-A KUBE-SEP-LXVODXWDISEETFEF -m comment --comment ns1/svc1:p80 -s 10.180.0.2 -j KUBE-MARK-MASQ',
      '-A KUBE-SEP-LXVODXWDISEETFEF -m comment --comment ns1/svc1:p80 -m tcp -p tcp -j DNAT --to-destination 10.180.0.2:80',
    ],
    filter: [
      '-A KUBE-NODEPORTS -m comment --comment "ns1/svc1:p80 health check node port" -m tcp -p tcp --dport 30002 -j ACCEPT',
    ],
  },
  {
    name: 'externalTrafficPolicy Local without an endpoint here: short circuits stay, everything else is dropped',
    input: having(
      svc1(
        {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          loadBalancerIps: [{ ip: ip('192.168.26.240'), mode: 'VIP' }],
        },
        { nodePort: 30001 },
      ),
      remote,
    ),
    nat: [
      CLUSTER_IP,
      '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 loadbalancer IP" -m tcp -p tcp -d 192.168.26.240 --dport 80 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      '-A KUBE-NODEPORTS -m comment --comment ns1/svc1:p80 -m tcp -p tcp --dport 30001 -j KUBE-EXT-XPGD46QRK7WJZT7O',
      ...EXT_LOCAL,
      ...SVC_REMOTE,
      ...SEP_REMOTE,
    ],
    filter: [
      '-A KUBE-EXTERNAL-SERVICES -m comment --comment "ns1/svc1:p80 has no local endpoints" -m tcp -p tcp -d 192.168.26.240 --dport 80 -j DROP',
      '-A KUBE-EXTERNAL-SERVICES -m comment --comment "ns1/svc1:p80 has no local endpoints" -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30001 -j DROP',
    ],
  },
  {
    name: 'externalTrafficPolicy Local means nothing for a plain ClusterIP Service',
    input: having(svc1({ externalTrafficPolicy: 'Local', healthCheckNodePort: 30002 }), remote),
    nat: [CLUSTER_IP, ...SVC_REMOTE, ...SEP_REMOTE],
    filter: [],
  },
  {
    name: 'internalTrafficPolicy Local with an endpoint here uses that one alone',
    input: having(svc1({ internalTrafficPolicy: 'Local' }), two),
    nat: [
      CLUSTER_IP.replace('KUBE-SVC-', 'KUBE-SVL-'),
      ...SVC.map((line) => line.replace('KUBE-SVC-', 'KUBE-SVL-')),
      ...SEP,
    ],
    filter: [],
  },
  {
    name: 'internalTrafficPolicy Local without an endpoint here drops',
    input: having(svc1({ internalTrafficPolicy: 'Local' }), remote),
    nat: [],
    filter: [
      '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 has no local endpoints" -m tcp -p tcp -d 172.30.0.41 --dport 80 -j DROP',
    ],
  },
  {
    name: 'S28: ClientIP affinity asks each endpoint list first, and each endpoint keeps its own list',
    input: having(svc1({ sessionAffinity: { kind: 'ClientIP', timeoutSeconds: 10800 } }), one),
    nat: [
      CLUSTER_IP,
      MASQUERADE,
      '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.1:80" -m recent --name KUBE-SEP-SXIVWICOYRO3J4NJ --rcheck --seconds 10800 --reap -j KUBE-SEP-SXIVWICOYRO3J4NJ',
      '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "ns1/svc1:p80 -> 10.180.0.1:80" -j KUBE-SEP-SXIVWICOYRO3J4NJ',
      '-A KUBE-SEP-SXIVWICOYRO3J4NJ -m comment --comment ns1/svc1:p80 -s 10.180.0.1 -j KUBE-MARK-MASQ',
      '-A KUBE-SEP-SXIVWICOYRO3J4NJ -m comment --comment ns1/svc1:p80 -m recent --name KUBE-SEP-SXIVWICOYRO3J4NJ --set -m tcp -p tcp -j DNAT --to-destination 10.180.0.1:80',
    ],
    filter: [],
  },
  {
    name: 'masqueradeAll masquerades all traffic to the cluster IP',
    input: having(svc1(), one, { proxy: { masqueradeAll: true } }),
    nat: [CLUSTER_IP, ...SVC.map((line) => line.replace(' ! -s 10.0.0.0/8', '')), ...SEP],
    filter: [],
  },
  {
    name: 'without a local detector traffic to the cluster IP is never masqueraded',
    input: having(svc1(), one, { proxy: { detectLocalMode: 'none' } }),
    nat: [CLUSTER_IP, ...SVC.slice(1), ...SEP],
    filter: [],
  },
  {
    name: 'the local detector may go by an interface',
    input: having(svc1(), one, { proxy: { detectLocalMode: 'InterfaceNamePrefix', interfaceNamePrefix: 'cali' } }),
    nat: [CLUSTER_IP, ...SVC.map((line) => line.replace('! -s 10.0.0.0/8', '! -i cali+')), ...SEP],
    filter: [],
  },
  {
    name: 'UDP without a port name, and a targetPort that differs from the port (S30)',
    input: (() => {
      const of = svc1({ ports: [servicePort(53, { protocol: 'UDP', targetPort: 53 })] });
      return having(of, one, { services: [{ ...of, ports: [servicePort(808, { protocol: 'UDP', targetPort: 53 })] }] });
    })(),
    nat: [
      '-A KUBE-SERVICES -m comment --comment "ns1/svc1 cluster IP" -m udp -p udp -d 172.30.0.41 --dport 808 -j KUBE-SVC-A2PEVXD55OHK2IVW',
      '-A KUBE-SVC-A2PEVXD55OHK2IVW -m comment --comment "ns1/svc1 cluster IP" -m udp -p udp -d 172.30.0.41 --dport 808 ! -s 10.0.0.0/8 -j KUBE-MARK-MASQ',
      '-A KUBE-SVC-A2PEVXD55OHK2IVW -m comment --comment "ns1/svc1 -> 10.180.0.1:53" -j KUBE-SEP-WOVZ7FYWLOFVMYSJ',
      '-A KUBE-SEP-WOVZ7FYWLOFVMYSJ -m comment --comment ns1/svc1 -s 10.180.0.1 -j KUBE-MARK-MASQ',
      '-A KUBE-SEP-WOVZ7FYWLOFVMYSJ -m comment --comment ns1/svc1 -m udp -p udp -j DNAT --to-destination 10.180.0.1:53',
    ],
    filter: [],
  },
  {
    name: 'S36: a headless Service has no rules',
    input: having(svc1({ headless: true, clusterIps: [] }), one),
    nat: [],
    filter: [],
  },
  {
    name: 'S37: an ExternalName Service has no rules',
    input: having(svc1({ type: 'ExternalName', externalName: 'example.com' }), one),
    nat: [],
    filter: [],
  },
  {
    name: 'a slice of another protocol or port name is not the port that the Service means',
    input: (() => {
      const of = svc1();
      return {
        services: [of],
        slices: [
          slice(of, one, [
            { name: 'p80', protocol: 'UDP', port: 80 },
            { name: '', protocol: 'TCP', port: 80 },
            { name: 'p80', protocol: 'TCP', port: undefined },
          ]),
        ],
      };
    })(),
    nat: [],
    filter: [
      '-A KUBE-SERVICES -m comment --comment "ns1/svc1:p80 has no endpoints" -m tcp -p tcp -d 172.30.0.41 --dport 80 -j REJECT',
    ],
  },
  {
    name: 'when every ready endpoint is gone, those that still serve while they end are used',
    input: having(svc1(), [
      endpoint('10.180.0.1', { ready: false, terminating: true }),
      endpoint('10.180.0.2', { ready: false, serving: false, terminating: true }),
    ]),
    nat: [CLUSTER_IP, ...SVC, ...SEP],
    filter: [],
  },
];

describe('rules of one Service', () => {
  it.each(rows)('$name', ({ input, nat, filter }) => {
    const rules = rulesOf(input);
    expect(rules.nat).toEqual(nat);
    expect(rules.filter).toEqual(filter);
  });

  it('differ between nodes where the policy is Local', () => {
    const input = having(svc1({ internalTrafficPolicy: 'Local' }), one);
    expect(rulesOf(input, 'node1').filter).toEqual([]);
    expect(rulesOf(input, 'node2').nat).toEqual([]);
  });

  it('carry no comments at endpoints once the cluster has more than 1000 of them', () => {
    const many = Array.from({ length: 1001 }, (_, i) => endpoint(`10.181.${i >> 8}.${i & 255}`));
    const of = svc1();
    const { nat } = rulesOf(having(of, many));
    expect(nat.filter((line) => line.startsWith('-A KUBE-SEP-') && line.includes('comment'))).toEqual([]);
    expect(nat.filter((line) => line.includes('->'))).toEqual([]);
    expect(nat.slice(0, 2)).toEqual([CLUSTER_IP, MASQUERADE]);
    expect(nat.find((line) => line.includes('statistic'))).toMatch(
      /^-A KUBE-SVC-XPGD46QRK7WJZT7O -m statistic --mode random --probability 0\.0009990010 -j KUBE-SEP-/,
    );
    const { nat: fewer } = rulesOf(having(of, many.slice(0, 1000)));
    expect(fewer.filter((line) => line.startsWith('-A KUBE-SEP-') && !line.includes('comment'))).toEqual([]);
  });
});

describe('S20: Service eladmin-api of Cluster C', () => {
  const eladmin = service({
    namespace: 'yuchao',
    name: 'eladmin-api',
    clusterIps: [ip('10.110.57.234')],
    ports: [servicePort(8000)],
  });
  const endpoints = ['10.244.2.31', '10.244.0.21', '10.244.2.30', '10.244.1.14'].map((address) => endpoint(address));
  const { nat } = rulesOf({
    services: [eladmin],
    slices: [slice(eladmin, endpoints)],
    proxy: { clusterCIDRs: [prefix('10.244.0.0/16')] },
  });

  it('has the chain names that the notes show, and S21 a quarter for each endpoint', () => {
    expect(nat.slice(0, 6)).toEqual([
      '-A KUBE-SERVICES -m comment --comment "yuchao/eladmin-api cluster IP" -m tcp -p tcp -d 10.110.57.234 --dport 8000 -j KUBE-SVC-IOJMSWRHLGYQTAUL',
      '-A KUBE-SVC-IOJMSWRHLGYQTAUL -m comment --comment "yuchao/eladmin-api cluster IP" -m tcp -p tcp -d 10.110.57.234 --dport 8000 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ',
      '-A KUBE-SVC-IOJMSWRHLGYQTAUL -m comment --comment "yuchao/eladmin-api -> 10.244.0.21:8000" -m statistic --mode random --probability 0.2500000000 -j KUBE-SEP-OFXAHUM4KGMP5HY4',
      '-A KUBE-SVC-IOJMSWRHLGYQTAUL -m comment --comment "yuchao/eladmin-api -> 10.244.1.14:8000" -m statistic --mode random --probability 0.3333333333 -j KUBE-SEP-X5ABSNTMLLOXZSEG',
      '-A KUBE-SVC-IOJMSWRHLGYQTAUL -m comment --comment "yuchao/eladmin-api -> 10.244.2.30:8000" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-XCCOGI7776AYMXUQ',
      '-A KUBE-SVC-IOJMSWRHLGYQTAUL -m comment --comment "yuchao/eladmin-api -> 10.244.2.31:8000" -j KUBE-SEP-Y2WND7LWQYPCNWWG',
    ]);
  });
});
