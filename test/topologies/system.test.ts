/** What `nettrace show` prints of every machine, given to the real ipset and iptables. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseIptablesSave, printIptablesSave } from '../../src/kernel/netfilter/save-format.ts';
import { invariant } from '../../src/lib/assert.ts';
import { memoizeBy } from '../../src/lib/lazy.ts';
import { show } from '../../src/query/show/show.ts';
import { type Loaded, loadTopology } from '../../src/topology/load.ts';
import { missingTools } from '../kernel/netfilter/system.ts';
import { readTopologyFiles, TOPOLOGIES, topologyNames } from './read-probes.ts';

const reason = missingTools('unshare', 'ipset', 'iptables-legacy-restore', 'iptables-nft-restore');

/** Each topology as it is, and Cluster B with the policies of the notes all at once. */
const INPUTS: readonly { readonly name: string; readonly folder: string; readonly extra: readonly string[] }[] = [
  ...topologyNames().map((folder) => ({ name: folder, folder, extra: [] })),
  {
    name: 'calico-ipip with all policies',
    folder: 'calico-ipip',
    extra: readdirSync(join(TOPOLOGIES, 'calico-ipip', 'policies'))
      .filter((file) => !file.includes('malformed'))
      .map((file) => `policies/${file}`),
  },
];

const MACHINES = INPUTS.flatMap(({ name, folder, extra }) => {
  const result = loadTopology(readTopologyFiles(folder, extra));
  invariant(result.ok, result.ok ? '' : result.issues.map(({ message }) => message).join('\n'));
  const loaded = result.value;
  const machines = loaded.world.machines
    .filter(({ kind }) => kind !== 'gateway')
    .map(({ kind, name: machine }) => `${kind}/${machine}`);
  const pods = loaded.cluster.pods.slice(0, 1).map((pod) => `${pod.namespace}/pod/${pod.name}`);
  return [...machines, ...pods].map((machine) => ({ name, machine, loaded }));
});

const MACHINES6 = MACHINES.filter(({ loaded, machine }) => text(loaded, 'iptables', machine, 6) !== '');

function text(loaded: Loaded, what: 'iptables' | 'ipsets', machine: string, family: 4 | 6 = 4): string {
  const shown = show(loaded, what, machine, undefined, family);
  invariant(shown.ok, shown.ok ? '' : shown.issues.map(({ message }) => message).join('\n'));
  return shown.value;
}

type Tables = {
  readonly sets: string;
  readonly rules: string;
  readonly variant: 'legacy' | 'nft';
  readonly family: 4 | 6;
};

/**
 * Restores the sets, tests and restores the rules, and returns what the real iptables-save says then. Many machines hold the
 * same, to the letter: Linux is asked about it once.
 */
const throughLinux = memoizeBy(
  ({ sets, rules, variant, family }: Tables) => JSON.stringify([variant, family, sets, rules]),
  restoreAndSave,
);

function restoreAndSave({ sets, rules, variant, family }: Tables): { readonly rules: string; readonly sets: string } {
  const tool = family === 4 ? 'iptables' : 'ip6tables';
  const script = `exec 2>&1
printf %s "$SETS" | ipset restore
printf %s "$RULES" | ${tool}-${variant}-restore --test
printf %s "$RULES" | ${tool}-${variant}-restore
${tool}-${variant}-save
echo '### sets'
ipset save`;
  const output = execFileSync('unshare', ['-n', 'bash', '-euo', 'pipefail', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, SETS: sets, RULES: rules },
  });
  const [saved = '', savedSets = ''] = output.split('### sets\n');
  return { rules: saved, sets: savedSets };
}

/** Without comments and counters, tables in alphabetical order: iptables-save prints them in the order they were made. */
function rulesOf(save: string): readonly string[] {
  const tables = save
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
    .join('\n')
    .split(/^(?=\*)/m);
  return tables.sort().flatMap((table) => table.trim().split('\n'));
}

/** Sorted: a hash has no order. */
function elementsOf(save: string): readonly string[] {
  return save
    .split('\n')
    .filter((line) => line.startsWith('add '))
    .sort();
}

it('a node has hundreds of rules and some sets to ask about', () => {
  const node = MACHINES.find(({ name, machine }) => name === 'calico-ipip' && machine === 'node/vms83');
  invariant(node !== undefined, 'no vms83');
  expect(text(node.loaded, 'iptables', node.machine).match(/^-A /gm)?.length).toBeGreaterThan(100);
  expect(elementsOf(text(node.loaded, 'ipsets', node.machine)).length).toBeGreaterThan(3);
});

describe.skipIf(reason !== undefined)(
  `the real iptables and ipset${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    describe.each(['legacy', 'nft'] as const)('%s', (variant) => {
      const check = ({ loaded, machine }: (typeof MACHINES)[number], family: 4 | 6): void => {
        const sets = text(loaded, 'ipsets', machine);
        const rules = text(loaded, 'iptables', machine, family);
        const real = throughLinux({ sets, rules, variant, family });
        const read = parseIptablesSave(real.rules, { family, file: 'iptables-save', line: 1 });
        invariant(read.ok, read.ok ? '' : read.issues.map(({ message }) => message).join('\n'));
        expect(rulesOf(printIptablesSave(read.value))).toEqual(rulesOf(rules));
        expect(rulesOf(real.rules)).toEqual(rulesOf(rules));
        expect(elementsOf(real.sets)).toEqual(elementsOf(sets));
      };
      it.each(MACHINES)('take the rules of $name $machine unchanged, and save the same', (row) => check(row, 4));
      it.each(MACHINES6)('take the IPv6 rules of $name $machine unchanged, and save the same', (row) => check(row, 6));
    });
  },
);
