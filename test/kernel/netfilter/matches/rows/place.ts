/** Matches that ask about the machine: addresses, devices, sets, sockets. */

import { type Ipset, type IpsetProbe, type IpsetType, makeIpset } from '../../../../../src/kernel/netfilter/ipset.ts';
import { eager } from '../../../../../src/lib/lazy.ts';
import { printIp } from '../../../../../src/net/address.ts';
import { icmp, icmp6, ip, mac, tcp } from '../../fake-env.ts';
import { type MatchRow, row } from './row.ts';

function fakeSet(
  test: (probe: IpsetProbe) => boolean,
  more: Partial<Ipset> = {},
): { readonly ipset: (name: string) => Ipset | undefined } {
  const set: Ipset = { name: 'S', type: 'hash:net', family: 4, options: '', entries: eager([]), test, ...more };
  return { ipset: (name) => (name === 'S' ? set : undefined) };
}

function realSet(type: IpsetType, entries: readonly string[]): { readonly ipset: (name: string) => Ipset | undefined } {
  const set = makeIpset({ name: 'S', type, family: 4, entries });
  return { ipset: (name) => (name === 'S' ? set : undefined) };
}

const sources = fakeSet((probe) => probe.addresses[0] === ip('10.0.0.1'));
const excepting = realSet('hash:net', ['10.0.0.0/8', '10.0.0.1 nomatch']);
const addresses = realSet('hash:ip', ['10.0.0.1']);
const pairs = fakeSet(
  (probe) =>
    probe.addresses.map((address) => (address === undefined ? '' : printIp(address))).join() === '10.0.0.2,10.0.0.1',
);
const ports = fakeSet((probe) => probe.ports[1]?.protocol === 6 && probe.ports[1].port === 80, {
  type: 'hash:ip,port',
});
const icmpPorts = fakeSet((probe) => probe.ports[1]?.port === 8 * 256, { type: 'hash:ip,port' });
const devices = fakeSet((probe) => probe.interfaces.join() === 'eth0,eth1', { type: 'hash:net,iface' });
const bridge = { physIn: 'veth1', physOut: 'veth2', bridged: true };
const process = { inDevice: undefined, socket: { uid: 1000, gid: 100 } };

export const PLACE_ROWS: readonly MatchRow[] = [
  row('set takes a member', '-m set --match-set S src', sources, 'hit'),
  row('set ! refuses a member', '-m set ! --match-set S src', sources, 'miss'),
  row('set looks at the direction it is told', '-m set --match-set S dst', sources, 'miss'),
  row('set asks with one value for each direction', '-m set --match-set S dst,src', pairs, 'hit'),
  row('set gives protocol and port', '-m set --match-set S dst,dst', ports, 'hit'),
  row(
    'set gives ICMP type and code as a port',
    '-m set --match-set S dst,dst',
    { ...icmpPorts, packet: icmp() },
    'hit',
  ),
  row(
    'set has no ports of later fragments',
    '-m set --match-set S dst,dst',
    { ...ports, packet: { ...tcp(), laterFragment: true } },
    'miss',
  ),
  row('set gives the devices', '-m set --match-set S src,dst', devices, 'hit'),
  row(
    'a set of IPv6 refuses IPv4 packets',
    '-m set --match-set S src',
    fakeSet(() => true, { family: 6 }),
    'miss',
  ),
  row(
    'a set of ports has no family',
    '-m set --match-set S src',
    fakeSet(() => true, { type: 'bitmap:port', family: 6 }),
    'hit',
  ),
  row('a set that is not known may match', '-m set --match-set T src', sources, 'unknown'),
  row('set refuses an exception', '-m set --match-set S src', excepting, 'miss'),
  row('--return-nomatch takes an exception', '-m set --match-set S src --return-nomatch', excepting, 'hit'),
  row('! --return-nomatch refuses an exception', '-m set ! --match-set S src --return-nomatch', excepting, 'miss'),
  row('--return-nomatch refuses ordinary members', '-m set --match-set S dst --return-nomatch', excepting, 'miss'),
  row(
    '--return-nomatch means nothing to sets that have no exceptions',
    '-m set --match-set S src --return-nomatch',
    addresses,
    'hit',
  ),
  row('counters of a set that keeps none do not matter', '-m set --match-set S src --packets-gt 5', sources, 'hit'),
  row(
    'counters that are kept are not modelled',
    '-m set --match-set S src --packets-gt 5',
    fakeSet(() => true, { options: 'hashsize 1024 counters' }),
    'unknown',
  ),
  row(
    'addrtype asks for the destination',
    '-m addrtype --dst-type LOCAL',
    { addressType: (a) => (a === ip('10.0.0.2') ? 'LOCAL' : 'UNICAST') },
    'hit',
  ),
  row(
    'addrtype asks for the source',
    '-m addrtype --src-type LOCAL',
    { addressType: (a) => (a === ip('10.0.0.2') ? 'LOCAL' : 'UNICAST') },
    'miss',
  ),
  row('addrtype ! turns one list round', '-m addrtype ! --dst-type LOCAL', { addressType: () => 'LOCAL' }, 'miss'),
  row('addrtype takes one of several types', '-m addrtype --dst-type UNICAST,LOCAL', {}, 'hit'),
  row('addrtype wants both lists to hold', '-m addrtype --src-type UNICAST ! --dst-type UNICAST', {}, 'miss'),
  row(
    '--limit-iface-in asks about that device',
    '-m addrtype --dst-type LOCAL --limit-iface-in',
    { addressType: (_, device) => (device === 'eth0' ? 'LOCAL' : 'UNICAST') },
    'hit',
  ),
  row(
    '--limit-iface-out asks about the other',
    '-m addrtype --dst-type LOCAL --limit-iface-out',
    { addressType: (_, device) => (device === 'eth0' ? 'LOCAL' : 'UNICAST') },
    'miss',
  ),
  row('rpfilter takes what has a way back', '-m rpfilter', {}, 'hit'),
  row('rpfilter --invert takes what has none', '-m rpfilter --invert', { reversePath: () => false }, 'hit'),
  row(
    'rpfilter hands its options on',
    '-m rpfilter --loose --validmark --accept-local',
    { reversePath: (o) => o.loose && o.validMark && o.acceptLocal },
    'hit',
  ),
  row('rpfilter asks nothing of lo', '-m rpfilter --invert', { inDevice: 'lo', reversePath: () => false }, 'miss'),
  row('physdev-in takes the bridge port', '-m physdev --physdev-in veth1', bridge, 'hit'),
  row('! physdev-in refuses it', '-m physdev ! --physdev-in veth1', bridge, 'miss'),
  row('physdev-out with +', '-m physdev --physdev-out veth+', bridge, 'hit'),
  row('! physdev-out', '-m physdev ! --physdev-out veth2', bridge, 'miss'),
  row('physdev-is-bridged', '-m physdev --physdev-is-bridged', bridge, 'hit'),
  row('! physdev-is-bridged', '-m physdev ! --physdev-is-bridged', bridge, 'miss'),
  row('physdev-is-in', '-m physdev --physdev-is-in', bridge, 'hit'),
  row('! physdev-is-out', '-m physdev ! --physdev-is-out', bridge, 'miss'),
  row(
    'a packet routed away from a bridge is not bridged',
    '-m physdev --physdev-is-bridged',
    { physIn: 'veth1' },
    'miss',
  ),
  row('physdev refuses a packet no bridge has seen', '-m physdev --physdev-in veth1', {}, 'miss'),
  row(
    'physdev with ! takes a packet no bridge has seen',
    '-m physdev ! --physdev-in veth1 ! --physdev-is-bridged',
    {},
    'hit',
  ),
  row(
    'an unknown output port is no match even with !',
    '-m physdev ! --physdev-out veth2',
    { physIn: 'veth1' },
    'miss',
  ),
  row('iprange takes both ends', '-m iprange --src-range 10.0.0.1-10.0.0.1', {}, 'hit'),
  row('iprange refuses outside', '-m iprange --dst-range 10.0.0.3-10.0.0.9', {}, 'miss'),
  row('! iprange takes outside', '-m iprange ! --dst-range 10.0.0.3-10.0.0.9', {}, 'hit'),
  row('iprange the wrong way round is empty', '-m iprange --src-range 10.0.0.9-10.0.0.0', {}, 'miss'),
  row('iprange of IPv6', '-m iprange --src-range fd00::-fd00::9', { packet: icmp6() }, 'hit', 6),
  row('mac takes the sender', '-m mac --mac-source 02:00:00:00:00:01', { sourceMac: mac('02:00:00:00:00:01') }, 'hit'),
  row(
    '! mac refuses the sender',
    '-m mac ! --mac-source 02:00:00:00:00:01',
    { sourceMac: mac('02:00:00:00:00:01') },
    'miss',
  ),
  row('! mac refuses a packet without a frame', '-m mac ! --mac-source 02:00:00:00:00:01', {}, 'miss'),
  row('owner takes the user', '-m owner --uid-owner 1000', process, 'hit'),
  row('owner takes a range of users', '-m owner --uid-owner 500-2000', process, 'hit'),
  row('owner ! refuses the user', '-m owner ! --uid-owner 1000', process, 'miss'),
  row('owner takes the group', '-m owner --gid-owner 100', process, 'hit'),
  row('owner wants both to hold', '-m owner --uid-owner 1000 --gid-owner 1', process, 'miss'),
  row('owner --socket-exists', '-m owner --socket-exists', process, 'hit'),
  row('owner ! --socket-exists', '-m owner ! --socket-exists', process, 'miss'),
  row('a packet without a socket has no owner', '-m owner --uid-owner 0', {}, 'miss'),
  row('a packet without a socket passes !', '-m owner ! --uid-owner 0', {}, 'hit'),
  row("a user's name may be this number", '-m owner --uid-owner alice', process, 'unknown'),
  row("a user's name is not root's number", '-m owner --uid-owner alice', { socket: { uid: 0, gid: 0 } }, 'miss'),
  row('pkttype of an ordinary packet', '-m pkttype --pkt-type unicast', {}, 'hit'),
  row('pkttype of a broadcast', '-m pkttype --pkt-type broadcast', { addressType: () => 'BROADCAST' }, 'hit'),
  row('pkttype of a multicast', '-m pkttype ! --pkt-type multicast', { packet: tcp({ dst: '224.0.0.5' }) }, 'miss'),
  row(
    'what this machine sends counts as unicast',
    '-m pkttype --pkt-type unicast',
    { inDevice: undefined, packet: tcp({ dst: '224.0.0.5' }) },
    'hit',
  ),
];
