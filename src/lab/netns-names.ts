/** Names for `ip netns`: files below /run/netns, typed by people, removed by their prefix. */

export const NETNS_PREFIX = 'nettrace-';

/** Not the lab's prefix: a namespace that only asks what the kernel has is no part of any lab. */
export const PROBE_NETNS = 'probe-of-nettrace';

/** Longest name after the prefix; a file's name may have 255 bytes. */
const LONGEST = 60;

/** One name for each given name, in order: `default/web` becomes `nettrace-default-web`. */
export function nameNetnses(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = `${NETNS_PREFIX}${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, LONGEST)}`;
    let unique = plain;
    for (let number = 2; taken.has(unique); number++) unique = `${plain}-${number}`;
    taken.add(unique);
    return unique;
  });
}

/** A name that none of the others has. */
export function unusedName(wish: string, others: ReadonlySet<string>): string {
  let name = wish;
  while (others.has(name)) name = `(${name})`;
  return name;
}
