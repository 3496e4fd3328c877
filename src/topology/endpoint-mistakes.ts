/** What is said where a name means nothing, or more than one thing. */
import { groupBy } from '../lib/group-by.ts';
import { nearest } from '../lib/nearest.ts';
import { plain, quote } from '../lib/quote.ts';
import { type Issue, issue } from '../lib/result.ts';
import type { EndpointOptions } from './endpoint.ts';
import type { EndpointKind, EndpointText } from './endpoint-text.ts';
import type { Loaded } from './load.ts';
import { type Found, ownersOf, WORKLOADS } from './named-endpoints.ts';

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

/** A workload of the input that nothing runs of. */
function hasNoPods(text: string, workload: string): Issue {
  return issue('no-pods', `${quote(text)}: ${workload} has no Pods`, {
    hint: 'it is to run none, or the Pods of the input name it in no ownerReferences: name a Pod',
  });
}

/** Names all that is like it: of the same name elsewhere first, then the nearest. */
export function unknownName(
  endpoint: EndpointText,
  loaded: Loaded,
  options: EndpointOptions,
  role: 'source' | 'destination',
): Issue {
  const { text, kind, namespace, name } = endpoint;
  const place = namespace ?? options.namespace;
  const podless = WORKLOADS.find(
    ([short, long]) => wants(endpoint, short) && loaded.cluster.workload(long, place, name) !== undefined,
  );
  if (podless !== undefined) return hasNoPods(text, `${podless[1]} ${place}/${name}`);
  const candidates = groupBy(candidatesOf(endpoint, loaded, options, role), (candidate) => candidate.name);
  const near = [name, ...nearest(name, candidates.keys(), 3).filter((other) => other !== name)];
  const labels = labelsOf(near.flatMap((key) => candidates.get(key) ?? [])).slice(0, 5);
  const known = labelsOf([...candidates.values()].flat()).slice(0, 8);
  const what = kind === undefined ? 'nothing' : `no ${kind}`;
  const where = kind === 'node' || kind === 'host' || kind === 'container' ? '' : ` in namespace ${plain(place)}`;
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

type Candidate = { readonly name: string; readonly label: string };

function labelsOf(candidates: readonly Candidate[]): readonly string[] {
  return [...new Set(candidates.map(({ label }) => label))];
}

const wants = ({ kind }: EndpointText, ...kinds: readonly EndpointKind[]): boolean =>
  kind === undefined || kinds.includes(kind);

/** Everything that could have been meant, of the kind that was written; of the very name also workloads of another kind. */
function* candidatesOf(
  endpoint: EndpointText,
  { cluster, world }: Loaded,
  options: EndpointOptions,
  role: 'source' | 'destination',
): Generator<Candidate> {
  const { namespace, name } = endpoint;
  // Who wrote a namespace is answered with one.
  const within = (other: string): string => (namespace === undefined && other === options.namespace ? '' : `${other}/`);
  const isWorkload = wants(endpoint, 'pod', ...WORKLOADS.map(([short]) => short));
  for (const pod of isWorkload ? cluster.pods : []) {
    const place = within(pod.namespace);
    if (wants(endpoint, 'pod')) yield { name: pod.name, label: `${place}${pod.name}` };
    for (const owner of ownersOf(cluster, pod)) {
      const short = WORKLOADS.find(([, long]) => long === owner.kind)?.[0];
      if (short !== undefined && (wants(endpoint, short) || owner.name === name))
        yield { name: owner.name, label: `${place}${short}/${owner.name}` };
    }
  }
  for (const service of wants(endpoint, 'svc') && role === 'destination' ? cluster.services : [])
    yield { name: service.name, label: `${within(service.namespace)}${service.name}` };
  for (const { kind, name: machine } of [...world.machines, ...world.containers]) {
    if ((kind === 'node' || kind === 'host' || kind === 'container') && wants(endpoint, kind))
      yield { name: machine, label: `${kind}/${machine}` };
  }
}
