import { describe, expect, it } from 'vitest';
import { printAddresses, printFdb, printNeighbours } from '../../../src/kernel/link/address-text.ts';
import { deviceNameProblem } from '../../../src/kernel/link/device-name.ts';
import { parseFdbEntry, parseNeighbour } from '../../../src/kernel/link/parse-neighbour-text.ts';
import { buildNetns } from '../../../src/kernel/netns-build.ts';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import type { NetnsSpec } from '../../../src/kernel/netns-spec.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { parseIp } from '../../../src/net/address.ts';
import { parseMac } from '../../../src/net/mac.ts';

function ip(text: string) {
  const value = parseIp(text);
  invariant(value !== undefined, text);
  return value;
}

function mac(text: string) {
  const value = parseMac(text);
  invariant(value !== undefined, text);
  return value;
}

const port = { bridge: 'docker0', hairpin: false, isolated: false, state: 'forwarding' } as const;

const machine: NetnsSpec = {
  id: netnsId('vms100'),
  devices: [
    {
      kind: 'ethernet',
      name: 'ens32',
      segment: 'lan',
      mac: mac('02:00:00:00:00:01'),
      addresses: [
        { ip: ip('192.168.26.100'), bits: 24, scope: 'global' },
        { ip: ip('192.168.26.101'), bits: 24, scope: 'global', secondary: true },
      ],
    },
    {
      kind: 'bridge',
      name: 'docker0',
      mac: mac('02:00:00:00:00:02'),
      addresses: [{ ip: ip('172.17.0.1'), bits: 16, scope: 'global' }],
    },
    {
      kind: 'veth',
      name: 'veth1',
      peer: { netns: netnsId('web'), device: 'eth0' },
      mac: mac('02:00:00:00:00:03'),
      port,
    },
    {
      kind: 'veth',
      name: 'cali0b7f49da20a',
      peer: { netns: netnsId('gone'), device: 'cali0' },
      mac: mac('ee:ee:ee:ee:ee:ee'),
    },
    {
      kind: 'ipip',
      name: 'tunl0',
      mtu: 1480,
      mac: mac('02:00:00:00:00:05'),
      addresses: [{ ip: ip('10.244.88.64'), bits: 32, scope: 'global' }],
    },
    {
      kind: 'vxlan',
      name: 'vxlan.calico',
      vni: 4096,
      udpPort: 4789,
      learning: false,
      mtu: 1450,
      mac: mac('02:00:00:00:00:06'),
    },
    {
      kind: 'dummy',
      name: 'kube-ipvs0',
      up: false,
      mac: mac('02:00:00:00:00:07'),
      addresses: [{ ip: ip('10.96.0.1'), bits: 32, scope: 'global' }],
    },
    { kind: 'vlan', name: 'ens32.7', parent: 'ens32', vlan: 7, mac: mac('02:00:00:00:00:01') },
    {
      kind: 'ethernet',
      name: 'ens33',
      segment: 'spare',
      up: false,
      mac: mac('02:00:00:00:00:08'),
      addresses: [{ ip: ip('fd00::1'), bits: 64, scope: 'global' }],
    },
  ],
  neighbours: [
    { device: 'docker0', ip: ip('172.17.0.9'), mac: mac('02:00:00:00:00:09') },
    { device: 'ens32', ip: ip('169.254.1.1'), mac: mac('ee:ee:ee:ee:ee:ee') },
  ],
  fdb: [{ device: 'vxlan.calico', mac: mac('66:00:00:00:00:01'), remote: ip('192.168.26.101') }],
};

const netns = buildNetns(machine);
const web = buildNetns({
  id: netnsId('web'),
  devices: [{ kind: 'veth', name: 'eth0', peer: { netns: netnsId('vms100'), device: 'veth1' } }],
});

describe('ip addr', () => {
  it('lists every kind of device in ifindex order', () => {
    const lines = printAddresses(netns, (peer) => (peer.netns === 'web' ? web.devices.get(peer.device) : undefined));
    expect(lines.filter((line) => !line.includes('valid_lft'))).toEqual([
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000',
      '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
      '    inet 127.0.0.1/8 scope host lo',
      '    inet6 ::1/128 scope host',
      '2: ens32: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000',
      '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
      '    inet 192.168.26.100/24 brd 192.168.26.255 scope global ens32',
      '    inet 192.168.26.101/24 brd 192.168.26.255 scope global secondary ens32',
      '    inet6 fe80::ff:fe00:1/64 scope link',
      '3: docker0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000',
      '    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff',
      '    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0',
      '    inet6 fe80::ff:fe00:2/64 scope link',
      '4: veth1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master docker0 state UP group default qlen 1000',
      '    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff',
      '    inet6 fe80::ff:fe00:3/64 scope link',
      '5: cali0b7f49da20a@NONE: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state LOWERLAYERDOWN group default qlen 1000',
      '    link/ether ee:ee:ee:ee:ee:ee brd ff:ff:ff:ff:ff:ff',
      '6: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state UNKNOWN group default qlen 1000',
      '    link/ipip 0.0.0.0 brd 0.0.0.0',
      '    inet 10.244.88.64/32 scope global tunl0',
      '7: vxlan.calico: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default qlen 1000',
      '    link/ether 02:00:00:00:00:06 brd ff:ff:ff:ff:ff:ff',
      '    inet6 fe80::ff:fe00:6/64 scope link',
      '8: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default qlen 1000',
      '    link/ether 02:00:00:00:00:07 brd ff:ff:ff:ff:ff:ff',
      '    inet 10.96.0.1/32 scope global kube-ipvs0',
      '9: ens32.7@ens32: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000',
      '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
      '    inet6 fe80::ff:fe00:1/64 scope link',
      '10: ens33: <BROADCAST,MULTICAST> mtu 1500 qdisc fq_codel state DOWN group default qlen 1000',
      '    link/ether 02:00:00:00:00:08 brd ff:ff:ff:ff:ff:ff',
      '    inet6 fd00::1/64 scope global',
    ]);
  });

  it('says when the link below is down in the same namespace', () => {
    const pair = buildNetns({
      id: netnsId('pair'),
      devices: [
        { kind: 'veth', name: 'a0', peer: { netns: netnsId('pair'), device: 'a1' } },
        { kind: 'veth', name: 'a1', peer: { netns: netnsId('pair'), device: 'a0' }, up: false },
        { kind: 'bridge', name: 'br0' },
      ],
    });
    const lines = printAddresses(pair, (peer) => pair.devices.get(peer.device)).filter((line) => /^\d/.test(line));
    expect(lines[1]).toBe(
      '2: a0@a1: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> mtu 1500 qdisc noqueue state LOWERLAYERDOWN group default qlen 1000',
    );
    expect(lines[2]).toBe('3: a1@a0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group default qlen 1000');
    expect(lines[3]).toBe(
      '4: br0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default qlen 1000',
    );
  });
});

describe('ip neigh and bridge fdb', () => {
  it('list what was set', () => {
    expect(printNeighbours(netns)).toEqual([
      '169.254.1.1 dev ens32 lladdr ee:ee:ee:ee:ee:ee PERMANENT',
      '172.17.0.9 dev docker0 lladdr 02:00:00:00:00:09 PERMANENT',
    ]);
    expect(printFdb(netns)).toEqual([
      '02:00:00:00:00:02 dev docker0 master docker0 permanent',
      '02:00:00:00:00:03 dev veth1 master docker0 permanent',
      '66:00:00:00:00:01 dev vxlan.calico dst 192.168.26.101 self permanent',
    ]);
  });

  it('are read back', () => {
    expect(
      printNeighbours(netns)
        .map((line) => parseNeighbour(line))
        .every(({ ok }) => ok),
    ).toBe(true);
    expect(parseFdbEntry('66:00:00:00:00:01 dev vxlan.calico dst 192.168.26.101 self permanent')).toEqual({
      ok: true,
      value: machine.fdb?.[0],
    });
  });

  it.each([
    ['10.0.0.1 dev eth0', parseNeighbour, /needs/],
    ['10.0.0.1 dev eth0 lladdr 02:zz', parseNeighbour, /not a MAC/],
    ['10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 NEVER', parseNeighbour, /expected/],
    ['66:00:00:00:00:01 dev br0 master br0', parseFdbEntry, /expected/],
  ])('%s is refused', (line, parse, message) => {
    const result = parse(line);
    expect(result.ok ? '' : result.issues[0]?.message).toMatch(message);
  });
});

describe('names of devices', () => {
  it.each([
    ['ens32', undefined],
    ['cali0b7f49da20a', undefined],
    ['cali0b7f49da20ab', 'is longer than 15 bytes'],
    ['öööööööö', 'is longer than 15 bytes'],
    ['', 'is empty'],
    ['..', 'is reserved'],
    ['a/b', 'contains / or :'],
    ['a:b', 'contains / or :'],
    ['a b', 'contains white space or a control character'],
    ['a\u001bb', 'contains white space or a control character'],
  ])('%j: %s', (name, problem) => {
    expect(deviceNameProblem(name)).toBe(problem);
  });
});
