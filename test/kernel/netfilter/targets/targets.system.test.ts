/** The same rows, asked of the real iptables (legacy) in a network namespace of its own. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { BUILTIN_CHAINS, TABLE_NAMES } from '../../../../src/kernel/netfilter/hook.ts';
import { allowedIn, TARGETS } from '../../../../src/kernel/netfilter/targets/index.ts';
import { missingTools } from '../system.ts';
import { ROWS, type Row, WRONG_ROWS } from './rows.ts';

const reason = missingTools('unshare', 'iptables-legacy-restore', 'ip6tables-legacy-restore', 'ipset');

const SETS = 'ipset create one hash:ip; ipset create two hash:ip,port; ipset create timed hash:ip timeout 9 skbinfo';

/** Runs a shell script in a fresh network namespace. */
function inNamespace(script: string): string {
  return execFileSync('unshare', ['-n', 'bash', '-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
const command = (family: 4 | 6, more = ''): string => `${family === 4 ? 'iptables' : 'ip6tables'}-legacy${more}`;

function addRule({
  family,
  table,
  chain,
  header,
  words,
}: Pick<Row, 'family' | 'table' | 'chain' | 'header' | 'words'>): string {
  return `${command(family)} -t ${table} -A ${chain} ${header} -j ${words.map(quote).join(' ')}`;
}

describe.skipIf(reason !== undefined)(
  `targets and the real iptables${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    it('prints every row as iptables-save does', () => {
      const script = ROWS.map(
        (row, i) =>
          `${addRule(row)} && echo "${i} $(${command(row.family, '-save')} -t ${row.table} | grep ^-A)"; ${command(row.family)} -t ${row.table} -F`,
      );
      const printed = inNamespace(`${SETS}\n${script.join('\n')}`);
      const expected = ROWS.map(({ chain, header, printed: target }, i) =>
        [i, '-A', chain, ...(header === '' ? [] : [header]), target].join(' '),
      );
      expect(printed.split('\n').slice(0, -1)).toEqual(expected);
    });

    it('accepts what it prints itself', () => {
      for (const family of [4, 6] as const) {
        const lines = TABLE_NAMES.flatMap((table) => {
          const rows = ROWS.filter((row) => row.family === family && row.table === table);
          return [
            `*${table}`,
            ...rows.map(({ chain, header, printed }) => `-A ${chain} ${header} ${printed}`),
            'COMMIT',
          ];
        });
        const script = `${SETS}\n${command(family, '-restore')} <<'END'\n${lines.join('\n')}\nEND\n${command(family, '-save')} | grep -c ^-A`;
        expect(Number(inNamespace(script))).toBe(ROWS.filter((row) => row.family === family).length);
      }
    });

    it('is refused by iptables where it refuses', () => {
      const script = WRONG_ROWS.map((row, i) => `${addRule(row)} 2>/dev/null && echo ${i}; true`);
      const accepted = inNamespace(`${SETS}\n${script.join('\n')}`)
        .split('\n')
        .slice(0, -1);
      expect(accepted.map((i) => WRONG_ROWS[Number(i)]?.words.join(' '))).toEqual([]);
    });

    it('may stand where the kernel lets it stand, and nowhere else', () => {
      const samples = TARGETS.flatMap(({ name }) => ROWS.find(({ words }) => words[0] === name) ?? []);
      const places = samples.flatMap((row) =>
        TABLE_NAMES.flatMap((table) => BUILTIN_CHAINS[table].map((chain) => ({ ...row, table, chain }))),
      );
      // A rule behind an unconditional verdict is never reached, and then the kernel does not check its hooks: flush.
      const script = places.map((row, i) => `${addRule(row)} && echo ${i}; ${command(row.family)} -t ${row.table} -F`);
      const accepted = new Set(
        inNamespace(`${SETS}\n${script.join('\n')}\ntrue`)
          .split('\n')
          .slice(0, -1),
      );
      const name = (row: Row): string => `${row.words[0]} in ${row.table} ${row.chain}`;
      const ours = places.filter(({ words: [target = ''], table, chain }) => {
        const allowed = allowedIn(target);
        return (allowed?.tables?.includes(table) ?? true) && (allowed?.hooks?.includes(chain) ?? true);
      });
      expect(ours.map(name)).toEqual(places.filter((_row, i) => accepted.has(String(i))).map(name));
    });
  },
);
