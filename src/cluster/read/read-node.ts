import type { FieldReader } from '../field-reader.ts';
import { BOOLEAN, IP, PREFIX } from '../field-type.ts';
import { DNS_LABEL, DNS_SUBDOMAIN } from '../names.ts';
import type { Namespace, Node } from '../objects.ts';
import { ownField } from '../plain-object.ts';
import { readMetadata } from './metadata.ts';

export function readNode(reader: FieldReader): Node | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, false);
  if (metadata === undefined) return undefined;
  const spec = reader.object('spec');
  const many = spec?.list('podCIDRs', PREFIX) ?? [];
  const one = many.length > 0 ? undefined : spec?.optional('podCIDR', PREFIX);
  const addresses = reader.object('status')?.objects('addresses') ?? [];
  return {
    kind: 'Node',
    ...metadata,
    internalIps: addresses
      .filter(({ value }) => ownField(value, 'type') === 'InternalIP')
      .flatMap((address) => address.required('address', IP) ?? []),
    podCIDRs: one === undefined ? many : [one],
    unschedulable: spec?.optional('unschedulable', BOOLEAN) ?? false,
  };
}

export function readNamespaceObject(reader: FieldReader): Namespace | undefined {
  const metadata = readMetadata(reader, DNS_LABEL, false);
  return metadata === undefined ? undefined : { kind: 'Namespace', ...metadata };
}
