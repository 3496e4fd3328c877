/** A row for each case of bridges, neighbours, MTUs and tunnels. */
import type { DeviceText, MachineText } from './scenario.ts';
import { icmp, type Row, rules, scene, tcp, udp } from './sweep-scene.ts';

const lo = { name: 'lo', kind: 'loopback', addresses: ['127.0.0.1/8'] } as const;

/** Two guests on a bridge of the host. */
function bridged(port: Partial<DeviceText>, host: Partial<MachineText>): readonly MachineText[] {
  const guest = (name: string, address: string): MachineText => ({
    name,
    devices: [lo, { name: 'eth0', kind: 'veth', peer: ['host', `to-${name}`], addresses: [`${address}/24`] }],
    routes: ['default via 10.5.0.1 dev eth0'],
    listen: ['8080/tcp', '8080/udp'],
  });
  const wire = (name: string): DeviceText => ({
    name: `to-${name}`,
    kind: 'veth',
    peer: [name, 'eth0'],
    bridge: 'br0',
    ...port,
  });
  return [
    {
      name: 'host',
      devices: [lo, { name: 'br0', kind: 'bridge', addresses: ['10.5.0.1/24'] }, wire('one'), wire('two')],
      ...host,
      sysctls: { 'net.ipv4.ip_forward': '1', ...host.sysctls },
    },
    guest('one', '10.5.0.2'),
    guest('two', '10.5.0.3'),
  ];
}

const from = { machine: 'one' };
const call = (on: boolean) => ({ 'net.bridge.bridge-nf-call-iptables': on ? '1' : '0' });
const dnat = rules('nat -A PREROUTING -d 10.5.0.1/32 -p tcp -j DNAT --to-destination 10.5.0.3');
const hairpin = rules(
  'nat -A PREROUTING -d 10.5.0.1/32 -p tcp -j DNAT --to-destination 10.5.0.2',
  'nat -A POSTROUTING -s 10.5.0.2/32 -d 10.5.0.2/32 -j MASQUERADE',
);
const isBridged = rules(
  'filter -A FORWARD -m physdev --physdev-in to-one --physdev-is-bridged -p udp -j REJECT --reject-with icmp-port-unreachable',
  'filter -A FORWARD -m physdev ! --physdev-in to-one -p icmp -j DROP',
);

/** Two machines, each with a VXLAN device over the wire between them. */
function tunnelled(known: boolean): readonly MachineText[] {
  const end = (name: string, own: 1 | 2, other: 1 | 2): MachineText => {
    const mac = `02:00:00:00:44:0${other}`;
    return {
      name,
      devices: [
        lo,
        { name: 'eth0', kind: 'ethernet', segment: 'wire', addresses: [`192.168.7.${own}/24`] },
        {
          name: 'vxlan1',
          kind: 'vxlan',
          vni: 7,
          local: `192.168.7.${own}`,
          parent: 'eth0',
          mtu: 1450,
          mac: `02:00:00:00:44:0${own}`,
          addresses: [`10.44.0.${own}/24`],
        },
      ],
      neighbours: [{ device: 'vxlan1', ip: `10.44.0.${other}`, mac }],
      fdb: known ? [{ device: 'vxlan1', mac, remote: `192.168.7.${other}` }] : [],
      listen: ['8080/tcp', '8080/udp'],
    };
  };
  return [end('left', 1, 2), end('right', 2, 1)];
}

function links(
  sentence: string,
  covers: readonly string[],
  machines: readonly MachineText[],
  probes: Row['probes'],
): Row {
  return { sentence, covers, machines, probes };
}

export const LINK_ROWS: readonly Row[] = [
  links(
    'a bridge without bridge-nf-call-iptables asks no rule',
    ['bridge'],
    bridged({}, { sysctls: call(false), iptables: rules('filter -A FORWARD -j DROP') }),
    [[tcp('10.5.0.3', from), 'connected']],
  ),
  links(
    'a bridge with bridge-nf-call-iptables asks FORWARD',
    ['bridge'],
    bridged({}, { sysctls: call(true), iptables: rules('filter -A FORWARD -p tcp -j DROP') }),
    [
      [tcp('10.5.0.3', from), 'silence'],
      [udp('10.5.0.3', from), 'connected'],
    ],
  ),
  links(
    'physdev knows the ports of a bridged packet',
    ['match:physdev', 'not:physdev'],
    bridged({}, { sysctls: call(true), iptables: isBridged }),
    [
      [udp('10.5.0.3', from), 'icmp 3/3'],
      [tcp('10.5.0.3', from), 'connected'],
      [icmp('10.5.0.3', from), 'silence'],
    ],
  ),
  links(
    'DNAT to a neighbour on the bridge needs bridge-nf-call-iptables: without',
    ['bridge'],
    bridged({}, { sysctls: call(false), iptables: dnat }),
    [[tcp('10.5.0.1', from), 'silence']],
  ),
  links(
    'DNAT to a neighbour on the bridge needs bridge-nf-call-iptables: with',
    ['bridge'],
    bridged({}, { sysctls: call(true), iptables: dnat }),
    [[tcp('10.5.0.1', from), '(at two']],
  ),
  links(
    'a packet back out of its port needs hairpin: without',
    ['hairpin'],
    bridged({}, { sysctls: call(false), iptables: hairpin }),
    [[tcp('10.5.0.1', from), 'connected']],
  ),
  links(
    'a packet back out of its port needs hairpin: with, bridged',
    ['hairpin'],
    bridged({ hairpin: true }, { sysctls: call(true), iptables: hairpin }),
    [[tcp('10.5.0.1', from), '(at one']],
  ),
  links(
    'isolated ports reach the bridge but not each other',
    ['isolated'],
    bridged({ isolated: true }, { sysctls: call(false), listen: ['8080/tcp'] }),
    [
      [tcp('10.5.0.3', from), 'icmp 3/1'],
      [tcp('10.5.0.1', from), 'connected'],
    ],
  ),
  links('a blocking port takes nothing', ['blocking'], bridged({ blocking: true }, { sysctls: call(false) }), [
    [udp('10.5.0.3', from), 'icmp 3/1'],
  ]),
  links(
    'an address that nobody has is unreachable: told by the router, and by the sender itself',
    ['neighbour', 'icmp-error'],
    scene({}),
    [
      [udp('10.0.1.77'), 'icmp 3/1 from 10.0.0.1'],
      [udp('10.0.0.77'), 'icmp 3/1 from 10.0.0.2'],
    ],
  ),
  links(
    'proxy_arp answers for addresses behind another device',
    ['proxy_arp'],
    scene({
      client: { routes: ['10.0.1.3/32 dev eth0'] },
      router: { sysctls: { 'net.ipv4.conf.eth0.proxy_arp': '1' } },
    }),
    [[tcp('10.0.1.3'), '(at second']],
  ),
  links('without proxy_arp nobody answers', ['proxy_arp'], scene({ client: { routes: ['10.0.1.3/32 dev eth0'] } }), [
    [tcp('10.0.1.3'), 'icmp 3/1 from 10.0.0.2'],
  ]),
  links(
    'arp_ignore 1 answers only for the own device’s addresses',
    ['arp_ignore'],
    scene({
      client: { routes: ['10.0.1.1/32 dev eth0'] },
      router: { sysctls: { 'net.ipv4.conf.all.arp_ignore': '1' }, listen: ['8080/tcp'] },
    }),
    [
      [tcp('10.0.1.1'), 'icmp 3/1'],
      [tcp('10.0.0.1'), 'connected'],
    ],
  ),
  links(
    'arp_ignore 0 answers for every address',
    ['arp_ignore'],
    scene({ client: { routes: ['10.0.1.1/32 dev eth0'] }, router: { listen: ['8080/tcp'] } }),
    [[tcp('10.0.1.1'), 'connected']],
  ),
  links(
    'a permanent neighbour is believed, right or wrong',
    ['neighbour'],
    scene({
      router: {
        neighbours: [
          { device: 'eth1', ip: '10.0.1.2', mac: '02:00:00:00:09:09' },
          { device: 'eth1', ip: '10.0.1.3', mac: '02:00:00:00:01:03' },
        ],
      },
    }),
    [
      [tcp(), 'silence'],
      [tcp('10.0.1.3'), 'connected'],
    ],
  ),
  links(
    'a packet too large that must not be split is ICMP 3/4 with the MTU',
    ['icmp-error'],
    scene({ router: { routes: ['10.0.1.3/32 dev eth1 mtu lock 600'] } }),
    [
      [udp('10.0.1.3', { length: 1400, dontFragment: true }), 'icmp 3/4'],
      [udp('10.0.1.2', { length: 1400, dontFragment: true }), 'connected'],
      [udp('10.0.1.3', { length: 500, dontFragment: true }), 'connected'],
      [udp('10.0.1.3', { length: 1400, dontFragment: true, machine: 'router' }), 'EMSGSIZE'],
    ],
  ),
  links('VXLAN carries to the neighbour whose place the forwarding table names', ['vxlan'], tunnelled(true), [
    [tcp('10.44.0.2', { machine: 'left' }), '(at right, 10.44.0.1:'],
    [icmp('10.44.0.2', { machine: 'left' }), 'connected from 10.44.0.2 ttl 64'],
    [udp('10.44.0.2', { machine: 'left', length: 1460, dontFragment: true }), 'EMSGSIZE'],
  ]),
  links(
    'a VXLAN datagram came in by the tunnel, as the rules behind POSTROUTING see it',
    ['vxlan'],
    tunnelled(true).map((machine) =>
      machine.name === 'left'
        ? {
            ...machine,
            iptables: rules('mangle :sent', 'mangle -A sent -i vxlan1 -j DROP', 'mangle -A POSTROUTING -j sent'),
          }
        : machine,
    ),
    [
      [udp('10.44.0.2', { machine: 'left' }), 'silence'],
      [udp('192.168.7.2', { machine: 'left' }), 'connected'],
    ],
  ),
  links(
    'NAT to this machine gives a VXLAN datagram of TCP or UDP a wrong checksum, and no socket refuses it; one of ICMP is refused',
    ['vxlan'],
    tunnelled(true).map((machine) =>
      machine.name === 'left'
        ? {
            ...machine,
            iptables: rules('nat -A OUTPUT -p udp -m udp --dport 4789 -j DNAT --to-destination 192.168.7.1:99'),
          }
        : machine,
    ),
    [
      [tcp('10.44.0.2', { machine: 'left' }), 'silence'],
      [udp('10.44.0.2', { machine: 'left' }), 'silence'],
      [icmp('10.44.0.2', { machine: 'left' }), 'silence'],
    ],
  ),
  links('VXLAN without an entry for the neighbour is silence', ['vxlan'], tunnelled(false), [
    [tcp('10.44.0.2', { machine: 'left' }), 'silence'],
  ]),
];
