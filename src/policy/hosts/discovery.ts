/**
 * Where the addresses of IPv6 neighbours are asked for on the way (RFC 4861). ARP meets no policy; these messages are packets
 * as any other, and Felix lets only those of workloads pass unasked (felix/rules/static.go: ICMPv6Filter()). An endpoint that
 * drops them closes its device to everything of IPv6.
 */
import { nodeAddress, nodeGateways } from '../../cluster/node-networks.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { familyOf, type Ip6, type IpAddr, ip6, isIp6 } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import { type End, isHost } from '../end.ts';
import type { Direction } from '../rule-set.ts';
import type { Discovery, Passage } from './passage.ts';

/** Of a Pod that asks for its gateway; endpoints of its device have no policies but those of every device before DNAT. */
export function podAsks(node: NodeSettings, source: End): readonly Passage[] {
  if (!isIp6(source.ip)) return [];
  const destination = { ip: solicitedGroup(POD_GATEWAY), node: node.name };
  return [{ node: node.name, device: undefined, direction: 'ingress', way: 'solicitation', source, destination }];
}

/** Of a Pod that is asked for by its node, which has no other address on that link than its gateway's. */
export function podAnswers(node: NodeSettings, destination: End): readonly Passage[] {
  if (!isIp6(destination.ip)) return [];
  const asker = { ip: POD_GATEWAY, node: node.name };
  const ends = { source: destination, destination: asker };
  return [{ node: node.name, device: undefined, direction: 'ingress', way: 'advertisement', ...ends }];
}

/**
 * On the segment of the nodes' cards, where one or both ends of the way over it are nodes.
 * @param source,destination of the packet that is to be sent there
 * @param from the node that sends it
 * @param to the node that gets it at last
 */
export function cardsAsk(
  from: NodeSettings | undefined,
  to: NodeSettings | undefined,
  source: End,
  destination: End,
): readonly Passage[] {
  if (!isIp6(source.ip)) return [];
  const wanted = to !== undefined && !isHost(destination) ? nodeAddress(to, 6)?.addr : destination.ip;
  if (wanted === undefined) return [];
  const next = from === undefined ? undefined : nextHop(from, wanted);
  const isDirect = from !== undefined && next === wanted;
  const here: Asked | undefined =
    from === undefined || next === undefined
      ? undefined
      : {
          asker: { ip: isHost(source) && source.node === from.name ? source.ip : OF_THE_LINK, node: from.name },
          answerer: { ip: next, ...(isDirect && to !== undefined ? { node: to.name } : {}) },
        };
  const there =
    isDirect || to === undefined ? here : { asker: askerOf(to, source), answerer: { ip: wanted, node: to.name } };
  return [
    ...(from === undefined || here === undefined ? [] : asking(from, here)),
    ...(to === undefined || there === undefined ? [] : answering(to, there)),
  ];
}

/** What messages about the node show of it and of its gateway: nodes are told apart by these, too. */
export function endsOfDiscovery(node: NodeSettings): readonly End[] {
  const own = nodeAddress(node, 6);
  if (own === undefined) return [];
  const gateway = gatewayOf(node);
  const asked = [own.addr, ...(gateway === undefined ? [] : [gateway])].map((ip) => ({ ip: groupOf(ip) }));
  return gateway === undefined ? asked : [...asked, { ip: gateway }];
}

type Asked = { readonly asker: End; readonly answerer: End };

function asking(node: NodeSettings, { asker, answerer }: Asked): readonly Passage[] {
  return [
    message(node, 'egress', 'solicitation', asker, { ...answerer, ip: groupOf(answerer.ip) }),
    message(node, 'ingress', 'advertisement', answerer, asker),
  ];
}

function answering(node: NodeSettings, { asker, answerer }: Asked): readonly Passage[] {
  return [
    message(node, 'ingress', 'solicitation', asker, { ...answerer, ip: groupOf(answerer.ip) }),
    message(node, 'egress', 'advertisement', answerer, asker),
  ];
}

function message(
  { name, interface: device }: NodeSettings,
  direction: Direction,
  way: Discovery,
  source: End,
  destination: End,
): Passage {
  return { node: name, device, direction, way, source, destination };
}

/** Whoever sends from elsewhere on the segment, or the router that hands it on. */
function askerOf(node: NodeSettings, { ip }: End): End {
  const own = nodeAddress(node, 6);
  return { ip: own !== undefined && contains(own, ip) ? ip : OF_THE_LINK };
}

function nextHop(node: NodeSettings, wanted: IpAddr): IpAddr | undefined {
  const own = nodeAddress(node, 6);
  if (own !== undefined && contains(own, wanted)) return wanted;
  return gatewayOf(node);
}

function gatewayOf(node: NodeSettings): IpAddr | undefined {
  return nodeGateways(node).find((ip) => familyOf(ip) === 6);
}

/** Every host end of Calico's veth pairs has the MAC address ee:ee:ee:ee:ee:ee: fe80::ecee:eeff:feee:eeee. */
const POD_GATEWAY = ip6(0xfe80_0000_0000_0000_ecee_eeff_feee_eeeen);

/**
 * ndisc_solicit() asks with the source of a packet of the machine's own, and for others with the device's address of the link.
 * Its last 64 bits come from the MAC address, which policies do not know.
 */
const OF_THE_LINK = ip6(0xfe80_0000_0000_0000_0000_0000_0000_0001n);

function groupOf(ip: IpAddr): IpAddr {
  return isIp6(ip) ? solicitedGroup(ip) : ip;
}

/** ff02::1:ff00:0/104 and the last 24 bits of the address (RFC 4291 section 2.7.1). */
function solicitedGroup(target: Ip6): Ip6 {
  return ip6((0xff02n << 112n) | 0x1ff000000n | (target & 0xffffffn));
}
