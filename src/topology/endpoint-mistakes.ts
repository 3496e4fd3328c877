/** What is said where a name means nothing, or more than one thing. */
import { nearest } from '../lib/nearest.ts';
import { plain, quote } from '../lib/quote.ts';
import { type Issue, issue } from '../lib/result.ts';
import type { EndpointOptions } from './endpoint.ts';
import type { EndpointKind, EndpointText } from './endpoint-text.ts';
import type { Loaded } from './load.ts';
import { type Found, WORKLOADS } from './named-endpoints.ts';

export function unknownPort(text: string, port: string, what: string, names: readonly string[]): Issue {
  const [best] = nearest(port, names, 1);
  const hint =
    best !== undefined ? `did you mean ${best}?` : names.length > 0 ? `it has ${names.join(', ')}` : 'write the number';
  return issue('unknown-port', `${quote(text)}: ${what} has no port named ${quote(port)}`, { hint });
}

export function ambiguous(text: string, found: readonly Found[]): Issue {
  const labels = found.map(({ label }) => label);
  return issue('ambiguous-name', `${quote(text)} is ambiguous: ${labels.join(', ')}`, {
    hint: `write ${labels[0] ?? ''}`,
  });
}

/** Names all that is like it: of the same name elsewhere first, then the nearest. */
export function unknownName(
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
