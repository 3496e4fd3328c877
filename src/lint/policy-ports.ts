/** Ports of policies held against the Pods at the receiving end. */
import { PROTOCOLS, type Protocol } from '../cluster/objects.ts';
import type { PathSegment } from '../cluster/source.ts';
import { text } from '../explain/language.ts';
import { nearest } from '../lib/nearest.ts';
import type { PortRange } from '../net/port-range.ts';
import type { PortTerm } from '../policy/rule-set.ts';
import type { LintContext } from './context.ts';
import { pathOfRule, type RuleEntry } from './policy-facts.ts';
import { type Found, found, nameOf } from './rule.ts';

type Problem = 'service-port' | 'not-declared' | 'no-name';

/** Each finding belongs to one problem only: a Service's port is no declared one, too. */
export function* portProblems(context: LintContext, wanted: Problem): Iterable<Found> {
  const facts = context.policies();
  for (const entry of facts.rules()) {
    if (entry.slots.length === 0 || entry.rule.action === 'deny' || entry.rule.action === 'log') continue;
    const terms = portTermsOf(entry);
    if (terms.length === 0) continue;
    const slots = facts.destinations(entry) ?? [];
    // Nobody is there: selector-matches-nothing says so.
    if (slots.length === 0) continue;
    for (const { protocols, term, path } of terms) {
      if (term.kind === 'named') {
        if (wanted === 'no-name') yield* namedPort(context, entry, slots, protocols, term.name, path);
      } else if (wanted !== 'no-name') yield* numberedPort(context, wanted, entry, slots, protocols, term.range, path);
    }
  }
}

type Placed = {
  readonly protocols: readonly Protocol[];
  readonly term: PortTerm;
  readonly path: readonly PathSegment[];
};

/** One traffic term stands for one item of `ports` in the APIs of Kubernetes, and for all of them in Calico's. */
function portTermsOf(entry: RuleEntry): readonly Placed[] {
  const { policy, rule } = entry;
  const list = policy.api === 'calico' ? ['destination', 'ports'] : ['ports'];
  return (rule.traffic ?? []).flatMap(({ ports, connections }, index) =>
    ports.map((term, place) => ({
      term,
      protocols: PROTOCOLS.filter((protocol) => connections[protocol].length > 0),
      path: [...pathOfRule(entry), ...list, policy.api === 'calico' ? place : index],
    })),
  );
}

function* namedPort(
  { ports }: LintContext,
  { policy }: RuleEntry,
  slots: readonly number[],
  protocols: readonly Protocol[],
  name: string,
  path: readonly PathSegment[],
): Iterable<Found> {
  if (protocols.some((protocol) => ports().hasName(slots, protocol, name))) return;
  const known = ports().namesOf(slots);
  const [best] = nearest(name, known, 1);
  const hint = best === undefined ? (known.length === 0 ? {} : { hint: KNOWN }) : { hint: NEAREST };
  const values = { name, protocol: protocols.join('/'), best: best ?? '', known: known.slice(0, 10).join(', ') };
  yield found(policy, [...path, 'port'], NO_NAME, values, hint);
}

function* numberedPort(
  { ports }: LintContext,
  wanted: Exclude<Problem, 'no-name'>,
  { policy }: RuleEntry,
  slots: readonly number[],
  protocols: readonly Protocol[],
  range: PortRange,
  path: readonly PathSegment[],
): Iterable<Found> {
  const { first, last } = range;
  // The Pods may listen on it, or no Pod says on what it listens and a Service tells.
  const fronting =
    first === last ? protocols.flatMap((protocol) => ports().translating(slots, protocol, first) ?? [])[0] : undefined;
  const declared = protocols.some((protocol) => ports().mayListen(slots, protocol, range));
  if (declared) return;
  const printed = `${first === last ? first : `${first}-${last}`}/${protocols.join('/')}`;
  if (fronting !== undefined) {
    if (wanted !== 'service-port') return;
    const { service, port } = fronting;
    const values = { port: printed, service: nameOf(service), target: String(port.targetPort) };
    yield found(policy, [...path, 'port'], SERVICE_PORT, values, { hint: SERVICE_HINT });
  } else if (wanted === 'not-declared') {
    yield found(policy, [...path, 'port'], NOT_DECLARED, { port: printed });
  }
}

const NO_NAME = text(
  'no Pod at the receiving end has a {protocol} port named {name}: the rule allows nothing',
  '接收方没有 Pod 声明名为 {name} 的 {protocol} 端口：规则不放行任何流量',
);
const NEAREST = text('did you mean {best}?', '是否想写 {best}？');
const KNOWN = text('they have {known}', '它们有 {known}');
const SERVICE_PORT = text(
  '{port} is the port of {service}, whose Pods listen on {target}: policies see the translated port',
  '{port} 是 {service} 的端口，而它的 Pod 监听 {target}：策略看到的是转换后的端口',
);
const SERVICE_HINT = text('write port: {target}', '写 port: {target}');
const NOT_DECLARED = text('no Pod at the receiving end declares port {port}', '接收方没有 Pod 声明端口 {port}');
