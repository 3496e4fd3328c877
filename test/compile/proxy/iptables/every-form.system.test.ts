/** The real iptables takes the rules of every form of a Service, in both variants and families, and prints them as we do. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { kubeletParts } from '../../../../src/compile/kubelet.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { iptablesProxy } from '../../../../src/compile/proxy/iptables/index.ts';
import { buildRuleset } from '../../../../src/kernel/netfilter/build-ruleset.ts';
import { printIptablesSave } from '../../../../src/kernel/netfilter/save-format.ts';
import { missingTools } from '../../../kernel/netfilter/system.ts';
import { clusterOf } from '../../cluster-fixture.ts';
import { restoreText } from '../../listing.ts';
import { everyForm } from '../every-form.ts';

const reason = missingTools('unshare', 'iptables-legacy-restore', 'ip6tables-legacy-restore', 'ip6tables-nft-restore');

/** Rules alone, in the order of tables and chains: without counters, comments and names of built-in chains. */
function rulesOf(save: string): readonly string[] {
  return save.split('\n').filter((line) => line.startsWith('-A '));
}

describe.skipIf(reason !== undefined)(
  `every form of a Service and the real iptables${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    const cluster = clusterOf(everyForm());
    const origins = new OriginTable();
    const shares = [kubeletParts(cluster, origins), iptablesProxy.forCluster(cluster, origins).node('node1')];
    const rows = (['legacy', 'nft'] as const).flatMap((variant) =>
      ([4, 6] as const).map((family) => ({ variant, family })),
    );

    it.each(rows)('$variant, IPv$family', ({ variant, family }) => {
      const specs = shares.flatMap(({ iptables, ip6tables }) => (family === 4 ? iptables : ip6tables) ?? []);
      const command = `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}`;
      const text = restoreText(specs);
      const script = `${command}-restore --test <<'END'\n${text}END\n${command}-restore <<'END'\n${text}END\n${command}-save`;
      const saved = execFileSync('unshare', ['-n', 'bash', '-ec', script], { encoding: 'utf8' });
      const printed = rulesOf(printIptablesSave(buildRuleset(specs, undefined, family)));
      expect([...rulesOf(saved)].sort()).toEqual([...printed].sort());
    });
  },
);
