/** What may name a user-defined chain. */

export const CHAIN_NAME_FORM = '1 to 28 printable ASCII characters without blanks and quotes, "!" and "-" not in front';

/**
 * assert_valid_chain_name() and XT_EXTENSION_MAXNAMELEN of iptables; quotes it would take, but iptables-save prints names
 * as they are, and iptables-restore could not read them back.
 */
export function isChainName(name: string): boolean {
  return /^[#-&(-,./0-[\]-~][!#-&(-[\]-~]{0,27}$/.test(name);
}
