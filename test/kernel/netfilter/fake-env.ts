/** A MatchEnv for tests: one packet on its way from eth0 to eth1 through filter FORWARD, unless told otherwise. */

import type { Chance, ConnectionView, MatchEnv, Tuple } from '../../../src/kernel/netfilter/match.ts';
import { StateSlots } from '../../../src/kernel/netfilter/state.ts';
import { type IpAddr, parseIp } from '../../../src/net/address.ts';
import { type Mac, parseMac } from '../../../src/net/mac.ts';
import type { Icmp, Packet, TcpFlag } from '../../../src/net/packet.ts';

export type FakeEnv = MatchEnv & {
  /** The chances that were asked for, in order. */ readonly asked: readonly Chance[];
};

/** Everything may be set; `happens` is what every chance comes to. */
export type FakeOptions = Partial<Omit<MatchEnv, 'chance' | 'state'>> & {
  readonly happens?: boolean;
  readonly state?: StateSlots;
};

export function fakeEnv({ happens = false, ...options }: FakeOptions = {}): FakeEnv {
  const asked: Chance[] = [];
  return {
    packet: tcp(),
    table: 'filter',
    hook: 'FORWARD',
    inDevice: 'eth0',
    outDevice: 'eth1',
    physIn: undefined,
    physOut: undefined,
    bridged: false,
    mark: 0,
    sourceMac: undefined,
    ctState: 'NEW',
    connection: undefined,
    socket: undefined,
    addressType: () => 'UNICAST',
    reversePath: () => true,
    ipset: () => undefined,
    state: new StateSlots(),
    now: 0,
    ...options,
    asked,
    chance: (chance) => {
      asked.push(chance);
      return happens;
    },
  };
}

export function ip(text: string): IpAddr {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`bad address in a test: ${text}`);
  return address;
}

type Ends = { readonly src?: string; readonly dst?: string };
type Ports = Ends & { readonly sport?: number; readonly dport?: number };

function packet({ src = '10.0.0.1', dst = '10.0.0.2' }: Ends, transport: Packet['transport']): Packet {
  return { src: ip(src), dst: ip(dst), ttl: 64, length: 60, dontFragment: true, transport };
}

/** A SYN from 10.0.0.1:40000 to 10.0.0.2:80. */
export function tcp({
  sport = 40000,
  dport = 80,
  flags = ['SYN'],
  ...ends
}: Ports & { readonly flags?: readonly TcpFlag[] } = {}): Packet {
  return packet(ends, { proto: 'tcp', sport, dport, flags });
}

export function udp({ sport = 40000, dport = 53, ...ends }: Ports = {}): Packet {
  return packet(ends, { proto: 'udp', sport, dport });
}

export function sctp({
  sport = 40000,
  dport = 9,
  chunk = 'INIT',
  ...ends
}: Ports & { readonly chunk?: 'INIT' | 'INIT_ACK' | 'ABORT' } = {}): Packet {
  return packet(ends, { proto: 'sctp', sport, dport, chunk });
}

/** An echo request. */
export function icmp({
  type = 8,
  code = 0,
  ...ends
}: Ends & { readonly type?: number; readonly code?: number } = {}): Packet {
  const transport: Icmp = { proto: 'icmp', type, code };
  return packet(ends, transport);
}

export function icmp6({
  type = 128,
  code = 0,
  src = 'fd00::1',
  dst = 'fd00::2',
}: Ends & { readonly type?: number; readonly code?: number } = {}): Packet {
  return packet({ src, dst }, { proto: 'icmpv6', type, code });
}

export function other(number: number, ends: Ends = {}): Packet {
  return packet(ends, { proto: 'other', number });
}

export function mac(text: string): Mac {
  const address = parseMac(text);
  if (address === undefined) throw new Error(`bad MAC address in a test: ${text}`);
  return address;
}

const tuple = (src: string, dst: string, sport: number, dport: number): Tuple => ({
  src: ip(src),
  dst: ip(dst),
  protocol: 6,
  sport,
  dport,
});

/** 10.0.0.1:40000 → 10.96.0.1:80, translated to 10.0.0.2:8080 and masqueraded as 10.0.0.9. */
export function connection(options: Partial<ConnectionView> = {}): ConnectionView {
  return {
    original: tuple('10.0.0.1', '10.96.0.1', 40000, 80),
    reply: tuple('10.0.0.2', '10.0.0.9', 8080, 40000),
    direction: 'ORIGINAL',
    mark: 0,
    status: { srcNat: false, dstNat: false, seenReply: false, assured: false, confirmed: false },
    expires: 120,
    ...options,
  };
}
