/** All that a node holds in IPVS mode for every form of a Service, as files; and the real tools take it. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { kubeletParts } from '../../../../src/compile/kubelet.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { ipvsProxy } from '../../../../src/compile/proxy/ipvs/index.ts';
import { printIpvsSave } from '../../../../src/kernel/ipvs/print-ipvsadm.ts';
import { printIpsetSave } from '../../../../src/kernel/netfilter/ipset/save.ts';
import { missingTools } from '../../../kernel/netfilter/system.ts';
import { clusterOf } from '../../cluster-fixture.ts';
import { listing, restoreText } from '../../listing.ts';
import { everyForm } from '../every-form.ts';

const origins = new OriginTable();
const cluster = clusterOf(everyForm({ mode: 'ipvs' }));
const kubelet = kubeletParts(cluster, origins);
const parts = ipvsProxy.forCluster(cluster, origins).node('node1');

/** Of one family: virtual and real servers, sets, rules. */
function written(family: 4 | 6): string {
  const rules = family === 4 ? parts.iptables : parts.ip6tables;
  const servers = printIpvsSave(parts.ipvs?.() ?? []).split('\n');
  const sections = [
    ['# ipvsadm -Sn', ...servers.filter((line) => line !== '' && line.includes('[') === (family === 6))],
    ['# ipset save', printIpsetSave((parts.ipsets ?? []).filter((set) => set.family === family)).trimEnd()],
    ...(['filter', 'nat'] as const).map((table) => [
      `*${table}`,
      ...(rules === undefined ? [] : listing(rules, table)),
    ]),
  ];
  return `${sections.flat().join('\n')}\n`;
}

describe('every form of a Service', () => {
  it.each([4, 6] as const)('IPv%i', async (family) => {
    await expect(written(family)).toMatchFileSnapshot(`golden/every-form-ipv${family}.txt`);
  });

  it('never names an address of the other family', () => {
    expect(written(4)).not.toMatch(/fd00:|2001:db8/);
    expect(written(6)).not.toMatch(/\b(172\.30|192\.0\.2|198\.51|10\.180|203\.0\.113)\./);
  });
});

const reason = missingTools('unshare', 'ipset', 'iptables-legacy-restore', 'ip6tables-legacy-restore');

describe.skipIf(reason !== undefined)(
  `the real ipset and iptables${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    it.each([
      { tool: 'iptables', specs: [kubelet.iptables, parts.iptables] },
      { tool: 'ip6tables', specs: [kubelet.ip6tables, parts.ip6tables] },
    ])('take the sets, and the rules of $tool', ({ tool, specs }) => {
      const rules = restoreText(specs.flatMap((spec) => spec ?? []));
      // Committing a rule with the match ipvs needs the kernel's ip_vs; iptables alone has read it by then.
      const committed = rules.replace(/^-A .* -m ipvs .*\n/gm, '');
      const script = `printf %s "$SETS" | ipset restore
printf %s "$RULES" | ${tool}-legacy-restore --test
printf %s "$COMMITTED" | ${tool}-legacy-restore
${tool}-legacy-save | grep -c -- '^-A'
ipset save | grep -c '^add'`;
      const sets = printIpsetSave(parts.ipsets ?? []);
      const counted = execFileSync('unshare', ['-n', 'bash', '-euo', 'pipefail', '-c', script], {
        encoding: 'utf8',
        stdio: 'pipe',
        env: { ...process.env, SETS: sets, RULES: rules, COMMITTED: committed },
      });
      const count = (text: string, lines: RegExp): string => String(text.match(lines)?.length);
      expect(counted.trim().split('\n')).toEqual([count(committed, /^-A/gm), count(sets, /^add/gm)]);
    });
  },
);
