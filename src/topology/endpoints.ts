/** SOURCE and DESTINATION of a question, found in the topology. Names that DNS answers are the query's to look up. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Note } from '../cluster/note.ts';
import type { Pod, Service } from '../cluster/objects.ts';
import { quote } from '../lib/quote.ts';
import { fail, issue, ok, type Result } from '../lib/result.ts';
import { type IpAddr, parseIp } from '../net/address.ts';
import { addressDestination, addressSource } from './address-endpoints.ts';
import {
  baseOf,
  type DestinationEndpoint,
  displayOf,
  type EndpointOptions,
  machineSource,
  numberOf,
  type SourceEndpoint,
} from './endpoint.ts';
import { ambiguous, unknownName, unknownPort } from './endpoint-mistakes.ts';
import { type EndpointText, parseEndpoint } from './endpoint-text.ts';
import type { Loaded } from './load.ts';
import { findNamed, firstRunning, hasEnded, notRunning } from './named-endpoints.ts';
import { podMachine } from './world/inventory.ts';
import type { Machine } from './world/machine.ts';

export type { DestinationEndpoint, EndpointOptions, SourceEndpoint } from './endpoint.ts';

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
  const own = endpoint.kind === undefined && endpoint.namespace === undefined ? hostsEntry(endpoint.name) : undefined;
  if (own !== undefined) return ok(addressDestination(endpoint, own, loaded));
  if (!dotted && endpoint.url === undefined) return fail(unknownName(endpoint, loaded, options, 'destination'));
  return nameDestination(endpoint, serviceOfName(endpoint.name, loaded.cluster));
}

/** What /etc/hosts of every Pod and machine says (kubelet: managedHostsFileContent()). */
function hostsEntry(name: string): IpAddr | undefined {
  if (name === 'localhost') return parseIp('127.0.0.1');
  return name === 'ip6-localhost' || name === 'ip6-loopback' ? parseIp('::1') : undefined;
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
    ...(pod === undefined ? {} : { notes: endedNotes(pod) }),
    ...(port === undefined ? {} : { port }),
    kind: 'machine',
    machine,
    addresses: machine.addresses,
    ...(pod === undefined ? {} : { pod }),
  });
}

/** The kubelet has given its address back: whoever has it now is somebody else. */
function endedNotes(pod: Pod): readonly Note[] {
  if (!hasEnded(pod)) return [];
  const message = `Pod ${pod.namespace}/${pod.name} has ended (${pod.phase}): nothing of it listens, and its address is free`;
  return [{ code: 'POD_ENDED', message }];
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
