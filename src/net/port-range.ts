/** Ports and ranges of ports, as iptables reads and prints them. */

/** Both ends belong to the range; a single port has equal ends. */
export type PortRange = { readonly first: number; readonly last: number };

/** The service names people do write in rules (/etc/services); iptables-save prints numbers only. */
const SERVICES: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['bootps', 67],
  ['bootpc', 68],
  ['tftp', 69],
  ['http', 80],
  ['kerberos', 88],
  ['pop3', 110],
  ['sunrpc', 111],
  ['ntp', 123],
  ['imap2', 143],
  ['snmp', 161],
  ['bgp', 179],
  ['ldap', 389],
  ['https', 443],
  ['submission', 587],
  ['ldaps', 636],
  ['imaps', 993],
  ['pop3s', 995],
  ['nfs', 2049],
  ['mysql', 3306],
  ['postgresql', 5432],
  ['http-alt', 8080],
]);

/** Every service name that parsePort() takes, for messages. */
export const SERVICE_NAMES: readonly string[] = [...SERVICES.keys()];

/** `80` or `http`. undefined for anything outside 0-65535. */
export function parsePort(text: string): number | undefined {
  if (/^(0|[1-9]\d{0,4})$/.test(text)) {
    const port = Number(text);
    return port <= 65535 ? port : undefined;
  }
  return SERVICES.get(text.toLowerCase());
}

/** `80`, `1000:2000`, `:1023` and `1024:` (open ends); `between` is the sign between the ends. */
export function parsePortRange(text: string, between = ':'): PortRange | undefined {
  const sign = text.indexOf(between);
  const left = sign < 0 ? text : text.slice(0, sign);
  const right = sign < 0 ? text : text.slice(sign + 1);
  const first = sign >= 0 && left === '' ? 0 : parsePort(left);
  const last = sign >= 0 && right === '' ? 65535 : parsePort(right);
  return first === undefined || last === undefined || first > last ? undefined : { first, last };
}

export function printPortRange(range: PortRange, between = ':'): string {
  return range.first === range.last ? String(range.first) : `${range.first}${between}${range.last}`;
}

export function inPortRange(range: PortRange, port: number): boolean {
  return port >= range.first && port <= range.last;
}
