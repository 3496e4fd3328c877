/** What `nettrace show nftables` prints of every machine, given to the real nft: it takes it, and lists the same. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { show } from '../../src/query/show/show.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { missingTools } from '../kernel/netfilter/system.ts';
import { readTopologyFiles, topologyNames } from './read-probes.ts';

const reason = missingTools('unshare', 'nft');

const MACHINES = topologyNames().flatMap((name) => {
  const result = loadTopology(readTopologyFiles(name));
  invariant(result.ok, result.ok ? '' : result.issues.map(({ message }) => message).join('\n'));
  return result.value.world.machines.flatMap(({ kind, name: machine }) => {
    if (kind === 'gateway') return [];
    const shown = show(result.value, 'nftables', `${kind}/${machine}`, undefined, undefined);
    invariant(shown.ok, 'nothing to show');
    return shown.value === '' ? [] : [{ what: `${name} ${kind}/${machine}`, text: shown.value }];
  });
});

const GOLDENS = new URL('../compile/proxy/nftables/', import.meta.url);
const FILES = readdirSync(GOLDENS)
  .filter((name) => name.endsWith('.nft'))
  .map((name) => ({ what: name, text: readFileSync(new URL(name, GOLDENS), 'utf8') }));

function throughLinux(text: string): string {
  const script = 'exec 2>&1; printf %s "$RULES" | nft -c -f -; printf %s "$RULES" | nft -f -; nft list ruleset';
  return execFileSync('unshare', ['-n', 'bash', '-euo', 'pipefail', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, RULES: text },
  });
}

it('some machines have tables', () => expect(MACHINES.length).toBeGreaterThan(2));

describe.skipIf(reason !== undefined)(`the real nft${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  it.each([...MACHINES, ...FILES])('takes and lists the tables of $what', ({ text }) => {
    expect(throughLinux(text)).toBe(text);
  });
});
