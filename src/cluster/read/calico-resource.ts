/** What the resources of projectcalico.org that have a spec have in common. */
import type { FieldReader } from '../field-reader.ts';
import { DNS_SUBDOMAIN } from '../names.ts';
import { type Metadata, readMetadata } from './metadata.ts';

export type CalicoResource = { readonly metadata: Metadata; readonly spec: FieldReader };

/** undefined where one of both is missing or wrong, which is an issue of the reader then. The caller ends with `spec.done()`. */
export function openCalicoResource(reader: FieldReader): CalicoResource | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, true);
  const spec = reader.requiredObject('spec');
  reader.ignore('apiVersion', 'kind', 'status');
  reader.done();
  return metadata === undefined || spec === undefined ? undefined : { metadata, spec };
}
