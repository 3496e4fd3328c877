/** The topology calico-tiers: chains of tiers and host endpoints as goldens, and the real tools take them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../src/cluster/cluster.ts';
import { compileCalico } from '../../../../src/compile/cni/calico/calico.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { buildRuleset } from '../../../../src/kernel/netfilter/build-ruleset.ts';
import { printIpsetSave } from '../../../../src/kernel/netfilter/ipset/save.ts';
import { printIptablesSave } from '../../../../src/kernel/netfilter/save-format.ts';
import { loadTopology } from '../../../../src/topology/load.ts';
import { readTopologyFiles } from '../../../topologies/read-probes.ts';
import { restoreText } from '../../listing.ts';

const FORMS = [
  ['tiers', 'n2', [], '3.31'],
  ['tiers of 3.28', 'n2', [], '3.28'],
  ['tiers of 3.32', 'n1', ['policies/cluster.yaml'], '3.32'],
  ['a host endpoint for every device', 'n2', ['policies/host.yaml'], '3.31'],
  ['policy before DNAT', 'n2', ['policies/pre-dnat.yaml'], '3.31'],
  ['policy for forwarded traffic', 'n1', ['policies/forward.yaml'], '3.31'],
  ['untracked policy', 'n2', ['policies/untracked.yaml'], '3.31'],
] as const;

function clusterOf(extra: readonly string[], calicoVersion: string): Cluster {
  const files = readTopologyFiles('calico-tiers', extra).map(({ file, text }) => ({
    file,
    text: text.replace('calicoVersion: "3.31"', `calicoVersion: "${calicoVersion}"`),
  }));
  const loaded = loadTopology(files);
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  return loaded.value.cluster;
}

function nodeOf(name: string, extra: readonly string[], calicoVersion: string) {
  const { iptables, ipsets } = compileCalico({
    cluster: clusterOf(extra, calicoVersion),
    origins: new OriginTable(),
  }).node(name);
  if (iptables === undefined || ipsets === undefined) throw new Error('no rules');
  return { iptables, ipsets };
}

/** Chains of endpoints, policies and dispatch: what depends on policies. */
const POLICY_CHAINS = /^(:|-A )cali-(pi|po|pri|pro|gi|go|tw|fw|th|fh|thfw|fhfw|from|to|failsafe)-|^\*|^COMMIT/;

describe('chains of', () => {
  test.each(FORMS)('%s', async (name, node, extra, version) => {
    const { iptables, ipsets } = nodeOf(node, extra, version);
    const saved = printIptablesSave(buildRuleset([iptables], undefined, 4));
    const lines = saved.split('\n').filter((line) => POLICY_CHAINS.test(line));
    const sets = printIpsetSave(ipsets);
    await expect(`${lines.join('\n')}\n\n${sets}`).toMatchFileSnapshot(`golden/${name.replaceAll(' ', '-')}.txt`);
  });
});

/** Hashes cover all rules of a chain up to theirs. These were printed by a cluster (tigera-cs/quickstart-self-service). */
test.each([
  [
    'filter',
    '-A cali-failsafe-in -p tcp -m comment --comment "cali:wWFQM43tJU7wwnFZ" -m multiport --dports 22 -j ACCEPT',
  ],
  [
    'filter',
    '-A cali-failsafe-in -p tcp -m comment --comment "cali:vSprVE-4rient0wc" -m multiport --dports 6667 -j ACCEPT',
  ],
  [
    'filter',
    '-A cali-failsafe-out -p tcp -m comment --comment "cali:EoOkKdH0fekirfk8" -m multiport --dports 6667 -j ACCEPT',
  ],
  ['mangle', '-A cali-th-any-interface-at-all -m comment --comment "cali:isLh7I8mMajLdhSv" -j cali-failsafe-out'],
  ['filter', '-A cali-fh-any-interface-at-all -m comment --comment "cali:NnqjZhu9yccY4C7-" -j cali-failsafe-in'],
  ['filter', '-A cali-th-any-interface-at-all -m comment --comment "cali:Pk4AU-xuUwtwrLN6" -j cali-failsafe-out'],
])('a cluster has the same rule in %s: %s', (table, rule) => {
  const { iptables } = nodeOf('n2', ['policies/host.yaml'], '3.31');
  const saved = printIptablesSave(buildRuleset([iptables], undefined, 4));
  const start = saved.indexOf(`*${table}\n`);
  expect(saved.slice(start, saved.indexOf('COMMIT', start)).split('\n')).toContain(rule);
});

const usable =
  process.platform === 'linux' &&
  ['iptables-legacy-restore', 'ipset'].every((tool) => spawnSync('which', [tool]).status === 0) &&
  spawnSync('unshare', ['-n', 'true']).status === 0;

describe.runIf(usable)('the real tools (iptables-legacy, ipset and unshare -n) take and print the same of', () => {
  test.each(FORMS)('%s', (_, node, extra, version) => {
    const { iptables, ipsets } = nodeOf(node, extra, version);
    const folder = mkdtempSync(join(tmpdir(), 'calico-tiers-'));
    try {
      writeFileSync(join(folder, 'sets'), printIpsetSave(ipsets));
      writeFileSync(join(folder, 'rules'), restoreText([iptables]));
      const script = 'ipset restore -file "$1/sets" && iptables-legacy-restore "$1/rules" && iptables-legacy-save';
      const saved = execFileSync('unshare', ['-n', 'sh', '-ec', script, 'sh', folder], { encoding: 'utf8' });
      expect(linesOf(saved)).toEqual(linesOf(printIptablesSave(buildRuleset([iptables], undefined, 4))));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Without comments and counters; tables come in any order. */
function linesOf(text: string): ReadonlySet<string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Set(lines.map((line) => line.replace(/ \[\d+:\d+\]$/, '')));
}
