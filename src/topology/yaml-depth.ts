import type { CST } from 'yaml';

/** Deeper than any manifest: CustomResourceDefinition schemas reach about 40. */
export const DEEPEST_YAML = 200;

/**
 * Whether a parsed document nests deeper than `limit` mappings and lists. The YAML composer recurses, and Node 20 aborts
 * the process when the stack ends inside a regular expression: depth has to be known before it starts.
 */
export function nestsDeeperThan(document: CST.Document, limit: number): boolean {
  let level: readonly CST.Token[] = document.value === undefined ? [] : [document.value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    const below: CST.Token[] = [];
    for (const token of level) {
      if (!('items' in token)) continue;
      for (const { key, value } of token.items) {
        if (key) below.push(key);
        if (value) below.push(value);
      }
    }
    level = below;
  }
  return false;
}
