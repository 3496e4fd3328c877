/** The rows of rule-rows.ts and wrong-rules.ts, asked of the real iptables in network namespaces of their own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { MATCHES } from '../../../src/kernel/netfilter/matches/index.ts';
import { parseIptablesSave, printIptablesSave } from '../../../src/kernel/netfilter/save-format.ts';
import { RULE_ROWS, type RuleRow } from './rule-rows.ts';
import { missingTools } from './system.ts';
import { WRONG_RULES } from './wrong-rules.ts';

const reason = missingTools(
  'unshare',
  'iptables-legacy-restore',
  'ip6tables-legacy-restore',
  'iptables-nft-restore',
  'ipset',
);

/** Modules without a row, because the kernel under test cannot load them. */
const UNLOADABLE: ReadonlyMap<string, string> = new Map([
  ['ipvs', 'the kernel is built without ip_vs'],
  ['nfacct', 'an accounting object must exist, and the tool that makes one is not installed'],
]);

/** What iptables-nft does otherwise: it translates these matches into its own expressions and back. */
const NFT_DIFFERS: readonly string[] = [
  '! -s 0.0.0.0/0', // refused
  '-p tcp ! --dport 0:65535', // loses the match
  '-p tcp -m tcp --dport 5 -m tcp --dport 6', // keeps the last one
];

/** The sets that the rows name. */
const PREPARE = 'ipset create foo hash:net; ipset create six hash:ip family inet6';

/** Runs a script in a fresh network namespace. Its standard input is the text. */
function inNamespace(
  script: string,
  input: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync('unshare', ['-n', 'bash', '-c', `${PREPARE}\n${script}`], { encoding: 'utf8', input });
}

const program = (family: 4 | 6, kind: 'legacy' | 'nft' = 'legacy'): string =>
  `${family === 4 ? 'iptables' : 'ip6tables'}-${kind}`;

function textOf(rows: readonly RuleRow[], column: 'rule' | 'printed'): string {
  const tables = [...new Set(rows.map(({ table }) => table))];
  return tables
    .map((table) => {
      const own = rows.filter((row) => row.table === table);
      const chains = own.map((_, i) => `R${String(i).padStart(3, '0')}`);
      const lines = own.map((row, i) => `-A ${chains[i]} ${row[column]}`.trimEnd());
      return [
        `*${table}`,
        ':X - [0:0]',
        ':Y - [0:0]',
        ...chains.map((chain) => `:${chain} - [0:0]`),
        ...lines,
        'COMMIT',
        '',
      ].join('\n');
    })
    .join('');
}

const withoutComments = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replace(/\[\d+:\d+\]/, '[0:0]'));

/** What the real programs print after they have read the text, table by table. */
function saved(text: string, family: 4 | 6, kind: 'legacy' | 'nft'): readonly string[] {
  const tables = [
    ...new Set(
      text
        .split('\n')
        .filter((line) => line.startsWith('*'))
        .map((line) => line.slice(1)),
    ),
  ];
  const save = tables.map((table) => `${program(family, kind)}-save -t ${table}`).join('; ');
  const { status, stdout, stderr } = inNamespace(`${program(family, kind)}-restore && { ${save}; }`, text);
  expect(status, stderr).toBe(0);
  return withoutComments(stdout);
}

function ours(text: string, family: 4 | 6): readonly string[] {
  const read = parseIptablesSave(text, { family, file: 'rows', line: 1 });
  expect(read.ok ? [] : read.issues).toEqual([]);
  if (!read.ok) return [];
  const tables = [
    ...new Set(
      text
        .split('\n')
        .filter((line) => line.startsWith('*'))
        .map((line) => line.slice(1)),
    ),
  ];
  const order = (table: string): number => tables.indexOf(table);
  return [...read.value.values()]
    .sort((a, b) => order(a.name) - order(b.name))
    .flatMap((table) => withoutComments(printIptablesSave(read.value, { tables: [table.name] })).slice(0, -1))
    .concat('');
}

describe.skipIf(reason !== undefined)(
  `rule sets and the real iptables${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    it('has a row for every module but those that this kernel cannot load', () => {
      const printed = RULE_ROWS.map((row) => `${row.printed} `);
      const missing = MATCHES.filter(({ name }) => !printed.some((text) => text.includes(`-m ${name} `)));
      expect(missing.map(({ name }) => name)).toEqual([...UNLOADABLE.keys()]);
    });

    it.each([4, 6] as const)('prints every rule of IPv%i byte for byte as iptables-legacy-save does', (family) => {
      const text = textOf(
        RULE_ROWS.filter((row) => row.family === family),
        'rule',
      );
      expect(ours(text, family)).toEqual(saved(text, family, 'legacy'));
    });

    it.each([4, 6] as const)('prints what iptables-legacy-restore of IPv%i reads back without a change', (family) => {
      const text = textOf(
        RULE_ROWS.filter((row) => row.family === family),
        'printed',
      );
      const printed = ours(text, family);
      expect(printed).toEqual(saved(printed.join('\n'), family, 'legacy'));
      expect(ours(printed.join('\n'), family)).toEqual(printed);
    });

    it.each([4, 6] as const)('prints what iptables-nft-save of IPv%i prints', (family) => {
      const text = textOf(
        RULE_ROWS.filter((row) => row.family === family && !NFT_DIFFERS.includes(row.rule)),
        'rule',
      );
      expect(ours(text, family)).toEqual(saved(text, family, 'nft'));
    });

    it('refuses only what iptables-legacy-restore refuses', () => {
      const script = WRONG_RULES.map(({ family, rule }, i) => {
        const lines = `*filter\n:X - [0:0]\n-A X ${rule}\nCOMMIT\n`;
        return `${program(family)}-restore 2>/dev/null <<'END' && echo ${i}\n${lines}END`;
      });
      const accepted = inNamespace(script.join('\n'), '')
        .stdout.split('\n')
        .filter((line) => line !== '');
      expect(accepted.map((i) => WRONG_RULES[Number(i)]?.rule)).toEqual([]);
    });

    it('lists tables and chains in the order of iptables-nft-save', () => {
      const chains = ':z - [0:0]\n:B - [0:0]\n:a - [0:0]\n:Z-1 - [0:0]\n';
      const text = ['raw', 'mangle', 'nat', 'filter', 'security']
        .map((table) => `*${table}\n${chains}COMMIT\n`)
        .join('');
      const { stdout } = inNamespace('iptables-nft-restore; iptables-nft-save', text);
      const read = parseIptablesSave(text, { family: 4, file: 'order', line: 1 });
      expect(read.ok && withoutComments(printIptablesSave(read.value))).toEqual(withoutComments(stdout));
    });

    it.each([
      ['*filter\n:A - [0:0]\n-A INPUT -j A\n-A A -j A\nCOMMIT\n', false],
      ['*filter\n:A - [0:0]\n-A A -j A\nCOMMIT\n', true],
      ['*filter\n-A FORWARD -j INPUT\nCOMMIT\n', false],
      ['*nat\n:A - [0:0]\n-A A -j DNAT --to-destination 10.0.0.1\nCOMMIT\n', true],
      ['*nat\n:A - [0:0]\n-A A -j DNAT --to-destination 10.0.0.1\n-A POSTROUTING -j A\nCOMMIT\n', false],
      ['*nat\n-A PREROUTING -j DROP\nCOMMIT\n', false],
      ['*filter\n-A INPUT -m owner --uid-owner 1\nCOMMIT\n', false],
      ['*filter\n-A OUTPUT -m owner --uid-owner 1\nCOMMIT\n', true],
      ['*filter\n-A OUTPUT -m mac --mac-source 02:00:00:00:00:01\nCOMMIT\n', false],
      ['*filter\n-A OUTPUT -m physdev --physdev-out a\nCOMMIT\n', false],
      ['*filter\n-A OUTPUT -m physdev --physdev-is-bridged --physdev-out a\nCOMMIT\n', true],
      ['*filter\n-A INPUT -m addrtype --dst-type LOCAL --limit-iface-out\nCOMMIT\n', false],
      ['*filter\n-A OUTPUT -m addrtype --dst-type LOCAL --limit-iface-in\nCOMMIT\n', false],
      ['*filter\n-A INPUT -m rpfilter\nCOMMIT\n', false],
      ['*mangle\n-A PREROUTING -m rpfilter\nCOMMIT\n', true],
      ['*mangle\n-A POSTROUTING -m rpfilter\nCOMMIT\n', false],
      ['*mangle\n-A POSTROUTING -i eth0\nCOMMIT\n', false],
      ['*mangle\n:A - [0:0]\n-A POSTROUTING -j A\n-A A -i eth0\nCOMMIT\n', true],
      ['*filter\n-A INPUT -j NOWHERE\nCOMMIT\n', false],
      ['*filter\n-A INPUT -j ACCEPT\n', false],
      ['*filter\n:X\nCOMMIT\n', false],
      ['*filter\n:X - [0:0]\n-A INPUT -j X\n-X X\nCOMMIT\n', false],
      ['*filter\nCOMMIT now\n', false],
    ])('agrees with the kernel about %j', (text, accepted) => {
      const read = parseIptablesSave(text, { family: 4, file: 'rules', line: 1 });
      expect(read.ok).toBe(accepted);
      expect(inNamespace('iptables-legacy-restore', text).status === 0).toBe(accepted);
    });

    it('leaves nothing behind', () => {
      expect(execFileSync('bash', ['-c', 'iptables-legacy-save'], { encoding: 'utf8' })).not.toContain(':R000');
    });
  },
);
