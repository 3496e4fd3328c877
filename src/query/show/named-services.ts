/** The Services that TARGET of `show services` names. */
import type { Service } from '../../cluster/objects.ts';
import { nearest } from '../../lib/nearest.ts';
import { plain, quote } from '../../lib/quote.ts';
import { fail, issue, ok, type Result } from '../../lib/result.ts';
import type { IpAddr } from '../../net/address.ts';
import { type EndpointText, parseEndpoint } from '../../topology/endpoint-text.ts';

/** @param services those that are asked about: of one namespace with `-n`, else all */
export function namedServices(services: readonly Service[], target: string): Result<readonly Service[]> {
  const parsed = parseEndpoint(target);
  if (!parsed.ok) return parsed;
  const { ip, kind, port, url } = parsed.value;
  if (port !== undefined || url !== undefined || (kind !== undefined && kind !== 'svc')) {
    const hint = 'write NAME, NAMESPACE/NAME or an address';
    return fail(issue('wrong-endpoint', `${quote(target)} is no name of a Service`, { hint }));
  }
  const found = services.filter((service) =>
    ip === undefined ? isNamed(service, parsed.value) : addressesOf(service).includes(ip),
  );
  return found.length > 0 ? ok(found) : fail(unknownService(services, parsed.value));
}

function isNamed(service: Service, { namespace, name }: EndpointText): boolean {
  return service.name === name && (namespace ?? service.namespace) === service.namespace;
}

function addressesOf({ clusterIps, externalIps, loadBalancerIps }: Service): readonly IpAddr[] {
  return [...clusterIps, ...externalIps, ...loadBalancerIps.map(({ ip }) => ip)];
}

/** Of the same name elsewhere first, then the nearest. */
function unknownService(services: readonly Service[], { text, ip, namespace, name }: EndpointText) {
  const labelOf = (service: Service): string => `${service.namespace}/${service.name}`;
  const names = services.map((service) => service.name);
  const near = ip === undefined ? [name, ...nearest(name, names).filter((other) => other !== name)] : [];
  const labels = near.flatMap((like) => services.filter((service) => service.name === like).map(labelOf)).slice(0, 5);
  const known = services.slice(0, 8).map(labelOf);
  const hint = labels.length > 0 ? `did you mean ${labels.join(' or ')}?` : `known: ${known.join(', ')}`;
  const where = namespace === undefined ? '' : ` in namespace ${plain(namespace)}`;
  const what = ip === undefined ? `no Service is named ${quote(name)}${where}` : 'no Service has this address';
  return issue('unknown-service', `${quote(text)}: ${what}`, services.length === 0 ? {} : { hint });
}
