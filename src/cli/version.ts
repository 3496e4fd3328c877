import { readFileSync } from 'node:fs';
import { recordOf } from '../lib/brand.ts';

/** The version of this package: the same file serves src and dist, which lie side by side. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const version = recordOf(JSON.parse(text))?.get('version');
  return typeof version === 'string' ? version : 'unknown';
}
