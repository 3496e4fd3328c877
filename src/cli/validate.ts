/** `nettrace validate`: read the input, say what is wrong with it, walk nothing. */
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
    const counts: readonly (readonly [string, number])[] = [
      ['nodes', cluster.settings.nodes.length],
      ['Pods', cluster.pods.length],
      ['Services', cluster.services.length],
      ['NetworkPolicies', cluster.policies.length],
      ['hosts', documents.hosts.length],
      ['containers', documents.containers.length],
    ];
    const counted = counts.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
    io.stdout(`valid: ${counted.length === 0 ? 'nothing in it' : counted.join(', ')}\n`);
    for (const [kind, count] of skipped) io.stderr(`skipped: ${count} ${kind}\n`);
    return EXIT.delivered;
  },
};
