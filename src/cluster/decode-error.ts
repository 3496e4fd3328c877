/**
 * Values of another JSON type than their field, which the API server refuses before it validates anything: kinds that are Go
 * structs in the words of encoding/json (UnmarshalTypeError.Error()), custom resources in those of their OpenAPI schema
 * (k8s.io/kube-openapi, pkg/validation/errors: InvalidType()).
 */
import { invalid } from './field-error.ts';
import type { PathSegment } from './source.ts';

/** What a field is in Go: enough to tell of which JSON type it is, and how reflect.Type.String() prints it. */
export type GoType =
  | { readonly kind: 'string' | 'integer' | 'boolean' | 'int-or-string'; readonly name: string }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: Readonly<Record<string, GoType>> }
  | { readonly kind: 'list' | 'map'; readonly name: string; readonly element: GoType };

/** How the API server reads a kind: as a Go struct, or by the schema of a CustomResourceDefinition. */
export type Decoding = { readonly by: 'struct'; readonly type: GoType } | { readonly by: 'schema' };

const LARGEST = 2 ** 31 - 1;

/**
 * `json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32`; undefined where the value
 * is of the field's type, or the field is none that is known. Places in lists and keys of maps are not part of the path.
 */
export function unmarshalError(root: GoType, path: readonly PathSegment[], value: unknown): string | undefined {
  let type = root;
  let struct = '';
  const fields: string[] = [];
  for (const segment of path) {
    if (type.kind === 'struct') {
      const next =
        typeof segment === 'string' && Object.hasOwn(type.fields, segment) ? type.fields[segment] : undefined;
      if (next === undefined) return undefined;
      struct = type.name.replace('v1.', '');
      fields.push(String(segment));
      type = next;
    } else if (type.kind === 'list' || type.kind === 'map') type = type.element;
    else return undefined;
  }
  const found = wrongType(type, value);
  if (found === undefined) return undefined;
  const into = fields.length === 0 ? 'Go value' : `Go struct field ${struct}.${fields.join('.')}`;
  return `json: cannot unmarshal ${found} into ${into} of type ${type.kind === 'int-or-string' ? 'int32' : type.name}`;
}

/** What encoding/json calls the value that stands there; undefined where it fits. null fits everything. */
function wrongType(type: GoType, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const found = jsonName(value);
  switch (type.kind) {
    case 'string':
      return found === 'string' ? undefined : found;
    case 'boolean':
      return found === 'bool' ? undefined : found;
    case 'struct':
    case 'map':
      return found === 'object' ? undefined : found;
    case 'list':
      return found === 'array' ? undefined : found;
    case 'integer':
    case 'int-or-string': {
      if (type.kind === 'int-or-string' && found === 'string') return undefined;
      if (typeof value !== 'number') return found;
      const fits = Number.isInteger(value) && value <= LARGEST && value >= -LARGEST - 1;
      return fits ? undefined : `number ${value}`;
    }
  }
}

function jsonName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string' || typeof value === 'number') return typeof value;
  return typeof value === 'boolean' ? 'bool' : 'object';
}

/** JSON schema's types. A whole number is an `integer` and a `number`. */
export type SchemaType = 'string' | 'integer' | 'boolean' | 'array' | 'object';

/** `Invalid value: "string": spec.port in body must be of type integer: "string"`; undefined where the type fits. */
export function schemaTypeError(wanted: SchemaType, place: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const found = schemaTypeOf(value);
  if (found === wanted) return undefined;
  return invalid(found, `${place} in body must be of type ${wanted}: "${found}"`);
}

function schemaTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
