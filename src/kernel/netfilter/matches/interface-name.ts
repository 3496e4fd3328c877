/** Names of devices in rules: a `+` at the end stands for any rest (libxtables xtables_parse_interface()). */
import { quote } from '../../../lib/quote.ts';
import { badValue, type Use, wordOf } from '../options.ts';

/** The longest name: IFNAMSIZ less its NUL. */
const LONGEST = 15;

/** The name with its `+`. Throws ArgumentError. */
export function parseInterface(use: Use): string {
  const name = wordOf(use);
  if (name === '') throw badValue(use, 'the interface name is empty');
  if (name.length > LONGEST)
    throw badValue(use, `the interface name ${quote(name)} is longer than ${LONGEST} characters`);
  // iptables itself only warns; but no device can have such a name (dev_valid_name()), and iptables-save prints it unquoted.
  if (/[\s/"'\\\p{C}]/u.test(name)) throw badValue(use, `${quote(name)} is not an interface name`);
  return name;
}

/** ifname_compare(): a packet without a device there has the empty name. */
export function matchesInterface(pattern: string, device: string | undefined): boolean {
  const name = device ?? '';
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
