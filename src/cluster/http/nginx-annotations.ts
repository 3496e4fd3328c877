/** What ingress-nginx's annotations change about who gets a request (internal/ingress/annotations). */
import { type Prefix, parsePrefix } from '../../net/prefix.ts';
import type { Ingress } from '../objects.ts';
import { labelOf } from '../selector.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';

export function annotation({ annotations }: Ingress, name: string): string | undefined {
  return labelOf(annotations, `${PREFIX}${name}`);
}

export function isOn(ingress: Ingress, name: string): boolean {
  return annotation(ingress, name) === 'true';
}

/** Every location of the host becomes a regular expression (annotations/rewrite, template.go: needsRewrite()). */
export function makesRegex(ingress: Ingress): boolean {
  const target = annotation(ingress, 'rewrite-target');
  return isOn(ingress, 'use-regex') || (target !== undefined && target !== '' && target !== '/');
}

/** Addresses that may ask; undefined: everybody. Entries that are no ranges make nginx ignore the annotation. */
export function allowedSources(ingress: Ingress): readonly Prefix[] | undefined {
  const list = annotation(ingress, 'whitelist-source-range') ?? annotation(ingress, 'allowlist-source-range');
  if (list === undefined || list.trim() === '') return undefined;
  const words = list.split(',').map((word) => word.trim());
  const ranges = words.flatMap((word) => parsePrefix(word) ?? []);
  return ranges.length === words.length ? ranges : undefined;
}

/** Hosts beside that of the rule. */
export function serverAliases(ingress: Ingress): readonly string[] {
  return (annotation(ingress, 'server-alias') ?? '').split(',').flatMap((word) => {
    const host = word.trim().toLowerCase();
    return host === '' ? [] : [host];
  });
}

/** Annotations that may answer in the backend's place and are not modelled. */
const UNMODELLED = [
  ...['auth-url', 'auth-type', 'auth-tls-secret', 'server-snippet', 'configuration-snippet', 'modsecurity-snippet'],
  ...['limit-rps', 'limit-rpm', 'limit-connections', 'denylist-source-range', 'custom-http-errors', 'app-root'],
  ...['enable-global-auth', 'from-to-www-redirect', 'default-backend'],
];

export function unmodelledAnnotations(ingress: Ingress): readonly string[] {
  return UNMODELLED.filter((name) => annotation(ingress, name) !== undefined).map(
    (name) => `annotation ${PREFIX}${name} of Ingress ${ingress.namespace}/${ingress.name}`,
  );
}
