/** Hosts of rules and requests. Everything is compared in lower case. */

/** `*.example.com` stands for exactly one label before the rest in an Ingress (networking.k8s.io/v1 IngressRule). */
export function matchesOneLabel(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern.toLowerCase() === host;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === pattern.slice(1).toLowerCase();
}

/** `*.example.com` stands for one or more labels in Gateway API (Hostname). */
export function matchesLabels(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern.toLowerCase() === host;
  const suffix = pattern.slice(1).toLowerCase();
  return host.length > suffix.length && host.endsWith(suffix);
}

/** Whether the path starts with the elements of the prefix: `/foo` holds `/foo/bar` and not `/foobar`. */
export function hasPathPrefix(path: string, prefix: string): boolean {
  const elements = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return elements === '' || path === elements || path.startsWith(`${elements}/`);
}
