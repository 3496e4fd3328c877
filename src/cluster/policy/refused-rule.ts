/** Rules that Calico takes and iptables does not: Felix cannot program the chain that holds one. */
import { type Family, familyOf } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { CalicoRule } from './calico-policy.ts';

/** What iptables says to `-p tcp ! -p udp`, and to any second -p (iptables v1.8.9, shared.c: do_parse). */
export const REFUSED_WORDS = 'multiple -p flags not allowed';

/**
 * Families for which the rule is rendered and refused: protocol beside notProtocol becomes two -p in one rule
 * (felix/rules/policy.go: CalculateRuleMatch). iptables-restore then refuses all of the table's changes; Felix tries it
 * ten times, panics, and starts again (felix/iptables/table.go: Apply).
 */
export function refusedFamilies(rule: CalicoRule): readonly Family[] {
  if (rule.protocol === undefined || rule.notProtocol === undefined) return [];
  return FAMILIES.filter((family) => isRendered(rule, family));
}

const FAMILIES: readonly Family[] = [4, 6];

/** felix/rules/policy.go: FilterRuleToIPVersion; each family has its own ICMP (felix/calc/rule_convert.go). */
function isRendered({ ipVersion, protocol, from, to }: CalicoRule, family: Family): boolean {
  const own = protocol?.name === 'ICMP' ? 4 : protocol?.name === 'ICMPv6' ? 6 : undefined;
  if ((ipVersion ?? own ?? family) !== family) return false;
  return [from, to].every(
    ({ nets, notNets }) =>
      leaves(nets, family) &&
      leaves(notNets, family) &&
      !notNets.some(({ addr, bits }) => bits === 0 && familyOf(addr) === family),
  );
}

function leaves(nets: readonly Prefix[], family: Family): boolean {
  return nets.length === 0 || nets.some(({ addr }) => familyOf(addr) === family);
}
