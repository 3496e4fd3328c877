/** SOURCE and DESTINATION of a question, found in the topology. Names that DNS answers are the query's to look up. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Note } from '../cluster/note.ts';
import type { Pod, Service } from '../cluster/objects.ts';
import type { NetnsId } from '../kernel/netns-id.ts';
import { nearest } from '../lib/nearest.ts';
import { plain, quote } from '../lib/quote.ts';
import { fail, type Issue, issue, ok, type Result } from '../lib/result.ts';
import { type IpAddr, printIp } from '../net/address.ts';
import { contains, type Prefix, parsePrefix } from '../net/prefix.ts';
import { type EndpointKind, type EndpointText, parseEndpoint } from './endpoint-text.ts';
import type { Loaded } from './load.ts';
import { podMachine } from './world/inventory.ts';
import type { Machine } from './world/machine.ts';

/** Where to look names up. */
export type EndpointOptions = {
  /** Of bare names: `-n`, else spec.defaultNamespace. */
  readonly namespace: string;
};

export type SourceEndpoint = {
  readonly kind: 'source';
  readonly displayName: string;
  readonly machine: Machine;
  readonly netns: NetnsId;
  readonly pod?: Pod;
  /** The address that was asked for; undefined: the kernel chooses one. */
  readonly address?: IpAddr;
  /** Set where nothing can be sent from there: the Pod does not run. */
  readonly problem?: { readonly code: 'SOURCE_NOT_RUNNING'; readonly message: string };
  readonly notes: readonly Note[];
};

type DestinationBase = {
  readonly text: EndpointText;
  readonly displayName: string;
  /** A number; of a named port the number it stands for. */
  readonly port?: number;
  readonly notes: readonly Note[];
};

export type DestinationEndpoint = DestinationBase &
  /** A bare address; `holder` is who has it, the outside host made for it included. */
  (
    | { readonly kind: 'address'; readonly address: IpAddr; readonly holder?: Machine }
    | { readonly kind: 'machine'; readonly machine: Machine; readonly pod?: Pod; readonly addresses: readonly IpAddr[] }
    /** A Service by its name; empty `addresses`: headless or ExternalName, which only DNS answers for. */
    | {
        readonly kind: 'service';
        readonly service: Service;
        readonly addresses: readonly IpAddr[];
        readonly name: string;
      }
    /** A name with dots or of a URL that the cluster's resolver has to answer for; the Service it seems to mean, if any. */
    | { readonly kind: 'name'; readonly name: string; readonly service?: Service }
  );

/** The first Pod of a workload; with `all`, every one (`--all-pods`). */
export function resolveSources(
  text: string,
  loaded: Loaded,
  options: EndpointOptions & { readonly all?: boolean },
): Result<readonly SourceEndpoint[]> {
  const parsed = parseEndpoint(text);
  if (!parsed.ok) return parsed;
  const endpoint = parsed.value;
  if (endpoint.ip !== undefined) {
    const source = addressSource(endpoint.ip, loaded);
    return source.ok ? ok([source.value]) : source;
  }
  const found = findNamed(endpoint, loaded, options);
  const senders = found.filter(({ kind }) => kind !== 'svc');
  if (senders.length === 0 && found.length > 0) {
    return fail(
      issue('wrong-source', `${quote(text)} is a Service, which sends nothing itself`, {
        hint: 'name a Pod, a node, a host or a container',
      }),
    );
  }
  if (senders.length > 1) return fail(ambiguous(text, senders));
  const [sender] = senders;
  if (sender === undefined) return fail(unknownName(endpoint, loaded, options, 'source'));
  if (sender.kind === 'svc') return fail(unknownName(endpoint, loaded, options, 'source'));
  if (!('pods' in sender)) return ok([machineSource(sender.machine)]);
  const pods = options.all === true ? sender.pods : firstRunning(sender.pods);
  return ok(pods.map(podSource));
}

export function resolveSource(text: string, loaded: Loaded, options: EndpointOptions): Result<SourceEndpoint> {
  const sources = resolveSources(text, loaded, options);
  if (!sources.ok) return sources;
  const [first] = sources.value;
  return first === undefined ? fail(issue('no-pods', `${quote(text)} has no Pods`)) : ok(first);
}

/** @param options its namespace is that of the source Pod, where the source is a Pod */
export function resolveDestination(
  text: string,
  loaded: Loaded,
  options: EndpointOptions,
): Result<DestinationEndpoint> {
  const parsed = parseEndpoint(text);
  if (!parsed.ok) return parsed;
  const endpoint = parsed.value;
  if (endpoint.ip !== undefined) return ok(addressDestination(endpoint, endpoint.ip, loaded));
  const dotted = endpoint.kind === undefined && endpoint.namespace === undefined && endpoint.name.includes('.');
  const found = findNamed(endpoint, loaded, options);
  const service = found.find((candidate) => candidate.kind === 'svc');
  // What the Pod's resolver would find comes first.
  if (service !== undefined) return serviceDestination(endpoint, service.service);
  if (found.length > 1) return fail(ambiguous(text, found));
  const [only] = found;
  if (only !== undefined && only.kind !== 'svc') {
    if (!('pods' in only)) return machineDestination(endpoint, only.machine, undefined);
    const [pod] = firstRunning(only.pods);
    return pod === undefined
      ? fail(issue('no-pods', `${quote(text)} has no Pods`))
      : machineDestination(endpoint, podMachine(pod), pod);
  }
  if (!dotted && endpoint.url === undefined) return fail(unknownName(endpoint, loaded, options, 'destination'));
  return nameDestination(endpoint, serviceOfName(endpoint.name, loaded.cluster));
}

type Found =
  | {
      readonly kind: Exclude<EndpointKind, 'svc' | 'node' | 'host' | 'container'>;
      readonly label: string;
      readonly pods: readonly Pod[];
    }
  | { readonly kind: 'node' | 'host' | 'container'; readonly label: string; readonly machine: Machine }
  | { readonly kind: 'svc'; readonly label: string; readonly service: Service };

/** Everything of that name: of the kind that is named, else of any. */
function findNamed(
  { kind, namespace: given, name }: EndpointText,
  loaded: Loaded,
  options: EndpointOptions,
): readonly Found[] {
  const { cluster, world } = loaded;
  const namespace = given ?? options.namespace;
  const found: Found[] = [];
  const wants = (...kinds: readonly EndpointKind[]): boolean => (kind === undefined ? true : kinds.includes(kind));
  const service = wants('svc') ? cluster.service(namespace, name) : undefined;
  if (service !== undefined) found.push({ kind: 'svc', label: `${namespace}/svc/${name}`, service });
  const pod = wants('pod') ? cluster.pod(namespace, name) : undefined;
  if (pod !== undefined) found.push({ kind: 'pod', label: `${namespace}/pod/${name}`, pods: [pod] });
  for (const [workload, kindName] of WORKLOADS) {
    if (!wants(workload)) continue;
    const pods = cluster.podsInNamespace(namespace).filter((candidate) => isOwnedBy(candidate, kindName, name));
    if (pods.length > 0) found.push({ kind: workload, label: `${namespace}/${workload}/${name}`, pods });
  }
  if (given !== undefined) return found;
  for (const machineKind of ['node', 'host', 'container'] as const) {
    const machine = wants(machineKind) ? world[machineKind](name) : undefined;
    if (machine !== undefined) found.push({ kind: machineKind, label: `${machineKind}/${name}`, machine });
  }
  return found;
}

const WORKLOADS: readonly (readonly [Exclude<EndpointKind, 'svc' | 'node' | 'host' | 'container' | 'pod'>, string])[] =
  [
    ['deploy', 'Deployment'],
    ['sts', 'StatefulSet'],
    ['ds', 'DaemonSet'],
    ['rs', 'ReplicaSet'],
    ['job', 'Job'],
  ];

/** A Deployment's Pods belong to a ReplicaSet named after it and a hash (pod-template-hash). */
function isOwnedBy({ owner, labels }: Pod, kind: string, name: string): boolean {
  if (owner === undefined) return false;
  if (owner.kind === kind && owner.name === name) return true;
  const hash = labels['pod-template-hash'];
  return kind === 'Deployment' && owner.kind === 'ReplicaSet' && hash !== undefined && owner.name === `${name}-${hash}`;
}

function firstRunning(pods: readonly Pod[]): readonly Pod[] {
  const running = pods.find((pod) => notRunning(pod) === undefined);
  return running === undefined ? pods.slice(0, 1) : [running];
}

function notRunning(pod: Pod): string | undefined {
  if (pod.phase !== 'Running') return `is ${pod.phase}`;
  if (pod.node === undefined) return 'is on no node';
  return pod.ips.length === 0 ? 'has no address' : undefined;
}

function podSource(pod: Pod): SourceEndpoint {
  const machine = podMachine(pod);
  const why = notRunning(pod);
  const displayName = `${pod.namespace}/${pod.name}`;
  return {
    kind: 'source',
    displayName,
    machine,
    netns: machine.netns,
    pod,
    notes: [],
    ...(why === undefined ? {} : { problem: { code: 'SOURCE_NOT_RUNNING', message: `Pod ${displayName} ${why}` } }),
  };
}

function machineSource(machine: Machine, address?: IpAddr, notes: readonly Note[] = []): SourceEndpoint {
  return {
    kind: 'source',
    displayName: displayOf(machine),
    machine,
    netns: machine.netns,
    notes,
    ...(address === undefined ? {} : { address }),
  };
}

function displayOf(machine: Machine): string {
  switch (machine.kind) {
    case 'pod':
      return `${machine.namespace ?? ''}/${machine.name}`;
    case 'outside':
      return machine.name;
    case 'node':
    case 'host':
    case 'container':
    case 'gateway':
      return `${machine.kind}/${machine.name}`;
  }
}

/** Whoever holds the address sends with it; nobody does: a host is made for it. */
function addressSource(ip: IpAddr, loaded: Loaded): Result<SourceEndpoint> {
  const holders = loaded.world.holdersOf(ip);
  const [holder, second] = holders;
  if (holder !== undefined && second !== undefined) {
    return fail(
      issue('ambiguous-name', `${printIp(ip)} is an address of ${holders.map(displayOf).join(' and of ')}`, {
        hint: 'name the one that is meant',
      }),
    );
  }
  if (holder !== undefined) {
    const pod = loaded.cluster.podByIp(ip);
    return ok({ ...machineSource(holder, ip), ...(holder.kind === 'pod' && pod !== undefined ? { pod } : {}) });
  }
  const outside = loaded.world.addOutsideHost(ip);
  if (!outside.ok) return outside;
  const { machine, note } = outside.value;
  return ok(machineSource(machine, ip, [{ code: 'OUTSIDE_HOST', message: note }]));
}

function addressDestination(text: EndpointText, address: IpAddr, loaded: Loaded): DestinationEndpoint {
  const base = { ...baseOf(text, printIp(address)), ...numberOf(text) };
  const [holder] = loaded.world.holdersOf(address);
  if (holder !== undefined) return { ...base, kind: 'address', address, holder };
  // A host is made only where one could be: a private address that nobody holds has no host behind the gateway.
  if (!isPublic(address) || loaded.world.segmentOf(address) !== undefined || ofCluster(address, loaded.cluster)) {
    return { ...base, kind: 'address', address };
  }
  const outside = loaded.world.addOutsideHost(address);
  if (!outside.ok) return { ...base, kind: 'address', address };
  const { machine, note } = outside.value;
  return { ...base, kind: 'address', address, holder: machine, notes: [{ code: 'OUTSIDE_HOST', message: note }] };
}

/** Special-purpose address ranges (RFC 6890) that no host outside has. */
const NOT_PUBLIC: readonly Prefix[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ...['224.0.0.0/3', '::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
].flatMap((text) => parsePrefix(text) ?? []);

function isPublic(ip: IpAddr): boolean {
  return !NOT_PUBLIC.some((range) => contains(range, ip));
}

/** Addresses of Services: kube-proxy's rules decide about them, whether they are public or not. */
function ofCluster(ip: IpAddr, { settings, services }: Cluster): boolean {
  if ([...settings.podCIDRs, ...settings.serviceCIDRs].some((range) => contains(range, ip))) return true;
  return services.some(
    ({ externalIps, loadBalancerIps }) => externalIps.includes(ip) || loadBalancerIps.some((entry) => entry.ip === ip),
  );
}

function baseOf(text: EndpointText, displayName: string): Omit<DestinationBase, 'port'> {
  return { text, displayName, notes: [] };
}

function numberOf({ port }: EndpointText): { readonly port?: number } {
  return typeof port === 'number' ? { port } : {};
}

function serviceDestination(text: EndpointText, service: Service): Result<DestinationEndpoint> {
  const port = servicePort(text, service);
  if (!port.ok) return port;
  return ok({
    ...baseOf(text, `${service.namespace}/${service.name}`),
    ...(port.value === undefined ? {} : { port: port.value }),
    kind: 'service',
    service,
    addresses: service.clusterIps,
    name: service.name,
  });
}

/** A port by its name, or the number as it is; undefined where none is given and the Service has not exactly one. */
function servicePort({ text, port }: EndpointText, service: Service): Result<number | undefined> {
  if (port === undefined) return ok(service.ports.length === 1 ? service.ports[0]?.port : undefined);
  if (typeof port === 'number') return ok(port);
  const named = service.ports.find(({ name }) => name === port);
  if (named !== undefined) return ok(named.port);
  const names = service.ports.flatMap(({ name }) => (name === '' ? [] : [name]));
  return fail(unknownPort(text, port, `Service ${service.namespace}/${service.name}`, names));
}

function unknownPort(text: string, port: string, what: string, names: readonly string[]): Issue {
  const [best] = nearest(port, names, 1);
  const hint =
    best !== undefined ? `did you mean ${best}?` : names.length > 0 ? `it has ${names.join(', ')}` : 'write the number';
  return issue('unknown-port', `${quote(text)}: ${what} has no port named ${quote(port)}`, { hint });
}

function machineDestination(text: EndpointText, machine: Machine, pod: Pod | undefined): Result<DestinationEndpoint> {
  let port = typeof text.port === 'number' ? text.port : undefined;
  if (typeof text.port === 'string') {
    const named = pod?.ports.find(({ name }) => name === text.port);
    if (named === undefined) {
      const names = (pod?.ports ?? []).flatMap(({ name }) => name ?? []);
      return fail(unknownPort(text.text, text.port, displayOf(machine), names));
    }
    port = named.port;
  }
  return ok({
    ...baseOf(text, displayOf(machine)),
    ...(port === undefined ? {} : { port }),
    kind: 'machine',
    machine,
    addresses: machine.addresses,
    ...(pod === undefined ? {} : { pod }),
  });
}

function nameDestination(text: EndpointText, service: Service | undefined): Result<DestinationEndpoint> {
  const base = { ...baseOf(text, text.name), kind: 'name' as const, name: text.name };
  if (service === undefined) {
    if (typeof text.port === 'string') return fail(unknownPort(text.text, text.port, text.name, []));
    return ok({ ...base, ...numberOf(text) });
  }
  const port = servicePort(text, service);
  if (!port.ok) return port;
  return ok({ ...base, service, ...(port.value === undefined ? {} : { port: port.value }) });
}

/** `svc.ns`, `svc.ns.svc`, `svc.ns.svc.cluster.local`: for the port's name only; whether the name resolves DNS decides. */
function serviceOfName(name: string, cluster: Cluster): Service | undefined {
  const suffix = `.svc.${cluster.settings.clusterDomain}`;
  const bare = name.replace(/\.$/, '');
  const short = bare.endsWith(suffix) ? bare.slice(0, -suffix.length) : bare.replace(/\.svc$/, '');
  const [service, namespace, ...rest] = short.split('.');
  return service === undefined || namespace === undefined || rest.length > 0
    ? undefined
    : cluster.service(namespace, service);
}

function ambiguous(text: string, found: readonly Found[]): Issue {
  const labels = found.map(({ label }) => label);
  return issue('ambiguous-name', `${quote(text)} is ambiguous: ${labels.join(', ')}`, {
    hint: `write ${labels[0] ?? ''}`,
  });
}

/** Names all that is like it: of the same name elsewhere first, then the nearest. */
function unknownName(
  { text, kind, namespace, name }: EndpointText,
  { cluster, world }: Loaded,
  options: EndpointOptions,
  role: 'source' | 'destination',
): Issue {
  const place = namespace ?? options.namespace;
  const candidates = new Map<string, string[]>();
  const put = (key: string, label: string): void => {
    const labels = candidates.get(key);
    if (labels === undefined) candidates.set(key, [label]);
    else labels.push(label);
  };
  const wants = (...kinds: readonly EndpointKind[]): boolean => kind === undefined || kinds.includes(kind);
  // Who wrote a namespace is answered with one.
  const within = (other: string): string => (namespace === undefined && other === options.namespace ? '' : `${other}/`);
  if (wants('pod', 'deploy', 'sts', 'ds', 'rs', 'job')) {
    for (const pod of cluster.pods) {
      if (wants('pod')) put(pod.name, `${within(pod.namespace)}${pod.name}`);
      const short = WORKLOADS.find(([, long]) => long === pod.owner?.kind)?.[0];
      if (pod.owner !== undefined && short !== undefined && wants(short)) {
        put(pod.owner.name, `${within(pod.namespace)}${short}/${pod.owner.name}`);
      }
    }
  }
  if (wants('svc') && role === 'destination') {
    for (const service of cluster.services) {
      put(service.name, `${within(service.namespace)}${service.name}`);
    }
  }
  for (const machine of [...world.machines, ...world.containers]) {
    if (machine.kind === 'node' || machine.kind === 'host' || machine.kind === 'container') {
      if (wants(machine.kind)) put(machine.name, `${machine.kind}/${machine.name}`);
    }
  }
  const near = [name, ...nearest(name, candidates.keys(), 3).filter((other) => other !== name)];
  const labels = [...new Set(near.flatMap((key) => candidates.get(key) ?? []))].slice(0, 5);
  const what = kind === undefined ? 'nothing' : `no ${kind}`;
  const where = kind === 'node' || kind === 'host' || kind === 'container' ? '' : ` in namespace ${plain(place)}`;
  const known = [...new Set([...candidates.values()].flat())].slice(0, 8);
  const hint =
    labels.length > 0
      ? `did you mean ${labels.join(' or ')}?`
      : known.length > 0
        ? `known: ${known.join(', ')}`
        : undefined;
  return issue(
    `unknown-${role}`,
    `${quote(text)}: ${what} is named ${quote(name)}${where}`,
    hint === undefined ? {} : { hint },
  );
}
