import { required } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import { type FieldType, STRING } from '../field-type.ts';
import { DNS_LABEL, readLabels } from '../names.ts';
import type { Labels } from '../objects.ts';
import { ownField } from '../plain-object.ts';
import type { Source } from '../source.ts';

export type OwnerReference = { readonly kind: string; readonly name: string };

export type Metadata = {
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly source: Source;
};

/** Fields of metav1.ObjectMeta that decide nothing here. */
const OTHER_FIELDS = [
  ...['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'],
  ...['ownerReferences', 'finalizers', 'managedFields', 'generateName', 'selfLink', 'clusterName'],
];

/** Name, labels and annotations. undefined, with an issue, when the object has no name that could be used. */
export function readMetadata(reader: FieldReader, nameType: FieldType<string>, strict: boolean): Metadata | undefined {
  const metadata = reader.requiredObject('metadata');
  if (metadata === undefined) return undefined;
  const name = metadata.required('name', nameType, required('name or generateName is required'));
  const labels = readLabels(metadata, 'labels');
  const annotations = metadata.map('annotations', STRING);
  if (strict) {
    metadata.ignore('namespace', ...OTHER_FIELDS);
    metadata.done();
  }
  return name === undefined ? undefined : { name, labels, annotations, source: reader.source };
}

/** The namespace of a namespaced object: what it says, else where `kubectl apply` would put it. */
export function readNamespace(reader: FieldReader, byDefault: string): string {
  return reader.object('metadata')?.optional('namespace', DNS_LABEL) ?? byDefault;
}

/** The owner that controls the object (`controller: true`), or the only one. */
export function readOwner(reader: FieldReader): OwnerReference | undefined {
  const owners = reader.object('metadata')?.objects('ownerReferences') ?? [];
  const owner = owners.find((candidate) => ownField(candidate.value, 'controller') === true) ?? owners[0];
  if (owner === undefined) return undefined;
  const kind = ownField(owner.value, 'kind');
  const name = ownField(owner.value, 'name');
  return typeof kind === 'string' && typeof name === 'string' ? { kind, name } : undefined;
}
