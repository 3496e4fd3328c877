/** The rows that sweep.lab.ts holds to the kernel, in the emulator alone: what the kernel said is written in them. */
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/kernel/walk/explore.ts';
import type { Path } from '../../../src/kernel/walk/step.ts';
import { printIp } from '../../../src/net/address.ts';
import { portsOf } from '../../../src/net/packet.ts';
import { buildMachines, buildWorld, readProbe } from '../lab/build-scenario.ts';
import { IPV6_ROWS } from '../lab/sweep-ipv6.ts';

/** As printKernel() words it; a stream socket tells neither who answers nor the TTL. */
function words(path: Path, protocol: string): string {
  const { observation: seen, request } = path;
  const { disposition, packet } = request;
  const taken = disposition.kind === 'delivered' && disposition.listener !== undefined;
  const source = typeof packet.src === 'bigint' ? `[${printIp(packet.src)}]` : printIp(packet.src);
  // A server of TCP that gets no further than its SYN-ACK never tells that it was there.
  const known = taken && !(protocol === 'tcp' && seen.kind === 'silence');
  const place = known ? ` (at ${disposition.netns}, ${source}:${portsOf(packet)?.sport}>` : '';
  switch (seen.kind) {
    case 'silence':
      return `silence${place}`;
    case 'errno':
      return seen.errno;
    case 'icmp': {
      const mtu = seen.mtu === undefined ? '' : ` mtu ${seen.mtu}`;
      return `icmp ${seen.type}/${seen.code} from ${printIp(seen.from)} ttl ${seen.ttl}${mtu}`;
    }
    case 'reset':
      return 'reset';
    case 'connected':
      return protocol === 'tcp' ? `connected${place}` : `connected from ${printIp(seen.from)} ttl ${seen.ttl}${place}`;
  }
}

describe('IPv6 as the kernel was seen to do it', () => {
  it.each(IPV6_ROWS)('$sentence', ({ machines, probes }) => {
    const world = buildWorld(buildMachines({ name: 'row', machines, probes: [] }));
    for (const [index, [probe, kernel]] of probes.entries()) {
      // A REJECT on the way out gives send() an error and the socket an ICMP error: the kernel's words begin with the first.
      if (kernel === 'EPERM') continue;
      const { paths } = explore(world, readProbe({ ...probe, sport: 20_000 + index }));
      const ends = paths.map((path) => words(path, probe.protocol));
      const agrees = ends.some((end) => (kernel === 'silence' ? end === kernel : end.includes(kernel)));
      expect(agrees, `${probe.protocol} to ${probe.destination}: ${ends.join(' | ')}, not ${kernel}`).toBe(true);
    }
  });
});
