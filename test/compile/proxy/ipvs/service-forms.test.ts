/** What kube-proxy in IPVS mode writes for each form of a Service: beside what stands there without any Service. */
import { describe, expect, it } from 'vitest';
import { type ClusterInput, endpoint, ip, prefix } from '../../cluster-fixture.ts';
import { having, LOCAL, type Node, nodeOf, REMOTE } from './forms.ts';

const NOTHING = nodeOf({});

const LB = { type: 'LoadBalancer', loadBalancerIps: [{ ip: ip('1.2.3.4'), mode: 'VIP' }] } as const;
const RANGES = { loadBalancerSourceRanges: [prefix('203.0.113.0/25')] };
const EXT = { externalIps: [ip('50.60.70.81')] };

const MASQ =
  '-A KUBE-SERVICES -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-CLUSTER-IP dst,dst ! -s 10.0.0.0/8 -j KUBE-MARK-MASQ';
const TAKE = '-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT';
const HAIRPIN =
  '-A KUBE-POSTROUTING -m comment --comment "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose" -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE';
const NODE_PORT =
  '-A KUBE-NODE-PORT -p tcp -m comment --comment "Kubernetes nodeport TCP port for masquerade purpose" -m set --match-set KUBE-NODE-PORT-TCP dst -j KUBE-MARK-MASQ';
const NODE_PORT_LOCAL =
  '-A KUBE-NODE-PORT -p tcp -m comment --comment "Kubernetes nodeport TCP port with externalTrafficPolicy=local" -m set --match-set KUBE-NODE-PORT-LOCAL-TCP dst -j RETURN';
const TO_LB =
  '-A KUBE-SERVICES -m comment --comment "Kubernetes service lb portal" -m set --match-set KUBE-LOAD-BALANCER dst,dst -j KUBE-LOAD-BALANCER';
const TAKE_LB = '-A KUBE-SERVICES -m set --match-set KUBE-LOAD-BALANCER dst,dst -j ACCEPT';
const LB_LOCAL =
  '-A KUBE-LOAD-BALANCER -m comment --comment "Kubernetes service load balancer ip + port with externalTrafficPolicy=local" -m set --match-set KUBE-LOAD-BALANCER-LOCAL dst,dst -j RETURN';
const FIREWALL =
  '-A KUBE-PROXY-FIREWALL -m comment --comment "Kubernetes service load balancer ip + port for load balancer with sourceRange" -m set --match-set KUBE-LOAD-BALANCER-FW dst,dst -j KUBE-SOURCE-RANGES-FIREWALL';
const RANGE =
  '-A KUBE-SOURCE-RANGES-FIREWALL -m comment --comment "Kubernetes service load balancer ip + port + source cidr for packet filter purpose" -m set --match-set KUBE-LOAD-BALANCER-SOURCE-CIDR dst,dst,src -j RETURN';
const LOOP_BACK = 'KUBE-LOOP-BACK 10.180.0.1,tcp:80,10.180.0.1';
const CLUSTER_IP = 'KUBE-CLUSTER-IP 172.30.0.41,tcp:80';
const IPVS_IP = 'KUBE-IPVS-IPS 172.30.0.41';
const SERVERS = [
  '-A -t 172.30.0.41:80 -s rr',
  '-a -t 172.30.0.41:80 -r 10.180.0.1:80 -m -w 1',
  '-a -t 172.30.0.41:80 -r 10.180.2.1:80 -m -w 1',
];
const SETS = [LOOP_BACK, CLUSTER_IP, IPVS_IP];
const NAT = [MASQ, TAKE, HAIRPIN];

type Row = Node & { readonly name: string; readonly input: ClusterInput };

const rows: readonly Row[] = [
  {
    name: 'a ClusterIP: masqueraded from outside the cluster, and where an endpoint reaches itself',
    input: having(),
    servers: SERVERS,
    sets: SETS,
    nat: NAT,
    filter: [],
  },
  {
    name: 'a NodePort is a virtual server of each address of the node',
    input: having({ type: 'NodePort' }, { nodePort: 30001 }),
    servers: [
      ...SERVERS,
      '-A -t 192.168.1.1:30001 -s rr',
      '-a -t 192.168.1.1:30001 -r 10.180.0.1:80 -m -w 1',
      '-a -t 192.168.1.1:30001 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: [LOOP_BACK, CLUSTER_IP, 'KUBE-NODE-PORT-TCP 30001', IPVS_IP],
    nat: [MASQ, TAKE, HAIRPIN, NODE_PORT],
    filter: [],
  },
  {
    name: 'a NodePort of SCTP is held with its address',
    input: having({ type: 'NodePort' }, { nodePort: 30001, protocol: 'SCTP' }),
    servers: [
      '-A --sctp-service 172.30.0.41:80 -s rr',
      '-a --sctp-service 172.30.0.41:80 -r 10.180.0.1:80 -m -w 1',
      '-a --sctp-service 172.30.0.41:80 -r 10.180.2.1:80 -m -w 1',
      '-A --sctp-service 192.168.1.1:30001 -s rr',
      '-a --sctp-service 192.168.1.1:30001 -r 10.180.0.1:80 -m -w 1',
      '-a --sctp-service 192.168.1.1:30001 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: [
      'KUBE-LOOP-BACK 10.180.0.1,sctp:80,10.180.0.1',
      'KUBE-CLUSTER-IP 172.30.0.41,sctp:80',
      'KUBE-NODE-PORT-SCTP-HASH 192.168.1.1,sctp:30001',
      IPVS_IP,
    ],
    nat: [
      MASQ,
      TAKE,
      HAIRPIN,
      '-A KUBE-NODE-PORT -p sctp -m comment --comment "Kubernetes nodeport SCTP port for masquerade purpose with type \'hash ip:port\'" -m set --match-set KUBE-NODE-PORT-SCTP-HASH dst,dst -j KUBE-MARK-MASQ',
    ],
    filter: [],
  },
  {
    name: 'a NodePort of UDP',
    input: having({ type: 'NodePort' }, { nodePort: 30001, protocol: 'UDP' }),
    servers: [
      '-A -u 172.30.0.41:80 -s rr',
      '-a -u 172.30.0.41:80 -r 10.180.0.1:80 -m -w 1',
      '-a -u 172.30.0.41:80 -r 10.180.2.1:80 -m -w 1',
      '-A -u 192.168.1.1:30001 -s rr',
      '-a -u 192.168.1.1:30001 -r 10.180.0.1:80 -m -w 1',
      '-a -u 192.168.1.1:30001 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: [
      'KUBE-LOOP-BACK 10.180.0.1,udp:80,10.180.0.1',
      'KUBE-CLUSTER-IP 172.30.0.41,udp:80',
      'KUBE-NODE-PORT-UDP 30001',
      IPVS_IP,
    ],
    nat: [
      MASQ,
      TAKE,
      HAIRPIN,
      '-A KUBE-NODE-PORT -p udp -m comment --comment "Kubernetes nodeport UDP port for masquerade purpose" -m set --match-set KUBE-NODE-PORT-UDP dst -j KUBE-MARK-MASQ',
    ],
    filter: [],
  },
  {
    name: 'a load balancer',
    input: having(LB, { nodePort: 30001 }),
    servers: [
      ...SERVERS,
      '-A -t 192.168.1.1:30001 -s rr',
      '-a -t 192.168.1.1:30001 -r 10.180.0.1:80 -m -w 1',
      '-a -t 192.168.1.1:30001 -r 10.180.2.1:80 -m -w 1',
      '-A -t 1.2.3.4:80 -s rr',
      '-a -t 1.2.3.4:80 -r 10.180.0.1:80 -m -w 1',
      '-a -t 1.2.3.4:80 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: [
      LOOP_BACK,
      CLUSTER_IP,
      'KUBE-LOAD-BALANCER 1.2.3.4,tcp:80',
      'KUBE-NODE-PORT-TCP 30001',
      IPVS_IP,
      'KUBE-IPVS-IPS 1.2.3.4',
    ],
    nat: [TO_LB, MASQ, TAKE, TAKE_LB, HAIRPIN, NODE_PORT],
    filter: [],
  },
  {
    name: 'a load balancer for few sources: the node itself is none of them',
    input: having({ ...LB, ...RANGES }),
    servers: [
      ...SERVERS,
      '-A -t 1.2.3.4:80 -s rr',
      '-a -t 1.2.3.4:80 -r 10.180.0.1:80 -m -w 1',
      '-a -t 1.2.3.4:80 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: [
      LOOP_BACK,
      CLUSTER_IP,
      'KUBE-LOAD-BALANCER 1.2.3.4,tcp:80',
      'KUBE-LOAD-BALANCER-FW 1.2.3.4,tcp:80',
      'KUBE-LOAD-BALANCER-SOURCE-CIDR 1.2.3.4,tcp:80,203.0.113.0/25',
      IPVS_IP,
      'KUBE-IPVS-IPS 1.2.3.4',
    ],
    nat: [TO_LB, MASQ, TAKE, TAKE_LB, HAIRPIN],
    filter: [
      FIREWALL,
      RANGE,
      '-A KUBE-IPVS-OUT-FILTER -s 1.2.3.4 -m ipvs --vaddr 1.2.3.4 --vproto tcp --vport 80 -j DROP',
    ],
  },
  {
    name: 'a load balancer for few sources, one of them the node',
    input: having({ ...LB, loadBalancerSourceRanges: [prefix('192.168.1.0/24')] }),
    servers: [
      ...SERVERS,
      '-A -t 1.2.3.4:80 -s rr',
      '-a -t 1.2.3.4:80 -r 10.180.0.1:80 -m -w 1',
      '-a -t 1.2.3.4:80 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: [
      LOOP_BACK,
      CLUSTER_IP,
      'KUBE-LOAD-BALANCER 1.2.3.4,tcp:80',
      'KUBE-LOAD-BALANCER-FW 1.2.3.4,tcp:80',
      'KUBE-LOAD-BALANCER-SOURCE-IP 1.2.3.4,tcp:80,1.2.3.4',
      'KUBE-LOAD-BALANCER-SOURCE-CIDR 1.2.3.4,tcp:80,192.168.1.0/24',
      IPVS_IP,
      'KUBE-IPVS-IPS 1.2.3.4',
    ],
    nat: [TO_LB, MASQ, TAKE, TAKE_LB, HAIRPIN],
    filter: [
      FIREWALL,
      RANGE,
      '-A KUBE-SOURCE-RANGES-FIREWALL -m comment --comment "Kubernetes service load balancer ip + port + source IP for packet filter purpose" -m set --match-set KUBE-LOAD-BALANCER-SOURCE-IP dst,dst,src -j RETURN',
    ],
  },
  {
    name: 'externalTrafficPolicy Local: only the endpoints of the node, without masquerade',
    input: having({ ...LB, externalTrafficPolicy: 'Local', healthCheckNodePort: 30999 }, { nodePort: 30001 }),
    servers: [
      ...SERVERS,
      '-A -t 192.168.1.1:30001 -s rr',
      '-a -t 192.168.1.1:30001 -r 10.180.0.1:80 -m -w 1',
      '-A -t 1.2.3.4:80 -s rr',
      '-a -t 1.2.3.4:80 -r 10.180.0.1:80 -m -w 1',
    ],
    sets: [
      LOOP_BACK,
      CLUSTER_IP,
      'KUBE-LOAD-BALANCER 1.2.3.4,tcp:80',
      'KUBE-LOAD-BALANCER-LOCAL 1.2.3.4,tcp:80',
      'KUBE-NODE-PORT-TCP 30001',
      'KUBE-NODE-PORT-LOCAL-TCP 30001',
      'KUBE-HEALTH-CHECK-NODE-PORT 30999',
      IPVS_IP,
      'KUBE-IPVS-IPS 1.2.3.4',
    ],
    nat: [TO_LB, MASQ, TAKE, TAKE_LB, HAIRPIN, NODE_PORT_LOCAL, NODE_PORT, LB_LOCAL],
    filter: [],
  },
  {
    name: 'externalTrafficPolicy Local on a node without endpoints: those of others all the same (#97081)',
    input: having({ ...LB, externalTrafficPolicy: 'Local' }, {}, [REMOTE]),
    servers: [
      '-A -t 172.30.0.41:80 -s rr',
      '-a -t 172.30.0.41:80 -r 10.180.2.1:80 -m -w 1',
      '-A -t 1.2.3.4:80 -s rr',
      '-a -t 1.2.3.4:80 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: [
      CLUSTER_IP,
      'KUBE-LOAD-BALANCER 1.2.3.4,tcp:80',
      'KUBE-LOAD-BALANCER-LOCAL 1.2.3.4,tcp:80',
      IPVS_IP,
      'KUBE-IPVS-IPS 1.2.3.4',
    ],
    nat: [TO_LB, MASQ, TAKE, TAKE_LB, LB_LOCAL],
    filter: [],
  },
  {
    name: 'an external address',
    input: having(EXT),
    servers: [
      '-A -t 50.60.70.81:80 -s rr',
      '-a -t 50.60.70.81:80 -r 10.180.0.1:80 -m -w 1',
      '-a -t 50.60.70.81:80 -r 10.180.2.1:80 -m -w 1',
      ...SERVERS,
    ],
    sets: [LOOP_BACK, CLUSTER_IP, 'KUBE-EXTERNAL-IP 50.60.70.81,tcp:80', IPVS_IP, 'KUBE-IPVS-IPS 50.60.70.81'],
    nat: [
      MASQ,
      '-A KUBE-SERVICES -m comment --comment "Kubernetes service external ip + port for masquerade and filter purpose" -m set --match-set KUBE-EXTERNAL-IP dst,dst -j KUBE-MARK-MASQ',
      '-A KUBE-SERVICES -m comment --comment "Kubernetes service external ip + port for masquerade and filter purpose" -m set --match-set KUBE-EXTERNAL-IP dst,dst -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT',
      '-A KUBE-SERVICES -m comment --comment "Kubernetes service external ip + port for masquerade and filter purpose" -m set --match-set KUBE-EXTERNAL-IP dst,dst -m addrtype --dst-type LOCAL -j ACCEPT',
      TAKE,
      HAIRPIN,
    ],
    filter: [],
  },
  {
    name: 'an external address with externalTrafficPolicy Local',
    input: having({ ...EXT, type: 'NodePort', externalTrafficPolicy: 'Local' }, { nodePort: 30001 }),
    servers: [
      '-A -t 192.168.1.1:30001 -s rr',
      '-a -t 192.168.1.1:30001 -r 10.180.0.1:80 -m -w 1',
      '-A -t 50.60.70.81:80 -s rr',
      '-a -t 50.60.70.81:80 -r 10.180.0.1:80 -m -w 1',
      ...SERVERS,
    ],
    sets: [
      LOOP_BACK,
      CLUSTER_IP,
      'KUBE-EXTERNAL-IP-LOCAL 50.60.70.81,tcp:80',
      'KUBE-NODE-PORT-TCP 30001',
      'KUBE-NODE-PORT-LOCAL-TCP 30001',
      IPVS_IP,
      'KUBE-IPVS-IPS 50.60.70.81',
    ],
    nat: [
      MASQ,
      '-A KUBE-SERVICES -m comment --comment "Kubernetes service external ip + port with externalTrafficPolicy=local" -m set --match-set KUBE-EXTERNAL-IP-LOCAL dst,dst -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT',
      '-A KUBE-SERVICES -m comment --comment "Kubernetes service external ip + port with externalTrafficPolicy=local" -m set --match-set KUBE-EXTERNAL-IP-LOCAL dst,dst -m addrtype --dst-type LOCAL -j ACCEPT',
      TAKE,
      HAIRPIN,
      NODE_PORT_LOCAL,
      NODE_PORT,
    ],
    filter: [],
  },
  {
    name: 'internalTrafficPolicy Local on a node without endpoints: nobody answers',
    input: having({ internalTrafficPolicy: 'Local' }, {}, [REMOTE]),
    servers: ['-A -t 172.30.0.41:80 -s rr'],
    sets: [CLUSTER_IP, IPVS_IP],
    nat: [MASQ, TAKE],
    filter: [],
  },
  {
    name: 'no endpoints: the virtual server stays, and refuses',
    input: having({}, {}, []),
    servers: ['-A -t 172.30.0.41:80 -s rr'],
    sets: [CLUSTER_IP, IPVS_IP],
    nat: [MASQ, TAKE],
    filter: [],
  },
  {
    name: 'an endpoint that ends gets no new connections',
    input: having({}, {}, [LOCAL, endpoint('10.180.0.9', { ready: false, terminating: true })]),
    servers: [
      '-A -t 172.30.0.41:80 -s rr',
      '-a -t 172.30.0.41:80 -r 10.180.0.1:80 -m -w 1',
      '-a -t 172.30.0.41:80 -r 10.180.0.9:80 -m -w 0',
    ],
    sets: SETS,
    nat: NAT,
    filter: [],
  },
  {
    name: 'affinity is persistence',
    input: having({ sessionAffinity: { kind: 'ClientIP', timeoutSeconds: 900 } }),
    servers: [
      '-A -t 172.30.0.41:80 -s rr -p 900',
      '-a -t 172.30.0.41:80 -r 10.180.0.1:80 -m -w 1',
      '-a -t 172.30.0.41:80 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: SETS,
    nat: NAT,
    filter: [],
  },
  {
    name: 'mh hashes the port too',
    input: { ...having(), proxy: { ipvs: { scheduler: 'mh', strictARP: false } } },
    servers: [
      '-A -t 172.30.0.41:80 -s mh -b mh-port',
      '-a -t 172.30.0.41:80 -r 10.180.0.1:80 -m -w 1',
      '-a -t 172.30.0.41:80 -r 10.180.2.1:80 -m -w 1',
    ],
    sets: SETS,
    nat: NAT,
    filter: [],
  },
  {
    name: 'masqueradeAll',
    input: { ...having(), proxy: { masqueradeAll: true } },
    servers: SERVERS,
    sets: SETS,
    nat: [
      '-A KUBE-SERVICES -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ',
      TAKE,
      HAIRPIN,
    ],
    filter: [],
  },
  {
    name: 'without a range of Pods only the source port is looked at',
    input: { ...having(), proxy: { clusterCIDRs: [] } },
    servers: SERVERS,
    sets: SETS,
    nat: [
      '-A KUBE-SERVICES -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-CLUSTER-IP src,dst -j KUBE-MARK-MASQ',
      TAKE,
      HAIRPIN,
    ],
    filter: [],
  },
];

describe('what a Service brings', () => {
  it.each(rows)('$name', ({ name: _, input, ...expected }) => {
    const { servers, sets, nat, filter } = nodeOf(input);
    const own = (lines: readonly string[], of: readonly string[]) => lines.filter((line) => !of.includes(line));
    expect({ servers, sets, nat: own(nat, NOTHING.nat), filter: own(filter, NOTHING.filter) }).toEqual(expected);
  });

  it('IPv6 has sets of other names', () => {
    const input: ClusterInput = {
      ...having({ clusterIps: [ip('fd00::41')] }, {}, [endpoint('fd01::1', { node: 'node1' })]),
      settings: { podCIDRs: [prefix('fd01::/64')] },
      proxy: { clusterCIDRs: [prefix('fd01::/64')] },
    };
    const { servers, sets, nat } = nodeOf(input, 6);
    expect({ servers, sets, nat: nat.slice(0, 4) }).toEqual({
      servers: ['-A -t [fd00::41]:80 -s rr', '-a -t [fd00::41]:80 -r [fd01::1]:80 -m -w 1'],
      sets: [
        'KUBE-6-LOOP-BACK fd01::1,tcp:80,fd01::1',
        'KUBE-6-CLUSTER-IP fd00::41,tcp:80',
        'KUBE-6-IPVS-IPS fd00::41',
      ],
      nat: [
        '-A KUBE-SERVICES -s ::1/128 -j RETURN',
        '-A KUBE-SERVICES -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-6-CLUSTER-IP dst,dst ! -s fd01::/64 -j KUBE-MARK-MASQ',
        '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT',
        '-A KUBE-SERVICES -m set --match-set KUBE-6-CLUSTER-IP dst,dst -j ACCEPT',
      ],
    });
  });
});

describe('what stands there without any Service', () => {
  it('nat', () => {
    expect(NOTHING.nat).toEqual([
      '-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN',
      '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT',
      '-A KUBE-POSTROUTING -m mark ! --mark 0x00004000/0x00004000 -j RETURN',
      '-A KUBE-POSTROUTING -j MARK --xor-mark 0x00004000',
      '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
      '-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ',
      '-A KUBE-MARK-MASQ -j MARK --or-mark 0x00004000',
    ]);
  });

  it.each([
    [
      '1.24',
      [
        '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT',
        '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-A KUBE-NODE-PORT -m comment --comment "Kubernetes health check node port" -m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j ACCEPT',
        '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x00008000/0x00008000 -j DROP',
      ],
    ],
    [
      '1.25',
      [
        '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT',
        '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-A KUBE-NODE-PORT -m comment --comment "Kubernetes health check node port" -m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j ACCEPT',
        '-A KUBE-SOURCE-RANGES-FIREWALL -j DROP',
      ],
    ],
    [
      '1.27',
      [
        '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT',
        '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-A KUBE-NODE-PORT -m comment --comment "Kubernetes health check node port" -m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j ACCEPT',
        '-A KUBE-SOURCE-RANGES-FIREWALL -j DROP',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-LOAD-BALANCER dst,dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-CLUSTER-IP dst,dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-EXTERNAL-IP dst,dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-EXTERNAL-IP-LOCAL dst,dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT',
      ],
    ],
    [
      '1.29',
      [
        '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT',
        '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-A KUBE-NODE-PORT -m comment --comment "Kubernetes health check node port" -m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j ACCEPT',
        '-A KUBE-SOURCE-RANGES-FIREWALL -j DROP',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-LOAD-BALANCER dst,dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-CLUSTER-IP dst,dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-EXTERNAL-IP dst,dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-EXTERNAL-IP-LOCAL dst,dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j RETURN',
        '-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT',
      ],
    ],
  ])('filter of %s', (kubernetesVersion, expected) => {
    expect(nodeOf({ settings: { kubernetesVersion } }).filter).toEqual(expected);
  });

  it('source ranges were a matter of marks before 1.25, and the node itself passed them before 1.29', () => {
    const of = (kubernetesVersion: string): readonly string[] => {
      const { nat, filter } = nodeOf({ ...having({ ...LB, ...RANGES }), settings: { kubernetesVersion } });
      return [...nat, ...filter].filter((line) => /FIREWALL|MARK-DROP|OUT-FILTER/.test(line));
    };
    expect(of('1.24')).toEqual([
      '-A KUBE-LOAD-BALANCER -m comment --comment "Kubernetes service load balancer ip + port for load balancer with sourceRange" -m set --match-set KUBE-LOAD-BALANCER-FW dst,dst -j KUBE-FIREWALL',
      '-A KUBE-FIREWALL -m comment --comment "Kubernetes service load balancer ip + port + source cidr for packet filter purpose" -m set --match-set KUBE-LOAD-BALANCER-SOURCE-CIDR dst,dst,src -j RETURN',
      '-A KUBE-FIREWALL -j KUBE-MARK-DROP',
      '-A KUBE-MARK-DROP -j MARK --or-mark 0x00008000',
      '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x00008000/0x00008000 -j DROP',
    ]);
    expect(of('1.28')).toEqual([FIREWALL, RANGE, '-A KUBE-SOURCE-RANGES-FIREWALL -j DROP']);
    expect(of('1.29').filter((line) => !of('1.28').includes(line))).toEqual([
      '-A KUBE-IPVS-OUT-FILTER -s 1.2.3.4 -m ipvs --vaddr 1.2.3.4 --vproto tcp --vport 80 -j DROP',
    ]);
  });
});
