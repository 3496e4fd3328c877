/** Mistakes made on purpose, one in each copy of a policy. */
import { isPlainObject, ownField, type PlainObject } from '../../cluster/plain-object.ts';
import { sayKind, writtenKind } from '../../cluster/policy/written-kind.ts';
import { CALICO_VERSIONS } from '../../cluster/read/policy-kinds.ts';
import { type PathSegment, printPath, type SourceDocument } from '../../cluster/source.ts';
import { quote } from '../../lib/quote.ts';
import { network, parsePrefix, printPrefix } from '../../net/prefix.ts';

export type Mutant = {
  /** `NetworkPolicy shop/db: spec.ingress[0] dropped` */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Of what is changed; empty: of the whole document. */
  readonly path: readonly PathSegment[];
  /** Index of the document that it replaces. */
  readonly document: number;
  /** undefined: the document is left out. */
  readonly value: unknown;
};

const POLICY_KINDS: readonly string[] = [
  ...[
    'NetworkPolicy',
    'GlobalNetworkPolicy',
    'AdminNetworkPolicy',
    'BaselineAdminNetworkPolicy',
    'ClusterNetworkPolicy',
  ],
];

/** In the order of the documents and of their fields. */
export function mutantsOf(documents: readonly SourceDocument[]): readonly Mutant[] {
  return documents.flatMap((document, index) => {
    const { value } = document;
    const kind = isPlainObject(value) ? ownField(value, 'kind') : undefined;
    if (!isPlainObject(value) || typeof kind !== 'string' || !POLICY_KINDS.includes(kind)) return [];
    const called = `${kindOf(value, kind)} ${nameOf(value)}`;
    const changes = [
      { path: [], what: 'left out', value: undefined },
      ...changesOf(ownField(value, 'spec'), ['spec'], kind),
    ];
    return changes.map((change): Mutant => {
      const { file, line } = document.locate(change.path);
      const place = change.path.length === 0 ? '' : ` ${printPath(change.path)}`;
      const whole = change.path.length === 0 ? undefined : replaceAt(value, change.path, change.value);
      const name = `${called}:${place} ${change.what}`;
      return { name, file, line, path: change.path, document: index, value: whole };
    });
  });
}

/** The NetworkPolicies of two APIs may have one name. */
function kindOf(value: PlainObject, kind: string): string {
  const isCalico =
    kind === 'NetworkPolicy' && CALICO_VERSIONS.some((version) => version === ownField(value, 'apiVersion'));
  return sayKind(writtenKind(isCalico ? 'CalicoNetworkPolicy' : kind));
}

function nameOf(value: PlainObject): string {
  const metadata = ownField(value, 'metadata');
  if (!isPlainObject(metadata)) return '?';
  const name = ownField(metadata, 'name');
  const namespace = ownField(metadata, 'namespace');
  return `${typeof namespace === 'string' ? `${namespace}/` : ''}${typeof name === 'string' ? name : '?'}`;
}

/** A change of the value at a path; an undefined value takes it away. */
type Change = { readonly path: readonly PathSegment[]; readonly what: string; readonly value: unknown };

/** Deeper than any policy. */
const DEEPEST = 16;

function changesOf(value: unknown, path: readonly PathSegment[], kind: string): readonly Change[] {
  if (path.length > DEEPEST) return [];
  const key = path.at(-1);
  const own = typeof key === 'string' ? changesOfField(key, value, path, kind) : [];
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return [...own, ...items.flatMap((item, index) => changesOf(item, [...path, index], kind))];
  }
  if (!isPlainObject(value)) return own;
  return [...own, ...Object.keys(value).flatMap((name) => changesOf(ownField(value, name), [...path, name], kind))];
}

function changesOfField(key: string, value: unknown, path: readonly PathSegment[], kind: string): readonly Change[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const dropped = items.map((_, index): Change => ({ path: [...path, index], what: 'dropped', value: undefined }));
  switch (key) {
    case 'ingress':
    case 'egress':
      return dropped;
    case 'from':
    case 'to':
      // Without its last peer a rule would be for everybody: that is a mistake people make, too.
      return [...dropped, ...swapAndOr(items, path)];
    case 'ports':
    case 'protocols':
      return [...dropped, ...items.flatMap((item, index) => shiftPort(item, [...path, index]))];
    case 'policyTypes':
    case 'types':
      return items.length > 1 ? dropped : [];
    case 'cidr':
      return widen(value, path);
    case 'nets':
    case 'networks':
      return items.flatMap((item, index) => widen(item, [...path, index]));
    case 'except':
    case 'notNets':
    case 'notPorts':
    case 'notSelector':
      return [{ path, what: 'dropped', value: undefined }];
    case 'action':
      return flip(value, path, kind);
    case 'podSelector':
      return path.length === 2 && isPlainObject(value) && Object.keys(value).length > 0
        ? [{ path, what: 'selects every Pod', value: {} }]
        : [];
    case 'selector':
      return path.length === 2 && typeof value === 'string' && value.trim() !== '' && value.trim() !== 'all()'
        ? [{ path, what: 'selects every Pod', value: 'all()' }]
        : [];
    case 'port':
    case 'endPort':
    case 'number':
    case 'start':
    case 'end':
      return shiftPort(value, path);
    default:
      return [];
  }
}

/** One peer with two selectors is both at once; two peers are either. */
function swapAndOr(items: readonly unknown[], path: readonly PathSegment[]): readonly Change[] {
  return items.flatMap((item, index): readonly Change[] => {
    if (!isPlainObject(item)) return [];
    const namespaceSelector = ownField(item, 'namespaceSelector');
    const podSelector = ownField(item, 'podSelector');
    if (namespaceSelector !== undefined && podSelector !== undefined) {
      const parts = [...items.slice(0, index), { namespaceSelector }, { podSelector }, ...items.slice(index + 1)];
      return [{ path, what: `[${index}] and turned into or`, value: parts }];
    }
    const next = items[index + 1];
    const other = isPlainObject(next) ? ownField(next, 'podSelector') : undefined;
    if (namespaceSelector === undefined || other === undefined || !isPlainObject(next)) return [];
    if (ownField(next, 'namespaceSelector') !== undefined) return [];
    const merged = [...items.slice(0, index), { namespaceSelector, podSelector: other }, ...items.slice(index + 2)];
    return [{ path, what: `[${index}] or turned into and`, value: merged }];
  });
}

const LAST_PORT = 65535;

/** A number, or a range as Calico writes it; a list's other items have fields, which have their own turn. */
function shiftPort(value: unknown, path: readonly PathSegment[]): readonly Change[] {
  if (typeof value === 'number') {
    const next = value < LAST_PORT ? value + 1 : value - 1;
    return [{ path, what: `${value} is ${next}`, value: next }];
  }
  const range = typeof value === 'string' ? /^(\d{1,5}):(\d{1,5})$/.exec(value) : null;
  if (range === null) return [];
  const end = Number(range[2]);
  const next = `${range[1]}:${end < LAST_PORT ? end + 1 : end - 1}`;
  return [{ path, what: `${range[0]} is ${next}`, value: next }];
}

function widen(value: unknown, path: readonly PathSegment[]): readonly Change[] {
  const prefix = typeof value === 'string' ? parsePrefix(value) : undefined;
  if (prefix === undefined || prefix.bits === 0) return [];
  const wider = printPrefix(network({ addr: prefix.addr, bits: Math.max(0, prefix.bits - 8) }));
  return [{ path, what: `widened to ${wider}`, value: wider }];
}

const FLIPPED: ReadonlyMap<unknown, string> = new Map([
  ['Allow', 'Deny'],
  ['Accept', 'Deny'],
  ['Pass', 'Deny'],
]);

function flip(value: unknown, path: readonly PathSegment[], kind: string): readonly Change[] {
  // v1alpha2 calls it Accept.
  const allow = kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow';
  const other = value === 'Deny' ? allow : FLIPPED.get(value);
  return other === undefined ? [] : [{ path, what: `${quote(String(value))} is ${quote(other)}`, value: other }];
}

/** A copy with the value at the path replaced, or taken away where it is undefined. */
function replaceAt(value: unknown, path: readonly PathSegment[], replacement: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return replacement;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.flatMap((item, index): readonly unknown[] => {
      if (index !== first) return [item];
      return rest.length === 0 && replacement === undefined ? [] : [replaceAt(item, rest, replacement)];
    });
  }
  if (!isPlainObject(value)) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value)) {
    if (name !== first) copy[name] = value[name];
    else if (rest.length > 0 || replacement !== undefined) copy[name] = replaceAt(value[name], rest, replacement);
  }
  return copy;
}
