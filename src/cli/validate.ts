/** `nettrace validate`: read the input, say what is wrong with it, walk nothing. */
import { sayKind, writtenKind } from '../cluster/policy/written-kind.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { loadInput } from './load-input.ts';
import { addInputOptions, addStyleOptions, inputOptionsOf } from './options.ts';

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(addInputOptions(yargs)).example(
      'nettrace validate -f manifests -R',
      'a folder and its sub-folders',
    ),
  async run(args, io) {
    const { cluster, documents, skipped } = await loadInput(inputOptionsOf(args), io);
    const things = [
      ...cluster.settings.nodes.map(() => 'node'),
      ...cluster.pods.map(() => 'Pod'),
      ...cluster.services.map(() => 'Service'),
      ...cluster.ingresses.map(() => 'Ingress'),
      ...cluster.gateways.map(() => 'Gateway'),
      ...cluster.policies.map(() => 'NetworkPolicy'),
      ...[...cluster.adminPolicies, ...cluster.calicoPolicies, ...cluster.stagedPolicies].map(({ kind }) =>
        sayKind(writtenKind(kind)),
      ),
      ...cluster.hostEndpoints.map(() => 'HostEndpoint'),
      ...documents.hosts.map(() => 'host'),
      ...documents.containers.map(() => 'container'),
    ];
    const counts = new Map<string, number>();
    for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1);
    const counted = [...counts].map(([thing, count]) => `${count} ${count === 1 ? thing : plural(thing)}`);
    io.stdout(`valid: ${counted.length === 0 ? 'nothing in it' : counted.join(', ')}\n`);
    for (const [kind, count] of skipped) io.stderr(`skipped: ${count} ${kind}\n`);
    return EXIT.delivered;
  },
};

function plural(word: string): string {
  if (word.endsWith('y') && !word.endsWith('ay')) return word.replace(/y$/, 'ies');
  return word.endsWith('s') ? `${word}es` : `${word}s`;
}
