/** Origins in the form in which reports show them: the object, its field, the file and the line. */
import { sayKind, type WrittenKind } from '../cluster/policy/written-kind.ts';
import { type PathSegment, positionOf, type Source } from '../cluster/source.ts';
import type { Origin } from '../compile/origin.ts';
import type { Position } from '../lib/result.ts';

/** The keys of `origin` in the JSON of a trace. */
export type OriginView = WrittenKind & {
  readonly namespace: string | null;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly field: string | null;
};

type Named = Pick<OriginView, 'kind' | 'apiVersion' | 'namespace' | 'name'>;

/** Looking a place up walks the text of the file: once for each origin. */
const views = new WeakMap<Origin, OriginView>();

export function viewOrigin(origin: Origin): OriginView {
  let view = views.get(origin);
  if (view === undefined) {
    view = makeView(origin);
    views.set(origin, view);
  }
  return view;
}

function makeView(origin: Origin): OriginView {
  const at = origin.source === undefined ? undefined : placeOf(origin.source, parseFieldPath(origin.field ?? ''));
  return {
    kind: origin.kind,
    ...(origin.apiVersion === undefined ? {} : { apiVersion: origin.apiVersion }),
    namespace: origin.namespace ?? null,
    name: origin.name,
    file: at?.file ?? null,
    line: origin.line ?? at?.line ?? null,
    field: origin.field ?? null,
  };
}

/** The line of the field; of the object where the input leaves the field out. */
function placeOf(source: Source, field: readonly PathSegment[]): Position {
  const path = [...source.path, ...field];
  if (!exists(source.document.value, path)) return positionOf(source);
  return source.document.locate(path, typeof path.at(-1) === 'string' ? 'key' : 'value');
}

function exists(value: unknown, path: readonly PathSegment[]): boolean {
  let current = value;
  for (const segment of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, segment)) return false;
    current = Reflect.get(current, segment);
  }
  return true;
}

/** `spec.ingress[0].from` as path segments. */
function parseFieldPath(field: string): readonly PathSegment[] {
  return [...field.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map((m) => (m[2] === undefined ? (m[1] ?? '') : Number(m[2])));
}

/** `NetworkPolicy default/db-lock (db-lock.yaml:7)` */
export function printOrigin(origin: OriginView): string {
  const place = origin.file === null ? '' : ` (${origin.file}:${origin.line})`;
  return `${printTitle(origin)}${place}`;
}

/** `NetworkPolicy default/db-lock`, `Calico NetworkPolicy default/db-lock` */
export function printTitle(origin: Named): string {
  return `${sayKind(origin)} ${printObject(origin)}`;
}

/** `default/db-lock`, or the bare name of an object without a namespace. */
function printObject(origin: Omit<Named, 'kind'>): string {
  return origin.namespace === null ? origin.name : `${origin.namespace}/${origin.name}`;
}

/** `shop/web` of a NetworkPolicy of Kubernetes; a policy of another API with its kind, which its name alone does not tell. */
export function printPolicyName(policy: Named): string {
  const isKubernetes = policy.kind === 'NetworkPolicy' && policy.apiVersion === undefined;
  return isKubernetes ? printObject(policy) : printTitle(policy);
}
