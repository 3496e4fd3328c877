/** A row for every type of route, and for what decides between routes and sources. */
import { icmp, type Row, rules, scene, tcp, udp } from './sweep-scene.ts';

function route(
  sentence: string,
  covers: readonly string[],
  changes: Parameters<typeof scene>[0],
  probes: Row['probes'],
): Row {
  return { sentence, covers, machines: scene(changes), probes };
}

const odd = { source: '10.9.9.9' };
const FORWARD = { 'net.ipv4.ip_forward': '1' };
const ROUTERS_MAC = [{ device: 'eth0', ip: '10.0.0.1', mac: '02:00:00:00:00:01' }];

export const ROUTE_ROWS: readonly Row[] = [
  route('a unicast route leads on', ['route:unicast'], { router: { routes: ['10.8.0.0/24 via 10.0.1.3 dev eth1'] } }, [
    [tcp(), 'connected'],
    [tcp('10.8.0.1'), 'silence'],
  ]),
  route(
    'a blackhole is silence for others and EINVAL for a local sender',
    ['route:blackhole'],
    { router: { routes: ['blackhole 10.8.0.0/24'] } },
    [
      [tcp('10.8.0.1'), 'silence'],
      [tcp('10.8.0.1', { machine: 'router' }), 'EINVAL'],
    ],
  ),
  route(
    'unreachable is ICMP 3/1, and EHOSTUNREACH for a local sender',
    ['route:unreachable'],
    { router: { routes: ['unreachable 10.8.0.0/24'] } },
    [
      [udp('10.8.0.1'), 'icmp 3/1 from 10.0.0.1'],
      [tcp('10.8.0.1', { machine: 'router' }), 'EHOSTUNREACH'],
    ],
  ),
  route(
    'prohibit is ICMP 3/13, and EACCES for a local sender',
    ['route:prohibit'],
    { router: { routes: ['prohibit 10.8.0.0/24'] } },
    [
      [udp('10.8.0.1'), 'icmp 3/13 from 10.0.0.1'],
      [tcp('10.8.0.1', { machine: 'router' }), 'EACCES'],
    ],
  ),
  route(
    'throw leaves the table, and without another there is no network',
    ['route:throw'],
    { router: { routes: ['throw 10.8.0.0/24'] } },
    [
      [udp('10.8.0.1'), 'icmp 3/0 from 10.0.0.1'],
      [tcp('10.8.0.1', { machine: 'router' }), 'ENETUNREACH'],
    ],
  ),
  route(
    'a route of type local makes the router the receiver',
    ['route:local'],
    { router: { routes: ['local 10.8.0.0/24 dev lo table local'], listen: ['8080/tcp'] } },
    [[tcp('10.8.0.1'), '(at router']],
  ),
  route('a broadcast address is nobody to connect to', ['route:broadcast'], {}, [[tcp('10.0.1.255'), 'silence']]),
  route(
    'without ip_forward others are told nothing',
    ['ip_forward'],
    { router: { sysctls: { 'net.ipv4.ip_forward': '0' } } },
    [
      [tcp(), 'silence'],
      [tcp('10.0.0.1'), 'reset'],
    ],
  ),
  ...(['0', '1', '2'] as const).flatMap((all) =>
    (['0', '1', '2'] as const).map((own) =>
      route(
        `rp_filter ${all} for all and ${own} for eth0: the larger one counts`,
        ['rp_filter'],
        // The way back to 10.9.9.9 leaves by another device: strict minds, loose does not.
        {
          client: { neighbours: ROUTERS_MAC },
          router: {
            routes: ['10.9.9.9/32 via 10.0.1.3 dev eth1'],
            sysctls: { ...FORWARD, 'net.ipv4.conf.all.rp_filter': all, 'net.ipv4.conf.eth0.rp_filter': own },
          },
        },
        [
          [udp('10.0.1.2', odd), Math.max(Number(all), Number(own)) === 1 ? 'silence' : '(at server, 10.9.9.9:'],
          [tcp(), 'connected'],
        ],
      ),
    ),
  ),
  route(
    'loose rp_filter drops a source without any route',
    ['rp_filter'],
    { client: { neighbours: ROUTERS_MAC }, router: { sysctls: { ...FORWARD, 'net.ipv4.conf.all.rp_filter': '2' } } },
    [[udp('10.0.1.2', odd), 'silence']],
  ),
  route(
    'rp_filter drops a question of ARP as well',
    ['rp_filter'],
    { router: { sysctls: { ...FORWARD, 'net.ipv4.conf.all.rp_filter': '2' } } },
    [[udp('10.0.1.2', odd), 'icmp 3/1 from 10.9.9.9']],
  ),
  route(
    'a rule for a mark leads to its own table',
    ['fwmark'],
    {
      router: {
        rules: ['100: from all fwmark 0x1 lookup 100'],
        routes: ['unreachable default table 100'],
        iptables: rules('mangle -A PREROUTING -p udp -j MARK --set-xmark 0x1/0xffffffff'),
      },
    },
    [
      [udp(), 'icmp 3/1'],
      [tcp(), 'connected'],
    ],
  ),
  route(
    'a rule for sources refuses',
    ['policy-rule'],
    { router: { rules: ['100: from 10.9.9.9 prohibit'], routes: ['10.9.9.9/32 via 10.0.0.2 dev eth0'] } },
    [
      [udp('10.0.1.2', odd), 'icmp 3/13'],
      [udp(), 'connected'],
    ],
  ),
  route(
    'a rule with not, and one for a port',
    ['policy-rule'],
    {
      router: {
        rules: ['100: not from all to 10.0.0.0/15 blackhole', '101: from all ipproto udp dport 8080 unreachable'],
      },
    },
    [
      [udp(), 'icmp 3/'],
      [tcp(), 'connected'],
      [tcp('10.8.0.1'), 'silence'],
    ],
  ),
  route(
    'ECMP takes one of its next hops',
    ['ecmp'],
    {
      router: { routes: ['10.8.0.0/24 nexthop via 10.0.1.2 dev eth1 weight 1 nexthop via 10.0.1.3 dev eth1 weight 1'] },
      server: { sysctls: { 'net.ipv4.ip_forward': '0' } },
    },
    [[tcp('10.8.0.1'), 'silence']],
  ),
  route(
    'the src of a route is the source of local packets',
    ['source'],
    {
      client: { routes: ['10.0.1.3/32 via 10.0.0.1 dev eth0 src 10.9.9.9'] },
      router: { routes: ['10.9.9.9/32 via 10.0.0.2 dev eth0'] },
    },
    [
      [tcp('10.0.1.3'), ', 10.9.9.9:'],
      [tcp(), ', 10.0.0.2:'],
    ],
  ),
  route('a TTL of 1 ends at the router', ['icmp-error'], {}, [
    [tcp('10.0.1.2', { ttl: 1 }), 'icmp 11/0 from 10.0.0.1'],
    [icmp('10.0.1.2', { ttl: 1 }), 'icmp 11/0'],
    [udp('10.0.1.2', { ttl: 2 }), 'connected'],
  ]),
  route('a closed port is RST, or ICMP 3/3 for UDP', ['icmp-error'], {}, [
    [tcp('10.0.1.2', { dport: 9 }), 'reset'],
    [udp('10.0.1.2', { dport: 9 }), 'icmp 3/3 from 10.0.1.2'],
  ]),
  route(
    '127.0.0.0/8 behind DNAT is a martian without route_localnet',
    ['route_localnet'],
    {
      router: {
        listen: ['127.0.0.1:8080/tcp'],
        iptables: rules('nat -A PREROUTING -p tcp -d 10.0.0.1/32 -j DNAT --to-destination 127.0.0.1:8080'),
      },
    },
    [[tcp('10.0.0.1'), 'silence']],
  ),
  route(
    '127.0.0.0/8 behind DNAT is served with route_localnet',
    ['route_localnet'],
    {
      router: {
        listen: ['127.0.0.1:8080/tcp'],
        sysctls: { 'net.ipv4.conf.all.route_localnet': '1' },
        iptables: rules('nat -A PREROUTING -p tcp -d 10.0.0.1/32 -j DNAT --to-destination 127.0.0.1:8080'),
      },
    },
    [[tcp('10.0.0.1'), '(at router']],
  ),
  route(
    '0.0.0.0 is the sender itself: its loopback address, or the source it has chosen',
    ['route:local'],
    { router: { listen: ['127.0.0.1:8080/tcp', '10.0.0.1:8081/tcp', '8082/udp'] } },
    [
      [tcp('0.0.0.0', { machine: 'router' }), 'connected (at router, 127.0.0.1'],
      [tcp('0.0.0.0', { machine: 'router', dport: 8081 }), 'reset'],
      [tcp('0.0.0.0', { machine: 'router', dport: 8081, source: '10.0.0.1' }), 'connected (at router, 10.0.0.1'],
      [udp('0.0.0.0', { machine: 'router', dport: 8082 }), 'connected'],
      [udp('0.0.0.0', { machine: 'router', dport: 9 }), 'icmp 3/3 from 127.0.0.1'],
      [icmp('0.0.0.0', { machine: 'router' }), 'connected'],
    ],
  ),
  route(
    'answers are ESTABLISHED',
    ['state:ESTABLISHED'],
    { router: { iptables: rules('filter -A FORWARD -m conntrack --ctstate ESTABLISHED -j DROP') } },
    [
      [udp(), 'silence (at server'],
      [icmp(), 'silence'],
    ],
  ),
  route(
    'an ICMP error is RELATED, a reset is not',
    ['state:RELATED'],
    { router: { iptables: rules('filter -A FORWARD -m conntrack --ctstate RELATED -j DROP') } },
    [
      [udp('10.0.1.2', { dport: 9 }), 'silence'],
      [tcp('10.0.1.2', { dport: 9 }), 'reset'],
    ],
  ),
  ...(['0', '1'] as const).map((accept) =>
    route(
      `a packet with one of the router's own addresses as its source, accept_local ${accept}`,
      ['accept_local'],
      {
        client: {
          neighbours: ROUTERS_MAC,
          devices: [{ name: 'own', kind: 'bridge', addresses: ['10.0.1.1/32'] }],
        },
        router: { sysctls: { ...FORWARD, 'net.ipv4.conf.all.accept_local': accept } },
      },
      [[udp('10.0.1.2', { source: '10.0.1.1' }), accept === '1' ? '(at server, 10.0.1.1:' : 'silence']],
    ),
  ),
];
