/**
 * Looks for random clusters with host endpoints where the truth function says otherwise than the compiled chains:
 *   npx tsx test/policy/hunt.ts [--seed N] [--minutes N] [--count N]
 * One seed repeats one cluster.
 */
import { parseArgs } from 'node:util';
import { Random } from '../kernel/lab/random.ts';
import { disagreements } from './disagreements.ts';
import { generateCluster, loadDocuments, type Network } from './generate.ts';
import { ofIpv6Alone, someToDiscovery, someToManyAddresses } from './two-families.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000000' },
  },
});

/** IPIP for IPv4 beside VXLAN for IPv6, which only IP pools can say. */
const POOLS = [
  { name: 'four', spec: { cidr: '10.244.0.0/16', ipipMode: 'Always', vxlanMode: 'Never' } },
  { name: 'six', spec: { cidr: 'fd00:10:244::/56', ipipMode: 'Never', vxlanMode: 'Always', blockSize: 122 } },
].map(({ name, spec }) => ({ apiVersion: 'projectcalico.org/v3', kind: 'IPPool', metadata: { name }, spec }));

function check(seed: number): ReturnType<typeof disagreements> & { readonly dualStack: boolean } {
  const random = new Random(seed ^ 0x70c1e5);
  const network: Network = {
    nodes: random.int(1, 4),
    pods: [2, 5],
    encapsulation: random.pick(['none', 'none', 'ipip', 'vxlan', 'vxlan-cross-subnet']),
    natOutgoing: random.chance(0.4),
    dualStack: random.chance(0.6),
  };
  const { dualStack } = network;
  const made = generateCluster(random, { admin: random.chance(0.3), calico: random.chance(0.6), hosts: true }, network);
  const documents = dualStack ? someToManyAddresses(random, someToDiscovery(random, made)) : made;
  const isAlone = dualStack && random.chance(0.25);
  const pools = dualStack && !isAlone && random.chance(0.2) ? POOLS : [];
  const sourcePort = !network.natOutgoing && random.chance(0.3) ? random.pick([80, 6443]) : undefined;
  const loaded = loadDocuments(isAlone ? ofIpv6Alone(documents) : [...documents, ...pools]);
  return { ...disagreements(loaded, sourcePort), dualStack };
}

const first = Number(values.seed);
const ends = performance.now() + Number(values.minutes) * 60_000;
let total = { clusters: 0, dualStack: 0, compared: 0, different: 0 };
for (let seed = first; seed < first + Number(values.count) && performance.now() < ends; seed++) {
  const { found, compared, dualStack } = check(seed);
  total = {
    clusters: total.clusters + 1,
    dualStack: total.dualStack + (dualStack ? 1 : 0),
    compared: total.compared + compared,
    different: total.different + (found.length > 0 ? 1 : 0),
  };
  if (found.length > 0) console.log([`seed ${seed}`, ...found.slice(0, 5)].join('\n  '));
}
console.log(
  `${total.clusters} clusters from ${first}, ${total.dualStack} with IPv6: ${total.compared} connections, ${total.different} clusters differ`,
);
