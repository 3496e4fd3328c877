/** The rows of a topology's probes.txt as scenarios: what each row expects, the emulator does and the kernel does. */
import { invariant } from '../../../src/lib/assert.ts';
import { parseIp } from '../../../src/net/address.ts';
import { answerQuery } from '../../../src/query/answer-query.ts';
import { protocolOf } from '../../../src/query/query.ts';
import { resolveSource } from '../../../src/topology/endpoints.ts';
import { type ProbeLine, readProbes, readTopologyFiles } from '../../topologies/read-probes.ts';
import { loadCluster } from './load-cluster.ts';
import type { PolicyProbe, PolicyScenario } from './policy-scenario.ts';

/** One scenario for each set of extra files, in the order of the rows. */
export function readFixedScenarios(topology: string): readonly PolicyScenario[] {
  const groups = new Map<string, ProbeLine[]>();
  for (const line of readProbes(topology)) {
    const key = line.extra.join(' ');
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups].map(([extra, lines]): PolicyScenario => {
    const files = readTopologyFiles(topology, extra === '' ? [] : extra.split(' '));
    const asked = readRows(loadCluster(files), lines);
    const name = `${topology} ${extra}`.trim();
    return { scenario: { name, machines: [], files, probes: asked.map(({ probe }) => probe) }, asked };
  });
}

function readRows(loaded: ReturnType<typeof loadCluster>, lines: readonly ProbeLine[]): readonly PolicyProbe[] {
  const { defaultNamespace } = loaded.cluster.settings;
  return lines.map((line, index) => {
    const { source, destination, expected } = line;
    const protocol = protocolOf(line.protocol);
    invariant(protocol === 'tcp' || protocol === 'udp' || protocol === 'icmp', `the lab sends no ${line.protocol}`);
    // Which address and port a name stands for is not in question here.
    const answer = answerQuery(loaded, { source, destination, protocol, reply: false, steps: false });
    const from = resolveSource(source, loaded, { namespace: defaultNamespace });
    invariant(answer.ok && from.ok, line.text);
    const { destinationAddress, port } = answer.value.query;
    invariant(destinationAddress !== null && parseIp(destinationAddress) !== undefined, line.text);
    return {
      text: `line ${line.line}: ${line.text}`,
      allowed: expected.includes('delivered'),
      probe: {
        ...{ machine: from.value.netns, protocol, destination: destinationAddress, dport: port ?? 0 },
        sport: 20_000 + index,
      },
    };
  });
}
