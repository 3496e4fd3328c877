/** The real tools take the rules of every form of a Service under every setting of kube-proxy that writes other ones. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { ProxySettings } from '../../../src/cluster/settings.ts';
import { kubeletParts } from '../../../src/compile/kubelet.ts';
import { OriginTable } from '../../../src/compile/origin.ts';
import { iptablesProxy } from '../../../src/compile/proxy/iptables/index.ts';
import { ipvsProxy } from '../../../src/compile/proxy/ipvs/index.ts';
import { nftablesProxy } from '../../../src/compile/proxy/nftables/index.ts';
import { printIpsetSave } from '../../../src/kernel/netfilter/ipset/save.ts';
import { buildTables } from '../../../src/kernel/nftables/build-tables.ts';
import { printNftables } from '../../../src/kernel/nftables/print-ruleset.ts';
import { missingTools } from '../../kernel/netfilter/system.ts';
import { clusterOf, prefix } from '../cluster-fixture.ts';
import { restoreText } from '../listing.ts';
import { everyForm } from './every-form.ts';

const COMPILERS = { iptables: iptablesProxy, ipvs: ipvsProxy, nftables: nftablesProxy };

type Row = readonly [name: string, proxy: Partial<ProxySettings>, kubernetesVersion?: string];

const ROWS: readonly Row[] = [
  ['all traffic is masqueraded', { masqueradeAll: true }],
  ['nothing tells Pods from others', { detectLocalMode: 'none' }],
  ["Pods are told by the node's range", { detectLocalMode: 'NodeCIDR' }],
  ['Pods are told by their bridge', { detectLocalMode: 'BridgeInterface', bridgeInterface: 'cni0' }],
  ["Pods are told by their devices' names", { detectLocalMode: 'InterfaceNamePrefix', interfaceNamePrefix: 'cali' }],
  ['NodePorts are of some addresses', { nodePortAddresses: [prefix('192.168.1.0/24'), prefix('2001:db8:9::/64')] }],
  ['NodePorts are of the first address', { nodePortAddresses: [], nodePortPrimary: true }],
  ['NodePorts are not of loopback', { localhostNodePorts: false, randomFully: false }],
  ['IPVS hashes sources', { ipvs: { scheduler: 'mh', strictARP: true } }],
  ['an old release', {}, '1.24'],
  ['a release between', {}, '1.30'],
];

/** What `script` prints in a network namespace of its own. */
function inNamespace(script: string, text: Readonly<Record<string, string>>): string {
  return execFileSync('unshare', ['-n', 'bash', '-euo', 'pipefail', '-c', script], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, ...text },
  });
}

function count(text: string, lines: RegExp): string {
  return String(text.match(lines)?.length ?? 0);
}

const reason = missingTools('unshare', 'ipset', 'nft', 'iptables-legacy-restore', 'ip6tables-legacy-restore');

describe.skipIf(reason !== undefined)(`the real tools${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  const rows = ROWS.flatMap(([name, proxy, version = '1.34']) =>
    (['iptables', 'ipvs', 'nftables'] as const)
      .filter((mode) => mode !== 'nftables' || version === '1.34')
      .map((mode) => ({ name, mode, proxy: { ...proxy, mode }, version })),
  );

  it.each(rows)('take what $mode mode writes where $name', ({ mode, proxy, version }) => {
    const input = everyForm(proxy);
    const cluster = clusterOf({ ...input, settings: { ...input.settings, kubernetesVersion: version } });
    const origins = new OriginTable();
    const kubelet = kubeletParts(cluster, origins);
    const parts = COMPILERS[mode].forCluster(cluster, origins).node('node1');
    if (mode === 'nftables') {
      const text = printNftables(buildTables(parts.nftables ?? [], []));
      const script =
        'ip link add cni0 type veth; printf %s "$RULES" | nft -c -f -; printf %s "$RULES" | nft -f -; nft list ruleset';
      expect(inNamespace(script, { RULES: text })).toBe(text);
      return;
    }
    const [rules4, rules6] = [
      restoreText([kubelet.iptables, parts.iptables].flatMap((spec) => spec ?? [])),
      restoreText([kubelet.ip6tables, parts.ip6tables].flatMap((spec) => spec ?? [])),
    ];
    const sets = printIpsetSave(parts.ipsets ?? []);
    const script = `printf %s "$SETS" | ipset restore
printf %s "$RULES4" | iptables-legacy-restore --test
printf %s "$RULES6" | ip6tables-legacy-restore --test
ipset save | grep -c '^add' || true`;
    const counted = inNamespace(script, { SETS: sets, RULES4: rules4, RULES6: rules6 });
    expect(counted.trim()).toBe(count(sets, /^add/gm));
    expect(Number(count(rules4, /^-A/gm))).toBeGreaterThan(40);
  });
});
