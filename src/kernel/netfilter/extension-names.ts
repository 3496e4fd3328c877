/**
 * Extensions of iptables v1.8.9 that nettrace has no module for. A word that is one of these names an extension and not a
 * chain that is missing; rules with it are kept and judged undetermined.
 */

export const OTHER_TARGETS: readonly string[] = [
  'AUDIT',
  'CLUSTERIP',
  'CONNSECMARK',
  'DNPT',
  'ECN',
  'HMARK',
  'IDLETIMER',
  'LED',
  'RATEEST',
  'SECMARK',
  'SNPT',
  'SYNPROXY',
  'TCPOPTSTRIP',
  'TEE',
  'ULOG',
];

/** Protocols whose match is loaded by itself when one of its options follows `-p`, with the name of the match. */
export const PROTOCOL_MATCHES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'icmp6'],
  [132, 'sctp'],
  [135, 'mh'],
]);
