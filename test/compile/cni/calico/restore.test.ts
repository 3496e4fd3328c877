/** The real tools take what Calico's compiler makes: ipset restore and iptables-restore in a namespace of their own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildRuleset } from '../../../../src/kernel/netfilter/build-ruleset.ts';
import { printIpsetSave } from '../../../../src/kernel/netfilter/ipset/save.ts';
import { printIptablesSave } from '../../../../src/kernel/netfilter/save-format.ts';
import { ip, pod } from '../../cluster-fixture.ts';
import { restoreText } from '../../listing.ts';
import { CLUSTER_B, calicoOf, ipBlock, pods, policy, selector } from './fixture.ts';

const usable =
  process.platform === 'linux' &&
  ['iptables-legacy-restore', 'ipset'].every((tool) => spawnSync('which', [tool]).status === 0) &&
  spawnSync('unshare', ['-n', 'true']).status === 0;

const tcp = (port: number | string) => ({ protocol: 'TCP' as const, port });
const POLICIES = [
  policy({
    name: 'a',
    podSelector: selector({ app: 'web' }),
    ingress: [{ peers: [pods(selector({ app: 'db' }))], ports: [tcp(80), tcp('http')] }],
  }),
  policy({
    name: 'b',
    podSelector: selector({ app: 'web' }),
    ingress: [{ peers: [ipBlock('172.17.0.0/16', '172.17.1.0/24')], ports: [tcp(80)] }],
  }),
  policy({
    name: 'c',
    policyTypes: ['Ingress', 'Egress'],
    egress: [
      {
        peers: [pods(undefined, selector()), pods(selector({ app: 'db' }))],
        ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'SCTP' }],
      },
    ],
  }),
];
const PODS = Array.from({ length: 12 }, (_, i) =>
  pod({
    name: `web-${i}`,
    namespace: 'default',
    node: 'vms83',
    labels: { app: i % 2 === 0 ? 'web' : 'db' },
    ips: [ip(`10.244.70.${i + 1}`)],
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  }),
);

describe.runIf(usable)('a whole node (needs iptables-legacy, ipset and unshare -n)', () => {
  test.each(['none', 'ipip', 'vxlan'] as const)('with encapsulation %s is accepted', (encapsulation) => {
    const { iptables, ipsets } = calicoOf({
      nodes: CLUSTER_B,
      pods: PODS,
      policies: POLICIES,
      calico: { encapsulation },
    }).node('vms83');
    if (iptables === undefined || ipsets === undefined) throw new Error('no rules');
    const folder = mkdtempSync(join(tmpdir(), 'calico-restore-'));
    try {
      writeFileSync(join(folder, 'sets'), printIpsetSave(ipsets));
      writeFileSync(join(folder, 'rules'), restoreText([iptables]));
      const script = 'ipset restore -file "$1/sets" && iptables-legacy-restore "$1/rules" && iptables-legacy-save';
      const saved = execFileSync('unshare', ['-n', 'sh', '-ec', script, 'sh', folder], { encoding: 'utf8' });
      const ours = printIptablesSave(buildRuleset([iptables], undefined, 4));
      expect(
        tables(saved)
          .get('filter')
          ?.filter((line) => line.startsWith(':cali-tw-')),
      ).toHaveLength(12);
      expect(tables(saved)).toEqual(tables(ours));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Lines of each table, without comments and counters. */
function tables(text: string): ReadonlyMap<string, readonly string[]> {
  const parts = text.split(/^\*/m).slice(1);
  return new Map(
    parts.map((part) => {
      const [name = '', ...lines] = part.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return [name, lines.map((line) => line.replace(/ \[\d+:\d+\]$/, ''))];
    }),
  );
}
