/** Packets and their changes in one line. */
import type { PacketView } from '../query/trace.ts';

/** `tcp SYN 10.244.1.7:40000 > 10.96.3.4:80` */
export function printPacket(packet: PacketView): string {
  const outer = `${withPort(packet.src, packet.sport)} > ${withPort(packet.dst, packet.dport)}`;
  const head = [packet.protocol, packet.note].filter((word) => word !== '').join(' ');
  return packet.inner === null ? `${head} ${outer}` : `${head} ${outer} [${printPacket(packet.inner)}]`;
}

/** What the step changed: `dst 10.96.3.4:80 -> 10.244.2.9:8080`; '' when nothing did. */
export function printChange(before: PacketView, after: PacketView): string {
  if (after.inner !== null && before.inner === null)
    return `${after.protocol} ${after.src} > ${after.dst} [${printPacket(after.inner)}]`;
  if (before.inner !== null && after.inner === null) return printPacket(after);
  const changes: string[] = [];
  const change = (name: string, from: string, to: string) => {
    if (from !== to) changes.push(`${name} ${from} -> ${to}`);
  };
  change('src', withPort(before.src, before.sport), withPort(after.src, after.sport));
  change('dst', withPort(before.dst, before.dport), withPort(after.dst, after.dport));
  change('ttl', String(before.ttl), String(after.ttl));
  change('mark', printMark(before.mark), printMark(after.mark));
  return changes.join(', ');
}

function printMark(mark: number | null): string {
  return `0x${(mark ?? 0).toString(16)}`;
}

function withPort(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
