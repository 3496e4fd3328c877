/** Networks in nettrace's own documents. */
import type { FieldReader } from '../../cluster/field-reader.ts';
import { hostBitsMessage, PREFIX, withoutHostBits } from '../../cluster/field-type.ts';
import { type Prefix, printPrefix } from '../../net/prefix.ts';

/** Networks, with host bits cleared and that said (seed S39: kube-apiserver's flag takes 192.168.10.0/16). */
export function readNetworks(reader: FieldReader, field: string): readonly Prefix[] {
  return reader.list(field, PREFIX).map((prefix, index) => cleanNetwork(reader, prefix, [field, index]));
}

export function cleanNetwork(reader: FieldReader, prefix: Prefix, path: readonly (string | number)[]): Prefix {
  const { network: clean, changed } = withoutHostBits(prefix);
  if (changed) reader.warn('host-bits', hostBitsMessage(prefix), path, { hint: `write ${printPrefix(clean)}` });
  return clean;
}
