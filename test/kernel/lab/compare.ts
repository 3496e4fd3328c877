/**
 * Whether the kernel did what the emulator says. What may differ is listed here and nowhere else:
 *
 * 1. Ports behind source NAT: the kernel may take another port where the wished one is in use. The address must agree.
 * 2. The source port of a VXLAN datagram, which is a hash with a random key (udp_flow_src_port()), and the same number in what
 *    answers the datagram where NAT has led it to a socket.
 * 3. The TTL of answers to TCP probes: a stream socket does not tell it (traced runs compare it all the same).
 * 4. The server of a TCP connection when the packets after the SYN-ACK are lost: the emulator walks one packet each way.
 * 5. A local REJECT gives send() the errno EPERM and the ICMP error together; the emulator says the ICMP error.
 * 6. Events after the emulator's last packet: when an answer is refused, reaches nobody or reaches another listener, the
 *    kernel answers that too; so it does with segments after the SYN-ACK that are refused (those of 4, or the last ones,
 *    which only errors of ICMP and RSTs tell of).
 * 7. Events of TCP segments after the SYN-ACK, which tracing leaves out (inside a VXLAN or IPIP packet too).
 * 8. Events of ICMP redirects (a router tells each neighbour now and then), of questions for neighbours by ICMPv6 and errors
 *    about them (an IPv4 question, ARP, meets no rule), of errors that a machine which cannot answer sends to itself (unless
 *    the emulator's answer is one), and of tables that exist only because TRACE rules were put there.
 * 9. Who else gets a copy of a datagram to a broadcast address, and what that one makes of it: the emulator follows one copy.
 * 10. Errors about a RST that a rule sends in the prober's name (nf_send_reset()). Here nothing takes time, and they come before
 *    tcp_connect() has counted its SYN in snd_nxt: tcp_v4_err() and tcp_v6_err() take them for another connection's
 *    (OutOfWindowIcmps). Where machines are apart they are heard.
 * 12. Of nftables (scripts/kernel-lab/trace_nft.py): the ends of chains that are no base chains; datagrams of VXLAN; the TTL;
 *    and when a rule that rejects is told, which is after all that befell its answer on this machine.
 * 11. Events behind a VXLAN datagram of TCP or UDP that NAT led to where there is no tunnel. inet_proto_csum_replace4() has given
 *    it a wrong checksum, which shows (InCsumErrors in /proc/net/snmp, not NoPorts) once a device without hw_enc_features has
 *    completed the inner one: a bridge, say. Of the loopback device and of fragments the emulator knows; over veth alone a socket
 *    refuses it.
 */

import type { TableName } from '../../../src/kernel/netfilter/hook.ts';
import type { Netns } from '../../../src/kernel/netns.ts';
import { addressType } from '../../../src/kernel/route/address-type.ts';
import type { NetfilterStep, Observation, Path, Step } from '../../../src/kernel/walk/step.ts';
import { assertNever } from '../../../src/lib/assert.ts';
import { parseIp, printIp } from '../../../src/net/address.ts';
import { type Packet, portsOf, protocolNumber } from '../../../src/net/packet.ts';
import type { KernelObservation, TraceEvent } from './runner.ts';
import type { ProbeText } from './scenario.ts';

export type Difference = {
  readonly probe: ProbeText;
  readonly what: string;
  readonly emulator: string;
  readonly kernel: string;
};

/** undefined when one of the paths is what the kernel did. */
export function compareProbe(
  probe: ProbeText,
  paths: readonly Path[],
  kernel: KernelObservation,
  machines: ReadonlyMap<string, Netns>,
): Difference | undefined {
  const reports = paths.map((path) => mismatch(probe, path, kernel, machines));
  if (reports.some((report) => report === undefined)) return undefined;
  // The path that agrees longest tells most.
  const best = reports.reduce((a, b) => ((b?.agreed ?? 0) > (a?.agreed ?? 0) ? b : a), reports[0]);
  return {
    probe,
    what: best?.what ?? 'no path at all',
    emulator: best?.emulator ?? '',
    kernel: best?.kernel ?? printKernel(kernel),
  };
}

type Mismatch = { readonly agreed: number; readonly what: string; readonly emulator: string; readonly kernel: string };

function mismatch(
  probe: ProbeText,
  path: Path,
  kernel: KernelObservation,
  machines: ReadonlyMap<string, Netns>,
): Mismatch | undefined {
  const observed =
    sameObservation(probe, path.observation, kernel) || (kernel.kind === 'silence' && isAboutReset(path.further));
  const arrived = sameArrival(probe, path, kernel, machines);
  const events = kernel.events === undefined ? undefined : eventMismatch(probe, path, kernel, kernel.events, machines);
  if (observed && arrived && events === undefined) return undefined;
  const what = !observed ? 'observation' : !arrived ? 'arrival' : 'events';
  const agreed =
    (events?.agreed ?? (kernel.events === undefined ? 0 : 1000)) + (observed ? 10 : 0) + (arrived ? 10 : 0);
  const detail = events === undefined ? ['', ''] : [events.emulator, events.kernel];
  return { agreed, what, emulator: `${printPath(path)}${detail[0]}`, kernel: `${printKernel(kernel)}${detail[1]}` };
}

function sameObservation(probe: ProbeText, emulator: Observation, kernel: KernelObservation): boolean {
  switch (emulator.kind) {
    case 'silence':
    case 'reset':
      return kernel.kind === emulator.kind;
    case 'connected':
      if (kernel.kind !== 'connected') return false;
      return probe.protocol === 'tcp' || (kernel.ttl === emulator.ttl && kernel.from === printIp(emulator.from));
    case 'errno':
      return kernel.kind === 'errno' && kernel.errno === emulator.errno;
    case 'icmp': {
      const seen = kernel.kind === 'errno' && kernel.queued !== undefined ? kernel.queued : kernel;
      if (seen.kind !== 'icmp') return false;
      const same =
        seen.type === emulator.type &&
        seen.code === emulator.code &&
        seen.from === printIp(emulator.from) &&
        seen.ttl === emulator.ttl;
      return same && (emulator.mtu === undefined || seen.mtu === emulator.mtu);
    }
    default:
      return assertNever(emulator);
  }
}

function sameArrival(
  probe: ProbeText,
  path: Path,
  { arrival, kind }: KernelObservation,
  machines: ReadonlyMap<string, Netns>,
): boolean {
  const { disposition, packet } = path.request;
  // A socket that gets a tunnel's datagram does not get the probe.
  const taken = disposition.kind === 'delivered' && disposition.listener !== undefined && !carriesFrame(packet);
  if (arrival === undefined) return probe.protocol !== 'udp' || !taken || kind === 'errno';
  const asked = readEndpoint(arrival.asked).address;
  const copy = parseIp(asked);
  const receiver = machines.get(arrival.backend);
  if (copy !== undefined && receiver !== undefined && addressType(receiver, copy) === 'BROADCAST')
    return asked === printIp(packet.dst);
  if (!taken || disposition.kind !== 'delivered' || arrival.backend !== disposition.netns) return false;
  const seen = readEndpoint(arrival.seen);
  if (seen.address !== printIp(packet.src) || asked !== printIp(packet.dst)) return false;
  return hasSourceNat(path) || seen.port === portsOf(packet)?.sport;
}

/** What reaches the sender at last quotes a RST. */
function isAboutReset(further: Path['further']): boolean {
  const { transport } = further?.at(-1)?.packet ?? {};
  if (transport?.proto !== 'icmp' && transport?.proto !== 'icmpv6') return false;
  const quoted = transport.quoted?.transport;
  return quoted?.proto === 'tcp' && quoted.flags.includes('RST');
}

/** `10.0.0.1:80`, `[fd00::1]:80`, or an address alone. */
function readEndpoint(text: string): { readonly address: string; readonly port: number | undefined } {
  const match = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(text);
  return match === null
    ? { address: text, port: undefined }
    : { address: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}

function hasSourceNat(path: Path): boolean {
  return stepsOf(path).some((step) => step.kind === 'nat' && step.manip === 'src');
}

function stepsOf(path: Path): readonly Step[] {
  return [path.request, path.answer, ...(path.further ?? [])].flatMap((leg) => leg?.steps ?? []);
}

/** The steps before such a datagram is refused (11). */
function untilWrongChecksum(steps: readonly Step[]): readonly Step[] {
  const at = steps.findIndex(
    ({ kind, packet: { transport }, ...step }) =>
      kind === 'drop' &&
      'reason' in step &&
      step.reason === 'SOCKET_CLOSED' &&
      transport.proto === 'udp' &&
      transport.payload !== undefined &&
      ['tcp', 'udp'].includes(transport.payload.frame.packet.transport.proto),
  );
  return at < 0 ? steps : steps.slice(0, at);
}

function isVxlan(step: NetfilterStep | undefined): boolean {
  return step !== undefined && carriesFrame(step.packet);
}

function carriesFrame({ transport }: Packet): boolean {
  return transport.proto === 'udp' && transport.payload !== undefined;
}

const ICMP = 1;
const ICMP_REDIRECT = 5;

/** Router solicitation (133) to redirect (137): RFC 4861. */
function asksNeighbour({ packet: { transport } }: NetfilterStep): boolean {
  return transport.proto === 'icmpv6' && transport.type >= 133 && transport.type <= 137;
}

/** Of ICMPv6, without another machine in between. */
function tellsItself(event: TraceEvent): boolean {
  return event.protocol !== ICMP && isIcmpError(event) && event.src === event.dst;
}

function isToldToItself({ packet: { src, dst, transport } }: NetfilterStep): boolean {
  return transport.proto === 'icmpv6' && transport.quoted !== undefined && src === dst;
}

function isIcmpError({ protocol, icmp }: TraceEvent): boolean {
  const type = icmp?.[0];
  if (type === undefined) return false;
  return protocol === ICMP ? [3, 4, 11, 12].includes(type) : type < 128;
}

/** What tells of a segment after the SYN-ACK that was refused (6). */
function isRefusal(event: TraceEvent): boolean {
  return event.reset === true || isIcmpError(event);
}

/** Of ICMPv6 only errors and echoes are traced. */
function isRedirect({ protocol, icmp }: TraceEvent): boolean {
  return protocol === ICMP && icmp?.[0] === ICMP_REDIRECT;
}

/** `ip kube-proxy`, not `filter`. */
function isNftables({ table }: { readonly table: string }): boolean {
  return table.includes(' ');
}

/**
 * nf_tables tells of a rule when it has done its work: of one that rejects after all that befell the answer it sent, on this
 * machine. What is left out has to be on both sides; what the kernel has not comes last.
 */
function withoutRejects(
  own: readonly NetfilterStep[],
  here: readonly string[],
  seen: readonly string[],
): { readonly here: readonly string[]; readonly there: readonly string[] } {
  const there = [...seen];
  const missing: string[] = [];
  for (const [index, { verdict }] of own.entries()) {
    const text = here[index];
    if (verdict !== 'reject' || text === undefined) continue;
    const place = there.indexOf(text);
    if (place < 0) missing.push(text);
    else there.splice(place, 1);
  }
  return { here: [...here.filter((_, index) => own[index]?.verdict !== 'reject'), ...missing], there };
}

function isChainEnd({ event, rule }: NetfilterStep): boolean {
  return event === 'return' && rule === undefined;
}

/** One event in the words of both sides. */
function printStep(given: NetfilterStep, ports: boolean): string {
  // nf_tables tells of a rule when it has done its work, and of `return` as of any other (trace_nft.py).
  const { event, mark } = isNftables(given)
    ? { event: given.event === 'return' ? 'rule' : given.event, mark: given.markAfter }
    : given;
  const step = { ...given, event, mark };
  const { packet } = step;
  const numbers = portsOf(packet);
  const text = numbers === undefined ? '' : printPorts(numbers.sport, numbers.dport, ports);
  return `${step.table}:${step.chain}:${step.event}:${step.number} ${printIp(packet.src)}>${printIp(packet.dst)} ${protocolNumber(packet)}${text}${hops(step, packet.ttl)} mark ${step.mark}`;
}

function printEvent(event: TraceEvent, ports: boolean): string {
  const text =
    event.sport === undefined || event.dport === undefined ? '' : printPorts(event.sport, event.dport, ports);
  return `${event.table}:${event.chain}:${event.event}:${event.number} ${event.src}>${event.dst} ${event.protocol}${text}${hops(event, event.ttl)} mark ${event.mark}`;
}

/** nf_tables shows a packet as the first rule of a base chain left it, and other rules may follow that write the TTL. */
function hops(of: { readonly table: string }, ttl: number): string {
  return isNftables(of) ? '' : ` ttl ${ttl}`;
}

function printPorts(sport: number, dport: number, ports: boolean): string {
  return ports ? ` ${sport}>${dport}` : '';
}

function eventMismatch(
  probe: ProbeText,
  path: Path,
  { kind, arrival }: KernelObservation,
  kernel: ReadonlyMap<string, readonly TraceEvent[]>,
  machines: ReadonlyMap<string, Netns>,
): { agreed: number; emulator: string; kernel: string } | undefined {
  const ports = !hasSourceNat(path);
  const lostLater = path.request.packet.transport.proto === 'tcp' && kind === 'connected' && arrival === undefined;
  const end = (path.further?.at(-1) ?? path.answer)?.disposition;
  const answered = end !== undefined && (end.kind !== 'delivered' || end.listener !== undefined);
  const { disposition, packet } = path.request;
  const ended = machines.get(disposition.netns);
  const copied = ended !== undefined && addressType(ended, packet.dst) === 'BROADCAST';
  const open = lostLater || answered || copied;
  const isConnection = path.request.packet.transport.proto === 'tcp' && kind === 'connected';
  const all = stepsOf(path);
  const untilWrong = untilWrongChecksum(all);
  const cut = untilWrong.length < all.length;
  const steps = untilWrong.filter((step) => step.kind === 'netfilter').filter((step) => !asksNeighbour(step));
  const hashed = new Set<Step>(carriesFrame(packet) ? path.answer?.steps : []);
  let agreed = 0;
  let first: { emulator: string; kernel: string } | undefined;
  for (const [machine, netns, ofNftables] of [...machines].flatMap(([name, each]) => [
    [name, each, false] as const,
    [name, each, true] as const,
  ])) {
    const told = steps.filter((step) => step.netns === machine);
    // Of nftables the kernel tells no end of a chain but that of the base chain, and of datagrams of VXLAN too little (trace_nft.py).
    const own = told.filter(
      (step) => isNftables(step) === ofNftables && (!ofNftables || (!isChainEnd(step) && !isVxlan(step))),
    );
    const ignoresItself = machine !== probe.machine && !told.some(isToldToItself);
    const events = (kernel.get(machine) ?? []).filter(
      (event) =>
        isNftables(event) === ofNftables &&
        !isRedirect(event) &&
        !(ignoresItself && tellsItself(event)) &&
        (ofNftables || has(event.src.includes(':') ? netns.ip6tables() : netns.iptables(), event.table)),
    );
    const hasPorts = (step: NetfilterStep | undefined): boolean =>
      ports && !isVxlan(step) && !(step !== undefined && hashed.has(step));
    const all = own.map((step) => printStep(step, hasPorts(step)));
    // The emulator knows what the datagram is, also where NAT gave it another port.
    const seen = events.map((event, index) => printEvent(event, hasPorts(own[index])));
    const { here, there } = ofNftables ? withoutRejects(own, all, seen) : { here: all, there: seen };
    const length = Math.max(here.length, there.length);
    for (let i = 0; i < length; i++) {
      if (here[i] === there[i]) {
        agreed++;
        continue;
      }
      const beyond = i >= here.length;
      if (beyond && (open || cut || (isConnection && events.slice(i).every(isRefusal)))) break;
      first ??= {
        emulator: `\n      ${machine} event ${i + 1}: ${here[i] ?? 'none'}`,
        kernel: `\n      ${machine} event ${i + 1}: ${there[i] ?? 'none'}`,
      };
      break;
    }
  }
  return first === undefined ? undefined : { agreed, ...first };
}

function has(tables: ReadonlyMap<TableName, unknown>, name: string): boolean {
  return [...tables.keys()].some((table) => table === name);
}

function printObservation(observation: Observation): string {
  switch (observation.kind) {
    case 'connected':
    case 'reset':
      return `${observation.kind} from ${printIp(observation.from)} ttl ${observation.ttl}`;
    case 'icmp':
      return `icmp ${observation.type}/${observation.code} from ${printIp(observation.from)} ttl ${observation.ttl}${observation.mtu === undefined ? '' : ` mtu ${observation.mtu}`}`;
    case 'errno':
      return observation.errno;
    case 'silence':
      return 'silence';
  }
}

function printPath(path: Path): string {
  const { disposition, packet } = path.request;
  const end =
    disposition.kind === 'delivered'
      ? `delivered at ${disposition.netns} ${printIp(packet.src)}>${printIp(packet.dst)}`
      : `${disposition.kind} at ${disposition.netns}: ${disposition.reason}`;
  const answer =
    path.answer === undefined
      ? ''
      : `; answer ${path.answer.disposition.kind}${path.answer.disposition.kind === 'delivered' ? '' : ` at ${path.answer.disposition.netns}: ${path.answer.disposition.reason}`}`;
  return `${printObservation(path.observation)} (request ${end}${answer})`;
}

export function printKernel(kernel: KernelObservation): string {
  const { kind, arrival, queued } = kernel;
  const words =
    kind === 'icmp' ? [`icmp ${kernel.type}/${kernel.code}`] : kind === 'errno' ? [kernel.errno ?? ''] : [kind];
  if (kernel.from !== undefined) words.push(`from ${kernel.from}`);
  if (kernel.ttl !== undefined) words.push(`ttl ${kernel.ttl}`);
  if (kernel.mtu !== undefined) words.push(`mtu ${kernel.mtu}`);
  if (arrival !== undefined) words.push(`(at ${arrival.backend}, ${arrival.seen}>${arrival.asked})`);
  if (queued !== undefined) words.push(`[queued: ${printKernel(queued)}]`);
  return words.join(' ');
}
