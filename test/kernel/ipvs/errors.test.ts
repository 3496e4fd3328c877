/** Errors by ICMP about replies: IPVS gives them to the server that sent the reply. */
import { describe, expect, it } from 'vitest';
import { passIpvs } from '../../../src/kernel/ipvs/pass-ipvs.ts';
import type { Hook } from '../../../src/kernel/netfilter/hook.ts';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import { Run } from '../../../src/kernel/walk/run.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { type IpAddr, parseIp, printIp } from '../../../src/net/address.ts';
import type { Packet } from '../../../src/net/packet.ts';
import { loadText } from '../../seeds/support.ts';

const TOPOLOGY = `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: director}
spec:
  interfaces:
    - {name: eth0, segment: front, addresses: [10.1.0.1/24]}
    - {name: eth1, segment: back, addresses: [10.2.0.1/24]}
  sysctls: {net.ipv4.ip_forward: "1"}
  ipvs: |
    -A -t 10.1.0.1:80 -s rr
    -a -t 10.1.0.1:80 -r 10.2.0.11:8080 -m
    -A -t 10.1.0.1:81 -s rr
    -a -t 10.1.0.1:81 -r 10.2.0.11:8080 -g
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: server}
spec: {interfaces: [{name: eth0, segment: back, addresses: [10.2.0.11/24]}]}
`;

function ip(text: string): IpAddr {
  const parsed = parseIp(text);
  invariant(parsed !== undefined, text);
  return parsed;
}

const CLIENT = ip('10.1.0.2');
const VIRTUAL = ip('10.1.0.1');
const SIZES = { length: 60, dontFragment: true } as const;

function segment(src: IpAddr, sport: number, dst: IpAddr, dport: number, ttl = 64): Packet {
  return { ...SIZES, src, dst, ttl, transport: { proto: 'tcp', sport, dport, flags: ['SYN'] } };
}

/** A connection to the port, and then an error about its reply from a router on the client's side. */
function afterwards(
  port: number,
  hook: Hook,
  part: 'request' | 'error',
  error: { type: number; code: number; ttl?: number },
) {
  const { world } = loadText(TOPOLOGY);
  const netns = world.netns(world.machines.find(({ name }) => name === 'director')?.netns ?? netnsId(''));
  const run = new Run({ world, decide: () => 0, verbosity: 0 });
  const inside = { inDevice: 'eth0' };
  const asked = { packet: segment(CLIENT, 20000, VIRTUAL, port), mark: 0 };
  expect(passIpvs(run, netns, 'INPUT', 'request', asked, inside).kind).toBe('leave');
  const { type, code, ttl = 60 } = error;
  const packet: Packet = {
    ...SIZES,
    ...{ src: ip('10.1.0.254'), dst: VIRTUAL, ttl },
    transport: { proto: 'icmp', type, code, quoted: segment(VIRTUAL, port, CLIENT, 20000) },
  };
  run.takeSteps();
  const outcome = passIpvs(run, netns, hook, part, { packet, mark: 0 }, inside);
  const after = outcome.skb.packet;
  const { transport } = after;
  invariant(transport.proto === 'icmp' && transport.quoted !== undefined, 'an error of ICMP');
  const { quoted } = transport;
  const ports = quoted.transport.proto === 'tcp' ? `:${quoted.transport.sport}` : '';
  return `${outcome.kind} ${printIp(after.src)} > ${printIp(after.dst)} ttl ${after.ttl}, about ${printIp(quoted.src)}${ports}`;
}

const TO_SERVER = 'leave 10.1.0.254 > 10.2.0.11 ttl 59, about 10.2.0.11:8080';
const LEFT_ALONE = 'pass 10.1.0.254 > 10.1.0.1 ttl 60, about 10.1.0.1:80';

describe('an error about a reply', () => {
  it.each([
    ['that is too long for the way to the client', 80, 'INPUT', 'request', { type: 3, code: 4 }, TO_SERVER],
    ['whose hops are used up', 80, 'INPUT', 'request', { type: 11, code: 0 }, TO_SERVER],
    ['that is not for this machine, behind its filter', 80, 'FORWARD', 'error', { type: 3, code: 4 }, TO_SERVER],
    ['of a kind that IPVS leaves alone', 80, 'INPUT', 'request', { type: 12, code: 0 }, LEFT_ALONE],
    [
      'of a server that answers under the virtual address',
      81,
      'INPUT',
      'request',
      { type: 3, code: 4 },
      'leave 10.1.0.254 > 10.1.0.1 ttl 59, about 10.1.0.1:81',
    ],
  ] as const)('%s', (_, port, hook, part, error, expected) => {
    expect(afterwards(port, hook, part, error)).toBe(expected);
  });

  it('about no connection stays where it is', () => {
    const { world } = loadText(TOPOLOGY);
    const netns = world.netns(world.machines.find(({ name }) => name === 'director')?.netns ?? netnsId(''));
    const run = new Run({ world, decide: () => 0, verbosity: 0 });
    const quoted = segment(VIRTUAL, 80, CLIENT, 20001);
    const packet: Packet = {
      ...SIZES,
      src: CLIENT,
      dst: VIRTUAL,
      ttl: 64,
      transport: { proto: 'icmp', type: 3, code: 4, quoted },
    };
    expect(passIpvs(run, netns, 'INPUT', 'request', { packet, mark: 0 }, { inDevice: 'eth0' }).kind).toBe('pass');
  });
});
