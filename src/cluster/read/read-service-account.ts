import type { FieldReader } from '../field-reader.ts';
import { DNS_SUBDOMAIN } from '../names.ts';
import type { ServiceAccount } from '../objects.ts';
import { readMetadata, readNamespace } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';

/** Only its name and labels are read. */
export function readServiceAccount(reader: FieldReader, options: ReadOptions): ServiceAccount | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, false);
  const namespace = readNamespace(reader, options.defaultNamespace);
  return metadata === undefined ? undefined : { kind: 'ServiceAccount', ...metadata, namespace };
}
