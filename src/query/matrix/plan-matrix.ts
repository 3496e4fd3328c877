/** Which ends `--from` and `--to` mean: names as everywhere, or labels of Pods. */
import type { Pod } from '../../cluster/objects.ts';
import { labelOf } from '../../cluster/selector.ts';
import { quote } from '../../lib/quote.ts';
import { fail, type Issue, issue, ok, type Result } from '../../lib/result.ts';
import { parseEndpoint } from '../../topology/endpoint-text.ts';
import { type DestinationEndpoint, resolveDestination, resolveSources } from '../../topology/endpoints.ts';
import type { Loaded } from '../../topology/load.ts';
import type { ProbeProtocol } from '../query.ts';
import type { MatrixDestination, MatrixPlan, MatrixSource } from './matrix.ts';

export type MatrixQuestion = {
  /** Empty: every Pod. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly namespace?: string;
  /** undefined: each destination's first port of the protocol. */
  readonly port: number | undefined;
  readonly protocol: ProbeProtocol;
};

/** What a destination is asked for that declares no port. */
const COMMON_PORT = 80;

export function planMatrix(loaded: Loaded, question: MatrixQuestion): Result<MatrixPlan> {
  const issues: Issue[] = [];
  const namespace = question.namespace ?? loaded.cluster.settings.defaultNamespace;
  const take = <T>(results: readonly Result<readonly T[]>[]): readonly T[] =>
    results.flatMap((result) => {
      if (result.ok) return result.value;
      issues.push(...result.issues);
      return [];
    });
  const every = question.from.length === 0 ? [ok(podSources(runningPods(loaded, question.namespace)))] : [];
  const sources = take([
    ...every,
    ...question.from.map((text) => findSources(text, loaded, namespace, question.namespace)),
  ]);
  const all =
    question.to.length === 0
      ? [ok(runningPods(loaded, question.namespace).map((pod) => podDestination(pod, question)))]
      : [];
  const destinations = take([
    ...all,
    ...question.to.map((text) => findDestinations(text, loaded, namespace, question)),
  ]);
  if (issues.length === 0 && sources.length * destinations.length === 0) {
    const where = question.namespace === undefined ? 'the input' : `namespace ${question.namespace}`;
    issues.push(issue('no-pods', `no Pod runs in ${where}`, { hint: 'name the ends with --from and --to' }));
  }
  return issues.length > 0 ? fail(...issues) : ok({ sources: unique(sources), destinations: unique(destinations) });
}

/** `app=web,tier!=db`, `track`, `!track`: kubectl's equality-based selectors. */
type LabelTest = (pod: Pod) => boolean;

function parseLabels(text: string): LabelTest | undefined {
  if (!/[=!]/.test(text)) return undefined;
  const tests: LabelTest[] = [];
  for (const part of text.split(',')) {
    const [, key, operator, value] = /^([^=!\s]+)(==?|!=)([^=!\s]*)$/.exec(part.trim()) ?? [];
    const [, absent] = /^!([^=!\s]+)$/.exec(part.trim()) ?? [];
    if (absent !== undefined) tests.push(({ labels }) => labelOf(labels, absent) === undefined);
    else if (key === undefined) {
      const present = part.trim();
      if (!/^[^=!\s]+$/.test(present)) return undefined;
      tests.push(({ labels }) => labelOf(labels, present) !== undefined);
    } else tests.push(({ labels }) => (labelOf(labels, key) === value) === (operator !== '!='));
  }
  return (pod) => tests.every((test) => test(pod));
}

function selected(loaded: Loaded, text: string, namespace: string | undefined): Result<readonly Pod[]> | undefined {
  if (!/[=!]/.test(text)) return undefined;
  const test = parseLabels(text);
  if (test === undefined)
    return fail(issue('wrong-selector', `${quote(text)} is no selector`, { hint: 'such as app=web,tier!=db' }));
  const pods = runningPods(loaded, namespace).filter(test);
  return pods.length > 0 ? ok(pods) : fail(issue('no-pods', `${quote(text)} selects no Pod`));
}

function findSources(
  text: string,
  loaded: Loaded,
  namespace: string,
  only: string | undefined,
): Result<readonly MatrixSource[]> {
  const pods = selected(loaded, text, only);
  if (pods !== undefined) return pods.ok ? ok(podSources(pods.value)) : pods;
  const found = resolveSources(text, loaded, { namespace, all: true });
  if (!found.ok) return found;
  return ok(
    found.value.map(({ pod, displayName }) => (pod === undefined ? { name: displayName, text } : podSource(pod))),
  );
}

function findDestinations(
  text: string,
  loaded: Loaded,
  namespace: string,
  question: MatrixQuestion,
): Result<readonly MatrixDestination[]> {
  const pods = selected(loaded, text, question.namespace);
  if (pods !== undefined) return pods.ok ? ok(pods.value.map((pod) => podDestination(pod, question))) : pods;
  // Every Pod of a workload; what is none stands for itself. A matrix is about Pods: svc/NAME is the Service of that name.
  const parsed = parseEndpoint(text);
  const found = resolveDestination(text, loaded, { namespace });
  const many =
    parsed.ok && parsed.value.kind !== 'svc' ? resolveSources(text, loaded, { namespace, all: true }) : undefined;
  if (many?.ok === true && many.value.every(({ pod }) => pod !== undefined)) {
    const given =
      parsed.ok && typeof parsed.value.port === 'number' ? { ...question, port: parsed.value.port } : question;
    return ok(many.value.flatMap(({ pod }) => (pod === undefined ? [] : [podDestination(pod, given)])));
  }
  if (!found.ok) return found;
  const { port: own } = found.value;
  const port = question.protocol === 'icmp' ? null : (own ?? question.port ?? COMMON_PORT);
  const name = nameOf(found.value);
  const bare = found.value.kind === 'service' ? name : own === undefined ? text : text.replace(/:[^:\]]*$/, '');
  return ok([{ name, text: port === null ? bare : `${bare}:${port}`, port, protocol: question.protocol }]);
}

/** A Pod and a Service of one name are two destinations. */
function nameOf(destination: DestinationEndpoint): string {
  if (destination.kind !== 'service') return destination.displayName;
  const { namespace, name } = destination.service;
  return `${namespace}/svc/${name}`;
}

function runningPods({ cluster }: Loaded, namespace: string | undefined): readonly Pod[] {
  const pods = namespace === undefined ? cluster.pods : cluster.podsInNamespace(namespace);
  return pods.filter(({ phase, node, ips }) => phase === 'Running' && node !== undefined && ips.length > 0);
}

function podSource({ namespace, name }: Pod): MatrixSource {
  return { name: `${namespace}/${name}`, text: `${namespace}/pod/${name}` };
}

function podSources(pods: readonly Pod[]): readonly MatrixSource[] {
  return pods.map(podSource);
}

function podDestination(pod: Pod, { port, protocol }: Pick<MatrixQuestion, 'port' | 'protocol'>): MatrixDestination {
  const { name, text } = podSource(pod);
  if (protocol === 'icmp') return { name, text, port: null, protocol };
  const own = pod.ports.find((each) => each.protocol.toLowerCase() === protocol)?.port;
  const asked = port ?? own ?? COMMON_PORT;
  return { name, text: `${text}:${asked}`, port: asked, protocol };
}

/** Two selectors may mean one Pod. */
function unique<T extends { readonly text: string }>(list: readonly T[]): readonly T[] {
  return [...new Map(list.map((item) => [item.text, item])).values()];
}
