/** Types of service by name, as `-m tos` and `-j TOS` take them (libxtables tos_values.c): the octets of RFC 1349. */
export const TOS_NAMES: ReadonlyMap<string, number> = new Map([
  ['minimize-delay', 0x10],
  ['maximize-throughput', 0x08],
  ['maximize-reliability', 0x04],
  ['minimize-cost', 0x02],
  ['normal-service', 0x00],
]);

/** A name says nothing about the two ECN bits and the precedence above. */
export const TOS_NAME_MASK = 0x3f;
