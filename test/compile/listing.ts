/** Contributions of compilers as lines of iptables-restore, in the program's own words: what it would hand to iptables. */
import type { Hook, TableName } from '../../src/kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../src/kernel/netfilter/ruleset.ts';
import type { ChainSpec, IptablesSpec } from '../../src/kernel/netns-spec.ts';

function ruleLine(chain: string, { args }: RuleSpec): string {
  return ['-A', chain, ...args.map((word) => (/[\s"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word))].join(
    ' ',
  );
}

/** All chains that a contribution declares, those of its groups too. */
export function chainsOf({ chains, groups = [] }: IptablesSpec): readonly ChainSpec[] {
  return [...chains, ...groups.flatMap(({ all }) => all())];
}

/** Rules of one table whose chain satisfies `wanted`, chains in the order of their declaration. */
export function listing(
  spec: IptablesSpec,
  table: TableName,
  wanted: (chain: string) => boolean = () => true,
): readonly string[] {
  return chainsOf(spec)
    .filter((each) => each.table === table && wanted(each.chain))
    .flatMap(({ chain, rules }) => rules().map((rule) => ruleLine(chain, rule)));
}

/** A built-in chain after all hooks were placed into an empty one. */
export function hooked(specs: readonly IptablesSpec[], table: TableName, chain: Hook): readonly string[] {
  const lines: string[] = [];
  for (const hook of specs.flatMap(({ hooks }) => hooks)) {
    if (hook.table !== table || hook.chain !== chain) continue;
    if (hook.place === 'insert') lines.unshift(ruleLine(chain, hook.rule));
    else lines.push(ruleLine(chain, hook.rule));
  }
  return lines;
}

const TABLES: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter'];
const HOOKS: readonly Hook[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

/** The whole as text for iptables-restore, of the tables that somebody writes to. */
export function restoreText(specs: readonly IptablesSpec[]): string {
  const tables = TABLES.map((table) => {
    const chains = specs.flatMap(chainsOf).filter((each) => each.table === table);
    const policies = specs.flatMap((spec) => spec.policies ?? []).filter((each) => each.table === table);
    const lines = [
      ...policies.map(({ chain, policy }) => `:${chain} ${policy} [0:0]`),
      // Two programs may make one chain, as kubelet and kube-proxy once did.
      ...new Set(chains.map(({ chain }) => `:${chain} - [0:0]`)),
      ...HOOKS.flatMap((hook) => hooked(specs, table, hook)),
      ...chains.flatMap(({ chain, rules }) => rules().map((rule) => ruleLine(chain, rule))),
    ];
    return lines.length === 0 ? '' : [`*${table}`, ...lines, 'COMMIT', ''].join('\n');
  });
  return tables.join('');
}
