/** SOURCE and DESTINATION of a question about policies: Pods, machines and addresses, but no Services. */
import { nodeAddresses } from '../../cluster/node-networks.ts';
import type { Pod } from '../../cluster/objects.ts';
import { plain, quote } from '../../lib/quote.ts';
import { fail, issue, ok, type Result } from '../../lib/result.ts';
import { type Family, familyOf, type IpAddr, printIp } from '../../net/address.ts';
import { type End, podEnd } from '../../policy/end.ts';
import { nodeEnd, nodeOfAddress } from '../../policy/node-end.ts';
import { type EndpointText, parseEndpoint } from '../../topology/endpoint-text.ts';
import { resolveSource } from '../../topology/endpoints.ts';
import type { Loaded } from '../../topology/load.ts';
import { hasEnded } from '../../topology/named-endpoints.ts';

/** An end with all its addresses: which one counts depends on the other end. */
export type NamedEnd = {
  readonly name: string;
  readonly addresses: readonly IpAddr[];
  readonly pod: Pod | undefined;
  /** Of a node, or of a Pod on its network. */
  readonly node: string | undefined;
  readonly port: number | undefined;
  readonly portName: string | undefined;
};

export function findEnd(text: string, loaded: Loaded, namespace: string): Result<NamedEnd> {
  const parsed = parseEndpoint(text);
  if (!parsed.ok) return parsed;
  const endpoint = parsed.value;
  if (endpoint.ip !== undefined) return ok(addressEnd(endpoint, endpoint.ip, loaded));
  if (endpoint.url !== undefined) return fail(noServices(text));
  const found = resolveSource(text, loaded, { namespace });
  if (!found.ok) {
    const service = loaded.cluster.service(endpoint.namespace ?? namespace, endpoint.name.split('.')[0] ?? '');
    return service === undefined ? found : fail(noServices(text, backendOf(loaded, service.namespace, service.name)));
  }
  const { pod, machine, problem } = found.value;
  // What it had for an address is nobody's, or another Pod's.
  if (pod !== undefined && hasEnded(pod)) return fail(issue('not-running', `${problem?.message}: it is no endpoint`));
  if (pod !== undefined) {
    const port = portOf(endpoint, pod);
    if (!port.ok) return port;
    const node = pod.hostNetwork ? pod.node : undefined;
    return ok({
      ...{ name: `${pod.namespace}/${pod.name}`, addresses: pod.ips, pod, node, port: port.value },
      portName: typeof endpoint.port === 'string' ? endpoint.port : undefined,
    });
  }
  if (typeof endpoint.port === 'string') {
    return fail(issue('unknown-port', `${quote(text)}: only Pods have named ports`, { hint: 'write the number' }));
  }
  const node = machine.kind === 'node' ? machine.name : undefined;
  return ok({
    ...{ name: found.value.displayName, addresses: machine.addresses, pod: undefined, node },
    ...{ port: endpoint.port, portName: undefined },
  });
}

/** The Pod or node that holds the address; nobody does: the world outside. */
function addressEnd({ port }: EndpointText, ip: IpAddr, { cluster }: Loaded): NamedEnd {
  const pod = cluster.podByIp(ip);
  const name = pod === undefined ? printIp(ip) : `${pod.namespace}/${pod.name}`;
  const node = pod === undefined ? nodeOfAddress(cluster, ip)?.name : undefined;
  return { name, addresses: [ip], pod, node, port: typeof port === 'number' ? port : undefined, portName: undefined };
}

/** Whatever has the name has one number for it: the first container port. */
function portOf({ text, port }: EndpointText, pod: Pod): Result<number | undefined> {
  if (typeof port !== 'string') return ok(port);
  const named = pod.ports.find(({ name }) => name === port);
  if (named !== undefined) return ok(named.port);
  const names = pod.ports.flatMap(({ name }) => name ?? []);
  const hint = names.length > 0 ? `it has ${names.join(', ')}` : 'write the number';
  return fail(issue('unknown-port', `${quote(text)}: ${plain(pod.name)} has no port named ${quote(port)}`, { hint }));
}

function backendOf({ cluster }: Loaded, namespace: string, name: string): string | undefined {
  const service = cluster.service(namespace, name);
  if (service === undefined) return undefined;
  for (const { endpoints, ports } of cluster.slicesOf(service)) {
    const [endpoint] = endpoints;
    if (endpoint?.pod === undefined) continue;
    return `${endpoint.pod.namespace}/${endpoint.pod.name}:${ports[0]?.port ?? ''}`;
  }
  return undefined;
}

function noServices(text: string, backend?: string) {
  const such = backend === undefined ? '' : `, such as ${backend.replace(/:$/, '')}`;
  return issue('wrong-endpoint', `${quote(text)}: policies know no Services: they see the Pod behind one`, {
    hint: `name a Pod${such}; nettrace SOURCE ${plain(text)} walks the whole way`,
  });
}

/** Both ends by addresses of one family; undefined where they share none. */
export function meet(
  { cluster }: Loaded,
  from: NamedEnd,
  to: NamedEnd,
  wanted: Family | undefined,
): { readonly source: End; readonly destination: End } | undefined {
  for (const family of wanted === undefined ? ([4, 6] as const) : [wanted]) {
    const [here, there] = [from, to].map(({ addresses }) => addresses.find((ip) => familyOf(ip) === family));
    if (here === undefined || there === undefined) continue;
    const source = plainEnd(from, here);
    const destination = plainEnd(to, there);
    return {
      source: asNode(cluster, source, destination, from, 'source'),
      destination: asNode(cluster, destination, source, to, 'destination'),
    };
  }
  return undefined;
}

function plainEnd({ pod, node }: NamedEnd, ip: IpAddr): End {
  if (pod !== undefined) return podEnd(pod, ip);
  return node === undefined ? { ip } : { ip, node };
}

function asNode(
  cluster: Loaded['cluster'],
  end: End,
  other: End,
  { node }: NamedEnd,
  role: 'source' | 'destination',
): End {
  const settings = node === undefined ? undefined : cluster.settings.nodes.find(({ name }) => name === node);
  // An address that was given is the one that is meant.
  if (settings === undefined || !nodeAddresses(settings).some(({ addr }) => addr === end.ip)) return end;
  return nodeEnd(cluster, settings, end.ip, other, role);
}
