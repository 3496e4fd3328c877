/** The two ends of a question as they are written: `[NAMESPACE/][KIND/]NAME[:PORT]`, an address, a DNS name, a URL. */
import { nearest } from '../lib/nearest.ts';
import { quote } from '../lib/quote.ts';
import { fail, issue, ok, type Result } from '../lib/result.ts';
import { type IpAddr, ip4, isIp6, parseIp } from '../net/address.ts';

export type EndpointKind =
  | 'pod'
  | 'deploy'
  | 'sts'
  | 'ds'
  | 'rs'
  | 'job'
  | 'cronjob'
  | 'svc'
  | 'node'
  | 'host'
  | 'container';

/** kubectl's short and long names. */
const KINDS: ReadonlyMap<string, EndpointKind> = new Map([
  ...(['pod', 'po', 'pods'] as const).map((word) => [word, 'pod'] as const),
  ...(['deploy', 'deployment', 'deployments'] as const).map((word) => [word, 'deploy'] as const),
  ...(['sts', 'statefulset', 'statefulsets'] as const).map((word) => [word, 'sts'] as const),
  ...(['ds', 'daemonset', 'daemonsets'] as const).map((word) => [word, 'ds'] as const),
  ...(['rs', 'replicaset', 'replicasets'] as const).map((word) => [word, 'rs'] as const),
  ...(['job', 'jobs'] as const).map((word) => [word, 'job'] as const),
  ...(['cronjob', 'cj', 'cronjobs'] as const).map((word) => [word, 'cronjob'] as const),
  ...(['svc', 'service', 'services'] as const).map((word) => [word, 'svc'] as const),
  ...(['node', 'no', 'nodes'] as const).map((word) => [word, 'node'] as const),
  ...(['host', 'hosts'] as const).map((word) => [word, 'host'] as const),
  ...(['container', 'containers'] as const).map((word) => [word, 'container'] as const),
]);

export type EndpointText = {
  readonly text: string;
  readonly namespace?: string;
  readonly kind?: EndpointKind;
  /** A name, or an address as it was written where `ip` is set. */
  readonly name: string;
  readonly ip?: IpAddr;
  /** A number, or the name of a Service's or container's port. */
  readonly port?: number | string;
  readonly url?: { readonly scheme: 'http' | 'https'; readonly path: string };
};

/** Longest text taken: DNS names end at 253, and a path may follow. */
const LONGEST = 2048;

export function parseEndpoint(text: string): Result<EndpointText> {
  const wrong = (message: string, hint?: string) =>
    fail(issue('wrong-endpoint', `${quote(text)}: ${message}`, hint === undefined ? {} : { hint }));
  if (text.length > LONGEST) return wrong('is too long');
  const url = /^(https?):\/\/([^/?#]*)([^\s]*)$/i.exec(text);
  if (url !== null) {
    const scheme = url[1]?.toLowerCase() === 'https' ? 'https' : 'http';
    const authority = splitPort(url[2] ?? '');
    if (authority === undefined) return wrong('the port must be 1-65535');
    if (authority.name === '' || authority.name.includes('@')) return wrong('names no host');
    const path = url[3] === undefined || url[3] === '' ? '/' : url[3];
    return finish(
      text,
      { ...authority, port: authority.port ?? (scheme === 'http' ? 80 : 443) },
      { url: { scheme, path } },
      wrong,
    );
  }
  if (text.includes('://')) return wrong('only http:// and https:// are known');
  const parts = text.split('/');
  const last = splitPort(parts.at(-1) ?? '');
  if (last === undefined) return wrong('the port must be 1-65535 or the name of a port');
  const [first, second] = parts;
  if (parts.length === 1) return finish(text, last, {}, wrong);
  if (parts.some((part) => part === '') || parts.length > 3 || first === undefined) {
    return wrong('expected [NAMESPACE/][KIND/]NAME[:PORT]');
  }
  const kindWord = parts.length === 3 ? second : first;
  const kind = kindWord === undefined ? undefined : KINDS.get(kindWord);
  if (parts.length === 2) return finish(text, last, kind === undefined ? { namespace: first } : { kind }, wrong);
  if (kind === undefined) {
    const [best] = nearest(kindWord ?? '', KINDS.keys(), 1);
    return wrong(
      `${quote(kindWord ?? '')} is no kind`,
      best === undefined ? `kinds: ${[...new Set(KINDS.values())].join(', ')}` : `did you mean ${best}?`,
    );
  }
  return finish(text, last, { namespace: first, kind }, wrong);
}

type NameAndPort = { readonly name: string; readonly port?: number | string };

function finish(
  text: string,
  { name, port }: NameAndPort,
  rest: Pick<EndpointText, 'namespace' | 'kind' | 'url'>,
  wrong: (message: string, hint?: string) => ReturnType<typeof fail>,
): Result<EndpointText> {
  if (name === '') return wrong('the name is missing');
  if (!/^[A-Za-z0-9:]([A-Za-z0-9._:-]*[A-Za-z0-9._:])?$/.test(name))
    return wrong('a name has letters, digits, `-`, `_` and `.`');
  const ip = spokenAs(parseIp(name));
  if (ip === undefined && name.includes(':')) return wrong('is neither an address nor a name');
  // 010.0.0.1 or 10.1: other tools read such numbers as addresses, each in its own way.
  if (ip === undefined && /^[\d.]+$/.test(name))
    return wrong('is no IP address', 'write all four numbers in decimal, without leading zeros');
  if (ip !== undefined && (rest.kind !== undefined || rest.namespace !== undefined))
    return wrong('an address has no kind and no namespace');
  return ok({ text, name, ...rest, ...(ip === undefined ? {} : { ip }), ...(port === undefined ? {} : { port }) });
}

/** Linux speaks IPv4 to `::ffff:10.0.0.3` (RFC 4291 section 2.5.5.2): tcp_v6_connect(), udpv6_sendmsg(). */
function spokenAs(ip: IpAddr | undefined): IpAddr | undefined {
  return ip !== undefined && isIp6(ip) && ip >> 32n === 0xffffn ? ip4(Number(ip & 0xffffffffn)) : ip;
}

/** `web:80`, `web:http`, `[::1]:80`, `::1`, `10.0.0.1`; undefined when what follows the colon is no port. */
function splitPort(text: string): NameAndPort | undefined {
  const bracket = /^\[([^\]]*)\](?::(.+))?$/.exec(text);
  if (bracket !== null) return withPort(bracket[1] ?? '', bracket[2]);
  const colon = text.indexOf(':');
  // Two colons without brackets: an IPv6 address without a port.
  if (colon < 0 || text.indexOf(':', colon + 1) >= 0) return { name: text };
  return withPort(text.slice(0, colon), text.slice(colon + 1));
}

function withPort(name: string, port: string | undefined): NameAndPort | undefined {
  if (port === undefined) return { name };
  if (/^\d{1,5}$/.test(port)) {
    const number = Number(port);
    return number >= 1 && number <= 65535 ? { name, port: number } : undefined;
  }
  return /^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/i.test(port) && /[a-z]/i.test(port) ? { name, port } : undefined;
}
