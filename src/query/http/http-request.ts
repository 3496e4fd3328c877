/** The request as the proxy reads it. */
import type { HttpRequest } from '../../cluster/http/decision.ts';
import type { IpAddr } from '../../net/address.ts';
import type { EndpointText } from '../../topology/endpoint-text.ts';
import type { Query } from '../query.ts';

/** undefined: the question is no URL. `client` is the address that the proxy sees. */
export function httpRequest({ url, name }: EndpointText, query: Query, client: IpAddr): HttpRequest | undefined {
  if (url === undefined) return undefined;
  const headers = new Map((query.headers ?? []).map(([header, value]) => [header.toLowerCase(), value]));
  const [path = '/', search = ''] = url.path.replace(/#.*$/s, '').split(/\?(.*)/s);
  return {
    scheme: url.scheme,
    host: (headers.get('host') ?? name).toLowerCase().replace(/:\d+$/, '').replace(/\.$/, ''),
    path: path === '' ? '/' : path,
    query: new Map(new URLSearchParams(search)),
    method: (query.method ?? 'GET').toUpperCase(),
    headers,
    client,
  };
}
