/** Which location of a server takes a path (ingress-nginx: internal/ingress/controller/template: buildLocation()). */
import type { Ingress, IngressBackend, IngressPath } from '../objects.ts';
import { hasPathPrefix } from './host-match.ts';

export type Location = {
  readonly path: string;
  readonly pathType: IngressPath['pathType'];
  /** undefined: a `resource` backend, which leads nowhere here. */
  readonly backend: IngressBackend | undefined;
  readonly ingress: Ingress;
  readonly field: string;
};

export type Picked =
  | { readonly kind: 'location'; readonly location: Location }
  | { readonly kind: 'none' }
  /** A pattern that is not evaluated stands before any that fits. */
  | { readonly kind: 'unknown'; readonly pattern: string };

/**
 * Without regular expressions: Exact (`location =`) first, then the longest prefix. With them every other path of the
 * server is `location ~* "^PATH"`, tried from the longest text on.
 */
export function pickLocation(locations: readonly Location[], path: string, regex: boolean): Picked {
  const longestFirst = [...locations].sort((a, b) => b.path.length - a.path.length || (a.path < b.path ? -1 : 1));
  if (regex) {
    for (const location of longestFirst) {
      const fits = matchesPattern(location.path, path);
      if (fits === undefined) return { kind: 'unknown', pattern: location.path };
      if (fits) return { kind: 'location', location };
    }
    return { kind: 'none' };
  }
  const exact = locations.find((each) => each.pathType === 'Exact' && each.path === path);
  const found =
    exact ??
    longestFirst.find(({ pathType, path: prefix }) => {
      if (pathType === 'Exact') return false;
      // `location /foo` of nginx also takes /foobar; of a Prefix path ingress-nginx makes `/foo/` and `= /foo`.
      return pathType === 'Prefix' ? hasPathPrefix(path, prefix) : path.startsWith(prefix);
    });
  return found === undefined ? { kind: 'none' } : { kind: 'location', location: found };
}

/** Ends that people write behind a literal path: groups for rewrite-target. */
const TAILS: readonly (readonly [tail: string, fits: (rest: string) => boolean])[] = [
  ['(/|$)(.*)', (rest) => rest === '' || rest.startsWith('/')],
  ['(/|$)', (rest) => rest === '' || rest.startsWith('/')],
  ['/(.*)', (rest) => rest.startsWith('/')],
  ['/.*', (rest) => rest.startsWith('/')],
  ['/(.+)', (rest) => rest.startsWith('/') && rest.length > 1],
  ['/?(.*)', () => true],
  ['(.*)', () => true],
  ['.*', () => true],
  ['$', (rest) => rest === ''],
];

/**
 * `^PATTERN` without regard to case, for literal paths with one of the usual ends. Other patterns come from strangers and
 * are not run: undefined.
 */
function matchesPattern(pattern: string, path: string): boolean | undefined {
  const [tail, fits] = TAILS.find(([end]) => pattern.endsWith(end)) ?? ['', () => true];
  const literal = pattern
    .slice(0, pattern.length - tail.length)
    .replaceAll('\\.', '.')
    .toLowerCase();
  if (/[\\^$*+?()[\]{}|]/.test(literal)) return undefined;
  return path.toLowerCase().startsWith(literal) && fits(path.slice(literal.length));
}
