/** What the kernel refuses when a table is loaded: loops of jumps, and matches and targets where they may not stand. */
import { quote } from '../../lib/quote.ts';
import { type Issue, issue, type Position } from '../../lib/result.ts';
import { isBuiltin } from './edited-table.ts';
import { BUILTIN_CHAINS, type Hook, type TableName } from './hook.ts';
import { printRule } from './print-rule.ts';
import type { Rule, Ruleset, Table } from './ruleset.ts';
import { allowedIn } from './targets/index.ts';

/** All rules are parsed for it. `positionOf` says where a rule was written, if that is known. */
export function checkRuleset(
  ruleset: Ruleset,
  positionOf: (rule: Rule) => Position | undefined = () => undefined,
): readonly Issue[] {
  return [...ruleset.values()].flatMap((table) => checkTable(table, positionOf));
}

function checkTable(table: Table, positionOf: (rule: Rule) => Position | undefined): readonly Issue[] {
  const issues: Issue[] = [];
  const report = (code: string, rule: Rule, message: string): void => {
    const at = positionOf(rule);
    issues.push(issue(code, message, at === undefined ? {} : { at }));
  };
  for (const { chain, rule } of findLoops(table))
    report('iptables-loop', rule, `table ${table.name}: ${quote(printRule(chain, rule))} closes a loop of jumps`);
  const hooks = hooksByChain(table);
  for (const chain of table.chains.values()) {
    for (const rule of chain.rules()) {
      for (const reason of refusals(table, rule, [...(hooks.get(chain.name) ?? [])])) {
        report(
          'iptables-placement',
          rule,
          `table ${table.name}: ${quote(printRule(chain.name, rule))} is refused: ${reason}`,
        );
      }
    }
  }
  return issues;
}

/** The user-defined chain a rule jumps to. */
function jumpOf(table: Table, rule: Rule): string | undefined {
  return table.chains.has(rule.target.name) ? rule.target.name : undefined;
}

/** mark_source_chains() in net/ipv4/netfilter/ip_tables.c: it goes through what the hooks can reach, and nothing else. */
function findLoops(table: Table): readonly Loop[] {
  const state = new Map<string, 'open' | 'done'>();
  return [...table.chains.keys()].flatMap((start) =>
    state.has(start) || !isBuiltin(table.name, start) ? [] : loopsFrom(table, start, state),
  );
}

/** A rule that leads back to a chain on the way to its own. */
type Loop = { readonly chain: string; readonly rule: Rule };

function loopsFrom(table: Table, start: string, state: Map<string, 'open' | 'done'>): readonly Loop[] {
  const loops: Loop[] = [];
  const stack: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
  state.set(start, 'open');
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const rule = table.chains.get(top.name)?.rules()[top.next++];
    if (rule === undefined) {
      state.set(top.name, 'done');
      stack.pop();
      continue;
    }
    const to = jumpOf(table, rule);
    if (to === undefined) continue;
    if (state.get(to) === 'open') loops.push({ chain: top.name, rule });
    else if (!state.has(to)) {
      state.set(to, 'open');
      stack.push({ name: to, next: 0 });
    }
  }
  return loops;
}

/** The hooks from which each chain can be reached (ipt_entry.comefrom). */
function hooksByChain(table: Table): ReadonlyMap<string, ReadonlySet<Hook>> {
  const reached = new Map<string, Set<Hook>>();
  for (const hook of BUILTIN_CHAINS[table.name]) {
    const pending: string[] = [hook];
    for (let name: string | undefined = pending.pop(); name !== undefined; name = pending.pop()) {
      const hooks = reached.get(name) ?? new Set<Hook>();
      if (hooks.has(hook)) continue;
      reached.set(name, hooks.add(hook));
      for (const rule of table.chains.get(name)?.rules() ?? []) {
        const to = jumpOf(table, rule);
        if (to !== undefined) pending.push(to);
      }
    }
  }
  return reached;
}

/** check_match() and check_target(): tables are checked everywhere, hooks in chains that can be reached. */
function refusals(table: Table, rule: Rule, hooks: readonly Hook[]): readonly string[] {
  const reasons = rule.matches.flatMap((match) => match.refusal?.(table.name, hooks) ?? []);
  const { name } = rule.target;
  if (jumpOf(table, rule) !== undefined)
    return isBuiltin(table.name, name) ? [...reasons, `${name} is a built-in chain`] : reasons;
  const allowed = allowedIn(name);
  if (allowed?.tables !== undefined && !allowed.tables.includes(table.name))
    return [...reasons, `${name} may stand in ${inWords(allowed.tables, 'table')} only`];
  const wrong = hooks.filter((hook) => allowed?.hooks !== undefined && !allowed.hooks.includes(hook));
  if (wrong.length > 0)
    return [
      ...reasons,
      `${name} may not be reached from ${wrong.join(' or ')}, only from ${(allowed?.hooks ?? []).join(', ')}`,
    ];
  return reasons;
}

function inWords(names: readonly TableName[], what: string): string {
  return `${what}${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
}
