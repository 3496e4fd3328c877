/** One row for each reason code: the smallest topology with the mistake that the code names. */
import type { ReasonCode } from '../../src/explain/codes.ts';
import type { Query } from '../../src/query/query.ts';
import { cluster, fault, filter, hosts, nat, neighbours, policy } from './matrix-labs.ts';

export type Row = {
  readonly code: ReasonCode;
  readonly topology: string;
  /** `source destination [protocol]`; may hold the cause itself. */
  readonly question: string;
  readonly more?: Partial<Query>;
  /** `verdict symptom` */
  readonly outcome: string;
  readonly summary: string;
};

const A_TO_B = 'a 10.0.2.1:80';
const TO_WEB = 'client 10.96.0.20:80';
const DNAT = '-A PREROUTING -d 10.0.1.254/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination';
const KNOWS_ROUTER = 'neighbours: ["10.0.1.254 lladdr 02:00:00:00:00:0c dev eth0 PERMANENT"]';
const FORWARDS = 'sysctls: {net.ipv4.ip_forward: "1"}';

/** Two Docker hosts as they come: the first container of each has the same address. */
const DOCKER = ['1', '2']
  .map(
    (number) => `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: h${number}}
spec:
  interfaces: [{name: eth0, segment: lan, addresses: [192.168.26.1${number}/24]}]
  docker: {bridge: docker0, address: 172.17.0.1/16}
---
apiVersion: nettrace/v1alpha1
kind: Container
metadata: {name: c${number}}
spec: {host: h${number}, network: bridge, publish: ["8080:80/tcp"], listen: [80/tcp]}
`,
  )
  .join('---\n');

export const ROWS: readonly Row[] = [
  {
    code: 'ADDRESS_NOT_UNIQUE',
    topology: DOCKER,
    question: 'c1 <<c2:80||192.168.26.12:8080>>',
    outcome: 'dropped connected',
    summary: 'Where c1 is, 172.17.0.2 is the address of c1, which takes the packet: c2:80 is never reached.',
  },
  {
    code: 'DNS_NXDOMAIN',
    topology: cluster({ service: '{name: web, namespace: <<shop||default>>}' }),
    question: 'client web:80',
    outcome: 'dropped name-error',
    summary:
      'client cannot resolve web: no name that its resolver tries exists. Service shop/web exists: write web.shop.',
  },
  {
    code: 'DNS_SERVER_UNREACHABLE',
    topology: cluster({ dnsReady: '"<<False||True>>"' }),
    question: 'client web:80',
    outcome: 'rejected name-error',
    summary:
      'client cannot resolve web: its DNS query does not get an answer. Service kube-system/kube-dns selects Pods, but none of them is ready.',
  },
  {
    code: 'SOURCE_NOT_RUNNING',
    topology: cluster({ clientPhase: '<<Pending||Running>>' }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary: 'Pod default/client is not running: nothing is sent.',
  },
  {
    code: 'LINK_DOWN',
    topology: hosts({ more: fault('{node: a, interface: eth0, down: true}') }),
    question: A_TO_B,
    outcome: 'dropped unreachable',
    summary: 'Device eth0 of a is down, so 10.0.2.1 cannot be reached through it.',
  },
  {
    code: 'VETH_PEER_MISSING',
    topology: `${neighbours({
      a: 'interfaces: [{name: veth0, kind: veth, peer: b/veth0, addresses: [10.0.1.1/24]}]',
      b: 'interfaces: [{name: veth0, kind: veth, peer: a/veth0, addresses: [10.0.1.2/24]}]\n  listen: [80/tcp]',
    })}${fault('{node: b, interface: veth0, down: true}')}`,
    question: 'a 10.0.1.2:80',
    outcome: 'dropped unreachable',
    summary: 'The other end of veth0 on a is missing or down.',
  },
  {
    code: 'NEIGHBOUR_FAILED',
    topology: hosts({ bAddress: '10.0.2.<<2||1>>/24' }),
    question: A_TO_B,
    outcome: 'dropped unreachable',
    summary: 'r asks on eth1 who has 10.0.2.1, and nobody answers.',
  },
  {
    code: 'MAC_MISMATCH',
    topology: hosts({ r: 'neighbours: ["10.0.2.1 lladdr 02:00:00:00:00:<<99||0b>> dev eth1 PERMANENT"]' }),
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary: 'The frame to 10.0.2.1 on eth1 of r carries a MAC address that nobody there has.',
  },
  {
    code: 'BRIDGE_PORT_BLOCKED',
    topology: neighbours({
      a: 'interfaces: [{name: eth0, segment: left, addresses: [10.0.1.1/24]}]\n  neighbours: ["10.0.1.2 lladdr 02:00:00:00:00:0b dev eth0 PERMANENT"]',
      s: 'interfaces: [{name: br0, kind: bridge, ports: [p1, p2]}, {name: p1, segment: left, isolated: <<true||false>>}, {name: p2, segment: right, isolated: <<true||false>>}]',
      b: 'interfaces: [{name: eth0, segment: right, mac: "02:00:00:00:00:0b", addresses: [10.0.1.2/24]}]\n  listen: [80/tcp]',
    }),
    question: 'a 10.0.1.2:80',
    outcome: 'dropped timeout',
    summary: 'The bridge on s does not forward the frame to 10.0.1.2 (port p1).',
  },
  {
    code: 'HAIRPIN_OFF',
    topology: neighbours({
      a: 'interfaces: [{name: eth0, segment: left, addresses: [10.0.1.1/24]}]\n  listen: [80/tcp]',
      s: `interfaces: [{name: br0, kind: bridge, ports: [p1], addresses: [10.0.1.254/24]}, {name: p1, segment: left, hairpin: <<false||true>>}]
  sysctls: {net.ipv4.ip_forward: "1", net.bridge.bridge-nf-call-iptables: "1"}
  ${nat(`${DNAT} 10.0.1.1:80`, '-A POSTROUTING -s 10.0.1.1/32 -d 10.0.1.1/32 -j MASQUERADE')}`,
    }),
    question: 'a 10.0.1.254:80',
    outcome: 'dropped timeout',
    summary: 'The packet to 10.0.1.1 would leave s by the bridge port it came in by, and hairpin mode is off there.',
  },
  {
    code: 'ROUTE_NOT_FOUND',
    topology: hosts({ a: 'routes: [<<||"default via 10.0.1.254 dev eth0">>]' }),
    question: A_TO_B,
    outcome: 'dropped unreachable',
    summary: 'a has no route to 10.0.2.1.',
  },
  {
    code: 'ROUTE_BLACKHOLE',
    topology: hosts({ r: 'routes: [<<"blackhole 10.0.2.0/28"||>>]' }),
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary: 'r drops the packet to 10.0.2.1: its best route is a blackhole (blackhole 10.0.2.0/28).',
  },
  {
    code: 'ROUTE_UNREACHABLE',
    topology: hosts({ r: 'routes: [<<"unreachable 10.0.2.0/28"||>>]' }),
    question: A_TO_B,
    outcome: 'dropped unreachable',
    summary: 'r refuses to route the packet to 10.0.2.1 (unreachable 10.0.2.0/28).',
  },
  {
    code: 'ROUTE_NEXTHOP_INVALID',
    topology: hosts({ a: 'routes: ["10.0.2.0/24 via 10.<<9||0>>.1.254 dev eth0 onlink"]' }),
    question: A_TO_B,
    outcome: 'dropped unreachable',
    summary: 'The route of a to 10.0.2.1 names the gateway 10.9.1.254, which is not on the network of eth0.',
  },
  {
    code: 'BGP_ROUTE_NOT_LEARNED',
    topology: cluster({ more: fault('{node: n1, bgpPeer: n2, down: true}') }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary:
      'n1 has not learned a route to the block of 10.244.1.5 (default/web-0) by BGP; the packet ends at gateway 192.168.0.1.',
  },
  {
    code: 'ROUTE_LOOP',
    topology: hosts({
      r: 'routes: ["10.0.3.0/24 via 10.0.2.1 dev eth1"]',
      bInterfaces: '- {name: lo, addresses: [<<||10.0.3.1/32>>]}',
      b: `routes: ["default via 10.0.2.254 dev eth0"]\n  ${FORWARDS}`,
    }),
    question: 'a 10.0.3.1:80',
    outcome: 'dropped unreachable',
    summary: 'The packet to 10.0.3.1 passes b again and again: the routes form a loop.',
  },
  {
    code: 'TTL_EXCEEDED',
    topology: hosts({
      a: 'routes: ["default via 10.0.1.254 dev eth0"]\n  sysctls: {net.ipv4.ip_default_ttl: "<<1||64>>"}',
    }),
    question: A_TO_B,
    outcome: 'dropped unreachable',
    summary: 'The TTL of the packet to 10.0.2.1 runs out at r.',
  },
  {
    code: 'IP_FORWARD_DISABLED',
    topology: hosts({ rSysctls: 'net.ipv4.ip_forward: "<<0||1>>"' }),
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary: 'r does not forward the packet to 10.0.2.1: IP forwarding is off on eth0.',
  },
  {
    code: 'RPF_MISMATCH',
    topology: hosts({
      aInterfaces: '- {name: lo, addresses: [10.0.9.1/32]}',
      // Who has 10.0.1.254 is not asked: the router's filter would drop that question as well.
      a: `routes: ["default via 10.0.1.254 dev eth0 src 10.0.9.1"]\n  ${KNOWS_ROUTER}`,
      rSysctls: 'net.ipv4.ip_forward: "1", net.ipv4.conf.all.rp_filter: "1"',
      r: 'routes: ["10.0.9.0/24 via <<10.0.2.1 dev eth1||10.0.1.1 dev eth0>>"]',
    }),
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary:
      'r drops the packet from 10.0.9.1 that came in by eth0: the way back to that address does not leave there.',
  },
  {
    code: 'MARTIAN_ADDRESS',
    topology: hosts({
      a: `routes: ["default via 10.0.1.254 dev eth0"]\n  ${KNOWS_ROUTER}`,
      rInterfaces: '- {name: lo, addresses: [<<10.0.1.1/32||>>]}',
    }),
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary: 'r drops the packet 10.0.1.1 > 10.0.2.1 on eth0: one of these addresses must not appear there.',
  },
  {
    code: 'MTU_EXCEEDED_DF',
    topology: hosts({ rRight: ', mtu: <<1400||1500>>' }),
    question: A_TO_B,
    more: { size: 1500 },
    outcome: 'dropped hangs',
    summary: 'The packet to 10.0.2.1 is larger than the MTU of eth1 on r and must not be fragmented.',
  },
  {
    code: 'PMTU_BLACKHOLE',
    topology: hosts({ rRight: ', mtu: <<1400||1500>>', r: filter('-A OUTPUT -p icmp -j DROP') }),
    question: A_TO_B,
    more: { size: 1500 },
    outcome: 'dropped hangs',
    summary:
      'The packet to 10.0.2.1 exceeds the MTU of eth1 on r, and the ICMP message about it does not reach the sender.',
  },
  {
    code: 'TUNNEL_ENDPOINT_UNKNOWN',
    topology: hosts({
      aInterfaces:
        '- {name: vx0, kind: vxlan, vni: 1, local: 10.0.1.1, mac: "02:00:00:00:05:01", addresses: [10.5.0.1/24]}',
      a: `routes: ["default via 10.0.1.254 dev eth0"]
  fdb: [<<||"00:00:00:00:00:00 dev vx0 dst 10.0.2.1 self permanent">>]
  neighbours: ["10.5.0.2 lladdr 02:00:00:00:05:02 dev vx0 PERMANENT"]`,
      bInterfaces:
        '- {name: vx0, kind: vxlan, vni: 1, local: 10.0.2.1, mac: "02:00:00:00:05:02", addresses: [10.5.0.2/24]}',
      b: `routes: ["default via 10.0.2.254 dev eth0"]
  fdb: ["00:00:00:00:00:00 dev vx0 dst 10.0.1.1 self permanent"]
  neighbours: ["10.5.0.1 lladdr 02:00:00:00:05:01 dev vx0 PERMANENT"]`,
    }),
    question: 'a 10.5.0.2:80',
    outcome: 'dropped timeout',
    summary: 'The tunnel vx0 of a finds no other end for 10.5.0.2.',
  },
  {
    code: 'TUNNEL_BLOCKED',
    topology: cluster({
      cni: '{plugin: calico, calico: {encapsulation: ipip}}',
      more: fault('{segment: lan, block: {protocol: ipip}}'),
    }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary: 'The tunnel packet 192.168.0.11 > 192.168.0.12 is dropped at n1; the packet inside never arrives.',
  },
  {
    code: 'SEGMENT_BLOCKED',
    topology: hosts({ more: fault('{segment: right, block: {protocol: tcp, port: 80}}') }),
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary: 'A filter between the machines drops the packet that r sends to 10.0.2.1.',
  },
  {
    code: 'NETFILTER_RULE_DROP',
    topology: hosts({ r: filter('-A FORWARD -p tcp -m tcp --dport <<80||81>> -j DROP') }),
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary: 'A rule in filter/FORWARD on r drops the packet to 10.0.2.1: -p tcp -m tcp --dport 80 -j DROP',
  },
  {
    code: 'NETFILTER_RULE_REJECT',
    topology: hosts({
      r: filter('-A FORWARD -p tcp -m tcp --dport <<80||81>> -j REJECT --reject-with icmp-port-unreachable'),
    }),
    question: A_TO_B,
    outcome: 'rejected refused',
    summary:
      'A rule in filter/FORWARD on r rejects the packet to 10.0.2.1: -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
  },
  {
    code: 'NETFILTER_POLICY_DROP',
    topology: hosts({ r: filter(':FORWARD <<DROP||ACCEPT>>') }),
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary: 'No rule in filter/FORWARD on r takes the packet to 10.0.2.1, and the policy of the chain is DROP.',
  },
  {
    code: 'CONNTRACK_INVALID',
    topology: `${hosts({
      b: 'routes: ["default via 10.0.2.<<253||254>> dev eth0"]',
    })}---
${neighbours({
  other: `interfaces: [{name: eth0, segment: left, addresses: [10.0.1.253/24]}, {name: eth1, segment: right, addresses: [10.0.2.253/24]}]
  ${FORWARDS}
  ${filter('-A FORWARD -m conntrack --ctstate INVALID -j DROP')}`,
})}`,
    question: A_TO_B,
    outcome: 'dropped timeout',
    summary:
      'The request arrives, but the reply is lost. Connection tracking on other calls the packet 10.0.2.1 > 10.0.1.1 INVALID, and a rule in filter/FORWARD drops such packets.',
  },
  {
    code: 'NAT_REPLY_ASYMMETRIC',
    topology: neighbours({
      a: 'interfaces: [{name: eth0, segment: left, addresses: [10.0.1.1/24]}]',
      b: 'interfaces: [{name: eth0, segment: left, addresses: [10.0.1.2/24]}]\n  listen: [80/tcp]',
      r: `interfaces: [{name: eth0, segment: left, addresses: [10.0.1.254/24]}]
  ${FORWARDS}
  ${nat(`${DNAT} 10.0.1.2:80`, '-A POSTROUTING -p tcp -m tcp --dport <<81||80>> -j MASQUERADE')}`,
    }),
    question: 'a 10.0.1.254:80',
    outcome: 'dropped timeout',
    summary:
      'The request arrives, but the reply is lost. The request was translated on the way to 10.0.1.254:80, but the reply from 10.0.1.2 does not pass that translation again; a does not know this address.',
  },
  {
    code: 'HAIRPIN_NOT_MASQUERADED',
    topology: neighbours({
      a: 'interfaces: [{name: eth0, segment: left, addresses: [10.0.1.1/24]}]\n  listen: [80/tcp]',
      r: `interfaces: [{name: eth0, segment: left, addresses: [10.0.1.254/24]}]
  ${FORWARDS}
  ${nat(`${DNAT} 10.0.1.1:80`, '-A POSTROUTING -p tcp -m tcp --dport <<81||80>> -j MASQUERADE')}`,
    }),
    question: 'a 10.0.1.254:80',
    outcome: 'dropped timeout',
    summary:
      'a is its own backend for 10.0.1.254:80, and the request is not masqueraded: a packet from 10.0.1.1 to itself is dropped.',
  },
  {
    code: 'SERVICE_PORT_NOT_EXPOSED',
    topology: cluster({ spec: 'selector: {app: web}, ports: [{port: <<8080||80>>, targetPort: 80}]' }),
    question: TO_WEB,
    outcome: 'dropped unreachable',
    summary: 'Service default/web has no port 80/tcp; it exposes 8080/tcp. The packet ends at gateway 192.168.0.1.',
  },
  {
    code: 'SERVICE_NO_ENDPOINTS',
    topology: cluster({ webLabels: '{app: <<wep||web>>}' }),
    question: TO_WEB,
    outcome: 'rejected refused',
    summary: 'Service default/web has no endpoints: no Pod matches its selector.',
  },
  {
    code: 'SERVICE_NO_READY_ENDPOINTS',
    topology: cluster({ webReady: '"<<False||True>>"' }),
    question: TO_WEB,
    outcome: 'rejected refused',
    summary: 'Service default/web selects Pods, but none of them is ready.',
  },
  {
    code: 'SERVICE_NO_LOCAL_ENDPOINTS',
    topology: cluster({
      spec: 'internalTrafficPolicy: <<Local||Cluster>>, selector: {app: web}, ports: [{port: 80, targetPort: 80}]',
    }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary: 'Service default/web has traffic policy Local, and n1 runs no ready endpoint of it.',
  },
  {
    code: 'SERVICE_SOURCE_RANGE_DENIED',
    topology: cluster({
      loadBalancer: 'loadBalancer: {provider: metallb, mode: layer2, addresses: [192.168.0.240-192.168.0.250]}',
      spec: 'type: LoadBalancer, loadBalancerSourceRanges: [<<172.16.0.0/12||192.168.0.0/24>>], selector: {app: web}, ports: [{port: 80, targetPort: 80, nodePort: 30080}]',
    }),
    question: 'host/outside 192.168.0.240:80',
    outcome: 'dropped timeout',
    summary: 'The loadBalancerSourceRanges of Service default/web do not admit 192.168.0.100.',
  },
  {
    code: 'LOADBALANCER_PENDING',
    topology: cluster({
      loadBalancer:
        'loadBalancer: {<<provider: none||provider: metallb, mode: layer2, addresses: [192.168.0.240-192.168.0.250]>>}',
      spec: 'type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: 80, nodePort: 30080}]',
    }),
    question: 'host/outside svc/web:80',
    outcome: 'dropped timeout',
    summary: 'Service default/web waits for an external address (<pending>): only its ClusterIP and node ports work.',
  },
  {
    code: 'CLUSTER_IP_FROM_OUTSIDE',
    topology: cluster(),
    question: '<<host/outside||client>> 10.96.0.20:80',
    outcome: 'dropped unreachable',
    summary:
      'host/outside is outside the cluster, and 10.96.0.20 is the ClusterIP of default/web: only nodes and Pods can use it. The packet ends at gateway 192.168.0.1.',
  },
  {
    code: 'CLUSTER_IP_NO_ICMP',
    topology: cluster(),
    question: 'client 10.96.0.20<< icmp||:80>>',
    outcome: 'dropped unreachable',
    summary:
      '10.96.0.20 is the ClusterIP of default/web; kube-proxy translates none of its ICMP, so the ping ends at gateway 192.168.0.1.',
  },
  {
    code: 'CLUSTER_IP_UNALLOCATED',
    topology: cluster(),
    question: 'client 10.96.0.2<<1||0>>:80',
    outcome: 'dropped unreachable',
    summary:
      'No Service has the address 10.96.0.21, which is of the network of Services. The packet ends at gateway 192.168.0.1.',
  },
  {
    code: 'EXTERNAL_IP_NO_ICMP',
    topology: cluster({
      spec: 'externalIPs: [198.51.100.7], selector: {app: web}, ports: [{port: 80, targetPort: 80}]',
    }),
    question: 'client 198.51.100.7<< icmp||:80>>',
    outcome: 'dropped unreachable',
    summary:
      '198.51.100.7 is an external address of default/web; kube-proxy translates none of its ICMP, so the ping ends at gateway 192.168.0.1.',
  },
  {
    code: 'NODE_PORT_NOT_BOUND',
    topology: cluster({
      spec: 'type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 80, nodePort: <<30081||30080>>}]',
    }),
    question: 'host/outside node/n1:30080',
    outcome: 'rejected refused',
    summary: 'Nothing takes port 30080/tcp on 192.168.0.11 of n1: no Service has it for a node port.',
  },
  {
    code: 'POLICY_EGRESS_NO_MATCH',
    topology: cluster({
      more: policy(
        'client',
        'policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: <<db||web>>}}}]}]',
      ),
    }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary:
      'NetworkPolicy default/rule selects default/client, and no egress rule admits default/web-0 (10.244.1.5, an endpoint of Service default/web) on tcp/80.',
  },
  {
    code: 'POLICY_INGRESS_NO_MATCH',
    topology: cluster({ more: policy('web', 'ingress: [{ports: [{port: <<443||80>>}]}]') }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary:
      'NetworkPolicy default/rule selects default/web-0, and no ingress rule admits client (10.244.0.5) on tcp/80.',
  },
  {
    code: 'POLICY_NAMED_PORT_UNRESOLVED',
    topology: cluster({ more: policy('web', 'ingress: [{ports: [{port: <<htpp||http>>}]}]') }),
    question: TO_WEB,
    outcome: 'dropped timeout',
    summary:
      'NetworkPolicy default/rule selects default/web-0, and the rule that would fit names a port that no container of the destination declares.',
  },
  {
    code: 'SOCKET_NOT_LISTENING',
    topology: cluster({ webAnnotations: '{nettrace/listen: "<<81||80>>/tcp"}' }),
    question: TO_WEB,
    outcome: 'rejected refused',
    summary: 'The packet arrives at default/web-0, but nothing there listens on tcp/80.',
  },
  {
    code: 'SOCKET_LOOPBACK_ONLY',
    topology: cluster({ webAnnotations: '{nettrace/listen: "<<127.0.0.1:80||80>>/tcp"}' }),
    question: TO_WEB,
    outcome: 'rejected refused',
    summary:
      'In default/web-0 a process listens on tcp/80, but only on 127.0.0.1: what comes to 10.244.1.5 is refused.',
  },
  {
    code: 'BROADCAST_NOT_PERMITTED',
    topology: hosts(),
    question: 'a <<10.0.1.255||10.0.2.1>> icmp',
    outcome: 'dropped permission-denied',
    summary:
      'The socket of a may not send to 10.0.1.255, which is a broadcast address: it has not set SO_BROADCAST (permission denied).',
  },
  {
    code: 'ICMP_ECHO_IGNORED',
    topology: hosts({
      b: 'routes: ["default via 10.0.2.254 dev eth0"]\n  sysctls: {net.ipv4.icmp_echo_ignore_all: "<<1||0>>"}',
    }),
    question: 'a 10.0.2.1 icmp',
    outcome: 'dropped timeout',
    summary: 'b ignores the ping to 10.0.2.1.',
  },
  {
    code: 'MODEL_UNSUPPORTED',
    topology: hosts({ r: filter('<<-A FORWARD -m geoip --source-country CN -j DROP||>>') }),
    question: A_TO_B,
    outcome: 'undetermined timeout',
    summary:
      'The verdict depends on something nettrace cannot decide: match geoip --source-country CN is not modelled.',
  },
  {
    code: 'MODEL_DATA_MISSING',
    topology: hosts({ r: filter('<<-A FORWARD -m set --match-set absent src -j DROP||>>') }),
    question: A_TO_B,
    outcome: 'undetermined timeout',
    summary: 'The input lacks what the verdict depends on: ipset absent is not known.',
  },
];
